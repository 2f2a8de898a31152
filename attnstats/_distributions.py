"""Attention weights, class probabilities and token scores: checks, sums as close to one as precision, order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from attnstats._conversion import read
from attnstats._validation import BoolArray, FloatArray, IntArray, RealArray, check_finite, check_fraction
from attnstats.exceptions import InvalidInputError, NonFiniteError

#: Distance from 1 to the next number, for each precision below float32.
_SPACINGS = {"bfloat16": 2.0**-7, "float16": 2.0**-10}
#: The largest: weights stored in double precision may have come in any.
COARSEST = max(_SPACINGS.values())
#: Shares of the tokens over which DeYoung et al. (2020) average: the area over the perturbation curve, AOPC.
ERASER_SHARES = (0.01, 0.05, 0.1, 0.2, 0.5)
#: Tolerance in float32 and float64: weights from a table with three or four digits.
_DIGITS = 1e-3
#: Half the smallest float16 above zero: what a weight can lose by underflow.
_UNDERFLOW = 2.0**-25


def spacing(values: object) -> float:
    """Return the spacing of an array's half-precision type at 1, or 0 for other types.

    >>> spacing(np.zeros(3, dtype=np.float16)), spacing([0.5, 0.5])
    (0.0009765625, 0.0)
    """
    name = str(getattr(values, "dtype", ""))
    return next((size for kind, size in _SPACINGS.items() if kind in name), 0.0)


def sum_tolerance(spacing: float, n: int) -> float:
    """Return how far the sum of n weights may be from one."""
    # Rounding changes a weight by half a spacing at most, and a softmax in half precision has divided by a rounded sum:
    # together one spacing, plus what n weights may have lost by underflow.
    return max(_DIGITS, spacing + (n * _UNDERFLOW if spacing else 0.0))


def divided_by_sum(weights: NDArray[np.floating], mask: BoolArray | None = None) -> FloatArray:
    """Return rows of weights as distributions in double precision, zero outside the mask.

    >>> divided_by_sum(np.array([[1.0, 3.0, 7.0]]), np.array([[True, True, False]]))
    array([[0.25, 0.75, 0.  ]])
    """
    rows = np.asarray(weights if mask is None else np.where(mask, weights, 0), dtype=np.float64)
    return np.asarray(rows / rows.sum(axis=-1, keepdims=True))


def check_attention(weights: FloatArray, real: BoolArray, name: str, tolerance: float) -> None:
    """Raise unless every row is non-negative, zero where `real` is False, and sums to one within the tolerance."""
    wrong = np.argwhere(~np.isfinite(weights) & real)
    if len(wrong):
        example, token = wrong[0]
        raise NonFiniteError(
            f"{name}: must be finite at real tokens; got {weights[example, token]} in example {example}, token {token}"
        )
    inside = weights[real]
    if (inside < 0).any():
        raise InvalidInputError(
            f"{name}: must be non-negative; got a minimum of {inside.min():.3g}; "
            "of scores pass the softmax over the real tokens"
        )
    if np.any(weights[~real] != 0):
        if not inside.any():
            raise InvalidInputError(
                f"{name}: must be exactly zero at padding; got weight only where mask is False, so mask looks "
                "inverted: it must be True at real tokens; pass ~mask"
            )
        raise InvalidInputError(
            f"{name}: must be exactly zero at padding; got weight where mask is False; pass "
            "np.where(mask, attention, 0), and renormalize=True if rows then fall short of one"
        )
    worst, total = _worst_sum(weights)
    if abs(total - 1) > tolerance:
        raise InvalidInputError(
            f"{name}: each row must sum to 1; got {total:.6g} in example {worst}; "
            f"the tolerance is {tolerance:.2g}; pass renormalize=True for weights over a part of the tokens, or "
            "rounded more coarsely"
        )


def check_probabilities(rows: FloatArray, name: str, tolerance: float) -> None:
    """Raise unless every row is a distribution over classes; the message says what the rows look like."""
    check_finite(rows, name)
    if not len(rows):
        return
    worst, total = _worst_sum(rows)
    rule = f"{name}: must hold class probabilities, non-negative and summing to 1 in each row"
    if rows.min() < 0:
        row = int(rows.min(axis=1).argmin())
        raise InvalidInputError(f"{rule}; got {rows.min():.4g} in row {row}; {_looks_like(rows, tolerance)}")
    if abs(total - 1) > tolerance:
        raise InvalidInputError(f"{rule}; got a sum of {total:.6g} in row {worst}; {_looks_like(rows, tolerance)}")


def _looks_like(rows: FloatArray, tolerance: float) -> str:
    """Return what rows that are no probabilities look like, and what to do."""
    with np.errstate(over="ignore"):
        sums = rows.sum(axis=1)
    if -1e-6 < rows.min() < 0 and np.abs(sums - 1).max() <= tolerance:
        return "this looks like rounding: pass np.maximum(output, 0)"
    if rows.max() <= 0 and np.allclose(np.exp(rows).sum(axis=1), 1, atol=max(tolerance, 1e-2)):
        return "these look like log-probabilities: pass np.exp(output)"
    if rows.min() < 0:
        return "these look like logits: pass scipy.special.softmax(output, axis=1)"
    if np.allclose(sums, 100, atol=1.5):
        return "these look like per cent: divide them by 100"
    if rows.max() <= 1 and np.abs(sums - 1).max() <= 0.02:
        return "these look rounded: divide every row by its sum"
    if rows.max() <= 1:
        return (
            "these look like a sigmoid for each class, of which several may hold: analyse one class at a time, with "
            "p and 1 - p as the two columns, or pass the predicted classes as integers"
        )
    return (
        "these look like logits or counts: pass scipy.special.softmax(output, axis=1) of logits, and divide counts by "
        "the sum of their row"
    )


#: What is done about a score that is not known, where no function can leave it out.
_UNSCORED = "Each token that is not padding needs a score: leave out texts in which one is not known"


def as_token_scores(scores: ArrayLike, mask: BoolArray, name: str, of: str = "attention's shape") -> FloatArray:
    """Return one score for every token in double precision, finite at real tokens and zero elsewhere.

    `of` says in a message what has the shape.
    """
    given = read(scores, name)
    if given.array.dtype.kind not in "fiubO" or given.shape != mask.shape:
        raise InvalidInputError(f"{name}: must be real with {of} {mask.shape}; got {given.array.dtype} {given.shape}")
    result = np.where(mask, given.floats(name), 0.0)
    check_finite(result, name, remedy=_UNSCORED)
    return result


def descending_ranks(scores: RealArray, mask: BoolArray) -> IntArray:
    """Return the rank of each token, 0 for the highest score; padding ranks last, equal scores in order of the text."""
    order = np.argsort(np.where(mask, -np.asarray(scores, dtype=np.float64), np.inf), axis=1, kind="stable")
    ranks = np.empty(order.shape, dtype=np.int64)
    np.put_along_axis(ranks, order, np.broadcast_to(np.arange(order.shape[1]), order.shape), axis=1)
    return ranks


def share_of(lengths: IntArray, share: float) -> IntArray:
    """Return a share of each length, rounded up."""
    # 0.07 * 100 is 7.000000000000001 in floating point, and must not become 8.
    return np.maximum(np.ceil(np.round(share * lengths, 9)), 1).astype(np.int64)


def checked_shares(shares: Sequence[float]) -> tuple[float, ...]:
    """Return shares of tokens in (0, 1), at least one, each once: a mean over shares would count another twice."""
    if not isinstance(shares, Iterable):
        raise InvalidInputError(f"shares: must be a sequence of shares, such as [{shares!r}]; got {shares!r}")
    checked = tuple(check_fraction(share, "shares") for share in shares)
    if not checked:
        raise InvalidInputError("shares: must hold at least one share; got none")
    if twice := [share for place, share in enumerate(checked) if share in checked[:place]]:
        raise InvalidInputError(f"shares: must hold each share once; got {twice[0]} twice")
    return checked


def erased_counts(lengths: IntArray, shares: tuple[float, ...]) -> IntArray:
    """Return how many tokens of each text a share of them is, shape (n_shares, n_texts); one is always left."""
    return np.stack([np.minimum(share_of(lengths, share), lengths - 1) for share in shares])


def _worst_sum(rows: FloatArray) -> tuple[int, float]:
    with np.errstate(over="ignore"):
        sums = rows.sum(axis=1, dtype=np.float64)
    worst = int(np.abs(sums - 1).argmax())
    return worst, float(sums[worst])
