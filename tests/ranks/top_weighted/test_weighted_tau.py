import numpy as np
import pytest
from scipy import stats

from attnstats.exceptions import NonFiniteError
from attnstats.ranks import JackknifeInterval, weighted_tau, weighted_tau_batch
from attnstats.resampling import BCa, Permutation


@pytest.mark.parametrize("n", [3, 20, 90])
@pytest.mark.parametrize("n_values", [4, 30, 10**6])
def test_equals_scipy(n, n_values):
    x, y = np.random.default_rng([n, n_values]).integers(0, n_values, (2, n))
    assert weighted_tau(x, y, null=Permutation(1), rng=0).effect == pytest.approx(stats.weightedtau(x, y).statistic)


def test_mistakes_at_the_top_cost_more():
    order = np.arange(10)
    top, bottom = order.copy(), order.copy()
    top[[9, 8]], bottom[[0, 1]] = top[[8, 9]], bottom[[1, 0]]
    quick = Permutation(1)
    assert weighted_tau(order, top, null=quick).effect < weighted_tau(order, bottom, null=quick).effect
    assert weighted_tau(order, order, null=quick).effect == pytest.approx(1)
    assert weighted_tau(order, -order, null=quick).effect == pytest.approx(-1)


def test_exact_pvalue_by_hand():
    """Of the 6 orders of three samples only the given one reaches weighted tau = 1."""
    result = weighted_tau([1, 2, 3], [1, 2, 3], alternative="greater")
    assert result.pvalue == pytest.approx(1 / 6)
    assert "exact" in result.test


def test_pvalue_of_permutations_repeats_and_has_its_floor():
    x, noise = np.random.default_rng(0).normal(size=(2, 20))
    results = [weighted_tau(x, x + noise, null=Permutation(199), rng=3) for _ in range(2)]
    assert results[0] == results[1]
    assert results[0].pvalue_floor == 2 / 200
    assert results[0].pvalue < 0.05


def test_there_is_an_interval_only_where_asked_for():
    x, noise = np.random.default_rng(0).normal(size=(2, 30))
    with pytest.raises(ValueError, match="has no interval"):
        weighted_tau(x, x + noise, null=Permutation(1)).interval()
    for method in (JackknifeInterval(), BCa(199)):
        result = weighted_tau(x, x + noise, null=Permutation(1), interval=method, rng=0)
        assert result.effect in result.interval()


def test_batch_equals_single_on_ragged_rows():
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 9, (2, 30, 25)).astype(float)
    mask = np.arange(25) < rng.integers(1, 26, (30, 1))
    x[~mask] = np.nan
    agreement = weighted_tau_batch(x, y, mask=mask)
    for row, inside in enumerate(mask):
        in_x, in_y = x[row, inside], y[row, inside]
        if inside.sum() < 2 or np.ptp(in_x) == 0 or np.ptp(in_y) == 0:
            assert np.isnan(agreement.statistic[row])
        else:
            assert agreement.statistic[row] == pytest.approx(stats.weightedtau(in_x, in_y).statistic)
    assert np.isnan(agreement.pvalue).all()
    assert not agreement.exact.any()
    with pytest.raises(NonFiniteError, match="x: must be finite"):
        weighted_tau_batch(x, y)
