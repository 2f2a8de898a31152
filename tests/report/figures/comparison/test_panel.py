from itertools import combinations, pairwise

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
from attnstats.report.figures.comparison import _panel
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


def texts_of(figure):
    """The boxes of the texts of a figure that are drawn, without those that are empty."""
    figure.canvas.draw()
    for axis in figure.axes:
        texts = list(axis.texts)
        if axis.axison:
            texts += [axis.xaxis.label, axis.yaxis.label]
            for each, limits in ((axis.xaxis, axis.get_xlim()), (axis.yaxis, axis.get_ylim())):
                low, high = sorted(limits)
                texts += [tick.label1 for tick in each.get_major_ticks() if low <= tick.get_loc() <= high]
        yield from ((text.get_text(), text.get_window_extent()) for text in texts if text.get_text())


def check_texts(figure):
    boxes = list(texts_of(figure))
    for text, box in boxes:
        assert box.x0 >= -1, text
        assert box.y0 >= -1, text
        assert box.x1 <= figure.bbox.width + 1, text
        assert box.y1 <= figure.bbox.height + 1, text
    for (one, first), (other, second) in combinations(boxes, 2):
        across = min(first.x1, second.x1) - max(first.x0, second.x0)
        along = min(first.y1, second.y1) - max(first.y0, second.y0)
        assert min(across, along) <= 1, f"{one!r} overlaps {other!r}"


def test_no_text_is_left_out_of_the_picture_or_hides_another(drawn):
    plot, frame, _ = drawn
    check_texts(plot(frame.assign(**({"label": ["a rather long name"] * len(frame)} if "n" not in frame else {}))))


#: Every figure, of many conditions.
MANY = {
    "forest": lambda each: plot_forest(each, margin=0.1 * each["value"].max()),
    "critical_difference": lambda each: plot_critical_difference(
        each.assign(value=each.index + 1.0), np.eye(len(each)) > 0, distance=0.4 * len(each)
    ),
    "ranks": lambda each: plot_ranks(each.assign(value=each.index + 1.0, ci_low=1.0, ci_high=len(each))),
    "paired": lambda each: plot_paired_differences(each, (0.0, each["ci_low"].min(), each["ci_high"].max())),
    "profile": lambda each: plot_performance_profile(
        each.merge(pd.DataFrame({"share": [1.0, 0.0]}), how="cross")
        .assign(score=lambda two: two["value"] * (2 - two["share"]))
        .drop(columns=["ci_low", "ci_high"]),
        each,
    ),
    "profile_alone": lambda each: plot_performance_profile(
        each.merge(pd.DataFrame({"share": [1.0, 0.0]}), how="cross")
        .assign(score=lambda two: two["value"] * (2 - two["share"]))
        .drop(columns=["ci_low", "ci_high"])
    ),
    "power": lambda each: plot_power(
        each.merge(pd.DataFrame({"n": [3, 10, 30]}), how="cross").assign(value=lambda all_: all_["value"] / all_["n"]),
        margin=0.01 * each["value"].min(),
    ),
    "variance": lambda each: plot_variance(each.assign(group="a rather long name of a data set, as they have them")),
}
NAMES = [
    "meta-llama/Llama-3.1-70B-Instruct (5-shot, chain of thought)",
    "mistralai/Mixtral-8x22B-v0.1, quantised to 4 bits (AWQ)",
    "a_name_without_any_space_that_goes_on_and_on_as_paths_do.yaml",
]


@pytest.mark.parametrize("scale", [1.0, 4.2e8, 3e-7])
@pytest.mark.parametrize(("n", "names"), [(2, NAMES), (10, NAMES), (40, ["model"])])
@pytest.mark.parametrize("name", MANY)
def test_long_names_many_conditions_and_any_scale_have_room(name, n, names, scale):
    values = scale * np.linspace(1, 2, n)
    frame = pd.DataFrame(
        {
            "label": [f"{names[i % len(names)]} {i}" for i in range(n)],
            "value": values,
            "ci_low": 0.9 * values,
            "ci_high": 1.1 * values,
            "verdict": ["better", "worse", "equivalent", "inconclusive"] * (n // 4)
            + ["better", "worse"] * (n % 4 // 2),
        }
    )
    check_texts(MANY[name](frame))


def test_numbers_far_from_one_are_said_in_a_power_of_ten():
    large = INTERVALS.assign(value=[1.5e8, 2e8], ci_low=[1e8, 1.9e8], ci_high=[2e8, 2.1e8])
    axis = plot_forest(large, label="tokens").axes[0]
    axis.figure.canvas.draw()
    assert [text.get_text() for text in axis.texts] == ["150 [100, 200]", "200 [190, 210]"]
    assert axis.get_xlabel() == "tokens (× 10⁶)"
    assert {"0", "100", "200"} <= {text.get_text() for text in axis.get_xticklabels()}
    assert axis.get_lines()[1].get_xdata().tolist() == [1e8, 2e8]


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


def test_dollars_in_names_are_no_formula():
    figure = plot_forest(INTERVALS.assign(label=["$x$ & 100%", "US$"]), label="price in $ of $1")
    figure.draw_without_rendering()
    axis = figure.axes[0]
    shown = [text._preprocess_math(text.get_text()) for text in (*axis.get_yticklabels()[:2], axis.xaxis.label)]
    assert shown == [("$x$ & 100%", False), ("US$", False), ("price in $ of $1", False)]


def test_numbers_at_ticks_that_would_run_together_are_left_out():
    figure = Figure(figsize=(2.0, 1.0))
    axes = figure.subplots()
    axes.set_xlim(-0.0011, 0.0051)
    axes.tick_params(axis="x", labelsize=14)
    axes.locator_params(axis="x", nbins=7)

    def gaps():
        figure.canvas.draw()
        boxes = [label.get_window_extent() for label in axes.get_xticklabels()]
        return [right.x0 - left.x1 for left, right in pairwise(boxes)]

    assert min(gaps()) < 0
    _panel._thin_ticks(axes)
    assert gaps()
    assert min(gaps()) > 0
