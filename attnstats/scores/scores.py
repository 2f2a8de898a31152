"""A long table of scores: one value a row, with a condition and what it is crossed with or nested in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from attnstats._validation import FloatArray, IntArray, check_member
from attnstats.exceptions import InvalidInputError, NonFiniteError, TooFewSamplesError
from attnstats.missing import CompleteCases
from attnstats.scores import _checks
from attnstats.scores._hints import unused_columns, wide_hint
from attnstats.scores._source import rows_where, source_of
from attnstats.scores._values import values_of
from attnstats.scores.factor import Factor, counted, factor_of

#: The name of a column; None where there is none.
Column: TypeAlias = str | None
#: Text that columns must hold; None where every row is wanted.
Wanted: TypeAlias = Mapping[str, str] | None
#: Roles whose labels count within a data set: item 7 of one is not item 7 of another.
_WITHIN_DATASETS = ("example", "fold", "group")


@dataclass(frozen=True, eq=False)
class Scores:
    """A long table of scores, as `read_scores` returns it.

    Parameters
    ----------
    column : str
        The caller's name of the values.
    values : ndarray, shape (n_scores,)
        The scores, finite.
    factors : tuple of Factor
        The condition first, then the others that were named.
    rows : ndarray of int, shape (n_scores,)
        The row of each score in the caller's table, as messages count them.
    n_missing : int
        Rows left out as incomplete.
    unused : str
        Columns that were not named and look as if they told what a score is of, in words.

    Examples
    --------
    >>> import pandas as pd
    >>> from attnstats.scores import read_scores
    >>> table = pd.DataFrame({"model": ["a", "a", "b", "b"], "run": [0, 1, 0, 1], "score": [0.7, 0.8, 0.6, 0.9]})
    >>> scores = read_scores(table, value="score", condition="model", seed="run")
    >>> scores
    Scores('score', 4 rows, 2 models, 2 runs)
    >>> scores.condition.labels, scores.factor("seed").codes.tolist(), scores.rows.tolist()
    (('a', 'b'), [0, 1, 0, 1], [2, 3, 4, 5])
    """

    column: str
    values: FloatArray
    factors: tuple[Factor, ...]
    rows: IntArray
    n_missing: int = 0
    unused: str = ""

    @property
    def condition(self) -> Factor:
        """What is compared."""
        return self.factors[0]

    def factor(self, role: str) -> Factor | None:
        """Return the factor of a role, such as ``"seed"``; None if no column was named for it."""
        return next((factor for factor in self.factors if factor.role == role), None)

    def __len__(self) -> int:
        return len(self.values)

    def __repr__(self) -> str:
        parts = [counted(len(self), "row"), *(counted(len(each.labels), each.column) for each in self.factors)]
        return f"{type(self).__name__}({self.column!r}, {', '.join(parts)})"


def read_scores(
    scores: Any,
    *,
    value: str,
    condition: str,
    seed: Column = None,
    example: Column = None,
    dataset: Column = None,
    fold: Column = None,
    subject: Column = None,
    block: Column = None,
    group: Column = None,
    only: Wanted = None,
    missing: CompleteCases | None = None,
    na: Sequence[str] = (),
    sep: str | None = None,
    decimal: str = ".",
    encoding: str | None = None,
) -> Scores:
    """Return the scores of a long table, one score a row, checked once for all that is done with them.

    Nothing is left out or turned into something else without a word. Messages count rows as a file with a header does:
    the header is row 1, so that the first score of a frame, of CSV or of TSV is in row 2; JSON Lines are counted by
    lines, and the rows of Parquet from 1.

    Parameters
    ----------
    scores : pandas, polars or pyarrow table, str or Path
        The table, or a file that ends in ``.csv``, ``.tsv``, ``.jsonl``, ``.ndjson`` or ``.parquet``, text also
        compressed (``.gz``, ``.bz2``, ``.xz``, ``.zst``); ``"-"`` is CSV from the standard input.
    value : str
        Column of the scores: numbers, or true and false. In CSV and TSV an empty field, NA, N/A, NaN, None and null
        are missing; in the other columns an empty field alone.
    condition : str
        Column of what is compared: the model, method or treatment.
    seed, example, dataset, fold, subject, block : str, optional
        Columns of what else distinguishes scores: the training run; the test example; the data set or task; the fold of
        a cross-validation; the person or other unit that is measured; the block of an experiment. Examples, folds and
        groups of two data sets are different ones, also where they have equal labels.
    group : str, optional
        Column of clusters of examples, such as the text that several questions are about.
    only : mapping of str to str, optional
        Rows to keep, by the text in further columns: ``{"metric": "accuracy"}`` of a table with several.
    missing : CompleteCases, optional
        Leave out rows in which the value or a factor is missing, and count them; by default one is an error. A cell
        of the design that has no row is neither: `find_design` counts it.
    na : sequence of str
        What else stands for a missing field in a text file: ``["-999", "failed"]``; among the values ``-999.0`` as
        well.
    sep, encoding : str, optional
        Separator and encoding of a text file, if not those of its suffix and UTF-8.
    decimal : {".", ","}
        Decimal sign in a text file.

    Returns
    -------
    Scores
        Values as float64, factors as integer codes with labels.

    Raises
    ------
    DatasetError, MissingExtraError
        If a file cannot be read; if it is Parquet and pyarrow is not installed.
    InvalidInputError
        If a column is unknown or named twice, a value is no number, a factor holds text beside numbers, or labels that
        differ by case or spaces only, or one that sums up the others, such as ``"average"``, or is a copy of another,
        an example lies in two groups, or two rows have the same factors. Without seed, example, fold and subject, rows
        of the same factors are taken for replicates.
    NonFiniteError, ConstantInputError, TooFewSamplesError
        If a value is missing or infinite; if all are equal; if there is one condition, or one row of a condition.

    Examples
    --------
    >>> import pandas as pd
    >>> from attnstats.scores import read_scores
    >>> rows = [(model, run, 0.7 + 0.01 * run + 0.1 * (model == "b")) for model in "ab" for run in range(3)]
    >>> read_scores(pd.DataFrame(rows, columns=["model", "run", "score"]), value="score", condition="model", seed="run")
    Scores('score', 6 rows, 2 models, 3 runs)
    >>> read_scores(pd.DataFrame(rows, columns=["model", "run", "score"]), value="score", condition="model")
    Scores('score', 6 rows, 2 models)
    """
    if missing is not None and not isinstance(missing, CompleteCases):
        raise InvalidInputError(f"missing: must be None or CompleteCases(); got {missing!r}")
    check_member(decimal, "decimal", (".", ","))
    source = rows_where(source_of(scores, sep, encoding), only)
    if decimal != "." and not source.is_text:
        raise InvalidInputError(f"decimal: must be '.' unless scores is the path of CSV or TSV; got {decimal!r}")
    named = {
        "condition": condition, "subject": subject, "block": block, "dataset": dataset, "group": group, "fold": fold,
        "seed": seed, "example": example,
    }  # fmt: skip
    chosen = {role: column for role, column in named.items() if column is not None}

    def looks_wide() -> str:
        return wide_hint(source.columns, str(value), str(condition), is_text=source.is_text, decimal=decimal)

    cells = {"value": source.column(value, "value", "" if value in source.columns else looks_wide())}
    cells |= {role: source.column(column, role) for role, column in chosen.items()}
    cells = _emptied(cells, na, is_text=source.is_text, decimal=decimal)
    places: dict[str, str] = {}
    for role, column in {"value": value, **chosen}.items():
        if column in places:
            raise InvalidInputError(f"{role}: must be another column than {places[column]}; got {column!r} for both")
        places[column] = role
    rows = source.rows
    values = values_of(cells["value"], value, rows, is_text=source.is_text, decimal=decimal)
    factors = [factor_of(cells[role], role, column, rows) for role, column in chosen.items()]
    unused = unused_columns(source.columns, {value, *chosen.values(), *(only or ())}, factors)
    kept = _complete_rows(values, value, factors, rows, missing)
    if len(kept) < len(rows):
        values, rows = values[kept], rows[kept]
        factors = [_taken(factor, kept) for factor in factors]
    _checks.check_conditions(factors[0], rows, looks_wide)
    _checks.check_varies(values, value, rows)
    _checks.check_no_copies(factors, rows)
    _checks.check_no_summaries(values, factors, rows)
    factors = _within_datasets(factors)
    found = Scores(value, values, tuple(factors), rows, len(source.rows) - len(kept), unused)
    items, clusters = found.factor("example"), found.factor("group")
    if items is not None and clusters is not None:
        _checks.check_groups(items, clusters, rows)
    _checks.check_cells_differ(factors, rows, source, value, kept)
    return found


def _emptied(cells: dict[str, Any], na: Sequence[str], *, is_text: bool, decimal: str) -> dict[str, Any]:
    """Return columns of text in which the fields that the caller takes for missing are empty."""
    if isinstance(na, str) or not isinstance(na, Iterable) or not all(isinstance(each, str) for each in na):
        raise InvalidInputError(f"na: must be a list of words, such as ['-999']; got {na!r}")
    if not na:
        return cells
    if not is_text:
        raise InvalidInputError(f"na: must be empty unless scores is the path of CSV or TSV; got {na!r}")
    words = {each.strip() for each in na}
    emptied = {role: column.where(~column.str.strip().isin(words), "") for role, column in cells.items()}
    written = [column.str.replace(decimal, ".") for column in (pd.Series(sorted(words)), emptied["value"])]
    numbers, values = (pd.to_numeric(column, errors="coerce") for column in written)
    return emptied | {"value": emptied["value"].where(~values.isin(numbers.dropna()), "")}


def _complete_rows(
    values: FloatArray, value: str, factors: list[Factor], rows: IntArray, missing: CompleteCases | None
) -> IntArray:
    """Return the places of the rows in which nothing is missing; without a policy, raise where something is."""
    absent = {value: np.isnan(values), **{factor.column: factor.codes < 0 for factor in factors}}
    if missing is None:
        for column, gaps in absent.items():
            if gaps.any():
                more = f", and {gaps.sum() - 1:,} more in this column" if gaps.sum() > 1 else ""
                raise NonFiniteError(
                    f"row {rows[int(gaps.argmax())]} of {column!r}: must not be missing; got nothing{more}"
                    " (missing=CompleteCases() leaves out incomplete rows)"
                )
    kept = np.flatnonzero(~np.logical_or.reduce(list(absent.values())))
    if not len(kept):
        raise TooFewSamplesError(
            f"{' and '.join(map(repr, absent))}: must have at least one complete row; got none of {len(rows)}"
        )
    return kept


def _taken(factor: Factor, kept: IntArray) -> Factor:
    """Return a factor in some of the rows, without labels of others; conditions stay, so that none is lost unseen."""
    codes = factor.codes[kept]
    if factor.role == "condition":
        return replace(factor, codes=codes)
    present = np.bincount(codes, minlength=len(factor.labels)) > 0
    labels = tuple(label for label, there in zip(factor.labels, present, strict=True) if there)
    return replace(factor, labels=labels, codes=(np.cumsum(present) - 1)[codes])


def _within_datasets(factors: list[Factor]) -> list[Factor]:
    """Return the factors with equal labels of examples, folds and groups in two data sets told apart."""
    dataset = next((factor for factor in factors if factor.role == "dataset"), None)
    if dataset is None:
        return factors
    return [_within(factor, dataset) if factor.role in _WITHIN_DATASETS else factor for factor in factors]


def _within(factor: Factor, dataset: Factor) -> Factor:
    joint = dataset.codes * len(factor.labels) + factor.codes
    counts = np.bincount(joint, minlength=len(dataset.labels) * len(factor.labels))
    present = np.flatnonzero(counts)
    if len(present) == len(factor.labels):  # each label lies in one data set
        return factor
    of, each = np.divmod(present, len(factor.labels))
    labels = tuple(f"{factor.labels[b]} of {dataset.labels[a]}" for a, b in zip(of, each, strict=True))
    return replace(factor, labels=labels, codes=(np.cumsum(counts > 0) - 1)[joint])
