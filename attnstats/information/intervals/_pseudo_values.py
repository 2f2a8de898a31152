"""Jackknife pseudo-values of the estimator of Kraskov, Stögbauer and Grassberger, without estimating n times."""

from __future__ import annotations

import numpy as np

from attnstats._validation import FloatArray
from attnstats.information.knn._tie_kernels import leave_one_out
from attnstats.information.knn._ties import psi_table
from attnstats.information.neighbors._space import Space, nearest_neighbors


def ksg_pseudo_values(x: Space, y: Space, k: int) -> FloatArray:
    """Return n I - (n - 1) I_j of each sample, shape (n,), with I_j the estimate (algorithm 1) without sample j.

    One pass over all pairs serves all j, O(n² dim) in time and O(n) in memory; margins stay those of the whole sample.
    """
    n = len(x.points)
    psi = psi_table(n)
    nearest = nearest_neighbors(x.joint(y), k + 1).distances
    terms, changes = np.empty(n), np.zeros(n)
    leave_one_out(x.points, x.weights, y.points, y.weights, nearest, psi, terms, changes)
    terms += psi[n]
    without = (terms.sum() - terms + changes + (n - 1) * (psi[n - 1] - psi[n])) / (n - 1)
    pseudo_values: FloatArray = n * terms.mean() - (n - 1) * without
    return pseudo_values
