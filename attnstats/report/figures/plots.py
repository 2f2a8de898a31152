"""What was measured, cell by cell: each function takes a results frame and returns a matplotlib figure.

Bands and bars are t intervals over seeds, the trained models being the unit of replication.
"""

from itertools import pairwise
from math import sqrt
from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from attnstats.exceptions import FrameError
from attnstats.frame import check_frame
from attnstats.report.figures import _style as style
from attnstats.report.notation import _words as notation
from attnstats.report.notation._rows import CELL, VARIANT, in_order, over_seeds, seed_rows, with_parameters

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "plot_agreement",
    "plot_concordance",
    "plot_information_by_rank",
    "plot_skew",
]

_CONTROLS = {"uniform": "s", "permuted": "x", "random_scorer": "+"}


def plot_information_by_rank(frame: pd.DataFrame) -> "Figure":
    """Draw normalised MI of the hidden state with the r-th largest attention, against r.

    One panel for each encoder and data set, one line for each attention and normalizer, the band a 95 % t interval over
    seeds. The estimator is the first of the frame, which decides; what the others say stands in `sensitivity_table`.
    The dotted line is the null floor: the mean of the same estimator on permuted pairs.

    Parameters
    ----------
    frame : DataFrame
        A results frame with rows of ``mi_normalised``, view ``rank``.

    Raises
    ------
    FrameError
        If `frame` is no results frame or lacks those rows.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> from attnstats.frame import Row, encode_parameters, to_frame
    >>> keys = {"quantity": "mi_normalised", "view": "rank", "parameters": encode_parameters(rank=1)}
    >>> rows = [Row(**keys, value=0.5 + 0.01 * seed, seed=seed) for seed in range(3)]
    >>> len(plot_information_by_rank(to_frame(rows)).axes)
    1
    """
    rows = with_parameters(_needed(frame, "mi_normalised", view="rank"), "rank")
    ((estimator,), *_) = in_order(rows, "estimator")
    summary = over_seeds(rows[_same(rows, estimator=estimator)], [*CELL, *VARIANT, "rank"])
    panels, encoders, cells = in_order(summary, "dataset"), in_order(summary, "encoder"), _cells(summary)
    with style.house_style():
        figure, axes = style.new_axes(len(panels), len(encoders), 0.9 + 2.6 * len(panels), sharex=True, sharey="row")
        for i, (dataset,) in enumerate(panels):
            for j, (encoder,) in enumerate(encoders):
                panel = summary[_same(summary, dataset=dataset, encoder=encoder)]
                for cell in _cells(panel):
                    _line(axes[i][j], panel[_same(panel, attention=cell[0], normalizer=cell[1])], "rank", cell, cells)
                floor = panel.groupby("rank")["null_floor"].mean().dropna()
                axes[i][j].plot(floor.index, floor, ":", color=style.GREY, lw=1.2, label="null floor")
                axes[i][j].set_xticks(sorted(summary["rank"].unique()))
                axes[i][j].grid(axis="y", lw=0.4, alpha=0.5)
            axes[i][0].set_ylabel("I(h; Ŷ) / H(Ŷ)" + (f"\n{_wrapped(dataset)}" if len(panels) > 1 else ""))
        _titles(axes, [notation.pretty_name(encoder) for (encoder,) in encoders])
        for axis in axes[-1]:
            axis.set_xlabel("rank r of the token by attention")
        _legend_below(figure, axes)
        return style.settle(figure)


def plot_agreement(frame: pd.DataFrame) -> "Figure":
    """Draw the mean tau-b of attention and pointwise MI of each cell: seeds, mean and t interval.

    Grey signs show the mean of the same quantity when the attention is replaced, where the frame holds it.

    Parameters
    ----------
    frame : DataFrame
        A results frame with rows of ``tau_b``.

    Raises
    ------
    FrameError
        If `frame` is no results frame or lacks those rows.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> from attnstats.frame import Row, to_frame
    >>> rows = [Row(quantity="tau_b", value=0.5 + 0.01 * seed, seed=seed) for seed in range(3)]
    >>> len(plot_agreement(to_frame(rows)).axes)
    1
    """
    rows = _needed(frame, "tau_b")
    summary = over_seeds(rows, [*CELL, *VARIANT])
    controls = over_seeds(seed_rows(frame, "tau_b", ablated=True), [*CELL, *VARIANT])
    datasets, places = in_order(summary, "dataset"), _grouped(in_order(summary, "encoder", "attention", "normalizer"))
    attentions = in_order(summary, "attention")
    n_columns = min(len(datasets), 3)
    n_rows = -(-len(datasets) // n_columns)
    with style.house_style():
        height = n_rows * (1.2 + 0.3 * len(places))
        figure, axes = style.new_axes(n_rows, n_columns, height, sharex=True, sharey=True)
        flat = [axis for row in axes for axis in row]
        for axis, (dataset,) in zip(flat, datasets, strict=False):
            for y, (encoder, attention, normalizer) in enumerate(places):
                keys = {"dataset": dataset, "encoder": encoder, "attention": attention, "normalizer": normalizer}
                index = attentions.index((attention,))
                _dots(axis, y, rows[_same(rows, **keys)], summary[_same(summary, **keys)], index)
                for name, marker in _CONTROLS.items():
                    control = controls[_same(controls, **keys, ablation=name)]
                    axis.plot(
                        control["mean"], [y] * len(control), marker, color=style.GREY, mfc="none", ms=6, mew=1.4, ls="",
                        label=f"attention replaced: {notation.pretty_name(name)}" if len(control) else None,
                    )  # fmt: skip
            _separate(axis, [encoder for encoder, _, _ in places])
            axis.axvline(0, color=style.BLACK, lw=0.7)
            axis.grid(axis="y", lw=0.4, alpha=0.5)
            axis.set_title(_wrapped(dataset))
        for axis in flat[len(datasets) :]:
            axis.set_visible(False)
        axes[0][0].set_yticks(range(len(places)), [_place(*place) for place in places])
        axes[0][0].invert_yaxis()
        for axis in flat[len(datasets) - n_columns : len(datasets)]:  # nothing is drawn below these
            axis.set_xlabel("mean tau-b")
            axis.tick_params(labelbottom=True)
        _legend_below(figure, axes)
        return style.settle(figure)


def plot_concordance(frame: pd.DataFrame) -> "Figure":
    """Draw the share of token pairs that attention and MI order alike, against the gap in log attention.

    The dashed curve is the reference: what the share would be if attention were the true MI order and MI had its own
    noise.

    Parameters
    ----------
    frame : DataFrame
        A results frame with rows of ``concordance``.

    Raises
    ------
    FrameError
        If `frame` is no results frame or lacks those rows.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> from attnstats.frame import Row, encode_parameters, to_frame
    >>> keys = {"quantity": "concordance", "parameters": encode_parameters(gap_low=0.1, gap_high=0.2)}
    >>> rows = [Row(**keys, value=0.5 + 0.01 * seed, seed=seed) for seed in range(3)]
    >>> len(plot_concordance(to_frame(rows)).axes)
    1
    """
    rows = pd.concat([_needed(frame, "concordance"), seed_rows(frame, "concordance_reference")])
    rows = with_parameters(rows, "gap_low", "gap_high")
    summary = over_seeds(rows, [*CELL, *VARIANT, "quantity", "gap_low", "gap_high"])
    summary["gap"] = [_middle(*each) for each in zip(summary["gap_low"], summary["gap_high"], strict=True)]
    summary = summary.sort_values("gap", kind="stable")
    cells, encoders, datasets = _cells(rows), in_order(rows, "encoder"), in_order(rows, "dataset")
    with style.house_style():
        shape = (len(cells), len(encoders))
        figure, axes = style.new_axes(*shape, 0.9 + 1.7 * len(cells), sharex=True, sharey=True)
        for i, (attention, normalizer) in enumerate(cells):
            for j, (encoder,) in enumerate(encoders):
                axis = axes[i][j]
                axis.axhline(0.5, color=style.BLACK, lw=0.7, ls=":", label="chance")
                for k, (dataset,) in enumerate(datasets):
                    keys = {"dataset": dataset, "encoder": encoder, "attention": attention, "normalizer": normalizer}
                    panel = summary[_same(summary, **keys)]
                    suffix = f", {notation.pretty_name(dataset)}" if len(datasets) > 1 else ""
                    colour = style.cycle(style.COLOURS, k)
                    observed = panel[panel["quantity"] == "concordance"]
                    reference = panel[panel["quantity"] == "concordance_reference"]
                    _curve(axis, observed, "gap", colour, "-", style.cycle(style.MARKERS, k), f"observed{suffix}")
                    grey = style.GREY if len(datasets) == 1 else colour
                    _curve(axis, reference, "gap", grey, (0, (4, 2)), "", f"if attention were the MI order{suffix}")
                if not len(summary[_same(summary, encoder=encoder, attention=attention, normalizer=normalizer)]):
                    axis.text(0.5, 0.6, "not in this study", transform=axis.transAxes, ha="center", color=style.GREY)
                axis.set_xscale("log")
                axis.xaxis.set_major_formatter(lambda x, _: f"{x:g}")
                axis.xaxis.set_minor_formatter(lambda *_: "")
                axis.grid(axis="y", lw=0.4, alpha=0.5)
            axes[i][0].set_ylabel(fill(_cell_name(attention, normalizer), 18))
        bottom, top = axes[0][0].get_ylim()
        axes[0][0].set_ylim(max(bottom, -0.03), min(top, 1.03))  # a share ends where the interval may not
        _titles(axes, [notation.pretty_name(encoder) for (encoder,) in encoders])
        for axis in axes[-1]:
            axis.set_xlabel("gap in log attention of two tokens")
        figure.supylabel("share of token pairs ordered alike", fontsize=9)
        _legend_below(figure, axes)
        return style.settle(figure)


def plot_skew(frame: pd.DataFrame) -> "Figure":
    """Draw the mean Gini coefficient of the attention for each normalizer: seeds, mean and t interval.

    Parameters
    ----------
    frame : DataFrame
        A results frame with rows of ``gini``.

    Raises
    ------
    FrameError
        If `frame` is no results frame or lacks those rows.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> from attnstats.frame import Row, to_frame
    >>> rows = [Row(quantity="gini", value=0.5 + 0.01 * seed, seed=seed) for seed in range(3)]
    >>> len(plot_skew(to_frame(rows)).axes)
    1
    """
    rows = _needed(frame, "gini")
    summary = over_seeds(rows, [*CELL, *VARIANT])
    panels = in_order(summary, "dataset", "encoder")
    attentions = [attention for (attention,) in in_order(summary, "attention")]
    n_columns = len(in_order(summary, "encoder"))
    n_rows = -(-len(panels) // n_columns)
    places = _grouped(in_order(summary, "normalizer", "attention"))
    with style.house_style():
        height = 0.8 + n_rows * (0.6 + 0.27 * len(places))
        figure, axes = style.new_axes(n_rows, n_columns, height, sharex=True, sharey=True)
        flat = [axis for row in axes for axis in row]
        for axis, (dataset, encoder) in zip(flat, panels, strict=False):
            for y, (normalizer, attention) in enumerate(places):
                keys = {"dataset": dataset, "encoder": encoder, "attention": attention, "normalizer": normalizer}
                index = attentions.index(attention)
                _dots(axis, y, rows[_same(rows, **keys)], summary[_same(summary, **keys)], index)
            _separate(axis, [normalizer for normalizer, _ in places])
            axis.set_title(_panel_name(encoder, dataset, n_rows))
            axis.grid(axis="x", lw=0.4, alpha=0.5)
        for axis in flat[len(panels) :]:
            axis.set_visible(False)
        axes[0][0].set_yticks(
            range(len(places)), [_cell_name(normalizer, attention) for normalizer, attention in places]
        )
        axes[0][0].set_ylim(len(places) - 0.5, -0.5)
        figure.supxlabel("mean Gini coefficient of attention (0: even, towards 1: all on one token)", fontsize=9)
        return style.settle(figure)


def _needed(frame: pd.DataFrame, quantity: str, *, view: str | None = None) -> pd.DataFrame:
    rows = seed_rows(check_frame(frame), quantity, view=view)
    if rows.empty:
        seen = f", view {view!r}," if view else ""
        raise FrameError(f"frame: must hold rows of quantity {quantity!r}{seen} for an intact model; got none")
    if np.isinf(rows["value"]).any():
        raise FrameError(f"frame: every value of quantity {quantity!r} must be finite to be drawn; got an infinite one")
    return rows


def _same(rows: pd.DataFrame, **keys: str) -> "pd.Series[bool]":
    same = pd.Series(True, index=rows.index)
    for name, value in keys.items():
        same &= (rows[name] == value).astype(bool)
    return same


def _cells(rows: pd.DataFrame) -> list[tuple[str, ...]]:
    return in_order(rows, "attention", "normalizer")


def _cell_name(attention: str, normalizer: str) -> str:
    return ", ".join(notation.pretty_name(name) for name in (attention, normalizer) if name)


def _place(encoder: str, attention: str, normalizer: str) -> str:
    cell = _cell_name(attention, normalizer)
    return f"{notation.pretty_name(encoder)}: {cell}" if encoder else cell


def _panel_name(encoder: str, dataset: str, n_rows: int) -> str:
    return notation.pretty_name(encoder) + (f"\n{_wrapped(dataset)}" if n_rows > 1 else "")


def _wrapped(dataset: str) -> str:
    """Return the name of a data set in lines short enough for a panel."""
    return fill(notation.pretty_name(dataset), 22)


def _grouped(places: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Return the places with those of one first key together, else in their order."""
    first = list(dict.fromkeys(place[0] for place in places))
    return sorted(places, key=lambda place: first.index(place[0]))


def _middle(low: float, high: float) -> float:
    """Return where a bin of gaps stands on a log axis: its geometric middle; wide bins near their one real end."""
    if low <= 0:
        return high / 2
    return sqrt(low * high) if high < 10 * low else 2 * low


def _line(axis: "Axes", rows: pd.DataFrame, x: str, cell: tuple[str, ...], cells: list[tuple[str, ...]]) -> None:
    """Draw one cell: colour tells the attention, the line style the normalizer, the marker the two together."""
    attentions, normalizers = (list(dict.fromkeys(column)) for column in zip(*cells, strict=True))
    i, j = attentions.index(cell[0]), normalizers.index(cell[1])
    colour, marker = style.cycle(style.COLOURS, i), style.cycle(style.MARKERS, cells.index(cell))
    rows, name = rows.sort_values(x), _cell_name(*cell)
    _curve(axis, rows, x, colour, style.cycle(style.LINES, j), marker, name, face="white" if j else colour)


def _curve(
    axis: "Axes",
    rows: pd.DataFrame,
    x: str,
    colour: str,
    line: object,
    marker: str,
    label: str,
    face: str | None = None,
) -> None:
    options = {"ls": line, "marker": marker, "ms": 4.5, "color": colour, "mfc": face or colour}
    axis.plot(rows[x], rows["mean"], label=label if len(rows) else None, **options)  # type: ignore[arg-type]
    axis.fill_between(rows[x], rows["low"], rows["high"], color=colour, alpha=0.15, lw=0)


def _dots(axis: "Axes", y: float, seeds: pd.DataFrame, summary: pd.DataFrame, index: int) -> None:
    """Draw one cell on one line: every seed pale, the interval, the mean."""
    colour, marker = style.cycle(style.COLOURS, index), style.cycle(style.MARKERS, index)
    axis.plot(seeds["value"], [y] * len(seeds), "o", color=colour, ms=4, alpha=0.3, mew=0)
    axis.hlines([y] * len(summary), summary["low"], summary["high"], color=colour, lw=2)
    axis.plot(summary["mean"], [y] * len(summary), marker, color=colour, ms=6)


def _separate(axis: "Axes", groups: list[str]) -> None:
    """Draw a line between neighbouring places of different groups."""
    for y, (above, below) in enumerate(pairwise(groups)):
        if above != below:
            axis.axhline(y + 0.5, color=style.GREY, lw=0.7)


def _titles(axes: list[list["Axes"]], titles: list[str]) -> None:
    for axis, title in zip(axes[0], titles, strict=True):
        axis.set_title(title)


def _legend_below(figure: "Figure", axes: list[list["Axes"]]) -> None:
    """Put one legend below the panels, each label once."""
    entries = {}
    for axis in (axis for row in axes for axis in row):
        handles, labels = axis.get_legend_handles_labels()
        entries.update({label: handle for handle, label in zip(handles, labels, strict=True) if label not in entries})
    if entries:
        n_columns = max(min(130 // (max(map(len, entries)) + 8), 4), 1)  # as many as the width holds
        figure.legend(entries.values(), entries.keys(), loc="outside lower center", ncols=n_columns)
