"""Every fast path against the O(n^2) definition, number by number."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attnstats.exceptions import ConstantInputError, InvalidInputError
from attnstats.information.neighbors import (
    column_weights,
    nearest_distances,
    reference_nearest_distances,
    reference_strict_counts,
    strict_counts,
)

KINDS = ("normal", "tied", "clustered", "badly scaled", "offset", "repeated")


def draw(kind, n, dim, seed):
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(n, dim))
    if kind == "tied":
        return np.round(2 * x) / 2
    if kind == "clustered":
        return x * 1e-6 + 10 * generator.integers(4, size=(n, 1))
    if kind == "badly scaled":
        return x * 10.0 ** generator.integers(-12, 12, size=dim)
    if kind == "offset":
        return x + 1e9
    if kind == "repeated":
        return x[generator.integers(n, size=n)] if n < 3 else x[generator.integers(1 + n // 3, size=n)]
    return x


@settings(max_examples=120, deadline=None)
@given(
    kind=st.sampled_from(KINDS),
    n=st.integers(6, 150),
    dim=st.sampled_from([1, 2, 3, 6, 7, 16, 17, 40]),
    k=st.integers(1, 5),
    euclidean=st.booleans(),
    standardize=st.booleans(),
    seed=st.integers(0, 10**6),
)
def test_nearest_distances_and_counts_equal_the_definition(kind, n, dim, k, euclidean, standardize, seed):
    x = draw(kind, n, dim, seed)
    weights = column_weights(x, "x", standardize=standardize)
    distances = nearest_distances(x, weights, k, euclidean=euclidean)
    np.testing.assert_array_equal(distances, reference_nearest_distances(x, weights, k, euclidean=euclidean))
    # Radii that are distances of the sample itself: a strict count decided by rounding differs at once.
    for radii in (distances[:, -1], np.roll(distances[:, 0], 1)):
        np.testing.assert_array_equal(
            strict_counts(x, weights, radii, euclidean=euclidean),
            reference_strict_counts(x, weights, radii, euclidean=euclidean),
        )


@pytest.mark.parametrize("dim", [1, 2, 8, 20])
@pytest.mark.parametrize("euclidean", [False, True])
def test_larger_samples_use_more_than_one_leaf_and_block(dim, euclidean, monkeypatch):
    monkeypatch.setattr("attnstats.information.neighbors._BLOCK_ENTRIES", 100_000)
    x = draw("normal", 1500, dim, 3)
    weights = column_weights(x, "x", standardize=True)
    distances = nearest_distances(x, weights, 4, euclidean=euclidean)
    np.testing.assert_array_equal(distances, reference_nearest_distances(x, weights, 4, euclidean=euclidean))
    np.testing.assert_array_equal(
        strict_counts(x, weights, distances[:, -1], euclidean=euclidean),
        reference_strict_counts(x, weights, distances[:, -1], euclidean=euclidean),
    )


def test_reference_by_hand():
    x = np.array([[0.0], [1.0], [3.0], [3.5]])
    one = np.ones(1)
    np.testing.assert_array_equal(reference_nearest_distances(x, one, 2), [[1, 3], [1, 2], [0.5, 2], [0.5, 2.5]])
    # Sample 0 with radius 3: itself and 1; the third lies exactly on the rim and stays out.
    np.testing.assert_array_equal(reference_strict_counts(x, one, np.array([3.0, 2, 2, 2.5])), [2, 2, 2, 2])


def test_count_on_the_difference_where_a_sorted_interval_miscounts():
    x = np.array([[0.1], [0.4], [0.7], [1.0]])
    radii = np.full(4, 0.3)
    exact = reference_strict_counts(x, np.ones(1), radii)
    values = x[:, 0]
    interval = np.searchsorted(values, values + 0.3, "left") - np.searchsorted(values, values - 0.3, "right")
    assert (interval != exact).any()
    np.testing.assert_array_equal(strict_counts(x, np.ones(1), radii), exact)


def test_column_weights():
    x = np.random.default_rng(0).normal(size=(50, 3)) * [1, 1e-200, 1e200]
    scaled = x * column_weights(x, "x", standardize=True)
    np.testing.assert_allclose(scaled.std(axis=0), 1, rtol=1e-12)
    np.testing.assert_array_equal(column_weights(x, "x", standardize=False), 1)
    x[:, 1] = 7
    assert column_weights(x, "x", standardize=True)[1] == 1
    with pytest.raises(ConstantInputError, match="x: must vary"):
        column_weights(x[:, 1:2], "x", standardize=True)
    x[:, 0] = np.arange(50) * 5e-324
    with pytest.raises(InvalidInputError, match="in column 0"):
        column_weights(x, "x", standardize=True)
