import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from attnstats.exceptions import ConstantInputError, InvalidInputError, NonFiniteError, TooFewSamplesError
from attnstats.ranks import concordance_curve, gap_quantile_edges, kendall_batch


def brute_force(x, y, mask, edges):
    """Every pair as (example, bin or None, log gap, concordance); bin -1 where tied in x."""
    found = []
    for row in range(len(x)):
        places = np.flatnonzero(mask[row])
        for a in range(len(places)):
            for b in range(a):
                in_x, in_y = x[row, places[a]] - x[row, places[b]], y[row, places[a]] - y[row, places[b]]
                if in_x == 0:
                    found.append((row, -1, None, None))
                    continue
                counts = np.histogram([abs(in_x)], bins=edges)[0]
                bin_ = int(counts.argmax()) if counts.any() else None
                found.append((row, bin_, math.log(abs(in_x)), (np.sign(in_x) * np.sign(in_y) + 1) / 2))
    return found


values = hnp.arrays(np.float64, (3, 7), elements=st.integers(0, 8).map(float))


@given(values, values, hnp.arrays(np.bool_, (3, 7)))
@settings(max_examples=60, deadline=None)
def test_counts_are_those_of_brute_force(x, y, mask):
    edges = np.array([0.5, 2.0, 3.0, 6.0])
    x[~mask] = np.nan
    curve = concordance_curve(x, y, edges=edges, mask=mask)
    pairs = brute_force(x, y, mask, edges)
    for row in range(3):
        mine = [pair for pair in pairs if pair[0] == row]
        assert curve.tied[row] == sum(pair[1] == -1 for pair in mine)
        assert curve.outside[row] == sum(pair[1] is None for pair in mine)
        inside = [pair for pair in mine if pair[1] in (0, 1, 2)]
        for b in range(3):
            binned = [pair for pair in inside if pair[1] == b]
            assert curve.pairs[row, b] == len(binned)
            assert curve.concordant[row, b] == sum(pair[3] for pair in binned)
            assert curve.log_gap[row, b] == pytest.approx(sum(pair[2] for pair in binned))
        assert curve.log_gap_square[row] == pytest.approx(sum(pair[2] ** 2 for pair in inside))
        assert curve.log_gap_concordant[row] == pytest.approx(sum(pair[2] * pair[3] for pair in inside))
    total = mask.sum(axis=1) * (mask.sum(axis=1) - 1) // 2
    assert (curve.pairs.sum(axis=1) + curve.tied + curve.outside).tolist() == total.tolist()


def test_slope_is_that_of_least_squares_over_pairs():
    x, y = np.random.default_rng(0).normal(size=(2, 6, 9))
    y += x
    edges = [0.1, 0.5, 1.0, 9.0]
    curve = concordance_curve(x, y, edges=edges)
    pairs = [pair for pair in brute_force(x, y, np.ones(x.shape, bool), edges) if pair[1] in (0, 1, 2)]
    slope = np.polyfit([pair[2] for pair in pairs], [pair[3] for pair in pairs], deg=1)[0]
    assert curve.slope() == pytest.approx(slope)
    assert slope > 0


def test_curve_and_centers_are_over_all_examples():
    x = [[0.0, 1.0, 3.0], [0.0, 1.0, 5.0]]
    y = [[0.0, 1.0, 2.0], [1.0, 0.0, 1.0]]
    curve = concordance_curve(x, y, edges=[0, 2, 4, 8, 16])
    assert curve.pairs.tolist() == [[1, 2, 0, 0], [1, 0, 2, 0]]  # gaps 1, 3, 2 and 1, 5, 4
    np.testing.assert_allclose(curve.curve, [0.5, 1.0, 0.75, np.nan])  # the pair with gap 5 is tied in y
    np.testing.assert_allclose(curve.centers, [1, np.sqrt(6), np.sqrt(20), np.nan])


def test_over_one_bin_concordance_is_tau():
    x, y = np.random.default_rng(1).normal(size=(2, 5, 12))
    curve = concordance_curve(x, y, edges=[0, np.inf])
    tau = kendall_batch(x, y, variant="a").statistic
    np.testing.assert_allclose(2 * (curve.concordant / curve.pairs)[:, 0] - 1, tau, atol=1e-12)


def test_slope_without_two_gaps_is_refused():
    with pytest.raises(ConstantInputError, match="at least two different gaps"):
        concordance_curve([[0.0, 3.0], [5.0, 8.0]], [[0.0, 1.0], [1.0, 0.0]], edges=[0, 4]).slope()
    with pytest.raises(ConstantInputError, match=r"got 0 pair\(s\)"):
        concordance_curve([[1.0, 1.0]], [[0.0, 1.0]], edges=[0, 4]).slope()


@pytest.mark.parametrize("edges", [[1], [2, 1], [0, 1, 1], [-1, 1], [[0, 1]], [0, np.inf, np.inf], ["a", "b"]])
def test_bad_edges_are_named(edges):
    with pytest.raises(InvalidInputError, match="edges: must be"):
        concordance_curve([[1.0, 2.0]], [[1.0, 2.0]], edges=edges)


def test_bad_arrays_are_named():
    with pytest.raises(NonFiniteError, match="x: must be finite"):  # the logarithm of a zero attention
        concordance_curve([[-np.inf, 2.0]], [[1.0, 2.0]], edges=[0, 1])
    with pytest.raises(NonFiniteError, match="edges: must not hold NaN"):
        concordance_curve([[1.0, 2.0]], [[1.0, 2.0]], edges=[0, np.nan])


def test_quantile_edges_share_the_pairs_out_evenly():
    rng = np.random.default_rng(4)
    x = rng.normal(size=(50, 30))
    mask = np.arange(30) < rng.integers(5, 31, size=(50, 1))
    x[~mask] = np.nan
    edges = gap_quantile_edges(x, mask=mask, n_bins=7)
    curve = concordance_curve(x, x, edges=edges, mask=mask)
    counts = curve.pairs.sum(axis=0)
    assert edges[0] == 0
    assert counts.max() - counts.min() <= 1
    assert curve.outside.sum() == 0
    np.testing.assert_array_equal(curve.curve, np.ones(7))


def test_quantile_edges_of_more_gaps_than_are_kept_stay_even():
    x = np.random.default_rng(5).normal(size=(60, 300))  # 2.7 million gaps, of which every second is kept
    counts = concordance_curve(x, x, edges=gap_quantile_edges(x, n_bins=5)).pairs.sum(axis=0)
    np.testing.assert_allclose(counts / counts.sum(), 0.2, atol=0.002)  # error of a quantile of 1.3 million: 0.0004


def test_quantile_edges_that_cannot_be_are_refused():
    with pytest.raises(TooFewSamplesError, match=r"per bin \(4\); got 3"):
        gap_quantile_edges([[0.0, 1.0, 3.0]], n_bins=4)
    with pytest.raises(InvalidInputError, match="n_bins: must be small enough"):
        gap_quantile_edges(np.tile([0.0, 1.0], (30, 1)), n_bins=2)
    with pytest.raises(InvalidInputError, match="n_bins: must be an integer"):
        gap_quantile_edges([[0.0, 1.0]], n_bins=0)
