"""Two conditions."""
