import numpy as np
import pandas as pd
import polars as pl
import pytest
from matplotlib.figure import Figure

from attnstats.exceptions import InvalidInputError
from attnstats.report import (
    plot_critical_difference,
    plot_forest,
    plot_paired_differences,
    plot_performance_profile,
    plot_power,
    plot_ranks,
    plot_variance,
)
from attnstats.report.figures._style import image_bytes
from attnstats.report.figures.comparison._panel import VERDICTS, layout

INTERVALS = pd.DataFrame({"label": ["A", "B"], "value": [1.0, 2.0], "ci_low": [1.0, 1.0], "ci_high": [2.0, 2.0]})
PROFILE = pd.DataFrame({"label": "A", "score": [0.0, 1.0], "share": [1.0, 0.0]})
#: Every figure, drawn from a frame; the first column that it needs stands beside it.
PLOTS = {
    "forest": (plot_forest, INTERVALS, "label"),
    "critical_difference": (
        lambda each, **how: plot_critical_difference(each, np.eye(2) > 0, **how),
        INTERVALS,
        "label",
    ),
    "ranks": (plot_ranks, INTERVALS, "label"),
    "paired": (lambda each, **how: plot_paired_differences(each, (1.5, 1.0, 2.0), **how), INTERVALS, "label"),
    "profile": (plot_performance_profile, PROFILE, "label"),
    "power": (plot_power, INTERVALS.assign(n=[3, 4]), "n"),
    "variance": (plot_variance, INTERVALS, "label"),
}


@pytest.fixture(params=PLOTS)
def drawn(request):
    return PLOTS[request.param]


def test_a_figure_is_drawn_on_the_axes_of_the_caller_and_on_no_others(drawn):
    plot, frame, _ = drawn
    figure = Figure()
    parts = figure.subfigures(1, 2)
    first, second = parts[0].subplots(), parts[1].subplots()
    assert plot(frame, axes=second) is figure
    assert figure.axes == [first, second]
    assert second.has_data()
    assert not first.has_data()


def test_the_layout_is_fixed_and_files_are_the_same_whenever_they_are_made(drawn):
    plot, frame, _ = drawn
    for suffix in (".svg", ".pdf"):
        assert image_bytes(plot(frame), suffix) == image_bytes(plot(frame), suffix)


def test_a_frame_of_polars_is_drawn_alike(drawn):
    plot, frame, _ = drawn
    assert image_bytes(plot(pl.from_dict(frame.to_dict("list"))), ".svg") == image_bytes(plot(frame), ".svg")


def test_what_is_missing_or_no_axes_is_named(drawn):
    plot, frame, column = drawn
    with pytest.raises(InvalidInputError, match=f"must have one column '{column}'; got 0 among"):
        plot(frame.drop(columns=column))
    with pytest.raises(InvalidInputError, match="must be a DataFrame; got list"):
        plot([1.0])
    with pytest.raises(InvalidInputError, match="must have a row or more"):
        plot(frame.iloc[:0])
    with pytest.raises(InvalidInputError, match="axes: must be a matplotlib Axes; got Figure"):
        plot(frame, axes=Figure())


def test_no_text_is_left_out_of_the_picture(drawn):
    plot, frame, _ = drawn
    figure = plot(frame.assign(**({"label": ["a rather long name"] * len(frame)} if "n" not in frame else {})))
    figure.canvas.draw()
    for axis in figure.axes:
        bottom, top = sorted(axis.get_ylim())
        ticks = [tick.label1 for tick in axis.yaxis.get_major_ticks() if bottom <= tick.get_loc() <= top]
        for text in [*axis.texts, *([*ticks, axis.xaxis.label, axis.yaxis.label] if axis.axison else [])]:
            if text.get_text():
                box = text.get_window_extent()
                assert box.x0 >= -1
                assert box.y0 >= -1
                assert box.x1 <= figure.bbox.width + 1
                assert box.y1 <= figure.bbox.height + 1


def test_colours_of_verdicts_come_with_a_sign_of_their_own():
    assert (
        len({colour for colour, _ in VERDICTS.values()})
        == len({sign for _, sign in VERDICTS.values()})
        == len(VERDICTS)
    )


def test_rows_stand_below_the_heading_of_their_group():
    rows = layout(["a", "a", "", "b"])
    assert rows.places == [1, 2, 3, 5.35]
    assert rows.headings == [("a", 0), ("b", 4.35)]
    assert rows.n == 6.35
    assert layout(["", ""]) == ([0, 1], [], 2)
