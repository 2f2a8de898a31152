"""Intervals from subsamples drawn without replacement."""
