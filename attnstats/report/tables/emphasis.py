"""What makes an entry of a table of results stand out, and the notes without which it must not: bold type, stars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from attnstats._validation import BoolArray, FloatArray, check_fraction, check_number
from attnstats.exceptions import InvalidInputError
from attnstats.report.notation._given import numbers

#: Rows that a note names one by one.
_NAMED = 6


@dataclass(frozen=True, slots=True)
class Best:
    """Which entries are printed in bold: those that are shown to be best, not those that look it.

    Parameters
    ----------
    column : str
        A column of True and False.
    by : str
        What has shown it; a note below the table says so.

    Examples
    --------
    >>> from attnstats.report import Best
    >>> Best("may_be_best", "Hsu's comparison with the best, 95 % simultaneous").column
    'may_be_best'
    """

    column: str
    by: str

    def of(self, frame: pd.DataFrame) -> list[bool]:
        """Return whether each row is in bold."""
        values = frame[self.column].tolist()
        for row, value in enumerate(values):
            if not isinstance(value, bool | np.bool_):
                raise InvalidInputError(
                    f"frame: column {self.column!r} must hold True or False; got {value!r} in row {row}"
                )
        return [bool(value) for value in values]


@dataclass(frozen=True, slots=True)
class Significance:
    """Stars behind estimates, by their p-values, with the note that explains them.

    Where stars and intervals do not say the same of a row, as where p-values are adjusted step by step and intervals
    are simultaneous, a second note names these rows and says why.

    Parameters
    ----------
    pvalue : str
        Column of p-values.
    said : str
        What they are, as it is printed: ``"p (Holm)"``.
    levels : tuple of float
        A star for each level that the p-value does not exceed, the largest level first.
    null : float
        The value that the p-values are about.
    why : str
        Why a star and the interval beside it may disagree.

    Examples
    --------
    >>> from attnstats.report import Significance
    >>> Significance("p", "p (Holm)", levels=(0.05, 0.01)).null
    0.0
    """

    pvalue: str
    said: str = "p"
    levels: tuple[float, ...] = (0.05,)
    null: float = 0.0
    why: str = "The p-values and the intervals come from different procedures."

    def __post_init__(self) -> None:
        levels = [check_fraction(level, "levels") for level in self.levels]
        if not levels or sorted(set(levels), reverse=True) != levels:
            raise InvalidInputError(f"levels: must be falling numbers between 0 and 1; got {self.levels!r}")
        check_number(self.null, "null")

    def stars(self, frame: pd.DataFrame) -> list[str]:
        """Return the stars of each row."""
        return ["*" * sum(p <= level for level in self.levels) for p in pvalues(frame, self.pvalue)]

    def notes(self, stars: Sequence[str], low: FloatArray, high: FloatArray, rows: Sequence[str]) -> list[str]:
        """Return the note that explains the stars, and the one on rows in which they and the intervals disagree."""
        if not any(stars):
            return []
        steps = [
            f"{'*' * (i + 1)} {self.said} ≤ {f'{level:g}'.replace('0.', '.', 1)}" for i, level in enumerate(self.levels)
        ]
        said = [f"{', '.join(steps)}."]
        holds = (low <= self.null) & (self.null <= high)
        leaves_out = (low > self.null) | (self.null > high)
        starred = np.array([bool(each) for each in stars])
        apart = [
            f"{verb} although the interval {does} {self.null:g}: {named(rows, which)}."
            for verb, does, which in (
                ("Starred", "includes", starred & holds),
                ("Not starred", "leaves out", ~starred & leaves_out),
            )
            if which.any()
        ]
        return [*said, " ".join([*apart, self.why])] if apart else said


def pvalues(frame: pd.DataFrame, column: str) -> FloatArray:
    """Return a column of p-values, NaN where there is none."""
    values = numbers(frame, "frame", column)
    wrong = (values < 0) | (values > 1)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise InvalidInputError(f"frame: column {column!r} must lie in 0..1; got {values[row]} in row {row}")
    return values


def named(rows: Sequence[str], which: BoolArray) -> str:
    """Return the names of the rows that are chosen, of many the first ones.

    >>> import numpy as np
    >>> named(["a", "b", "c"], np.array([True, False, True])), named(list("abcdefghij"), np.ones(10, dtype=bool))
    ('a, c', 'a, b, c, d, e, f and 4 more')
    """
    chosen = [row for row, one in zip(rows, which, strict=True) if one]
    shown = chosen if len(chosen) <= _NAMED + 1 else chosen[:_NAMED]  # not "and 1 more"
    more = f" and {len(chosen) - len(shown)} more" if len(shown) < len(chosen) else ""
    return f"{', '.join(shown)}{more}"
