"""What the figures of comparisons share: one panel, rows under headings, marks of verdicts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from attnstats._validation import FloatArray, check_number
from attnstats.exceptions import InvalidInputError, require
from attnstats.report.figures import _style as style
from attnstats.report.notation._escapes import with_minus
from attnstats.report.notation._given import interval
from attnstats.report.notation._words import ABSENT, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
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


def figure_of(axes: Axes) -> Figure:
    """Return the figure that axes stand in, be it in a part of one."""
    figure: Figure = axes.figure.figure
    return figure


class Layout(NamedTuple):
    """Where rows stand, from 0 downwards: the place of each row, and headings with theirs."""

    places: list[float]
    headings: list[tuple[str, float]]
    n: float


def layout(groups: Sequence[str]) -> Layout:
    """Return the places of rows, with room for a heading over each run of one group; empty text is none."""
    places: list[float] = []
    headings: list[tuple[str, float]] = []
    y, before = 0.0, ""
    for group in groups:
        if group and group != before:
            y += 0.35 if places else 0.0
            headings.append((group, y))
            y += 1
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

    offset = 6 + (0.57 * behind + 0.6 * bool(behind)) * rcParams["font.size"]
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
