"""Checks of arguments: each returns what is used inside, or raises an error with the parameter, the rule, the value."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Collection, Hashable, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from attnstats._column import shown
from attnstats._conversion import Given, read
from attnstats._variable import Variable
from attnstats.exceptions import InvalidInputError, NonFiniteError, TooFewSamplesError, UnreliableEstimateWarning

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]
BoolArray: TypeAlias = NDArray[np.bool_]
#: Of any precision.
RealArray: TypeAlias = NDArray[np.floating[Any]]
#: Arguments for `rng` (SPEC 7): a seed, a generator, or None for fresh entropy.
RNGLike: TypeAlias = (
    int | np.integer[Any] | np.random.SeedSequence | np.random.BitGenerator | np.random.Generator | None
)

_FLOAT64 = np.dtype(np.float64)
_REMEDY = "Leave out incomplete rows first, or with missing=CompleteCases() if the function takes it"

ALTERNATIVES = ("two-sided", "less", "greater")


def as_generator(rng: RNGLike) -> np.random.Generator:
    """Return the generator for `rng`; a generator is returned as it is (SPEC 7)."""
    if isinstance(rng, bool | np.random.RandomState):  # NumPy takes both, but the second gives no independent streams
        raise InvalidInputError(f"rng: must be None, a seed or a numpy Generator; got {rng!r}")
    try:
        return np.random.default_rng(rng)
    except (TypeError, ValueError) as error:
        raise InvalidInputError(f"rng: must be None, a seed or a numpy Generator; got {rng!r}") from error


def as_float_array(values: ArrayLike | Given, name: str, *, ndim: int | None = None, shift: bool = False) -> FloatArray:
    """Return `values` as finite float64 of `ndim` dimensions, times in seconds.

    Integers that float64 cannot represent are refused, or with `shift`, where only differences matter, taken less the
    smallest of them.
    """
    if type(values) is np.ndarray and values.dtype == _FLOAT64:
        return _finite(values, name, ndim)
    if isinstance(values, Variable):
        return _finite(_measured(values, name), name, ndim, labels=values.labels)
    given = read(values, name)
    return _finite(given.floats(name, shift=shift), name, ndim, rows=given.rows, labels=given.labels)


def as_order(values: ArrayLike | Given, name: str, *, ndim: int | None = None, by_column: bool = False) -> FloatArray:
    """Return finite float64 in the order of the values, all or by column: those that float64 holds, or codes."""
    given = read(values, name)
    array = given.floats(name, order=True, by_column=by_column)
    array = np.require(array, requirements=["C", "W"])  # compiled code is compiled anew for any other kind of array
    return _finite(array, name, ndim, rows=given.rows, labels=given.labels)


def _finite(array: FloatArray, name: str, ndim: int | None, **where: Any) -> FloatArray:
    """Return the array, or raise where it has other dimensions or a value that is not finite."""
    if ndim is not None and array.ndim != ndim:
        raise InvalidInputError(f"{name}: must have {ndim} dimension(s); got shape {array.shape}")
    check_finite(array, name, **where)
    return array


def as_samples(values: ArrayLike | Given, name: str) -> FloatArray:
    """Return `values` as finite float64 of shape (n_samples, dim); a vector becomes one column."""
    array = as_float_array(values, name, shift=True)  # statistics of samples do not depend on the origin
    if array.ndim == 1:
        array = array[:, np.newaxis]
    if array.ndim != 2 or array.shape[1] == 0:
        raise InvalidInputError(f"{name}: must have shape (n,) or (n, dim) with dim at least 1; got {array.shape}")
    check_at_least(len(array), 1, f"{name}: number of samples")
    return np.ascontiguousarray(array)


def as_labels(values: ArrayLike | Given, name: str) -> tuple[IntArray, NDArray[Any]]:
    """Return class codes 0..n_classes-1, shape (n_samples,), and the sorted class values that they stand for.

    Equal values are one class whatever their type, as in Python: 1, 1.0 and True are one, "1" is another. Numbers come
    first, by size, then text, then anything else by the name of its type and its repr.
    """
    given = Given(np.asarray(values)) if isinstance(values, Variable) else read(values, name)
    array = given.array
    if array.ndim == 2 and array.shape[1] == 1:
        column = given.columns()[0]
    elif array.ndim == 1:
        column = given.whole()
    else:
        raise InvalidInputError(f"{name}: labels must have shape (n,); got {array.shape}")
    if column.values.dtype.kind == "f":
        check_finite(column.numbers(f"{name}:", shift=False), name, rows=given.rows)
    else:
        check_present(column.absent, name, rows=given.rows)
    if array.dtype.kind in "mM":  # as it came, so that the classes are times
        classes, codes = np.unique(array.ravel(), return_inverse=True)
        return codes.astype(np.int64), classes
    return column.classes(name)


def as_mask(mask: ArrayLike | None, shape: tuple[int, ...]) -> BoolArray:
    """Return a boolean mask of a shape, by default True throughout."""
    if mask is None:
        return np.ones(shape, dtype=np.bool_)
    given = read(mask, "mask")
    column = given.whole()
    check_present(column.absent.ravel(), "mask")
    if column.values.dtype.kind != "b" or given.shape != shape:
        remedy = mask_remedy(column.values.reshape(given.shape), shape)
        raise InvalidInputError(
            f"mask: must be boolean of shape {shape}; got dtype {column.values.dtype} and shape {given.shape}"
            + (f". {remedy}" if remedy else "")
        )
    return np.ascontiguousarray(column.values)


def mask_remedy(mask: NDArray[Any], shape: tuple[int, ...]) -> str:
    """Return what to pass in place of a mask of another kind or shape, empty where that cannot be told."""
    if mask.dtype.kind not in "biuf" or not mask.size:
        return ""
    n, width = shape if len(shape) == 2 else (0, 0)
    if mask.shape == (n,) and mask.min() >= 1 and mask.max() <= width and (mask == mask.round()).all():
        return f"These look like lengths: pass np.arange({width}) < mask[:, np.newaxis]"
    additive = mask.dtype.kind != "b" and mask.min() < 0 and mask.max() == 0
    if not additive and not np.isin(mask, (0, 1)).all():
        return ""
    seen = "(mask == 0)" if additive else "mask" if mask.dtype.kind == "b" else "mask.astype(bool)"
    why = "It is added to scores, with 0 at what is seen" if additive else ""
    if mask.shape == shape:
        passed = "mask == 0" if additive else seen
    elif mask.ndim > len(shape) == 2 and (mask.shape[0], mask.shape[-1]) == shape:
        why += f"{' and it' if why else 'It'} has axes of heads or queries"
        axes = ", ".join(map(str, range(1, mask.ndim - 1)))
        passed = f"{seen}.any(axis={axes if mask.ndim == 3 else f'({axes})'})"
    elif mask.shape == shape[::-1]:
        why += f"{' and its' if why else 'Its'} axes are swapped"
        passed = f"{seen}.T"
    elif len(shape) == 2 and mask.shape == (width,):
        why += f"{' and it' if why else 'It'} has no axis of texts"
        passed = f"np.tile({seen}, ({n}, 1)) if it is the same for all"
    elif mask.ndim == 2 and len(shape) == 2:
        rows = "" if len(mask) == n else f" one row for each of {n} texts"
        columns = "" if mask.shape[1] == width else f" {width} columns, as many as there are tokens, False at padding"
        return f"Give it{' and'.join(part for part in (rows, columns) if part)}"
    else:
        return ""
    return f"{why}: pass {passed}" if why else f"Pass {passed}"


def check_samples(*variables: ArrayLike | Given, groups: ArrayLike | Given | None = None) -> tuple[FloatArray, ...]:
    """Return x and y, or x, y and z, as samples of the same length."""
    arrays = {name: as_samples(values, name) for name, values in zip("xyz", variables, strict=False)}
    check_same_length(**arrays)
    if groups is not None:
        check_same_length(x=arrays["x"], groups=as_labels(groups, "groups")[0])
    return tuple(arrays.values())


def as_permutations(rows: ArrayLike, n: int) -> IntArray:
    """Return orders of n samples, shape (n_permutations, n), each of which has every row once."""
    given = read(rows, "rows").array
    if given.ndim != 2 or given.dtype.kind not in "iu" or given.shape[1] != n:
        raise InvalidInputError(
            f"rows: must be whole numbers of shape (n_permutations, {n}); got {given.dtype} of shape {given.shape}"
        )
    if (np.sort(given, axis=1) != np.arange(n)).any():
        raise InvalidInputError("rows: must each be a permutation of the samples; got a row that is not")
    return given.astype(np.int64)


def check_finite(
    array: NDArray[Any], name: str, *, rows: IntArray | None = None, labels: tuple[str, ...] = (), remedy: str = _REMEDY
) -> None:
    """Raise unless every value is finite, naming the first by the caller's `rows` and the `labels` of its columns."""
    finite = np.isfinite(array)
    if finite.all():
        return
    place = np.unravel_index(int(np.argmin(finite)), array.shape)
    first = array[place]
    row = f", the first {first!s}" + (f" in row {_row(int(place[0]), rows)}" if array.ndim else "")
    column = "".join(f", column {repr(labels[each]) if labels else int(each)}" for each in place[1:])
    advice = remedy if np.isnan(array).any() else "Infinite values do not count as missing"
    raise NonFiniteError(
        f"{name}: must be finite; got {int((~finite).sum())} NaN or infinite value(s) among {array.size}{row}{column}."
        f" {advice}"
    )


def check_present(absent: BoolArray, name: str, *, rows: IntArray | None = None) -> None:
    """Raise if a value of a column is missing; the message names the first row."""
    if absent.any():
        row = _row(int(np.argmax(absent)), rows)
        raise NonFiniteError(
            f"{name}: must have no missing values; got {int(absent.sum())} of {len(absent)}, the first in row {row}."
            f" {_REMEDY}"
        )


def check_same_length(**arrays: NDArray[Any]) -> int:
    """Return the common length of the first axis of the named arrays."""
    lengths = {name: len(array) for name, array in arrays.items()}
    if len(set(lengths.values())) > 1:
        found = ", ".join(f"{name} has {length}" for name, length in lengths.items())
        raise InvalidInputError(f"{' and '.join(lengths)}: must have the same length; {found}")
    return next(iter(lengths.values()))


def check_at_least(n: int, minimum: int, name: str) -> None:
    """Raise if n is less than the minimum; `name` says what n counts."""
    if n < minimum:
        raise TooFewSamplesError(f"{name}: must be at least {minimum}; got {n}")


def check_count(value: object, name: str, *, minimum: int = 1) -> int:
    """Return `value` as an int of at least `minimum` and at most 64 bits."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or not minimum <= value < 2**63:
        raise InvalidInputError(f"{name}: must be an integer of at least {minimum}; got {shown(value)}")
    return int(value)


def as_number(value: object) -> float | None:
    """Return a real number as a float; None for anything else, NaN, or a number beyond the range of a float."""
    if isinstance(value, bool | np.timedelta64) or not isinstance(value, int | float | np.integer | np.floating):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return None if np.isnan(number) else number


def _number_where(value: object, name: str, holds: Callable[[float], bool], rule: str) -> float:
    number = as_number(value)
    if number is None or not holds(number):
        raise InvalidInputError(f"{name}: must {rule}; got {shown(value)}")
    return number


def check_number(value: object, name: str, *, infinite: bool = False) -> float:
    """Return `value` if it is a number, finite unless `infinite` is True."""
    rule = f"be a {'' if infinite else 'finite '}number"
    return _number_where(value, name, lambda number: infinite or abs(number) < np.inf, rule)


def check_between(value: object, name: str, low: float, high: float) -> float:
    """Return `value` if it lies between `low` and `high`, both included."""
    return _number_where(value, name, lambda number: low <= number <= high, f"lie between {low:g} and {high:g}")


def warn_of_copies(texts: Sequence[Hashable], name: str) -> None:
    """Warn, in the caller of the caller, if texts repeat others where a test or an interval is over texts."""
    if n_copies := len(texts) - len(set(texts)):
        warnings.warn(
            f"{name}: {n_copies} of {len(texts)} texts repeat another; tests and intervals over texts take them for"
            " independent, and are too sure",
            UnreliableEstimateWarning,
            stacklevel=3,
        )


def as_targets(target: int | ArrayLike, n: int, n_classes: int, first: int = 0) -> IntArray:
    """Return a class, or one for each of n texts from number `first` on, as one for each."""
    classes = np.asarray(target)
    if classes.dtype.kind not in "iu" or classes.shape not in {(), (n,)}:
        raise InvalidInputError(
            f"target: must be a class or one for each of {n} texts; got {classes.dtype} of shape {classes.shape}"
        )
    wrong = np.flatnonzero((classes < 0) | (classes >= n_classes))
    if wrong.size:
        place = f" for text {first + wrong[0]}" if classes.ndim else ""
        raise InvalidInputError(f"target: must lie in 0 to {n_classes - 1}; got {classes.flat[wrong[0]]}{place}")
    return np.broadcast_to(classes, (n,)).astype(np.int64)


def check_fraction(value: object, name: str) -> float:
    """Return `value` if it lies strictly between 0 and 1."""
    return _number_where(value, name, lambda number: 0 < number < 1, "lie strictly between 0 and 1")


def check_positive(value: object, name: str) -> float:
    """Return `value` if it is finite and above zero."""
    return _number_where(value, name, lambda number: 0 < number < np.inf, "be a finite number above 0")


def check_text(value: object, name: str) -> str:
    """Return `value` if it is a text."""
    if not isinstance(value, str):
        raise InvalidInputError(f"{name}: must be a text; got {shown(value)}")
    return value


def check_flag(value: object, name: str) -> bool:
    """Return `value` if it is True or False."""
    if not isinstance(value, bool | np.bool_):
        raise InvalidInputError(f"{name}: must be True or False; got {shown(value)}")
    return bool(value)


def check_member(value: object, name: str, known: Collection[str]) -> str:
    """Return `value` if it is one of the `known` strings."""
    if not isinstance(value, str) or value not in known:
        raise InvalidInputError(f"{name}: must be one of {', '.join(known)}; got {shown(value)}")
    return value


def check_object(value: object, name: str, kinds: type | tuple[type, ...], examples: str) -> None:
    """Raise unless `value` is an instance of one of the kinds; the message names `examples`."""
    if isinstance(value, type) or not isinstance(value, kinds):
        raise InvalidInputError(f"{name}: must be an object such as {examples}; got {shown(value)}")


def _measured(values: Variable, name: str) -> FloatArray:
    """Return the numbers of a variable, refusing columns of codes."""
    for column in values.coded():
        classes = values.classes[column]
        example = "" if classes is None or not len(classes) else f" such as {shown(classes[0])}"
        raise InvalidInputError(
            f"{values.where(name, column)} must be real numbers; got labels{example}. Turn it into numbers first, or"
            " give it to an estimator that takes classes"
        )
    return np.asarray(values)


def _row(row: int, rows: IntArray | None) -> int:
    return row if rows is None else int(rows[row])
