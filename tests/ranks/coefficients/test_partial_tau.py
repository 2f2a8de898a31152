import numpy as np
import pytest

from attnstats.exceptions import (
    ConstantInputError,
    InvalidInputError,
    NonFiniteError,
    TooFewSamplesError,
    UnreliableEstimateWarning,
)
from attnstats.ranks import kendall, partial_kendall, semipartial_kendall
from attnstats.ranks.coefficients.partial_tau import _partial_tau, _variances
from attnstats.resampling import BCa

X, Y = [9, 7, 8, 4, 6, 3, 5, 1, 2, 0, 2], [8, 9, 6, 7, 4, 5, 1, 3, 0, 2, 2]
Z, W = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [1, 1, 2, 5, 3, 3, 2, 4, 0, 6, 1]


def tau(a, b):
    return kendall(a, b, exact=False).effect


def test_partial_tau_is_that_of_r():
    # R 4.2.2: m <- cor(cbind(x, y, z), method = "kendall"); p <- solve(m); -p[1, 2] / sqrt(p[1, 1] * p[2, 2])
    with pytest.warns(UnreliableEstimateWarning, match=r"too often with n = 11 .* shares of 0\.46 and 0\.51"):
        assert partial_kendall(X, Y, Z).effect == pytest.approx(-0.02420641608, abs=1e-10)
    # psych 2.2.9: partial.r(cor(cbind(x, y, z, w), method = "kendall"), c(1, 2), c(3, 4)): 0.01619529
    with pytest.warns(UnreliableEstimateWarning):
        assert partial_kendall(X, Y, np.column_stack([Z, W])).effect == pytest.approx(0.01619529, abs=1e-8)


def test_one_variable_given_is_kendalls_formula():
    x, y, z = np.random.default_rng(0).normal(size=(3, 14))
    in_xy, in_xz, in_yz = tau(x, y), tau(x, z), tau(y, z)
    top = in_xy - in_xz * in_yz
    assert partial_kendall(x, y, z).effect == pytest.approx(top / np.sqrt((1 - in_xz**2) * (1 - in_yz**2)))
    assert semipartial_kendall(x, y, z).effect == pytest.approx(top / np.sqrt(1 - in_xz**2))


def test_free_of_transforms_and_of_the_columns_order():
    x, y, z, w = np.random.default_rng(1).normal(size=(4, 20))
    before = partial_kendall(x, y, np.column_stack([z, w]))
    after = partial_kendall(np.exp(x), y**3, np.column_stack([np.exp(w), -z]))
    assert after.effect == pytest.approx(before.effect)
    assert after.pvalue == pytest.approx(before.pvalue)


def test_symmetric_and_odd():
    x, y, z = np.random.default_rng(2).normal(size=(3, 15))
    one, swapped, turned = partial_kendall(x, y, z), partial_kendall(y, x, z), partial_kendall(x, -y, z)
    assert swapped.effect == pytest.approx(one.effect)
    assert swapped.pvalue == pytest.approx(one.pvalue)
    assert turned.effect == pytest.approx(-one.effect)
    less, greater = (partial_kendall(x, y, z, alternative=word).pvalue for word in ("less", "greater"))
    assert less + greater == pytest.approx(1)
    assert one.pvalue == pytest.approx(2 * min(less, greater))


@pytest.mark.parametrize("both", [True, False])
def test_variance_is_near_that_of_leaving_out(both):
    """To first order: within 3 % at n = 150."""
    z = np.random.default_rng(3).normal(size=(150, 4))
    rows = np.column_stack([z[:, 0] + z[:, 2], z[:, 1] + z[:, 2] + z[:, 0], z[:, 2], z[:, 3]]).round(1)
    left_out = [_partial_tau(both, np.delete(rows, i, axis=0)) for i in range(150)]
    jackknife, deflated = _variances(both, rows)
    assert jackknife == pytest.approx(149 / 150 * ((left_out - np.mean(left_out)) ** 2).sum(), rel=0.03)
    assert 0.9 * jackknife < deflated < jackknife


def test_test_and_interval_agree():
    rng = np.random.default_rng(4)
    for _ in range(20):
        x, y, z = rng.normal(size=(3, 20))
        result = partial_kendall(x, y + 0.4 * x, z)
        assert (result.pvalue < 0.05) == (0 not in result.interval())


def test_bootstrap_interval_can_be_asked_for():
    x, y, z = np.random.default_rng(5).normal(size=(3, 30))
    assert partial_kendall(x, x + y, z, interval=BCa(199), rng=0).interval().n_resamples == 199


def test_bad_input_is_named():
    with pytest.raises(NonFiniteError, match="z: must be finite"):
        partial_kendall(X, Y, [np.nan, *Z[1:]])
    with pytest.raises(InvalidInputError, match="must have the same length"):
        partial_kendall(X, Y, Z[1:])
    with pytest.raises(ConstantInputError, match="z: must vary in every column; got 3 throughout one"):
        partial_kendall(X, Y, [3] * 11)
    with pytest.raises(InvalidInputError, match="z: must have columns that differ in order"):
        partial_kendall(X, Y, np.column_stack([Z, np.exp(Z)]))
    with pytest.raises(ConstantInputError, match="x: must vary given z; got an order that z determines"):
        partial_kendall(Z, Y, Z)
    with pytest.raises(TooFewSamplesError, match="number of samples: must be at least 5; got 4"):
        partial_kendall([1, 2, 3, 4], [1, 3, 2, 4], [2, 1, 3, 4])


def test_full_agreement_given_z_takes_kendalls_bound():
    x = np.random.default_rng(6).normal(size=12)
    result = partial_kendall(x, x, np.random.default_rng(7).normal(size=12))
    assert result.effect == pytest.approx(1)
    assert "bound" in result.test
    assert "bound" in result.interval().method
    # |r| over its standard error of at most sqrt(2 / n) at r = 0: 2.449, two-sided.
    assert result.pvalue == pytest.approx(0.0143, abs=5e-5)


@pytest.mark.parametrize("test", [partial_kendall, semipartial_kendall])
def test_the_summary_says_how_many_variables_are_given(test):
    x, y, z, w = np.random.default_rng(0).normal(size=(4, 30))
    assert "tau given 1 variable (jackknife t)" in test(x, y, z).summary()
    assert "tau given 2 variables (jackknife t)" in test(x, y, np.column_stack([z, w])).summary()
