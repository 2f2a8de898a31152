import numpy as np
import pytest

from attnstats.exceptions import InvalidInputError, NonFiniteError
from attnstats.information import LocalPermutation


def nearest(z, row, count):
    distances = np.abs((z - z[row]) / z.std(axis=0)).max(axis=1)
    return set(np.argsort(distances, kind="stable")[:count])


@pytest.mark.parametrize("dim", [1, 3])
def test_rows_trade_with_near_neighbours_only(dim):
    rng = np.random.default_rng(0)
    z = rng.normal(size=(80, dim)) * 10.0 ** np.arange(dim)
    neighborhoods = LocalPermutation(n_neighbors=4).neighborhoods(z)
    near = [nearest(z, row, 5) for row in range(80)]
    received = np.array([neighborhoods.draw(rng) for _ in range(200)])
    for row in range(80):
        assert set(received[:, row]) == near[row]  # itself included, as in the paper
    # Greedy matching repeats few rows: far fewer than the 1 - (1 - 1/n)^n = 37 % of free choice stay unused.
    used = np.mean([len(np.unique(each)) for each in received]) / 80
    assert used > 0.8
    assert np.mean(received == np.arange(80)) < 0.4


def test_labels_are_permuted_within_strata():
    rng = np.random.default_rng(1)
    z = np.array(["a", "b", "a", "c", "b", "a"])
    neighborhoods = LocalPermutation().neighborhoods(z)
    received = np.array([neighborhoods.draw(rng) for _ in range(600)])
    assert (np.sort(received, axis=1) == np.arange(6)).all()
    assert (z[received] == z).all()
    # The six orders of stratum a are equally likely: 100 each expected, sd 9.
    _, counts = np.unique(received[:, [0, 2, 5]], axis=0, return_counts=True)
    assert len(counts) == 6
    assert counts.min() > 60


def test_repeated_values_of_a_continuous_z_are_strata():
    rng = np.random.default_rng(2)
    z = np.concatenate([np.zeros(50), rng.normal(size=50)])
    neighborhoods = LocalPermutation(n_neighbors=5).neighborhoods(z)
    for _ in range(20):
        received = neighborhoods.draw(rng)
        assert set(received[:50]) == set(range(50))
        assert (received[50:] >= 50).all()
    constant = LocalPermutation().neighborhoods(np.ones(30)).draw(rng)
    assert sorted(constant) == list(range(30))
    few = LocalPermutation(n_neighbors=50).neighborhoods(z[48:])  # the twice-zero and all others know each other
    assert few.neighbors.shape == (52, 51)


def test_few_rows():
    assert list(LocalPermutation().neighborhoods([0.5]).draw(0)) == [0]
    for z in ([0.5, 0.5], [0.5, 2.0]):  # measurements: whole numbers as few as these are classes
        assert set(LocalPermutation().neighborhoods(z).draw(0)) <= {0, 1}
    assert LocalPermutation().neighborhoods(np.append(np.zeros(9), 5.0)).draw(0)[9] == 9


def test_same_seed_same_rows():
    neighborhoods = LocalPermutation().neighborhoods(np.random.default_rng(3).normal(size=50))
    np.testing.assert_array_equal(neighborhoods.draw(7), neighborhoods.draw(np.random.default_rng(7)))
    assert (neighborhoods.draw(7) != neighborhoods.draw(8)).any()


def test_bad_input():
    with pytest.raises(InvalidInputError, match="n_resamples: must be an integer of at least 1"):
        LocalPermutation(0)
    with pytest.raises(InvalidInputError, match="n_neighbors: must be an integer of at least 1"):
        LocalPermutation(n_neighbors=0)
    with pytest.raises(InvalidInputError, match=r"z: some label must occur twice, .*; got 4 different ones"):
        LocalPermutation().neighborhoods(["a", "b", "c", "d"])
    with pytest.raises(NonFiniteError, match="z: must be finite"):
        LocalPermutation().neighborhoods([1.0, np.nan])
