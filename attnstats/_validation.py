"""Checks made once, at the public door.

Each function returns the argument in the one form that the inside works with, or raises an error that names the
parameter, the rule and the value received.
"""

from collections.abc import Collection
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from attnstats.exceptions import InvalidInputError, NonFiniteError, TooFewSamplesError

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]
BoolArray: TypeAlias = NDArray[np.bool_]
#: What `rng=` takes (SPEC 7): a seed, a generator, or None for fresh entropy.
RNGLike: TypeAlias = (
    int | np.integer[Any] | np.random.SeedSequence | np.random.BitGenerator | np.random.Generator | None
)

ALTERNATIVES = ("two-sided", "less", "greater")


def as_generator(rng: RNGLike) -> np.random.Generator:
    """Return the generator that `rng` stands for; a generator is returned as it is (SPEC 7)."""
    try:
        return np.random.default_rng(rng)
    except (TypeError, ValueError) as error:
        raise InvalidInputError(f"rng: must be None, a seed or a numpy Generator; got {rng!r}") from error


def as_float_array(values: ArrayLike, name: str, *, ndim: int | None = None) -> FloatArray:
    """Return `values` as finite float64 of `ndim` dimensions."""
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidInputError(f"{name}: must be an array of real numbers; got {_kind(values)}") from error
    if ndim is not None and array.ndim != ndim:
        raise InvalidInputError(f"{name}: must have {ndim} dimension(s); got shape {array.shape}")
    check_finite(array, name)
    return array


def as_samples(values: ArrayLike, name: str) -> FloatArray:
    """Return `values` as finite float64 of shape (n_samples, dim); a vector becomes one column."""
    array = as_float_array(values, name)
    if array.ndim == 1:
        array = array[:, np.newaxis]
    if array.ndim != 2 or array.shape[1] == 0:
        raise InvalidInputError(f"{name}: must have shape (n,) or (n, dim) with dim at least 1; got {array.shape}")
    return np.ascontiguousarray(array)


def as_labels(values: ArrayLike, name: str) -> tuple[IntArray, NDArray[Any]]:
    """Return class codes 0..n_classes-1, shape (n_samples,), and the sorted class values they stand for."""
    array = np.asarray(values)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        raise InvalidInputError(f"{name}: labels must have shape (n,); got {array.shape}")
    if array.dtype.kind in "fc":
        check_finite(array, name)
    elif array.dtype.kind == "O" and any(value is None or value != value for value in array):
        raise NonFiniteError(f"{name}: must have no missing labels; got None or NaN")
    classes, codes = np.unique(array, return_inverse=True)
    return codes.astype(np.int64), classes


def check_samples(
    x: ArrayLike, y: ArrayLike, z: ArrayLike | None = None, *, groups: ArrayLike | None = None
) -> tuple[FloatArray, ...]:
    """Return the variables as samples of one length, x and y and, where given, z."""
    arrays = {"x": as_samples(x, "x"), "y": as_samples(y, "y")}
    if z is not None:
        arrays["z"] = as_samples(z, "z")
    check_same_length(**arrays)
    if groups is not None:
        check_same_length(x=arrays["x"], groups=as_labels(groups, "groups")[0])
    return tuple(arrays.values())


def check_finite(array: NDArray[Any], name: str) -> None:
    """Raise unless every value is finite."""
    finite = np.isfinite(array)
    if not finite.all():
        raise NonFiniteError(
            f"{name}: must be finite; got {int((~finite).sum())} NaN or infinite value(s) among {array.size}"
        )


def check_same_length(**arrays: NDArray[Any]) -> int:
    """Return the common length of the first axis of the named arrays."""
    lengths = {name: len(array) for name, array in arrays.items()}
    if len(set(lengths.values())) > 1:
        found = ", ".join(f"{name} has {length}" for name, length in lengths.items())
        raise InvalidInputError(f"{' and '.join(lengths)}: must have the same length; {found}")
    return next(iter(lengths.values()))


def check_at_least(n: int, minimum: int, name: str) -> None:
    """Raise unless there are `minimum` of the thing that `name` describes."""
    if n < minimum:
        raise TooFewSamplesError(f"{name}: must be at least {minimum}; got {n}")


def check_count(value: object, name: str, *, minimum: int = 1) -> int:
    """Return `value` as an int of at least `minimum`."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < minimum:
        raise InvalidInputError(f"{name}: must be an integer of at least {minimum}; got {value!r}")
    return int(value)


def check_fraction(value: float, name: str) -> float:
    """Return `value` if it lies strictly between 0 and 1."""
    if not (isinstance(value, int | float | np.floating | np.integer) and 0 < value < 1):
        raise InvalidInputError(f"{name}: must lie strictly between 0 and 1; got {value!r}")
    return float(value)


def check_positive(value: float, name: str) -> float:
    """Return `value` if it is finite and above zero."""
    if not (isinstance(value, int | float | np.floating | np.integer) and np.isfinite(value) and value > 0):
        raise InvalidInputError(f"{name}: must be a finite number above 0; got {value!r}")
    return float(value)


def check_member(value: str, name: str, known: Collection[str]) -> str:
    """Return `value` if it is one of the `known` words."""
    if value not in known:
        raise InvalidInputError(f"{name}: must be one of {', '.join(known)}; got {value!r}")
    return value


def _kind(values: object) -> str:
    dtype = getattr(values, "dtype", None)
    return f"dtype {dtype}" if dtype is not None else type(values).__name__
