import itertools

import numpy as np
import pytest
from scipy import stats

from attnstats import CompleteCases
from attnstats.exceptions import InvalidInputError, NonFiniteError
from attnstats.ranks import top_k_overlap, top_k_overlap_batch


def shares(values, k):
    """Probability of each sample to be in the top k when ties are broken at random."""
    values = np.asarray(values, dtype=float)
    last = np.sort(values)[-k]
    sure, tied = (values > last).sum(), (values == last).sum()
    return np.where(values > last, 1.0, np.where(values == last, (k - sure) / tied, 0.0))


def test_without_ties_it_is_hypergeometric():
    x, y = np.random.default_rng(0).normal(size=(2, 30))
    result = top_k_overlap(x, x + y, k=8)
    shared = len(set(np.argsort(x)[-8:]) & set(np.argsort(x + y)[-8:]))
    assert result.overlap == shared / 8
    assert result.jaccard == pytest.approx(shared / (16 - shared))
    assert result.chance == 8 / 30
    assert result.pvalue == pytest.approx(stats.hypergeom(30, 8, 8).sf(shared - 1))
    assert result.pvalue_floor == pytest.approx(stats.hypergeom(30, 8, 8).pmf(8))


@pytest.mark.parametrize(
    ("x", "y", "k"),
    [
        ([3, 2, 2, 2, 1, 0, 0], [5, 1, 4, 3, 3, 3, 2], 3),
        ([0, 0, 0, 0, 0, 0, 1], [1, 1, 0, 0, 0, 0, 1], 2),
        ([1, 2, 3, 4, 4, 6, 7], [7, 6, 5, 5, 5, 2, 1], 4),
        ([1, 1, 1, 1, 1, 1, 1], [1, 2, 3, 4, 5, 6, 7], 3),
    ],
)
def test_ties_against_all_pairings(x, y, k):
    in_x, in_y = shares(x, k), shares(y, k)
    found = np.array([in_x @ np.array(order) for order in itertools.permutations(in_y)])
    result = top_k_overlap(x, y, k=k)
    assert result.overlap == pytest.approx(in_x @ in_y / k)
    assert result.chance == pytest.approx(found.mean() / k)
    assert result.pvalue == pytest.approx((found >= in_x @ in_y - 1e-9).mean())
    assert result.pvalue_floor == pytest.approx((found >= found.max() - 1e-9).mean())


def test_batch_equals_single():
    x, y = np.random.default_rng(1).integers(0, 6, (2, 20, 12)).astype(float)
    mask = np.arange(12) < np.random.default_rng(2).integers(2, 13, (20, 1))
    x[~mask] = np.nan
    overlaps = top_k_overlap_batch(x, y, k=4, mask=mask)
    for row, inside in enumerate(mask):
        if inside.sum() <= 4:
            assert np.isnan(overlaps[row])
        else:
            assert overlaps[row] == pytest.approx(top_k_overlap(x[row, inside], y[row, inside], k=4).overlap)


def test_summary_reads_as_in_a_paper():
    result = top_k_overlap(range(10), range(10), k=2)
    assert result.summary() == "top-2 overlap = 1 (chance 0.2), p = .022, n = 10 samples, hypergeometric (exact)"


def test_bad_input_is_named():
    with pytest.raises(InvalidInputError, match="k: must be below the number of samples, 3; got 3"):
        top_k_overlap([1, 2, 3], [1, 2, 3], k=3)
    with pytest.raises(InvalidInputError, match="k: must be an integer of at least 1; got 0"):
        top_k_overlap([1, 2, 3], [1, 2, 3], k=0)
    with pytest.raises(NonFiniteError, match="y: must be finite"):
        top_k_overlap([1, 2, 3], [1, np.nan, 3], k=1)


def test_incomplete_samples_are_left_out_when_asked():
    x, y = np.random.default_rng(3).normal(size=(2, 12))
    x[5] = np.nan
    result = top_k_overlap(x, y, k=3, missing=CompleteCases())
    expected = top_k_overlap(np.delete(x, 5), np.delete(y, 5), k=3)
    assert (result.overlap, result.pvalue, result.n) == (expected.overlap, expected.pvalue, 11)
    assert "n = 11 samples, 1 left out as incomplete" in result.summary()
