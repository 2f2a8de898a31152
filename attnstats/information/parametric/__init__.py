"""Estimators that assume a family of distributions: normal, copulas, canonical correlations."""
