"""The specification curve: what becomes of each primary claim when the same question is asked in other ways."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from attnstats.exceptions import FrameError
from attnstats.report.figures import _style as style
from attnstats.report.notation import _words as notation
from attnstats.report.notation._rows import rows_of
from attnstats.report.notation._settings import CHOICES, measure_name
from attnstats.report.tables.specifications import specification_table

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


#: Of another unit than what stands beside it, so that one axis cannot hold both.
_APART = "tokens"


def plot_specifications(frame: pd.DataFrame) -> Figure:
    """Draw the specification curve of each primary claim: effects in order of size, over the choices behind them.

    Raises
    ------
    FrameError
        If `frame` is no results frame or has no rows of ``specification``.
    MissingExtraError
        If matplotlib is not installed.

    References
    ----------
    Simonsohn, Simmons and Nelson (2020), Specification curve analysis, Nature Human Behaviour 4, 1208-1214.

    Examples
    --------
    >>> from attnstats.frame import Row, encode_parameters, to_frame
    >>> rows = [Row(quantity="specification", finding="v", value=value, ci_low=value - 0.1, ci_high=value + 0.1,
    ...             parameters=encode_parameters(hypothesis="v.best", measure=measure, agrees=True))
    ...         for measure, value in (("tau_b", 0.3), ("spearman", 0.2))]
    >>> [label.get_text() for label in plot_specifications(to_frame(rows)).axes[1].get_yticklabels()]
    ['measure: tau-b', 'Spearman']
    """
    every = specification_table(frame).data
    if every.empty:
        raise FrameError("frame: must hold rows of quantity 'specification'; got none")
    contrasts = rows_of(frame, "contrast", "hypothesis", "claim", "margin").to_dict("records")
    declared = {each["hypothesis"]: each for each in contrasts}
    curves = list(every[every["unit"].fillna("") != _APART].groupby("hypothesis", sort=False))
    choices = [_choices(own) for _, own in curves]
    pairs = [choices[first : first + 2] for first in range(0, len(curves), 2)]
    heights = [part for pair in pairs for part in (1.5, 0.18 * max(map(len, pair)) + 0.1)]
    with style.house_style():
        ratios = {"height_ratios": heights}
        figure, axes = style.new_axes(2 * len(pairs), 2, sum(heights) + 0.6 * len(pairs), gridspec_kw=ratios)
        for place, ((name, unordered), chosen) in enumerate(zip(curves, choices, strict=True)):
            own = unordered.sort_values("effect")
            row, column = divmod(place, 2)
            above, below = axes[2 * row][column], axes[2 * row + 1][column]
            hypothesis = declared.get(name, {})
            _effects(above, own, hypothesis)
            said = f"({own['finding'].iloc[0]}) {hypothesis.get('claim', name)}"
            above.set_title(fill(said, 42, break_on_hyphens=False), loc="left", fontsize=8)
            if chosen:
                _matrix(below, own, chosen)
                below.set_xlim(above.get_xlim())
        for axis in [axis for row in axes for axis in row if not axis.has_data()]:
            axis.remove()
        figure.supxlabel("ways to ask, the smallest effect first", fontsize=9)
        figure.set_layout_engine("constrained", w_pad=0.12)  # letters are a little wider in print than in the layout
        return style.settle(figure)


def _effects(axis: Axes, own: pd.DataFrame, hypothesis: Mapping[Any, Any]) -> None:
    """Draw effects and intervals from left to right, the effect of the hypothesis itself as a dashed line."""
    axis.axhline(0, color=style.BLACK, lw=0.7)
    if notation.is_number(hypothesis.get("margin")):
        axis.axhspan(-hypothesis["margin"], hypothesis["margin"], color=style.GREY, alpha=0.12, lw=0)
    if hypothesis:
        axis.axhline(hypothesis["value"], color=style.BLUE, lw=1, ls=(0, (4, 2)))
    for x, each in enumerate(own.to_dict("records")):
        constructed = each["by_construction"] is True
        colour = style.GREY if constructed else style.BLACK if each["agrees"] else style.VERMILLION
        marker, face = ("o", "white" if constructed else colour) if each["agrees"] else ("X", colour)
        axis.plot([x, x], [each["ci_low"], each["ci_high"]], color=colour, lw=1.2, solid_capstyle="butt")
        axis.plot([x], [each["effect"]], marker, color=colour, mfc=face, ms=4)
    axis.set_xticks([])
    axis.set_ylabel("effect")
    axis.locator_params(axis="y", nbins=5)


def _choices(own: pd.DataFrame) -> list[tuple[str, str]]:
    """Return every value of every choice that is made in more than one way, a choice's values together."""
    values = {name: list(dict.fromkeys(own[name].dropna())) for name in CHOICES}
    return [(name, value) for name, found in values.items() if len(found) > 1 for value in found]


def _matrix(axis: Axes, own: pd.DataFrame, choices: list[tuple[str, str]]) -> None:
    """Mark which choices were made, one row for each, columns as above."""
    labels = []
    for y, (name, value) in enumerate(choices):
        made = np.flatnonzero(own[name].eq(value).fillna(False))
        axis.plot(made, np.full(len(made), y), "s", color=style.BLACK, ms=2.6)
        first = y == 0 or choices[y - 1][0] != name
        if first and y:
            axis.axhline(y - 0.5, color=style.GREY, lw=0.4)
        said = measure_name(value) if name == "measure" else notation.pretty_name(str(value).removesuffix("()"))
        labels.append(f"{name}: {said}" if first else said)
    axis.set_yticks(range(len(choices)), labels, fontsize=8)
    axis.set_ylim(len(choices) - 0.5, -0.5)
    axis.set_xticks([])
    axis.tick_params(axis="y", length=0)
