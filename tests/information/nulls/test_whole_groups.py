import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attnstats.exceptions import InvalidInputError, TooFewSamplesError
from attnstats.information.nulls._whole_groups import WholeGroups


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32), st.integers(2, 6), st.integers(2, 5))
def test_groups_of_one_size_trade_their_rows_in_order(seed, n_groups, size):
    rng = np.random.default_rng(seed)
    groups = rng.permutation(np.repeat(np.arange(n_groups), size))
    giver = rng.integers(n_groups, size=n_groups)
    received = WholeGroups.of(rng.normal(size=len(groups)), groups, "x").received(giver)
    for group in range(n_groups):
        assert list(received[groups == group]) == list(np.flatnonzero(groups == giver[group]))


def test_groups_of_any_size_trade_their_one_value():
    groups = np.array([1, 0, 1, 1, 2])
    values = np.array([[5, 6], [3, 4], [7, 8]])[groups]
    received = WholeGroups.of(values, groups, "x").received(np.array([1, 2, 0]))
    assert values[received].tolist() == [[7, 8], [3, 4], [7, 8], [7, 8], [5, 6]]
    with pytest.raises(InvalidInputError, match=r"groups: .* equal size, or x constant .*; got sizes 1 to 3"):
        WholeGroups.of(np.arange(5), groups, "x")


def test_without_groups_each_row_is_one():
    whole = WholeGroups.of(np.arange(4), None, "x")
    assert whole.received(np.array([3, 1, 1, 0])).tolist() == [3, 1, 1, 0]
    assert whole.common(np.array(["a", "b", "a", "c"]), "z").tolist() == ["a", "b", "a", "c"]


def test_the_common_value_of_each_group():
    groups = np.array([1, 0, 1, 0])
    whole = WholeGroups.of(np.arange(4), groups, "x")
    assert whole.common(np.array([[1.0, 2], [3, 4], [1, 2], [3, 4]]), "z").tolist() == [[3, 4], [1, 2]]
    with pytest.raises(InvalidInputError, match=r"z: must be constant within each group .* got 'b' and 'c' in one"):
        whole.common(np.array(["a", "b", "a", "c"]), "z")


def test_one_group_has_nobody_to_trade_with():
    with pytest.raises(TooFewSamplesError, match="number of groups: must be at least 2; got 1"):
        WholeGroups.of(np.arange(3), np.zeros(3, dtype=int), "x")
