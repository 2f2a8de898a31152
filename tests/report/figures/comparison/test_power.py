from itertools import combinations, pairwise

import numpy as np
import pandas as pd
import pytest

from attnstats.exceptions import InvalidInputError
from attnstats.report import plot_power

CURVES = pd.DataFrame({"label": ["x"] * 3 + ["y"] * 3, "n": [20, 5, 10] * 2, "value": [0.1, 0.4, 0.2, 0.3, 0.6, 0.5]})


def test_curves_stand_in_order_of_n_and_the_fewest_units_are_named():
    axis = plot_power(CURVES, margin=0.2, unit="seeds").axes[0]
    lines = {line.get_label(): line for line in axis.get_lines()}
    assert lines["x"].get_xdata().tolist() == [5, 10, 20]
    assert lines["x"].get_ydata().tolist() == [0.4, 0.2, 0.1]
    assert [" ".join(text.get_text().split()) for text in axis.texts] == [
        "difference that matters: 0.2",
        "10 seeds",
    ]  # y never gets there
    assert axis.texts[1].xy == (10, 0)
    assert [text.get_text() for text in axis.get_legend().get_texts()] == ["x", "y"]
    assert axis.get_xlabel() == "number of seeds"


def test_one_curve_needs_no_label_and_wide_ranges_are_drawn_on_a_log_scale():
    axis = plot_power(CURVES.drop(columns="label").iloc[:3].assign(n=[2, 20, 200])).axes[0]
    assert axis.get_legend() is None
    assert axis.get_xscale() == "log"
    assert plot_power(CURVES).axes[0].get_xscale() == "linear"


def test_what_is_not_above_zero_is_refused():
    with pytest.raises(InvalidInputError, match=r"curves: column 'value' must be above 0; got 0\.0"):
        plot_power(CURVES.assign(value=0.0))
    with pytest.raises(InvalidInputError, match="margin: must be a finite number above 0"):
        plot_power(CURVES, margin=0)


def test_what_two_units_detect_does_not_hide_the_rest():
    n = np.arange(2, 41)
    frame = pd.DataFrame({"n": n, "value": 1 / np.sqrt(n)})
    assert plot_power(frame).axes[0].get_ylim() == pytest.approx((0, 1.05 / np.sqrt(2)))
    frame.loc[0, "value"] = 100.0
    assert plot_power(frame).axes[0].get_ylim() == pytest.approx((0, 1.05 * 5 * frame["value"].median()))
    assert plot_power(frame, margin=2.0).axes[0].get_ylim() == pytest.approx((0, 2.5))


@pytest.mark.parametrize("n", [[2, 3, 4], [3, 20, 200], [2, 48], [100, 5000], [10, 1_000_000]])
def test_ticks_are_whole_numbers_that_do_not_run_together(n):
    axis = plot_power(pd.DataFrame({"n": n, "value": 1.0})).axes[0]
    axis.figure.canvas.draw()
    low, high = axis.get_xlim()
    ticks = [tick for tick in axis.get_xticks() if low <= tick <= high]
    assert len(ticks) >= 2
    assert all(tick == round(tick) for tick in ticks)
    assert not [tick for tick in axis.xaxis.get_minor_ticks() if tick.label1.get_text()]
    boxes = [label.get_window_extent() for label in axis.get_xticklabels()]
    assert all(left.x1 < right.x0 for left, right in pairwise(boxes))


def test_numbers_of_units_that_are_near_each_other_do_not_run_together():
    n = np.arange(3, 49)
    curves = [pd.DataFrame({"label": f"{k}", "n": n, "value": (1 + 0.05 * k) / np.sqrt(n)}) for k in range(3)]
    axis = plot_power(pd.concat(curves), margin=0.21, unit="raters").axes[0]
    axis.figure.canvas.draw()
    boxes = [text.get_window_extent() for text in axis.texts[1:]]
    assert len(boxes) == 3
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))
