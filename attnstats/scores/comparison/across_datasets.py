"""What several data sets say together: of other data sets, of how many of these, and of ranks over them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from attnstats._validation import FloatArray
from attnstats.comparison import (
    CriticalDifference,
    HarmonicT,
    friedman_test,
    meta_analysis,
    nemenyi_test,
    partial_conjunction_test,
    variance_components,
)
from attnstats.comparison.crossed.crossed_mean import crossed_mean
from attnstats.exceptions import ConstantInputError, ConvergenceError, InvalidInputError
from attnstats.missing import CompleteCases
from attnstats.results import SignificanceResult, plural
from attnstats.scores.analyses.analysis import Analysis
from attnstats.scores.analyses.blocks import Blocks
from attnstats.scores.analyses.contrast import Contrast
from attnstats.scores.choice.rules import Rules
from attnstats.scores.comparison._judge import contrast_of

#: Data sets from which on a mean over other ones, or ranks over them, can be told.
FEWEST = 3


@dataclass(frozen=True, eq=False)
class InEachDataset:
    """Two conditions as an analysis compares them in each of several data sets.

    Parameters
    ----------
    names : tuple of str
        The two conditions.
    analysis : Analysis
        How they are compared.
    first, second : Blocks
        Their scores, a block for each data set.
    """

    names: tuple[str, str]
    analysis: Analysis
    first: Blocks
    second: Blocks

    @cached_property
    def contrasts(self) -> list[Contrast]:
        """The difference in each data set."""
        return [contrast_of(self.analysis, (a,), (b,)) for a, b in zip(self.first, self.second, strict=True)]


@dataclass(frozen=True, slots=True)
class AcrossDatasets:
    """Two conditions over several data sets.

    Parameters
    ----------
    first, second : str
        The conditions.
    mean : SignificanceResult or None
        The mean difference over data sets of which these are a sample: by random effects (Knapp and Hartung) where they
        share no units, by the crossed analysis of variance of units and data sets where they share all, whose errors
        they then share too; None with fewer than three data sets, or where one has no error.
    tau : float
        Standard deviation of the true differences between data sets; NaN where it is not known.
    n_datasets, better_in, worse_in : int
        Data sets, and in at least how many of them the first is better, and worse, each with the confidence of the
        intervals (partial conjunction).

    Examples
    --------
    >>> from attnstats.scores import AcrossDatasets
    >>> AcrossDatasets("ours", "theirs", None, tau=0.02, n_datasets=5, better_in=3, worse_in=0)
    ours better than theirs in at least 3 of 5 data sets, worse in at least 0
    """

    first: str
    second: str
    mean: SignificanceResult | None
    tau: float
    n_datasets: int
    better_in: int
    worse_in: int

    def summary(self) -> str:
        """Return what is shown in one line."""
        mean = "" if self.mean is None else f"; over others {self.mean.summary()}"
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
    conditions : tuple of str
        The conditions.
    friedman : SignificanceResult
        Whether any condition tends to be better than another.
    nemenyi : CriticalDifference
        Mean ranks, 1 being the best, and how far apart two must be to differ.

    Examples
    --------
    >>> from attnstats.comparison import friedman_test, nemenyi_test
    >>> from attnstats.scores import RanksOverDatasets
    >>> means = [[0.81, 0.75, 0.9, 0.66], [0.79, 0.7, 0.88, 0.67], [0.7, 0.69, 0.8, 0.6]]
    >>> friedman, nemenyi = friedman_test(means, replication_unit="task"), nemenyi_test(means)
    >>> RanksOverDatasets(("ours", "theirs", "base"), friedman, nemenyi)
    Kendall's W = 0.812, p = .042, n = 4 tasks, Friedman test (exact); mean ranks, 1 being the best: ours 1.25, theirs
    1.75, base 3; those further apart than 1.66 differ (Nemenyi, level 0.05)
    """

    conditions: tuple[str, ...]
    friedman: SignificanceResult
    nemenyi: CriticalDifference

    def summary(self) -> str:
        """Return both tests in one line."""
        ranks = zip(self.conditions, self.nemenyi.mean_ranks, strict=True)
        told = ", ".join(f"{name} {rank:.3g}" for name, rank in sorted(ranks, key=lambda each: each[1]))
        return (
            f"{self.friedman.summary()}; mean ranks, 1 being the best: {told}; those further apart than"
            f" {self.nemenyi.critical_difference:.3g} differ (Nemenyi, level {self.nemenyi.alpha:.2g})"
        )

    __repr__ = summary


def across_datasets(pair: InEachDataset, rules: Rules, unit: str) -> AcrossDatasets:
    """Return what the differences of two conditions in each data set say together; `unit` is a data set's name."""
    above, below = ([_tested(getattr(each, side)(0.0)) for each in pair.contrasts] for side in ("above", "below"))
    better, worse = (
        partial_conjunction_test(side, replication_unit=unit).lower_bound(rules.level) for side in (above, below)
    )
    if rules.lower_is_better:
        better, worse = worse, better
    over_others = _over_shared_units if pair.analysis.shared else _over_own_units
    mean, tau = over_others(pair, rules.level, unit)
    return AcrossDatasets(*pair.names, mean, tau, len(pair.contrasts), better, worse)


def ranks_over_datasets(
    conditions: tuple[str, ...], means: FloatArray, rules: Rules, unit: str
) -> RanksOverDatasets | None:
    """Return the tests of ranks, of means of shape (n_conditions, n_datasets); None with few data sets or all tied."""
    complete = means[:, ~np.isnan(means).any(axis=0)]
    if complete.shape[1] < FEWEST or (complete == complete[0]).all():
        return None
    signed = -complete if rules.lower_is_better else complete
    return RanksOverDatasets(
        conditions,
        friedman_test(signed, replication_unit=unit),
        nemenyi_test(signed, alpha=rules.alpha, replication_unit=unit),
    )


def _over_shared_units(pair: InEachDataset, level: float, unit: str) -> tuple[SignificanceResult | None, float]:
    """Return the mean over other units and other data sets, and the deviation between these.

    Each unit has a value in each data set, so that both are random factors of one table.
    """
    analysis = pair.analysis
    if len(pair.first) < FEWEST:
        return None, math.nan
    a, b = (np.stack([block.unit_means for block in blocks], axis=1) for blocks in (pair.first, pair.second))
    groups = {"values": a - b} if analysis.paired else {"a": a, "b": b}
    tau = math.nan
    try:
        mean = crossed_mean(groups, HarmonicT(), analysis.unit, unit, missing=CompleteCases())
        if analysis.paired:
            tau = math.sqrt(max(variance_components(a - b, missing=CompleteCases()).item, 0.0))
    except (ConstantInputError, InvalidInputError):  # nothing varies, or too little is there to tell rows from columns
        return None, math.nan
    test = f"crossed analysis of variance over {plural(analysis.unit)} and {plural(unit)} (df = {mean.df:.3g})"
    tested = mean.statistic(0.0), mean.pvalue(0.0, "two-sided")
    return mean.result(test, "mean difference", "two-sided", *tested, level), tau


def _over_own_units(pair: InEachDataset, level: float, unit: str) -> tuple[SignificanceResult | None, float]:
    """Return the random-effects mean over other data sets, and the deviation between these."""
    errors = np.array([each.error_with(1.0, 1.0)[0] for each in pair.contrasts])
    with np.errstate(over="ignore"):
        variances = errors**2
    if len(errors) < FEWEST or not ((variances > 0) & (variances < np.inf)).all():  # nor is NaN
        return None, math.nan
    try:
        found = meta_analysis(
            [each.effect for each in pair.contrasts], variances, confidence_level=level, replication_unit=unit
        )
    except (ConstantInputError, ConvergenceError, InvalidInputError):  # the effects are equal, or have no error
        return None, math.nan
    return found.mean, math.sqrt(found.tau2)


def _tested(pvalue: float) -> float:
    """Return a p-value, 1 where there is none."""
    return 1.0 if np.isnan(pvalue) else pvalue
