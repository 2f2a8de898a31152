"""Sample size: how many replicates a t test or an equivalence test needs."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import cast

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtri

from attnstats._renamed import former_fields
from attnstats._validation import (
    as_float_array,
    check_at_least,
    check_count,
    check_fraction,
    check_number,
    check_positive,
)
from attnstats.comparison._unit import Scaled, Unit
from attnstats.comparison.planning.power import equivalence_power, t_test_power
from attnstats.comparison.replication import split_by_stratum
from attnstats.exceptions import InvalidInputError
from attnstats.results import check_unit, counted, plural


def sample_size_needed(
    differences: ArrayLike,
    *,
    margin: float | None = None,
    strata: ArrayLike | None = None,
    power: float = 0.8,
    alpha: float = 0.05,
    alternative: str = "two-sided",
    maximum: int = 10_000,
) -> int | None:
    """Return how many replicates per stratum would give a t test the wanted power, if the effect is the one observed.

    With a margin the test is that of equivalence, two one-sided t tests. The observed effect is uncertain, and the more
    exaggerated the fewer replicates it comes from: to plan a study, take `plan_sample_size`.

    Parameters
    ----------
    differences : array_like, shape (n,)
        Differences observed, one per replicate.
    margin : float, optional
        Margin within which `equivalence_test` is to place the mean difference, in place of a difference from zero.
    strata : array_like, shape (n,), optional
        Stratum of each difference; the variance is pooled within strata.
    power, alpha : float
        Wanted probability to reject, and level of the test.
    alternative : {'two-sided', 'less', 'greater'}
        Alternative hypothesis of the test against zero.
    maximum : int
        Largest number considered.

    Returns
    -------
    int or None
        Replicates per stratum, at least 2; None where no number up to `maximum` would do: the effect is zero, too
        small, or on the wrong side; with a margin, outside or too near it.

    Raises
    ------
    InvalidInputError
        If the margin is not above zero.
    TooFewSamplesError, ConstantInputError
        With fewer than two differences in a stratum; if the differences do not vary.

    Examples
    --------
    >>> from attnstats.comparison import sample_size_needed
    >>> sample_size_needed([0.3, -0.1, 0.4, 0.2, -0.2, 0.2, 0.1, 0.0])
    28
    """
    check_fraction(power, "power")
    check_count(maximum, "maximum", minimum=2)
    if margin is not None:
        check_positive(margin, "margin")
    pilot = _pilot(differences, strata, "differences")
    effect, n_strata = pilot.mean / pilot.sd, pilot.n_strata
    if margin is not None:
        bound = _above_zero(pilot.unit.divide_one(margin, "margin") / pilot.sd)
        power_of = partial(equivalence_power, bound, difference=effect, alpha=alpha, n_strata=n_strata)
    else:
        power_of = partial(t_test_power, effect, alpha=alpha, alternative=alternative, n_strata=n_strata)
    return smallest_number(lambda n: power_of(n) >= power, maximum)


@former_fields(n_seeds="n", n_seeds_at_estimate="n_at_estimate")
@dataclass(frozen=True, slots=True)
class SampleSizePlan:
    """How many replicates a study needs, allowing for the uncertainty of the pilot's standard deviation.

    Parameters
    ----------
    n : int or None
        Replicates per stratum if the standard deviation is `sd_upper`; None where `maximum` is too few.
    n_at_estimate : int or None
        The same if it is exactly the pilot's; it falls short about half of the time.
    goal : str
        What is to be shown.
    power, assurance : float
        Wanted power, and the confidence that `n` reaches it.
    sd, sd_upper : float
        Standard deviation of the pilot, and its upper confidence limit at the level `assurance`.
    n_pilot, maximum, replication_unit, n_strata : int, int, str, int
        Replicates in the pilot, the largest number considered, what a replicate is, and the number of strata.

    Examples
    --------
    >>> from attnstats.comparison import SampleSizePlan
    >>> SampleSizePlan(24, 15, "a difference of 0.02", 0.8, 0.8, 0.026, 0.034, 8)
    24 replicates for 80 % power to show a difference of 0.02 with 80 % assurance (standard deviation up to 0.034); 15
    if it is the 0.026 of the pilot of 8 replicates
    """

    n: int | None
    n_at_estimate: int | None
    goal: str
    power: float
    assurance: float
    sd: float
    sd_upper: float
    n_pilot: int
    maximum: int = 10_000
    replication_unit: str = "replicate"
    n_strata: int = 1

    def __post_init__(self) -> None:
        check_unit(self.replication_unit)

    def summary(self) -> str:
        """Return the plan in one line, as for a paper."""
        units = plural(self.replication_unit) + (f" in each of {self.n_strata} strata" if self.n_strata > 1 else "")
        return (
            f"{self._count(self.n)} {units} for {100 * self.power:g} % power to show "
            f"{self.goal} with {100 * self.assurance:g} % assurance (standard deviation up to {self.sd_upper:.3g}); "
            f"{self._count(self.n_at_estimate)} if it is the {self.sd:.3g} of the pilot of "
            f"{counted(self.n_pilot, self.replication_unit)}"
        )

    def _count(self, n: int | None) -> str:
        return f"more than {self.maximum}" if n is None else str(n)

    __repr__ = summary


def plan_sample_size(
    pilot: ArrayLike,
    *,
    effect: float | None = None,
    margin: float | None = None,
    strata: ArrayLike | None = None,
    power: float = 0.8,
    assurance: float = 0.8,
    alpha: float = 0.05,
    alternative: str = "two-sided",
    maximum: int = 10_000,
    replication_unit: str = "replicate",
) -> SampleSizePlan:
    """Return how many replicates a t test or an equivalence test needs, from the standard deviation of a pilot.

    The effect seen in a pilot is too uncertain to plan with, so `effect` is the smallest difference that would matter.
    The standard deviation s is uncertain too, so the plan is made for its upper confidence limit s sqrt(df/χ²_{1−γ,
    df}), with the lower 1 − γ quantile: with confidence γ, the assurance, it has the wanted power for normal
    differences (Browne 1995, Statistics in Medicine 14, 1933-1940).

    Parameters
    ----------
    pilot : array_like, shape (n,)
        Paired differences, one per replicate.
    effect : float, optional
        Smallest mean difference worth finding by a t test, in the unit of the values.
    margin : float, optional
        In its place, the margin of an `equivalence_test`, planned for a true mean difference of zero.
    strata, alpha, alternative, maximum
        As in `sample_size_needed`.
    power, assurance : float
        Wanted power, and the wanted confidence to have it.
    replication_unit : str
        What a replicate is, in the singular: ``"patient"``, ``"seed"``.

    Returns
    -------
    SampleSizePlan
        Replicates per stratum, at the limit of the standard deviation and at its estimate.

    Raises
    ------
    InvalidInputError
        Unless exactly one of effect and margin is given.
    NonFiniteError, TooFewSamplesError, ConstantInputError
        As `sample_size_needed`.

    Examples
    --------
    >>> from attnstats.comparison import plan_sample_size
    >>> plan_sample_size([0.03, -0.01, 0.04, 0.02, -0.02, 0.02, 0.01, 0.0], effect=0.02, replication_unit="patient")
    17 patients for 80 % power to show a difference of 0.02 with 80 % assurance (standard deviation up to 0.0275); 11 if
    it is the 0.0203 of the pilot of 8 patients
    """
    check_fraction(power, "power")
    check_fraction(assurance, "assurance")
    check_count(maximum, "maximum", minimum=2)
    if (effect is None) == (margin is None):
        got = "neither" if effect is None else "both"
        raise InvalidInputError(f"effect or margin: exactly one of the two must be given; got {got}")
    if margin is not None:
        check_positive(margin, "margin")
    elif check_number(cast(float, effect), "effect") == 0:
        raise InvalidInputError(f"effect: must be a finite number other than 0; got {effect!r}")
    found = _pilot(pilot, strata, "pilot")
    wanted = found.unit.divide_one(cast(float, effect if margin is None else margin), "effect or margin")
    sd_upper = found.sd * float(np.sqrt(found.df / chdtri(found.df, assurance)))  # chdtri takes the upper tail

    def needed(sd: float) -> int | None:
        if margin is not None:
            power_of = partial(equivalence_power, _above_zero(wanted / sd), alpha=alpha, n_strata=found.n_strata)
        else:
            power_of = partial(t_test_power, wanted / sd, alpha=alpha, alternative=alternative, n_strata=found.n_strata)
        return smallest_number(lambda n: power_of(n) >= power, maximum)

    return SampleSizePlan(
        n=needed(sd_upper),
        n_at_estimate=needed(found.sd),
        goal=f"a difference of {effect:g}" if margin is None else f"equivalence within {margin:g}",
        power=power,
        assurance=assurance,
        sd=found.unit.restore(found.sd),
        sd_upper=found.unit.restore(sd_upper),
        n_pilot=found.n,
        maximum=maximum,
        replication_unit=replication_unit,
        n_strata=found.n_strata,
    )


@dataclass(frozen=True)
class _Pilot:
    """The mean of the strata's means and the standard deviation pooled within strata, both in `unit`."""

    mean: float
    sd: float
    df: int
    n: int
    n_strata: int
    unit: Unit


def _pilot(values: ArrayLike, strata: ArrayLike | None, name: str) -> _Pilot:
    data = Scaled.of(as_float_array(values, name, ndim=1), name)
    groups = split_by_stratum(data.values, strata)
    check_at_least(min(len(group) for group in groups), 2, "number of differences in a stratum")
    data.check_varies(groups)
    n = sum(len(group) for group in groups)
    df = n - len(groups)
    variance = sum(float(((group - group.mean()) ** 2).sum()) for group in groups) / df
    mean = float(np.mean([group.mean() for group in groups]))
    return _Pilot(mean, float(np.sqrt(variance)), df, n, len(groups), data.unit)


def _above_zero(margin: float) -> float:
    """Return a margin in standard deviations, of which none is too small to be a float."""
    return max(margin, sys.float_info.min)


def smallest_number(reaches: Callable[[int], bool], maximum: int) -> int | None:
    """Return the smallest number from 2 to `maximum` that is enough, None where none is; more must be better."""
    if not reaches(maximum):
        return None
    too_few, enough = 1, 2
    while not reaches(enough):
        too_few, enough = enough, min(2 * enough, maximum)
    while enough - too_few > 1:
        middle = (too_few + enough) // 2
        too_few, enough = (too_few, middle) if reaches(middle) else (middle, enough)
    return enough
