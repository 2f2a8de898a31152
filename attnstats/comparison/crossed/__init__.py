"""Two crossed random factors, such as readers and cases, or training seeds and test examples."""
