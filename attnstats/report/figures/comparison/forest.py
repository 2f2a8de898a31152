"""Estimates with their intervals, one below the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from attnstats._validation import check_number, check_text
from attnstats.report.figures import _style as style
from attnstats.report.figures.comparison import _panel as panels
from attnstats.report.notation._given import common_decimals, given, limits, numbers, power_of_ten, words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def plot_forest(
    estimates: Any,
    *,
    reference: float = 0.0,
    margin: float | tuple[float, float] | None = None,
    label: str = "difference",
    axes: Axes | None = None,
) -> Figure:
    """Draw estimates with their intervals, a row each, and write them beside it.

    Parameters
    ----------
    estimates : DataFrame
        Of pandas or polars, with the columns ``label``, ``value``, ``ci_low`` and ``ci_high``; an end may be infinite,
        and an estimate may have no interval. Where it has them, also ``group``, the heading over rows that follow each
        other; ``verdict``, a word written beside the row (better, worse, equivalent and inconclusive have a colour and
        a sign of their own); and ``pooled``, True for a row that sums up others, which is drawn as a diamond.
    reference : float
        Where the line of no difference stands.
    margin : float or (low, high), optional
        How far from the reference does not matter, drawn as a strip.
    label : str
        What the horizontal axis shows, with its unit.
    axes : Axes, optional
        Where to draw; by default on a new figure.

    Returns
    -------
    Figure
        That of the axes.

    Raises
    ------
    InvalidInputError
        If a column is missing, or an argument is not of its kind.
    MissingExtraError
        If matplotlib is not installed.

    References
    ----------
    Lewis and Clarke (2001), Forest plots: trying to see the wood and the trees, BMJ 322, 1479-1480.

    Examples
    --------
    >>> import pandas as pd
    >>> from attnstats.report import plot_forest
    >>> frame = pd.DataFrame({"label": ["B - A", "C - A"], "value": [0.031, -0.004], "ci_low": [0.012, -0.02],
    ...                       "ci_high": [0.05, 0.012], "verdict": ["better", "inconclusive"]})
    >>> figure = plot_forest(frame, margin=0.01, label="difference in accuracy")
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['0.031 [0.012, 0.050]', 'better', '−0.004 [−0.020, 0.012]', 'inconclusive']
    """
    frame = given(estimates, "estimates", ["label", "value", "ci_low", "ci_high"], ["group", "verdict", "pooled"])
    values = numbers(frame, "estimates", "value")
    low, high = limits(frame, "estimates", "ci_low", "ci_high")
    none = [""] * len(frame)
    verdicts = words(frame, "verdict") if "verdict" in frame else none
    pooled = [bool(each) for each in frame["pooled"]] if "pooled" in frame else [False] * len(frame)
    labels, groups = (panels.in_lines(words(frame, each)) if each in frame else none for each in ("label", "group"))
    height = panels.row_height(0.26, labels)
    rows = panels.layout(groups, panels.LINE_HEIGHT / height)
    reference = check_number(reference, "reference")
    band = None if margin is None else panels.band_of(margin, reference)
    power = power_of_ten(values, low, high)
    a, b, c = (each / 10.0**power for each in (values, low, high))
    decimals = common_decimals(b, c)
    said = [panels.spoken(*each, decimals) for each in zip(a, b, c, strict=True)]
    check_text(label, "label")
    with panels.panel(axes, 0.75 + height * rows.n) as axis:
        span = panels.span_of(axis, values, low, high, np.array([reference, *(band or ())]))
        if band is not None:
            axis.axvspan(*band, **panels.BAND)
        axis.axvline(reference, color=style.BLACK, lw=0.8, zorder=1)
        for i, y in enumerate(rows.places):
            colour, marker = panels.VERDICTS.get(verdicts[i], panels.PLAIN)
            if np.isfinite(values[i]) and pooled[i] and np.isfinite([low[i], high[i]]).all():
                corners = [low[i], values[i], high[i], values[i]], [y, y - 0.28, y, y + 0.28]
                axis.fill(*corners, color=colour, lw=0, zorder=3)
            elif np.isfinite(values[i]):
                if not np.isnan(low[i]):
                    panels.draw_interval(axis, y, (low[i], high[i]), span, colour)
                axis.plot([values[i]], [y], marker, color=colour, ms=5.5, mec="white", mew=0.7, zorder=3)
            panels.write_beside(axis, y, said[i])
            if verdicts[i]:
                panels.write_beside(axis, y, verdicts[i], colour, behind=max(map(len, said)))
        panels.label_rows(axis, labels, rows)
        panels.label_scale(axis.xaxis, label, power)
    return panels.figure_of(axis)
