import itertools
import pickle

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from attnstats.exceptions import InvalidInputError
from attnstats.ranks import kendall
from attnstats.ranks._kernels import pair_counts
from attnstats.ranks.coefficients._exact_nulls import score_distribution
from attnstats.resampling import Permutation
from tests.ranks.definitions import plain_pair_counts

# R: cor.test(x, y, method = "kendall"), the example of its help page (Hollander & Wolfe 1973, p. 187)
HUNTER_L = [44.4, 45.9, 41.9, 53.3, 44.7, 44.1, 50.7, 45.2, 60.1]
CONSUMERS = [2.6, 3.1, 2.5, 5.0, 3.6, 4.0, 5.2, 2.8, 3.8]

ordinals = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=3, max_size=25)


def split(pairs):
    x, y = np.array(pairs, dtype=float).T
    assume(len(set(x)) > 1 and len(set(y)) > 1)
    return x, y


def enumerate_scores(x, y):
    x = np.array(x, dtype=float)
    return np.array([pair_counts(x, np.array(order, dtype=float))[0] for order in itertools.permutations(y)])


def test_r_example_two_sided():
    result = kendall(HUNTER_L, CONSUMERS)  # T = 26, p-value = 0.1194, tau 0.4444444
    assert result.statistic == pytest.approx(0.4444444, abs=1e-7)
    assert result.pvalue == pytest.approx(0.1194, abs=5e-5)
    assert "exact" in result.test
    assert result.pvalue_floor == pytest.approx(2 / 362880)


def test_r_example_one_sided():
    # cor.test(x, y, method = "kendall", alternative = "greater"): T = 26, p-value = 0.05972
    assert kendall(HUNTER_L, CONSUMERS, alternative="greater").pvalue == pytest.approx(0.05972, abs=5e-6)


@pytest.mark.parametrize(
    ("x", "y"),
    [
        ([1, 2, 3, 4, 5, 6, 7], [3, 1, 2, 5, 4, 7, 6]),
        ([1, 1, 2, 3, 4, 5, 6], [3, 1, 2, 5, 4, 7, 6]),
        ([1, 1, 2, 3, 3, 3, 4], [1, 1, 1, 2, 3, 3, 4]),
        ([0, 0, 1, 1, 1, 1, 1], [1, 0, 0, 1, 2, 3, 3]),
        ([1, 2, 3, 3, 4, 5, 6], [1, 2, 2, 3, 4, 5, 5]),
        ([0, 0, 0, 0, 0, 1], [0, 1, 1, 1, 1, 1]),
    ],
)
@pytest.mark.parametrize("alternative", ["two-sided", "less", "greater"])
def test_exact_pvalue_is_that_of_all_pairings(x, y, alternative):
    distance = {"two-sided": np.abs, "greater": np.asarray, "less": np.negative}[alternative]
    every = distance(enumerate_scores(x, y))  # the first is that of y as it stands
    result = kendall(x, y, alternative=alternative, exact=True)
    assert result.pvalue == pytest.approx((every >= every[0]).mean(), rel=1e-12)
    assert result.pvalue_floor == pytest.approx((every == every.max()).mean(), rel=1e-12)


@pytest.mark.parametrize("n", [3, 8, 20, 50, 120])
def test_exact_pvalue_without_ties_is_that_of_scipy(n):
    x, y = np.random.default_rng(n).normal(size=(2, n))
    y += 0.3 * x
    for alternative in ("two-sided", "less", "greater"):
        theirs = stats.kendalltau(x, y, method="exact", alternative=alternative)
        ours = kendall(x, y, exact=True, alternative=alternative)
        assert ours.statistic == pytest.approx(theirs.statistic)
        assert ours.pvalue == pytest.approx(theirs.pvalue, rel=1e-9)


@pytest.mark.parametrize("n", [5, 30, 80, 400])
@pytest.mark.parametrize("n_values", [3, 12, 10**9])
def test_asymptotic_pvalue_is_that_of_scipy(n, n_values):
    x, y = np.random.default_rng([n, n_values]).integers(0, n_values, (2, n))
    for alternative in ("two-sided", "less", "greater"):
        theirs = stats.kendalltau(x, y, method="asymptotic", alternative=alternative)
        ours = kendall(x, y, exact=False, alternative=alternative)
        assert ours.statistic == pytest.approx(theirs.statistic)
        assert ours.pvalue == pytest.approx(theirs.pvalue, rel=1e-9)
        assert ours.pvalue_floor is None


def test_null_distribution_keeps_the_digits_of_its_tails():
    null = score_distribution((1,) * 30, (1,) * 30)
    assert null[0] == pytest.approx(3.7699876288159056e-33, rel=1e-12)  # 1 / 30!
    assert null.sum() == pytest.approx(1)


@given(st.lists(st.integers(1, 4), min_size=2, max_size=5), st.lists(st.integers(1, 4), min_size=2, max_size=5))
@settings(max_examples=25, deadline=None)
def test_null_distribution_has_the_moments_of_kendall(sizes_x, sizes_y):
    n = max(sum(sizes_x), sum(sizes_y))
    sizes_x, sizes_y = [*sizes_x, *[1] * (n - sum(sizes_x))], [*sizes_y, *[1] * (n - sum(sizes_y))]
    null = score_distribution(tuple(sizes_x), tuple(sizes_y))
    score = np.arange(null.size) - null.size // 2
    x, y = (np.repeat(np.arange(len(sizes), dtype=float), sizes) for sizes in (sizes_x, sizes_y))
    assert null @ score == pytest.approx(0, abs=1e-9)
    assert null @ score**2 == pytest.approx(plain_pair_counts(x, y)[4])
    np.testing.assert_allclose(score_distribution(tuple(sizes_y), tuple(sizes_x)), null, atol=1e-15)


def test_null_used_is_named():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 51))
    assert "exact" in kendall(x[:50], y[:50]).test
    assert "normal" in kendall(x, y).test
    assert "exact" in kendall(rng.integers(0, 10, 20), rng.integers(0, 10, 20)).test
    ties = rng.integers(0, 25, (2, 50))
    assert "normal" in kendall(*ties).test
    assert "99 permutations" in kendall(*ties, null=Permutation(99), rng=0).test
    with pytest.raises(InvalidInputError, match="exact: must be False or None"):
        kendall(*ties, exact=True)
    with pytest.raises(InvalidInputError, match="got True with 151 samples"):
        kendall(np.arange(151), np.arange(151), exact=True)


def test_exact_pvalue_of_twenty_samples_tied_in_both_is_that_of_many_permutations():
    """Monte Carlo error of 0.002; the normal approximation, 0.0327, is three of them off."""
    x, y = np.repeat(np.arange(10), 2), np.array([0, 3, 1, 1, 0, 5, 2, 2, 4, 9, 6, 3, 7, 4, 5, 9, 8, 6, 7, 8])
    y[[0, 19, 4, 15]] = y[[19, 0, 15, 4]]
    exact = kendall(x, y)
    assert "exact" in exact.test
    assert exact.pvalue == pytest.approx(kendall(x, y, null=Permutation(19_999), rng=0).pvalue, abs=0.006)


def test_permutation_pvalue_counts_scores_as_far_out():
    x, y = np.array([1.0, 1, 2, 3, 4, 4]), np.array([2.0, 1, 1, 3, 4, 3])
    result = kendall(x, y, null=Permutation(999), rng=3, alternative="greater")
    assert result.pvalue_floor == 1 / 1000
    # The exact one; its Monte Carlo error over 999 permutations is 0.006.
    assert result.pvalue == pytest.approx(kendall(x, y, exact=True, alternative="greater").pvalue, abs=0.02)
    assert result == kendall(x, y, null=Permutation(999), rng=3, alternative="greater")


def test_variant_a_divides_by_all_pairs():
    x, y = [1, 1, 2, 3, 4], [1, 2, 2, 4, 3]
    assert kendall(x, y, variant="a").statistic == 6 / 10  # 7 concordant, 1 discordant, 2 tied
    assert kendall(x, y, variant="b").statistic == pytest.approx(6 / 9)
    assert kendall(x, y, variant="a").pvalue == kendall(x, y, variant="b").pvalue
    with pytest.raises(InvalidInputError, match="variant: must be one of b, a, c; got 'd'"):
        kendall(x, y, variant="d")


def test_pvalue_never_is_zero():
    n = 20_000
    assert 0 < kendall(np.arange(n), np.arange(n)).pvalue < 1e-300


@given(ordinals, st.sampled_from([True, False]))
@settings(max_examples=60, deadline=None)
def test_reversal_changes_the_sign_alone(pairs, exact):
    x, y = split(pairs[:7])
    plus, minus = kendall(x, y, exact=exact), kendall(x, -y, exact=exact)
    assert minus.statistic == -plus.statistic
    assert minus.pvalue == pytest.approx(plus.pvalue, rel=1e-12)
    less = kendall(x, -y, exact=exact, alternative="less")
    assert less.pvalue == pytest.approx(kendall(x, y, exact=exact, alternative="greater").pvalue, rel=1e-12)


@given(ordinals, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_monotone_transforms_and_the_order_of_samples_do_not_matter(pairs, random):
    x, y = split(pairs)
    shuffled = random.sample(range(len(x)), len(x))
    before, after = kendall(x, y, exact=False), kendall(np.exp(x[shuffled]), y[shuffled] ** 3 - 7, exact=False)
    assert after == before
    assert after.interval(0.8) == before.interval(0.8)


def test_variant_c_is_that_of_scipy():
    x, y = np.random.default_rng(4).integers(0, 4, (2, 40))
    assert kendall(x, y, variant="c").statistic == pytest.approx(stats.kendalltau(x, y, variant="c").statistic)


def test_interval_at_perfect_agreement_inverts_kendalls_bound():
    interval = kendall(range(10), range(10)).interval(0.95)
    assert "bound" in interval.method
    assert interval.high == 1
    # At the lower end, the distance to 1 is 1.96 standard deviations of the bound.
    assert (1 - interval.low) ** 2 == pytest.approx(1.959964**2 * 2 * (1 - interval.low**2) / 10, rel=1e-6)


def test_interval_narrows_with_the_level_and_survives_pickling():
    result = pickle.loads(pickle.dumps(kendall(HUNTER_L, CONSUMERS)))
    wide, narrow = result.interval(0.99), result.interval(0.8)
    assert wide.low < narrow.low < result.effect < narrow.high < wide.high


def test_interval_covers_the_tau_of_a_normal():
    """Coverage of the 95 % interval at n = 30, rho = 0.5, tau = 1/3: 400 draws, Monte Carlo error 0.011."""
    rng = np.random.default_rng(5)
    covered = 0
    for _ in range(400):
        x, noise = rng.normal(size=(2, 30))
        covered += 1 / 3 in kendall(x, 0.5 * x + np.sqrt(0.75) * noise, exact=False).interval()
    assert 0.915 < covered / 400 < 0.985  # within about 3 errors of the nominal level
