"""What was found: effect, interval and verdict of every declared hypothesis in one figure."""

from __future__ import annotations

from collections.abc import Hashable
from textwrap import fill
from typing import TYPE_CHECKING, Any

import pandas as pd

from attnstats.exceptions import FrameError
from attnstats.report.figures import _style as style
from attnstats.report.notation import _words as notation
from attnstats.report.tables.verdicts import verdict_table

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def plot_contrasts(frame: pd.DataFrame) -> Figure:
    """Draw effect and interval of every declared hypothesis, coloured by verdict.

    One panel for each finding and unit. A shaded strip is the margin where the hypothesis declares one.

    Raises
    ------
    FrameError
        If `frame` is no results frame, has no rows of ``contrast``, or a p-value lies below what its test could give.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> from attnstats.frame import Row, encode_parameters, to_frame
    >>> parameters = encode_parameters(claim="additive keeps more")
    >>> row = Row(quantity="contrast", finding="i", value=0.3, ci_low=0.2, ci_high=0.4, parameters=parameters)
    >>> plot_contrasts(to_frame([row])).axes[0].get_title(loc="left")
    '(i)'
    """
    table = verdict_table(frame)
    if not len(table):
        raise FrameError("frame: must hold rows of quantity 'contrast'; got none")
    units = table.data["unit"].fillna("")
    groups = list(table.data.groupby([table.text["Finding"], units], sort=False))
    sizes = [len(group) for _, group in groups]
    with style.house_style():
        height = 0.6 + 0.45 * sum(sizes) + 0.45 * len(groups)
        ratios = {"height_ratios": [size + 0.3 for size in sizes]}
        figure, axes = style.new_axes(len(groups), 1, height, gridspec_kw=ratios)
        for (axis,), ((finding, unit), group) in zip(axes, groups, strict=True):
            for y, row in enumerate(group.to_dict("records")):
                draw_contrast(axis, y, row)
            axis.axvline(0, color=style.BLACK, lw=0.7)
            claims = table.text.loc[group.index, "Hypothesis"]
            axis.set_yticks(range(len(group)), [fill(claim, 54) for claim in claims])
            axis.set_ylim(len(group) - 0.4, -0.6)
            axis.tick_params(axis="y", length=0)
            axis.locator_params(axis="x", nbins=6)
            axis.set_title(f"({finding})  {unit}".rstrip(), loc="left")
        axes[-1][0].set_xlabel("effect, in the unit named above each panel")
        return style.settle(figure)


def draw_contrast(axis: Axes, y: int, row: dict[Hashable, Any]) -> None:
    """Draw effect, interval, margin and verdict of one claim on one line."""
    colour, marker = style.VERDICTS.get(row["verdict"], (style.GREY, "s"))
    if notation.is_number(row["margin"]):
        strip = [y - 0.4, y + 0.4]
        axis.fill_betweenx(strip, -row["margin"], row["margin"], color=style.GREY, alpha=0.15, lw=0)
    axis.plot([row["ci_low"], row["ci_high"]], [y, y], color=colour, lw=2.2, solid_capstyle="butt")
    axis.plot([row["effect"]], [y], marker, color=colour, ms=7, mec="white", mew=0.8)
    said = notation.verdict(row["verdict"], row["pvalue_adjusted"], row["pvalue"])
    axis.annotate(said, (1.01, y), xycoords=("axes fraction", "data"), va="center", color=colour)
