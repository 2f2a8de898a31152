"""The test of Kendall's S, and the coefficients that divide it by a count of pairs: tau, Somers' d, gamma."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from attnstats._validation import FloatArray, IntArray, RNGLike, as_generator
from attnstats.exceptions import ConstantInputError, InvalidInputError
from attnstats.missing import CompleteCases
from attnstats.ranks._kernels import ordered, pair_counts, score_variance
from attnstats.ranks._partner_kernels import partner_moments
from attnstats.ranks.coefficients._arguments import as_pair
from attnstats.ranks.coefficients._exact_nulls import score_cost, score_distribution, tie_sizes
from attnstats.ranks.coefficients._pvalues import exact_pvalue, permutation_pvalue, permuted_scores, tail_pvalue
from attnstats.ranks.coefficients.contingency_table import ContingencyTable, pairs_of
from attnstats.ranks.coefficients.resampled_tau import Tau
from attnstats.ranks.intervals._estimate import RankEstimate
from attnstats.ranks.intervals._rank_interval import RankInterval, rank_result, with_interval
from attnstats.ranks.intervals.fisher_z import JackknifeInterval
from attnstats.ranks.intervals.score_interval import ScoreInterval, kendall_pivot
from attnstats.resampling import Permutation
from attnstats.results import SignificanceResult

#: Operations up to which the exact null is the default (less than a second), and up to which it can be asked for.
_AUTO_COST, _MAX_COST = 2.5e8, 1e9
#: Samples up to which the exact null is the default.
_AUTO_SAMPLES = 50


class PartnerMoments(NamedTuple):
    """Of S and of the untied in x, in y and in both among each sample's partners: totals and products over samples."""

    n: int
    totals: IntArray
    #: Halves of the sums of products, high * 2^32 + low.
    high: IntArray
    low: IntArray

    @property
    def products(self) -> NDArray[Any]:
        """Sums of products as Python integers."""
        return self.high.astype(object) * 2**32 + self.low

    def centred(self) -> FloatArray:
        """Return n times the centred sums of products; exact, so independent of the samples' order."""
        totals = self.totals.astype(object)
        return np.asarray(self.n * self.products - np.outer(totals, totals), dtype=np.float64)

    def score_variance(self) -> float:
        """Return the variance of S over all pairings given the ties."""
        # A sample in a group of t equal values has u = t - 1 tied partners, so the ordered pairs within groups are the
        # sum of u, and the triples that of u (u - 1).
        others, tied = self.n - 1, []
        for each in (1, 2):
            total, square = int(self.totals[each]), self.products[each, each]
            pairs = self.n * others - total
            tied.append((float(pairs), float(self.n * others**2 - 2 * others * total + square - pairs)))
        return float(score_variance(self.n, *tied))


@dataclass(frozen=True)
class OrdinalAssociation:
    """A measure of ordinal association: Kendall's S divided by a count of pairs."""

    name: str
    #: Takes four counts (S; pairs untied in x; in y; in both), shape (4,), and the number of all pairs. Returns the
    #: coefficient, its derivatives by the four counts, shape (4,), and the largest value that the ties allow.
    of_counts: Callable[[FloatArray, int], tuple[float, FloatArray, float]]
    #: As in `RankEstimate`.
    fieller: tuple[float, int] | None = None
    #: The same coefficient with compiled code for resamples.
    compiled: Callable[[FloatArray], float] | None = None

    def __call__(self, rows: FloatArray) -> float:
        """Return the coefficient of rows, shape (n, 2); NaN where it is not defined."""
        n = len(rows)
        score, tied_x, tied_y, tied_either, _ = pair_counts(*np.ascontiguousarray(rows.T))
        pairs = n * (n - 1) // 2
        if pairs in (tied_x, tied_y):
            return math.nan
        return self.of_counts(np.array([score, pairs - tied_x, pairs - tied_y, pairs - tied_either], float), pairs)[0]

    def variances(self, moments: PartnerMoments) -> tuple[float, float]:
        """Return the jackknife variance and a deflated one, to first order in the four counts of pairs."""
        # The derivative of the coefficient along the signs of the pair i, j is h_ij, with mean h_i over j, both centred
        # on 0. The jackknife variance is 4 (n − 1)/(n (n − 2)²) Σ h_i², too large since an h_i also varies with its
        # partners. The variance of a U-statistic is (4 (n − 2) ζ₁ + 2 ζ₂)/(n (n − 1)), ζ₁ = var E[h_12 | 1] and
        # ζ₂ = var h_12 (Hoeffding 1948). The deflated one estimates ζ₂ by the mean square of h_ij, and ζ₁ by that of
        # h_i less what the partners would contribute if no two h_i shared one, which is too much.
        n = moments.n
        pairs = n * (n - 1) // 2
        counts = moments.totals / 2
        derivatives = pairs * self.of_counts(counts, pairs)[1]
        shares = counts / pairs
        samples = float(derivatives @ moments.centred() @ derivatives) / (n * (n - 1) ** 2)  # Σ h_i²
        # Mean products of the signs of a pair: S times untied is S; S squared, and untied in x times in y, are untied
        # in both.
        score, in_x, in_y, in_both = shares
        second = np.array(
            [
                [in_both, score, score, score],
                [score, in_x, in_both, in_both],
                [score, in_both, in_y, in_both],
                [score, in_both, in_both, in_both],
            ]
        ) - np.outer(shares, shares)
        within = float(derivatives @ second @ derivatives) * n * (n - 1) / (n * (n - 1) - 1)
        first = (samples / (n - 1) - within / (n - 1)) * (n - 1) / (n - 2)
        return (4 * (n - 1) / (n * (n - 2) ** 2) * samples, (4 * (n - 2) * first + 2 * within) / (n * (n - 1)))


#: One that is given, or that depends on x and y.
Coefficient: TypeAlias = OrdinalAssociation | Callable[[FloatArray, FloatArray], OrdinalAssociation]


def kendall_s_test(
    given_x: ArrayLike | ContingencyTable,
    given_y: ArrayLike | None,
    coefficient: Coefficient,
    test: str,
    alternative: str,
    exact: bool | None,
    null: Permutation | None,
    interval: RankInterval | None,
    missing: CompleteCases | None,
    rng: RNGLike,
) -> SignificanceResult:
    """Return the test of S, the same for every coefficient, with the coefficient as effect."""
    kept_x, kept_y, n_missing = pairs_of(given_x, given_y, missing)
    x, y = as_pair(kept_x, kept_y, alternative, exact, null)
    if not isinstance(coefficient, OrdinalAssociation):
        coefficient = coefficient(x, y)
    moments = PartnerMoments(x.size, *partner_moments(*ordered(x, y)))
    n = x.size
    pairs = n * (n - 1) // 2
    counts = moments.totals / 2
    score = int(counts[0])
    found, _, largest = coefficient.of_counts(counts, pairs)
    value = float(found)
    if math.isnan(value):
        raise ConstantInputError("x and y: must have a pair of samples untied in both for gamma; got none")
    estimate = RankEstimate(
        name=coefficient.name,
        value=value,
        scale=largest,
        rows=np.column_stack([x, y]),
        tied=counts[3] < pairs,
        statistic=coefficient.compiled or coefficient,
        variances=partial(coefficient.variances, moments),
        fieller=coefficient.fieller,
        pivot=kendall_pivot if largest == 1 else None,  # its normal variance is that of a tau that can reach 1
    )
    generator = as_generator(rng)
    floor: float | None
    if null is not None:
        how, floor = f"{null.n_resamples} permutations", null.floor
        taus = permuted_scores(partial(Tau("a").permuted, x, y), np.arange(n), null, generator)
        pvalue = permutation_pvalue(score, np.rint(pairs * taus), alternative)
    elif _is_exact(x, y, exact):
        how = "exact"
        pvalue, floor = exact_pvalue(score_distribution(tie_sizes(x), tie_sizes(y)), score, alternative)
    else:
        how, floor = "normal approximation given ties", None
        pvalue = tail_pvalue(special.ndtr, score / math.sqrt(moments.score_variance()), alternative)
    if interval is None:
        interval = JackknifeInterval() if estimate.pivot is None else ScoreInterval()
    result = rank_result(estimate, f"{test} ({how})", pvalue, alternative, floor=floor, n_missing=n_missing)
    return with_interval(result, interval, estimate, generator)


def _is_exact(x: FloatArray, y: FloatArray, exact: bool | None) -> bool:
    """Return whether to use the exact null distribution; raise if it was asked for and is out of reach."""
    if exact is False or (exact is None and x.size > _AUTO_SAMPLES):
        return False
    sizes_x, sizes_y = tie_sizes(x), tie_sizes(y)
    cost = score_cost(sizes_x, sizes_y)
    if exact and cost > _MAX_COST:
        raise InvalidInputError(
            f"exact: must be False or None with more than 150 samples or with many tied groups in both x and y; "
            f"got True with {x.size} samples in {len(sizes_x)} and {len(sizes_y)} groups"
        )
    return bool(exact) or cost <= _AUTO_COST
