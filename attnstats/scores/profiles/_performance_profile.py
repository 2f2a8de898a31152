"""The share of the runs of each condition above every score, with bootstrap bands."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from attnstats._parallel import spawn
from attnstats._validation import (
    FloatArray,
    IntArray,
    RNGLike,
    as_float_array,
    check_at_least,
    check_count,
    check_flag,
    check_fraction,
)
from attnstats.resampling import Stratified
from attnstats.scores.profiles._interquartile_mean import METHOD
from attnstats.scores.profiles._runs import Runs, runs_of
from attnstats.scores.scores import Scores

#: Scores at which a profile is evaluated by default.
_STEPS = 101
#: Resamples times runs of one batch.
_BATCH = 2**22
#: Shares that differ by less are equal but for rounding.
_DECIMALS = 12


def performance_profile(
    scores: Scores,
    *,
    thresholds: ArrayLike | None = None,
    simultaneous: bool = False,
    n_resamples: int = 1_999,
    confidence_level: float = 0.95,
    rng: RNGLike = None,
) -> pd.DataFrame:
    """Return the share of the runs of each condition that lie above every score, with a bootstrap band.

    It is the mean over data sets of the share in each. Runs and resamples are those of `interquartile_mean`. Where no
    run or every run of a condition lies above a score, so it is in every resample, and the band ends at the exact limit
    of a proportion of 0 or 1 (Clopper and Pearson), or where runs are lost, at the one for a mean of proportions.

    Parameters
    ----------
    scores : Scores
        From `read_scores`.
    thresholds : array_like, optional
        The scores at which the share is taken; by default 101 at equal steps, from just below the lowest run to the
        highest.
    simultaneous : bool
        Whether the band of a condition holds its whole profile with the confidence asked for, or each score by itself.
        That band is the one of Dvoretzky, Kiefer and Wolfowitz, in which nothing is resampled and which keeps its level
        for any number of runs. Bands of several conditions are not adjusted for each other.
    n_resamples : int
        Bootstrap resamples.
    confidence_level : float
        Nominal level, in (0, 1).
    rng : seed or Generator, optional
        Source of randomness.

    Returns
    -------
    DataFrame
        A row for each condition and score: ``label``, ``score``, ``share``, ``ci_low``, ``ci_high``, ``ci_level``,
        ``ci_method``, ``n``, the number of runs, and ``replication_unit``; drawn by
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
    statistical precipice, NeurIPS 34. Massart (1990), The tight constant in the Dvoretzky-Kiefer-Wolfowitz inequality,
    Annals of Probability 18, 1269-1283.

    Examples
    --------
    >>> import pandas as pd
    >>> from attnstats.scores import performance_profile, read_scores
    >>> rows = [(model, run, run + 5 * (model == "b")) for model in "ab" for run in range(8)]
    >>> table = pd.DataFrame(rows, columns=["model", "run", "score"])
    >>> scores = read_scores(table, value="score", condition="model", seed="run")
    >>> profile = performance_profile(scores, thresholds=[3, 6], rng=0)
    >>> profile[["label", "score", "share", "ci_low", "ci_high"]].round(3)
      label  score  share  ci_low  ci_high
    0     a    3.0  0.500   0.125    0.875
    1     a    6.0  0.125   0.000    0.375
    2     b    3.0  1.000   0.631    1.000
    3     b    6.0  0.750   0.375    1.000
    """
    level = check_fraction(confidence_level, "confidence_level")
    n_resamples = check_count(n_resamples, "n_resamples", minimum=2)
    whole = check_flag(simultaneous, "simultaneous")
    given = None if thresholds is None else as_float_array(thresholds, "thresholds", ndim=1)
    if given is not None:
        check_at_least(len(given), 1, "number of thresholds")
    unit, conditions = runs_of(scores)
    grid = _steps(conditions) if given is None else np.unique(given)
    profiles = []
    for runs, generator in zip(conditions, spawn(rng, len(conditions)), strict=True):
        share = np.round(_above(runs, grid).mean(axis=0), _DECIMALS)
        band = _whole(share, runs, level) if whole else _pointwise(share, runs, grid, level, n_resamples, generator)
        profile = {
            "label": runs.condition,
            "score": grid,
            "share": share,
            "ci_low": band[0],
            "ci_high": band[1],
            "ci_level": level,
            "ci_method": "Dvoretzky–Kiefer–Wolfowitz" if whole else METHOD,
            "n": len(runs.values),
            "replication_unit": unit,
        }
        profiles.append(pd.DataFrame(profile))
    return pd.concat(profiles, ignore_index=True)


def _steps(conditions: list[Runs]) -> FloatArray:
    values = np.concatenate([runs.values for runs in conditions])
    steps = np.linspace(values.min(), values.max(), _STEPS)
    steps[0] = np.nextafter(steps[0], -np.inf)
    return steps


def _above(runs: Runs, grid: FloatArray) -> FloatArray:
    """Return the weight of each run where it lies above a score, shape (n_runs, n_scores)."""
    return np.asarray((runs.values[:, np.newaxis] > grid) * runs.weights[:, np.newaxis])


def _whole(share: FloatArray, runs: Runs, level: float) -> tuple[FloatArray, FloatArray]:
    """Return the band that holds a whole profile, of runs of unequal weight as of fewer runs of equal weight."""
    n = len(runs.values) ** 2 / (runs.weights**2).sum()
    half = np.sqrt(np.log(2 / (1 - level)) / (2 * n))
    return np.maximum(share - half, 0.0), np.minimum(share + half, 1.0)


def _pointwise(
    share: FloatArray, runs: Runs, grid: FloatArray, level: float, n_resamples: int, generator: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Return the band of the bootstrap, which has width where no run or every run lies above, and falls."""
    n = len(runs.values)
    sample = Stratified(runs.strata).bind(_above(runs, grid))
    size = max(1, _BATCH // n)
    batches = [min(size, n_resamples - start) for start in range(0, n_resamples, size)]
    shares = np.concatenate([sample.resampled_means(each, generator) for each in batches])
    ends = np.quantile(shares, [(1 - level) / 2, (1 + level) / 2], axis=0)
    low, high = np.clip(np.round(ends, _DECIMALS), 0.0, 1.0)
    most = _most_unseen(np.bincount(runs.strata), (1 - level) / 2)
    low = np.where(share == 1, 1 - most, low)
    high = np.where(share == 0, most, high)
    return np.minimum.accumulate(low), np.maximum.accumulate(high[::-1])[::-1]


def _most_unseen(counts: IntArray, alpha: float) -> float:
    """Return the largest mean over data sets of the probability of what no run shows, at a level.

    That none of its m runs shows it has the probability (1 - p)^m in a data set, and the product of these in all. While
    that is `alpha`, the mean of p is largest if each 1 - p is in proportion to m, or 1 where that would be above 1.
    """
    m = np.sort(counts)
    # Each with p = 0 in the data sets of more runs.
    factors = np.exp((np.log(alpha) - np.cumsum(m * np.log(m))) / np.cumsum(m))
    factor = factors[np.flatnonzero(factors * m <= 1)[-1]]
    return float(np.mean(1 - np.minimum(1, factor * m)))
