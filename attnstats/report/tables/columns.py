"""What a column of a table of results prints: words, counts, numbers, p-values, estimates with their intervals."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from attnstats._validation import FloatArray, check_count, check_object
from attnstats.report.notation import _words as notation
from attnstats.report.notation._given import (
    common_decimals,
    in_power,
    interval,
    limits,
    numbers,
    power_of_ten,
    significant_decimals,
    words,
)
from attnstats.report.tables.emphasis import Best, Significance, pvalues

_NO_INTERVALS = np.array([])


class Printed(NamedTuple):
    """One printed column: its heading, and text, mark and weight of each row."""

    label: str
    text: list[str]
    marks: list[str]
    bold: list[bool]


class ResultColumn(ABC):
    """What stands for a column of `results_table`: `Words`, `Count`, `Number`, `PValue` and `Estimate`.

    Examples
    --------
    >>> from attnstats.report import Count, Estimate, PValue, ResultColumn
    >>> [isinstance(each, ResultColumn) for each in (Count("n"), PValue("p"), Estimate("mean", "low", "high"))]
    [True, True, True]
    """

    __slots__ = ()
    #: The heading over this column and its neighbours of the same.
    spanner: str

    @property
    @abstractmethod
    def names(self) -> tuple[str, ...]:
        """The columns of the frame that it reads."""

    @abstractmethod
    def printed(self, frame: pd.DataFrame, decimals: int | None) -> list[Printed]:
        """Return what is printed, estimates at so many decimals where these are given."""

    def notes(self, frame: pd.DataFrame, rows: Sequence[str]) -> list[str]:  # noqa: ARG002
        """Return what must be said below the table; `rows` is what each row is called."""
        return []

    def intervals(self, frame: pd.DataFrame) -> tuple[FloatArray, FloatArray]:  # noqa: ARG002
        """Return the ends of the intervals that it prints."""
        return _NO_INTERVALS, _NO_INTERVALS


@dataclass(frozen=True, slots=True)
class _OneColumn(ResultColumn):
    column: str
    label: str | None = None
    spanner: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The column of the frame."""
        return (self.column,)

    def printed(self, frame: pd.DataFrame, decimals: int | None) -> list[Printed]:  # noqa: ARG002
        """Return the entries."""
        text = self.entries(frame)
        return [Printed(self.heading(frame), text, [""] * len(text), [False] * len(text))]

    def heading(self, frame: pd.DataFrame) -> str:  # noqa: ARG002
        """Return what stands over the entries."""
        return self.column if self.label is None else self.label

    @abstractmethod
    def entries(self, frame: pd.DataFrame) -> list[str]:
        """Return the entries as they print."""


@dataclass(frozen=True, slots=True)
class Words(_OneColumn):
    """A column that prints as it is.

    Parameters
    ----------
    column : str
        Its name in the frame.
    label : str, optional
        The heading; by default the name.
    spanner : str
        The heading over this column and its neighbours of the same.

    Examples
    --------
    >>> from attnstats.report import Words
    >>> Words("model", "Model").label
    'Model'
    """

    def entries(self, frame: pd.DataFrame) -> list[str]:
        """Return the entries as they are."""
        return [said or notation.ABSENT for said in words(frame, self.column)]


@dataclass(frozen=True, slots=True)
class Count(_OneColumn):
    """A column of whole numbers, in groups of thousands; parameters as for `Words`.

    Examples
    --------
    >>> from attnstats.report import Count
    >>> Count("n", "Seeds").label
    'Seeds'
    """

    def entries(self, frame: pd.DataFrame) -> list[str]:
        """Return the counts as they print."""
        return [notation.count(value) for value in numbers(frame, "frame", self.column)]


@dataclass(frozen=True, slots=True)
class PValue(_OneColumn):
    """A column of p-values, to three decimals and never 0; parameters as for `Words`.

    Examples
    --------
    >>> from attnstats.report import PValue
    >>> PValue("p_adjusted", "p (Holm)").label
    'p (Holm)'
    """

    def entries(self, frame: pd.DataFrame) -> list[str]:
        """Return the p-values as they print."""
        return [notation.pvalue(value) for value in pvalues(frame, self.column)]


@dataclass(frozen=True, slots=True)
class Number(_OneColumn):
    """A column of numbers without intervals, at fixed decimals; very large and small ones in a power of ten.

    Parameters
    ----------
    column, label, spanner : str
        As for `Words`.
    decimals : int, optional
        How many; by default as many as show three significant digits of the median.

    Examples
    --------
    >>> from attnstats.report import Number
    >>> Number("g", "Hedges' g", decimals=2).decimals
    2
    """

    decimals: int | None = None

    def __post_init__(self) -> None:
        if self.decimals is not None:
            check_count(self.decimals, "decimals", minimum=0)

    def heading(self, frame: pd.DataFrame) -> str:
        """Return what the numbers are, and the power of ten in which they are said."""
        return in_power(super(Number, self).heading(frame), self._power(frame))

    def _power(self, frame: pd.DataFrame) -> int:
        return power_of_ten(numbers(frame, "frame", self.column)) if self.decimals is None else 0

    def entries(self, frame: pd.DataFrame) -> list[str]:
        """Return the numbers as they print."""
        values = numbers(frame, "frame", self.column) / 10.0 ** self._power(frame)
        decimals = significant_decimals(values) if self.decimals is None else self.decimals
        return [notation.number(value, decimals).replace("inf", "∞") for value in values]


@dataclass(frozen=True, slots=True)
class Estimate(ResultColumn):
    """A column of estimates, with one of their intervals beside it.

    Half the median width of the intervals shows two significant digits, and estimates and ends all have the decimals
    that takes; more where the two ends of an interval would print alike. Very large and small ones are said in a power
    of ten, which the headings name, unless the decimals are given.

    Parameters
    ----------
    value, low, high : str
        Columns of the estimates and the ends of their intervals.
    label : str, optional
        The heading of the estimates; by default `value`.
    interval : str
        The heading of the intervals.
    spanner : str
        The heading over both and their neighbours of the same.
    decimals : int, optional
        Instead of those that the intervals support.
    best : Best, optional
        Which estimates are in bold.
    significance : Significance, optional
        Which estimates have stars.

    Examples
    --------
    >>> from attnstats.report import Best, Estimate, Significance
    >>> Estimate("gain", "low", "high", "Gain", best=Best("best", "Hsu's test"), significance=Significance("p")).names
    ('gain', 'low', 'high', 'best', 'p')
    """

    value: str
    low: str
    high: str
    label: str | None = None
    interval: str = "95 % CI"
    spanner: str = ""
    decimals: int | None = None
    best: Best | None = None
    significance: Significance | None = None

    def __post_init__(self) -> None:
        if self.decimals is not None:
            check_count(self.decimals, "decimals", minimum=0)
        if self.best is not None:
            check_object(self.best, "best", Best, 'Best("best", "Hsu\'s test")')
        if self.significance is not None:
            check_object(self.significance, "significance", Significance, 'Significance("p")')

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of the frame."""
        best = () if self.best is None else (self.best.column,)
        return (
            self.value,
            self.low,
            self.high,
            *best,
            *([] if self.significance is None else [self.significance.pvalue]),
        )

    def intervals(self, frame: pd.DataFrame) -> tuple[FloatArray, FloatArray]:
        """Return the ends of the intervals."""
        return limits(frame, "frame", self.low, self.high)

    def printed(self, frame: pd.DataFrame, decimals: int | None) -> list[Printed]:
        """Return the estimates and the intervals."""
        low, high = self.intervals(frame)
        values = numbers(frame, "frame", self.value)
        places = self.decimals if self.decimals is not None else decimals
        power = power_of_ten(values, low, high) if places is None else 0
        values, low, high = (each / 10.0**power for each in (values, low, high))
        places = common_decimals(low, high) if places is None else places
        ends = [interval(*each, places) or notation.ABSENT for each in zip(low, high, strict=True)]
        none, plain = [""] * len(frame), [False] * len(frame)
        marks = none if self.significance is None else self._stars(frame, self.significance)
        bold = plain if self.best is None else self.best.of(frame)
        label = self.value if self.label is None else self.label
        text = [notation.number(value, places).replace("inf", "∞") for value in values]
        return [
            Printed(in_power(label, power), text, marks, bold),
            Printed(in_power(self.interval, power), ends, none, plain),
        ]

    def _stars(self, frame: pd.DataFrame, significance: Significance) -> list[str]:
        """Return the stars of each row, none where there is no estimate."""
        known = ~np.isnan(numbers(frame, "frame", self.value))
        return [each if has else "" for each, has in zip(significance.stars(frame), known, strict=True)]

    def notes(self, frame: pd.DataFrame, rows: Sequence[str]) -> list[str]:
        """Return what the stars and the bold type say."""
        said = []
        if self.significance is not None:
            said += self.significance.notes(self._stars(frame, self.significance), *self.intervals(frame), rows)
        if self.best is not None and any(self.best.of(frame)):
            said.append(f"Bold: shown to be best ({self.best.by}).")
        return said
