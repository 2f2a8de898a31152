from itertools import combinations, permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from attnstats.comparison import jonckheere_test, page_test
from attnstats.exceptions import ConstantInputError, InvalidInputError, NonFiniteError, TooFewSamplesError
from attnstats.ranks import kendall

# Hollander and Wolfe, example 6.2: pieces finished with no, rough and accurate information on the worker's output.
MOTIVATION = ([40, 35, 38, 43, 44, 41], [38, 40, 47, 44, 40, 42], [48, 40, 45, 43, 46, 44])
BIG = np.random.default_rng(0).normal(size=(25, 9))


@pytest.mark.parametrize(("k", "n"), [(3, 6), (5, 4), (8, 3)])
def test_page_without_ties_equals_scipy(k, n):
    values = np.random.default_rng(k).normal(size=(k, n)) + 0.3 * np.arange(k)[:, None]
    exact = stats.page_trend_test(values.T, method="exact")
    normal = stats.page_trend_test(values.T, method="asymptotic")
    result = page_test(values)
    assert (result.statistic, result.test) == (exact.statistic, "Page's trend test (exact)")
    assert result.pvalue == pytest.approx(exact.pvalue, rel=1e-10)
    assert page_test(values, exact=False).pvalue == pytest.approx(normal.pvalue, rel=1e-10)


@pytest.mark.parametrize("alternative", ["greater", "less", "two-sided"])
@pytest.mark.parametrize("n_values", [2, 3])
def test_page_with_ties_equals_the_full_enumeration(n_values, alternative):
    k, n = 4, 3
    values = np.random.default_rng(7).integers(0, n_values, size=(k, n)).astype(float)
    ranks = stats.rankdata(values, axis=0)
    per_block = [[np.arange(1, k + 1) @ order for order in permutations(column)] for column in ranks.T]
    null = np.array([sum(each) for each in product(*per_block)])
    observed, centre = (np.arange(1, k + 1) @ ranks).sum(), n * k * (k + 1) ** 2 / 4
    expected = {
        "greater": np.mean(null >= observed),
        "less": np.mean(null <= observed),
        "two-sided": np.mean(np.abs(null - centre) >= abs(observed - centre)),
    }[alternative]
    result = page_test(values, alternative=alternative)
    assert result.pvalue == pytest.approx(expected, rel=1e-12)
    floor = np.mean(null == null.max()) * (2 if alternative == "two-sided" else 1)
    assert result.pvalue_floor == pytest.approx(floor, rel=1e-12)
    # the variance given the ties is that of the enumeration
    approximate = page_test(values, alternative="greater", exact=False)
    assert approximate.pvalue == pytest.approx(stats.norm.sf((observed - centre) / null.std()), rel=1e-10)


def test_page_interval_is_t_over_blocks():
    values = np.random.default_rng(0).normal(size=(5, 10)) + 0.5 * np.arange(5)[:, None]
    correlations = [stats.spearmanr(np.arange(5), column).statistic for column in values.T]
    result = page_test(values)
    expected = stats.ttest_1samp(correlations, 0).confidence_interval(0.9)
    assert result.effect == pytest.approx(np.mean(correlations))
    assert (result.interval(0.9).low, result.interval(0.9).high) == pytest.approx((expected.low, expected.high))


def test_jonckheere_of_hollander_and_wolfe():
    result = jonckheere_test(MOTIVATION, exact=False)
    assert result.statistic == 79
    # R 4.2.2: cor.test(rep(1:3, each = 6), y, method = "kendall", exact = FALSE, alternative = "greater"): the same
    # test, since S = 2 J - pairs
    assert result.pvalue == pytest.approx(0.02071039399, rel=1e-9)
    two_sided = jonckheere_test(MOTIVATION, exact=False, alternative="two-sided")
    assert two_sided.pvalue == pytest.approx(0.04142078799, rel=1e-9)
    assert result.effect == pytest.approx(79 / 108)


@pytest.mark.parametrize("alternative", ["greater", "less", "two-sided"])
def test_jonckheere_with_ties_equals_the_full_enumeration(alternative):
    groups = ([1.0, 2.0, 2.0], [2.0, 3.0], [1.0, 4.0, 3.0])
    pooled, everyone = np.concatenate(groups), set(range(8))

    def score(parts):
        return sum(
            (1 + np.sign(pooled[list(later)][:, None] - pooled[list(earlier)])).sum() / 2
            for earlier, later in combinations(parts, 2)
        )

    null = np.array(
        [
            score((first, second, tuple(everyone - {*first, *second})))
            for first in combinations(range(8), 3)
            for second in combinations(sorted(everyone - {*first}), 2)
        ]
    )
    observed = score((range(3), range(3, 5), range(5, 8)))
    centre = 21 / 2
    expected = {
        "greater": np.mean(null >= observed),
        "less": np.mean(null <= observed),
        "two-sided": np.mean(np.abs(null - centre) >= abs(observed - centre)),
    }[alternative]
    result = jonckheere_test(groups, alternative=alternative)
    assert result.statistic == observed
    assert result.pvalue == pytest.approx(expected, rel=1e-12)
    approximate = jonckheere_test(groups, alternative="greater", exact=False)
    assert approximate.pvalue == pytest.approx(stats.norm.sf((observed - centre) / null.std()), rel=1e-10)


@pytest.mark.parametrize("decimals", [0, 1, 8])
@pytest.mark.parametrize("exact", [True, False])
def test_jonckheere_is_kendalls_test_of_group_and_value(decimals, exact):
    rng = np.random.default_rng(1)
    groups = [np.round(rng.normal(shift, 1, size=size), decimals) for shift, size in ((0, 4), (0.4, 7), (0.5, 5))]
    expected = kendall(np.repeat([1, 2, 3], [4, 7, 5]), np.concatenate(groups), alternative="greater", exact=exact)
    assert jonckheere_test(groups, exact=exact).pvalue == pytest.approx(expected.pvalue, rel=1e-10)


def test_two_groups_are_mann_whitney():
    a, b = np.random.default_rng(0).normal(size=(2, 9))
    expected = stats.mannwhitneyu(b, a, alternative="greater", method="exact")
    result = jonckheere_test([a, b])
    assert (result.statistic, result.pvalue) == (expected.statistic, pytest.approx(expected.pvalue, rel=1e-12))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([True, False]))
def test_reversing_the_order_changes_the_sign(seed, exact):
    rng = np.random.default_rng(seed)
    values = rng.integers(0, 5, size=(3, 4)).astype(float)
    if (values == values[0]).all():
        return
    for test in (page_test, jonckheere_test):
        rising, falling = (test(each, alternative="greater", exact=exact) for each in (values, values[::-1]))
        assert test(values, alternative="less", exact=exact).pvalue == pytest.approx(falling.pvalue)
        assert test(np.exp(values), exact=exact).pvalue == pytest.approx(rising.pvalue)
        centre = 0 if test is page_test else 0.5
        assert falling.effect - centre == pytest.approx(centre - rising.effect)
        two = test(values, alternative="two-sided", exact=exact)
        assert two.pvalue <= 2 * min(rising.pvalue, falling.pvalue) + 1e-12


def test_extremes_are_never_zero():
    many = page_test(np.tile(np.arange(4.0)[:, None], 3_000), exact=False)
    assert many.pvalue == 2.2250738585072014e-308
    assert page_test(np.tile(np.arange(4.0)[:, None], 5)).pvalue == pytest.approx(24.0**-5)
    assert page_test(np.tile(np.arange(4.0)[:, None], 5)).effect == 1


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: page_test(np.eye(2)), TooFewSamplesError, "number of conditions: must be at least 3; got 2"),
        (lambda: page_test(np.ones((3, 4))), ConstantInputError, "values: must differ"),
        (lambda: page_test(np.eye(3), alternative="up"), InvalidInputError, "alternative"),
        (lambda: page_test(BIG, exact=True), InvalidInputError, "exact: must be False or None for 25"),
        (lambda: page_test(np.full((3, 3), np.nan)), NonFiniteError, "values: must be finite"),
        (lambda: page_test(np.eye(3), exact=1.5), InvalidInputError, "exact: must be None, True or False"),
        (lambda: jonckheere_test([[1.0, 2.0, 3.0]]), TooFewSamplesError, "number of groups: must be at least 2"),
        (lambda: jonckheere_test([[1.0, 2.0], []]), TooFewSamplesError, r"number of values in groups\[1\]"),
        (lambda: jonckheere_test([[1.0], [2.0]]), TooFewSamplesError, "number of values: must be at least 3; got 2"),
        (lambda: jonckheere_test([[1.0, 1.0], [1.0]]), ConstantInputError, "groups: must hold at least two different"),
        (lambda: jonckheere_test([[1.0, np.inf], [1.0]]), NonFiniteError, r"groups\[0\]: must be finite"),
        (lambda: jonckheere_test([np.arange(50.0)] * 6, exact=True), InvalidInputError, "300 values in 6 groups"),
    ],
)
def test_bad_input_is_refused_by_name(call, error, message):
    with pytest.raises(error, match=message):
        call()
