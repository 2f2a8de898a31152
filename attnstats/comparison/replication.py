"""The units of replication: how many a comparison needs, and the mean over them with its error."""

from __future__ import annotations

import inspect
import sys
import warnings
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtr, stdtrit

from attnstats._renamed import former_parameters
from attnstats._validation import (
    FloatArray,
    as_float_array,
    as_labels,
    check_at_least,
    check_count,
    check_fraction,
    check_same_length,
)
from attnstats.comparison._complete import complete_columns
from attnstats.comparison._unit import Scaled, Unit
from attnstats.exceptions import FewReplicatesWarning, InvalidInputError, TooFewSamplesError
from attnstats.missing import CompleteCases, complete_cases
from attnstats.results import ConfidenceInterval, SignificanceResult, plural

#: Fewest replicates that a comparison takes by default: two-sided, a sign-flip test of 8 can reach p = .008, of 5 only
#: p = .06, and the variance that a t test divides by is poorly known from fewer.
MINIMUM_REPLICATES = 8


@former_parameters(minimum_seeds="minimum_replicates")
def check_replicates(
    n: int, *, minimum_replicates: int = MINIMUM_REPLICATES, replication_unit: str = "replicate", within: str = ""
) -> None:
    """Raise if there are too few replicates; warn if there are enough only because the minimum was lowered.

    Parameters
    ----------
    n : int
        Number of replicates, in the smallest stratum if there are several; fewer than 8 give a `FewReplicatesWarning`.
    minimum_replicates : int
        Fewest that pass, at least 2.
    replication_unit : str
        What a replicate is, in the singular: ``"patient"``, ``"seed"``.
    within : str
        Where they are counted, if not over all: ``"the smallest stratum"``.

    Raises
    ------
    TooFewSamplesError
        If ``n < minimum_replicates``.

    Examples
    --------
    >>> from attnstats.comparison import check_replicates
    >>> check_replicates(8, replication_unit="patient")
    """
    name = f"number of {plural(replication_unit)}" + (f" in {within}" if within else "")
    check_count(minimum_replicates, "minimum_replicates", minimum=2)
    if check_count(n, name, minimum=0) < minimum_replicates:
        why = "" if minimum_replicates > MINIMUM_REPLICATES else ", too few for p-values and intervals to hold"
        remedy = f" (pass minimum_replicates={n} to go on all the same)" if n >= 2 else ""
        raise TooFewSamplesError(f"{name}: must be at least {minimum_replicates}; got {n}{why}{remedy}")
    if n < MINIMUM_REPLICATES:
        warnings.warn(
            f"{name}: should be at least {MINIMUM_REPLICATES} for intervals and p-values to hold; got {n}",
            FewReplicatesWarning,
            stacklevel=_level_of_caller(),
        )


def check_groups(sizes: list[int], minimum: int, unit: str, smallest: str) -> int:
    """Return the smallest size, with the checks of `check_replicates`; `smallest` says in messages which it is."""
    within = smallest if len(sizes) > 1 else ""
    check_replicates(min(sizes), minimum_replicates=minimum, replication_unit=unit, within=within)
    return min(sizes)


@dataclass(frozen=True)
class ReplicateMean:
    """The mean over strata of the mean over replicates, with its standard error; both, unlike `effect`, in `unit`."""

    value: float
    error: float
    df: float
    n: int
    method: str
    unit: Unit
    replication_unit: str
    n_missing: int = 0

    @property
    def effect(self) -> float:
        """The mean in the unit of the caller."""
        return self.unit.restore(self.value)

    def interval(self, confidence_level: float = 0.95) -> ConfidenceInterval:
        """Return the t interval, in the unit of the caller."""
        check_fraction(confidence_level, "confidence_level")
        margin = float(self.error * stdtrit(self.df, (1 + confidence_level) / 2))
        return self.unit.interval(self.value, margin, confidence_level, self.method)

    def statistic(self, null: float) -> float:
        """Return t of the mean less a number in `unit`."""
        return (self.value - null) / self.error

    def tails(self, null: float) -> tuple[float, float]:
        """Return the one-sided p-values of a mean above, and of one below, a number in `unit`."""
        t = self.statistic(null)
        return float(stdtr(self.df, -t)), float(stdtr(self.df, t))

    def pvalue(self, null: float, alternative: str) -> float:
        """Return the p-value of the t test that the mean is a number in `unit`."""
        above, below = self.tails(null)
        return {"greater": above, "less": below, "two-sided": 2 * min(above, below)}[alternative]

    def result(
        self, test: str, effect_name: str, alternative: str, statistic: float, pvalue: float, level: float
    ) -> SignificanceResult:
        """Return the result of a test of the mean."""
        return SignificanceResult(
            test=test,
            statistic=statistic,
            pvalue=max(pvalue, sys.float_info.min),
            alternative=alternative,
            effect_name=effect_name,
            effect=self.effect,
            n=self.n,
            replication_unit=self.replication_unit,
            confidence_interval=self.interval(level),
            n_missing=self.n_missing,
            _interval=self.interval,
        )


def replicate_mean(
    data: Scaled, strata: ArrayLike | None, minimum_replicates: int, replication_unit: str
) -> ReplicateMean:
    """Return the mean over strata of the mean over replicates."""
    groups = split_by_stratum(data.values, strata)
    check_groups(list(map(len, groups)), minimum_replicates, replication_unit, "the smallest stratum")
    data.check_varies(groups)
    kind = "t" if len(groups) == 1 else "stratified t"
    return weighted_mean(groups, np.full(len(groups), 1 / len(groups)), data.unit, kind, replication_unit)


def weighted_mean(
    groups: list[FloatArray], weights: FloatArray, unit: Unit, kind: str, replication_unit: str
) -> ReplicateMean:
    """Return the weighted sum of the means of independent groups.

    With s_k² the variance and n_k the size of group k, se² = Σ_k w_k² s_k²/n_k on df = se⁴/Σ_k (w_k² s_k²/n_k)²/(n_k −
    1) degrees of freedom (Satterthwaite 1946).
    """
    parts = weights**2 * [group.var(ddof=1) / len(group) for group in groups]
    total = float(parts.sum())
    df = total**2 / float(sum(part**2 / (len(group) - 1) for part, group in zip(parts, groups, strict=True)))
    value = float(weights @ [group.mean() for group in groups])
    method = f"{kind} over {plural(replication_unit)}"
    return ReplicateMean(value, float(np.sqrt(total)), df, sum(map(len, groups)), method, unit, replication_unit)


def split_by_stratum(values: FloatArray, strata: ArrayLike | None) -> list[FloatArray]:
    """Return the values of each stratum, in sorted order of the strata."""
    if strata is None:
        return [values]
    codes, names = as_labels(strata, "strata")
    check_same_length(values=values, strata=codes)
    check_at_least(len(names), 1, "number of strata")
    return [values[codes == code] for code in range(len(names))]


def paired_differences(a: ArrayLike, b: ArrayLike, remedy: str) -> Scaled:
    """Return ``a - b``, shape (n,); `remedy` is what the caller offers for independent groups."""
    first, second = as_float_array(a, "a", ndim=1), as_float_array(b, "b")
    if second.ndim and second.shape != first.shape:
        raise InvalidInputError(
            f"b: must be a number or have the shape of a, {first.shape}, value i of both being a pair; got"
            f" {second.shape} (for independent groups {remedy})"
        )
    return Scaled.difference(first, second)


@former_parameters(minimum_seeds="minimum_replicates")
def t_interval(
    values: ArrayLike,
    *,
    strata: ArrayLike | None = None,
    confidence_level: float = 0.95,
    minimum_replicates: int = MINIMUM_REPLICATES,
    replication_unit: str = "replicate",
    missing: CompleteCases | None = None,
) -> ConfidenceInterval:
    """Return the t interval of the mean over replicates, strata weighing the same (Student 1908, Biometrika 6, 1-25).

    Parameters
    ----------
    values : array_like, shape (n,)
        One value per replicate, for example its mean over test examples. For other examples too, not only for other
        replicates on these, take `anova_interval`.
    strata : array_like, shape (n,), optional
        Stratum of each value; the variances of the strata are not pooled (Satterthwaite 1946, Biometrics Bulletin 2,
        110-114).
    confidence_level, minimum_replicates, replication_unit, missing
        As in `paired_test`.

    Returns
    -------
    ConfidenceInterval
        In the unit of the values.

    Raises
    ------
    TooFewSamplesError, ConstantInputError
        With fewer replicates than `minimum_replicates`; if the values do not vary.

    Examples
    --------
    >>> from attnstats.comparison import t_interval
    >>> t_interval([0.71, 0.74, 0.73, 0.75, 0.72, 0.74, 0.73, 0.76], replication_unit="seed")
    95 % CI [0.722, 0.748] (t over seeds)
    """
    (given, groups), n_missing = complete_cases(missing, values=values, strata=strata)
    data = Scaled.of(as_float_array(given, "values", ndim=1))
    mean = replicate_mean(data, groups, minimum_replicates, replication_unit)
    return replace(mean.interval(confidence_level), n_missing=n_missing)


def complete_blocks(
    values: ArrayLike, missing: CompleteCases | None, unit: str, ndim: int, shape: str
) -> tuple[FloatArray, int]:
    """Return complete values of `ndim` dimensions, the first counting blocks or lacking, and how many were left out."""
    complete, n_missing = complete_columns(missing, values, unit)
    array = as_float_array(complete, "values")
    if array.ndim == ndim - 1:
        array = array[np.newaxis]
    if array.ndim != ndim or array.size == 0:
        raise InvalidInputError(
            f"values: must have shape {shape}, with or without a leading axis of blocks; got {array.shape}"
        )
    return array, n_missing


def _level_of_caller() -> int:
    """Return the stack level of the line outside the package, for a warning of the function that asks."""
    frame, level = inspect.currentframe(), 0
    while frame is not None and str(frame.f_globals.get("__name__")).startswith("attnstats."):
        frame, level = frame.f_back, level + 1
    return level
