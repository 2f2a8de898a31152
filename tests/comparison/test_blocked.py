from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm

from attnstats.comparison import best_test, interaction_test, paired_test
from attnstats.exceptions import (
    ConstantInputError,
    FewReplicatesWarning,
    InvalidInputError,
    NonFiniteError,
    TooFewSamplesError,
)


def test_statistic_is_the_anova_interaction():
    values = np.random.default_rng(0).normal(size=(3, 4, 8))
    index = pd.MultiIndex.from_product([range(size) for size in values.shape], names=["row", "column", "seed"])
    frame = pd.Series(values.ravel(), index, name="value").reset_index()
    table = anova_lm(ols("value ~ C(row) * C(column)", frame).fit())
    expected = table.loc["C(row):C(column)", "sum_sq"] / 8  # per seed: ours is the sum of squares of the means
    result = interaction_test(values, n_resamples=9, rng=0)
    assert result.statistic == pytest.approx(expected, rel=1e-10)
    assert result.effect == pytest.approx(np.sqrt(expected / 12))


def test_pvalue_approaches_the_enumeration():
    # Two rows of three seeds: all 720 orders of the six profiles, in plain Python.
    values = np.random.default_rng(4).normal(size=(2, 3, 3))
    values[0, 0] += 1.0
    profiles = np.concatenate([values[0].T, values[1].T])
    profiles = profiles - profiles.mean(axis=1, keepdims=True)

    def score(order):
        means = np.array([profiles[list(order[:3])].mean(axis=0), profiles[list(order[3:])].mean(axis=0)])
        return ((means - means.mean(axis=0)) ** 2).sum()

    null = np.array([score(order) for order in permutations(range(6))])
    exact = np.mean(null >= score(range(6)) - 1e-12)
    with pytest.warns(FewReplicatesWarning):
        result = interaction_test(values, n_resamples=20_000, minimum_seeds=3, rng=0)
    # binomial error of 20,000 draws at most 0.0036; four of them
    assert result.pvalue == pytest.approx(exact, abs=0.015)
    assert result.statistic == pytest.approx(score(range(6)))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6))
def test_main_effects_do_not_matter(seed):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(2, 3, 4, 8))
    shifted = values + rng.normal(size=(2, 3, 1, 8)) + rng.normal(size=(2, 1, 4, 1))
    plain, moved = (interaction_test(each, n_resamples=99, rng=1) for each in (values, shifted))
    assert moved.pvalue == plain.pvalue
    assert moved.statistic == pytest.approx(plain.statistic)


def test_interaction_of_opposite_sign_in_two_blocks_cancels():
    values = np.random.default_rng(0).normal(scale=0.1, size=(2, 2, 2, 8))
    values[0, 0, 0] += 2
    values[1, 0, 1] += 2
    assert interaction_test(values[0], n_resamples=999, rng=0).pvalue == 0.001
    assert interaction_test(values, n_resamples=999, rng=0).pvalue > 0.05


def test_best_is_the_weakest_of_the_paired_tests():
    values = np.random.default_rng(7).normal([[0.5], [0.0], [0.3], [-1]], 0.3, size=(4, 9))
    result = best_test(values, target=0)
    pairs = [paired_test(values[0], other, alternative="greater") for other in values[1:]]
    assert result.pvalue == max(pair.pvalue for pair in pairs)
    assert result.effect == pytest.approx(values[0].mean() - values[1:].mean(axis=1).max())
    lows = [stats.ttest_rel(values[0], other).confidence_interval(0.95).low for other in values[1:]]
    highs = [stats.ttest_rel(values[0], other).confidence_interval(1 - 0.05 / 3).high for other in values[1:]]
    interval = result.confidence_interval
    assert (interval.low, interval.high) == pytest.approx((min(lows), min(highs)))
    assert result.interval(0.95) == interval


def test_best_of_two_is_the_paired_test():
    values = np.random.default_rng(1).normal(size=(2, 8))
    best, pair = best_test(values, target=1), paired_test(values[1], values[0], alternative="greater")
    assert (best.pvalue, best.pvalue_floor) == (pair.pvalue, pair.pvalue_floor)
    assert (best.confidence_interval.low, best.confidence_interval.high) == pytest.approx(
        (pair.confidence_interval.low, pair.confidence_interval.high)
    )


def test_best_averages_over_blocks():
    values = np.random.default_rng(1).normal(size=(3, 2, 8)) + np.arange(3)[:, None, None]
    result = best_test(values, target=0, rng=0)
    assert result.effect == pytest.approx(values[:, 0].mean() - values[:, 1].mean())
    assert result.n == 24
    assert result == best_test(values, target=0, rng=0)


@pytest.mark.parametrize(
    ("shape", "error", "message"),
    [
        ((2, 3, 7), TooFewSamplesError, "number of seeds"),
        ((1, 3, 8), TooFewSamplesError, "number of rows"),
        ((3, 1, 8), TooFewSamplesError, "number of columns"),
        ((3, 8), InvalidInputError, "must have shape"),
        ((0, 3, 8), InvalidInputError, "must have shape"),
    ],
)
def test_interaction_refuses_bad_shapes(shape, error, message):
    with pytest.raises(error, match=message):
        interaction_test(np.random.default_rng(0).normal(size=shape))


def test_interaction_refuses_nan_and_equal_profiles():
    with pytest.raises(NonFiniteError, match="values"):
        interaction_test(np.full((2, 2, 8), np.nan))
    with pytest.raises(ConstantInputError, match="profile"):
        interaction_test(np.broadcast_to(np.arange(3.0)[:, None], (2, 3, 8)) + np.arange(8.0))


@pytest.mark.parametrize("target", [2, -1, 0.0, True])
def test_best_refuses_a_target_that_is_not_there(target):
    with pytest.raises(InvalidInputError, match="target"):
        best_test(np.random.default_rng(0).normal(size=(2, 8)), target)


def test_best_refuses_too_few():
    with pytest.raises(TooFewSamplesError, match="number of conditions"):
        best_test(np.random.default_rng(0).normal(size=(1, 8)), 0)
    with pytest.raises(TooFewSamplesError, match="number of seeds"):
        best_test(np.random.default_rng(0).normal(size=(3, 7)), 0)
