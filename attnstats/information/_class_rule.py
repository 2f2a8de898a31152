"""Whether samples are classes or measurements, column by column."""

from __future__ import annotations

from collections.abc import Sequence
from math import isqrt
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from attnstats._column import Column, is_small
from attnstats._conversion import Given, read
from attnstats._validation import BoolArray, FloatArray, check_finite, check_present
from attnstats._variable import Variable
from attnstats.exceptions import InvalidInputError

#: Whether a variable, or each of its columns, is a class; None leaves it to `is_discrete`.
Discrete: TypeAlias = bool | Sequence[bool | None] | None

#: Most measurements show in their first rows that they are not whole.
_HEAD = 32


def is_discrete(values: ArrayLike | Given, name: str = "values") -> bool:
    """Whether samples are classes, as opposed to measurements, in every column.

    Text, truth values, categories and other objects are classes. Numbers, times included, are classes where they are
    whole and take at most max(2, sqrt(n)) different values, so that a class has about sqrt(n) members or more.

    Examples
    --------
    >>> is_discrete([0, 1, 1]), is_discrete(["pos", "neg"]), is_discrete([0.5, 1.0]), is_discrete([3, 1, 2, 5])
    (True, True, False, False)
    """
    if isinstance(values, Variable):
        return all(values.discrete)
    given = read(values, name)
    if given.array.ndim not in (1, 2) or not given.array.size:
        return False
    if _is_plain(given):
        return all(_few_whole(column) for column in _columns_of(given.floats(name)).T)
    return all(_class_by_kind(column) or _few_whole(_present(column, name)) for column in given.columns())


def as_variable(values: ArrayLike | Given, name: str, discrete: Discrete = None) -> Variable:
    """Return samples, shape (n,) or (n, dim), with which columns are classes by `is_discrete` or by the caller."""
    if isinstance(values, Variable):
        return values if discrete is None else _decided(values, name, discrete)
    given = read(values, name)
    array = given.array
    if array.ndim not in (1, 2) or array.shape[1:] == (0,):
        raise InvalidInputError(f"{name}: must have shape (n,) or (n, dim) with dim at least 1; got {array.shape}")
    asked = _asked(discrete, name, 1 if array.ndim == 1 else array.shape[1])
    if _is_plain(given):
        floats = given.floats(name)
        check_finite(floats, name, rows=given.rows, labels=given.labels)
        columns = _columns_of(floats)
        maybe = (columns[:_HEAD] == np.floor(columns[:_HEAD])).all(axis=0)
        flags = tuple(
            (may and _few_whole(column)) if wish is None else wish
            for column, may, wish in zip(columns.T, maybe.tolist(), asked, strict=True)
        )
        return Variable.of(floats, flags, (None,) * len(flags), given.labels)
    places = enumerate(zip(given.columns(), asked, strict=True))
    judged = [_judge(column, wish, given, name, place) for place, (column, wish) in places]
    columns, flags, classes = zip(*judged, strict=True)
    return Variable.of(np.column_stack(columns).reshape(array.shape), flags, classes, given.labels)


class Columns(NamedTuple):
    """Samples column by column: values of measurements and codes of classes, shape (n, dim), and which is which."""

    samples: FloatArray
    discrete: BoolArray


def as_columns(values: ArrayLike | Given, name: str) -> Columns:
    """Return float64 of shape (n, dim): the values of measurements, and the codes 0, 1, ... of classes."""
    variable = as_variable(values, name)
    samples, discrete = variable.plain().copy(), np.array(variable.discrete, dtype=np.bool_)
    for column in np.flatnonzero(discrete):
        samples[:, column] = np.unique(samples[:, column], return_inverse=True)[1]
    return Columns(samples, discrete)


def _is_plain(given: Given) -> bool:
    """Whether an array holds numbers that float64 does, so that its columns need not be looked at one by one."""
    kind = given.array.dtype.kind
    return (kind == "f" or (kind in "iu" and is_small(given.array))) and not any(given.declared)


def _class_by_kind(column: Column) -> bool:
    return bool(column.holds) or column.declared or column.values.dtype.kind == "b"


def _present(column: Column, name: str) -> FloatArray:
    """Return the numbers that are there; where float64 cannot hold them, their codes."""
    present = column.order(f"{name}:").ravel()
    return present[~np.isnan(present)]


def is_whole(column: FloatArray) -> bool:
    """Whether all numbers of a column, shape (n,), are whole."""
    head = column[:_HEAD]
    return bool((head == np.floor(head)).all()) and bool((column == np.floor(column)).all())


def _few_whole(column: FloatArray) -> bool:
    """Whether numbers are whole and take at most max(2, sqrt(n)) different values."""
    if not is_whole(column):
        return False
    limit = max(2, isqrt(len(column)))
    return len(np.unique(column[: 4 * limit])) <= limit and len(np.unique(column)) <= limit


def _columns_of(array: FloatArray) -> FloatArray:
    return array[:, np.newaxis] if array.ndim == 1 else array


def wishes_of(discrete: Discrete, name: str) -> list[bool | None]:
    """Return the checked choice of the caller, one for all columns or one for each."""
    wishes = [discrete] if discrete is None or isinstance(discrete, bool | np.bool_) else discrete
    if not isinstance(wishes, list | tuple | np.ndarray) or not all(
        each is None or isinstance(each, bool | np.bool_) for each in wishes
    ):
        raise InvalidInputError(
            f"discrete_{name}: must be None, True, False, or one of them for each column; got {discrete!r}"
        )
    return [None if each is None else bool(each) for each in wishes]


def _asked(discrete: Discrete, name: str, dim: int) -> list[bool | None]:
    wishes = wishes_of(discrete, name)
    if discrete is None or isinstance(discrete, bool | np.bool_):
        return wishes * dim
    if len(wishes) != dim:
        raise InvalidInputError(f"discrete_{name}: must have one for each of {dim} column(s); got {discrete!r}")
    return wishes


def _decided(variable: Variable, name: str, discrete: Discrete) -> Variable:
    """Return a variable with another decision where the caller has one."""
    asked = _asked(discrete, name, len(variable.discrete))
    flags = tuple(flag if wish is None else wish for flag, wish in zip(variable.discrete, asked, strict=True))
    for place in variable.coded():
        if not flags[place]:
            raise InvalidInputError(f"{variable.where(name, place)} must be real numbers for a measurement; got labels")
    return Variable.of(np.asarray(variable), flags, variable.classes, variable.labels)


def _judge(
    column: Column, wish: bool | None, given: Given, name: str, place: int
) -> tuple[FloatArray, bool, NDArray[Any] | None]:
    """Return the values or codes of a column, whether it is a class, and what codes stand for."""
    absent, where = column.absent, given.where(name, place)
    check_present(absent, where.removesuffix(":"), rows=given.rows)
    if column.holds and wish is False:
        column.numbers(where, shift=True)  # refuses
    discrete = wish if wish is not None else _class_by_kind(column) or _few_whole(_present(column, name))
    if not column.holds:
        try:
            floats = column.numbers(where, shift=True)
        except InvalidInputError:
            if not discrete:
                raise
        else:
            check_finite(floats, where.removesuffix(":"), rows=given.rows)
            return floats, discrete, np.array([False, True]) if column.values.dtype.kind == "b" else None
    codes, classes = column.classes(where)
    return codes.astype(np.float64), True, classes
