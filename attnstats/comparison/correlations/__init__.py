"""Correlations against each other."""
