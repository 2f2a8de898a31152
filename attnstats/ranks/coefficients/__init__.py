"""Rank correlation coefficients of one pair of variables, with their tests."""
