"""One column of values, as numbers, as codes of its order, or as classes."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from attnstats.exceptions import InvalidInputError

#: Integers up to here are float64 without rounding.
EXACT = 2**53
#: Seconds in each unit of time; a month and a year have no fixed length.
_SECONDS = {
    "W": Fraction(604_800), "D": Fraction(86_400), "h": Fraction(3_600), "m": Fraction(60), "s": Fraction(1),
    "ms": Fraction(1, 10**3), "us": Fraction(1, 10**6), "ns": Fraction(1, 10**9), "ps": Fraction(1, 10**12),
    "fs": Fraction(1, 10**15), "as": Fraction(1, 10**18),
}  # fmt: skip
_EPOCH = datetime(1970, 1, 1)
_NESTED, _COMPLEX = "arrays inside an array", "complex numbers"
_ZONES = "times with a time zone and without"
_REMEDIES = {
    _NESTED: "Pass one row for each sample, all of the same length",
    _COMPLEX: "Pass the real and the imaginary part as two columns",
    _ZONES: "Give all of them one",
}


class Column(NamedTuple):
    """One column, or an array whose values are all of one kind."""

    #: Numbers (objects may be Python integers), booleans or labels; anything where a value is missing.
    values: NDArray[Any]
    #: What is missing, besides NaN among floating numbers.
    missing: NDArray[np.bool_] | None = None
    #: Seconds for each unit of the values, if they are times.
    tick: Fraction | None = None
    #: What labels are, in words; empty for numbers.
    holds: str = ""
    #: Whether the column was declared categorical.
    declared: bool = False

    @property
    def absent(self) -> NDArray[np.bool_]:
        """What is missing, NaN included."""
        absent = np.zeros(self.values.shape, dtype=np.bool_) if self.missing is None else self.missing
        return absent | np.isnan(self.values) if self.values.dtype.kind == "f" else absent

    def numbers(self, where: str, *, shift: bool) -> NDArray[np.float64]:
        """Return float64, NaN where missing, times in seconds; integers beyond float64 less the smallest if `shift`."""
        if self.holds:
            present = self.values[~self.absent]
            example = f" such as {shown(present.flat[0])}" if present.size else ""
            remedy = _REMEDIES.get(
                self.holds, "Turn it into numbers first, or give it to an estimator that takes classes"
            )
            raise InvalidInputError(f"{where} must be real numbers; got {self.holds}{example}. {remedy}")
        kind = self.values.dtype.kind
        if kind in "fb":
            with np.errstate(over="ignore", invalid="ignore"):
                floats: NDArray[np.float64] = np.asarray(self.values, dtype=np.float64)
            if self.values.dtype.itemsize > 8 and not np.array_equal(np.isinf(floats), np.isinf(self.values)):
                largest = np.abs(self.values).max()
                raise InvalidInputError(f"{where} must hold numbers that float64 can represent; got {largest}")
            return self._without(floats)
        values = self._filled()
        if shift and values.size and (self.tick is not None or not holds_exactly(values)):
            values = _less(values, int(values.min()))
        if self.tick is not None:
            return self._without(_seconds(values, self.tick, where))
        if not holds_exactly(values):
            largest = int(max(values.ravel().tolist(), key=abs))
            raise InvalidInputError(
                f"{where} must hold numbers that float64 can represent; got {shown(largest)},"
                " and integers beyond 2**53 cannot be held exactly in float64. Subtract a constant from them first"
            )
        return self._without(values.astype(np.float64))

    def order(self, where: str) -> NDArray[np.float64]:
        """Return float64 in the order of the values, NaN where one is missing: the values, or else codes."""
        kind = self.values.dtype.kind
        values = self.values if self.holds or kind in "fb" else self._filled()
        if self.holds or kind == "b" or (kind != "f" and self.tick is None and holds_exactly(values)):
            return self.numbers(where, shift=False)
        if kind == "f":
            floats = self.numbers(where, shift=False)
            if self.values.dtype.itemsize <= 8 or ((floats == values) | np.isnan(floats)).all():
                return floats
        codes = np.unique(values, return_inverse=True)[1].reshape(values.shape).astype(np.float64)
        return np.where(self.absent, np.nan, codes)

    def classes(self, where: str) -> tuple[NDArray[np.int64], NDArray[Any]]:
        """Return the code of each value, none of which may be missing, and the distinct values in order (`_rank`)."""
        if self.values.dtype != object:
            classes, codes = np.unique(self.values, return_inverse=True)
            return codes.reshape(self.values.shape).astype(np.int64), classes
        values = self.values.ravel().tolist()
        try:
            order = {value: place for place, value in enumerate(sorted(set(values), key=_rank))}
        except TypeError as error:
            name = where.removesuffix(":")
            raise InvalidInputError(f"{name}: labels must be hashable; got others ({error})") from error
        classes = np.empty(len(order), dtype=object)
        classes[:] = list(order)
        return np.array([order[value] for value in values], dtype=np.int64).reshape(self.values.shape), classes

    def _filled(self) -> NDArray[Any]:
        """Return integers with some present value in place of the missing ones."""
        if self.missing is None or not self.missing.any():
            return self.values
        present = self.values[~self.missing]
        return np.where(self.missing, present.flat[0] if present.size else 0, self.values)

    def _without(self, floats: NDArray[np.float64]) -> NDArray[np.float64]:
        if self.missing is not None and self.missing.any():
            floats = np.where(self.missing, np.nan, floats)
        return floats


def column_of(array: NDArray[Any], missing: NDArray[np.bool_] | None, declared: bool) -> Column:
    """Return values of one kind, and which of them are missing."""
    kind = array.dtype.kind
    if kind in "mM":
        absent = np.isnat(array)
        unit, count = np.datetime_data(array.dtype)
        if kind == "M" and unit in ("Y", "M"):
            array, unit, count = array.astype("M8[D]"), "D", 1
        tick = _SECONDS.get(unit, Fraction(1)) * count
        return Column(array.astype(np.int64), absent if missing is None else absent | missing, tick, declared=declared)
    if kind != "O":
        return Column(array, missing, holds="text" if kind in "US" else "", declared=declared)
    absent = missing_among(array, missing)
    present = array[~absent].tolist()
    kinds = {_kind(each) for each in set(map(type, present))}
    if not kinds:
        return Column(np.full(array.shape, np.nan), absent if absent.any() else None, declared=declared)
    if kinds == {"bool"}:
        return Column(_put(array, absent, present, np.bool_), absent, declared=declared)
    if kinds <= {"bool", "number"}:
        exact = [_exact(each) for each in present]
        whole = [each for each in exact if isinstance(each, int)]
        if len(whole) == len(exact):
            return Column(_put(array, absent, whole, _smallest(whole)), absent, declared=declared)
        floats = [_rounded(each) for each in exact]
        if all(not isinstance(a, int) or a == b for a, b in zip(exact, floats, strict=True)):
            return Column(_put(array, absent, floats, np.float64), absent, declared=declared)
        return Column(array, absent, holds="whole numbers beyond 2**53 among others", declared=declared)
    if kinds in ({"time"}, {"duration"}):
        if len({each.tzinfo is None for each in present if isinstance(each, datetime)}) > 1:
            return Column(array, absent, holds=_ZONES, declared=declared)
        ticks = [_nanoseconds(each) for each in present]
        return Column(_put(array, absent, ticks, _smallest(ticks)), absent, Fraction(1, 10**9), declared=declared)
    return Column(array, absent, holds=_in_words(kinds), declared=declared)


def _in_words(kinds: set[str]) -> str:
    if "nested" in kinds:
        return _NESTED
    if "complex" in kinds:
        return _COMPLEX
    if kinds == {"text"}:
        return "text"
    return "text and numbers" if kinds <= {"text", "number", "bool"} else "objects"


def missing_among(array: NDArray[Any], missing: NDArray[np.bool_] | None) -> NDArray[np.bool_]:
    absent = np.fromiter(map(_is_missing, array.flat), dtype=np.bool_, count=array.size).reshape(array.shape)
    return absent if missing is None else absent | missing


def _is_missing(value: Any) -> bool:
    if value is None or value is np.ma.masked or type(value).__name__ == "NAType":
        return True
    if isinstance(value, str | bytes | int | np.ndarray | list):
        return False
    if isinstance(value, Decimal):
        return value.is_nan()
    try:
        return bool(value != value)
    except (TypeError, ValueError):
        return False


def _kind(of: type) -> str:
    if issubclass(of, bool | np.bool_):
        return "bool"
    if issubclass(of, complex | np.complexfloating) and not issubclass(of, float):
        return "complex"
    if issubclass(of, int | float | Decimal | Fraction | np.integer | np.floating) or of.__module__ == "ml_dtypes":
        return "number"
    if issubclass(of, str | bytes):
        return "text"
    if issubclass(of, timedelta | np.timedelta64):
        return "duration"
    if issubclass(of, date | np.datetime64):
        return "time"
    return "nested" if issubclass(of, np.ndarray | list | set | dict) else "object"


def _exact(value: Any) -> int | float:
    """Return a number as a Python number, integers exactly."""
    if isinstance(value, int | np.integer | np.bool_):
        return int(value)
    if isinstance(value, Decimal | Fraction):
        whole = int(value) if isinstance(value, Fraction) or value.is_finite() else None
        if whole == value:
            return int(value)
    try:
        return float(value)
    except OverflowError:
        return int(value)


def _rounded(value: int | float) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _nanoseconds(value: Any) -> int:
    """Return a time as nanoseconds since 1970, in UTC if it has a zone, or a duration in nanoseconds."""
    if isinstance(value, np.datetime64 | np.timedelta64):
        column = column_of(np.asarray(value).reshape(1), None, False)
        return int(int(column.values[0]) * (column.tick or 1) * 10**9)
    if type(value).__module__.startswith("pandas"):
        return int(value.value)
    if isinstance(value, datetime):
        value = (value if value.tzinfo is None else value.astimezone(UTC).replace(tzinfo=None)) - _EPOCH
    elif isinstance(value, date):
        value = datetime(value.year, value.month, value.day) - _EPOCH
    return int(value // timedelta(microseconds=1)) * 1000


def _smallest(whole: list[int]) -> Any:
    low, high = min(whole), max(whole)
    if low >= -(2**63) and high < 2**63:
        return np.int64
    return np.uint64 if low >= 0 and high < 2**64 else object


def _put(array: NDArray[Any], absent: NDArray[np.bool_], present: list[Any], dtype: Any) -> NDArray[Any]:
    values = np.zeros(array.shape, dtype=dtype)
    values[~absent] = present
    return values


def holds_exactly(values: NDArray[Any]) -> bool:
    """Whether float64 represents all of these integers."""
    if is_small(values):
        return True
    try:
        return all(int(float(each)) == each for each in values.ravel().tolist())
    except OverflowError:
        return False


def is_small(values: NDArray[Any]) -> bool:
    return not values.size or (int(values.min()) >= -EXACT and int(values.max()) <= EXACT)


def _less(values: NDArray[Any], low: int) -> NDArray[Any]:
    """Return integers less the smallest of them, exactly."""
    if values.dtype != object and int(values.max()) - low < 2**63:
        return np.asarray(values - np.array(low, dtype=values.dtype), dtype=np.int64)
    return np.array([each - low for each in values.ravel().tolist()], dtype=object).reshape(values.shape)


def _seconds(values: NDArray[Any], tick: Fraction, where: str) -> NDArray[np.float64]:
    """Return times in seconds; refuse if rounding would make different ones equal."""
    if tick >= 1:
        seconds = values.astype(np.float64) * float(tick)
    else:
        ticks = tick.denominator  # in a second
        whole, rest = values * tick.numerator // ticks, values * tick.numerator % ticks
        seconds = whole.astype(np.float64) + rest.astype(np.float64) / ticks
    if not holds_exactly(values) and np.unique(seconds).size < np.unique(values).size:
        raise InvalidInputError(
            f"{where} must hold times that float64 can tell apart, in seconds; got different ones that"
            " round to the same number. Pass them less the first one"
        )
    return seconds


def _rank(value: Any) -> tuple[int, Any, str]:
    kind = _kind(type(value))
    if kind in ("bool", "number"):
        exact = _exact(value)
        return 0, Fraction(exact) if isinstance(exact, int) or math.isfinite(exact) else exact, ""
    if kind == "text":
        return 1, "" if isinstance(value, str) else type(value).__name__, str(value)
    return 2, type(value).__name__, repr(value)


def shown(value: object) -> str:
    """Return a value for a message, truncated if it is long."""
    text = repr(value.item() if isinstance(value, np.generic) else value)
    return text if len(text) <= 40 else f"{text[:37]}..."
