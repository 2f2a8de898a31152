"""What may be done to a table of scores and leaves what is found: other labels, units, orders and libraries."""

import datetime
import decimal
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa

from attnstats.exceptions import AttnstatsError
from attnstats.scores import Comparison, Difference, compare
from tests.fuzz.score_tables import in_arrow, in_polars, shuffled

#: A table and the keywords of `compare`.
Case = tuple[Any, dict[str, Any]]


@dataclass(frozen=True, repr=False)
class Change:
    """Another way to write a table down, of which each difference is `factor` times what it was."""

    apply: Callable[[Any, dict[str, Any]], Case]
    factor: float = 1.0
    #: Whether every number stays as it is.
    whole: bool = False


@dataclass(frozen=True, repr=False)
class Twins:
    """A comparison, and what came of its table after a change."""

    comparison: Comparison
    changed: Comparison | AttnstatsError
    change: Change

    def broken(self) -> Iterator[str]:
        """What the change should have left and did not, a sentence each."""
        if isinstance(self.changed, AttnstatsError):
            yield f"the changed table is refused: {self.changed}"
            return
        largest = float(np.abs(self.comparison.scores.values).max())
        size = self.change.factor * largest
        for one, other in ((self.comparison, self.changed), (self.changed, self.comparison)):
            if {_pair(each) for each in one.differences} - {_pair(each) for each in other.differences}:
                yield "other pairs are compared"
                return
        before, after = _in_order(self.comparison), _in_order(self.changed)
        for key, each in before.items():
            found = after[key]
            sign = self.change.factor if each.first == found.first else -self.change.factor
            if not np.allclose(_numbers(each, sign), _numbers(found, 1.0), rtol=1e-6, atol=1e-9 * size, equal_nan=True):
                yield f"the difference is another after the change: {each!r} and {found!r}"
            elif not np.allclose(_pvalues(each), _pvalues(found), rtol=1e-5, atol=1e-12, equal_nan=True):
                yield f"the p-values are others after the change: {_pvalues(each)} and {_pvalues(found)}"


def _in_order(comparison: Comparison) -> dict[tuple[frozenset[str], int], Difference]:
    """The differences by their conditions, those of all data sets first, whatever these are called."""
    places: Counter[frozenset[str]] = Counter()
    found = {}
    for each in (*comparison.differences, *comparison.by_dataset):
        pair = _pair(each)
        found[pair, places[pair]] = each
        places[pair] += 1
    return found


def _pair(found: Difference) -> frozenset[str]:
    return frozenset((found.first, found.second))


def _numbers(found: Difference, factor: float) -> list[float]:
    interval = found.interval
    ends = [np.nan, np.nan] if interval is None else sorted((factor * interval.low, factor * interval.high))
    return [factor * found.difference, *ends]


def _pvalues(found: Difference) -> list[float]:
    margin = [] if found.margin is None else [found.margin.equivalence, found.margin.adjusted_equivalence]
    return [found.pvalue, found.adjusted_pvalue, *margin]


def compared(case: tuple[Any, dict[str, Any], Change]) -> Twins:
    """Compare the conditions of a table, and those of the same table after a change."""
    table, columns, change = case
    given = {"value": "score", "condition": "model", "rng": 0} | columns
    comparison = compare(table, **given)
    other, changed = change.apply(table, given)
    try:
        return Twins(comparison, compare(other, **changed), change)
    except AttnstatsError as error:
        return Twins(comparison, error, change)


# ------------------------------------------------------------------------------------------------- what may be changed


def again() -> Change:
    """Nothing: the same seed gives the same numbers."""
    return Change(lambda table, given: (table, given), whole=True)


def rows(seed: int) -> Change:
    """The order of the rows."""
    return Change(lambda table, given: (shuffled(table, seed), given), whole=True)


def times(factor: float) -> Change:
    """The unit of the scores, by a power of two, so that nothing is rounded."""

    def apply(table: Any, given: dict[str, Any]) -> Case:
        changed = {name: given[name] for name in given if name != "kind"}
        if given.get("margin") is not None:
            changed["margin"] = given["margin"] * factor
        return table.assign(**{given["value"]: table[given["value"]] * factor}), changed

    return Change(apply, factor)


def plus(constant: float) -> Change:
    """Where the scores begin."""
    return Change(
        lambda table, given: (
            table.assign(**{given["value"]: table[given["value"]] + constant}),
            {name: given[name] for name in given if name != "kind"},
        )
    )


def turned() -> Change:
    """The order in which the conditions stand, and with it which is subtracted from which."""

    def apply(table: Any, given: dict[str, Any]) -> Case:
        first = sorted(set(table["model"]))
        return table, given | {"reference": first[1] if given.get("reference") == first[0] else first[0]}

    def only_two(table: Any, given: dict[str, Any]) -> Case:
        return apply(table, given) if table["model"].nunique() == 2 else (table, given)

    return Change(only_two)


def typed(column: str, dtype: str) -> Change:
    """The type of some labels."""
    return Change(lambda table, given: (labelled(table, column, dtype), given), whole=True)


def within(container: Callable[[Any], Any]) -> Change:
    """The library that holds the table."""
    return Change(lambda table, given: (container(table), given), whole=True)


# ----------------------------------------------------------------------------------- labels and tables of other kinds

_TASK_NAMES = [f"t{task}" for task in range(9)]
TYPES: dict[str, Callable[[int], Any]] = {
    "text": lambda code: f"r{code:03}",
    "blanks": lambda code: f" r{code:03} ",
    "int": int,
    "large": lambda code: 2**60 + code,
    "negative": lambda code: code - 5,
    "float": float,
    "half": lambda code: code + 0.5,
    "bytes": lambda code: f"r{code:03}".encode(),
    "decimal": decimal.Decimal,
    "date": lambda code: datetime.date(2026, 1, 1) + datetime.timedelta(days=code),
    "time": lambda code: pd.Timestamp("2026-01-01", tz="UTC") + pd.Timedelta(hours=code),
    "duration": lambda code: pd.Timedelta(days=code),
    "numpy": np.int64,
    "flag": bool,
    "tuple": lambda code: (code, "a"),
}


def labelled(table: pd.DataFrame, column: str, dtype: str) -> pd.DataFrame:
    """With labels of another type, or dtype of pandas, in the same order; flags are for two labels alone."""
    codes, found = pd.factorize(table[column], sort=True)
    if column == "model" or (dtype == "flag" and len(found) > 2):
        return table
    if dtype not in TYPES:
        return table.assign(**{column: pd.Series(codes, table.index).astype(dtype)})
    return table.assign(**{column: pd.Series([TYPES[dtype](int(code)) for code in codes], table.index)})


def categories(table: pd.DataFrame) -> pd.DataFrame:
    """With categories for labels, of which some occur nowhere."""
    taken = {
        column: pd.Categorical(table[column].astype(str))
        for column in table.columns.drop(["score", "accuracy"], errors="ignore")
    }
    return table.assign(**{column: each.add_categories(["none"]) for column, each in taken.items()})


def in_narwhals(table: pd.DataFrame) -> Any:
    return nw.from_native(table)


def in_categories_of_polars(table: pd.DataFrame) -> Any:
    return in_polars(table).with_columns(
        pl.col("model").cast(pl.Categorical), pl.col("task").cast(pl.Enum(_TASK_NAMES))
    )


def in_dictionaries(table: pd.DataFrame) -> Any:
    """Arrow's categories, in chunks."""
    arrow = in_arrow(table)
    encoded = [
        arrow[name].dictionary_encode() if name in ("model", "task") else arrow[name] for name in arrow.schema.names
    ]
    half = pa.table(dict(zip(arrow.schema.names, encoded, strict=True)))
    return pa.concat_tables([half.slice(0, len(half) // 2), half.slice(len(half) // 2)]).unify_dictionaries()


def with_nested(table: pd.DataFrame, column: str, library: str) -> Any:
    """In which the cells of a column are lists or records."""
    cells = pd.Series([{"a": row} if library == "pandas" else [row, 0] for row in range(len(table))])
    if library == "pandas":
        return table.assign(**{column: pd.arrays.ArrowExtensionArray(pa.array(cells))})
    nested = in_polars(table).with_columns(pl.Series(column, cells.tolist()))
    return nested.to_arrow() if library == "arrow" else nested


def lazily(table: pd.DataFrame) -> Any:
    return in_polars(table).lazy()


def with_duplicates(table: pd.DataFrame) -> pd.DataFrame:
    """In which two columns have one name."""
    return pd.concat([table, table[["run"]]], axis=1)


def with_levels(table: pd.DataFrame) -> pd.DataFrame:
    """Whose columns have two levels of names."""
    return table.set_axis(pd.MultiIndex.from_product([["all"], table.columns]), axis=1)


def with_index(table: pd.DataFrame) -> pd.DataFrame:
    """Whose index has repeated labels that say nothing."""
    return table.set_index(np.arange(len(table)) // 2)


def flat(table: pd.DataFrame) -> pd.DataFrame:
    """The first item of each task alone."""
    return table[table["item"] == 0]


def per_cent(table: pd.DataFrame) -> pd.DataFrame:
    """With an accuracy in per cent beside the score."""
    return table.assign(accuracy=100 * table["score"])
