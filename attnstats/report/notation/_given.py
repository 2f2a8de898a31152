"""Columns of anyone's frame of results, and the decimals that its intervals support."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, log10
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from attnstats._validation import FloatArray
from attnstats.exceptions import InvalidInputError
from attnstats.report.notation._words import decimals_for, number

#: More decimals than any column of estimates is given.
_MOST_DECIMALS = 8
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def given(frame: Any, name: str, needed: Sequence[str], optional: Sequence[str] = ()) -> pd.DataFrame:
    """Return the columns of a pandas or polars frame that are needed, and those of the optional ones that it has."""
    columns = getattr(frame, "columns", None)
    if columns is None:
        raise InvalidInputError(f"{name}: must be a DataFrame; got {type(frame).__name__}")
    has = list(columns)
    for each in needed:
        if has.count(each) != 1:
            known = ", ".join(map(str, has)) or "none"
            raise InvalidInputError(f"{name}: must have one column {each!r}; got {has.count(each)} among {known}")
    if not len(frame):
        raise InvalidInputError(f"{name}: must have a row or more; got none")
    kept = list(dict.fromkeys([*needed, *(each for each in optional if each in has)]))
    if isinstance(frame, pd.DataFrame):
        return frame[kept].reset_index(drop=True)
    return pd.DataFrame({each: frame[each].to_numpy() for each in kept})


def numbers(frame: pd.DataFrame, name: str, column: str, *, missing: bool = True) -> FloatArray:
    """Return a column of numbers, NaN where there is none; refuse text, and with `missing` False what is not finite."""
    entries = [np.nan if value is None or value is pd.NA else value for value in frame[column]]
    for row, value in enumerate(entries):
        if isinstance(value, bool | np.bool_) or not isinstance(value, Real):
            raise InvalidInputError(f"{name}: column {column!r} must hold numbers; got {value!r} in row {row}")
    values = np.array(entries, dtype=np.float64)
    if not missing and not np.isfinite(values).all():
        row = int(np.argmin(np.isfinite(values)))
        raise InvalidInputError(f"{name}: column {column!r} must be finite; got {values[row]} in row {row}")
    return values


def limits(frame: pd.DataFrame, name: str, low: str, high: str) -> tuple[FloatArray, FloatArray]:
    """Return the ends of intervals, which may be infinite, and NaN where there is none."""
    below, above = numbers(frame, name, low), numbers(frame, name, high)
    for wrong, rule in (
        (below > above, "must not lie above"),
        (np.isnan(below) != np.isnan(above), "must be given or missing with"),
    ):
        if wrong.any():
            row = int(np.argmax(wrong))
            raise InvalidInputError(
                f"{name}: column {low!r} {rule} column {high!r}; got {below[row]} and {above[row]} in row {row}"
            )
    return below, above


def words(frame: pd.DataFrame, column: str) -> list[str]:
    """Return a column as text, empty where there is nothing."""
    return ["" if value is None or value is pd.NA or value != value else str(value) for value in frame[column]]


def common_decimals(low: FloatArray, high: FloatArray) -> int:
    """Return the decimals for all estimates of a column.

    Half the median width of the intervals shows two significant digits; there are more where the ends of an interval
    would print alike. Three without an interval of finite width.

    >>> import numpy as np
    >>> common_decimals(np.array([0.41, 0.3]), np.array([0.52, 0.6])), common_decimals(np.array([]), np.array([]))
    (2, 3)
    """
    halves = (high - low) / 2
    wide = np.isfinite(halves) & (halves > 0)
    if not wide.any():
        return 3
    decimals = decimals_for(float(np.median(halves[wide])))
    pairs = list(zip(low[wide], high[wide], strict=True))
    while decimals < _MOST_DECIMALS and any(number(a, decimals) == number(b, decimals) for a, b in pairs):
        decimals += 1
    return decimals


def power_of_ten(*values: FloatArray) -> int:
    """Return the power of ten, a multiple of three, in which very large or small numbers are said; 0 for others.

    >>> import numpy as np
    >>> power_of_ten(np.array([4.2e8, np.inf])), power_of_ten(np.array([-3e-6])), power_of_ten(np.array([1234.5]))
    (6, -6, 0)
    """
    sizes = np.abs(np.concatenate([np.ravel(each) for each in values]))
    largest = float(np.max(sizes, initial=0.0, where=np.isfinite(sizes)))
    return 0 if largest == 0 or 1e-4 <= largest < 1e6 else 3 * floor(log10(largest) / 3)


def in_power(label: str, power: int) -> str:
    """Return what numbers are, with the power of ten in which they are said.

    >>> in_power("loss", -6), in_power("loss", 0)
    ('loss (× 10⁻⁶)', 'loss')
    """
    return f"{label} (× 10{str(power).translate(_RAISED)})" if power else label


def significant_decimals(values: FloatArray) -> int:
    """Return the decimals at which the median size of some numbers shows three significant digits.

    >>> import numpy as np
    >>> significant_decimals(np.array([0.85, 0.9])), significant_decimals(np.array([0.0002, 0.0]))
    (3, 6)
    """
    sizes = np.abs(values[np.isfinite(values) & (values != 0)])
    if not len(sizes):
        return 3
    return min(max(2 - floor(log10(float(np.median(sizes)))), 0), _MOST_DECIMALS)


def interval(low: float, high: float, decimals: int) -> str:
    """Return an interval as it prints, empty where there is none.

    >>> interval(0.0911, 0.1557, 3), interval(-0.2, float("inf"), 2)
    ('[0.091, 0.156]', '[-0.20, ∞]')
    """
    return "" if np.isnan(low) else f"[{_end(low, decimals)}, {_end(high, decimals)}]"


def _end(value: float, decimals: int) -> str:
    return number(value, decimals).replace("inf", "∞")
