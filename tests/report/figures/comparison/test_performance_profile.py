import pandas as pd
import pytest

from attnstats.exceptions import InvalidInputError
from attnstats.report import plot_performance_profile

PROFILES = pd.DataFrame(
    {
        "label": ["A"] * 3 + ["B"] * 3,
        "score": [0.0, 0.5, 1.0, 1.0, 0.5, 0.0],
        "share": [1.0, 0.4, 0.0, 0.1, 0.7, 0.9],
        "ci_low": [1.0, 0.3, 0.0, 0.0, 0.6, 0.8],
        "ci_high": [1.0, 0.5, 0.1, 0.2, 0.8, 1.0],
    }
)
MEANS = pd.DataFrame({"label": ["B", "A"], "value": [0.6, 0.4], "ci_low": [0.5, 0.3], "ci_high": [0.7, 0.5]})


def test_curves_bands_and_means_stand_where_the_numbers_say():
    axis = plot_performance_profile(PROFILES, MEANS).axes[0]
    lines = {line.get_label(): line for line in axis.get_lines()}
    assert lines["B"].get_xdata().tolist() == [0.0, 0.5, 1.0]
    assert lines["B"].get_ydata().tolist() == [0.9, 0.7, 0.1]
    band = axis.collections[0].get_paths()[0].vertices
    assert sorted(band[band[:, 0] == 0.5][:, 1]) == pytest.approx([0.3, 0.5])
    intervals = [line.get_xdata().tolist() for line in axis.get_lines() if line.get_ydata()[0] > 1]
    assert intervals == [[0.5, 0.7], [0.5], [0.7], [0.6], [0.3, 0.5], [0.3], [0.5], [0.4]]
    assert [text.get_text() for text in axis.texts] == [
        *("interquartile mean", "B", "0.60 [0.50, 0.70]", "A", "0.40 [0.30, 0.50]")
    ]


def test_a_mean_has_the_colour_and_the_sign_of_its_curve():
    axis = plot_performance_profile(PROFILES, MEANS).axes[0]
    lines = {line.get_label(): line for line in axis.get_lines()}
    (mean,) = [line for line in axis.get_lines() if line.get_xdata().tolist() == [0.6]]
    assert (mean.get_color(), mean.get_marker()) == (lines["B"].get_color(), lines["B"].get_marker())
    assert lines["A"].get_linestyle() != lines["B"].get_linestyle()


def test_a_mean_without_interval_is_a_sign_alone():
    axis = plot_performance_profile(PROFILES, MEANS.assign(ci_low=[None, 0.3], ci_high=[None, 0.5])).axes[0]
    above = [line.get_xdata().tolist() for line in axis.get_lines() if line.get_ydata()[0] > 1]
    assert above == [[0.6], [0.3, 0.5], [0.3], [0.5], [0.4]]
    assert [text.get_text() for text in axis.texts][2] == "0.60"


def test_bands_that_would_hide_each_other_are_left_out():
    many = pd.concat([PROFILES.assign(label=PROFILES["label"] + str(i)) for i in range(4)])
    assert len(plot_performance_profile(PROFILES).axes[0].collections) == 2
    assert len(plot_performance_profile(many).axes[0].collections) == 0


def test_the_axis_says_of_what_the_shares_are():
    assert plot_performance_profile(PROFILES, unit="items").axes[0].get_ylabel() == "share of items above"


def test_what_is_no_profile_is_refused():
    with pytest.raises(InvalidInputError, match=r"column 'share' must lie in 0\.\.1"):
        plot_performance_profile(PROFILES.assign(share=1.5))
    with pytest.raises(InvalidInputError, match="must not rise with the score; it does for 'A'"):
        plot_performance_profile(PROFILES.assign(share=PROFILES["score"]))
    with pytest.raises(InvalidInputError, match="means: must have a row for each of A, B; got B"):
        plot_performance_profile(PROFILES, MEANS.iloc[:1])
