"""Tables as Typst sets them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from attnstats.report.notation._escapes import quote_typst
from attnstats.report.notation.formats import Entry, Table, entries, numeric_columns, spans


@dataclass(frozen=True, slots=True)
class Typst:
    """A figure that holds a table, for Typst 0.11 or later; it needs no package.

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
        wide = [table.text.iloc[:, i].str.len().max() > 40 for i in range(len(ends))]
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
            f"    columns: ({', '.join('1fr' if each else 'auto' for each in wide)},),",
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
        return "\n".join(lines) + "\n"


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
    text = quote_typst(entry.text)
    text = f"strong({text})" if entry.bold else text
    if not entry.mark:
        return text
    mark = quote_typst(entry.mark)
    raised = mark if set(entry.mark) == {"*"} else f"super({mark})"  # a star stands high by itself
    return f"[#{text}#box(width: 0pt, align(left, {raised}))]"
