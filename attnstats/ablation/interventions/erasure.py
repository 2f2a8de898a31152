"""Tokens erased in a given order, high scores first: decision flips, comprehensiveness, sufficiency."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike

from attnstats._distributions import ERASER_SHARES, as_token_scores, checked_shares, descending_ranks, erased_counts
from attnstats._validation import BoolArray, FloatArray, IntArray, RealArray
from attnstats.ablation.interventions._checked_outputs import check_head, checked_logits, checked_output
from attnstats.ablation.interventions._weights import without_tokens
from attnstats.ablation.interventions.interface import ErasableInput, LinearHead, OutputHead
from attnstats.exceptions import InvalidInputError
from attnstats.trace import AttentionTrace, check_trace

#: Numbers held at once where decisions are counted (80 MB).
_AT_ONCE = 10**7


@runtime_checkable
class Eraser(Protocol):
    """A way to erase tokens."""

    def predict(self, trace: AttentionTrace, erased: BoolArray) -> RealArray:
        """Return class probabilities, shape (n_examples, n_classes), without the tokens marked True.

        `erased`, shape (n_examples, n_tokens), leaves every example at least one real token.
        """
        ...


@dataclass(frozen=True)
class ZeroedAttention:
    """Erase a token by setting its attention weight to zero and rescaling the others (Serrano & Smith 2019).

    The hidden states stay, and with them what a recurrent encoder has carried from an erased token to its neighbours.
    Where the remaining tokens have no weight, they get equal weights.

    Parameters
    ----------
    model : OutputHead
        The trained model; `decision_flip_fraction` is faster with a `LinearHead`.
    """

    model: OutputHead

    def __post_init__(self) -> None:
        check_head(self.model)

    def predict(self, trace: AttentionTrace, erased: BoolArray) -> RealArray:
        """Return the output under the remaining attention."""
        return self.model.predict_from_attention(trace.hidden, without_tokens(trace.attention, trace.mask, erased))


@dataclass(frozen=True)
class DeletedInput:
    """Erase a token by deleting it from the text and running the model again (DeYoung et al. 2020).

    The model was not trained on shortened texts, which is part of the change.

    Parameters
    ----------
    model : ErasableInput
        The trained model, with the texts of the trace.
    """

    model: ErasableInput

    def __post_init__(self) -> None:
        if not isinstance(self.model, ErasableInput):
            raise InvalidInputError(f"model: must have predict_without(erased); got {type(self.model).__name__}")

    def predict(self, trace: AttentionTrace, erased: BoolArray) -> RealArray:  # noqa: ARG002
        """Return the output for the shortened texts."""
        return self.model.predict_without(erased)


def decision_flip_fraction(trace: AttentionTrace, order: ArrayLike, eraser: Eraser) -> FloatArray:
    """Return the fraction of tokens that must be erased, in order, before the decision of each example changes.

    The decision is the class of highest probability. After k of L tokens the fraction is k / L; it is 1 where the
    decision never changes (Serrano & Smith 2019, section 4). Compare its mean between orders, paired by example.

    Parameters
    ----------
    trace : AttentionTrace
        The intact model's trace.
    order : array_like, shape (n_examples, n_tokens)
        Scores; tokens are erased from the highest down, equal ones in the order of the text.
    eraser : ZeroedAttention or DeletedInput
        How tokens are erased. `DeletedInput` runs the model once for each token of the longest text.

    Returns
    -------
    ndarray, shape (n_examples,)
        In (0, 1].

    Raises
    ------
    InvalidInputError, NonFiniteError
        If the order has another shape than the attention; if it is not finite at a real token.

    Examples
    --------
    >>> from attnstats.ablation import SoftmaxHead, ZeroedAttention
    >>> from attnstats.trace import AttentionTrace
    >>> from attnstats.ablation import SoftmaxHead
    >>> hidden = [[[1.0], [-1.0], [-1.0]], [[1.0], [1.0], [1.0]]]
    >>> attention, head = [[0.6, 0.3, 0.1], [0.2, 0.3, 0.5]], SoftmaxHead([[-2.0, 2.0]], [0.0, 0.0])
    >>> trace = AttentionTrace.from_arrays(attention=attention, hidden=hidden, output=[1, 1])
    >>> decision_flip_fraction(trace, attention, ZeroedAttention(head)).round(2).tolist()
    [0.33, 1.0]
    """
    ranks = _ranks(trace, order, eraser)
    if isinstance(eraser, ZeroedAttention) and isinstance(eraser.model, LinearHead):
        erased = _flips_of_linear_head(trace, ranks, eraser.model)
    else:
        erased = _flips_one_by_one(trace, ranks, eraser)
    return np.asarray(erased / trace.lengths)


def comprehensiveness(
    trace: AttentionTrace, order: ArrayLike, eraser: Eraser, *, shares: Sequence[float] = ERASER_SHARES
) -> FloatArray:
    """Return how much the probability of the predicted class falls when the first tokens of an order are erased.

    p(ŷ | x) − p(ŷ | x without the first tokens), for each share of the tokens (DeYoung et al. 2020, equation 1): high
    for an order that puts first what the output depends on. Its mean over the shares is the AOPC; the paper's formula
    also counts an empty share, whose fall is zero, and so divides by one more.

    Parameters
    ----------
    trace, order, eraser
        As in `decision_flip_fraction`.
    shares : sequence of float
        Shares of each example's tokens in (0, 1), rounded up to whole tokens; one token is always left.

    Returns
    -------
    ndarray, shape (n_examples, n_shares)
        In [-1, 1]; 0 for a text of one token.

    Raises
    ------
    InvalidInputError, NonFiniteError
        As `decision_flip_fraction`; the first also if a share lies outside (0, 1).

    Examples
    --------
    >>> from attnstats.ablation import SoftmaxHead, ZeroedAttention
    >>> from attnstats.trace import AttentionTrace
    >>> from attnstats.ablation import SoftmaxHead
    >>> head, hidden = SoftmaxHead([[-2.0, 2.0]], [0.0, 0.0]), [[[1.0], [-1.0], [-1.0]]]
    >>> trace = AttentionTrace.from_arrays(attention=[[0.6, 0.3, 0.1]], hidden=hidden, output=[1])
    >>> comprehensiveness(trace, trace.attention, ZeroedAttention(head)).mean(axis=1).round(2).tolist()  # AOPC
    [0.67]
    """
    ranks, counts = _ranks(trace, order, eraser), erased_counts(trace.lengths, checked_shares(shares))
    return _falls(trace, [ranks < count[:, np.newaxis] for count in counts], eraser)


def sufficiency(
    trace: AttentionTrace, order: ArrayLike, eraser: Eraser, *, shares: Sequence[float] = ERASER_SHARES
) -> FloatArray:
    """Return how much the probability of the predicted class falls when only the first tokens of an order are kept.

    p(ŷ | x) − p(ŷ | the first tokens), for each share of the tokens (DeYoung et al. 2020, equation 2): low for an order
    that puts first what suffices for the output, negative where those tokens alone make the class more probable.

    Parameters
    ----------
    trace, order, eraser, shares
        As in `comprehensiveness`.

    Returns
    -------
    ndarray, shape (n_examples, n_shares)
        In [-1, 1]; its mean over the shares is the AOPC.

    Raises
    ------
    InvalidInputError, NonFiniteError
        As `comprehensiveness`.

    Examples
    --------
    >>> from attnstats.ablation import SoftmaxHead, ZeroedAttention
    >>> from attnstats.trace import AttentionTrace
    >>> from attnstats.ablation import SoftmaxHead
    >>> head, hidden = SoftmaxHead([[-2.0, 2.0]], [0.0, 0.0]), [[[1.0], [-1.0], [-1.0]]]
    >>> trace = AttentionTrace.from_arrays(attention=[[0.6, 0.3, 0.1]], hidden=hidden, output=[1])
    >>> sufficiency(trace, trace.attention, ZeroedAttention(head), shares=[0.3]).round(2).tolist()
    [[-0.29]]
    """
    ranks, counts = _ranks(trace, order, eraser), np.maximum(erased_counts(trace.lengths, checked_shares(shares)), 1)
    return _falls(trace, [trace.mask & (ranks >= count[:, np.newaxis]) for count in counts], eraser)


def _falls(trace: AttentionTrace, erasures: Sequence[BoolArray], eraser: Eraser) -> FloatArray:
    intact = _predicted(trace, np.zeros_like(trace.mask), eraser)
    predicted = intact.argmax(axis=1, keepdims=True)
    outputs = [np.take_along_axis(_predicted(trace, erased, eraser), predicted, axis=1) for erased in erasures]
    return np.asarray(np.take_along_axis(intact, predicted, axis=1) - np.concatenate(outputs, axis=1))


def _flips_one_by_one(trace: AttentionTrace, ranks: IntArray, eraser: Eraser) -> IntArray:
    """Return the number of tokens erased when the decision changes, the length if it never does."""
    decided = _predicted(trace, np.zeros_like(trace.mask), eraser).argmax(axis=1)
    flips = trace.lengths.copy()
    for count in range(1, int(trace.lengths.max())):
        erased = ranks < np.minimum(count, trace.lengths - 1)[:, np.newaxis]
        changed = _predicted(trace, erased, eraser).argmax(axis=1) != decided
        flips = np.where(changed & (count < flips), count, flips)
    return flips


def _flips_of_linear_head(trace: AttentionTrace, ranks: IntArray, model: LinearHead) -> IntArray:
    """Return the same from sums of a_t (W h_t + b) over the remaining tokens, whose largest entry is the decision."""
    size = max(1, _AT_ONCE // (trace.mask.shape[1] * max(1, model.token_logits(trace.hidden[:1]).shape[2])))
    parts = []
    for start in range(0, trace.n_examples, size):
        rows = slice(start, start + size)
        order = np.argsort(ranks[rows], axis=1)
        inside = np.take_along_axis(trace.mask[rows], order, axis=1)
        weights = np.where(inside, np.take_along_axis(trace.attention[rows], order, axis=1), 0).astype(np.float64)
        logits = checked_logits(model.token_logits(trace.hidden[rows]), trace.hidden[rows])
        logits = np.where(inside[:, :, np.newaxis], np.take_along_axis(logits, order[:, :, np.newaxis], axis=1), 0)
        left = _sums_from_the_end(weights[:, :, np.newaxis] * logits)
        empty = _sums_from_the_end(weights) == 0
        decisions = np.where(empty[:, :, np.newaxis], _sums_from_the_end(logits), left).argmax(axis=2)
        changed = inside & (decisions != decisions[:, :1])
        parts.append(np.where(changed.any(axis=1), changed.argmax(axis=1), trace.lengths[rows]))
    return np.concatenate(parts).astype(np.int64)


def _sums_from_the_end(values: RealArray) -> FloatArray:
    return np.asarray(np.cumsum(values[:, ::-1], axis=1, dtype=np.float64)[:, ::-1])


def _predicted(trace: AttentionTrace, erased: BoolArray, eraser: Eraser) -> FloatArray:
    return checked_output(eraser.predict(trace, erased), trace, "eraser: predict")


def _ranks(trace: AttentionTrace, order: ArrayLike, eraser: Eraser) -> IntArray:
    """Return the place of each token in the order, from 0; check the arguments first."""
    check_trace(trace)
    if isinstance(eraser, type) or not isinstance(eraser, Eraser):
        raise InvalidInputError(f"eraser: must be ZeroedAttention(model) or DeletedInput(model); got {eraser!r}")
    return descending_ranks(as_token_scores(order, trace.mask, "order"), trace.mask)
