"""Permutation tests and sign flips."""
