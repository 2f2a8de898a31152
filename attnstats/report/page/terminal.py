"""The verdicts in the terminal."""

from __future__ import annotations

import pandas as pd
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from attnstats.frame import check_frame
from attnstats.report.notation._rows import rows_of
from attnstats.report.tables.verdicts import correction_name, interval_name, verdict_table

#: Columns of a terminal that shows every number; a narrower one leaves out the p-value's floor and the seeds.
_WIDE = 96
_STYLES = {
    "supported": "bold green",
    "contradicted": "bold red",
    "negligible": "bold blue",
    "inconclusive": "bold yellow",
}


def print_verdicts(frame: pd.DataFrame, console: Console | None = None) -> None:
    """Print each finding with its verdict, its contrasts and what must be known of them; made for 100 columns.

    Parameters
    ----------
    frame : DataFrame
        A results frame.
    console : rich.console.Console or None
        Where to print; the standard output by default.

    Raises
    ------
    FrameError
        If `frame` is no results frame, or a p-value lies below what its test could give.

    Examples
    --------
    >>> from attnstats.frame import Row, encode_parameters, to_frame
    >>> parameters = encode_parameters(title="Additive keeps more", note="Only 3 seeds.")
    >>> print_verdicts(to_frame([Row(quantity="finding", finding="i", verdict="supported", parameters=parameters)]))
    (i) Additive keeps more: supported
    Only 3 seeds.
    <BLANKLINE>
    """
    console = Console() if console is None else console
    rows = check_frame(frame)
    table = verdict_table(rows).text
    contrasts = rows[rows["quantity"] == "contrast"]
    effect, adjusted = f"Effect [{interval_name(contrasts)}]", f"p {correction_name(contrasts)}"
    summaries = rows_of(rows, "finding", "title", "note")
    widths = {column: max([len(column), *table[column].str.len()]) for column in (effect, adjusted, "Verdict")}
    names = list(dict.fromkeys([*summaries["finding"].dropna(), *table["Finding"]]))
    if not names:
        console.print(Text("The frame holds no declared hypothesis, so there is no verdict."))
    for name in names:
        said = summaries.loc[summaries["finding"] == name, ["title", "verdict", "note"]]
        for title, verdict, note in said.itertuples(index=False, name=None):
            console.print(Text.assemble((f"({name}) {title}: ", "bold"), _coloured(verdict)))
            if note:
                console.print(Text(note))
        own = table[table["Finding"] == name]
        if len(own):
            console.print(_grid(own, effect, adjusted, widths, console.width))
        console.print()
    _print_missing(rows, console)


def _grid(own: pd.DataFrame, effect: str, adjusted: str, widths: dict[str, int], console_width: int) -> Grid:
    """Return the contrasts of one finding; `widths` are those of all findings, so that columns align."""
    grid = Grid(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), expand=True)
    grid.add_column("Hypothesis", ratio=1, min_width=24)
    wanted = (effect, adjusted, "p floor", "Seeds") if console_width >= _WIDE else (effect, adjusted)
    numbers = [title for title in wanted if title in own]
    for title in numbers:
        grid.add_column(title, justify="right", no_wrap=True, min_width=widths.get(title, len(title)))
    grid.add_column("Verdict", no_wrap=True, min_width=widths["Verdict"])
    for row in own[["Hypothesis", *numbers, "Verdict"]].itertuples(index=False, name=None):
        grid.add_row(*(Text(entry) for entry in row[:-1]), _coloured(row[-1]))
    return grid


def _coloured(verdict: object) -> Text:
    known = verdict if isinstance(verdict, str) else "no verdict"
    return Text(known, style=_STYLES.get(known, ""))


def _print_missing(rows: pd.DataFrame, console: Console) -> None:
    for row in rows_of(rows, "unfinished").itertuples():
        console.print(
            Text(f"{row.dataset}: {row.value:.0f} of {row.n:.0f} models done; it takes no part", style="yellow")
        )
    errors = rows_of(rows, "failure", "error")["error"]
    if len(errors):
        console.print(Text(f"{len(errors)} model(s) failed; the first: {errors.iloc[0]}", style="bold red"))
