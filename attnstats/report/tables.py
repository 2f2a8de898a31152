"""Tables of what was measured: cells, ablations, data; and the files of all tables."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from attnstats._files import write_atomically
from attnstats.frame import check_frame, parameter
from attnstats.report import notation
from attnstats.report.formats import CSV, LaTeX, Markdown, Table, TableFormat, in_print, printed
from attnstats.report.summary import CELL, VARIANT, in_order, over_seeds, seed_rows
from attnstats.report.verdicts import verdict_table

__all__ = ["ablation_table", "cells_table", "data_table", "render_table", "write_tables"]

#: Columns of the cell table and what each prints over them.
CELL_QUANTITIES = {
    "accuracy": "Accuracy",
    "tau_b": "tau-b",
    "mi_normalised_mean": "U by rank",
    "mi_context": "U of context",
    "gini": "Gini",
    "conicity": "Conicity",
    "mi_reliability": "MI reliability",
}
_ABLATION_QUANTITIES = {"accuracy": "Accuracy", "tau_b": "tau-b", "total_variation": "Total variation"}
_DATA_QUANTITIES = {
    "texts": "Texts",
    "tokens": "Tokens",
    "truncated": "Truncated",
    "empty": "Empty",
    "duplicates": "Duplicates",
    "conflicts": "Conflicts",
    "unknown_tokens": "Unknown tokens",
}
_KEY_TITLES = {
    "dataset": "Data",
    "encoder": "Encoder",
    "attention": "Attention",
    "normalizer": "Normalizer",
    "ablation": "Ablation",
}


def cells_table(frame: pd.DataFrame) -> Table:
    """Return mean ± standard deviation over seeds of the main quantities, one row for each intact cell.

    Parameters
    ----------
    frame : DataFrame
        A results frame.

    Raises
    ------
    FrameError
        If `frame` is no results frame, or holds a quantity of a cell twice for one seed.

    Examples
    --------
    >>> from attnstats.frame import Row, to_frame
    >>> rows = [Row(quantity="accuracy", encoder="mlp", value=0.7 + 0.01 * seed, seed=seed) for seed in range(3)]
    >>> cells_table(to_frame(rows)).text[["Encoder", "Accuracy", "Seeds"]]
      Encoder       Accuracy Seeds
    0     MLP  0.710 ± 0.010     3
    """
    caption = "Mean ± standard deviation over seeds (trained models) of each cell."
    notes = (
        "tau-b: mean over examples of Kendall's tau-b between attention and pointwise MI. U: mutual information with "
        "the predicted class divided by its entropy H. Gini: of the attention of an example.",
    )
    return _by_cell(
        "cells", caption, notes, seed_rows(check_frame(frame), *CELL_QUANTITIES), CELL_QUANTITIES, CELL[:-1]
    )


def ablation_table(frame: pd.DataFrame) -> Table:
    """Return mean ± standard deviation over seeds of what tampering with the attention leaves.

    Parameters
    ----------
    frame : DataFrame
        A results frame.

    Raises
    ------
    FrameError
        If `frame` is no results frame, or holds a quantity of a cell twice for one seed.

    Examples
    --------
    >>> from attnstats.frame import Row, to_frame
    >>> keys = {"quantity": "tau_b", "encoder": "mlp", "ablation": "permuted"}
    >>> rows = [Row(**keys, value=0.7 + 0.01 * seed, seed=seed) for seed in range(3)]
    >>> ablation_table(to_frame(rows)).text[["Encoder", "Ablation", "tau-b", "Seeds"]]
      Encoder  Ablation          tau-b Seeds
    0     MLP  permuted  0.710 ± 0.010     3
    """
    caption = "Mean ± standard deviation over seeds (trained models) when the attention is replaced."
    notes = ("Total variation: mean distance between the output and that of the intact model, from 0 to 1.",)
    rows = seed_rows(check_frame(frame), *_ABLATION_QUANTITIES, ablated=True)
    return _by_cell("ablations", caption, notes, rows, _ABLATION_QUANTITIES, CELL)


def data_table(frame: pd.DataFrame) -> Table:
    """Return the counts of each data set and split, with licence; citations stand in the notes.

    Parameters
    ----------
    frame : DataFrame
        A results frame.

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
    order = in_order(counts, "dataset", "split")
    wide = counts.pivot(index=["dataset", "split"], columns="quantity", values="value")
    data = wide.reindex(
        index=pd.MultiIndex.from_tuples(order, names=["dataset", "split"]), columns=list(_DATA_QUANTITIES)
    )
    data = data.rename_axis(columns=None).reset_index()
    sources = rows[rows["quantity"] == "dataset"]
    sources = sources.assign(licence=parameter(sources, "licence"), citation=parameter(sources, "citation"))
    data = data.merge(sources[["dataset", "licence", "citation"]], on="dataset", how="left")
    shares = data["unknown_tokens"] / data["tokens"]
    text = {
        "Data": data["dataset"],
        "Split": data["split"],
        **{title: in_print(notation.count, data[name]) for name, title in _DATA_QUANTITIES.items()},
        "Unknown share": [
            f"{notation.number(100 * s, 1)} %" if notation.is_number(s) else notation.ABSENT for s in shares
        ],
        "Licence": data["licence"],
    }
    cited = sources[["dataset", "citation"]].dropna().itertuples(index=False, name=None)
    caption = "Texts and tokens of each split. Texts without a token and texts of an earlier split are left out."
    return Table("data", caption, data, printed(text), tuple(f"{name}: {citation}" for name, citation in cited))


def render_table(table: Table, table_format: TableFormat | None = None) -> str:
    """Return a table as text.

    Parameters
    ----------
    table : Table
        For example from `verdict_table`.
    table_format : CSV, Markdown or LaTeX
        The format; Markdown by default.

    Examples
    --------
    >>> text = pd.DataFrame({"Data": ["a_b"], "Texts": ["12"]})
    >>> print(render_table(Table("data", "Counts.", text, text), CSV()), end="")
    Data,Texts
    a_b,12
    """
    chosen = Markdown() if table_format is None else table_format
    return chosen.render(table)


def all_tables(frame: pd.DataFrame) -> list[Table]:
    """Return the tables for which the frame holds rows."""
    tables = [verdict_table(frame), cells_table(frame), ablation_table(frame), data_table(frame)]
    return [table for table in tables if len(table)]


def table_files(tables: list[Table]) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of each table file."""
    for table in tables:
        for table_format in (CSV(), Markdown(), LaTeX()):
            yield f"{table.name}{table_format.suffix}", render_table(table, table_format).encode()


def write_tables(frame: pd.DataFrame, directory: str | Path) -> list[Path]:
    """Write every table as CSV, Markdown and LaTeX, each file atomically, and return the paths.

    A table for which the frame holds no row is not written.

    Parameters
    ----------
    frame : DataFrame
        A results frame.
    directory : str or Path
        Made if it is not there.

    Raises
    ------
    FrameError
        As for the tables.
    OSError
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
    return [write_atomically(Path(directory) / name, content) for name, content in files]


def _by_cell(
    name: str, caption: str, notes: tuple[str, ...], rows: pd.DataFrame, quantities: dict[str, str], keys: list[str]
) -> Table:
    summary = over_seeds(rows, [*keys, *VARIANT, "quantity"])
    cells = in_order(summary, *keys)
    data = pd.DataFrame(cells, columns=keys)
    text = {
        _KEY_TITLES[key]: [notation.pretty_name(value) if key != "dataset" else value for value in data[key]]
        for key in keys
    }
    seeds = pd.Series(0, index=data.index)
    for quantity, title in quantities.items():
        variants = in_order(summary[summary["quantity"] == quantity], *VARIANT)
        for view, estimator in variants:
            label = title if len(variants) == 1 else f"{title}, {estimator or view}"
            column = quantity if len(variants) == 1 else f"{quantity} {estimator or view}"
            own = summary[
                (summary["quantity"] == quantity) & (summary["view"] == view) & (summary["estimator"] == estimator)
            ]
            found = data[keys].merge(own, on=keys, how="left")
            data[f"{column}_mean"], data[f"{column}_sd"] = found["mean"], found["sd"]
            text[label] = in_print(notation.mean_sd, found["mean"], found["sd"])
            seeds = seeds.combine(found["n_seeds"].fillna(0).astype(int), max)
    data["n_seeds"] = seeds
    text["Seeds"] = in_print(notation.count, seeds)
    return Table(name, caption, data, printed(text), notes)
