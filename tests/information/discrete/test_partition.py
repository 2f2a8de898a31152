import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attnstats.exceptions import ConstantInputError, InvalidInputError, TooFewSamplesError
from attnstats.information import EqualWidth, FreedmanDiaconis, Partition, Quantile

ALL = [EqualWidth(7), Quantile(7), FreedmanDiaconis()]
every_partition = pytest.mark.parametrize("partition", ALL, ids=repr)


@every_partition
@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(20, 200))
def test_bins_ascend_with_the_values(partition, seed, n):
    assert isinstance(partition, Partition)
    column = np.random.default_rng(seed).normal(size=n).round(2)
    bins = partition.assign(column)
    assert bins.dtype == np.int64
    assert bins.min() == 0
    order = np.argsort(column)
    assert (np.diff(bins[order]) >= 0).all()
    equal = np.diff(column[order]) == 0
    assert (np.diff(bins[order])[equal] == 0).all()


@settings(max_examples=40, deadline=None)
@given(values=st.lists(st.integers(-50, 50), min_size=4, max_size=100), n_bins=st.integers(1, 9))
def test_quantile_bins(values, n_bins):
    column = np.array(values, dtype=float)
    bins = Quantile(n_bins).assign(column)
    np.testing.assert_array_equal(bins, Quantile(n_bins).assign(np.exp(column / 10)))  # increasing transform
    # The edges are those of the inverted distribution function: the smallest value with a share of k / n_bins below.
    rank = {v: sum(w <= v for w in values) for v in values}
    edges = {min(v for v in rank if rank[v] * n_bins >= k * len(values)) for k in range(1, n_bins)}
    np.testing.assert_array_equal(bins, [sum(edge < v for edge in edges) for v in values])
    if len(set(values)) == len(values):
        sizes = np.bincount(bins)
        assert sizes.max() - sizes.min() <= 1


def test_equal_width_bins_equal_numpy_histogram():
    column = np.random.default_rng(2).normal(size=500)
    expected = np.histogram(column, bins=7)[0]
    np.testing.assert_array_equal(np.bincount(EqualWidth(7).assign(column), minlength=7), expected)
    np.testing.assert_array_equal(EqualWidth(2).assign(np.array([-1.7e308, 0.1, 1.7e308])), [0, 1, 1])
    np.testing.assert_array_equal(EqualWidth(2).assign(np.ones(3)), 0)


@pytest.mark.parametrize("n", [30, 500, 5000])
def test_freedman_diaconis_bins_equal_numpy_histogram(n):
    column = np.random.default_rng(n).normal(size=n)
    expected = np.histogram(column, bins="fd")[0]
    np.testing.assert_array_equal(np.bincount(FreedmanDiaconis().assign(column)), expected)
    np.testing.assert_array_equal(FreedmanDiaconis().assign(column * 1e307), FreedmanDiaconis().assign(column))


def test_freedman_diaconis_refuses_what_it_cannot_cut():
    heavy = np.random.default_rng(0).standard_cauchy(2000)
    with pytest.raises(TooFewSamplesError, match=r"no more bins than samples; got [0-9]+ bins for 2000 samples"):
        FreedmanDiaconis().assign(heavy)
    with pytest.raises(ConstantInputError, match="quartiles of a column must differ; got both equal to 3"):
        FreedmanDiaconis().assign(np.array([3.0] * 9 + [4.0]))
    np.testing.assert_array_equal(FreedmanDiaconis().assign(np.ones(5)), 0)


@pytest.mark.parametrize("kind", [EqualWidth, Quantile])
@pytest.mark.parametrize("bad", [0, 2.5, True])
def test_number_of_bins_must_be_a_count(kind, bad):
    with pytest.raises(InvalidInputError, match="n_bins: must be an integer of at least 1"):
        kind(bad)
