"""The verdicts in the terminal."""

from __future__ import annotations

import pandas as pd
from rich.console import Console
from rich.text import Text

from attnstats.frame import check_frame
from attnstats.report.notation._rows import rows_of
from attnstats.report.prose.answer import tell_answer
from attnstats.report.prose.summary import tell_findings

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


def _print_missing(rows: pd.DataFrame, console: Console) -> None:
    for row in rows_of(rows, "unfinished").itertuples():
        console.print(
            Text(f"{row.dataset}: {row.value:.0f} of {row.n:.0f} models done; it takes no part", style="yellow")
        )
    errors = rows_of(rows, "failure", "error")["error"]
    if len(errors):
        console.print(Text(f"{len(errors)} model(s) failed; the first: {errors.iloc[0]}", style="bold red"))
