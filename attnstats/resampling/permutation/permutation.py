"""Permutation tests, exact where there are few arrangements, with their smallest attainable p-value."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from attnstats._parallel import parallel_map
from attnstats._validation import (
    ALTERNATIVES,
    FloatArray,
    IntArray,
    RNGLike,
    as_float_array,
    as_generator,
    check_at_least,
    check_count,
    check_flag,
    check_member,
)
from attnstats.exceptions import InvalidInputError, NonFiniteError
from attnstats.missing import CompleteCases
from attnstats.resampling._blocks import blocks, rows_per_block
from attnstats.resampling.permutation.exchange import Kind, Pairings
from attnstats.resampling.statistic import PermutedStatistic, check_number, check_takes, evaluate
from attnstats.results import SignificanceResult

#: Two values of a statistic are tied if they differ by less than this share of the larger: the same value summed in
#: another order differs by rounding, and must count as reached.
TIE_TOLERANCE = 1e-10
#: Arrangements that one task evaluates with one generator.
CHUNK = 256


@dataclass(frozen=True)
class Permutation:
    """Random permutations for a null distribution.

    Parameters
    ----------
    n_resamples : int
        Permutations; the smallest p-value that they can give is 1/(n_resamples + 1).

    Examples
    --------
    >>> from attnstats.resampling import Permutation
    >>> Permutation(999).floor
    0.001
    """

    n_resamples: int = 199

    def __post_init__(self) -> None:
        check_count(self.n_resamples, "n_resamples")

    @property
    def floor(self) -> float:
        """Smallest one-sided p-value that is attainable."""
        return 1 / (self.n_resamples + 1)

    def arrangement(self, n: int, rng: RNGLike = None) -> IntArray:
        """Return for each of n rows the row whose value it receives, shape (n,)."""
        return as_generator(rng).permutation(n)


def permutation_pvalue(
    observed: float, null: ArrayLike, *, alternative: str = "two-sided", exact: bool = False
) -> float:
    """Return the p-value of an observed statistic among its permuted values.

    One-sided it is (1 + #{T* ≥ T})/(B + 1) over B random permutations, where the observed arrangement counts as one of
    them (Phipson and Smyth 2010), or #{T* ≥ T}/N over all N arrangements. Values equal up to rounding count as reached.
    Two-sided it is twice the smaller of the one-sided values, at most 1.

    Parameters
    ----------
    observed : float
        Statistic of the data.
    null : array_like, shape (n_resamples,)
        Statistics of the permuted data; every arrangement, the observed one included, if `exact`.
    alternative : {'two-sided', 'less', 'greater'}
        Side on which the statistic lies under the alternative hypothesis.
    exact : bool
        Whether `null` is the full enumeration.

    Returns
    -------
    float
        In (0, 1], never zero.

    Raises
    ------
    NonFiniteError
        If a value is NaN or infinite.

    References
    ----------
    Phipson and Smyth (2010), Statistical Applications in Genetics and Molecular Biology 9, 39.

    Examples
    --------
    >>> from attnstats.resampling import permutation_pvalue
    >>> permutation_pvalue(3.0, [0.0, 1.0, 2.0], alternative="greater")
    0.25
    """
    check_member(alternative, "alternative", ALTERNATIVES)
    values = as_float_array(null, "null", ndim=1)
    check_at_least(len(values), 1, "number of permuted statistics")
    observed = check_number(observed, "observed")
    if not math.isfinite(observed):
        raise NonFiniteError(f"observed: must be finite; got {observed!r}")
    tolerance = TIE_TOLERANCE * max(abs(observed), float(np.abs(values).max()))
    added = 0 if check_flag(exact, "exact") else 1
    above = (np.count_nonzero(values >= observed - tolerance) + added) / (len(values) + added)
    below = (np.count_nonzero(values <= observed + tolerance) + added) / (len(values) + added)
    pvalue = {"greater": above, "less": below, "two-sided": min(1.0, 2 * min(above, below))}[alternative]
    if pvalue == 0:
        raise InvalidInputError("null: must hold the observed arrangement if exact; no value reaches the observed one")
    return float(pvalue)


def permutation_test(
    x: ArrayLike,
    y: ArrayLike,
    statistic: Callable[[FloatArray, FloatArray], float],
    *,
    kind: Kind = Pairings(),  # noqa: B008 (frozen)
    alternative: str = "two-sided",
    n_resamples: int = 9_999,
    missing: CompleteCases | None = None,
    n_jobs: int | None = None,
    rng: RNGLike = None,
) -> SignificanceResult:
    """Test a statistic of two samples against its permutation distribution.

    All different arrangements are enumerated when there are at most ``n_resamples + 1`` of them; else ``n_resamples``
    are drawn. They are held in blocks of 16 MB. `permutation_pvalue` states the p-value.

    Parameters
    ----------
    x, y : array_like, shape (n_x, ...) and (n_y, ...)
        The samples; the first axis counts the units.
    statistic : callable
        Takes x and y, returns a number. A `PermutedStatistic`, such as `attnstats.ranks.Tau`, takes its compiled path.
    kind : Pairings, Blocked, ClusterLabels or Independent
        What is exchangeable under the null: the pairing of x and y, at large or within blocks; the labels y of whole
        clusters; or the membership in the samples.
    alternative : {'two-sided', 'less', 'greater'}
        Side on which the statistic lies under the alternative hypothesis.
    n_resamples : int
        Random permutations, or the largest number (less one) to enumerate.
    missing : CompleteCases, optional
        How to treat missing values in x, y and the labels of the kind, row by row (for `Independent` in each sample on
        its own); by default they raise an error.
    n_jobs : int, optional
        Workers; the numbers do not depend on it.
    rng : seed or Generator, optional
        Source of randomness; unused when exact.

    Returns
    -------
    SignificanceResult
        The effect is the statistic; ``n`` counts pairs, clusters, or the units of both samples. `pvalue_floor` is what
        the number of arrangements allows; ties in x can keep a p-value from reaching it.

    Raises
    ------
    TooFewSamplesError
        If a sample has fewer than two units.
    NonFiniteError
        If a datum or a permuted statistic is NaN or infinite.

    Examples
    --------
    >>> from attnstats.resampling import ClusterLabels, Independent, permutation_test
    >>> permutation_test([1, 2, 3, 4], [5, 6, 7, 8], lambda x, y: x.mean() - y.mean(), kind=Independent())
    statistic = -4, p = .029, n = 8 observations, two-sample permutation (exact)

    Eight rows of four models, two of which were trained in another way:

    >>> def difference(values, label):
    ...     return values[label == 1].mean() - values[label == 0].mean()
    >>> permutation_test(range(8), [0, 0, 0, 0, 1, 1, 1, 1], difference, kind=ClusterLabels([0, 0, 1, 1, 2, 2, 3, 3]))
    statistic = 4, p = .333, n = 4 clusters, permutation of cluster labels (exact)
    """
    check_member(alternative, "alternative", ALTERNATIVES)
    check_count(n_resamples, "n_resamples")
    check_takes(statistic, 2, "x and y")
    if isinstance(kind, type) or not hasattr(kind, "enumerate"):
        raise InvalidInputError(
            f"kind: must be Pairings(), Blocked(blocks), ClusterLabels(groups) or Independent(); got {kind!r}"
        )
    kind, x, y, n_missing = kind.complete(x, y, missing)
    first, second = as_float_array(x, "x"), as_float_array(y, "y")
    for array, name in ((first, "x"), (second, "y")):
        check_at_least(len(array) if array.ndim and array.size else 0, 2, f"number of units in {name}")
    kind.check(first, second)
    n_arrangements = kind.count(first, second)
    exact = n_arrangements <= n_resamples + 1
    evaluated = partial(_statistics, first, second, statistic, kind)
    generator = as_generator(rng)
    if exact:
        null = _over_all(evaluated, kind.enumerate(first, second), n_jobs)
    else:
        counts = [min(CHUNK, n_resamples - start) for start in range(0, n_resamples, CHUNK)]
        drawn = partial(_over_random, evaluated, partial(kind.draw, first, second), 8 * len(second))
        null = np.concatenate(parallel_map(drawn, counts, rng=generator, n_jobs=n_jobs))
    if undefined := int((~np.isfinite(null)).sum()):
        raise NonFiniteError(
            f"statistic: must be finite in every arrangement under the null; got {undefined} NaN or infinite value(s) "
            f"of {len(null)}"
        )
    observed = evaluate(statistic, first.copy(), second.copy())
    if not math.isfinite(observed):
        raise NonFiniteError(f"statistic: must be finite; got {observed!r}")
    n, unit = kind.units(first, second)
    return SignificanceResult(
        test=f"{kind.name} ({'exact' if exact else f'{n_resamples} resamples'})",
        statistic=observed,
        pvalue=permutation_pvalue(observed, null, alternative=alternative, exact=exact),
        alternative=alternative,
        effect_name="statistic",
        effect=observed,
        n=n,
        replication_unit=unit,
        n_missing=n_missing,
        pvalue_floor=min(
            1.0, (2 if alternative == "two-sided" else 1) / (n_arrangements if exact else n_resamples + 1)
        ),
    )


def _statistics(
    x: FloatArray,
    y: FloatArray,
    statistic: Callable[..., Any],
    kind: Kind,
    orders: Iterable[IntArray],
    _: np.random.Generator | None = None,
) -> FloatArray:
    """Return the statistic in each of the arrangements; as a task it is given a generator that it does not need."""
    if isinstance(kind, Pairings) and isinstance(statistic, PermutedStatistic):
        return statistic.permuted(x, y, np.stack(list(orders)))
    pairs = (kind.apply(x, y, order) for order in orders)
    # Copies, since a statistic may sort in place.
    return np.array([evaluate(statistic, a.copy(), b.copy()) for a, b in pairs])


def _over_random(
    evaluated: Callable[[Iterable[IntArray]], FloatArray],
    draw: Callable[[np.random.Generator], IntArray],
    order_bytes: int,
    n_orders: int,
    generator: np.random.Generator,
) -> FloatArray:
    """Return the statistic in random arrangements, a block of which is held at once."""
    sizes = blocks(n_orders, order_bytes)
    return np.concatenate([evaluated(draw(generator) for _ in range(size)) for size in sizes])


def _over_all(evaluated: Callable[..., FloatArray], orders: Iterator[IntArray], n_jobs: int | None) -> FloatArray:
    """Return the statistic in all arrangements, a block of which is held at once."""
    null = []
    while first := list(islice(orders, 1)):
        block = [*first, *islice(orders, rows_per_block(first[0].nbytes) - 1)]
        tasks = [block[start : start + CHUNK] for start in range(0, len(block), CHUNK)]
        null += parallel_map(evaluated, tasks, rng=0, n_jobs=n_jobs)
    return np.concatenate(null)
