import numpy as np
import pandas as pd
import pytest

from attnstats.exceptions import InvalidInputError
from attnstats.report import plot_paired_differences

FRAME = pd.DataFrame({"label": ["a", "b", "c"], "value": [0.1, -0.1, 0.3]})


def test_units_stand_in_order_of_size_over_the_mean_and_its_interval():
    axis = plot_paired_differences(FRAME, (0.1, -0.2, 0.4), margin=0.05, unit="folds").axes[0]
    _, dots, interval, _, _, mean = axis.get_lines()
    assert dots.get_xdata().tolist() == [0.3, 0.1, -0.1]
    assert dots.get_ydata().tolist() == [0, 1, 2]
    assert interval.get_xdata().tolist() == [-0.2, 0.4]
    assert mean.get_xdata().tolist() == [0.1]
    assert mean.get_ydata()[0] == interval.get_ydata()[0] > 2
    assert [text.get_text() for text in axis.get_yticklabels()] == ["c", "a", "b", "mean of 3 folds"]
    (strip,) = axis.patches
    assert (strip.get_x(), strip.get_width()) == pytest.approx((-0.05, 0.1))


def test_many_units_have_no_names_and_keep_their_place():
    values = np.random.default_rng(0).normal(size=500)
    frame = pd.DataFrame({"label": "x", "value": values})
    axis = plot_paired_differences(frame, (0.0, -0.1, 0.1), unit="examples").axes[0]
    dots = axis.get_lines()[1]
    assert dots.get_xdata().tolist() == sorted(values, reverse=True)
    assert (np.diff(dots.get_ydata()) > 0).all()
    assert [text.get_text() for text in axis.get_yticklabels()] == ["mean of 500 examples"]
    assert axis.get_ylabel() == "examples, by difference"


@pytest.mark.parametrize("mean", [(0.1, 0.2), (0.1, 0.4, 0.2)])
def test_a_mean_without_interval_is_refused(mean):
    with pytest.raises(InvalidInputError, match="mean: must"):
        plot_paired_differences(FRAME, mean)


def test_a_mean_of_something_else_is_called_so():
    axis = plot_paired_differences(FRAME, (0.1, -0.2, 0.4), unit="passages", mean_of="12 questions").axes[0]
    assert axis.get_yticklabels()[-1].get_text() == "mean of 12 questions"
