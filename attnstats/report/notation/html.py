"""Tables for a web page or a notebook."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from attnstats.report.notation._escapes import escape_html
from attnstats.report.notation.formats import Entry, Table, entries, numeric_columns, spans

_RULE = "border-bottom:1px solid"
_TABLE = "border-collapse:collapse;border-top:2px solid;border-bottom:2px solid;font-variant-numeric:tabular-nums"
_CELL = "padding:.2em .7em;vertical-align:baseline"
_MARK = '<sup style="position:absolute">{}</sup>'


@dataclass(frozen=True, slots=True)
class HTML:
    """A table element that needs no style sheet, with the scope of every heading for those who hear it read.

    great-tables writes ten kilobytes of style for each table, under an id that differs from call to call; pandas'
    Styler has no notes and no headings of groups.

    Examples
    --------
    >>> import pandas as pd
    >>> from attnstats.report import Table
    >>> text = pd.DataFrame({"Model": ["a<b"], "Share": ["-50.1"]})
    >>> for line in HTML().render(Table("shares", "Shares.", text, text)).splitlines()[10:12]:
    ...     print(line)
    <td style="padding:.2em .7em;vertical-align:baseline;text-align:left">a&lt;b</td>
    <td style="padding:.2em .7em;vertical-align:baseline;text-align:right;white-space:nowrap">−50.1</td>
    """

    suffix: ClassVar[str] = ".html"

    def render(self, table: Table) -> str:
        """Return ``table.text`` as HTML, special characters escaped."""
        ends = ["right" if end else "left" for end in numeric_columns(table.text)]
        lines = [f'<table style="{_TABLE}">']
        lines += [f"<caption>{escape_html(table.caption)}</caption>"] if table.caption else []
        lines.append("<thead>")
        if any(table.spanners):
            lines += ["<tr>", *(_spanner(*each) for each in spans(table)), "</tr>"]
        names = map(str, table.text.columns)
        lines += ["<tr>", *(_heading(name, end) for name, end in zip(names, ends, strict=True)), "</tr>"]
        lines += ["</thead>", "<tbody>"]
        for i, (group, row) in enumerate(entries(table)):
            if group is not None:
                lines += ["</tbody>", "<tbody>"] if i else []
                style = f"{_CELL};text-align:left;font-style:italic;font-weight:normal"
                heading = f'<th scope="rowgroup" colspan="{len(row)}" style="{style}">{escape_html(group)}</th>'
                lines += ["<tr>", heading, "</tr>"]
            lines += ["<tr>", *map(_cell, row, ends), "</tr>"]
        lines.append("</tbody>")
        if table.notes:
            below = "".join(f"<div>{escape_html(note)}</div>" for note in table.notes)
            style = "border-top:1px solid;padding:.4em .7em;text-align:left;font-size:smaller"
            lines += ["<tfoot>", f'<tr><td colspan="{len(ends)}" style="{style}">{below}</td></tr>', "</tfoot>"]
        return "\n".join([*lines, "</table>"]) + "\n"


def _spanner(name: str, width: int) -> str:
    """Return a heading over columns; its rule stops short of the neighbours."""
    inside = f'<div style="{_RULE}">{escape_html(name)}</div>' if name else ""
    return f'<th scope="colgroup" colspan="{width}" style="{_CELL};padding-bottom:0;text-align:center">{inside}</th>'


def _heading(name: str, end: str) -> str:
    return f'<th scope="col" style="{_CELL};text-align:{end};{_RULE}">{escape_html(name)}</th>'


def _cell(entry: Entry, end: str) -> str:
    text = escape_html(entry.text)
    text = f"<strong>{text}</strong>" if entry.bold else text
    raised = _MARK.format(escape_html(entry.mark)) if entry.mark else ""
    whole = ";white-space:nowrap" if end == "right" else ""
    return f'<td style="{_CELL};text-align:{end}{whole}">{text}{raised}</td>'
