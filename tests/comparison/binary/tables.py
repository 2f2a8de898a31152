"""Scores of 0 and 1 from counts."""

import numpy as np


def pairs(both, first, second, neither):
    """Two conditions on the same units."""
    counts = (both, first, second, neither)
    return np.repeat([1.0, 1.0, 0.0, 0.0], counts), np.repeat([1.0, 0.0, 1.0, 0.0], counts)


def sample(ones, n):
    """One group."""
    return np.repeat([1.0, 0.0], (ones, n - ones))
