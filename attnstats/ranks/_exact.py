"""What the rank tests share: the door for a pair of samples, and the tails of a null distribution."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from attnstats._conversion import Given
from attnstats._validation import (
    ALTERNATIVES,
    FloatArray,
    IntArray,
    as_order,
    check_at_least,
    check_member,
    check_same_length,
)
from attnstats.exceptions import ConstantInputError, InvalidInputError
from attnstats.resampling import Permutation
from attnstats.resampling.blocks import blocks


def as_pair(
    x: ArrayLike | Given,
    y: ArrayLike | Given,
    alternative: str,
    exact: bool | None = None,
    null: Permutation | None = None,
) -> tuple[FloatArray, FloatArray]:
    """Return x and y as vectors of one length, at least 3, that both vary; check the words of the test too.

    Only their order counts, so what float64 cannot hold (whole numbers beyond 2**53, times) becomes codes.
    """
    first, second = as_order(x, "x", ndim=1), as_order(y, "y", ndim=1)
    check_at_least(check_same_length(x=first, y=second), 3, "number of samples")
    for name, values in (("x", first), ("y", second)):
        if (values == values[0]).all():
            raise ConstantInputError(f"{name}: must hold at least two different values; got {values[0]:g} throughout")
    check_member(alternative, "alternative", ALTERNATIVES)
    check_null(exact, null)
    return first, second


def check_null(exact: bool | None, null: Permutation | None) -> None:
    """Raise unless both words for the null distribution are known and agree."""
    if not (exact is None or isinstance(exact, bool | np.bool_)):
        raise InvalidInputError(f"exact: must be None, True or False; got {exact!r}")
    if not (null is None or isinstance(null, Permutation)):
        raise InvalidInputError(f"null: must be None or Permutation(); got {null!r}")
    if null is not None and exact:
        raise InvalidInputError(f"exact: must be False or None with a null of random permutations; got True, {null!r}")


def exact_pvalue(null: FloatArray, observed: int, alternative: str) -> tuple[float, float]:
    """Return the p-value of an observed score and the smallest p-value that the null distribution allows.

    Parameters
    ----------
    null : ndarray, shape (2 * m + 1,)
        Probability of each score -m, ..., m under the null hypothesis.
    observed : int
        The score.
    alternative : {'two-sided', 'less', 'greater'}
        Two-sided is the probability of a score at least as far from 0, which is the null mean: given ties, the
        distribution need not be symmetric.
    """
    score = np.arange(null.size) - null.size // 2
    distance = {"two-sided": np.abs(score), "greater": score, "less": -score}[alternative]
    reached = {"two-sided": abs(observed), "greater": observed, "less": -observed}[alternative]
    extreme = distance[null > 0].max()
    pvalue, floor = null[distance >= reached].sum(), null[distance >= extreme].sum()
    return min(float(pvalue), 1.0), float(floor)  # the whole distribution sums to 1 but for rounding


def scores_of_pairings(
    score: Callable[[IntArray], NDArray[Any]], n: int, null: Permutation, generator: np.random.Generator
) -> NDArray[Any]:
    """Return the scores of random pairings, shape (n_resamples,); `score` takes orders of y, shape (n_orders, n)."""
    scores = []
    for size in blocks(null.n_resamples, 8 * n):
        orders = np.tile(np.arange(n), (size, 1))
        generator.permuted(orders, axis=1, out=orders)
        scores.append(score(orders))
    return np.concatenate(scores)


def permutation_tail(observed: int, permuted: NDArray[Any], alternative: str) -> float:
    """Return (1 + #)/(B + 1), # of B permuted scores as far out as the observed one; two-sided by distance from 0."""
    distance = {"two-sided": np.abs(permuted), "greater": permuted, "less": -permuted}[alternative]
    reached = {"two-sided": abs(observed), "greater": observed, "less": -observed}[alternative]
    return (1 + int(np.count_nonzero(distance >= reached))) / (len(permuted) + 1)
