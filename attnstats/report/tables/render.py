"""The table of the data, and the files of all tables."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from attnstats._files import write_files
from attnstats._validation import check_object
from attnstats.exceptions import InvalidInputError
from attnstats.frame import check_frame, parameter
from attnstats.report.notation import _words as notation
from attnstats.report.notation._rows import in_order, rows_of
from attnstats.report.notation.formats import CSV, Markdown, Table, TableFormat, printed
from attnstats.report.notation.latex import LaTeX
from attnstats.report.tables.along import along_table, distance_table
from attnstats.report.tables.condition_tables import CONDITION_TABLES
from attnstats.report.tables.estimates import estimate_table
from attnstats.report.tables.head_ablations import head_ablation_table
from attnstats.report.tables.heads import head_table
from attnstats.report.tables.primary import primary_table
from attnstats.report.tables.specifications import specification_table
from attnstats.report.tables.trainings import training_table
from attnstats.report.tables.verdicts import verdict_table

_DATA_QUANTITIES = {
    "texts": "Texts",
    "tokens": "Tokens",
    "truncated": "Truncated",
    "empty": "Empty",
    "duplicates": "Duplicates",
    "conflicts": "Conflicts",
    "unknown_tokens": "Unknown tokens",
}


def data_table(frame: pd.DataFrame) -> Table:
    """Return the counts of each data set and split, with licence; citations stand in the notes.

    Raises
    ------
    FrameError
        If `frame` is no results frame.

    Examples
    --------
    >>> from attnstats.frame import Row, encode_parameters, to_frame
    >>> row = Row(quantity="texts", dataset="mine", value=1024, parameters=encode_parameters(split="test"))
    >>> data_table(to_frame([row])).text[["Data", "Split", "Texts"]]
       Data Split  Texts
    0  mine  test  1,024
    """
    rows = check_frame(frame)
    counts = rows[rows["quantity"].isin(_DATA_QUANTITIES)].assign(split=lambda each: parameter(each, "split"))
    counts = counts[counts["split"].notna() & counts["dataset"].notna()]
    order = pd.MultiIndex.from_tuples(in_order(counts, "dataset", "split"), names=["dataset", "split"])
    wide = counts.pivot(index=["dataset", "split"], columns="quantity", values="value")
    data = wide.reindex(index=order, columns=list(_DATA_QUANTITIES)).rename_axis(columns=None).reset_index()
    sources = rows_of(rows, "dataset", "licence", "citation")
    data = data.merge(sources[["dataset", "licence", "citation"]], on="dataset", how="left")
    shares = data["unknown_tokens"] / data["tokens"]
    text = {
        "Data": data["dataset"],
        "Split": data["split"],
        **{title: map(notation.count, data[name]) for name, title in _DATA_QUANTITIES.items()},
        "Unknown share": [
            f"{notation.number(100 * s, 1)} %" if notation.is_number(s) else notation.ABSENT for s in shares
        ],
        "Licence": data["licence"],
    }
    cited = sources[["dataset", "citation"]].dropna().itertuples(index=False, name=None)
    caption = "Texts and tokens of each split. Texts without a token and texts of an earlier split are left out."
    return Table("data", caption, data, printed(text), tuple(f"{name}: {citation}" for name, citation in cited))


def render_table(table: Table, table_format: TableFormat | None = None) -> str:
    """Return a table, for example from `results_table`, as text.

    Parameters
    ----------
    table : Table
        What is written: its ``data`` in CSV, else its ``text``.
    table_format : CSV, Markdown, LaTeX, HTML or Typst
        Or anything else with their `render`; Markdown by default.

    Raises
    ------
    InvalidInputError
        If either is something else.

    Examples
    --------
    >>> import pandas as pd
    >>> from attnstats.report import CSV, Table
    >>> text = pd.DataFrame({"Data": ["a_b"], "Texts": ["12"]})
    >>> print(render_table(Table("data", "Counts.", text, text), CSV()), end="")
    Data,Texts
    a_b,12
    """
    chosen = Markdown() if table_format is None else table_format
    check_object(table, "table", Table, "results_table(frame)")
    if isinstance(chosen, type) or not callable(getattr(chosen, "render", None)):
        raise InvalidInputError(f"table_format: must be CSV(), Markdown(), LaTeX(), HTML() or Typst(); got {chosen!r}")
    return str(chosen.render(table))


def all_tables(frame: pd.DataFrame) -> list[Table]:
    """Return the tables for which the frame holds rows."""
    deciding = (primary_table, verdict_table, training_table, estimate_table, specification_table)
    makers = (*deciding, *CONDITION_TABLES, head_table, head_ablation_table, distance_table, along_table, data_table)
    return [table for make in makers if len(table := make(frame))]


def table_files(tables: list[Table]) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of each table file."""
    for table in tables:
        for table_format in (CSV(), Markdown(), LaTeX()):
            yield f"{table.name}{table_format.suffix}", render_table(table, table_format).encode()


def write_tables(frame: pd.DataFrame, directory: str | Path) -> list[Path]:
    """Write every table of which a results frame holds rows as CSV, Markdown and LaTeX, and return the paths.

    The directory is made if it is not there, and each file is written atomically.

    Raises
    ------
    FrameError
        As for the tables.
    OutputError
        If the directory cannot be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from attnstats.frame import Row, to_frame
    >>> with TemporaryDirectory() as directory:
    ...     paths = write_tables(to_frame([Row(quantity="accuracy", value=0.7, seed=0)]), directory)
    >>> [path.name for path in paths]
    ['cells.csv', 'cells.md', 'cells.tex']
    """
    files = list(table_files(all_tables(frame)))
    return write_files(files, directory)
