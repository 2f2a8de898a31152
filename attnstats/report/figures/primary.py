"""What decided a finding: effect, interval and verdict of its primary claims, under each training."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING

import pandas as pd

from attnstats.exceptions import FrameError, InvalidInputError
from attnstats.frame import check_frame
from attnstats.report.figures import _style as style
from attnstats.report.figures.contrasts import draw_contrast
from attnstats.report.notation import _words as notation
from attnstats.report.notation._claims import primary_claims

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def plot_primary_claims(frame: pd.DataFrame, finding: str) -> Figure:
    """Draw effect and interval of each claim that decides a finding, coloured by verdict.

    One panel for each claim, and in it a line for each training. A shaded strip is the margin where one is declared.

    Raises
    ------
    InvalidInputError
        If `finding` is no text.
    FrameError
        If `frame` is no results frame, holds no primary claim of the finding, or a p-value lies below what its test
        could give.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> from attnstats.frame import Row, encode_parameters, to_frame
    >>> row = Row(quantity="contrast", finding="i", value=0.3, ci_low=0.2, ci_high=0.4,
    ...           parameters=encode_parameters(claim="deep keeps more"))
    >>> plot_primary_claims(to_frame([row]), "i").axes[0].get_title(loc="left")
    'deep keeps more'
    """
    if not isinstance(finding, str):
        raise InvalidInputError(f"finding: must be a name such as 'i'; got {finding!r}")
    claims = primary_claims(check_frame(frame))
    claims = claims[claims["finding"] == finding]
    if claims.empty:
        raise FrameError(f"frame: must hold a primary claim of finding {finding!r}; got none")
    panels = [own for _, own in claims.groupby("hypothesis", sort=False)]
    sizes = [len(own) for own in panels]
    with style.house_style():
        height = 0.3 + 0.26 * sum(sizes) + 0.75 * len(panels)
        figure, axes = style.new_axes(len(panels), 1, height, gridspec_kw={"height_ratios": [n + 0.4 for n in sizes]})
        for (axis,), own in zip(axes, panels, strict=True):
            for y, row in enumerate(own.rename(columns={"value": "effect"}).to_dict("records")):
                draw_contrast(axis, y, row)
            axis.axvline(0, color=style.BLACK, lw=0.7)
            axis.set_yticks(range(len(own)), [f"trained {name}" if name else "" for name in own["training"]])
            axis.set_ylim(len(own) - 0.4, -0.6)
            axis.tick_params(axis="y", length=0)
            axis.locator_params(axis="x", nbins=7)
            shown = own.iloc[0]
            estimand = shown["estimand"] or "effect"
            axis.set_xlabel(f"{estimand} ({shown['unit']})" if pd.notna(shown["unit"]) else estimand)
            axis.set_title(fill(notation.plain(shown["claim"]), 95), loc="left")
        return style.settle(figure)
