"""How much of the variance each factor makes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from attnstats._validation import check_text
from attnstats.report.figures import _style as style
from attnstats.report.figures.comparison import _panel as panels
from attnstats.report.notation._given import given, limits, numbers, power_of_ten, words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def plot_variance(components: Any, *, label: str = "variance", axes: Axes | None = None) -> Figure:
    """Draw the components of a variance as bars with intervals, and write the share of each beside it.

    Parameters
    ----------
    components : DataFrame
        Of pandas or polars, with the columns ``label``, the factor (seed, example, their interaction), and ``value``,
        its component, which may be negative where it is an unbiased estimate; then its share is 0. Where it has them,
        also ``ci_low`` and ``ci_high``, and ``group``, the heading over the components of one variance.
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
        If a column is missing, or a component is not finite.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> import pandas as pd
    >>> from attnstats.report import plot_variance
    >>> frame = pd.DataFrame({"label": ["seed", "example", "seed × example"], "value": [0.001, 0.006, 0.003],
    ...                       "ci_low": [0.0002, 0.005, 0.002], "ci_high": [0.004, 0.0075, 0.0045]})
    >>> [text.get_text() for text in plot_variance(frame).axes[0].texts]
    ['10 %', '60 %', '30 %']
    """
    frame = given(components, "components", ["label", "value"], ["ci_low", "ci_high", "group"])
    values = numbers(frame, "components", "value", missing=False)
    nothing = np.full(len(values), np.nan)
    has_intervals = {"ci_low", "ci_high"} <= set(frame)
    low, high = limits(frame, "components", "ci_low", "ci_high") if has_intervals else (nothing, nothing)
    labels = panels.in_lines(words(frame, "label"))
    groups = panels.in_lines(words(frame, "group")) if "group" in frame else [""] * len(frame)
    rows = panels.layout(groups)
    counted = np.maximum(values, 0.0)
    totals = [counted[[each == group for each in groups]].sum() for group in groups]
    check_text(label, "label")
    with panels.panel(axes, 0.75 + panels.row_height(0.3, [*labels, *groups]) * rows.n) as axis:
        span = panels.span_of(axis, values, low, high, np.array([0.0]))
        if min(values.min(), np.min(low, initial=0.0, where=np.isfinite(low))) >= 0:
            axis.set_xlim(left=0.0)
        axis.barh(rows.places, values, height=0.6, color=style.SKY, edgecolor=style.BLUE, lw=0.8, zorder=1)
        axis.axvline(0, color=style.BLACK, lw=0.8)
        for i, y in enumerate(rows.places):
            if not np.isnan(low[i]):
                panels.draw_interval(axis, y, (low[i], high[i]), span, style.BLACK)
            panels.write_beside(axis, y, f"{100 * counted[i] / totals[i]:.0f} %" if totals[i] else "–")
        panels.label_rows(axis, labels, rows)
        panels.label_scale(axis.xaxis, label, power_of_ten(values, low, high))
    return panels.figure_of(axis)
