"""Every fast path against the O(n^2) definition, number by number."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attnstats.exceptions import ConstantInputError, InvalidInputError
from attnstats.information.margins import AsMeasured, NormalScores, Standardized, UniformRanks
from attnstats.information.neighbors import _gram as gram
from attnstats.information.neighbors import _space as neighbors
from attnstats.information.neighbors._space import (
    ATOM,
    Space,
    ball_counter,
    column_weights,
    common_unit,
    count_balls,
    nearest_neighbors,
)
from tests.information.neighbors.reference import reference_balls, reference_neighbors

KINDS = ("normal", "tied", "clustered", "badly scaled", "offset", "repeated", "heavy tails", "binary", "an outlier")
SWITCHES = ("_SCAN_NEAREST", "_SCAN_COUNTS", "_SCAN_GRAM")


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
        return x[generator.integers(1 + n // 3, size=n)]
    if kind == "heavy tails":
        return generator.standard_cauchy((n, dim))
    if kind == "binary":
        return generator.integers(2, size=(n, dim)).astype(float)
    if kind == "an outlier":
        x[0] = 1e25
    return x


def space_of(x, *, margins=Standardized(), euclidean=False, ends=None):  # noqa: B008 (frozen)
    space = Space.of(x, "x", margins, euclidean=euclidean)
    if ends is not None:
        space = space._replace(ends=np.array(ends))
    return common_unit(space)[0] if euclidean else space


def check(space, k):
    found, truth = nearest_neighbors(space, k), reference_neighbors(space, k)
    np.testing.assert_array_equal(found.distances, truth.distances)
    copies = truth.distances[:, -1] == 0
    np.testing.assert_array_equal(found.rows[~copies], truth.rows[~copies])
    np.testing.assert_array_equal(space.distances(found.rows), found.distances)
    # Radii that are distances of the sample itself: a strict count decided by rounding differs at once.
    nearest, farthest = truth.distances[:, 0], truth.distances[:, -1]
    for radii in (farthest, np.roll(nearest, 1), np.nextafter(farthest, np.inf), np.where(copies, ATOM, 0.0)):
        np.testing.assert_array_equal(count_balls(space, radii), reference_balls(space, radii))


@pytest.mark.slow
@pytest.mark.parametrize("switch", [0, 1 << 40], ids=["trees", "scans"])
@settings(max_examples=150, deadline=None)
@given(
    kind=st.sampled_from(KINDS),
    n=st.integers(7, 150),
    dim=st.sampled_from([1, 2, 3, 5, 17, 40]),
    k=st.integers(1, 6),
    euclidean=st.booleans(),
    margins=st.sampled_from([AsMeasured(), Standardized(), NormalScores(), UniformRanks()]),
    split=st.integers(1, 4),
    seed=st.integers(0, 10**6),
)
def test_every_way_equals_the_definition(switch, kind, n, dim, k, euclidean, margins, split, seed):
    with pytest.MonkeyPatch.context() as patch:
        for name in SWITCHES:
            patch.setattr(neighbors, name, switch)
        patch.setattr(gram, "_BLOCK", 64)
        x = draw(kind, n, dim, seed)
        if (x == x[0]).all():
            return
        ends = [split, dim] if split < dim else [dim]
        check(space_of(x, margins=margins, euclidean=euclidean, ends=ends), k)


@pytest.mark.slow
@pytest.mark.parametrize("switch", [0, 1 << 40], ids=["trees", "scans"])
@pytest.mark.parametrize("euclidean", [False, True])
@pytest.mark.parametrize(("kind", "dim"), [("normal", 2), ("normal", 8), ("heavy tails", 3), ("clustered", 3)])
def test_larger_samples_use_more_than_one_leaf_and_block(switch, euclidean, kind, dim, monkeypatch):
    for name in SWITCHES:
        monkeypatch.setattr(neighbors, name, switch)
    check(space_of(draw(kind, 1500, dim, 3), euclidean=euclidean, ends=[1, dim]), 4)


def test_single_precision_is_used_where_it_tells_pairs_apart_and_only_there():
    x = draw("normal", 300, 20, 0)
    weights, ends = np.ones(20), np.array([20])
    assert gram._factors(x, weights, ends, 10.0)[1].dtype == np.float32
    assert gram._factors(x, weights, ends, 1e-6)[1].dtype == np.float64
    assert gram._factors(x * 1e30, weights, ends, 1e61)[1].dtype == np.float64


def test_many_copies_are_not_compared_pair_by_pair():
    # 40,000 rows on 16 places: all pairs of copies are 10^8, at least half a second each way.
    from time import process_time

    generator = np.random.default_rng(0)
    x = generator.integers(4, size=(40_000, 2)).astype(float)
    space = space_of(x)
    nearest_neighbors(space_of(x[:100]), 3)
    start = process_time()
    assert (nearest_neighbors(space, 3).distances == 0).all()
    assert process_time() - start < 0.4


def test_a_counter_can_be_used_again():
    space = space_of(draw("normal", 200, 3, 1))
    counter = ball_counter(space)
    for radius in (0.1, 1.0):
        radii = np.full(200, radius)
        np.testing.assert_array_equal(counter(radii), reference_balls(space, radii))


def test_reference_by_hand():
    x = np.array([[0.0], [1.0], [3.0], [3.5]])
    space = space_of(x, margins=AsMeasured())
    np.testing.assert_array_equal(reference_neighbors(space, 2).distances, [[1, 3], [1, 2], [0.5, 2], [0.5, 2.5]])
    np.testing.assert_array_equal(reference_neighbors(space, 2).rows, [[1, 2], [0, 2], [3, 1], [2, 1]])
    # Sample 0 with radius 3: itself and 1; the third lies exactly on the rim and stays out.
    balls = reference_balls(space, np.array([3.0, 2, 2, 2.5]))
    np.testing.assert_array_equal(balls.inside, [2, 2, 2, 2])
    np.testing.assert_array_equal(balls.rim, [1, 1, 1, 1])


def test_joint_distance_is_the_largest_of_the_parts():
    points = np.array([[0.0, 0.0, 0.0], [3.0, 4.0, 6.0], [3.0, 4.0, 1.0]])
    plane = space_of(points[:, :2], margins=AsMeasured(), euclidean=True)._replace(weights=np.ones(2))
    line = space_of(points[:, 2:], margins=AsMeasured(), euclidean=True)._replace(weights=np.ones(1))
    joint = plane.joint(line)
    np.testing.assert_array_equal(joint.distances(np.array([[1, 2], [0, 2], [0, 1]])), [[36, 25], [36, 25], [25, 25]])


def test_count_on_the_difference_where_a_sorted_interval_miscounts():
    x = np.array([[0.1], [0.4], [0.7], [1.0]])
    radii = np.full(4, 0.3)
    space = space_of(x, margins=AsMeasured())
    exact = reference_balls(space, radii).inside
    values = x[:, 0]
    interval = np.searchsorted(values, values + 0.3, "left") - np.searchsorted(values, values - 0.3, "right")
    assert (interval != exact).any()
    np.testing.assert_array_equal(count_balls(space, radii).inside, exact)


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
