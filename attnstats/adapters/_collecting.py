"""The trace of what batch after batch of a running model gave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, softmax

from attnstats._conversion import BFloat16
from attnstats._validation import BoolArray, FloatArray, check_flag, check_object
from attnstats.adapters._batch_checks import check_finite, check_label
from attnstats.adapters.capture import Logits, PositiveProbability
from attnstats.exceptions import InvalidInputError
from attnstats.trace import AttentionRow, AttentionTrace
from attnstats.trace._arrays import checked_metadata

#: What usually makes weights NaN.
_MASKED = "; a softmax over tokens that are all masked, as at padding, is NaN"


class Batch(NamedTuple):
    """What one batch gave."""

    #: With the axes that the row chooses from.
    attention: NDArray[Any]
    #: Shape (n_examples, n_tokens, dim).
    hidden: NDArray[Any]
    #: As the model gives it.
    output: NDArray[Any]
    #: Truth values or 0 and 1, shape (n_examples, n_tokens) or wider; None where all tokens are real.
    mask: NDArray[Any] | None
    label: NDArray[Any] | None
    #: Which of them came in bfloat16.
    halves: frozenset[str]


class _Part(NamedTuple):
    """One batch of a trace."""

    weights: FloatArray
    hidden: NDArray[Any]
    output: NDArray[Any]
    mask: BoolArray
    label: NDArray[Any] | None


class Collection:
    """Batches of a trace, each reduced to one row of attention as it comes.

    Parameters
    ----------
    row : AttentionRow or None
        The row of attention that is kept.
    output : object
        How the output is declared: `Logits`, `PositiveProbability`, or anything else for probabilities or classes.
    renormalize : bool
        Whether rows of attention are divided by their sums.
    """

    def __init__(self, row: AttentionRow | None, output: object, renormalize: bool) -> None:
        if row is not None:
            check_object(row, "row", AttentionRow, "AttentionRow(head=0, query=ClassToken())")
        self._row, self._output = AttentionRow() if row is None else row, output
        self._renormalize = check_flag(renormalize, "renormalize")
        self._parts: list[_Part] = []
        self._halves: frozenset[str] = frozenset()

    def add(self, batch: Batch) -> None:
        """Keep one batch."""
        attention, hidden = batch.attention, batch.hidden
        first = sum(len(each.weights) for each in self._parts)
        if hidden.ndim != 3:
            raise InvalidInputError(f"hidden: must have shape (n_examples, n_tokens, dim); got {hidden.shape}")
        n, n_tokens = hidden.shape[:2]
        if n == 0:
            raise InvalidInputError("batches: must hold an example each; got one without")
        if attention.shape == (n, n_tokens, 1) and n_tokens > 1 and self._row == AttentionRow():
            attention = attention[:, :, 0]  # as own layers give weights; an axis of tokens would be longer
        if attention.shape[-1:] != (n_tokens,):
            raise InvalidInputError(
                f"hidden: must have a state for each token that attention weighs; got attention of shape "
                f"{attention.shape} and states of shape {hidden.shape}"
            )
        mask = fitting(batch.mask, n_tokens)
        weights = self._row.weights(attention, mask)
        real = np.ones((n, n_tokens), dtype=np.bool_) if mask is None else mask.astype(np.bool_)
        if weights[~real].any() and weights[real].any():
            raise InvalidInputError(
                "attention: must be exactly zero at padding; the model attends to tokens where mask is False; give the "
                "model its mask, or pass texts of one length in each batch, without padding"
            )
        output = probabilities(batch.output, self._output)
        for name, array in (("attention", weights), ("output", output), ("label", batch.label)):
            if array is not None and array.shape[:1] != (n,):
                raise InvalidInputError(f"{name}: must have one entry for each of {n} examples; got {array.shape}")
        check_finite("hidden", hidden, first, real=real)
        check_finite("attention", weights, first, real=real, cause=_MASKED)
        check_finite("output", batch.output, first)
        if batch.label is not None and output.ndim == 2:
            check_label(batch.label, output.shape[1], first)
        if self._parts and output.shape[1:] != self._parts[0].output.shape[1:]:
            raise InvalidInputError(
                f"output: must have the same classes in all batches; got {output.shape} after "
                f"{self._parts[0].output.shape}"
            )
        self._halves |= batch.halves
        self._parts.append(_Part(weights, hidden, output, real, batch.label))

    def trace(self, tokens: Sequence[Sequence[str]] | None, metadata: Mapping[str, Any]) -> AttentionTrace:
        """Return the trace of all batches, padded at the end to the longest text."""
        if not self._parts:
            raise InvalidInputError("batches: must hold a batch; got none")
        given: dict[str, Any] = {**checked_metadata(metadata, self._row.metadata)}
        weights, hidden, output, mask, label = zip(*self._parts, strict=True)
        self._parts = []
        return AttentionTrace.from_arrays(
            attention=self._with_tolerance("attention", joined(weights)),
            hidden=joined(hidden),
            output=self._with_tolerance("output", np.concatenate(output)),
            mask=joined(mask),
            label=None if label[0] is None else np.concatenate(label),
            tokens=tokens,
            renormalize=self._renormalize,
            **{**self._row.metadata, **given},
        )

    def _with_tolerance(self, name: str, array: NDArray[Any]) -> Any:
        """Return rows that may miss one by what their precision explains."""
        return BFloat16(array.astype(np.float32)) if name in self._halves and array.dtype.kind == "f" else array


def probabilities(output: NDArray[Any], declared: object) -> NDArray[Any]:
    """Return probabilities or classes, by what the output was declared to be."""
    column = output.ndim == 1 or (output.ndim == 2 and output.shape[1] == 1)
    floats = output.dtype.kind == "f"
    if output.ndim not in (1, 2):
        raise InvalidInputError(f"output: must have shape (n, n_classes) or (n,); got {output.shape}")
    if isinstance(declared, Logits):
        if not floats:
            raise InvalidInputError(f"output: logits must be real numbers; got {output.dtype}")
        logits = output.astype(np.float64)
        if not column:
            with np.errstate(invalid="ignore"):  # of infinities, which are refused as NaN
                return np.asarray(softmax(logits, axis=1))
        logits = logits.reshape(-1)
        return np.column_stack([expit(-logits), expit(logits)])
    if isinstance(declared, PositiveProbability):
        if not floats or not column or ((output < 0) | (output > 1)).any():
            raise InvalidInputError(
                f"output: the probability of class 1 must be one column between 0 and 1; got {output.dtype} "
                f"{output.shape}{_range(output)}; Logits(name) declares scores before a softmax or sigmoid"
            )
        p = output.astype(np.float64).reshape(-1)
        return np.column_stack([1 - p, p])
    if floats and column:
        raise InvalidInputError(
            f"output: must have a probability for each of 2 or more classes; got shape {output.shape}; of one column, "
            "declare output=Logits(name), the log-odds of class 1, or output=PositiveProbability(name)"
        )
    if (
        floats
        and output.ndim == 2
        and (output.min() < 0 or np.abs(output.astype(np.float64).sum(axis=1) - 1).max() > 0.1)
    ):
        raise InvalidInputError(
            f"output: must be class probabilities, non-negative and summing to 1{_range(output)}; of scores before the "
            "softmax, declare output=Logits(name)"
        )
    return output


def _range(output: NDArray[Any]) -> str:
    return f"; got values from {output.min():.4g} to {output.max():.4g}" if output.size else ""


def fitting(mask: NDArray[Any] | None, n_tokens: int) -> NDArray[Any] | None:
    """Return a mask without columns of padding alone beyond the states."""
    if mask is None or mask.ndim != 2 or mask[:, n_tokens:].any():
        return mask
    return mask[:, :n_tokens]


def joined(parts: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Return batches one below another, each row of tokens padded with zeros to the longest."""
    rest = {each.shape[2:] for each in parts}
    if len(rest) > 1:
        raise InvalidInputError(f"hidden: must have one dimension in all batches; got {sorted(rest)}")
    width = max(each.shape[1] for each in parts)
    joined = np.zeros((sum(map(len, parts)), width, *rest.pop()), dtype=parts[0].dtype)
    start = 0
    for each in parts:
        joined[start : start + len(each), : each.shape[1]] = each
        start += len(each)
    return joined
