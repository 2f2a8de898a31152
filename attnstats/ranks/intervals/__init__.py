"""Confidence intervals of rank correlations."""
