"""Two crossed random factors, such as training seeds and test examples."""
