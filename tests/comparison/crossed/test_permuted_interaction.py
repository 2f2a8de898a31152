from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm

from attnstats.comparison import interaction_test
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
        result = interaction_test(values, n_resamples=20_000, minimum_replicates=3, rng=0)
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


@pytest.mark.parametrize(
    ("shape", "error", "message"),
    [
        ((2, 3, 7), TooFewSamplesError, "number of replicates"),
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
