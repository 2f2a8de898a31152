"""The 40 tasks of Czyż et al. (2023), Beyond normal: on the evaluation of mutual information estimators, NeurIPS.

They are defined as in the package `benchmark-mi` 0.1.3; the samples are drawn by `attnstats.datasets`.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
from scipy.interpolate import PchipInterpolator
from scipy.special import ndtr

from attnstats._validation import FloatArray
from attnstats.datasets import (
    AdditiveNoise,
    GaussianJoint,
    KnownTruth,
    StudentJoint,
    Transformed,
    asinh,
    half_cube,
    normal_cdf,
    spiral,
    swiss_roll,
    wiggly,
)

Transform = Callable[[FloatArray], FloatArray]


def identity(values: FloatArray) -> FloatArray:
    """Return the values."""
    return values


def two_humps(values: FloatArray, weight: float, first: float, second: float) -> FloatArray:
    """Turn standard normal values into those of a mixture of two unit normals of the same rank."""
    grid = np.linspace(min(first, second) - 9, max(first, second) + 9, 20_001)
    level = weight * ndtr(grid - first) + (1 - weight) * ndtr(grid - second)
    rising = np.concatenate([[True], np.diff(level) > 0])
    humps: FloatArray = PchipInterpolator(level[rising], grid[rising])(ndtr(values))
    return humps


def spiral_of_the_next_columns(values: FloatArray, speed: float) -> FloatArray:
    """Rotate the second and third column instead of the first two."""
    return np.roll(spiral(np.roll(values, -1, axis=1), speed=speed), 1, axis=1)


def warped(base: KnownTruth, transform: Transform) -> Transformed:
    """Apply one transform to both variables."""
    return Transformed(base, transform, transform)


def spiralled(base: KnownTruth, dim: int) -> Transformed:
    """Rotate by an angle that grows with the squared norm, in different planes of x and of y."""
    return Transformed(base, partial(spiral, speed=1 / dim), partial(spiral_of_the_next_columns, speed=1 / dim))


def all_tasks() -> dict[str, KnownTruth]:
    """Return the tasks by name."""
    pair = GaussianJoint.dense(1, 1, 0.75)
    tasks: dict[str, KnownTruth] = {
        "normal 1x1": pair,
        "uniform margins, normal 1x1": warped(pair, normal_cdf),
        "additive noise 0.1": AdditiveNoise(0.1),
        "additive noise 0.75": AdditiveNoise(0.75),
        "bimodal 1x1": Transformed(
            pair, partial(two_humps, weight=0.3, first=0, second=5), partial(two_humps, weight=0.5, first=-1, second=3)
        ),
        "wiggly, normal 1x1": warped(pair, wiggly),
        "half-cube, normal 1x1": warped(pair, half_cube),
        "swiss roll 2x1": Transformed(warped(pair, normal_cdf), swiss_roll, identity),
    }
    for dim in (2, 3, 5, 25, 50):
        tasks[f"dense normal {dim}x{dim}"] = GaussianJoint.dense(dim, dim, 0.5)
    for dim in (2, 3, 5, 25):
        tasks[f"sparse normal {dim}x{dim}"] = sparse(dim)
    for dim in (3, 5, 25):
        tasks[f"uniform margins, sparse normal {dim}x{dim}"] = warped(sparse(dim), normal_cdf)
        tasks[f"half-cube, sparse normal {dim}x{dim}"] = warped(sparse(dim), half_cube)
        tasks[f"spiral, sparse normal {dim}x{dim}"] = spiralled(sparse(dim), dim)
        tasks[f"spiral, uniform margins, sparse normal {dim}x{dim}"] = spiralled(warped(sparse(dim), normal_cdf), dim)
    for dim, df in ((1, 1), (2, 1), (2, 2), (3, 2), (3, 3), (5, 2), (5, 3)):
        tasks[f"student {df} df, {dim}x{dim}"] = student(dim, df)
    for dim, df in ((1, 1), (2, 1), (3, 2), (5, 2)):
        tasks[f"asinh, student {df} df, {dim}x{dim}"] = warped(student(dim, df), asinh)
    return tasks


def sparse(dim: int) -> GaussianJoint:
    """Two pairs of columns correlate by 0.8, the others not."""
    return GaussianJoint.sparse(dim, dim, 2, 0.8)


def student(dim: int, df: int) -> StudentJoint:
    """Uncorrelated columns that share their scale."""
    return StudentJoint(GaussianJoint(np.eye(2 * dim), dim), df)
