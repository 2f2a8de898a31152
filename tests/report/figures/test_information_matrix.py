"""The heat map of a matrix of columns: what stands where, and what is refused."""

import numpy as np
import pandas as pd
import pytest

from attnstats.exceptions import FrameError, InvalidInputError
from attnstats.report import plot_information_matrix


def matrix():
    names = list("abcd")
    values = np.full((4, 4), 0.05)
    values[0, 2] = values[2, 0] = 0.9
    values[1, 3] = values[3, 1] = 0.7
    values[0, 1] = values[1, 0] = -0.02
    np.fill_diagonal(values, np.nan)
    return pd.DataFrame(values, names, names)


def labels(figure):
    return [label.get_text() for label in figure.axes[0].get_xticklabels()]


def test_alike_columns_stand_side_by_side():
    names = labels(plot_information_matrix(matrix()))
    assert abs(names.index("a") - names.index("c")) == abs(names.index("b") - names.index("d")) == 1
    assert labels(plot_information_matrix(matrix(), clustered=False)) == list("abcd")


def test_each_cell_has_its_value():
    figure = plot_information_matrix(matrix())
    axis, names = figure.axes[0], labels(figure)
    expected = matrix().loc[names, names].to_numpy()
    np.testing.assert_array_equal(np.ma.filled(axis.images[0].get_array(), np.nan), expected)
    assert axis.images[0].get_clim() == (0, 0.9)
    shown = {(int(text.get_position()[1]), int(text.get_position()[0])): text.get_text() for text in axis.texts}
    assert shown == {(i, j): f"{expected[i, j]:.2f}" for i in range(4) for j in range(4) if i != j}
    assert figure.axes[1].get_ylabel() == "mutual information (nats)"


def test_two_columns_need_no_clustering():
    assert labels(plot_information_matrix(matrix().iloc[:2, :2])) == ["a", "b"]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (matrix().to_numpy(), "same names"),
        (matrix().iloc[:3], "same names"),
        (matrix().assign(a=0.0), "symmetric"),
        (pd.DataFrame([[np.nan]], ["a"], ["a"]), "finite"),
        (pd.DataFrame([["x"]], ["a"], ["a"]), "numbers"),
    ],
)
def test_what_is_no_matrix_is_refused(wrong, words):
    with pytest.raises(FrameError, match=words):
        plot_information_matrix(wrong)


def test_wrong_options_are_named():
    with pytest.raises(InvalidInputError, match="clustered"):
        plot_information_matrix(matrix(), clustered="yes")
