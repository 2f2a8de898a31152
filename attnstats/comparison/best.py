"""Multiple comparisons with the best: how far may each condition lie behind, or ahead of, the best of the others?"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from attnstats._validation import RNGLike, as_generator, check_count, check_fraction
from attnstats.comparison.seeds import MINIMUM_SEEDS
from attnstats.comparison.simultaneous import pairwise_differences
from attnstats.missing import CompleteCases
from attnstats.results import ConfidenceInterval, left_out

if TYPE_CHECKING:
    from attnstats.frame import Row


@dataclass(frozen=True, slots=True)
class BestComparison:
    """Each condition against the best of the others.

    Parameters
    ----------
    leads : tuple of float
        Mean of the condition minus the largest other mean; negative for all but the one that looks best.
    intervals : tuple of ConfidenceInterval
        Simultaneous intervals of the leads, each containing zero or ending there.
    n_seeds : int
        Seeds of each condition and block.
    n_missing : int
        Seeds left out as incomplete.

    Examples
    --------
    >>> ends = [(-0.01, 0.06), (-0.14, 0.0), (-0.06, 0.01)]
    >>> BestComparison((0.02, -0.09, -0.02), tuple(ConfidenceInterval(*each, 0.95, "Hsu") for each in ends), 8)
    may be best: conditions 0, 2 of 0 to 2 (95 % simultaneous), n = 8 seeds, multiple comparisons with the best
    """

    leads: tuple[float, ...]
    intervals: tuple[ConfidenceInterval, ...]
    n_seeds: int
    n_missing: int = 0

    @property
    def candidates(self) -> tuple[int, ...]:
        """Conditions that may be the best; with the confidence of the intervals the best is among them."""
        return tuple(place for place, interval in enumerate(self.intervals) if interval.high > 0)

    def rows(self) -> "list[Row]":
        """Return the rows of the results frame, one for each condition."""
        from attnstats.frame import Row, encode_parameters, interval_columns  # loads pandas

        return [
            Row(
                quantity="lead",
                parameters=encode_parameters(condition=condition),
                value=lead,
                n=self.n_seeds,
                replication_unit="seed",
                n_seeds=self.n_seeds,
                **interval_columns(interval),
            )
            for condition, (lead, interval) in enumerate(zip(self.leads, self.intervals, strict=True))
        ]

    def summary(self) -> str:
        """Return the result as a sentence would have it in a paper."""
        candidates = self.candidates
        level = f"{100 * self.intervals[0].level:g} % simultaneous"
        if len(candidates) == 1:
            (best,) = candidates
            found = f"best: condition {best} of 0 to {len(self.leads) - 1}, ahead by {self.leads[best]:.3g} ({level})"
        else:
            found = f"may be best: conditions {', '.join(map(str, candidates))} of 0 to {len(self.leads) - 1} ({level})"
        size = f"n = {self.n_seeds} seeds{left_out(self.n_missing)}"
        return f"{found}, {size}, multiple comparisons with the best"

    def __repr__(self) -> str:
        return self.summary()


def compare_with_best(
    values: ArrayLike,
    *,
    confidence_level: float = 0.95,
    n_resamples: int = 19_999,
    minimum_seeds: int = MINIMUM_SEEDS,
    missing: CompleteCases | None = None,
    rng: RNGLike = None,
) -> BestComparison:
    """Return simultaneous intervals for the lead of every condition over the best of the others.

    For δ_i = μ_i − max_{j≠i} μ_j, with differences D_ij of means, their standard errors S_ij over seeds, and d the
    one-sided critical value of Dunnett for k − 1 comparisons, Hsu's constrained intervals are

        high_i = max(0, min_{j≠i} (D_ij + d S_ij)),     C = {i: high_i > 0},
        low_i = 0 if C = {i}, else min_{j∈C, j≠i} (D_ij − d S_ij).

    C holds the best condition, and where it holds one alone that one is the best. No condition need be named
    beforehand; to claim a lead for one that was, take `best_test`, whose interval may lie above zero.

    Differences are taken seed by seed, which is valid whether or not seed s of two conditions shares anything, and
    gains where it does. In simulations with one condition ahead nominal 95 % intervals covered .945 to .96 for normal
    noise at 5 to 20 seeds, equal or not, .96 for t (3 df) and .97 for exponential noise. With equal means they always
    cover, since each contains zero or ends there. Where the best varies ten times less than the others and these have
    a long (exponential) tail downward they covered only .71 at 8 seeds
    (``analysis/validity/results/many_conditions.csv``).

    Parameters
    ----------
    values : array_like, shape (n_conditions, n_seeds) or (n_blocks, n_conditions, n_seeds)
        One value per trained model, higher being better. Blocks, for example data sets, weigh the same.
    confidence_level : float
        Simultaneous level of all intervals.
    n_resamples : int
        Simulated data sets from which the critical value comes.
    minimum_seeds : int
        Fewest seeds accepted; lower it knowingly.
    missing : CompleteCases, optional
        How to treat missing values, seed by seed over all conditions and blocks; by default they raise an error.
    rng : seed or Generator, optional
        Source of randomness of the critical value.

    Returns
    -------
    BestComparison
        Leads, intervals, and the conditions that may be best.

    Raises
    ------
    InvalidInputError
        If the shape is another.
    TooFewSamplesError
        With fewer than two conditions, or fewer seeds than `minimum_seeds`.
    ConstantInputError
        If the difference between two conditions does not vary over seeds.

    References
    ----------
    Hsu (1984), Annals of Statistics 12, 1136-1144. Hsu (1996), Multiple Comparisons, section 4.1.

    Examples
    --------
    >>> import numpy as np
    >>> values = np.random.default_rng(0).normal([[0.34], [0.25], [0.33]], 0.02, size=(3, 8))
    >>> result = compare_with_best(values, rng=0)
    >>> result
    may be best: conditions 0, 2 of 0 to 2 (95 % simultaneous), n = 8 seeds, multiple comparisons with the best
    >>> result.intervals[1]
    95 % CI [-0.127, 0] (multiple comparisons with the best)
    """
    level = check_fraction(confidence_level, "confidence_level")
    check_count(n_resamples, "n_resamples", minimum=1_000)
    pairs = pairwise_differences(values, minimum_seeds=minimum_seeds, missing=missing)
    k = len(pairs.differences)
    others = ~np.eye(k, dtype=bool)
    with_first = np.zeros((k, k), dtype=bool)
    with_first[0, 1:] = True
    margin = pairs.critical_value(with_first, level, n_resamples, as_generator(rng)) * pairs.errors
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
        n_seeds=pairs.n_seeds,
        n_missing=pairs.n_missing,
    )
