"""From arrays of any framework to the arrays of a trace."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from attnstats._conversion import Given, read
from attnstats._validation import BoolArray, FloatArray, IntArray, RealArray, as_mask, mask_remedy
from attnstats.exceptions import InvalidInputError, NonFiniteError

Scalar: TypeAlias = str | int | float | bool

#: Precisions that hidden states keep, for they are large; results are computed in float64. NumPy has no bfloat16, whose
#: numbers float32 holds exactly.
_KEPT = {"bfloat16": np.float32, "float16": np.float16, "float32": np.float32}
#: Values of the hidden states that are checked at once (10 MB of flags).
_AT_ONCE = 10**7


def real_array(values: ArrayLike, name: str, axes: tuple[str, ...]) -> RealArray:
    """Return real numbers with these axes; half and single precision stay, anything else becomes float64."""
    given = read(values, name)
    if given.array.dtype.kind not in "fiubO" or given.array.ndim != len(axes):
        raise InvalidInputError(
            f"{name}: must be real with {len(axes)} dimensions ({', '.join(axes)}); got {given.array.dtype} "
            f"{given.array.shape}{_of_many_heads(name, given.array.ndim)}"
        )
    if given.missing is not None and given.missing.any():
        remedy = ""
        if name in ("attention", "hidden"):
            remedy = f"; mark padding by mask=, with zeros in {name}, such as {name}.filled(0) of a masked array"
        raise NonFiniteError(
            f"{name}: must have no masked or missing values; got {int(given.missing.sum())} of {given.missing.size}"
            f"{remedy}"
        )
    dtype = next((kept for kind, kept in _KEPT.items() if kind in str(getattr(values, "dtype", ""))), np.float64)
    return given.floats(name).astype(dtype, copy=False) if given.array.dtype != dtype else given.array


def _of_many_heads(name: str, ndim: int) -> str:
    """Return how to select one head from attention, or one layer from hidden states, of too many dimensions."""
    if name == "attention" and ndim == 5:
        return "; choose a layer, a head and a query: row=AttentionRow(layer=0, head=0, query=ClassToken())"
    if name == "attention" and ndim == 4:
        return "; choose a head and the query whose attention it is: row=AttentionRow(head=0, query=ClassToken())"
    if name == "attention" and ndim == 3:
        return "; say which axis it has: row=AttentionRow(head=0), or of queries row=AttentionRow(query=ClassToken())"
    if name == "hidden" and ndim == 4:
        return "; choose a layer: hidden_states[layer] is what layer `layer`, from 0, attends to"
    return ""


def token_mask(mask: ArrayLike | None, shape: tuple[int, ...]) -> BoolArray:
    """Return a mask of a shape, from truth values or from the 0 and 1 of a tokenizer."""
    given = None if mask is None else read(mask, "mask")
    if given is None or given.array.dtype.kind not in "iu" or given.shape != shape or given.absent().any():
        real = as_mask(given, shape)
    else:
        wrong = given.array[(given.array != 0) & (given.array != 1)]
        if wrong.size:
            remedy = mask_remedy(given.array, shape)
            raise InvalidInputError(
                f"mask: must be True, or 1, at real tokens, False, or 0, at padding; got {wrong[0]}"
                + (f". {remedy}" if remedy else "")
            )
        real = np.ascontiguousarray(given.array == 1)
    check_real_tokens(real)
    return real


def check_real_tokens(real: BoolArray) -> None:
    """Raise if a text has no token."""
    empty = np.flatnonzero(~real.any(axis=1))
    if len(empty):
        raise InvalidInputError(f"mask: every example must have a real token; got none in example(s) {empty[:5]}")


def class_array(classes: ArrayLike | Given, name: str) -> IntArray:
    """Return integer classes, one for each example."""
    given = read(classes, name).whole()
    array = given.values
    if given.absent.any():
        row = int(np.argmax(given.absent))
        raise NonFiniteError(f"{name}: must have no missing classes; got {int(given.absent.sum())}, the first in {row}")
    if array.ndim == 1 and array.dtype.kind == "f":  # as a table or a network may hold classes
        values = array.astype(np.float64)
        if ((values == np.floor(values)) & (np.abs(values) < 2**53)).all():
            array = values.astype(np.int64)
    if array.ndim != 1 or array.dtype.kind not in "iub" or given.tick is not None:
        remedy = ""
        if array.ndim == 1 and array.dtype.kind == "f":
            remedy = "; of two classes pass np.column_stack([1 - p, p])"
        elif array.ndim == 1 and given.holds:
            remedy = f"; pass np.unique({name}, return_inverse=True)[1]"
        raise InvalidInputError(
            f"{name}: must be integer classes of shape (n,); got {given.holds or array.dtype} {array.shape}{remedy}"
        )
    if array.dtype.kind == "u" and len(array) and array.max() > np.iinfo(np.int64).max:
        raise InvalidInputError(f"{name}: classes must lie below 2**63; got {array.max()}")
    return array.astype(np.int64)


def output_array(values: ArrayLike) -> NDArray[Any]:
    """Return class probabilities as they come, or integer classes."""
    given = read(values, "output")
    if given.array.ndim == 1:
        return class_array(given, "output")
    probabilities = real_array(values, "output", ("n_examples", "n_classes"))
    if probabilities.shape[1] < 2:
        raise InvalidInputError(
            f"output: must have a probability for 2 or more classes; got shape {probabilities.shape}; of one column p "
            "pass np.column_stack([1 - p, p])"
        )
    return probabilities


def renormalized(weights: FloatArray, real: BoolArray) -> FloatArray:
    """Return the rows divided by their sums; negative weights are refused later."""
    with np.errstate(over="ignore", invalid="ignore"):
        sums = np.where(real, weights, 0).sum(axis=1, keepdims=True)
    usable = np.isfinite(sums) & (sums > 0)
    if not usable.all():
        row = int(np.flatnonzero(~usable)[0])
        raise InvalidInputError(
            f"attention: each row must have a finite sum above 0; got {sums[row, 0]:.6g} in example {row}"
        )
    return np.asarray(weights / sums)


def finite_tokens(states: RealArray) -> BoolArray:
    """Return which tokens have a finite state, shape (n_examples, n_tokens)."""
    step = max(1, _AT_ONCE // max(1, states[:1].size))
    return np.concatenate(
        [np.isfinite(states[start : start + step]).all(axis=2) for start in range(0, len(states), step)]
    )


def finite_states(states: RealArray, real: BoolArray) -> RealArray:
    """Return the states, with zeros at padding if some value there is not finite."""
    finite = finite_tokens(states)
    wrong = np.argwhere(~finite & real)
    if len(wrong):
        example, token = wrong[0]
        raise NonFiniteError(
            f"hidden: must be finite at real tokens; got NaN or infinity in example {example}, token {token}"
        )
    return states if finite.all() else np.where(real[:, :, np.newaxis], states, 0)


def encode_tokens(tokens: Sequence[Sequence[str]], real: BoolArray) -> tuple[IntArray, NDArray[np.str_]]:
    """Return the code of each token, -1 at padding, and the distinct strings."""
    try:
        texts = [[str(token) for token in text] for text in tokens]
    except TypeError as error:
        raise InvalidInputError(f"tokens: must be a sequence of sequences of str; got {tokens!r:.60}") from error
    if [len(text) for text in texts] != real.sum(axis=1).tolist():
        raise InvalidInputError(
            "tokens: must hold one string per real token of each example, none at padding; lengths differ from mask"
        )
    distinct = sorted({token for text in texts for token in text})
    numbers = {token: number for number, token in enumerate(distinct)}
    codes = np.full(real.shape, -1, dtype=np.int64)
    codes[real] = [numbers[token] for text in texts for token in text]
    return codes, np.array(distinct, dtype=np.str_)


def checked_metadata(metadata: Mapping[str, object], found_here: Iterable[str] = ()) -> dict[str, Scalar]:
    """Return metadata as plain scalars, none of them under a name by which something is told that was found here."""
    if not isinstance(metadata, Mapping):
        raise InvalidInputError(f"metadata: must be a mapping of names to scalars; got {type(metadata).__name__}")
    found: dict[str, Scalar] = {}
    for key in found_here:
        if key in metadata:
            raise InvalidInputError(
                f"{key}: must not be given as metadata, which say under this name what was found here; got "
                f"{metadata[key]!r}"
            )
    for key, value in metadata.items():
        scalar = value.item() if isinstance(value, np.generic) else value
        if not isinstance(key, str) or not isinstance(scalar, str | int | float | bool):
            raise InvalidInputError(f"{key}: metadata must be a string, number or boolean; got {type(value).__name__}")
        if isinstance(scalar, float) and not np.isfinite(scalar):
            raise NonFiniteError(f"{key}: metadata must be finite; got {scalar}")
        found[key] = scalar
    return found
