"""The difference of two conditions in each unit, and their mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from attnstats._validation import check_number, check_text
from attnstats.exceptions import InvalidInputError
from attnstats.report.figures import _style as style
from attnstats.report.figures.comparison import _panel as panels
from attnstats.report.notation._given import common_decimals, given, numbers, power_of_ten, words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: More units than this have no names, and the room of so many rows.
_NAMED, _ROWS = 40, 15


def plot_paired_differences(
    differences: Any,
    mean: tuple[float, float, float],
    *,
    margin: float | tuple[float, float] | None = None,
    unit: str = "units",
    mean_of: str | None = None,
    label: str = "difference",
    axes: Axes | None = None,
) -> Figure:
    """Draw the difference in every unit, in order of size, and below them the mean with its interval.

    Parameters
    ----------
    differences : DataFrame
        Of pandas or polars, with the columns ``label``, the name of the unit (a seed, an example, a data set), and
        ``value``, the difference in it. Names are written for up to 40 units.
    mean : (value, low, high)
        The mean and the ends of its interval.
    margin : float or (low, high), optional
        How far from zero does not matter, drawn as a strip.
    unit : str
        What the units are called, in the plural.
    mean_of : str, optional
        What the mean is over, if not over these units weighing the same: ``"40 questions"``.
    label : str
        What the horizontal axis shows, with its unit of measurement.
    axes : Axes, optional
        Where to draw; by default on a new figure.

    Returns
    -------
    Figure
        That of the axes.

    Raises
    ------
    InvalidInputError
        If a column is missing, a difference is not finite, or an argument is not of its kind.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> import pandas as pd
    >>> from attnstats.report import plot_paired_differences
    >>> frame = pd.DataFrame({"label": ["seed 0", "seed 1", "seed 2"], "value": [0.02, -0.01, 0.05]})
    >>> figure = plot_paired_differences(frame, (0.02, -0.06, 0.1), unit="seeds")
    >>> [text.get_text() for text in figure.axes[0].get_yticklabels()]
    ['seed 2', 'seed 0', 'seed 1', 'mean of 3 seeds']
    """
    frame = given(differences, "differences", ["label", "value"])
    values = numbers(frame, "differences", "value", missing=False)
    if len(mean) != 3:
        raise InvalidInputError(f"mean: must be a value and the two ends of its interval; got {mean!r}")
    value, low, high = (check_number(each, "mean", infinite=True) for each in mean)
    if not low <= high:
        raise InvalidInputError(f"mean: must have a lower end not above the upper one; got {low} and {high}")
    band = None if margin is None else panels.band_of(margin, 0.0)
    check_text(unit, "unit")
    check_text(label, "label")
    over = f"{len(values):,} {unit}" if mean_of is None else check_text(mean_of, "mean_of")
    order = np.argsort(-values, kind="stable")
    named = len(values) <= _NAMED
    labels = panels.in_lines(words(frame, "label")) if named else [""]
    step = 1.0 if named else _ROWS / len(values)
    places = step * np.arange(len(values))
    last = float(places[-1]) + 1.6
    with panels.panel(axes, 0.55 + panels.row_height(0.2, labels) * (last + 1)) as axis:
        span = panels.span_of(axis, values, np.array([0.0, value, low, high, *(band or ())]))
        if band is not None:
            axis.axvspan(*band, **panels.BAND)
        axis.axvline(0, color=style.BLACK, lw=0.8, zorder=1)
        if named:
            axis.hlines(places, 0, values[order], color=style.GREY, lw=0.8, zorder=1)
        axis.plot(
            values[order], places, "o", color=style.SKY, ms=5 if named else 2.5, mec=style.BLUE, mew=0.6, zorder=2
        )
        panels.draw_interval(axis, last, (low, high), span, style.VERMILLION)
        axis.plot([value], [last], "D", color=style.VERMILLION, ms=6, mec="white", mew=0.8, zorder=3)
        power = power_of_ten(values, np.array([value, low, high]))
        a, b, c = (each / 10.0**power for each in (value, low, high))
        panels.write_beside(axis, last, panels.spoken(a, b, c, common_decimals(np.array([b]), np.array([c]))))
        rows = panels.Layout([*(places if named else []), last], [], last + 1)
        names = [labels[i] for i in order] if named else []
        panels.label_rows(axis, [*names, *panels.in_lines([f"mean of {over}"])], rows)
        if not named:
            axis.set_ylabel(f"{unit}, by difference")
        panels.label_scale(axis.xaxis, label, power)
    return panels.figure_of(axis)
