import math
from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from attnstats.comparison import friedman_test
from attnstats.exceptions import ConstantInputError, InvalidInputError, NonFiniteError, TooFewSamplesError

# Hollander and Wolfe (1973), p. 140: three ways to round first base, 22 players; the data of R's help page.
ROUNDING = np.fromstring(
    """
    5.40 5.50 5.55 5.85 5.70 5.75 5.20 5.60 5.50 5.55 5.50 5.40 5.90 5.85 5.70 5.45 5.55 5.60
    5.40 5.40 5.35 5.45 5.50 5.35 5.25 5.15 5.00 5.85 5.80 5.70 5.25 5.20 5.10 5.65 5.55 5.45
    5.60 5.35 5.45 5.05 5.00 4.95 5.50 5.50 5.40 5.45 5.55 5.50 5.55 5.55 5.35 5.45 5.50 5.55
    5.50 5.45 5.25 5.65 5.60 5.40 5.70 5.65 5.55 6.30 6.30 6.25
    """,
    sep=" ",
).reshape(22, 3)


def test_rounding_times_as_in_r():
    result = friedman_test(ROUNDING.T, exact=False)
    # R 4.2.2, friedman.test(RoundingTimes): Friedman chi-squared = 11.1428571429
    assert result.statistic == pytest.approx(11.1428571429, rel=1e-11)
    # pf((22 - 1) * x / (22 * 2 - x), 2, 2 * 21, lower.tail = FALSE) with that x
    assert result.pvalue == pytest.approx(0.002171298388, rel=1e-9)
    assert result.effect == pytest.approx(11.1428571429 / 44)


def test_exact_of_many_tied_blocks_by_random_permutation():
    rng = np.random.default_rng(0)
    ranks = stats.rankdata(ROUNDING, axis=1)
    sums = rng.permuted(np.tile(ranks, (20_000, 1, 1)), axis=2).sum(axis=1)
    rate = np.mean((sums**2).sum(axis=1) >= (ranks.sum(axis=0) ** 2).sum() - 1e-9)
    # four binomial standard errors of a rate of .003 in 20,000
    assert friedman_test(ROUNDING.T, exact=True).pvalue == pytest.approx(rate, abs=0.0016)


@pytest.mark.parametrize("shape", [(3, 4), (4, 3), (2, 6)])
@pytest.mark.parametrize("n_values", [2, 3, 100])
def test_exact_equals_the_full_enumeration(shape, n_values):
    k = shape[0]
    values = np.random.default_rng(3).integers(0, n_values, size=shape).astype(float)
    ranks = stats.rankdata(values, axis=0)
    scores = [
        sum(sum(block[j] for block in blocks) ** 2 for j in range(k))
        for blocks in product(*(list(permutations(column)) for column in ranks.T))
    ]
    observed = (ranks.sum(axis=1) ** 2).sum()
    result = friedman_test(values)
    assert result.test == "Friedman test (exact)"
    assert result.pvalue == pytest.approx(np.mean(np.array(scores) >= observed - 1e-9), rel=1e-12)
    assert result.pvalue_floor == pytest.approx(np.mean(np.array(scores) >= max(scores) - 1e-9), rel=1e-12)


@pytest.mark.parametrize(("k", "n"), [(3, 9), (5, 6), (7, 20)])
def test_statistic_equals_scipy_with_ties(k, n):
    values = np.random.default_rng(k).integers(0, 5, size=(k, n))
    result = friedman_test(values, exact=False)
    assert result.statistic == pytest.approx(stats.friedmanchisquare(*values).statistic, rel=1e-12)


def test_exact_and_f_meet_for_many_blocks():
    values = np.random.default_rng(1).normal(size=(3, 60)) + np.array([[0.0], [0.2], [0.4]])
    exact, approximate = friedman_test(values, exact=True), friedman_test(values, exact=False)
    assert approximate.pvalue == pytest.approx(exact.pvalue, rel=0.1)


def test_perfect_agreement_has_the_least_pvalue_and_never_zero():
    for n in (2, 5, 200):
        result = friedman_test(np.tile(np.arange(4.0)[:, None], n), exact=False)
        assert result.effect == pytest.approx(1)
        assert result.pvalue == pytest.approx(max(math.factorial(4) ** (1.0 - n), 2.2250738585072014e-308))
    assert friedman_test(np.tile(np.arange(4.0)[:, None], 5)).pvalue == pytest.approx(24.0**-4)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_invariances(seed):
    rng = np.random.default_rng(seed)
    values = rng.integers(0, 4, size=(4, 6)).astype(float)
    if (values == values[0]).all():
        return
    plain = friedman_test(values)
    for other in (
        values[rng.permutation(4)],
        values[:, rng.permutation(6)],
        -values,
        np.exp(values) * rng.uniform(1, 2, size=6) + rng.normal(size=6),  # any monotone change within a block
    ):
        result = friedman_test(other)
        assert result.statistic == pytest.approx(plain.statistic)
        assert result.pvalue == pytest.approx(plain.pvalue)


def test_the_unit_stands_in_the_sentence():
    result = friedman_test(ROUNDING.T, replication_unit="player")
    assert result.summary() == "Kendall's W = 0.253, p = .003, n = 22 players, Friedman test (exact)"


@pytest.mark.parametrize(
    ("values", "options", "error", "message"),
    [
        (np.ones((3, 4)), {}, ConstantInputError, "values: must differ"),
        ([[1.0, 2.0]], {}, TooFewSamplesError, "number of conditions: must be at least 2; got 1"),
        ([[1.0], [2.0]], {}, TooFewSamplesError, "number of blocks: must be at least 2; got 1"),
        ([1.0, 2.0], {}, InvalidInputError, "values: must have 2 dimension"),
        ([[1.0, np.nan], [2.0, 1.0]], {}, NonFiniteError, "values: must be finite"),
        (ROUNDING.T, {"exact": "yes"}, InvalidInputError, "exact: must be None, True or False; got 'yes'"),
        (np.random.default_rng(0).normal(size=(12, 30)), {"exact": True}, InvalidInputError, "12 conditions in 30"),
    ],
)
def test_bad_input_is_refused_by_name(values, options, error, message):
    with pytest.raises(error, match=message):
        friedman_test(values, **options)
