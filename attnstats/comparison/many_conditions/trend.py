"""Tests of an ordered alternative: Page's within blocks, Jonckheere's between independent groups."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import partial, reduce

import numpy as np
from numpy.typing import ArrayLike

from attnstats._validation import ALTERNATIVES, FloatArray, as_float_array, check_at_least, check_member
from attnstats.comparison._arguments import check_exact
from attnstats.comparison._complete import complete_samples
from attnstats.comparison._unit import Scaled
from attnstats.comparison.many_conditions._trend_nulls import (
    doubled_pair_counts,
    jonckheere_variance,
    normal_pvalue,
    tails,
    weighted_rank_sums,
)
from attnstats.comparison.many_conditions.friedman import block_ranks
from attnstats.comparison.replication import replicate_mean
from attnstats.comparison.two_conditions.effect_size import doubled_placements
from attnstats.exceptions import ConstantInputError, InvalidInputError
from attnstats.missing import CompleteCases
from attnstats.results import ConfidenceInterval, SignificanceResult

#: Number operations that an exact null may take: by default, and at most.
_AUTO_COST, _MAX_COST = 100_000_000, 5_000_000_000


def page_test(
    values: ArrayLike,
    *,
    alternative: str = "greater",
    exact: bool | None = None,
    replication_unit: str = "block",
    missing: CompleteCases | None = None,
) -> SignificanceResult:
    """Test whether values rise over conditions in their given order, comparing within blocks (Page's trend test).

    L = Σ_j j R_j (Page 1963, Journal of the American Statistical Association 58, 216-230), where R_j is the sum over n
    blocks of the midrank of the j-th of k conditions. The effect is the mean over blocks of the rank correlation of the
    values with the order, (L − n k (k + 1)²/4)/(n k (k² − 1)/12): 1 if every block rises strictly, −1 if it falls,
    nearer to zero under ties; `interval` on the result is a t interval over the blocks. The exact p-value is that of L
    over all orders within every block, given the ties. Elsewhere L is taken to be normal with its variance given the
    ties.

    Parameters
    ----------
    values : array_like, shape (n_conditions, n_blocks)
        One value per condition and block; at least two blocks and three conditions, in the order claimed, declared
        before looking.
    alternative : {'greater', 'less', 'two-sided'}
        Whether the values rise in the given order, fall, or either.
    exact : bool, optional
        Whether to take the exact distribution. By default where it takes less than about a second: up to 12 conditions.
    replication_unit, missing
        As in `friedman_test`.

    Returns
    -------
    SignificanceResult
        The statistic is L; ``n`` counts blocks.

    Raises
    ------
    InvalidInputError
        If the shape is another, or ``exact=True`` would take too long.
    TooFewSamplesError, ConstantInputError
        With fewer than three conditions or two blocks; if all values of every block are tied.

    Examples
    --------
    >>> from attnstats.comparison import page_test
    >>> gini = [[0.41, 0.38, 0.40, 0.39], [0.44, 0.43, 0.45, 0.41], [0.46, 0.42, 0.49, 0.44], [0.50, 0.47, 0.48, 0.49]]
    >>> page_test(gini, replication_unit="seed")
    mean rank correlation with the order = 0.9, p < .001, n = 4 seeds, Page's trend test (exact)
    """
    check_member(alternative, "alternative", ALTERNATIVES)
    check_exact(exact)
    ranks, n_missing = block_ranks(values, missing, replication_unit)
    n, k = ranks.shape
    check_at_least(k, 3, "number of conditions")
    order = np.arange(1, k + 1)
    statistic = float((ranks @ order).sum())
    squares = ((ranks - (k + 1) / 2) ** 2).sum(axis=1)
    if not squares.any():
        raise ConstantInputError("values: must differ between the conditions of some block; got ties throughout")
    centre, scale = n * k * (k + 1) ** 2 / 4, k * (k**2 - 1) / 12
    correlations = (ranks - (k + 1) / 2) @ order / scale
    cost = n * 2**k * k**3 + n**2 * k**6
    if _is_exact(exact, cost, f"{k} conditions in {n} blocks"):
        patterns = (tuple(sorted(np.rint(2 * row).astype(int).tolist())) for row in ranks)
        null = reduce(np.convolve, (weighted_rank_sums(pattern) for pattern in patterns))
        pvalue, floor = tails(null, round(2 * statistic), round(4 * centre), alternative)
        test = "Page's trend test (exact)"
    else:
        variance = float(squares.sum()) * k * (k + 1) / 12  # of Σ_j j r_j: Σ (j − mean)² Σ (r − mean)²/(k − 1)
        pvalue, floor = normal_pvalue((statistic - centre) / math.sqrt(variance), alternative), None
        test = "Page's trend test (normal approximation given ties)"
    return SignificanceResult(
        test=test,
        statistic=statistic,
        pvalue=pvalue,
        alternative=alternative,
        effect_name="mean rank correlation with the order",
        effect=(statistic - centre) / (n * scale),
        n=n,
        replication_unit=replication_unit,
        pvalue_floor=floor,
        n_missing=n_missing,
        _interval=partial(_correlation_interval, correlations, replication_unit),
    )


def jonckheere_test(
    groups: Sequence[ArrayLike],
    *,
    alternative: str = "greater",
    exact: bool | None = None,
    replication_unit: str = "replicate",
    missing: CompleteCases | None = None,
) -> SignificanceResult:
    """Test whether values rise over independent groups in their given order (Jonckheere-Terpstra).

    J (Jonckheere 1954, Biometrika 41, 133-145) counts the pairs from different groups in which the value of the later
    group is higher, ties counting one half. The effect is J over the number of pairs: the probability that the later
    group is higher, 1/2 if there is no trend. The exact p-value is that of J over all ways to deal the values to the
    groups, given the ties. Elsewhere J is taken to be normal with its variance given the ties (Hollander, Wolfe and
    Chicken 2014, Nonparametric Statistical Methods, equation 6.19).

    Parameters
    ----------
    groups : sequence of array_like, shape (n_i,)
        Independent values of at least two groups, in the order claimed, declared before looking. Where groups share
        replicates, take `page_test`.
    alternative, exact
        As in `page_test`; by default exact for up to about three groups of 20, four of 8.
    replication_unit, missing
        As in `paired_test`; missing values are left out of each group.

    Returns
    -------
    SignificanceResult
        The statistic is J; ``n`` counts the values of all groups.

    Raises
    ------
    InvalidInputError
        If a group is not a vector, or ``exact=True`` would take too long.
    TooFewSamplesError, ConstantInputError
        With fewer than two groups or three values, or an empty group; if all values are tied.

    Examples
    --------
    >>> from attnstats.comparison import jonckheere_test
    >>> shallow, middle, deep = [0.31, 0.28, 0.33, 0.30], [0.34, 0.32, 0.36, 0.29], [0.38, 0.35, 0.37, 0.40]
    >>> jonckheere_test([shallow, middle, deep])
    P(later > earlier) = 0.896, p = .002, n = 12 replicates, Jonckheere-Terpstra test (exact)
    """
    check_member(alternative, "alternative", ALTERNATIVES)
    check_exact(exact)
    no_sequence = isinstance(groups, str | bytes) or not isinstance(groups, Iterable)
    if no_sequence or hasattr(groups, "columns") or getattr(groups, "ndim", 1) == 0:
        raise InvalidInputError(
            "groups: must be a sequence of vectors, one for each group, such as [frame[name] for name in names]; got"
            f" {type(groups).__name__}"
        )
    given, n_missing = complete_samples(missing, **{f"groups[{place}]": group for place, group in enumerate(groups)})
    samples = [as_float_array(group, f"groups[{place}]", ndim=1) for place, group in enumerate(given)]
    check_at_least(len(samples), 2, "number of groups")
    for place, sample in enumerate(samples):
        check_at_least(len(sample), 1, f"number of values in groups[{place}]")
    sizes = tuple(len(sample) for sample in samples)
    n = sum(sizes)
    check_at_least(n, 3, "number of values")
    ties = tuple(np.unique(np.concatenate(samples), return_counts=True)[1].tolist())
    if len(ties) == 1:
        raise ConstantInputError(f"groups: must hold at least two different values; got {samples[0][0]:g} throughout")
    doubled = sum(
        int(doubled_placements(later, earlier).sum())
        for place, later in enumerate(samples)
        for earlier in samples[:place]
    )
    pairs = (n**2 - sum(size**2 for size in sizes)) // 2
    cost = math.prod(size + 1 for size in sizes) * math.comb(max(ties) + len(sizes) - 1, max(ties)) * (2 * pairs + 50)
    if _is_exact(exact, cost, f"{n} values in {len(sizes)} groups"):
        pvalue, floor = tails(doubled_pair_counts(sizes, ties), doubled, 2 * pairs, alternative)
        test = "Jonckheere-Terpstra test (exact)"
    else:
        z = (doubled - pairs) / (2 * math.sqrt(jonckheere_variance(sizes, ties)))
        pvalue, floor = normal_pvalue(z, alternative), None
        test = "Jonckheere-Terpstra test (normal approximation given ties)"
    return SignificanceResult(
        test=test,
        statistic=doubled / 2,
        pvalue=pvalue,
        alternative=alternative,
        effect_name="P(later > earlier)",
        effect=doubled / (2 * pairs),
        n=n,
        replication_unit=replication_unit,
        pvalue_floor=floor,
        n_missing=n_missing,
    )


def _correlation_interval(correlations: FloatArray, replication_unit: str, level: float) -> ConfidenceInterval:
    return replicate_mean(Scaled.of(correlations), None, 2, replication_unit).interval(level)


def _is_exact(exact: bool | None, cost: int, size: str) -> bool:
    if exact and cost > _MAX_COST:
        raise InvalidInputError(f"exact: must be False or None for {size}; got True")
    return cost <= _AUTO_COST if exact is None else exact
