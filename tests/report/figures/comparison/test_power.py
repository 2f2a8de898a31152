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
