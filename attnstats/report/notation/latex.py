"""Tables as LaTeX sets them, with the rules of booktabs and the columns of siunitx."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from attnstats.report.notation._escapes import escape_latex
from attnstats.report.notation._latex_layout import Column, Layout, lay_out
from attnstats.report.notation._words import ABSENT
from attnstats.report.notation.formats import Entry, Table, entries, numeric_columns, spans

#: A number that siunitx prints as it is written, once the commas between thousands are left out.
_PLAIN = re.compile(r"(-?)(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?")
#: siunitx by itself groups five digits or more, before the point and behind it.
_THOUSANDS = "group-digits=integer,group-minimum-digits=4,group-separator={,}"


@dataclass(frozen=True, slots=True)
class LaTeX:
    r"""A floating table with booktabs rules; the document needs ``\usepackage{array,booktabs,longtable}``.

    It fits the text of an article on A4 at 10 points. One that is too wide is set in a smaller type, in which headings
    and then words break into lines; one that is too wide even so is turned (``\usepackage{pdflscape}``). One that is
    too tall, or turned, is a ``longtable``, which goes over pages and does not float: LaTeX must run until its columns
    stand still, and a document of two columns does not take it.

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
        rows = [row for _, row in entries(table)]
        columns = [
            _Typeset(
                str(name),
                [row[i].text for row in rows],
                max((row[i].mark for row in rows), key=len, default=""),
                numeric=numeric,
                by_point=self.siunitx and _is_plain([row[i].text for row in rows]),
            )
            for i, (name, numeric) in enumerate(zip(table.text.columns, numeric_columns(table.text), strict=True))
        ]
        over = spans(table) if any(table.spanners) else []
        layout = lay_out([each.measured() for each in columns], over, table.groups, table.caption, table.notes)
        widths = layout.paragraphs
        specification = "".join(each.specification(width) for each, width in zip(columns, widths, strict=True))
        heads = [each.head(lines) for each, lines in zip(columns, layout.heads, strict=True)]
        lines = (_over_pages if layout.long else _floating)(
            table,
            layout,
            f"@{{}}{specification}@{{}}" if layout.size else specification,
            [*_spanners(over), rf"{' & '.join(heads)} \\", r"\midrule"],
            _body(table, [each.by_point for each in columns], layout),
        )
        return "\n".join(lines) + "\n"


class _Typeset(NamedTuple):
    """A column with what LaTeX must know of it."""

    name: str
    entries: Sequence[str]
    mark: str
    numeric: bool
    by_point: bool

    @property
    def words(self) -> bool:
        return not (self.numeric or self.by_point)

    def measured(self) -> Column:
        """Return the column with its entries as wide as they will be."""
        if not self.by_point:
            return Column(self.name, self.entries, self.words)
        sign, whole, decimals = _digits(self.entries)
        return Column(self.name, [f"{sign}{'0' * whole}.{'0' * decimals}{self.mark}"] * len(self.entries), words=False)

    def specification(self, width: float | None) -> str:
        if self.by_point:
            return _by_point(self.entries, self.mark)
        if width is None:
            return "l" if self.words else "r"
        return rf">{{\raggedright\hangindent=1em\arraybackslash}}p{{{width:.0f}pt}}"

    def head(self, lines: Sequence[str]) -> str:
        """Return the heading; siunitx sets what is in braces as it is."""
        text = r" \\ ".join(map(escape_latex, lines))
        if len(lines) > 1:
            side = "c" if self.by_point else "l" if self.words else "r"
            text = rf"\begin{{tabular}}[b]{{@{{}}{side}@{{}}}}{text}\end{{tabular}}"
        return f"{{{text}}}" if self.by_point else text


def _floating(table: Table, layout: Layout, specification: str, head: list[str], body: list[str]) -> list[str]:
    """Return the lines of a table that stands on one page."""
    return [
        r"\begin{table}",
        r"\centering",
        *([_caption(table), rf"\label{{tab:{table.name}}}\smallskip"] if table.caption else []),
        *_size(layout),
        rf"\begin{{tabular}}{{{specification}}}",
        r"\toprule",
        *head,
        *body,
        r"\bottomrule",
        r"\end{tabular}",
        *(rf"\par\smallskip{{\footnotesize {escape_latex(note)}\par}}" for note in table.notes),
        r"\end{table}",
    ]


def _over_pages(table: Table, layout: Layout, specification: str, head: list[str], body: list[str]) -> list[str]:
    """Return the lines of a table that goes over pages, its head on each."""
    n = table.text.shape[1]
    lines = [
        r"\begingroup",
        *_size(layout),
        r"\setlength{\LTcapwidth}{\linewidth}",
        rf"\begin{{longtable}}{{{specification}}}",
        *([rf"{_caption(table)}\label{{tab:{table.name}}} \\"] if table.caption else []),
        r"\toprule",
        *head,
        r"\endfirsthead",
        *([r"\caption[]{(continued)} \\"] if table.caption else []),
        r"\toprule",
        *head,
        r"\endhead",
        rf"\midrule \multicolumn{{{n}}}{{r}}{{\footnotesize continued on the next page}} \\",
        r"\endfoot",
        r"\bottomrule",
        r"\endlastfoot",
        *body,
        r"\end{longtable}",
        *([] if table.caption else [r"\addtocounter{table}{-1}"]),  # which longtable counts all the same
        *(rf"{{\noindent\footnotesize\raggedright {escape_latex(note)}\par}}" for note in table.notes),
        r"\endgroup",
    ]
    return [r"\begin{landscape}", *lines, r"\end{landscape}"] if layout.turned else lines


def _caption(table: Table) -> str:
    return rf"\caption{{{escape_latex(table.caption)}}}"


def _size(layout: Layout) -> list[str]:
    return [rf"{layout.size}\setlength{{\tabcolsep}}{{{layout.gap:g}pt}}"] if layout.size else []


def _body(table: Table, by_point: Sequence[bool], layout: Layout) -> list[str]:
    """Return the rows, and over them the headings of their groups, behind which no page ends."""
    lines: list[str] = []
    for group, row in entries(table):
        if group is not None:
            text, side = escape_latex(group), "@{}l@{}" if layout.size else "l"
            if not layout.fits(group):
                text = _breakable(text)
                side = rf"@{{}}>{{\raggedright\arraybackslash}}p{{{layout.width:.0f}pt}}@{{}}"
            ends = r"\\*" if layout.long else r"\\"
            heading = rf"\multicolumn{{{len(row)}}}{{{side}}}{{\textit{{{text}}}}} {ends}"
            lines += [r"\addlinespace", heading] if lines else [heading]
        written = [
            _latex_entry(entry, plain, breaks=width is not None)
            for entry, plain, width in zip(row, by_point, layout.paragraphs, strict=True)
        ]
        star = "{}" if written[0].startswith("*") else ""  # which would belong to the end of the row before
        lines.append(rf"{star}{' & '.join(written)} \\")
    return lines


def _breakable(text: str) -> str:
    """Return escaped text in which a line may end behind underscores and slashes too."""
    return text.replace(r"\_", r"\_\allowbreak{}").replace("/", r"/\allowbreak{}")


def _is_plain(column: Sequence[str]) -> bool:
    """Return whether a printed column holds numbers that siunitx can align, and nothing else."""
    shown = [entry for entry in column if entry != ABSENT]
    return bool(shown) and all(_PLAIN.fullmatch(entry) for entry in shown)


def _digits(column: Sequence[str]) -> tuple[str, int, int]:
    """Return the sign of a column of numbers, if any has one, and its most digits before the point and behind it."""
    found = [match for entry in column if (match := _PLAIN.fullmatch(entry))]
    sign = "-" if any(match[1] for match in found) else ""
    return sign, max(len(match[2].replace(",", "")) for match in found), max(len(match[3] or "") for match in found)


def _by_point(column: Sequence[str], mark: str) -> str:
    """Return a column of siunitx with room for its widest number and the longest mark behind one."""
    sign, whole, decimals = _digits(column)
    digits = f"{sign}{whole}.{decimals}" if decimals else f"{sign}{whole}"
    options = [f"table-format={digits}", "detect-weight"]
    if any("," in entry for entry in column):
        options.append(_THOUSANDS)
    elif max(whole, decimals) > 4:
        options.append("group-digits=none")
    if mark:
        options += [
            rf"table-space-text-post={{\textsuperscript{{{escape_latex(mark)}}}}}",
            "table-align-text-after=false",
        ]
    return f"S[{','.join(options)}]"


def _latex_entry(entry: Entry, by_point: bool, *, breaks: bool) -> str:
    raised = rf"\textsuperscript{{{escape_latex(entry.mark)}}}" if entry.mark else ""
    if by_point and _PLAIN.fullmatch(entry.text):
        return (r"\bfseries " if entry.bold else "") + entry.text.replace(",", "") + raised
    text = _breakable(escape_latex(entry.text)) if breaks else escape_latex(entry.text)
    text = rf"\textbf{{{text}}}" if entry.bold else text
    text += rf"\rlap{{{raised}}}" if raised else ""
    return f"{{{text}}}" if by_point else text


def _spanners(over: Sequence[tuple[str, int]]) -> list[str]:
    """Return the line of the headings over columns, and the rules below them."""
    if not over:
        return []
    cells, rules, column = [], [], 1
    for name, width in over:
        cells.append(rf"\multicolumn{{{width}}}{{c}}{{{escape_latex(name)}}}" if name else "")
        if name:
            rules.append(rf"\cmidrule(lr){{{column}-{column + width - 1}}}")
        column += width
    return [f"{' & '.join(cells)} \\\\", " ".join(rules)]
