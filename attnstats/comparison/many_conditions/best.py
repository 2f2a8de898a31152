"""The best condition: multiple comparisons with the best, and the test that one condition is best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from attnstats._renamed import former_fields, former_parameters
from attnstats._validation import RNGLike, as_generator, check_at_least, check_count, check_fraction
from attnstats.comparison._unit import Scaled, Unit
from attnstats.comparison.many_conditions._simultaneous import pairwise_differences
from attnstats.comparison.replication import MINIMUM_REPLICATES, ReplicateMean, complete_blocks, replicate_mean
from attnstats.exceptions import InvalidInputError
from attnstats.missing import CompleteCases
from attnstats.resampling import sign_flip_test
from attnstats.results import ConfidenceInterval, SignificanceResult, counted, left_out, plural


@former_fields(n_seeds="n")
@dataclass(frozen=True, slots=True)
class BestComparison:
    """Each condition against the best of the others.

    Parameters
    ----------
    leads : tuple of float
        Mean of each condition minus the largest other mean: above zero at most for one.
    intervals : tuple of ConfidenceInterval
        Simultaneous intervals of the leads, each containing zero or ending there.
    n, n_missing, replication_unit : int, int, str
        Replicates of each condition and block, those left out as incomplete, and what one is.
    names : tuple of str, optional
        Name of each condition; without them summaries say their numbers.

    Examples
    --------
    >>> from attnstats.comparison import BestComparison
    >>> from attnstats.results import ConfidenceInterval
    >>> intervals = tuple(ConfidenceInterval(*ends, 0.95, "Hsu") for ends in [(0.0, 0.06), (-0.14, 0.0)])
    >>> BestComparison((0.02, -0.09), intervals, 8, replication_unit="seed")
    best: condition 0 of 0 to 1, ahead by 0.02 (95 % simultaneous), n = 8 seeds, multiple comparisons with the best
    """

    leads: tuple[float, ...]
    intervals: tuple[ConfidenceInterval, ...]
    n: int
    n_missing: int = 0
    replication_unit: str = "replicate"
    names: tuple[str, ...] | None = None

    @property
    def candidates(self) -> tuple[int, ...]:
        """Conditions that may be the best; the best is among them with the confidence of the intervals."""
        return tuple(place for place, interval in enumerate(self.intervals) if interval.high > 0)

    def summary(self) -> str:
        """Return the result in one line, as for a paper."""
        candidates = self.candidates
        level = f"{100 * self.intervals[0].level:g} % simultaneous"
        if len(candidates) == 1:
            (best,) = candidates
            found = f"best: {self._said(candidates)}, ahead by {self.leads[best]:.3g} ({level})"
        else:
            found = f"may be best: {self._said(candidates)} ({level})"
        size = f"n = {counted(self.n, self.replication_unit)}{left_out(self.n_missing)}"
        return f"{found}, {size}, multiple comparisons with the best"

    def _said(self, conditions: tuple[int, ...]) -> str:
        """Return some conditions in words, and how many there are of all."""
        if self.names is not None:
            of = f"{len(conditions)} of {len(self.names)}: " if len(conditions) > 1 else ""
            return of + "; ".join(self.names[place] for place in conditions)
        kind = "condition" if len(conditions) == 1 else "conditions"
        return f"{kind} {', '.join(map(str, conditions))} of 0 to {len(self.leads) - 1}"

    __repr__ = summary


@former_parameters(minimum_seeds="minimum_replicates")
def compare_with_best(
    values: ArrayLike,
    *,
    names: Sequence[object] | None = None,
    confidence_level: float = 0.95,
    n_resamples: int = 19_999,
    minimum_replicates: int = MINIMUM_REPLICATES,
    replication_unit: str = "replicate",
    missing: CompleteCases | None = None,
    rng: RNGLike = None,
) -> BestComparison:
    """Return simultaneous intervals for the lead of every condition over the best of the others.

    For δ_i = μ_i − max_{j≠i} μ_j, with differences D_ij of means, their standard errors S_ij over replicates, and d the
    one-sided critical value of Dunnett for k − 1 comparisons, the constrained intervals of Hsu (1984, Annals of
    Statistics 12, 1136-1144; 1996, Multiple Comparisons, section 4.1) are

        high_i = max(0, min_{j≠i} (D_ij + d S_ij)),     C = {i: high_i > 0},
        low_i = 0 if C = {i}, else min_{j∈C, j≠i} (D_ij − d S_ij).

    C holds the best condition. None need be named beforehand; to test one that was, take `best_test`, whose interval
    may lie above zero. Differences are taken replicate by replicate, whether or not replicate r of two conditions
    shares anything. With few replicates the intervals are too short where the best condition varies far less than the
    others and these have a long tail downward.

    Parameters
    ----------
    values : array_like, shape (n_conditions, n_replicates) or (n_blocks, n_conditions, n_replicates)
        One value per replicate, higher being better. Blocks, for example data sets, weigh the same.
    names : sequence, optional
        What each condition is called in the result's summary, as text, such as ``["layer 3, head 7", ...]``.
    confidence_level : float
        Simultaneous level of all intervals.
    n_resamples : int
        Simulated data sets that give the critical value.
    minimum_replicates, replication_unit, missing, rng
        As in `paired_test`; a replicate is left out of all conditions and blocks.

    Returns
    -------
    BestComparison
        Leads, intervals, and the conditions that may be best.

    Raises
    ------
    InvalidInputError
        If the shape is another, or there is not one name for each condition.
    TooFewSamplesError
        With fewer than two conditions, or fewer replicates than `minimum_replicates`.
    ConstantInputError
        If the difference between two conditions does not vary over replicates.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.comparison import compare_with_best
    >>> values = np.random.default_rng(0).normal([[0.34], [0.25], [0.33]], 0.02, size=(3, 8))
    >>> compare_with_best(values, replication_unit="seed", rng=0)
    may be best: conditions 0, 2 of 0 to 2 (95 % simultaneous), n = 8 seeds, multiple comparisons with the best
    >>> compare_with_best(values, names=["bilstm", "cnn", "transformer"], replication_unit="seed", rng=0)
    may be best: 2 of 3: bilstm; transformer (95 % simultaneous), n = 8 seeds, multiple comparisons with the best
    """
    level = check_fraction(confidence_level, "confidence_level")
    check_count(n_resamples, "n_resamples", minimum=1_000)
    pairs = pairwise_differences(values, minimum_replicates, replication_unit, missing, names)
    k = len(pairs.differences)
    others = ~np.eye(k, dtype=bool)
    margin = pairs.critical_value_against_one(level, n_resamples, as_generator(rng)) * pairs.errors
    leads = np.where(others, pairs.differences, np.inf).min(axis=1)
    highs = np.maximum(np.where(others, pairs.differences + margin, np.inf).min(axis=1), 0.0)
    rivals = others & (highs > 0)
    lows = np.minimum(np.where(rivals, pairs.differences - margin, np.inf).min(axis=1), 0.0)  # 0 without a rival
    method = "multiple comparisons with the best"
    return BestComparison(
        leads=tuple(map(pairs.unit.restore, leads.tolist())),
        intervals=tuple(
            pairs.unit.restore_interval(ConfidenceInterval(low, high, level, method))
            for low, high in zip(lows.tolist(), highs.tolist(), strict=True)
        ),
        n=pairs.n_replicates,
        replication_unit=replication_unit,
        n_missing=pairs.n_missing,
        names=pairs.names,
    )


@former_parameters(minimum_seeds="minimum_replicates")
def best_test(
    values: ArrayLike,
    target: int,
    *,
    confidence_level: float = 0.95,
    n_resamples: int = 99_999,
    minimum_replicates: int = MINIMUM_REPLICATES,
    replication_unit: str = "replicate",
    missing: CompleteCases | None = None,
    rng: RNGLike = None,
) -> SignificanceResult:
    """Test whether one condition is better than every other.

    An intersection-union test: its p-value is the largest of the one-sided sign-flip p-values of target − other, and
    needs no correction (Berger 1982, Technometrics 24, 295-300; Hsu 1996, chapter 4). The effect is the mean of the
    target minus the largest other mean. From t intervals of the differences to m others, the interval joins the
    smallest lower end, at one-sided level α/2, and the smallest upper end, at α/(2m).

    Parameters
    ----------
    values, minimum_replicates, replication_unit, missing
        As in `compare_with_best`.
    target : int
        Index of the condition claimed to be best, not chosen on these values.
    confidence_level, n_resamples, rng
        As in `paired_test`.

    Returns
    -------
    SignificanceResult
        With alternative ``"greater"``; ``n`` counts replicates over blocks.

    Raises
    ------
    InvalidInputError, TooFewSamplesError, ConstantInputError
        If the target is not as above; else as `compare_with_best`.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.comparison import best_test
    >>> values = np.random.default_rng(0).normal([[0.34], [0.25], [0.30]], 0.02, size=(3, 8))
    >>> best_test(values, target=0, replication_unit="seed")
    lead over the best other = 0.0432, 95 % CI [0.027, 0.0628], p = .004, n = 8 seeds, intersection-union of sign-flip
    permutation (exact)
    """
    level = check_fraction(confidence_level, "confidence_level")
    blocks, n_missing = complete_blocks(values, missing, replication_unit, 3, "(n_conditions, n_replicates)")
    n_blocks, n_conditions, n_replicates = blocks.shape
    check_at_least(n_conditions, 2, "number of conditions")
    if isinstance(target, bool) or not isinstance(target, int | np.integer) or not 0 <= target < n_conditions:
        raise InvalidInputError(f"target: must be a condition from 0 to {n_conditions - 1}; got {target!r}")
    strata = np.repeat(np.arange(n_blocks), n_replicates)
    unit = Unit.of(blocks)
    blocks = unit.divide(blocks)
    largest = float(np.abs(blocks).max())
    differences = [(blocks[:, target] - blocks[:, other]).ravel() for other in range(n_conditions) if other != target]
    summaries = [
        replicate_mean(Scaled(each, unit, largest), strata, minimum_replicates, replication_unit)
        for each in differences
    ]
    generator = as_generator(rng)
    tests = [
        sign_flip_test(each, strata=strata, alternative="greater", n_resamples=n_resamples, rng=generator)
        for each in differences
    ]
    weakest = max(tests, key=lambda each: each.pvalue)
    lead = min(summary.effect for summary in summaries)
    interval = partial(_lead_interval, summaries)
    return SignificanceResult(
        test=f"intersection-union of {weakest.test}",
        statistic=lead,
        pvalue=weakest.pvalue,
        alternative="greater",
        effect_name="lead over the best other",
        effect=lead,
        n=n_blocks * n_replicates,
        replication_unit=replication_unit,
        pvalue_floor=max(test.pvalue_floor or 0.0 for test in tests),
        confidence_interval=interval(level),
        n_missing=n_missing,
        _interval=interval,
    )


def _lead_interval(summaries: list[ReplicateMean], level: float) -> ConfidenceInterval:
    tail = (1 - level) / 2
    lows = [each.value + each.error * stdtrit(each.df, tail) for each in summaries]
    highs = [each.value - each.error * stdtrit(each.df, tail / len(summaries)) for each in summaries]
    units = plural(summaries[0].replication_unit)
    scaled = ConfidenceInterval(float(min(lows)), float(min(highs)), level, f"t over {units}, simultaneous")
    return summaries[0].unit.restore_interval(scaled)
