"""One look for every figure: Okabe–Ito colours, always with a marker or line style, and deterministic files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, Any

from attnstats.exceptions import require

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLUE, VERMILLION, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
ORANGE, SKY, BLACK, GREY = "#E69F00", "#56B4E9", "#222222", "#767676"

COLOURS = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, BLACK)
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
LINES: tuple[Any, ...] = (
    "-",
    (0, (5, 2)),
    (0, (1.5, 1.5)),
    (0, (5, 1.5, 1, 1.5)),
    (0, (8, 2, 2, 2)),
    (0, (5, 1.5, 1, 1.5, 1, 1.5)),
)
#: Colour and marker of each verdict; the colours also carry text, hence a darker green.
VERDICTS = {
    "supported": ("#007A59", "o"),
    "contradicted": (VERMILLION, "X"),
    "negligible": (BLUE, "D"),
    "inconclusive": (GREY, "s"),
}
#: Width of every figure in inches; the page shows an inch as 96 pixels.
WIDTH = 9.0

_RC = {
    "font.family": ["DejaVu Sans"],
    "font.size": 9.0,
    "axes.titlesize": 10.0,
    "axes.titleweight": "bold",
    "axes.labelsize": 9.0,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "legend.fontsize": 8.5,
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": BLACK,
    "axes.linewidth": 0.7,
    "axes.unicode_minus": True,
    "lines.linewidth": 1.6,
    "svg.hashsalt": "attnstats",
    "svg.fonttype": "path",
    "pdf.fonttype": 42,  # journals refuse fonts of type 3
}
#: What a file says of itself: no date.
_METADATA: dict[str, dict[str, str | None]] = {
    ".png": {"Software": None},
    ".svg": {"Date": None, "Creator": "attnstats"},
    ".pdf": {"CreationDate": None, "Creator": "attnstats"},
}


@contextmanager
def house_style() -> Iterator[None]:
    """Apply the style inside the block, whatever the user's own settings are, and undo it afterwards."""
    require("matplotlib", "report")
    from matplotlib import style

    with style.context(["default", _RC]):
        yield


def new_axes(
    n_rows: int, n_columns: int, height: float, *, width: float = WIDTH, **options: Any
) -> tuple[Figure, list[list[Axes]]]:
    """Return a figure of `height` inches, tied to no global state, and its axes row by row."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, [list(row) for row in figure.subplots(n_rows, n_columns, squeeze=False, **options)]


def settle(figure: Figure) -> Figure:
    """Lay the figure out once and for all: every further pass of the layout would shift things by a hair."""
    engine = figure.get_layout_engine()
    if engine is not None:
        engine.execute(figure)
        for axis in figure.axes:  # its solver adds up in the order of addresses, which leaves the last digits to chance
            left, bottom, width, height = axis.get_position().bounds
            axis.set_position((round(left, 5), round(bottom, 5), round(width, 5), round(height, 5)))
    figure.set_layout_engine("none")
    return figure


def image_bytes(figure: Figure, suffix: str) -> bytes:
    """Return a figure as ``.png`` at 150 dpi, ``.svg`` or ``.pdf``; the same figure gives the same bytes."""
    buffer = BytesIO()
    with house_style():
        figure.savefig(buffer, format=suffix.removeprefix("."), dpi=150, metadata=_METADATA[suffix])
    return buffer.getvalue()


def cycle(options: Sequence[Any], index: int) -> Any:
    """Return the option of an index, starting again after the last."""
    return options[index % len(options)]
