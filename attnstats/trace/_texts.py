"""The weights and states of texts as arrays: of one row of attention, and of lists with an array for each text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from attnstats._conversion import read
from attnstats._distributions import spacing
from attnstats._validation import BoolArray, FloatArray, RealArray, check_object
from attnstats.exceptions import InvalidInputError
from attnstats.trace._arrays import real_array, token_mask
from attnstats.trace.row import AttentionRow


class Texts(NamedTuple):
    """What `as_texts` found."""

    #: Shape (n_examples, n_tokens).
    weights: FloatArray
    #: Shape (n_examples, n_tokens, dim).
    states: RealArray
    mask: BoolArray
    #: Of the precision that the attention came in.
    spacing: float


def as_texts(attention: Any, hidden: Any, mask: ArrayLike | None, row: AttentionRow | None) -> Texts:
    """Return the weights of one row of attention, states and mask; texts of lists are padded at their ends."""
    if row is not None:
        check_object(row, "row", AttentionRow, "AttentionRow(head=0, query=ClassToken())")
    # With a layer chosen, what is listed are the layers.
    weights = None if row is not None and row.layer is not None else _list_of_texts(attention)
    states = _list_of_texts(hidden)
    if weights is not None and states is not None:
        return _of_lists(weights, states, mask, row)
    if weights is not None or states is not None:
        one, other = ("hidden", "attention") if states is None else ("attention", "hidden")
        raise InvalidInputError(f"{one}: must be a list with an array for each text, all lengths as in {other}")
    if row is None:
        array = real_array(attention, "attention", ("n_examples", "n_tokens")).astype(np.float64)
    else:
        array = row.weights(attention, mask)
    hidden = real_array(hidden, "hidden", ("n_examples", "n_tokens", "dim"))
    return Texts(array, hidden, token_mask(mask, array.shape), _spacing(attention))


def _of_lists(weights: Sequence[Any], states: Sequence[Any], mask: ArrayLike | None, row: AttentionRow | None) -> Texts:
    """Return texts of different lengths, padded with zeros."""
    if mask is not None:
        raise InvalidInputError("mask: goes with arrays; lists with an array for each text hold real tokens alone")
    if row is None:
        rows = [real_array(each, "attention", ("n_tokens",)) for each in weights]
    else:
        rows = [row.weights(read(each, "attention").array[np.newaxis])[0] for each in weights]
    vectors = [real_array(each, "hidden", ("n_tokens", "dim")) for each in states]
    lengths, found = ([len(each) for each in texts] for texts in (rows, vectors))
    if lengths != found:
        raise InvalidInputError(
            f"hidden: must have a state for each weight of attention; got {len(found)} texts of {sum(found)} tokens "
            f"for {len(lengths)} texts of {sum(lengths)}"
        )
    dims = {each.shape[1] for each in vectors}
    if len(dims) > 1:
        raise InvalidInputError(f"hidden: must have one dimension in all texts; got {sorted(dims)}")
    real = np.arange(max(lengths)) < np.array(lengths)[:, np.newaxis]
    padded = np.zeros((*real.shape, dims.pop()), dtype=np.result_type(*{each.dtype for each in vectors}))
    padded[real] = np.concatenate(vectors)
    array = np.zeros(real.shape)
    array[real] = np.concatenate(rows)
    return Texts(array, padded, token_mask(real, real.shape), _spacing(weights))


def _list_of_texts(values: Any) -> Sequence[Any] | None:
    """Return the texts of a list with an array for each, of different shapes, or None of anything else."""
    if getattr(values, "is_nested", False):  # torch
        values = values.unbind()
    elif hasattr(values, "row_splits"):  # TensorFlow
        values = values.to_list()
    elif isinstance(values, np.ndarray) and values.dtype == object and values.ndim == 1:
        values = list(values)
    if not isinstance(values, list | tuple):
        return None
    shapes = {_shape(each) for each in values}
    return None if None in shapes or len(shapes) < 2 else values


def _shape(values: Any) -> tuple[int, ...] | None:
    if isinstance(values, list | tuple):
        return (len(values),)
    shape = getattr(values, "shape", None)
    return tuple(shape) if shape is not None and len(shape) else None


def _spacing(attention: Any) -> float:
    """Return the spacing of an array, or of the first of several."""
    return spacing(attention[0] if isinstance(attention, list | tuple) and len(attention) else attention)
