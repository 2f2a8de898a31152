"""Clusters as codes and sizes."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from attnstats._validation import FloatArray, IntArray, as_labels
from attnstats.exceptions import InvalidInputError


def coded_clusters(clusters: ArrayLike, n: int) -> tuple[IntArray, IntArray]:
    """Return the cluster of each of n units, 0 to G − 1, and the sizes of the clusters."""
    codes, names = as_labels(clusters, "clusters")
    if len(codes) != n:
        raise InvalidInputError(f"clusters: must have one label for each of {n} values; got {len(codes)}")
    return codes, np.bincount(codes, minlength=len(names))


def cluster_sums(values: FloatArray, codes: IntArray) -> FloatArray:
    """Return the sum over each cluster."""
    return np.asarray(np.bincount(codes, weights=values), dtype=np.float64)
