"""Estimators from counts: binning, entropies of discrete variables, adaptive partitions."""
