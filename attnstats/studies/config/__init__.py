"""A study as one frozen value."""
