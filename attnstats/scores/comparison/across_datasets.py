"""What several data sets say together: of other data sets, of how many of these, and of ranks over them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from attnstats._validation import FloatArray
from attnstats.comparison import (
    CriticalDifference,
    MetaAnalysis,
    friedman_test,
    meta_analysis,
    nemenyi_test,
    partial_conjunction_test,
)
from attnstats.exceptions import ConstantInputError, ConvergenceError
from attnstats.results import SignificanceResult
from attnstats.scores.analyses.contrast import Contrast
from attnstats.scores.choice.rules import Rules

#: Data sets from which on a mean over other ones, or ranks over them, can be told.
FEWEST = 3


@dataclass(frozen=True, slots=True)
class AcrossDatasets:
    """Two conditions over several data sets.

    Parameters
    ----------
    first, second : str
        The conditions.
    mean : MetaAnalysis or None
        The mean difference over data sets of which these are a sample (random effects, Knapp and Hartung); None with
        fewer than three, or where a data set has no error.
    n_datasets, better_in, worse_in : int
        Data sets, and in at least how many of them the first is better, and worse, each with the confidence of the
        intervals (partial conjunction).
    """

    first: str
    second: str
    mean: MetaAnalysis | None
    n_datasets: int
    better_in: int
    worse_in: int

    def summary(self) -> str:
        """Return what is shown in one line."""
        mean = "" if self.mean is None else f"; {self.mean.summary()}"
        return (
            f"{self.first} better than {self.second} in at least {self.better_in} of {self.n_datasets} data sets, worse"
            f" in at least {self.worse_in}{mean}"
        )

    __repr__ = summary


@dataclass(frozen=True, slots=True)
class RanksOverDatasets:
    """Conditions ranked within each data set.

    Parameters
    ----------
    friedman : SignificanceResult
        Whether any condition tends to be better than another.
    nemenyi : CriticalDifference
        Mean ranks, 1 being the best, and how far apart two must be to differ.
    """

    friedman: SignificanceResult
    nemenyi: CriticalDifference

    def summary(self) -> str:
        """Return both tests in one line."""
        return f"{self.friedman.summary()}; {self.nemenyi.summary()}"

    __repr__ = summary


def across_datasets(first: str, second: str, contrasts: Sequence[Contrast], rules: Rules, unit: str) -> AcrossDatasets:
    """Return what the contrasts of two conditions in each data set say together."""
    above, below = ([_tested(getattr(each, side)(0.0)) for each in contrasts] for side in ("above", "below"))
    better, worse = (
        partial_conjunction_test(side, replication_unit=unit).lower_bound(rules.level) for side in (above, below)
    )
    if rules.lower_is_better:
        better, worse = worse, better
    return AcrossDatasets(first, second, _mean(contrasts, rules.level, unit), len(contrasts), better, worse)


def ranks_over_datasets(means: FloatArray, rules: Rules, unit: str) -> RanksOverDatasets | None:
    """Return the tests of ranks, of means of shape (n_conditions, n_datasets); None with few data sets or all tied."""
    complete = means[:, ~np.isnan(means).any(axis=0)]
    if complete.shape[1] < FEWEST or (complete == complete[0]).all():
        return None
    signed = -complete if rules.lower_is_better else complete
    return RanksOverDatasets(
        friedman_test(signed, replication_unit=unit), nemenyi_test(signed, alpha=rules.alpha, replication_unit=unit)
    )


def _mean(contrasts: Sequence[Contrast], level: float, unit: str) -> MetaAnalysis | None:
    errors = np.array([each.error_with(1.0, 1.0)[0] for each in contrasts])
    with np.errstate(over="ignore"):
        variances = errors**2
    if len(contrasts) < FEWEST or not ((variances > 0) & (variances < np.inf)).all():  # nor is NaN
        return None
    try:
        return meta_analysis(
            [each.effect for each in contrasts], variances, confidence_level=level, replication_unit=unit
        )
    except (ConstantInputError, ConvergenceError):
        return None


def _tested(pvalue: float) -> float:
    """Return a p-value, 1 where there is none."""
    return 1.0 if np.isnan(pvalue) else pvalue
