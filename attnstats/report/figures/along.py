"""The figure of what training does: every measure along every training, against learning rate times updates."""

from __future__ import annotations

from math import ceil, floor, log10
from textwrap import fill
from typing import TYPE_CHECKING

import pandas as pd

from attnstats.exceptions import FrameError
from attnstats.report.figures import _style as style
from attnstats.report.figures._panels import legend_below, same
from attnstats.report.notation import _words as notation
from attnstats.report.notation._along import MEASURES, curves, rows_along
from attnstats.report.notation._rows import in_order

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_CONDITION = ("dataset", "encoder", "attention", "normalizer")
#: Most panels beside each other.
_COLUMNS = 6


def plot_along(frame: pd.DataFrame) -> Figure:
    """Draw every measure at the checkpoints of each training, against learning rate times updates on a log axis.

    One row of panels for each measure, one column for each condition, one curve for each training with its 95 % t
    interval over seeds. The initial weights stand at the left end, under 0. A hollow mark is a mean over fewer seeds
    than the training has: models that predict one class only have no information about it.

    Raises
    ------
    FrameError
        If `frame` is no results frame, has no rows of a measure at a checkpoint, or a step size is below 0.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> from attnstats.frame import Row, to_frame
    >>> rows = [Row(quantity=quantity, training="long", seed=seed, updates=updates, value=value)
    ...         for seed in range(3) for updates in (0, 1, 100)
    ...         for quantity, value in (("gini", 0.3 + 0.01 * seed), ("step_size", 0.001 * updates))]
    >>> [label.get_text() for label in plot_along(to_frame(rows)).axes[0].get_xticklabels()]
    ['0', '0.1']
    """
    rows = rows_along(frame)
    if rows.empty:
        raise FrameError("frame: must hold rows of quantity 'step_size' and of a measure at a checkpoint; got none")
    summary, trainings = curves(rows), in_order(rows, "training")
    shown = [each.title for each in MEASURES if each.title in set(rows["measure"])]
    conditions = _together(in_order(rows, *_CONDITION))
    bands = [conditions[first : first + _COLUMNS] for first in range(0, len(conditions), _COLUMNS)]
    positive = summary.loc[summary["step_size"] > 0, "step_size"]
    ends = (float(positive.min()), float(positive.max())) if len(positive) else (1.0, 1.0)
    with style.house_style():
        n_rows, n_columns = len(bands) * len(shown), max(map(len, bands))
        figure, axes = style.new_axes(n_rows, n_columns, 1.0 + 1.05 * n_rows, sharex=True, sharey="row")
        for i, (measure, band) in enumerate((measure, band) for band in bands for measure in shown):
            for axis, condition in zip(axes[i], band, strict=False):
                panel = dict(zip(_CONDITION, condition, strict=True)) | {"measure": measure}
                own = summary[same(summary, **panel)]
                for k, (training,) in enumerate(trainings):
                    _curve(axis, own[own["training"] == training], ends[0], k, notation.pretty_name(training))
                if measure == shown[0]:
                    axis.set_title(_title(condition, conditions), fontsize=8.5)
                axis.grid(axis="y", lw=0.4, alpha=0.5)
            for axis in axes[i][len(band) :]:
                axis.set_visible(False)
            drawn = rows.loc[rows["measure"].eq(measure), "value"]
            edge = 0.06 * (drawn.max() - drawn.min()) or 0.05
            # Intervals of few seeds are wider than all that was seen.
            axes[i][0].set_ylim(drawn.min() - edge, drawn.max() + edge)
            axes[i][0].locator_params(axis="y", nbins=4)
            axes[i][0].set_ylabel(fill(measure, 14, break_on_hyphens=False))
        _log_axis(axes[0][0], *ends)
        for axis in axes[-1]:
            axis.set_xlabel("rate × updates")
        legend_below(figure, axes)
        return style.settle(figure)


def _together(conditions: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Return the conditions with those of one data set together, and of one encoder within it, else in their order."""
    datasets, encoders = (list(dict.fromkeys(each[place] for each in conditions)) for place in (0, 1))
    return sorted(conditions, key=lambda each: (datasets.index(each[0]), encoders.index(each[1])))


def _title(condition: tuple[str, ...], conditions: list[tuple[str, ...]]) -> str:
    """Return what a condition is called over its column: the parts in which the conditions differ, and its encoder."""
    lines = [
        fill(notation.pretty_name(name), 20)
        for place, name in enumerate(condition)
        if name and (place == 1 or len({each[place] for each in conditions}) > 1)
    ]
    return "\n".join(lines)


def _curve(axis: Axes, own: pd.DataFrame, first: float, index: int, name: str) -> None:
    """Draw one training: means as a line, their intervals as a band, the initial weights left of the first size."""
    own = own.sort_values("step_size")
    x = own["step_size"].where(own["step_size"] > 0, _start(first))
    colour, marker = style.cycle(style.COLOURS, index), style.cycle(style.MARKERS, index)
    whole = own["n_seeds"] == own["n_seeds"].max()
    axis.fill_between(x, own["low"], own["high"], color=colour, alpha=0.15, lw=0)
    axis.plot(x, own["mean"], color=colour, lw=1.2, marker=marker, ms=3, label=name if len(own) else None)
    axis.plot(x[~whole], own.loc[~whole, "mean"], color=colour, ls="", marker=marker, ms=3, mfc="white")


def _start(first: float) -> float:
    """Return where the initial weights stand on a log axis whose first place is `first`."""
    return first / 10


def _log_axis(axis: Axes, first: float, last: float) -> None:
    """Label the place of the initial weights and every second decade, with a mark at the others."""
    decades = [10.0**each for each in range(ceil(log10(first) - 1e-9), floor(log10(last) + 1e-9) + 1)]
    labelled = [each for each in decades[(len(decades) - 1) % 2 :: 2] if each > 20 * _start(first)]
    axis.set_xscale("log")
    axis.set_xticks([_start(first), *labelled], ["0", *(f"{each:g}" for each in labelled)])
    axis.set_xticks([each for each in decades if each not in labelled], [], minor=True)
    axis.set_xlim(_start(first) / 2, last * 2)
