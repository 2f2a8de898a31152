"""The difference of two mutual informations, with an interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from attnstats._validation import (
    IntArray,
    RNGLike,
    as_generator,
    as_labels,
    check_flag,
    check_fraction,
    check_object,
    check_same_length,
)
from attnstats._variable import Variable
from attnstats.exceptions import InvalidInputError
from attnstats.information._parts import estimate_rows, of_parameter
from attnstats.information._variables import variables_for
from attnstats.information.interface import MIEstimator, brief
from attnstats.information.knn.ksg import KSG
from attnstats.resampling import HalfSampling, SubsampleInterval
from attnstats.results import ConfidenceInterval


@dataclass(frozen=True)
class MIDifference:
    """A difference of two mutual informations, in nats.

    Parameters
    ----------
    value : float
        The first minus the second.
    first, second : float
        Both estimates.
    interval : ConfidenceInterval
        Of the difference.
    n_samples : tuple of int
        Rows of each.
    paired : bool
        Whether both are of the same rows.
    estimator : str
        Its name.

    Examples
    --------
    It is what `mutual_information_difference` returns.
    """

    value: float
    first: float
    second: float
    interval: ConfidenceInterval
    n_samples: tuple[int, int]
    paired: bool
    estimator: str

    def __repr__(self) -> str:
        size = f"{self.n_samples[0]} pairs" if self.paired else f"{self.n_samples[0]} and {self.n_samples[1]}"
        return (
            f"difference in MI = {self.value:.3g} nats ({self.first:.3g} - {self.second:.3g}), {self.interval!r}, "
            f"n = {size}, {self.estimator}"
        )


def mutual_information_difference(
    first: Sequence[ArrayLike],
    second: Sequence[ArrayLike],
    estimator: MIEstimator = KSG(),  # noqa: B008 (frozen)
    *,
    paired: bool,
    interval: SubsampleInterval = HalfSampling(),  # noqa: B008 (frozen)
    groups: ArrayLike | None = None,
    confidence_level: float = 0.95,
    n_jobs: int | None = None,
    rng: RNGLike = None,
) -> MIDifference:
    """Estimate I(X; Y) of a first sample minus I(X'; Y') of a second one.

    Parameters
    ----------
    first, second : pair of array_like
        x and y of each, as `mutual_information` takes them.
    estimator : MIEstimator, default KSG()
        Of both, so that what it lacks cancels where both lack it.
    paired : bool
        Whether row i of both is of the same thing, as where two models read the same texts: both are then estimated on
        the same parts of the sample. Else the samples are independent, and may differ in size.
    interval : SubsampleInterval
        How the interval is computed; of series, `attnstats.resampling.TimeBlocks`.
    groups : array_like of shape (n,), optional
        Rows of paired samples that belong together.
    confidence_level : float, default 0.95
        Level of the interval.
    n_jobs : int, optional
        Workers; the numbers do not depend on it.
    rng : int, numpy.random.Generator or None
        Source of randomness.

    Returns
    -------
    MIDifference
        With the interval of the difference on parts of the sample where it is paired. Else the intervals of both are
        put together: with estimates a, b and intervals (l, u) and (l', u') it reaches from the difference down by
        the root of (a - l)² + (u' - b)², and up by that of (u - a)² + (b - l')².

    Raises
    ------
    InvalidInputError
        If a sample is no pair, paired ones differ in length, or `groups` are given of others.
    AttnstatsError
        Whatever the estimator or the interval raises; see there.

    References
    ----------
    Zou and Donner (2008), Construction of confidence limits about effect measures: a general approach, Statistics in
    Medicine 27, 1693-1702, on putting intervals together.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.information import Gaussian, mutual_information_difference
    >>> y, one, two = np.random.default_rng(0).normal(size=(3, 500))
    >>> found = mutual_information_difference((y + one, y), (y + 2 * two, y), Gaussian(), paired=True, rng=0)
    >>> found.interval.low > 0  # truth: log(2) / 2 - log(1.25) / 2 = 0.235 nats
    True
    """
    check_flag(paired, "paired")
    check_fraction(confidence_level, "confidence_level")
    check_object(interval, "interval", SubsampleInterval, "HalfSampling()")
    samples = [_variables(estimator, *each) for each in (("first", first), ("second", second))]
    sizes = [len(x) for x, _ in samples]
    if paired:
        check_same_length(first=samples[0][0], second=samples[1][0])
    elif groups is not None:
        raise InvalidInputError(f"groups: must be None unless both samples are of the same rows; got {groups!r:.80}")
    codes = None if groups is None else as_labels(groups, "groups")[0]
    if codes is not None:
        check_same_length(first=samples[0][0], groups=codes)
    seed, part_seed = (int(each) for each in as_generator(rng).integers(2**63, size=2))
    estimates = [partial(estimate_rows, estimator.estimate, each, codes, seed) for each in samples]
    values = []
    for name, estimate, n in zip(("first", "second"), estimates, sizes, strict=True):
        with of_parameter(name):
            values.append(estimate(np.arange(n)))
    value = values[0] - values[1]
    asked: dict[str, Any] = {"confidence_level": confidence_level, "n_jobs": n_jobs}
    if paired:
        difference = partial(_difference, estimates[0], estimates[1])
        found = interval.interval(difference, value, sizes[0], groups=codes, rng=part_seed, **asked)
    else:
        seeds = np.random.default_rng(part_seed).integers(2**63, size=2).tolist()
        found = _together(
            value,
            values,
            [
                interval.interval(estimate, own, n, rng=part, **asked)
                for estimate, own, n, part in zip(estimates, values, sizes, seeds, strict=True)
            ],
        )
    return MIDifference(value, values[0], values[1], found, (sizes[0], sizes[1]), paired, brief(estimator))


def _variables(estimator: MIEstimator, name: str, sample: Sequence[ArrayLike]) -> list[Variable]:
    if isinstance(sample, np.ndarray | str) or not isinstance(sample, Sequence) or len(sample) != 2:
        raise InvalidInputError(f"{name}: must be a pair (x, y); got {sample!r:.80}")
    with of_parameter(name):
        variables = variables_for(estimator, x=(sample[0], None), y=(sample[1], None))
        check_same_length(x=variables[0], y=variables[1])
    return variables


def _difference(first: partial[float], second: partial[float], rows: IntArray) -> float:
    return first(rows) - second(rows)


def _together(value: float, values: list[float], intervals: list[ConfidenceInterval]) -> ConfidenceInterval:
    """Return the interval of a difference of independent estimates from those of both."""
    (a, b), (of_a, of_b) = values, intervals
    down, up = np.hypot(a - of_a.low, of_b.high - b), np.hypot(of_a.high - a, b - of_b.low)
    n_resamples = None if of_a.n_resamples is None else 2 * of_a.n_resamples
    return ConfidenceInterval(
        value - float(down), value + float(up), of_a.level, f"{of_a.method}, of both together", n_resamples
    )
