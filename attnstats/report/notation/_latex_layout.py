"""How LaTeX lays out a table so that it fits a page: size of type, columns that break into lines, pages.

LaTeX knows how wide a table is only when it has set it. So widths are added up here, from those of Computer Modern.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from math import ceil, inf
from typing import NamedTuple

from attnstats.report.notation._escapes import with_minus

#: Longer texts may break into lines at any size of type, of so many points at least; and the lines of names, of these.
_PARAGRAPH, _PARAGRAPH_WIDTH, _NARROW = 40, 155.0, 50.0
#: Fonts differ a little.
_SAFETY = 1.02
#: Widths of letters in ems, those of Computer Modern.
_WIDTHS = {
    **dict.fromkeys("il.,:;'!|[]", 0.28),
    **dict.fromkeys("fj -", 0.34),
    **dict.fromkeys("rstI()", 0.4),
    **dict.fromkeys("cez", 0.45),
    **dict.fromkeys("ago0123456789*/$", 0.5),
    **dict.fromkeys("kqvxy", 0.53),
    **dict.fromkeys("LZF", 0.66),
    **dict.fromkeys("wBCEPT", 0.73),
    **dict.fromkeys("ADGHKNOQRUVXY&_+−=<>±×≤≥@", 0.79),
    **dict.fromkeys("m%#", 0.84),
    **dict.fromkeys("MW→∞—", 1.03),
}


class Column(NamedTuple):
    """What stands in a column: its heading, its entries, and whether these may break into lines."""

    head: str
    entries: Sequence[str]
    words: bool


class _Size(NamedTuple):
    """A size of type: its command, an em, the height of a line and half the space between columns, in points."""

    command: str
    em: float
    line: float
    gap: float
    heads_break: bool
    entries_break: bool


class _Page(NamedTuple):
    """The width and height of the text of a page, in points, and whether it is turned."""

    width: float
    height: float
    turned: bool


#: Small letters of Computer Modern are wider than their size says.
_SIZES = (
    _Size("", 10.0, 12.0, 6.0, heads_break=False, entries_break=False),
    _Size(r"\small", 9.25, 11.0, 4.0, heads_break=False, entries_break=False),
    _Size(r"\small", 9.25, 11.0, 4.0, heads_break=True, entries_break=False),
    _Size(r"\footnotesize", 8.5, 9.5, 3.0, heads_break=True, entries_break=True),
)
#: The pages of an article on A4 at 10 points, and one that takes what fits none.
_UPRIGHT, _TURNED, _ENDLESS = _Page(345.0, 560.0, False), _Page(560.0, 320.0, True), _Page(inf, 320.0, True)
#: What is tried, in this order.
_TRIES = (*((size, _UPRIGHT) for size in _SIZES), (_SIZES[-1], _TURNED), (_SIZES[-1], _ENDLESS))


@dataclass(frozen=True, slots=True)
class Layout:
    """How a table is set.

    Parameters
    ----------
    size : str
        The command for the size of type; empty for that of the text.
    gap : float
        Half the space between columns, in points.
    heads : list of list of str
        The lines of each heading.
    paragraphs : list of float or None
        The width of each column whose entries break into lines, in points; None for others.
    width, em : float
        Of the whole table, and of an em, in points.
    long, turned : bool
        Whether the table goes over several pages, and whether these are turned.
    """

    size: str
    gap: float
    heads: list[list[str]]
    paragraphs: list[float | None]
    width: float
    em: float
    long: bool
    turned: bool

    def fits(self, text: str) -> bool:
        """Return whether a text over the whole table fits on one line."""
        return self.em * text_width(text) <= self.width


def lay_out(
    columns: Sequence[Column],
    spanners: Sequence[tuple[str, int]],
    groups: Sequence[str],
    caption: str,
    notes: Sequence[str],
) -> Layout:
    """Return how a table is set: in the largest type in which it fits the page, else in the smallest, turned."""
    for size, page in _TRIES:
        heads = [_head_lines(column, size) for column in columns]
        natural = [
            size.em * max(map(text_width, [*lines, *column.entries]))
            for column, lines in zip(columns, heads, strict=True)
        ]
        gaps = 2 * size.gap * (len(columns) - (1 if size.command else 0)) + _excess(spanners, natural, size)
        widths = _shared(columns, natural, page.width - gaps, size)
        if widths is not None:
            break
    assert widths is not None  # an endless page takes any table
    paragraphs = [width if width < wish else None for width, wish in zip(widths, natural, strict=True)]
    around = size.em * text_width(caption) / page.width * 12 + sum(
        9.5 * ceil(8.5 * text_width(note) / page.width) + 3 for note in notes
    )
    tall = around + 50 + _height(columns, heads, paragraphs, groups, size) > page.height
    return Layout(
        size.command, size.gap, heads, paragraphs, sum(widths) + gaps, size.em, tall or page.turned, page.turned
    )


def text_width(text: str) -> float:
    """Return the width of a text in ems.

    >>> text_width("0.12") < text_width("means") < text_width("[0.12, 0.34]")
    True
    """
    return _SAFETY * sum(_WIDTHS.get(letter, 0.56 if letter < "\x7f" else 0.85) for letter in with_minus(text))


def _head_lines(column: Column, size: _Size) -> list[str]:
    """Return the lines of a heading that is no wider than it must be; what is in parentheses stays on one line."""
    words = re.split(r"\s+(?![^()]*\))", column.head)
    if not size.heads_break:
        return [column.head]
    return _lines(words, max(map(text_width, [*words, *column.entries])))


def _lines(pieces: Sequence[str], width: float) -> list[str]:
    """Return pieces of a text as lines of at most so many ems, as far as the pieces allow.

    >>> _lines(["better", "in", "at", "least"], 4.5)
    ['better in', 'at least']
    """
    lines = [pieces[0]]
    for piece in pieces[1:]:
        longer = f"{lines[-1]} {piece}"
        lines[-1:] = [longer] if text_width(longer) <= width else [lines[-1], piece]
    return lines


def _pieces(text: str) -> list[str]:
    """Return the parts of a text behind which a line may break."""
    return re.split(r"\s+|(?<=[-_/])(?=.)", text)


def _excess(spanners: Sequence[tuple[str, int]], natural: Sequence[float], size: _Size) -> float:
    """Return by how much headings over columns are wider than these."""
    excess, first = 0.0, 0
    for name, n in spanners:
        below = sum(natural[first : first + n]) + 2 * size.gap * (n - 1)
        excess += max(size.em * text_width(name) - below, 0.0)
        first += n
    return excess


def _shared(columns: Sequence[Column], natural: Sequence[float], room: float, size: _Size) -> list[float] | None:
    """Return the width of each column, those of words sharing what others leave; None where that is too little."""
    widths = list(natural)
    words = sorted((i for i, column in enumerate(columns) if column.words), key=lambda i: natural[i])
    room -= sum(natural) - sum(natural[i] for i in words)
    for n_left, i in zip(range(len(words), 0, -1), words, strict=True):
        widths[i] = min(natural[i], room / n_left)
        room -= widths[i]
        if widths[i] < min(natural[i], _least(columns[i], natural[i], size)):
            return None
    return None if room < 0 else widths


def _least(column: Column, natural: float, size: _Size) -> float:
    """Return the least width of a column of words."""
    if size.entries_break:  # further lines are indented by an em
        pieces = (piece for text in [column.head, *column.entries] for piece in _pieces(text))
        return max(size.em * (1 + max(map(text_width, pieces))), min(natural / 4, _NARROW))
    return _PARAGRAPH_WIDTH if max(map(len, column.entries), default=0) > _PARAGRAPH else natural


def _height(
    columns: Sequence[Column],
    heads: Sequence[Sequence[str]],
    paragraphs: Sequence[float | None],
    groups: Sequence[str],
    size: _Size,
) -> float:
    """Return the height of head and rows."""
    broken = [(column.entries, width / size.em - 1) for column, width in zip(columns, paragraphs, strict=True) if width]
    n_rows = max(len(column.entries) for column in columns)
    rows = [
        max((len(_lines(_pieces(entries[i]), width)) for entries, width in broken), default=1) for i in range(n_rows)
    ]
    n_lines = max(map(len, heads)) + sum(rows)
    return size.line * n_lines + (size.line + 5) * len(list(groupby(groups)))
