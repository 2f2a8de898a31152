from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from attnstats.exceptions import InvalidInputError
from attnstats.report import plot_critical_difference
from attnstats.report.figures.comparison.critical_difference import maximal_cliques

RANKS = pd.DataFrame({"label": ["A", "B", "C", "D"], "value": [3.5, 1.25, 2.0, 3.25]})


def bars(figure):
    return [line.get_xdata().tolist() for line in figure.axes[0].get_lines() if line.get_lw() == 3]


def cliques_by_brute_force(pairs):
    k = len(pairs)
    sets = [set(each) for size in range(2, k + 1) for each in combinations(range(k), size)]
    whole = [each for each in sets if all(pairs[i, j] for i, j in combinations(each, 2))]
    return sorted(tuple(sorted(each)) for each in whole if not any(each < other for other in whole))


@pytest.mark.parametrize("share", [0.0, 0.3, 0.6, 0.9, 1.0])
def test_cliques_are_those_of_all_subsets(share):
    rng = np.random.default_rng(int(100 * share))
    for k in (1, 2, 5, 8):
        for _ in range(10):
            upper = np.triu(rng.random((k, k)) < share, 1)
            pairs = upper | upper.T | np.diag(rng.random(k) < 0.5)
            assert maximal_cliques(pairs) == cliques_by_brute_force(pairs)


def test_a_bar_has_a_dot_at_each_rank_that_it_joins_and_none_at_others():
    tied = np.zeros((4, 4), dtype=bool)
    for i, j in ((0, 3), (0, 2), (2, 3), (1, 3)):  # B and D are tied, C lies between them and differs from B
        tied[i, j] = tied[j, i] = True
    assert bars(plot_critical_difference(RANKS, tied)) == [[1.25, 3.25], [2.0, 3.25, 3.5]]


def test_bars_that_meet_stand_on_different_levels():
    tied = ~np.eye(4, dtype=bool)
    tied[0, 1] = tied[1, 0] = False
    axis = plot_critical_difference(RANKS, tied).axes[0]
    heights = [line.get_ydata()[0] for line in axis.get_lines() if line.get_lw() == 3]
    assert len(set(heights)) == 2
    assert bars(plot_critical_difference(RANKS, np.eye(4, dtype=bool))) == []


def test_ranks_stand_in_order_with_their_labels_and_the_distance_to_scale():
    axis = plot_critical_difference(RANKS, np.eye(4, dtype=bool), distance=1.5).axes[0]
    texts = [text.get_text() for text in axis.texts]
    assert texts == ["1", "2", "3", "4", "B  1.25", "C  2.00", "3.25  D", "3.50  A", "critical difference 1.50"]
    leaders = [line.get_xdata()[0] for line in axis.get_lines() if len(line.get_xdata()) == 3]
    assert leaders == [1.25, 2.0, 3.25, 3.5]
    assert [1, 2.5] in [line.get_xdata().tolist() for line in axis.get_lines()]


@pytest.mark.parametrize("tied", [np.eye(3) > 0, np.eye(4), np.triu(np.ones((4, 4))) > 0])
def test_what_is_no_symmetric_matrix_of_true_and_false_is_refused(tied):
    with pytest.raises(
        InvalidInputError, match=r"tied: must be a symmetric matrix of True and False of shape \(4, 4\)"
    ):
        plot_critical_difference(RANKS, tied)
