"""More than two conditions."""
