"""The interquartile mean of the runs of each condition, with its stratified bootstrap interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from attnstats._parallel import spawn
from attnstats._validation import FloatArray, RNGLike, check_count, check_fraction
from attnstats.resampling import Stratified
from attnstats.scores.profiles._runs import Runs, runs_of
from attnstats.scores.scores import Scores

METHOD = "stratified percentile bootstrap"


def interquartile_mean(
    scores: Scores, *, n_resamples: int = 9_999, confidence_level: float = 0.95, rng: RNGLike = None
) -> pd.DataFrame:
    """Return the mean of the middle half of the runs of each condition, with its stratified bootstrap interval.

    The lowest and the highest quarter of all runs are left out, over data sets together, so that neither one failed run
    nor one easy data set decides. A run, or whatever `find_design` names as the unit of replication, has one score, the
    mean of what was scored in it. Data sets must measure on one scale, and count the same: a run of a data set with m
    runs weighs 1/m, so that where some are lost, its others count more. The same share of the weight is left out of
    every condition: a quarter, rounded down to whole runs of one that has lost none, as in `scipy.stats.trim_mean`. A
    run that lies across its end counts by the part inside.

    The interval is about other runs on the same data sets: runs are drawn again within each. A resample of n runs has
    (n - 1)/n of the variance, so that with few runs of each data set the interval is too short; fewer than 8 give a
    warning.

    Parameters
    ----------
    scores : Scores
        From `read_scores`.
    n_resamples : int
        Bootstrap resamples.
    confidence_level : float
        Nominal level of each interval, in (0, 1).
    rng : seed or Generator, optional
        Source of randomness.

    Returns
    -------
    DataFrame
        A row for each condition: ``label``, ``value``, ``ci_low``, ``ci_high`` (NaN if its runs are all equal),
        ``ci_level``, ``ci_method``, ``n``, the number of runs, and ``replication_unit``; the argument `means` of
        `attnstats.report.plot_performance_profile`.

    Raises
    ------
    InvalidInputError
        If an argument is not of its kind, folds are the unit of replication, which share rows, or every run is 0 or 1.
    TooFewSamplesError
        If a condition has fewer than two runs in a data set.

    Warns
    -----
    FewReplicatesWarning
        If a condition has fewer than 8 runs in a data set.

    References
    ----------
    Agarwal, Schwarzer, Castro, Courville and Bellemare (2021), Deep reinforcement learning at the edge of the
    statistical precipice, NeurIPS 34.

    Examples
    --------
    >>> import pandas as pd
    >>> from attnstats.scores import interquartile_mean, read_scores
    >>> rows = [(model, run, run + 5 * (model == "b")) for model in "ab" for run in range(20)]
    >>> rows[-1] = ("b", 19, 1_000_000)
    >>> table = pd.DataFrame(rows, columns=["model", "run", "score"])
    >>> scores = read_scores(table, value="score", condition="model", seed="run")
    >>> interquartile_mean(scores, rng=0)[["label", "value", "ci_low", "ci_high", "n"]].round(1)
      label  value  ci_low  ci_high   n
    0     a    9.5     6.0     12.9  20
    1     b   14.5    11.1     17.9  20
    """
    level = check_fraction(confidence_level, "confidence_level")
    n_resamples = check_count(n_resamples, "n_resamples", minimum=2)
    unit, conditions = runs_of(scores)
    rows: list[dict[str, Any]] = []
    for runs, generator in zip(conditions, spawn(rng, len(conditions)), strict=True):
        data = np.column_stack([runs.values, runs.weights])
        sample = Stratified(runs.strata).bind(data)
        # Whole runs where none is lost, and else the same share, or conditions would differ by what they have lost.
        mean = _MiddleHalf(runs.n_complete // 4 * len(data) / runs.n_complete)
        replicates = sample.resampled(mean, n_resamples, generator)
        low, high = np.quantile(replicates, [(1 - level) / 2, (1 + level) / 2])
        equal = _all_equal(runs)
        rows.append(
            {
                "label": runs.condition,
                "value": mean(data),
                "ci_low": np.nan if equal else low,
                "ci_high": np.nan if equal else high,
                "ci_level": level,
                "ci_method": METHOD,
                "n": len(runs.values),
                "replication_unit": unit,
            }
        )
    return pd.DataFrame(rows)


@dataclass(frozen=True)
class _MiddleHalf:
    """The mean of scores, the first column, by their weights, the second, without some of these at either end."""

    #: The weight left out at either end, of a total of the number of scores.
    cut: float

    def __call__(self, data: FloatArray) -> float:
        return float(self.weighted(data, np.ones((1, len(data))))[0])

    def weighted(self, data: FloatArray, counts: FloatArray) -> FloatArray:
        """Return the mean in every resample."""
        order = np.argsort(data[:, 0], kind="stable")
        values, weights = data[order].T
        reached = np.cumsum(counts[:, order] * weights, axis=1)
        low, high = self.cut, len(data) - self.cut
        kept = np.diff(np.clip(reached, low, high), axis=1, prepend=low)
        return np.asarray(kept @ values / (high - low))


def _all_equal(runs: Runs) -> bool:
    """Return whether resampling says nothing, since all runs of each data set have one score."""
    return all(np.ptp(runs.values[runs.strata == stratum]) == 0 for stratum in np.unique(runs.strata))
