"""The place of each condition, with the interval of places that it may have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from attnstats._validation import check_text
from attnstats.report.figures import _style as style
from attnstats.report.figures.comparison import _panel as panels
from attnstats.report.notation._given import given, limits, numbers, words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def plot_ranks(ranks: Any, *, label: str = "rank, 1 is the best", axes: Axes | None = None) -> Figure:
    """Draw the rank of each condition and the ranks that it may have, the best at the top.

    Parameters
    ----------
    ranks : DataFrame
        Of pandas or polars, with the columns ``label``, ``value``, ``ci_low`` and ``ci_high``: whole ranks, as
        `attnstats.comparison.simultaneous_rank_intervals` returns them, or mean ranks with their intervals.
    label : str
        What the horizontal axis shows.
    axes : Axes, optional
        Where to draw; by default on a new figure.

    Returns
    -------
    Figure
        That of the axes.

    Raises
    ------
    InvalidInputError
        If a column is missing, or a rank or an end is not finite.
    MissingExtraError
        If matplotlib is not installed.

    References
    ----------
    Mogstad, Romano, Shaikh and Wilhelm (2024), Inference for ranks, Review of Economic Studies 91, 476-518.

    Examples
    --------
    >>> import pandas as pd
    >>> from attnstats.report import plot_ranks
    >>> frame = pd.DataFrame({"label": ["A", "B", "C"], "value": [2, 1, 3], "ci_low": [1, 1, 3], "ci_high": [2, 2, 3]})
    >>> [text.get_text() for text in plot_ranks(frame).axes[0].get_yticklabels()]
    ['B', 'A', 'C']
    """
    frame = given(ranks, "ranks", ["label", "value", "ci_low", "ci_high"])
    columns = [numbers(frame, "ranks", each, missing=False) for each in ("ci_high", "ci_low", "value")]
    limits(frame, "ranks", "ci_low", "ci_high")
    order = np.lexsort(columns)
    high, low, values = (column[order] for column in columns)
    labels = panels.in_lines(words(frame, "label"))
    whole = not np.mod(np.concatenate(columns), 1).any()
    check_text(label, "label")
    with panels.panel(axes, 0.75 + panels.row_height(0.28, labels) * len(values)) as axis:
        top = int(np.ceil(max(high.max(), len(values))))
        for y, (value, start, end) in enumerate(zip(values, low, high, strict=True)):
            axis.plot([start, end], [y, y], color=style.SKY, lw=6, solid_capstyle="round", zorder=2)
            axis.plot([value], [y], "o", color=style.BLUE, ms=7, mec="white", mew=0.8, zorder=3)
            panels.write_beside(axis, y, panels.spoken(value, start, end, 0 if whole else 2))
        panels.label_rows(axis, [labels[i] for i in order], panels.layout([""] * len(values)))
        axis.set_xlim(0.5, top + 0.5)
        axis.set_xticks(panels.rank_ticks(top))
        axis.grid(axis="x", lw=0.4, alpha=0.6)
        axis.set_axisbelow(True)
        axis.set_xlabel(label)
    return panels.figure_of(axis)
