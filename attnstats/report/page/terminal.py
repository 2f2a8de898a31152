"""The verdicts in the terminal."""

from __future__ import annotations

import pandas as pd
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from attnstats.frame import check_frame
from attnstats.report.notation._rows import rows_of
from attnstats.report.notation.formats import Table
from attnstats.report.prose.answer import tell_answer
from attnstats.report.prose.summary import tell_findings
from attnstats.report.tables.verdicts import verdict_table

#: Letters of the name of a claim that are shown in any terminal.
_SHORTEST = 20

_STYLES = {
    "supported": "bold green",
    "contradicted": "bold red",
    "negligible": "bold blue",
    "inconclusive": "bold yellow",
}


def print_verdicts(frame: pd.DataFrame, console: Console | None = None) -> None:
    """Print the answer, and each finding with its verdict and one sentence; what stands behind it is on the page.

    Parameters
    ----------
    frame : DataFrame
        A results frame.
    console : rich.console.Console or None
        Where to print; the standard output by default.

    Raises
    ------
    FrameError
        If `frame` is no results frame.

    Examples
    --------
    >>> from attnstats.frame import Row, encode_parameters, to_frame
    >>> parameters = encode_parameters(title="Additive keeps more", note="Only 3 seeds.")
    >>> print_verdicts(to_frame([Row(quantity="finding", finding="i", verdict="supported", parameters=parameters)]))
    Of the findings, (i) is supported.
    <BLANKLINE>
    (i) Additive keeps more: supported
    Only 3 seeds.
    <BLANKLINE>
    """
    console = Console() if console is None else console
    rows = check_frame(frame)
    console.print(Text(tell_answer(rows)))
    console.print()
    for told in tell_findings(rows):
        verdict = Text(told.verdict, style=_STYLES.get(told.verdict, ""))
        console.print(Text.assemble((f"({told.name}) {told.title}: ", "bold"), verdict))
        console.print(Text(told.sentence))
        if told.reservation:
            console.print(Text(told.reservation, style="yellow"))
        console.print()
    _print_missing(rows, console)


def print_claims(frame: pd.DataFrame, console: Console, *, secondary: bool = False) -> None:
    """Print the answer, a line for each claim that decides a finding, and what must be known before it is relied on.

    With `secondary` print a line for every claim, and no more: `print_verdicts` prints the rest. A claim goes
    by the name that it has in ``tables/verdicts.csv``, which loses its middle where the terminal has no room for it.
    """
    rows = check_frame(frame)
    if not secondary:
        console.print(Text(tell_answer(rows)))
        console.print()
    claims = verdict_table(rows)
    chosen = claims.data["primary"].map(lambda primary: primary is not False).astype(bool) | secondary
    if chosen.any():
        console.print(_claim_lines(claims, chosen, console.width))
        if not secondary and not chosen.all():
            console.print(f"{(~chosen).sum()} secondary claims stand in the report; --all prints them.")
        console.print()
    if not secondary:
        for told in tell_findings(rows):
            if told.reservation:
                console.print(Text(f"({told.name}) {told.reservation}", style="yellow"))
        _print_missing(rows, console)


def _claim_lines(claims: Table, chosen: pd.Series, width: int) -> RichTable:
    """Return the chosen claims as a table whose first column takes the columns of the terminal that are left."""
    effect = next(name for name in claims.text.columns if name.startswith("Effect"))
    adjusted = next(name for name in claims.text.columns if name.startswith("p ") and name != "p floor")
    shown = [effect, adjusted, "Verdict"]
    texts = claims.text.loc[chosen, shown].map(str)
    others = sum(max(len(name), texts[name].str.len().max()) + 2 for name in shown)
    table = RichTable(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column("Claim", no_wrap=True)
    for name in shown:
        table.add_column(name, justify="left" if name == "Verdict" else "right", no_wrap=True)
    names = claims.data["hypothesis"].fillna(claims.data["claim"]).fillna("")
    for name, entries in zip(names[chosen], texts.itertuples(index=False), strict=True):
        verdict = Text(entries[-1], style=_STYLES.get(entries[-1], ""))
        table.add_row(Text(_without_middle(name, max(width - others, _SHORTEST))), *map(Text, entries[:-1]), verdict)
    return table


def _without_middle(name: str, length: int) -> str:
    """Return a name in at most some letters.

    >>> _without_middle("iv.gumbel_softmax(temperature=0.5).accuracy", 20)
    'iv.gumbel…).accuracy'
    """
    if len(name) <= length:
        return name
    kept = length - 1
    return f"{name[: kept // 2]}…{name[len(name) - (kept - kept // 2) :]}"


def _print_missing(rows: pd.DataFrame, console: Console) -> None:
    for row in rows_of(rows, "unfinished").itertuples():
        console.print(
            Text(f"{row.dataset}: {row.value:.0f} of {row.n:.0f} models done; it takes no part", style="yellow")
        )
    errors = rows_of(rows, "failure", "error")["error"]
    if len(errors):
        console.print(Text(f"{len(errors)} model(s) failed; the first: {errors.iloc[0]}", style="bold red"))
