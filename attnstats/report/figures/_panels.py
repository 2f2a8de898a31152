"""Panels, lines and labels that several figures share."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import sqrt
from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from attnstats.exceptions import FrameError
from attnstats.frame import check_frame
from attnstats.report.figures import _style as style
from attnstats.report.notation import _words as notation
from attnstats.report.notation._rows import CONDITION, VARIANT, in_order, over_seeds, seed_rows

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_CONTROLS = {"uniform": "s", "permuted": "x", "random_scorer": "+"}


def needed(frame: pd.DataFrame, quantity: str, *, view: str | None = None) -> pd.DataFrame:
    """Return the rows of a quantity of intact models; raise where there are none or a value is infinite."""
    rows = seed_rows(check_frame(frame), quantity, view=view)
    if rows.empty:
        seen = f", view {view!r}," if view else ""
        raise FrameError(f"frame: must hold rows of quantity {quantity!r}{seen} for an intact model; got none")
    if np.isinf(rows["value"]).any():
        raise FrameError(f"frame: every value of quantity {quantity!r} must be finite to be drawn; got an infinite one")
    return rows


def same(rows: pd.DataFrame, **keys: object) -> pd.Series[bool]:
    """Return which rows have these keys."""
    same = pd.Series(True, index=rows.index)
    for name, value in keys.items():
        same &= (rows[name] == value).fillna(False).astype(bool)
    return same


def mechanism_name(attention: str, normalizer: str) -> str:
    """Return attention and normalizer as they print."""
    return ", ".join(notation.pretty_name(name) for name in (attention, normalizer) if name)


def condition_name(encoder: str, attention: str, normalizer: str) -> str:
    """Return encoder, attention and normalizer as they print."""
    mechanism = mechanism_name(attention, normalizer)
    return f"{notation.pretty_name(encoder)}: {mechanism}" if encoder else mechanism


def panel_name(encoder: str, dataset: str, n_rows: int) -> str:
    """Return encoder, and data set where there are several rows of panels, as they print."""
    return notation.pretty_name(encoder) + (f"\n{wrapped(dataset)}" if n_rows > 1 else "")


def wrapped(dataset: str) -> str:
    """Return the name of a data set in lines short enough for a panel."""
    return fill(notation.pretty_name(dataset), 22)


def grouped(places: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Return the places with those of one first key together, else in their order."""
    first = list(dict.fromkeys(place[0] for place in places))
    return sorted(places, key=lambda place: first.index(place[0]))


def middle(low: float, high: float) -> float:
    """Return where a bin of gaps stands on a log axis: its geometric middle; wide bins near their one real end."""
    if low <= 0:
        return high / 2
    return sqrt(low * high) if high < 10 * low else 2 * low


def line(axis: Axes, rows: pd.DataFrame, x: str, mechanism: tuple[str, ...], shown: list[tuple[str, ...]]) -> None:
    """Draw one mechanism: the colour is that of its attention, the line style that of its normalizer."""
    attentions, normalizers = (list(dict.fromkeys(column)) for column in zip(*shown, strict=True))
    i, j = attentions.index(mechanism[0]), normalizers.index(mechanism[1])
    colour, marker = style.cycle(style.COLOURS, i), style.cycle(style.MARKERS, shown.index(mechanism))
    rows, name = rows.sort_values(x), mechanism_name(*mechanism)
    curve(axis, rows, x, colour, style.cycle(style.LINES, j), marker, name, face="white" if j else colour)


def curve(
    axis: Axes, rows: pd.DataFrame, x: str, colour: str, line: object, marker: str, label: str, face: str | None = None
) -> None:
    """Draw a mean over x with its interval as a band."""
    options = {"ls": line, "marker": marker, "ms": 4.5, "color": colour, "mfc": face or colour}
    axis.plot(rows[x], rows["mean"], label=label if len(rows) else None, **options)  # type: ignore[arg-type]
    axis.fill_between(rows[x], rows["low"], rows["high"], color=colour, alpha=0.15, lw=0)


def dot_panels(
    axes: list[list[Axes]],
    rows: pd.DataFrame,
    names: Sequence[str],
    panels: list[tuple[str, ...]],
    places: list[tuple[str, ...]],
    controls: pd.DataFrame | None = None,
) -> list[Axes]:
    """Draw dots on a line for each place in each panel, hide the panels left over, and return all of them.

    A panel and a place are values of the keys `names`; `controls` are the rows of models of replaced attention.
    """
    summary = over_seeds(rows, [*CONDITION, *VARIANT])
    replaced = None if controls is None else over_seeds(controls, [*CONDITION, *VARIANT])
    attentions = in_order(summary, "attention")
    flat = [axis for row in axes for axis in row]
    for axis, panel in zip(flat, panels, strict=False):
        for y, place in enumerate(places):
            keys = dict(zip(names, (*panel, *place), strict=True))
            index = attentions.index((keys["attention"],))
            _dots(axis, y, rows[same(rows, **keys)], summary[same(summary, **keys)], index)
            if replaced is not None:
                _replaced_dots(axis, y, replaced[same(replaced, **keys)])
        for y, (above, below) in enumerate(pairwise(places)):
            if above[0] != below[0]:
                axis.axhline(y + 0.5, color=style.GREY, lw=0.7)
    for axis in flat[len(panels) :]:
        axis.set_visible(False)
    return flat


def _dots(axis: Axes, y: float, seeds: pd.DataFrame, summary: pd.DataFrame, index: int) -> None:
    """Draw one condition on one line: every seed pale, the interval, the mean."""
    colour, marker = style.cycle(style.COLOURS, index), style.cycle(style.MARKERS, index)
    axis.plot(seeds["value"], [y] * len(seeds), "o", color=colour, ms=4, alpha=0.3, mew=0)
    axis.hlines([y] * len(summary), summary["low"], summary["high"], color=colour, lw=2)
    axis.plot(summary["mean"], [y] * len(summary), marker, color=colour, ms=6)


def _replaced_dots(axis: Axes, y: float, summary: pd.DataFrame) -> None:
    """Draw the mean of one condition when its attention is replaced, a grey sign for each way."""
    for name, marker in _CONTROLS.items():
        own = summary[summary["ablation"] == name]
        label = f"attention replaced: {notation.pretty_name(name)}" if len(own) else None
        options = {"color": style.GREY, "mfc": "none", "ms": 6, "mew": 1.4, "ls": "", "label": label}
        axis.plot(own["mean"], [y] * len(own), marker, **options)  # type: ignore[arg-type]


def finish_grid(figure: Figure, axes: list[list[Axes]], encoders: list[tuple[str, ...]], label: str) -> Figure:
    """Write each encoder over its column, the label and one legend below, and lay the figure out."""
    for axis, (encoder,) in zip(axes[0], encoders, strict=True):
        axis.set_title(notation.pretty_name(encoder))
    for axis in axes[-1]:
        axis.set_xlabel(label)
    legend_below(figure, axes)
    return style.settle(figure)


def legend_below(figure: Figure, axes: list[list[Axes]]) -> None:
    """Put one legend below the panels, each label once."""
    entries = {}
    for axis in (axis for row in axes for axis in row):
        handles, labels = axis.get_legend_handles_labels()
        entries.update({label: handle for handle, label in zip(handles, labels, strict=True) if label not in entries})
    if entries:
        n_columns = max(min(130 // (max(map(len, entries)) + 8), 4), 1)  # as many as the width holds
        figure.legend(entries.values(), entries.keys(), loc="outside lower center", ncols=n_columns)
