"""Tables as Typst sets them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from attnstats.report.notation._escapes import quote_typst
from attnstats.report.notation._latex_layout import text_width
from attnstats.report.notation.formats import Entry, Table, entries, numeric_columns, spans

#: Rows of a table that stay on one page; letters of an entry that stay on one line in a table too wide, and in any.
_LONG, _WORD, _SENTENCE = 15, 16, 40
#: The text of A4 at 11 points, in ems of LaTeX's font, which is an eighth wider; and what lies between two columns.
_PAGE, _GAP = 46.0, 1.3


@dataclass(frozen=True, slots=True)
class Typst:
    """A figure that holds a table, for Typst 0.11 or later; it needs no package.

    One that is too wide for A4 is set in a smaller type, and its words break into lines, behind ``_`` and ``/`` too; a
    long one goes over pages, its head on each.

    Every text is a string of Typst, in which nothing is markup. pandas' ``Styler.to_typst`` escapes nothing.

    Examples
    --------
    >>> import pandas as pd
    >>> from attnstats.report import Table
    >>> text = pd.DataFrame({"Model": ["a_b"], "Share": ["-50.1"]})
    >>> print(Typst().render(Table("shares", "Shares.", text, text)).splitlines()[10].strip())
    "a_b", "−50.1",
    """

    suffix: ClassVar[str] = ".typ"

    def render(self, table: Table) -> str:
        """Return ``table.text`` as a Typst table."""
        ends = ["right" if end else "left" for end in numeric_columns(table.text)]
        wide = _is_wide(table)
        room = _WORD if wide else _SENTENCE
        longest = [max(map(len, table.text.iloc[:, i]), default=0) for i in range(len(ends))]
        shares = [
            "1fr" if end == "left" and letters > room else "auto" for end, letters in zip(ends, longest, strict=True)
        ]
        body = []
        for i, (group, row) in enumerate(entries(table)):
            if group is not None:
                above = ", inset: (top: 10pt)" if i else ""
                body.append(f"table.cell(colspan: {len(row)}, align: left{above}, emph({quote_typst(group)})),")
            body.append(f"{', '.join(map(_typst_entry, row))},")
        names = ", ".join(quote_typst(str(name)) for name in table.text.columns)
        lines = [
            "#figure(",
            *([f"  caption: figure.caption(position: top, {quote_typst(table.caption)}),"] if table.caption else []),
            "  kind: table,",
            "  table(",
            f"    columns: ({', '.join(shares)},),",
            *(["    inset: (x: 3pt, y: 4pt),"] if wide else []),
            f"    align: ({', '.join(ends)},),",
            "    stroke: none,",
            "    column-gutter: 4pt,",
            "    table.hline(stroke: 0.8pt),",
            f"    table.header({_typst_spanners(table)}{names}, table.hline(stroke: 0.5pt)),",
            *(f"    {line}" for line in body),
            "    table.hline(stroke: 0.8pt),",
            "  ),",
            f") <tab:{table.name}>",
            *(f"#align(center, text(size: 0.85em, {quote_typst(note)}))" for note in table.notes),
        ]
        rules = ["#show table: set text(size: 0.8em)"] if wide else []
        if len(table) > _LONG:
            rules.append("#show figure.where(kind: table): set block(breakable: true)")
        lines = ["#[", *rules, *lines, "]"] if rules else lines
        return "\n".join(lines) + "\n"


def _is_wide(table: Table) -> bool:
    """Return whether a table is wider than the text of a page, by the widths of its letters."""
    columns = [[str(name), *table.text.iloc[:, i]] for i, name in enumerate(table.text.columns)]
    return sum(max(map(text_width, column)) + _GAP for column in columns) > _PAGE


def _typst_spanners(table: Table) -> str:
    """Return the cells of the headings over columns, and the rules below them."""
    if not any(table.spanners):
        return ""
    cells, rules, column = [], [], 0
    for name, width in spans(table):
        cells.append(f"table.cell(colspan: {width}, align: center, {quote_typst(name)}), ")
        if name:
            rules.append(f"table.hline(y: 1, start: {column}, end: {column + width}, stroke: 0.3pt), ")
        column += width
    return "".join([*cells, *rules])


def _typst_entry(entry: Entry) -> str:
    broken = re.sub(r"(?<=[_/])(?=\w)", "\N{ZERO WIDTH SPACE}", entry.text) if len(entry.text) > _WORD else entry.text
    text = quote_typst(broken)
    text = f"strong({text})" if entry.bold else text
    if not entry.mark:
        return text
    mark = quote_typst(entry.mark)
    raised = mark if set(entry.mark) == {"*"} else f"super({mark})"  # a star stands high by itself
    return f"[#{text}#box(width: 0pt, align(left, {raised}))]"
