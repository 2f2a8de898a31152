"""From arrays of any framework to those of a trace: each argument in the one form that the inside works with."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from attnstats._validation import BoolArray, FloatArray, IntArray
from attnstats.exceptions import InvalidInputError, NonFiniteError

__all__ = [
    "RealArray",
    "Scalar",
    "checked_metadata",
    "class_array",
    "encode_tokens",
    "finite_states",
    "mask_array",
    "output_array",
    "plain_array",
    "real_array",
    "renormalized",
]

RealArray: TypeAlias = NDArray[np.floating[Any]]
Scalar: TypeAlias = str | int | float | bool

#: Hidden states are kept in these, as they come, for they are large; all that is computed of them is float64.
_STATE_DTYPES = (np.float16, np.float32, np.float64)
#: Numbers of the hidden states that are looked at at once (10 MB).
_AT_ONCE = 10**7


def plain_array(values: ArrayLike, name: str) -> NDArray[Any]:
    return np.asarray(values)


def real_array(values: ArrayLike, name: str, axes: tuple[str, ...]) -> RealArray:
    array = plain_array(values, name)
    if array.dtype.name == "bfloat16":
        array = array.astype(np.float32)  # which holds each of its numbers
    if array.dtype.kind not in "fiub" or array.ndim != len(axes):
        raise InvalidInputError(
            f"{name}: must be real with {len(axes)} dimensions ({', '.join(axes)}); got {array.dtype} {array.shape}"
            f"{_of_many_heads(name, array.ndim)}"
        )
    return array if array.dtype in _STATE_DTYPES else array.astype(np.float64)


def _of_many_heads(name: str, ndim: int) -> str:
    """Return what to do with attention or hidden states that are not those of one head."""
    if name == "attention" and ndim >= 4:
        return "; choose a layer and a head, and the query whose attention it is: attentions[layer][:, head, query]"
    if name == "attention" and ndim == 3:
        return "; choose a head, or the query whose attention it is: attention[:, head]"
    if name == "hidden" and ndim == 4:
        return "; choose a layer: hidden_states[layer]"
    return ""


def mask_array(mask: ArrayLike | None, shape: tuple[int, ...]) -> BoolArray:
    if mask is None:
        return np.ones(shape, dtype=np.bool_)
    array = plain_array(mask, "mask")
    if array.dtype != np.bool_:
        remedy = "; pass mask.astype(bool), True at real tokens" if array.dtype.kind in "iuf" else ""
        raise InvalidInputError(f"mask: must be boolean; got {array.dtype} {array.shape}{remedy}")
    if array.shape != shape:
        raise InvalidInputError(f"mask: must be boolean with attention's shape {shape}; got {array.shape}")
    return array


def class_array(array: NDArray[Any], name: str) -> IntArray:
    if array.ndim != 1 or array.dtype.kind not in "iub":
        remedy = ""
        if array.ndim == 1 and array.dtype.kind == "f":
            whole = bool((array == np.floor(array)).all())
            remedy = f"; pass {name}.astype(int)" if whole else "; of two classes pass np.column_stack([1 - p, p])"
        elif array.dtype.kind in "UOST":
            remedy = f"; pass np.unique({name}, return_inverse=True)[1]"
        raise InvalidInputError(
            f"{name}: must be integer classes of shape (n,); got {array.dtype} {array.shape}{remedy}"
        )
    if array.dtype.kind == "u" and len(array) and array.max() > np.iinfo(np.int64).max:
        raise InvalidInputError(f"{name}: classes must lie below 2**63; got {array.max()}")
    return array.astype(np.int64)


def output_array(values: ArrayLike) -> NDArray[Any]:
    array = plain_array(values, "output")
    if array.ndim == 1:
        return class_array(array, "output")
    probabilities = real_array(values, "output", ("n_examples", "n_classes"))
    if probabilities.shape[1] < 2:
        raise InvalidInputError(
            f"output: must have a probability for 2 or more classes; got shape {array.shape}; of one column p pass "
            "np.column_stack([1 - p, p])"
        )
    return probabilities


def renormalized(weights: FloatArray, real: BoolArray) -> FloatArray:
    """Return the rows divided by their sums; what is no weight is refused later, by name."""
    sums = np.where(real, weights, 0).sum(axis=1, keepdims=True)
    if not (sums > 0).all():
        row = int(np.flatnonzero(~(sums > 0))[0])
        raise InvalidInputError(f"attention: each row must have a sum above 0; got {sums[row, 0]:.6g} in example {row}")
    return np.asarray(weights / sums)


def finite_states(states: RealArray, real: BoolArray) -> RealArray:
    """Return the states, with zeros at padding if that holds anything that is not finite."""
    step = max(1, _AT_ONCE // states[0].size)
    clean = True
    for start in range(0, len(states), step):
        finite = np.isfinite(states[start : start + step]).all(axis=2)
        wrong = np.argwhere(~finite & real[start : start + step])
        if len(wrong):
            example, token = wrong[0]
            raise NonFiniteError(
                "hidden: must be finite at real tokens; got NaN or infinity in "
                f"example {start + example}, token {token}"
            )
        clean &= bool(finite.all())
    return states if clean else np.where(real[:, :, np.newaxis], states, 0)


def encode_tokens(tokens: Sequence[Sequence[str]], real: BoolArray) -> tuple[IntArray, NDArray[np.str_]]:
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


def checked_metadata(metadata: Mapping[str, object]) -> dict[str, Scalar]:
    if not isinstance(metadata, Mapping):
        raise InvalidInputError(f"metadata: must be a mapping of names to scalars; got {type(metadata).__name__}")
    found: dict[str, Scalar] = {}
    for key, value in metadata.items():
        scalar = value.item() if isinstance(value, np.generic) else value
        if not isinstance(key, str) or not isinstance(scalar, str | int | float | bool):
            raise InvalidInputError(f"{key}: metadata must be a string, number or boolean; got {type(value).__name__}")
        if isinstance(scalar, float) and not np.isfinite(scalar):
            raise NonFiniteError(f"{key}: metadata must be finite; got {scalar}")
        found[key] = scalar
    return found
