"""Integrals of gradients along paths, by quadrature that halves the intervals in which it misses the change."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from attnstats._validation import FloatArray, IntArray

#: Returns the output at a place in [0, 1] of each row's path, and its derivative along the path, unit by unit.
Path: TypeAlias = Callable[[IntArray, FloatArray], tuple[FloatArray, FloatArray]]
#: Returns what is added to the units of intervals, from what is left of the change, (n,), and derivatives, (nodes, n,
#: n_units).
Remainder: TypeAlias = Callable[[FloatArray, FloatArray], FloatArray]


def path_integral(
    path: Path,
    start: FloatArray,
    end: FloatArray,
    *,
    steps: int,
    tolerance: float,
    halvings: int,
    remainder: Remainder | None = None,
) -> FloatArray:
    """Return the integral of the derivative of each path, unit by unit, shape (n_paths, n_units).

    Each interval of a path in which Gauss–Legendre quadrature of so many `steps` misses the change in output by more
    than the tolerance is halved, at most so often; what is left of the change then is shared out by `remainder`, if
    there is one. `start` and `end` are the outputs at the ends of the paths.
    """
    nodes, weights = np.polynomial.legendre.leggauss(steps)
    rows = np.arange(len(start))
    low, high = np.zeros(len(rows)), np.ones(len(rows))
    y_low, y_high = start, end
    integral = np.zeros(0)
    # Rows may recur: each stands for one interval [low, high] of its path.
    for halving in range(halvings + 1):
        length = high - low
        slopes = np.stack([path(rows, low + length * (node + 1) / 2)[1] for node in nodes])
        parts = np.einsum("k,n,knt->nt", weights / 2, length, slopes)
        if not integral.size:
            integral = np.zeros_like(parts)
        left = y_high - y_low - parts.sum(axis=1)
        missed = np.abs(left) > tolerance
        if halving == halvings:  # the output jumps here
            if remainder is not None:
                parts += np.where(missed[:, np.newaxis], remainder(left, slopes), 0)
            missed[:] = False
        np.add.at(integral, rows[~missed], parts[~missed])
        if not missed.any():
            break
        rows, low, high, y_low, y_high = (each[missed] for each in (rows, low, high, y_low, y_high))
        middle = (low + high) / 2
        y_middle = path(rows, middle)[0]
        rows, low, high = np.tile(rows, 2), np.append(low, middle), np.append(middle, high)
        y_low, y_high = np.append(y_low, y_middle), np.append(y_middle, y_high)
    return integral
