"""Estimators from counts: bins, entropies and partitions."""
