"""Coefficients in which the top of the order counts more."""
