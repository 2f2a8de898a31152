"""What difference a study of each size would detect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from attnstats._validation import FloatArray, check_positive, check_text
from attnstats.exceptions import InvalidInputError
from attnstats.report.figures import _style as style
from attnstats.report.figures.comparison import _panel as panels
from attnstats.report.notation._given import given, numbers, power_of_ten, words
from attnstats.report.notation._words import count

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


#: What a few units detect is cut off from so many times the median on, or all else would lie on the axis.
_HIGHEST = 5


def plot_power(
    curves: Any,
    *,
    margin: float | None = None,
    unit: str = "seeds",
    label: str = "detectable difference",
    axes: Axes | None = None,
) -> Figure:
    """Draw the difference that is detected with the power asked for, against the number of seeds, examples or both.

    Parameters
    ----------
    curves : DataFrame
        Of pandas or polars, with the columns ``n``, how many units, and ``value``, the smallest difference that so many
        detect; what lies above five times the median is cut off. Where it has a column ``label``, each entry of it has
        a line, such as a number of examples.
    margin : float, optional
        The difference that matters, drawn as a line across; the fewest units of the frame that detect it are named.
    unit : str
        What is counted, in the plural.
    label : str
        What the vertical axis shows, with power and unit.
    axes : Axes, optional
        Where to draw; by default on a new figure.

    Returns
    -------
    Figure
        That of the axes.

    Raises
    ------
    InvalidInputError
        If a column is missing or not above 0, or an argument is not of its kind.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from attnstats.report import plot_power
    >>> frame = pd.DataFrame({"n": np.arange(3, 31), "value": 0.08 / np.sqrt(np.arange(3, 31))})
    >>> [" ".join(text.get_text().split()) for text in plot_power(frame, margin=0.02).axes[0].texts]
    ['difference that matters: 0.02', '16 seeds']
    """
    frame = given(curves, "curves", ["n", "value"], ["label"])
    n, values = (numbers(frame, "curves", each, missing=False) for each in ("n", "value"))
    for name, column in (("n", n), ("value", values)):
        if (column <= 0).any():
            raise InvalidInputError(f"curves: column {name!r} must be above 0; got {column.min()}")
    labels = np.array(panels.in_lines(words(frame, "label")) if "label" in frame else [""] * len(frame))
    names = list(dict.fromkeys(labels.tolist()))
    matters = None if margin is None else check_positive(margin, "margin")
    check_text(unit, "unit")
    check_text(label, "label")
    power = power_of_ten(values)
    with panels.panel(axes, 3.0 + (panels.legend_height(names) if labels.any() else 0.0)) as axis:
        _number_axis(axis, n)
        if matters is not None:
            axis.axhline(matters, color=style.BLACK, lw=0.9)
            panels.write_beside(axis, matters, f"difference\nthat matters:\n{matters / 10.0**power:g}")
        named = 0
        for i, name in enumerate(names):
            own = np.flatnonzero(labels == name)
            own = own[np.argsort(n[own], kind="stable")]
            colour, line = style.cycle(style.COLOURS, i), style.cycle(style.LINES, i)
            axis.plot(n[own], values[own], color=colour, ls=line, label=name or None)
            enough = own[values[own] <= (0.0 if matters is None else matters)]
            if len(enough):
                first = enough[0]
                sign = style.cycle(style.MARKERS, i)
                axis.plot([n[first]] * 2, [0, values[first]], ":", color=colour, lw=1.0)
                axis.plot([n[first]], [values[first]], sign, color=colour, ms=7, mec="white")
                late = np.mean(np.unique(n) < n[first]) > 0.7  # there is room at the left
                side, shift = ("right", -4) if late else ("left", 4)
                said = f"{count(n[first])} {unit}"
                up = 4 + 11 * named  # two that are near each other would run together
                named += 1
                axis.annotate(said, (n[first], 0), xytext=(shift, up), textcoords="offset points", ha=side)
        axis.set_ylim(0, max(1.05 * min(values.max(), _HIGHEST * np.median(values)), 1.25 * (matters or 0.0)))
        axis.grid(axis="y", lw=0.4, alpha=0.5)
        axis.set_xlabel(f"number of {unit}")
        panels.label_scale(axis.yaxis, label, power)
        for side in ("top", "right"):
            axis.spines[side].set_visible(False)
        if labels.any():
            panels.legend_above(axis, names)
    return panels.figure_of(axis)


def _number_axis(axis: Axes, n: FloatArray) -> None:
    """Mark whole numbers of units, on a log scale where they go far."""
    from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

    if n.max() >= 20 * n.min():
        axis.set_xscale("log")
        axis.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if n.max() < 1e4 * n.min() else (1.0,)))
        axis.xaxis.set_minor_locator(NullLocator())
        axis.xaxis.set_major_formatter(lambda x, _: count(x))
    else:
        axis.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
