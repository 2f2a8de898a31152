"""Figures of what was measured under each condition; bands and bars are 95 % t intervals over seeds."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING

import pandas as pd

from attnstats.report.figures import _style as style
from attnstats.report.figures._panels import (
    condition_name,
    curve,
    dot_panels,
    finish_grid,
    grouped,
    legend_below,
    line,
    mechanism_name,
    middle,
    needed,
    panel_name,
    same,
    wrapped,
)
from attnstats.report.notation import _words as notation
from attnstats.report.notation._rows import CONDITION, VARIANT, in_order, over_seeds, seed_rows, with_parameters

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MECHANISM = ("attention", "normalizer")


def plot_information_by_rank(frame: pd.DataFrame) -> Figure:
    """Draw normalised MI of the hidden state with the r-th largest attention, against r.

    One panel for each encoder and data set, one line for each attention and normalizer, with its 95 % t interval over
    seeds. The dotted line is the null floor: the mean of the same estimator, the first of the frame, on permuted pairs.

    Raises
    ------
    FrameError
        If `frame` is no results frame or has no rows of ``mi_normalised``, view ``rank``.
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
    rows = with_parameters(needed(frame, "mi_normalised", view="rank"), "rank")
    ((estimator,), *_) = in_order(rows, "estimator")
    summary = over_seeds(rows[same(rows, estimator=estimator)], [*CONDITION, *VARIANT, "rank"])
    panels, encoders = in_order(summary, "dataset"), in_order(summary, "encoder")
    shown = in_order(summary, *_MECHANISM)
    with style.house_style():
        figure, axes = style.new_axes(len(panels), len(encoders), 0.9 + 2.6 * len(panels), sharex=True, sharey="row")
        for i, (dataset,) in enumerate(panels):
            for j, (encoder,) in enumerate(encoders):
                panel = summary[same(summary, dataset=dataset, encoder=encoder)]
                for mechanism in in_order(panel, *_MECHANISM):
                    own = panel[same(panel, attention=mechanism[0], normalizer=mechanism[1])]
                    line(axes[i][j], own, "rank", mechanism, shown)
                floor = panel.groupby("rank")["null_floor"].mean().dropna()
                axes[i][j].plot(floor.index, floor, ":", color=style.GREY, lw=1.2, label="null floor")
                axes[i][j].set_xticks(sorted(summary["rank"].unique()))
                axes[i][j].grid(axis="y", lw=0.4, alpha=0.5)
            axes[i][0].set_ylabel("I(h; Ŷ) / H(Ŷ)" + (f"\n{wrapped(dataset)}" if len(panels) > 1 else ""))
        return finish_grid(figure, axes, encoders, "rank r of the token by attention")


def plot_agreement(frame: pd.DataFrame) -> Figure:
    """Draw the mean tau-b of attention and pointwise MI under each condition: seeds, mean and t interval.

    Grey signs show the mean of the same quantity when the attention is replaced, where the frame holds it.

    Raises
    ------
    FrameError
        If `frame` is no results frame or has no rows of ``tau_b``.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> from attnstats.frame import Row, to_frame
    >>> rows = [Row(quantity="tau_b", value=0.5 + 0.01 * seed, seed=seed) for seed in range(3)]
    >>> len(plot_agreement(to_frame(rows)).axes)
    1
    """
    rows, controls = needed(frame, "tau_b"), seed_rows(frame, "tau_b", ablated=True)
    datasets, places = in_order(rows, "dataset"), grouped(in_order(rows, "encoder", *_MECHANISM))
    n_columns = min(len(datasets), 3)
    n_rows = -(-len(datasets) // n_columns)
    with style.house_style():
        height = n_rows * (1.2 + 0.3 * len(places))
        figure, axes = style.new_axes(n_rows, n_columns, height, sharex=True, sharey=True)
        flat = dot_panels(axes, rows, ("dataset", "encoder", *_MECHANISM), datasets, places, controls)
        for axis, (dataset,) in zip(flat, datasets, strict=False):
            axis.axvline(0, color=style.BLACK, lw=0.7)
            axis.grid(axis="y", lw=0.4, alpha=0.5)
            axis.set_title(wrapped(dataset))
        axes[0][0].set_yticks(range(len(places)), [condition_name(*place) for place in places])
        axes[0][0].invert_yaxis()
        for axis in flat[len(datasets) - n_columns : len(datasets)]:  # nothing is drawn below these
            axis.set_xlabel("mean tau-b")
            axis.tick_params(labelbottom=True)
        legend_below(figure, axes)
        return style.settle(figure)


def plot_concordance(frame: pd.DataFrame) -> Figure:
    """Draw the share of token pairs that attention and MI order alike, against the gap in log attention.

    The dashed curve is what the share would be if attention were the true MI order and MI had its own noise.

    Raises
    ------
    FrameError
        If `frame` is no results frame or has no rows of ``concordance``.
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
    rows = pd.concat([needed(frame, "concordance"), seed_rows(frame, "concordance_reference")])
    rows = with_parameters(rows, "gap_low", "gap_high")
    summary = over_seeds(rows, [*CONDITION, *VARIANT, "quantity", "gap_low", "gap_high"])
    summary["gap"] = [middle(*each) for each in zip(summary["gap_low"], summary["gap_high"], strict=True)]
    summary = summary.sort_values("gap", kind="stable")
    shown, encoders, datasets = in_order(rows, *_MECHANISM), in_order(rows, "encoder"), in_order(rows, "dataset")
    with style.house_style():
        figure, axes = style.new_axes(len(shown), len(encoders), 0.9 + 1.7 * len(shown), sharex=True, sharey=True)
        for i, (attention, normalizer) in enumerate(shown):
            for j, (encoder,) in enumerate(encoders):
                axis = axes[i][j]
                axis.axhline(0.5, color=style.BLACK, lw=0.7, ls=":", label="chance")
                for k, (dataset,) in enumerate(datasets):
                    keys = {"dataset": dataset, "encoder": encoder, "attention": attention, "normalizer": normalizer}
                    panel = summary[same(summary, **keys)]
                    suffix = f", {notation.pretty_name(dataset)}" if len(datasets) > 1 else ""
                    colour = style.cycle(style.COLOURS, k)
                    observed = panel[panel["quantity"] == "concordance"]
                    reference = panel[panel["quantity"] == "concordance_reference"]
                    curve(axis, observed, "gap", colour, "-", style.cycle(style.MARKERS, k), f"observed{suffix}")
                    grey = style.GREY if len(datasets) == 1 else colour
                    curve(axis, reference, "gap", grey, (0, (4, 2)), "", f"if attention were the MI order{suffix}")
                if not len(summary[same(summary, encoder=encoder, attention=attention, normalizer=normalizer)]):
                    axis.text(0.5, 0.6, "not in this study", transform=axis.transAxes, ha="center", color=style.GREY)
                axis.set_xscale("log")
                axis.xaxis.set_major_formatter(lambda x, _: f"{x:g}")
                axis.xaxis.set_minor_formatter(lambda *_: "")
                axis.grid(axis="y", lw=0.4, alpha=0.5)
            axes[i][0].set_ylabel(fill(mechanism_name(attention, normalizer), 18))
        bottom, top = axes[0][0].get_ylim()
        axes[0][0].set_ylim(max(bottom, -0.03), min(top, 1.03))  # a share ends where the interval may not
        figure.supylabel("share of token pairs ordered alike", fontsize=9)
        return finish_grid(figure, axes, encoders, "gap in log attention of two tokens")


def plot_skew(frame: pd.DataFrame) -> Figure:
    """Draw the mean Gini coefficient of the attention for each normalizer: seeds, mean and t interval.

    Raises
    ------
    FrameError
        If `frame` is no results frame or has no rows of ``gini``.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> from attnstats.frame import Row, to_frame
    >>> rows = [Row(quantity="gini", value=0.5 + 0.01 * seed, seed=seed) for seed in range(3)]
    >>> len(plot_skew(to_frame(rows)).axes)
    1
    """
    rows = needed(frame, "gini")
    panels, places = in_order(rows, "dataset", "encoder"), grouped(in_order(rows, "normalizer", "attention"))
    n_columns = len(in_order(rows, "encoder"))
    n_rows = -(-len(panels) // n_columns)
    with style.house_style():
        height = 0.8 + n_rows * (0.6 + 0.27 * len(places))
        figure, axes = style.new_axes(n_rows, n_columns, height, sharex=True, sharey=True)
        flat = dot_panels(axes, rows, ("dataset", "encoder", "normalizer", "attention"), panels, places)
        for axis, (dataset, encoder) in zip(flat, panels, strict=False):
            axis.set_title(panel_name(encoder, dataset, n_rows))
            axis.grid(axis="x", lw=0.4, alpha=0.5)
        axes[0][0].set_yticks(range(len(places)), [mechanism_name(*place) for place in places])
        axes[0][0].set_ylim(len(places) - 0.5, -0.5)
        figure.supxlabel("mean Gini coefficient of attention (0: even, towards 1: all on one token)", fontsize=9)
        return style.settle(figure)
