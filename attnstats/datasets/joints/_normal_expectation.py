"""Deterministic quadrature of expectations under a standard normal vector."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from attnstats._validation import FloatArray

#: Beyond this many standard deviations the normal weighs less than 1e-20.
_REACH = 9.5
#: log2 of the number of quasi-Monte Carlo points.
_LOG2_POINTS = 16


def normal_nodes(dim: int) -> tuple[FloatArray, FloatArray]:
    """Return nodes of shape (m, dim) and weights of shape (m,), so that E g(Z) is the weighted sum of g at them."""
    if dim > 2:
        from scipy.stats import qmc  # slow to load

        # A Sobol sequence, half a step away from zero: Dick, Kuo and Sloan (2013), Acta Numerica 22, 133-288.
        points = qmc.Sobol(dim, scramble=False).random_base2(_LOG2_POINTS) + 0.5 / 2**_LOG2_POINTS
        return np.asarray(ndtri(points)), np.full(len(points), 1 / len(points))
    # The trapezoidal rule, whose error falls exponentially with the step for functions that are analytic near the real
    # line: Trefethen and Weideman (2014), SIAM Review 56, 385-458.
    axis = np.linspace(-_REACH, _REACH, 3801 if dim == 1 else 381)
    density = np.exp(-(axis**2) / 2)
    density /= density.sum()
    if dim == 1:
        return axis[:, np.newaxis], density
    nodes = np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1).reshape(-1, 2)
    return nodes, np.outer(density, density).ravel()
