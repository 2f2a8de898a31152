"""Tables as LaTeX sets them, with the rules of booktabs and the columns of siunitx."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

import pandas as pd

from attnstats.report.notation._escapes import escape_latex
from attnstats.report.notation._words import ABSENT
from attnstats.report.notation.formats import Entry, Table, entries, is_numeric, spans

#: Columns wider than this many characters are set as paragraphs.
_PARAGRAPH = 40
#: A number that siunitx prints as it is written, once the commas between thousands are left out.
_PLAIN = re.compile(r"(-?)(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?")
#: siunitx by itself groups five digits or more, before the point and behind it.
_THOUSANDS = "group-digits=integer,group-minimum-digits=4,group-separator={,}"


@dataclass(frozen=True, slots=True)
class LaTeX:
    r"""A floating table with booktabs rules; the document needs ``\usepackage{booktabs}``.

    pdfLaTeX sets Latin and Greek letters and the usual signs of mathematics, a few of them, such as ą, with
    ``\usepackage[T1]{fontenc}``; for other scripts take LuaLaTeX or XeLaTeX.

    pandas' ``Styler.to_latex`` has no place for notes, and escapes neither brackets after a line break nor the signs
    that LaTeX sets in its mathematical mode; great-tables has neither labels nor siunitx.

    Parameters
    ----------
    siunitx : bool
        Whether columns of plain numbers are set by siunitx, aligned at the decimal point; the document then needs
        ``\usepackage{siunitx}``, version 3.

    Examples
    --------
    >>> import pandas as pd
    >>> from attnstats.report import Table
    >>> text = pd.DataFrame({"Model": ["a_b"], "Share": ["-50.1"]})
    >>> print(LaTeX().render(Table("shares", "Shares.", text, text)).splitlines()[8])
    a\_b & $-$50.1 \\
    >>> print(LaTeX(siunitx=True).render(Table("shares", "Shares.", text, text)).splitlines()[4])
    \begin{tabular}{lS[table-format=-2.1,detect-weight]}
    """

    siunitx: bool = False
    suffix: ClassVar[str] = ".tex"

    def render(self, table: Table) -> str:
        """Return ``table.text`` as a LaTeX table, special characters escaped."""
        columns = [table.text.iloc[:, i] for i in range(table.text.shape[1])]
        plain = [self.siunitx and _is_plain(column) for column in columns]
        rows = [row for _, row in entries(table)]
        marks = [max((row[i].mark for row in rows), key=len, default="") for i in range(len(columns))]
        layout = [
            _by_point(column, mark) if by_point else _latex_column(column)
            for column, by_point, mark in zip(columns, plain, marks, strict=True)
        ]
        names = map(escape_latex, map(str, table.text.columns))
        head = [f"{{{name}}}" if by_point else name for name, by_point in zip(names, plain, strict=True)]
        body: list[str] = []
        for group, row in entries(table):
            if group is not None:
                heading = rf"\multicolumn{{{len(row)}}}{{l}}{{\textit{{{escape_latex(group)}}}}} \\"
                body += [r"\addlinespace", heading] if body else [heading]
            body.append(f"{' & '.join(map(_latex_entry, row, plain))} \\\\")
        lines = [
            r"\begin{table}",
            r"\centering",
            *(
                [rf"\caption{{{escape_latex(table.caption)}}}", rf"\label{{tab:{table.name}}}\smallskip"]
                if table.caption
                else []
            ),
            rf"\begin{{tabular}}{{{''.join(layout)}}}",
            r"\toprule",
            *_latex_spanners(table),
            f"{' & '.join(head)} \\\\",
            r"\midrule",
            *body,
            r"\bottomrule",
            r"\end{tabular}",
            *(rf"\par\smallskip{{\footnotesize {escape_latex(note)}\par}}" for note in table.notes),
            r"\end{table}",
        ]
        return "\n".join(lines) + "\n"


def _latex_caption(table: Table) -> list[str]:
    if not table.caption:
        return []
    return [rf"\caption{{{escape_latex(table.caption)}}}", rf"\label{{tab:{table.name}}}\smallskip"]


def _latex_column(column: pd.Series) -> str:
    if is_numeric(column):
        return "r"
    return "p{5.5cm}" if column.str.len().max() > _PARAGRAPH else "l"


def _is_plain(column: pd.Series) -> bool:
    """Return whether a printed column holds numbers that siunitx can align, and nothing else."""
    shown = [entry for entry in column if entry != ABSENT]
    return bool(shown) and all(_PLAIN.fullmatch(entry) for entry in shown)


def _by_point(column: pd.Series, mark: str) -> str:
    """Return a column of siunitx with room for its widest number and the longest mark behind one."""
    found = [match for entry in column if (match := _PLAIN.fullmatch(entry))]
    sign = "-" if any(match[1] for match in found) else ""
    whole = max(len(match[2].replace(",", "")) for match in found)
    decimals = max(len(match[3] or "") for match in found)
    digits = f"{sign}{whole}.{decimals}" if decimals else f"{sign}{whole}"
    options = [f"table-format={digits}", "detect-weight"]
    if any("," in match[2] for match in found):
        options.append(_THOUSANDS)
    elif max(whole, decimals) > 4:
        options.append("group-digits=none")
    if mark:
        options += [
            rf"table-space-text-post={{\textsuperscript{{{escape_latex(mark)}}}}}",
            "table-align-text-after=false",
        ]
    return f"S[{','.join(options)}]"


def _latex_entry(entry: Entry, by_point: bool) -> str:
    raised = rf"\textsuperscript{{{escape_latex(entry.mark)}}}" if entry.mark else ""
    if by_point and _PLAIN.fullmatch(entry.text):
        return (r"\bfseries " if entry.bold else "") + entry.text.replace(",", "") + raised
    text = escape_latex(entry.text)
    text = rf"\textbf{{{text}}}" if entry.bold else text
    text += rf"\rlap{{{raised}}}" if raised else ""
    return f"{{{text}}}" if by_point else text


def _latex_spanners(table: Table) -> list[str]:
    """Return the line of the headings over columns, and the rules below them."""
    if not any(table.spanners):
        return []
    cells, rules, column = [], [], 1
    for name, width in spans(table):
        cells.append(rf"\multicolumn{{{width}}}{{c}}{{{escape_latex(name)}}}" if name else "")
        if name:
            rules.append(rf"\cmidrule(lr){{{column}-{column + width - 1}}}")
        column += width
    return [f"{' & '.join(cells)} \\\\", " ".join(rules)]
