"""Neighbours and balls by their definition, O(n^2) in time and memory."""

import numpy as np

from attnstats.information.neighbors._space import Balls, Neighbors


def reference_neighbors(space, k):
    distances = _all_distances(space)
    np.fill_diagonal(distances, np.inf)
    rows = np.argsort(distances, axis=1, kind="stable")[:, :k]
    return Neighbors(np.take_along_axis(distances, rows, axis=1), rows)


def reference_balls(space, radii):
    distances, limits = _all_distances(space), radii[:, np.newaxis]
    inside, rim = ((relation & (limits > 0)).sum(axis=1) for relation in (distances < limits, distances == limits))
    return Balls(inside, rim)


def _all_distances(space):
    n = len(space.points)
    return space.distances(np.tile(np.arange(n), (n, 1)))
