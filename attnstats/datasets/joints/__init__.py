"""Samples of known mutual information."""
