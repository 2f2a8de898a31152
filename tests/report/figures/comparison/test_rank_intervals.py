import numpy as np
import pandas as pd
import pytest

from attnstats.exceptions import InvalidInputError
from attnstats.report import plot_ranks

RANKS = pd.DataFrame({"label": ["A", "B", "C"], "value": [2, 1, 3], "ci_low": [1, 1, 2], "ci_high": [2, 3, 3]})


def test_ranks_and_their_intervals_stand_where_the_numbers_say():
    axis = plot_ranks(RANKS).axes[0]
    lines = axis.get_lines()
    assert [line.get_xdata().tolist() for line in lines[::2]] == [[1, 3], [1, 2], [2, 3]]
    assert [line.get_xdata().tolist() for line in lines[1::2]] == [[1], [2], [3]]
    assert [text.get_text() for text in axis.get_yticklabels()] == ["B", "A", "C"]
    assert [text.get_text() for text in axis.texts] == ["1 [1, 3]", "2 [1, 2]", "3 [2, 3]"]
    assert axis.get_xticks().tolist() == [1, 2, 3]


def test_mean_ranks_have_decimals():
    axis = plot_ranks(RANKS.assign(value=[1.5, 1.2, 2.8])).axes[0]
    assert axis.texts[0].get_text() == "1.20 [1.00, 3.00]"


def test_a_rank_that_is_not_finite_is_refused():
    with pytest.raises(InvalidInputError, match="ranks: column 'ci_high' must be finite; got inf in row 1"):
        plot_ranks(RANKS.assign(ci_high=[2, np.inf, 3]))
