"""Intervals from estimates on parts of the sample drawn without replacement, which hold no duplicates."""

from __future__ import annotations

from abc import ABC, abstractmethod
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
            The estimate from all n rows.
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


class PartsInterval(ABC):
    """The intervals here: each says which parts are drawn, and makes an interval of the estimates from them."""

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
        """Return the interval of an estimate, in its unit; parameters as in `SubsampleInterval.interval`.

        Raises
        ------
        TooFewSamplesError
            With fewer rows or groups than the class needs.
        InvalidInputError
            If the parts do not fit the number of rows or groups, or `groups` is not of length n.
        NonFiniteError
            If the value or an estimate is not finite, or an end of the interval overflows.
        ConstantInputError
            If the estimate is the same on all parts, or on all of one size.
        """
        check_fraction(confidence_level, "confidence_level")
        units, n_units = as_units(n, groups, minimum=self._fewest_units())
        sizes = self._sizes(n_units)
        found = part_estimates(estimate, units, sizes, rng=rng, n_jobs=n_jobs)
        value = check_number(value, "value")
        if not np.isfinite(value):
            raise NonFiniteError(f"value: must be finite; got {value!r}")
        low, high, method = self._limits(found, value, n_units, confidence_level)
        check_ends(low, high, "estimate")
        return ConfidenceInterval(low, high, confidence_level, method, sum(map(len, sizes)))

    def _fewest_units(self) -> int:
        return 8

    @abstractmethod
    def _sizes(self, n_units: int) -> list[tuple[int, ...]]:
        """Return the sizes, in units, of the disjoint parts of each random cut."""

    @abstractmethod
    def _limits(self, found: list[FloatArray], value: float, n_units: int, level: float) -> tuple[float, float, str]:
        """Return both ends of the interval and what it is called, from the estimates of each cut."""


def as_units(n: int, groups: ArrayLike | None, *, minimum: int = 8) -> tuple[IntArray, int]:
    """Return the unit of each row, 0..n_units-1, and the number of units: the rows themselves, or the groups."""
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
    """Return the estimates from disjoint random parts: for each tuple of sizes, in units, one estimate a part."""
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
    return np.array([evaluate(estimate, each, name="estimate") for each in rows])


def rescaled_estimates(*estimates: FloatArray) -> tuple[list[FloatArray], Scale]:
    """Return estimates near 1, whose squares neither overflow nor vanish, and their scale."""
    every = np.concatenate([np.ravel(each) for each in estimates])
    scale = Scale.of(every)
    near = scale.down(every)
    if scale.stretch(near.max() / 2 - near.min() / 2) <= ROUNDING * np.abs(every).max() / 2:
        raise ConstantInputError(f"estimate: must vary over parts of the sample; got {float(every[0])!r} on each")
    return [scale.down(each) for each in estimates], scale


def t_limits(value: float, error: float, freedom: float, level: float) -> tuple[float, float]:
    """Return value ± t · error."""
    if error == 0:
        raise ConstantInputError(f"estimate: must vary over parts of the sample; got {value!r} on each")
    margin = error * float(stdtrit(freedom, (1 + level) / 2))
    return value - margin, value + margin
