import numpy as np
import pandas as pd
import pytest

from attnstats.exceptions import InvalidInputError
from attnstats.report import plot_variance

FRAME = pd.DataFrame(
    {
        "group": ["x", "x", "y", "y"],
        "label": ["seed", "example", "seed", "example"],
        "value": [1.0, 3.0, -0.5, 2.0],
        "ci_low": [0.5, 2.0, -1.0, 1.0],
        "ci_high": [2.0, 5.0, 0.5, 4.0],
    }
)


def test_bars_and_intervals_are_as_long_as_the_numbers_and_shares_are_of_the_group():
    axis = plot_variance(FRAME).axes[0]
    assert [bar.get_width() for bar in axis.patches] == [1.0, 3.0, -0.5, 2.0]
    assert [bar.get_y() + bar.get_height() / 2 for bar in axis.patches] == pytest.approx([1, 2, 4.35, 5.35])
    intervals = [line.get_xdata().tolist() for line in axis.get_lines() if line.get_lw() == 1.8]
    assert intervals == [[0.5, 2.0], [2.0, 5.0], [-1.0, 0.5], [1.0, 4.0]]
    assert [text.get_text() for text in axis.texts] == ["25 %", "75 %", "0 %", "100 %"]


def test_components_above_zero_begin_at_the_axis_and_need_no_interval():
    axis = plot_variance(FRAME.iloc[:2][["label", "value"]]).axes[0]
    assert axis.get_xlim()[0] == 0
    assert not [line for line in axis.get_lines() if line.get_lw() == 1.8]


def test_a_component_that_is_missing_is_refused():
    with pytest.raises(InvalidInputError, match="components: column 'value' must be finite; got nan in row 0"):
        plot_variance(FRAME.assign(value=[np.nan, 1.0, 1.0, 1.0]))
