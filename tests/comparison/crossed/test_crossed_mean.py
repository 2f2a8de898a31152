from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr, stdtrit
from scipy.stats import chi2

from attnstats.comparison import HarmonicT, Satterthwaite, anova_interval, t_interval
from attnstats.comparison.crossed.mean_squares import MeanSquares
from attnstats.exceptions import (
    ConstantInputError,
    FewReplicatesWarning,
    InvalidInputError,
    NonFiniteError,
    TooFewSamplesError,
)

TABLE = np.array(
    [
        [3.1, 2.4, 4.0, 3.3, 2.9, 3.8],
        [3.9, 3.0, 4.4, 4.1, 3.2, 4.6],
        [2.8, 2.6, 3.5, 3.1, 2.2, 3.9],
        [3.6, 2.7, 4.5, 3.2, 3.3, 4.2],
    ]
)


def test_agrees_with_lmertest():
    # R 4.2.2, lmerTest 3.1-3: summary(lmer(y ~ 1 + (1|s) + (1|e))) gives 3.429166667, standard error 0.3037092283,
    # df 7.629870744; its optimiser stops at a relative error of some 1e-5.
    with pytest.warns(
        FewReplicatesWarning, match=r"at least 5 replicates for Satterthwaite\(\) to keep its level; got 4"
    ):
        interval = anova_interval(TABLE, variance=Satterthwaite())
    margin = 0.3037092283 * stdtrit(7.629870744, 0.975)
    assert (interval.low, interval.high) == pytest.approx((3.429166667 - margin, 3.429166667 + margin), abs=2e-5)
    assert (interval.low, interval.high) == pytest.approx((2.72285388655, 4.13547944678), abs=2e-5)


def test_by_the_mean_squares_of_r():
    # R 4.2.2: anova(lm(y ~ s + e)) prints the mean squares 0.8348611111, 1.4314166667, 0.0525277778.
    squares, dfs = np.array([0.8348611111, 1.4314166667, 0.0525277778]), np.array([3, 5, 15])
    total = squares[0] + squares[1] - squares[2]
    df = total**2 / (squares**2 / dfs).sum()
    with pytest.warns(FewReplicatesWarning):
        interval = anova_interval(TABLE, variance=Satterthwaite(), confidence_level=0.9)
    half = stdtrit(df, 0.95) * np.sqrt(total / 24)
    assert (interval.high - interval.low) / 2 == pytest.approx(half, rel=1e-9)
    assert interval.level == 0.9


def test_the_rule_is_an_object():
    message = r"variance: must be HarmonicT\(\), Satterthwaite\(\) or FixedItems\(\); got"
    for wrong in ("harmonic", HarmonicT):
        with pytest.raises(InvalidInputError, match=message):
            anova_interval(TABLE, variance=wrong)


def test_components_below_zero_count_as_zero():
    # Rows that are shifts of one another along the examples: seed means are equal, so MS_seed = 0 < MS_residual.
    wave = np.array([0.0, 1.0, 3.0, -1.0, 2.0, 5.0])
    level = np.array([np.roll(wave, shift) for shift in range(6)])
    residual = level - level.mean(axis=1, keepdims=True) - level.mean(axis=0) + level.mean()
    square = (residual**2).sum() / 25
    interval = anova_interval(level, variance=Satterthwaite())
    half = stdtrit(25, 0.975) * np.sqrt(square / 36)  # both factors are without effect: residual alone
    assert (interval.high - interval.low) / 2 == pytest.approx(half)
    # With strong seeds and no examples, it is the t interval over seeds.
    seeds = level + 10 * np.arange(6.0)[:, np.newaxis]
    with pytest.warns(FewReplicatesWarning):
        over_seeds = t_interval(seeds.mean(axis=1), minimum_replicates=6)
    interval = anova_interval(seeds, variance=Satterthwaite())
    assert (interval.low, interval.high) == pytest.approx((over_seeds.low, over_seeds.high))


def test_harmonic_degrees_of_freedom_by_hand():
    # Mean squares 3, 7 and 2: variance (3 + 7 - 2)/(4 * 11), shares 3/8 and 5/8 on 3 and 10 degrees of freedom.
    few_seeds = HarmonicT()(MeanSquares(3.0, 7.0, 2.0, 4, 11).parts)
    assert few_seeds == pytest.approx((8 / 44, 1 / (3 / 8 / 3 + 5 / 8 / 10)))
    # With fewer examples than seeds it is the mean square of examples that stays whole.
    few_examples = HarmonicT()(MeanSquares(7.0, 3.0, 2.0, 11, 4).parts)
    assert few_examples == pytest.approx(few_seeds)
    # Examples that differ less than the residual are taken not to differ.
    assert HarmonicT()(MeanSquares(3.0, 1.0, 2.0, 4, 11).parts) == pytest.approx((3 / 44, 3))


def test_equal_seed_means_are_taken_for_chance():
    # F on 2 and m degrees of freedom is below x with probability 1 - (1 + 2 x/m)^(-m/2).
    lowest = 98 / 2 * (0.95 ** (-2 / 98) - 1)
    assert HarmonicT()(MeanSquares(0.0, 1.0, 2.0, 3, 50).parts) == pytest.approx((2 * lowest / 150, 2), rel=1e-9)
    swapped = np.array([[0.0, 1.0], [1.0, 0.0]])  # equal means of seeds and of examples
    with pytest.warns(FewReplicatesWarning):
        interval = anova_interval(swapped)
    assert interval.low < 0.5 < interval.high


@pytest.mark.parametrize("n_seeds", [8, 40])
def test_the_interval_over_seeds_alone_is_t(n_seeds):
    seeds = np.random.default_rng(n_seeds).normal(size=(n_seeds, 1))
    values = np.tile(seeds, 50)  # examples that add nothing, and no residual
    interval, over_seeds = anova_interval(values), t_interval(seeds[:, 0])
    assert (interval.low, interval.high) == pytest.approx((over_seeds.low, over_seeds.high))


def exact_coverage(rule, n_seeds, n_examples, seed, example, n_nodes=60):
    """Coverage of nominal 95 % with normal components (residual variance one), by quadrature over the mean squares."""
    probabilities = (np.arange(n_nodes) + 0.5) / n_nodes
    dfs = n_seeds - 1, n_examples - 1, (n_seeds - 1) * (n_examples - 1)
    expected = 1 + n_examples * seed**2, 1 + n_seeds * example**2, 1.0
    variance = (expected[0] + expected[1] - expected[2]) / (n_seeds * n_examples)
    axes = [mean * chi2.ppf(probabilities, df) / df for mean, df in zip(expected, dfs, strict=True)]
    margins = [
        rule(MeanSquares(*squares, n_seeds, n_examples).parts).margin(0.95)
        for squares in product(axes[0], axes[1][::4], axes[2][::10])
    ]
    return float(np.mean(2 * ndtr(np.array(margins) / np.sqrt(variance)) - 1))


@pytest.mark.parametrize("n_seeds", [3, 5, 8])
@pytest.mark.parametrize("seed", [0.0, 0.1, 0.3, 3.0])
@pytest.mark.parametrize("example", [0.0, 0.5, 2.0])
def test_the_interval_covers(n_seeds, seed, example):
    assert 0.935 < exact_coverage(HarmonicT(), n_seeds, 50, seed, example) < 0.965


def test_satterthwaite_falls_short_at_three_seeds():
    assert exact_coverage(Satterthwaite(), 3, 50, 3.0, 3.0) < 0.93 < exact_coverage(HarmonicT(), 3, 50, 3.0, 3.0)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), shift=st.floats(-5, 5), factor=st.floats(0.1, 10))
def test_invariances(seed, shift, factor):
    rng = np.random.default_rng(seed)
    table = rng.normal(size=(6, 1)) + rng.normal(size=9) + rng.normal(size=(6, 9))
    plain = anova_interval(table)
    moved = anova_interval(shift + factor * table)
    ends = shift + factor * plain.low, shift + factor * plain.high
    assert (moved.low, moved.high) == pytest.approx(ends, abs=1e-9)
    shuffled = anova_interval(table[rng.permutation(6)][:, rng.permutation(9)])
    assert (shuffled.low, shuffled.high) == pytest.approx((plain.low, plain.high), abs=1e-12)
    swapped = anova_interval(table.T)  # the two factors play the same part
    assert (swapped.low, swapped.high) == pytest.approx((plain.low, plain.high), abs=1e-12)


def test_strata_are_averaged_and_data_sets_add_up():
    rng = np.random.default_rng(5)
    first = rng.normal(size=(3, 8, 40)) + rng.normal(size=(8, 1)) + rng.normal(size=40)
    second = rng.normal(size=(8, 25)) + rng.normal(size=(8, 1)) + rng.normal(size=25)
    averaged = anova_interval(first.mean(axis=0))
    assert anova_interval(first) == averaged
    # The definition, by hand: weights 3/4 and 1/4 of the strata.
    parts = []
    for weight, table in ((0.75, first.mean(axis=0)), (0.25, second)):
        squares = MeanSquares.of(table)
        scale = weight**2 / table.size
        assert min(squares.replicate, squares.item) > squares.residual  # no component below zero
        signed = [scale * squares.replicate, scale * squares.item, -scale * squares.residual]
        parts += zip(signed, squares.degrees_of_freedom, strict=True)
    variance = sum(each for each, _ in parts)
    df = variance**2 / sum(each**2 / own for each, own in parts)
    margin = np.sqrt(variance) * stdtrit(df, 0.975)
    centre = 0.75 * first.mean() + 0.25 * second.mean()
    interval = anova_interval((first, second), variance=Satterthwaite())
    assert (interval.low, interval.high) == pytest.approx((centre - margin, centre + margin))


@pytest.mark.parametrize(
    ("values", "error", "message"),
    [
        (np.zeros(5), InvalidInputError, r"must have shape \(\.\.\., n_replicates, n_items\); got \(5,\)"),
        (np.zeros((1, 5)), TooFewSamplesError, "number of replicates"),
        (np.zeros((5, 1)), TooFewSamplesError, "number of items"),
        (np.full((5, 6), 0.1), ConstantInputError, "values: must vary"),
        (np.full((5, 6), np.nan), NonFiniteError, "values: must be finite"),
    ],
)
def test_bad_input_is_refused_by_name(values, error, message):
    with pytest.raises(error, match=message):
        anova_interval(values)
