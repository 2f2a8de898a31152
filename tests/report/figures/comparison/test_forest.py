import numpy as np
import pandas as pd
import pytest

from attnstats.exceptions import InvalidInputError
from attnstats.report import plot_forest
from attnstats.report.figures.comparison._panel import VERDICTS

FRAME = pd.DataFrame(
    {
        "label": ["B", "C", "D", "all"],
        "value": [0.1, -0.2, np.nan, 0.05],
        "ci_low": [0.05, -0.3, np.nan, -0.01],
        "ci_high": [0.15, np.inf, np.nan, 0.11],
        "group": ["x", "x", "y", "y"],
        "verdict": ["better", "my word", "", "inconclusive"],
        "pooled": [False, False, False, True],
    }
)


def lines_on(axis, y):
    return [line for line in axis.get_lines() if (np.asarray(line.get_ydata()) == y).all()]


def test_estimates_and_intervals_stand_where_the_numbers_say():
    axis = plot_forest(FRAME).axes[0]
    interval, low, high, point = lines_on(axis, 1.0)
    assert interval.get_xdata().tolist() == [0.05, 0.15]
    assert (low.get_xdata(), high.get_xdata(), point.get_xdata()) == ([0.05], [0.15], [0.1])
    assert (point.get_color(), point.get_marker()) == VERDICTS["better"]
    assert [text.get_text() for text in axis.get_yticklabels()] == ["B", "C", "D", "all", "x", "y"]
    assert axis.get_yticks().tolist() == [1, 2, 4.35, 5.35, 0, 3.35]
    bottom, top = axis.get_ylim()
    assert bottom > 5.35 > 0 > top


def test_an_interval_without_end_runs_to_the_edge_under_an_arrow():
    axis = plot_forest(FRAME).axes[0]
    interval, low, high, _ = lines_on(axis, 2.0)
    edge = axis.get_xlim()[1]
    assert interval.get_xdata().tolist() == [-0.3, edge]
    assert (low.get_marker(), high.get_marker()) == ("|", ">")


def test_a_pooled_row_is_a_diamond_as_wide_as_its_interval():
    (diamond,) = plot_forest(FRAME).axes[0].patches
    corners = diamond.get_xy()
    assert corners[:, 0].tolist() == [-0.01, 0.05, 0.11, 0.05, -0.01]
    assert corners[[0, 2], 1].tolist() == [5.35, 5.35]


def test_what_is_undefined_has_a_row_and_no_sign():
    axis = plot_forest(FRAME).axes[0]
    assert lines_on(axis, 4.35) == []
    texts = {text.xy[1]: text.get_text() for text in axis.texts}
    assert texts[4.35] == "–"


def test_numbers_have_the_same_decimals_and_words_are_those_of_the_caller():
    texts = [text.get_text() for text in plot_forest(FRAME).axes[0].texts]
    assert texts == [
        *("0.100 [0.050, 0.150]", "better"),
        *("−0.200 [−0.300, ∞]", "my word"),
        *("–", "0.050 [−0.010, 0.110]", "inconclusive"),
    ]


@pytest.mark.parametrize(("margin", "ends"), [(0.02, [0.98, 1.02]), ((-0.01, 0.03), [0.99, 1.03])])
def test_line_and_strip_stand_about_the_reference(margin, ends):
    axis = plot_forest(FRAME.iloc[:2], reference=1.0, margin=margin).axes[0]
    (strip,) = axis.patches
    assert [strip.get_x(), strip.get_x() + strip.get_width()] == pytest.approx(ends)
    assert [1.0, 1.0] in [list(line.get_xdata()) for line in axis.get_lines()]


def test_what_is_wrong_is_named():
    for margin in (-0.1, (0.1, 0.2), (0.1,)):
        with pytest.raises(InvalidInputError, match="margin: must be a number above 0, or one below and one above 0"):
            plot_forest(FRAME, margin=margin)
    with pytest.raises(InvalidInputError, match=r"column 'ci_low' must not lie above .*; got 1\.0 and 0\.15 in row 0"):
        plot_forest(FRAME.assign(ci_low=1.0))
    with pytest.raises(InvalidInputError, match="column 'value' must hold numbers; got 'x'"):
        plot_forest(FRAME.assign(value="x"))
    with pytest.raises(InvalidInputError, match="must be given or missing with"):
        plot_forest(FRAME.assign(ci_high=np.nan))
