"""Estimates from parts of the sample drawn without replacement, for the subsampling intervals.

A bootstrap resample holds duplicates, which bias a nearest-neighbour estimate; a part of the sample holds none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from attnstats._parallel import parallel_map
from attnstats._validation import FloatArray, IntArray, RNGLike, as_labels, check_at_least, check_count, check_fraction
from attnstats.exceptions import ConstantInputError, InvalidInputError, NonFiniteError
from attnstats.resampling._scale import ROUNDING, Scale, check_ends
from attnstats.resampling.statistic import check_number, evaluate
from attnstats.results import ConfidenceInterval

#: Takes sorted row indices and returns the estimate from those rows.
RowsEstimate: TypeAlias = Callable[[IntArray], float]


@runtime_checkable
class SubsampleInterval(Protocol):
    """An interval computed by estimating again on parts of the sample."""

    def interval(
        self,
        estimate: RowsEstimate,
        value: float,
        n: int,
        *,
        groups: ArrayLike | None = None,
        confidence_level: float = 0.95,
        n_jobs: int | None = None,
        rng: RNGLike = None,
    ) -> ConfidenceInterval:
        """Return the interval of an estimate.

        Parameters
        ----------
        estimate : callable
            Takes sorted row indices, shape (n_rows,), and returns the estimate from those rows.
        value : float
            The estimate from all rows.
        n : int
            Number of rows.
        groups : array_like, shape (n,), optional
            Rows of one group are dependent: they are kept or left out together, and the groups are the units.
        confidence_level : float
            Nominal level, in (0, 1).
        n_jobs : int, optional
            Workers; the numbers do not depend on it.
        rng : seed or Generator, optional
            Source of randomness.
        """
        ...


def as_units(n: int, groups: ArrayLike | None, *, minimum: int = 8) -> tuple[IntArray, int]:
    """Return the unit of each row, 0..n_units-1, and the number of units: the rows themselves, or the groups.

    Raises
    ------
    InvalidInputError
        If `groups` has another length than `n`.
    TooFewSamplesError
        If there are fewer than `minimum` units.
    """
    check_count(n, "n")
    units = np.arange(n) if groups is None else as_labels(groups, "groups")[0]
    if len(units) != n:
        raise InvalidInputError(f"groups: must have length n = {n}; got {len(units)}")
    n_units = int(units.max()) + 1 if n else 0
    check_at_least(n_units, minimum, "number of rows" if groups is None else "number of groups")
    return units, n_units


def part_estimates(
    estimate: RowsEstimate, units: IntArray, sizes: Iterable[tuple[int, ...]], *, n_jobs: int | None, rng: RNGLike
) -> list[FloatArray]:
    """Return the estimates from disjoint random parts: for each tuple of sizes, in units, one estimate a part.

    Raises
    ------
    NonFiniteError
        If an estimate is not finite.
    """
    found = parallel_map(partial(_estimate_parts, estimate, units), sizes, rng=rng, n_jobs=n_jobs)
    for values in found:
        if not np.isfinite(values).all():
            raise NonFiniteError(f"estimate: must be finite on every part of the sample; got {values}")
    return found


def _estimate_parts(
    estimate: RowsEstimate, units: IntArray, sizes: tuple[int, ...], generator: np.random.Generator
) -> FloatArray:
    n_units = int(units.max()) + 1
    part = np.full(n_units, -1)
    part[generator.permutation(n_units)[: sum(sizes)]] = np.repeat(np.arange(len(sizes)), sizes)
    part_of_row = part[units]
    rows = (np.flatnonzero(part_of_row == each) for each in range(len(sizes)))
    return np.array([evaluate(estimate, each, "estimate") for each in rows])


def rescaled_estimates(*estimates: FloatArray) -> tuple[list[FloatArray], Scale]:
    """Return estimates near 1, whose squares neither overflow nor vanish, and their scale.

    Raises
    ------
    ConstantInputError
        If all are the same but for rounding.
    """
    every = np.concatenate([np.ravel(each) for each in estimates])
    scale = Scale.of(every)
    near = scale.down(every)
    if scale.stretch(near.max() / 2 - near.min() / 2) <= ROUNDING * np.abs(every).max() / 2:
        raise ConstantInputError(f"estimate: must vary over parts of the sample; got {float(every[0])!r} on each")
    return [scale.down(each) for each in estimates], scale


def interval_from_error(
    value: float, error: float, freedom: float, confidence_level: float, method: str, n_resamples: int
) -> ConfidenceInterval:
    """Return value ± t · error.

    Raises
    ------
    NonFiniteError
        If the value is not finite.
    ConstantInputError
        If the error is zero.
    """
    check_fraction(confidence_level, "confidence_level")
    value = check_number(value, "value")
    if not np.isfinite(value):
        raise NonFiniteError(f"value: must be finite; got {value!r}")
    if error == 0:
        raise ConstantInputError(f"estimate: must vary over parts of the sample; got {value!r} on each")
    margin = error * float(stdtrit(freedom, (1 + confidence_level) / 2))
    check_ends(value - margin, value + margin, "estimate")
    return ConfidenceInterval(value - margin, value + margin, confidence_level, method, n_resamples)
