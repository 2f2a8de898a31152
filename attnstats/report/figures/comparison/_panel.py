"""What the figures of comparisons share: one panel, rows under headings, marks of verdicts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from textwrap import fill
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from attnstats._validation import FloatArray, check_number
from attnstats.exceptions import InvalidInputError, require
from attnstats.report.figures import _style as style
from attnstats.report.notation._escapes import with_minus
from attnstats.report.notation._given import in_power, interval
from attnstats.report.notation._words import ABSENT, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import XAxis, YAxis
    from matplotlib.figure import Figure

#: The text of a printed page is so many inches wide.
WIDTH = 6.5
#: Colour and marker of each verdict on a difference; any other word is black, and a square.
VERDICTS = {
    "better": ("#007A59", "^"),
    "worse": (style.VERMILLION, "v"),
    "equivalent": (style.BLUE, "D"),
    "inconclusive": (style.GREY, "o"),
}
PLAIN = (style.BLACK, "s")
#: Of a further line of a label, in inches.
LINE_HEIGHT = 0.145
#: Rows that fill a printed page.
_MANY = 30
#: Longer labels are broken into lines of so many characters.
_LINE = 26
#: Least room between the numbers at two ticks, in inches.
_TICK_GAP = 0.08
#: A strip within which a difference does not matter.
BAND: dict[str, Any] = {"color": style.GREY, "alpha": 0.15, "lw": 0}


@contextmanager
def panel(axes: Axes | None, height: float) -> Iterator[Axes]:
    """Give the axes of the caller, in the caller's style, or new ones of `height` inches, laid out at the end."""
    require("matplotlib", "report")
    from matplotlib.axes import Axes

    if axes is not None:
        if not isinstance(axes, Axes):
            raise InvalidInputError(f"axes: must be a matplotlib Axes; got {type(axes).__name__}")
        yield axes
        return
    with style.house_style():
        figure, ((own,),) = style.new_axes(1, 1, height, width=WIDTH)
        yield own
        style.settle(figure)
        _thin_ticks(own)


def _thin_ticks(axes: Axes) -> None:
    """Leave out ticks of the horizontal axis until their numbers do not run together."""
    from matplotlib.ticker import MaxNLocator

    if not isinstance(axes.xaxis.get_major_locator(), MaxNLocator):  # the ticks were set one by one, or a log scale
        return
    for n in range(6, 1, -1):
        boxes = [label.get_window_extent() for label in axes.get_xticklabels()]
        if all(right.x0 - left.x1 > _TICK_GAP * axes.figure.dpi for left, right in pairwise(boxes)):
            return
        axes.locator_params(axis="x", nbins=n)


def figure_of(axes: Axes) -> Figure:
    """Return the figure that axes stand in, be it in a part of one."""
    figure: Figure = axes.figure.figure
    return figure


def in_lines(labels: Sequence[str]) -> list[str]:
    r"""Return labels with line breaks where they are long, in which dollars begin no formula.

    >>> in_lines(["mistralai/Mixtral-8x22B, quantised to 4 bits", "meta_llama/Llama_3_70B_instruct_v2"])
    ['mistralai/Mixtral-8x22B,\nquantised to 4 bits', 'meta_llama/Llama_3_70B_\ninstruct_v2']
    """
    return [_in_lines(_literal(label)) for label in labels]


def _in_lines(label: str) -> str:
    lines = [""]
    for piece in re.split(r"(?<=\w[-_/])|(?<=\s)", label):
        for part in (piece[i : i + _LINE] for i in range(0, len(piece), _LINE)):
            if len(f"{lines[-1]}{part}".rstrip()) > _LINE:
                lines.append("")
            lines[-1] += part
    return "\n".join(line.strip() for line in lines)


def _literal(label: str) -> str:
    return re.sub(r"(?<!\\)\$", r"\\$", label)  # else matplotlib sets what stands between two as mathematics


def row_height(least: float, labels: Sequence[str]) -> float:
    """Return the height of rows in inches, `least` for labels of one line, and less where a page holds no more."""
    least = least if len(labels) <= _MANY else min(least, 0.2)
    return least + LINE_HEIGHT * max(label.count("\n") for label in labels)


def label_scale(axis: XAxis | YAxis, label: str, power: int) -> None:
    """Write what an axis shows, and the numbers at its ticks in a power of ten."""
    if power:
        axis.set_major_formatter(lambda value, _: with_minus(f"{value / 10.0**power:g}"))
    axis.set_label_text(fill(_literal(in_power(label, power)), 36 if axis.axis_name == "y" else 60))


def rank_ticks(top: int) -> list[int]:
    """Return the ranks that have room for their numbers.

    >>> rank_ticks(4), rank_ticks(30)
    ([1, 2, 3, 4], [1, 5, 10, 15, 20, 25, 30])
    """
    step = next(step for most, step in ((12, 1), (24, 2), (60, 5), (120, 10), (np.inf, 50)) if top <= most)
    return [1, *range(max(step, 2), top + 1, step)]


def legend_columns(labels: Sequence[str]) -> int:
    """Return how many columns of labels there is room for above the axes."""
    return 3 if max(len(line) for label in labels for line in label.split("\n")) <= 16 else 2


def legend_height(labels: Sequence[str]) -> float:
    """Return the height of a legend above the axes in inches."""
    return row_height(0.17, labels) * -(-len(labels) // legend_columns(labels))


def legend_above(axes: Axes, labels: Sequence[str]) -> None:
    """Explain the lines above the axes."""
    axes.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=legend_columns(labels), frameon=False)


class Layout(NamedTuple):
    """Where rows stand, from 0 downwards: the place of each row, and headings with theirs."""

    places: list[float]
    headings: list[tuple[str, float]]
    n: float


def layout(groups: Sequence[str], line: float = 0.0) -> Layout:
    """Return the places of rows, with room for a heading over each run of one group; empty text is none.

    `line` is the height of a further line of a heading, in rows.
    """
    places: list[float] = []
    headings: list[tuple[str, float]] = []
    y, before = 0.0, ""
    for group in groups:
        if group and group != before:
            y += 0.35 if places else 0.0
            more = line * group.count("\n")
            headings.append((group, y + more / 2))
            y += 1 + more
        before = group
        places.append(y)
        y += 1
    return Layout(places, headings, y)


def label_rows(axes: Axes, labels: Sequence[str], rows: Layout) -> None:
    """Write the label of each row and the headings, and turn the axis so that the first row is at the top."""
    axes.set_yticks([*rows.places, *(y for _, y in rows.headings)], [*labels, *(name for name, _ in rows.headings)])
    for text in axes.get_yticklabels()[len(labels) :]:
        text.set_fontweight("bold")
    axes.set_ylim(rows.n - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)


def write_beside(axes: Axes, y: float, text: str, colour: str = style.BLACK, *, behind: int = 0) -> None:
    """Write a text at the right of a row, behind the room for a column of so many characters."""
    from matplotlib import rcParams

    offset = 6 + (0.62 * behind + 0.6 * bool(behind)) * rcParams["font.size"]
    axes.annotate(
        with_minus(text),
        (1.0, y),
        xycoords=("axes fraction", "data"),
        xytext=(offset, 0),
        textcoords="offset points",
        va="center_baseline",
        color=colour,
        annotation_clip=False,
    )


def spoken(value: float, low: float, high: float, decimals: int) -> str:
    """Return an estimate with its interval as it prints; `ABSENT` where there is none."""
    return f"{number(value, decimals)} {interval(low, high, decimals)}".rstrip() if np.isfinite(value) else ABSENT


def span_of(axes: Axes, *values: FloatArray) -> tuple[float, float]:
    """Set the ends of the horizontal axis so that all finite values are within, and return them."""
    shown = np.concatenate([np.ravel(each) for each in values])
    shown = shown[np.isfinite(shown)]
    low, high = (float(shown.min()), float(shown.max())) if len(shown) else (0.0, 1.0)
    room = 0.05 * ((high - low) or abs(high) or 1.0)
    axes.set_xlim(low - room, high + room)
    return low - room, high + room


def draw_interval(axes: Axes, y: float, ends: tuple[float, float], span: tuple[float, float], colour: str) -> None:
    """Draw an interval on a row, a bar at each end, or an arrow at the edge where it has none."""
    low, high = max(ends[0], span[0]), min(ends[1], span[1])
    axes.plot([low, high], [y, y], color=colour, lw=1.8, solid_capstyle="butt", zorder=2)
    for end, edge, arrow in ((ends[0], low, "<"), (ends[1], high, ">")):
        marker, size = (arrow, 5) if np.isinf(end) else ("|", 6)
        axes.plot([edge], [y], marker, color=colour, ms=size, mew=1.2, clip_on=False, zorder=2)


def band_of(margin: object, reference: float) -> tuple[float, float]:
    """Return the ends of the strip of equivalence: a margin on both sides, or a lower and an upper one."""
    pair = margin if isinstance(margin, tuple | list) else (-check_number(margin, "margin"), margin)
    ends = [check_number(end, "margin") for end in pair]
    if len(ends) != 2 or not ends[0] < 0 < ends[1]:
        raise InvalidInputError(f"margin: must be a number above 0, or one below and one above 0; got {margin!r}")
    return reference + ends[0], reference + ends[1]
