"""The map of a transformer: what was found of each layer and head."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from attnstats._validation import check_fraction
from attnstats.exceptions import FrameError
from attnstats.frame import check_frame, parameter
from attnstats.report.figures import _style as style
from attnstats.report.notation import _words as notation
from attnstats.results import counted

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.image import AxesImage

#: What stands in the last column of a map, in place of a head.
_ROLLOUT = "rollout"
#: How cells look that were not tested, unlike those near zero, which are white.
_UNTESTED: dict[str, Any] = {"facecolor": "#f2f2f2", "edgecolor": style.GREY, "linewidth": 0.0, "hatch": "/////"}


def plot_heads(frame: pd.DataFrame, *, alpha: float = 0.05) -> Figure:
    """Draw a map of every layer and head: agreement with the information, or what interventions on heads change.

    There is one map for each query, or for each intervention. A dot marks heads whose corrected p-value is at most
    `alpha`. Blue agrees with the order of information, or lowers the outcome; vermillion opposes it, or raises the
    outcome. Hatched cells were not tested: the frame lacks them, or their p-value, as of heads that change no text.
    Attention rolled out to a layer stands in the last column. Sets of heads have no place on a map; a line below says
    how many there are. Cells with the same small number are a group that orders words alike.

    Parameters
    ----------
    frame : DataFrame
        From `attnstats.studies.HeadAnalysis.to_frame` or `attnstats.studies.HeadAblation.to_frame`.
    alpha : float
        Level of the marks.

    Raises
    ------
    FrameError
        If `frame` is no results frame, or has no heads, or those of several outcomes.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> from attnstats.frame import Row, encode_parameters, to_frame
    >>> rows = [Row(quantity="tau_b", family="heads", layer=layer, head=head, value=0.1 * head - 0.1 * layer,
    ...             pvalue_adjusted=0.01, parameters=encode_parameters(query="ClassToken()"))
    ...         for layer in range(2) for head in range(3)]
    >>> [text.get_text() for text in plot_heads(to_frame(rows)).axes[0].get_xticklabels()]
    ['0', '1', '2']
    """
    check_frame(frame)
    level = check_fraction(alpha, "alpha")
    rows, meaning, n_sets = _maps(frame)
    rows = rows.assign(group=parameter(rows, "group"))
    maps = list(dict.fromkeys(rows["map"]))
    layers = sorted(rows["layer"].unique())
    largest = float(rows["value"].abs().max()) or 1.0
    with style.house_style():
        figure, axes = style.new_axes(1, len(maps), 1.2 + 0.34 * len(layers), sharey=True)
        for axis, of_map in zip(axes[0], maps, strict=True):
            drawn = _draw(axis, rows[rows["map"] == of_map], layers, largest, level)
            axis.set_title(notation.pretty_name(of_map), fontsize=9.5)
            axis.set_xlabel("head")
        axes[0][0].set_ylabel("layer")
        bar = figure.colorbar(drawn, ax=axes[0], fraction=0.03, pad=0.02)
        bar.set_label(meaning)
        bar.outline.set_visible(False)
        hatched = [patch for axis in axes[0] for patch in axis.patches][:1]
        told = f"not on the map: {counted(n_sets, 'set')} of several heads" if n_sets else None
        if hatched or told:
            figure.set_figheight(figure.get_figheight() + 0.25 * (len(hatched) + bool(told)))
            figure.legend(handles=hatched, loc="outside lower center", title=told, title_fontsize=8.5)
    return figure


def _maps(frame: pd.DataFrame) -> tuple[pd.DataFrame, str, int]:
    """Return the rows that are drawn, each with its map, what their values mean, and how many sets have no place."""
    rows = frame[frame["family"] == "heads"]
    agreement, changes = (
        rows[rows["quantity"] == "tau_b"],
        rows[(rows["quantity"] == "contrast") & rows["head"].notna()],
    )
    if agreement.empty == changes.empty:
        raise FrameError(
            "frame: must hold rows of quantity 'tau_b', or of single heads' 'contrast', of the family 'heads'; got "
            f"{'none' if changes.empty else 'both'}"
        )
    if changes.empty:
        queries = parameter(agreement, "query").str.removesuffix("()")
        return agreement.assign(map=queries), "tau-b with the order\nof information", 0
    outcomes = list(dict.fromkeys(parameter(changes, "outcome")))
    if len(outcomes) > 1:
        raise FrameError(f"frame: must hold heads of one outcome; got {', '.join(outcomes)}")
    is_change = bool(parameter(changes, "null_value").iloc[0])
    outcome = notation.pretty_name(outcomes[0])
    sets = rows[(rows["quantity"] == "contrast") & rows["head"].isna()]
    n_sets = parameter(sets, "heads").astype(str).nunique()
    return changes.assign(map=changes["ablation"]), outcome if is_change else f"fall of the\n{outcome}", n_sets


def _draw(axis: Axes, rows: pd.DataFrame, layers: list[int], largest: float, alpha: float) -> AxesImage:
    """Draw one map, and return what its colours mean."""
    from matplotlib.colors import LinearSegmentedColormap
    from matplotlib.patches import Rectangle

    heads = [*sorted(rows["head"].dropna().unique()), *([_ROLLOUT] if rows["head"].isna().any() else [])]
    values, tested = np.full((len(layers), len(heads)), np.nan), np.zeros((len(layers), len(heads)), dtype=np.bool_)
    drawn_from = rows[["layer", "head", "value", "pvalue_adjusted", "group"]]
    for layer, head, value, pvalue, group in drawn_from.itertuples(index=False):
        place = layers.index(layer), heads.index(_ROLLOUT if pd.isna(head) else head)
        values[place], tested[place] = value, not pd.isna(pvalue) and not pd.isna(value)
        if pvalue <= alpha:
            axis.plot(place[1], place[0], "o", ms=2.6, color="white", mec=style.BLACK, mew=0.5)
        if group is not None:
            axis.annotate(
                str(group), (place[1] + 0.46, place[0] - 0.42), ha="right", va="top", fontsize=5.5, color=style.BLACK
            )
    colours = LinearSegmentedColormap.from_list("agreement", [style.VERMILLION, "#ffffff", style.BLUE])
    drawn = axis.imshow(values, cmap=colours, vmin=-largest, vmax=largest, aspect="auto", interpolation="nearest")
    for layer, column in np.argwhere(~tested).tolist():
        axis.add_patch(Rectangle((column - 0.5, layer - 0.5), 1, 1, label="not tested", **_UNTESTED))
    axis.set_xticks(range(len(heads)), [f"\n{head}" if head == _ROLLOUT else str(head) for head in heads])
    axis.set_yticks(range(len(layers)), [str(layer) for layer in layers])
    axis.tick_params(length=0)
    for side in axis.spines.values():
        side.set_visible(False)
    return drawn
