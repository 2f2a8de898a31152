"""Permutation tests, exact where the group is small, with the smallest p-value that they could have given."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations, permutations
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike

from attnstats._parallel import parallel_map
from attnstats._validation import (
    ALTERNATIVES,
    FloatArray,
    IntArray,
    RNGLike,
    as_float_array,
    check_at_least,
    check_count,
    check_member,
)
from attnstats.exceptions import InvalidInputError, NonFiniteError
from attnstats.results import SignificanceResult

#: Two values of a statistic are tied if they differ by less than this share of the larger: the same value summed in
#: another order differs by rounding, and must count as reached.
TIE_TOLERANCE = 1e-10
#: Arrangements that one task evaluates with one generator.
CHUNK = 256


@dataclass(frozen=True)
class Permutation:
    """How many random permutations a null distribution is drawn from.

    Parameters
    ----------
    n_resamples : int
        Permutations; the smallest p-value that they can give is 1/(n_resamples + 1).

    Examples
    --------
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


def permutation_pvalue(
    observed: float, null: ArrayLike, *, alternative: str = "two-sided", exact: bool = False
) -> float:
    """Return the p-value of an observed statistic among its permuted values.

    One-sided it is (1 + #{T* ≥ T})/(B + 1) over B random permutations, where the observed arrangement counts
    as one of them (Phipson and Smyth 2010), or #{T* ≥ T}/N over all N arrangements. Values equal up to
    rounding count as reached. Two-sided it is twice the smaller of the one-sided values, at most 1.

    Parameters
    ----------
    observed : float
        Statistic of the data.
    null : array_like, shape (n_resamples,)
        Statistics of the permuted data; every arrangement, the observed one included, if `exact`.
    alternative : {'two-sided', 'less', 'greater'}
        Which values speak against the null.
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
    >>> permutation_pvalue(3.0, [0.0, 1.0, 2.0], alternative="greater")
    0.25
    """
    check_member(alternative, "alternative", ALTERNATIVES)
    values = as_float_array(null, "null", ndim=1)
    check_at_least(len(values), 1, "number of permuted statistics")
    if not math.isfinite(observed):
        raise NonFiniteError(f"observed: must be finite; got {observed!r}")
    tolerance = TIE_TOLERANCE * max(abs(observed), float(np.abs(values).max()))
    added = 0 if exact else 1
    above = (np.count_nonzero(values >= observed - tolerance) + added) / (len(values) + added)
    below = (np.count_nonzero(values <= observed + tolerance) + added) / (len(values) + added)
    pvalue = {"greater": above, "less": below, "two-sided": min(1.0, 2 * min(above, below))}[alternative]
    if pvalue == 0:
        raise InvalidInputError("null: must hold the observed arrangement if exact; no value reaches the observed one")
    return float(pvalue)


class Kind(Protocol):
    """What the null hypothesis lets one exchange."""

    name: str

    def count(self, n_x: int, n_y: int) -> int:
        """Return the number of arrangements."""
        ...

    def enumerate(self, n_x: int, n_y: int) -> Iterator[IntArray]:
        """Yield every arrangement, the observed one first."""
        ...

    def draw(self, n_x: int, n_y: int, generator: np.random.Generator) -> IntArray:
        """Return a random arrangement."""
        ...

    def apply(self, x: FloatArray, y: FloatArray, order: IntArray) -> tuple[FloatArray, FloatArray]:
        """Return both samples in an arrangement."""
        ...


@dataclass(frozen=True)
class Independent:
    """Two independent samples: under the null any of the pooled values could stand in either.

    Examples
    --------
    >>> Independent().count(3, 3)
    20
    """

    name = "two-sample permutation"

    def count(self, n_x: int, n_y: int) -> int:
        """Return the number of arrangements."""
        return math.comb(n_x + n_y, n_x)

    def enumerate(self, n_x: int, n_y: int) -> Iterator[IntArray]:
        """Yield every arrangement, the observed one first."""
        everyone = np.arange(n_x + n_y)
        for chosen in combinations(range(n_x + n_y), n_x):
            yield np.concatenate([chosen, np.delete(everyone, chosen)])

    def draw(self, n_x: int, n_y: int, generator: np.random.Generator) -> IntArray:
        """Return a random arrangement."""
        return generator.permutation(n_x + n_y)

    def apply(self, x: FloatArray, y: FloatArray, order: IntArray) -> tuple[FloatArray, FloatArray]:
        """Return both samples in an arrangement."""
        pooled = np.concatenate([x, y])[order]
        return pooled[: len(x)], pooled[len(x) :]


@dataclass(frozen=True)
class Pairings:
    """Pairs (x_i, y_i): under the null any y could have come with any x.

    Examples
    --------
    >>> Pairings().count(5, 5)
    120
    """

    name = "permutation of pairings"

    def count(self, n_x: int, n_y: int) -> int:
        """Return the number of arrangements."""
        if n_x != n_y:
            raise InvalidInputError(f"x and y: must have the same length to be paired; got {n_x} and {n_y}")
        return math.factorial(n_x)

    def enumerate(self, n_x: int, n_y: int) -> Iterator[IntArray]:  # noqa: ARG002
        """Yield every arrangement, the observed one first."""
        for order in permutations(range(n_x)):
            yield np.array(order)

    def draw(self, n_x: int, n_y: int, generator: np.random.Generator) -> IntArray:  # noqa: ARG002
        """Return a random arrangement."""
        return generator.permutation(n_x)

    def apply(self, x: FloatArray, y: FloatArray, order: IntArray) -> tuple[FloatArray, FloatArray]:
        """Return both samples in an arrangement."""
        return x, y[order]


def permutation_test(
    x: ArrayLike,
    y: ArrayLike,
    statistic: Callable[[FloatArray, FloatArray], float],
    *,
    kind: Kind = Pairings(),
    alternative: str = "two-sided",
    n_resamples: int = 9_999,
    n_jobs: int | None = None,
    rng: RNGLike = None,
) -> SignificanceResult:
    """Test a statistic of two samples against its permutation distribution.

    All arrangements are enumerated when there are at most ``n_resamples + 1`` of them; else ``n_resamples``
    are drawn. `permutation_pvalue` states the p-value.

    Parameters
    ----------
    x, y : array_like, shape (n_x, ...) and (n_y, ...)
        The samples; the first axis counts the units.
    statistic : callable
        Takes x and y, returns a number.
    kind : Pairings or Independent
        What is exchangeable under the null: the pairing of x and y, or the membership in the samples.
    alternative : {'two-sided', 'less', 'greater'}
        Which values of the statistic speak against the null.
    n_resamples : int
        Random permutations, or the largest number (less one) to enumerate.
    n_jobs : int, optional
        Workers; the numbers do not depend on it.
    rng : seed or Generator, optional
        Source of randomness; unused when exact.

    Returns
    -------
    SignificanceResult
        The effect is the statistic; ``n`` counts pairs, or the units of both samples.

    Raises
    ------
    TooFewSamplesError
        If a sample has fewer than two units.
    NonFiniteError
        If a datum or a permuted statistic is NaN or infinite.

    Examples
    --------
    >>> import numpy as np
    >>> permutation_test([1, 2, 3, 4], [5, 6, 7, 8], lambda x, y: x.mean() - y.mean(), kind=Independent())
    statistic = -4, p = .029, n = 8 observations, two-sample permutation (exact)
    """
    check_member(alternative, "alternative", ALTERNATIVES)
    check_count(n_resamples, "n_resamples")
    first, second = as_float_array(x, "x"), as_float_array(y, "y")
    for array, name in ((first, "x"), (second, "y")):
        check_at_least(len(array) if array.ndim else 0, 2, f"number of units in {name}")
    if isinstance(kind, Independent) and first.shape[1:] != second.shape[1:]:
        raise InvalidInputError(f"y: must have units of the shape of x, {first.shape[1:]}; got {second.shape[1:]}")
    n_x, n_y = len(first), len(second)
    n_arrangements = kind.count(n_x, n_y)
    exact = n_arrangements <= n_resamples + 1
    orders = list(kind.enumerate(n_x, n_y)) if exact else [None] * n_resamples
    tasks = [orders[start : start + CHUNK] for start in range(0, len(orders), CHUNK)]
    permuted = partial(_permuted_statistics, first, second, statistic, kind)
    null = np.concatenate(parallel_map(permuted, tasks, rng=rng, n_jobs=n_jobs))
    observed = float(statistic(first, second))
    return SignificanceResult(
        test=f"{kind.name} ({'exact' if exact else f'{n_resamples} resamples'})",
        statistic=observed,
        pvalue=permutation_pvalue(observed, null, alternative=alternative, exact=exact),
        alternative=alternative,
        effect_name="statistic",
        effect=observed,
        n=n_x if isinstance(kind, Pairings) else n_x + n_y,
        replication_unit="pair" if isinstance(kind, Pairings) else "observation",
        pvalue_floor=min(
            1.0, (2 if alternative == "two-sided" else 1) / (n_arrangements if exact else n_resamples + 1)
        ),
    )


def _permuted_statistics(
    x: FloatArray,
    y: FloatArray,
    statistic: Callable[[FloatArray, FloatArray], Any],
    kind: Kind,
    orders: Sequence[IntArray | None],
    generator: np.random.Generator,
) -> FloatArray:
    """Return the statistic in each of the arrangements; None stands for a random one."""
    n_x, n_y = len(x), len(y)
    drawn = (kind.draw(n_x, n_y, generator) if order is None else order for order in orders)
    return np.array([statistic(*kind.apply(x, y, order)) for order in drawn], dtype=np.float64)
