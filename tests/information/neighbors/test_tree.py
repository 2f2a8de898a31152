"""Trees of several groups of leaves against the O(n^2) definition, and by any number of threads."""

import numpy as np
import pytest

from attnstats.information import KSG
from attnstats.information.margins import AsMeasured
from attnstats.information.neighbors import _space as neighbors
from attnstats.information.neighbors import _threads as threads
from attnstats.information.neighbors._space import Space, common_unit, count_balls, nearest_neighbors
from attnstats.information.neighbors._tree import blockwise, build_tree
from attnstats.information.neighbors._tree_search import GROUP, LEAF_SIZE
from tests.information.neighbors.reference import reference_balls, reference_neighbors

KINDS = ("normal", "rounded", "whole numbers", "one column discrete", "two clusters")


def draw(kind, n, dim, seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, dim))
    if kind == "rounded":
        return np.round(x, 1)
    if kind == "whole numbers":
        return np.round(x)
    if kind == "one column discrete":
        x[:, 0] = rng.integers(3, size=n)
    if kind == "two clusters":
        x = 1e-4 * x + rng.integers(2, size=(n, 1))
    return x


@pytest.fixture
def trees(monkeypatch):
    for name in ("_SCAN_NEAREST", "_SCAN_COUNTS", "_SCAN_GRAM"):
        monkeypatch.setattr(neighbors, name, 0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("n", "dim", "k"), [(2100, 3, 3), (1500, 4, 10), (700, 7, 1)])
@pytest.mark.parametrize("euclidean", [False, True])
def test_equals_the_definition(kind, n, dim, k, euclidean, trees):
    space = Space.of(draw(kind, n, dim, n), "x", AsMeasured(), euclidean=euclidean)._replace(ends=np.array([2, dim]))
    space = common_unit(space)[0] if euclidean else space
    found, truth = nearest_neighbors(space, k), reference_neighbors(space, k)
    np.testing.assert_array_equal(found.distances, truth.distances)
    apart = truth.distances[:, -1] > 0
    np.testing.assert_array_equal(found.rows[apart], truth.rows[apart])
    for radii in (truth.distances[:, -1], np.roll(truth.distances[:, 0], 1)):
        np.testing.assert_array_equal(count_balls(space, radii), reference_balls(space, radii))


@pytest.mark.parametrize("n", [1, 31, 32, 33, LEAF_SIZE * GROUP, LEAF_SIZE * GROUP + 1, 5000])
def test_every_point_stands_once_in_the_leaf_whose_box_holds_it(n):
    points = np.random.default_rng(n).normal(size=(n, 2))
    tree = build_tree(points, np.ones(2))
    assert sorted(tree.order) == list(range(n))
    blocks = tree.blocks.reshape(-1, 3, LEAF_SIZE)[:, :2].transpose(0, 2, 1).reshape(-1, 2)
    np.testing.assert_array_equal(blocks[:n], points[tree.order])
    assert np.isnan(blocks[n:]).all()
    low, high = (each.reshape(-1, 3, GROUP)[:, :2].transpose(0, 2, 1).reshape(-1, 2) for each in tree[3:5])
    leaves = np.arange(n) // LEAF_SIZE
    assert ((low[leaves] <= blocks[:n]) & (blocks[:n] <= high[leaves])).all()
    assert (tree.stop - tree.start)[tree.child < 0].max() <= LEAF_SIZE * GROUP


def test_blocks_hold_near_points():
    points = np.random.default_rng(0).normal(size=(1000, 2))
    order = blockwise(points, np.ones(2), 100)
    widths = [np.ptp(points[order[first : first + 100]], axis=0).prod() for first in range(0, 1000, 100)]
    assert np.median(widths) < np.ptp(points, axis=0).prod() / 5


@pytest.mark.parametrize("columns", [1, 2, 3])
@pytest.mark.parametrize("algorithm", [1, 2])
def test_any_number_of_threads_gives_the_same_terms(columns, algorithm, trees, monkeypatch):
    rng = np.random.default_rng(columns)
    x = np.round(rng.normal(size=(3000, columns)), 2)
    y = x + rng.normal(size=x.shape)
    terms = []
    for number in (1, 2, 5):
        monkeypatch.setattr(threads, "n_threads", lambda number=number: number)
        monkeypatch.setattr(neighbors, "in_threads", lambda loop, n, few=1: threads.in_threads(loop, n, min(few, 1)))
        terms.append(KSG(algorithm=algorithm).pointwise(x, y))
    np.testing.assert_array_equal(terms[1], terms[0])
    np.testing.assert_array_equal(terms[2], terms[0])


def test_threads_heed_the_environment(monkeypatch):
    monkeypatch.setattr(threads.config, "NUMBA_NUM_THREADS", 4)
    for value, expected in (("1", 1), ("3", 3), ("64", 4), ("", 4), ("2,1", 4), ("0", 1)):
        monkeypatch.setenv("OMP_NUM_THREADS", value)
        assert threads.n_threads() == expected


def test_a_loop_in_threads_covers_every_step_once(monkeypatch):
    monkeypatch.setattr(threads, "n_threads", lambda: 3)
    seen = np.zeros(1000, dtype=int)

    def loop(first, last):
        seen[first:last] += 1

    threads.in_threads(loop, 1000, few=10)
    assert (seen == 1).all()


def test_an_error_in_a_thread_is_raised(monkeypatch):
    monkeypatch.setattr(threads, "n_threads", lambda: 2)

    def loop(first, last):
        raise ValueError("in a thread")

    with pytest.raises(ValueError, match="in a thread"):
        threads.in_threads(loop, 1000, few=10)
