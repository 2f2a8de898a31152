import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import stdtr, stdtrit

from attnstats.comparison import GeneralizedPivot, Satterthwaite, anova_interval, t_interval
from attnstats.comparison.mean_squares import MeanSquares
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
    with pytest.warns(FewReplicatesWarning, match=r"got 4 \(take GeneralizedPivot\(\)\)"):
        interval = anova_interval(TABLE, error=Satterthwaite())
    margin = 0.3037092283 * stdtrit(7.629870744, 0.975)
    assert (interval.low, interval.high) == pytest.approx((3.429166667 - margin, 3.429166667 + margin), abs=2e-5)
    assert (interval.low, interval.high) == pytest.approx((2.72285388655, 4.13547944678), abs=2e-5)


def test_by_the_mean_squares_of_r():
    # R 4.2.2: anova(lm(y ~ s + e)) prints the mean squares 0.8348611111, 1.4314166667, 0.0525277778.
    squares, dfs = np.array([0.8348611111, 1.4314166667, 0.0525277778]), np.array([3, 5, 15])
    total = squares[0] + squares[1] - squares[2]
    df = total**2 / (squares**2 / dfs).sum()
    with pytest.warns(FewReplicatesWarning):
        interval = anova_interval(TABLE, error=Satterthwaite(), confidence_level=0.9)
    half = stdtrit(df, 0.95) * np.sqrt(total / 24)
    assert (interval.high - interval.low) / 2 == pytest.approx(half, rel=1e-9)
    assert interval.level == 0.9


def test_components_below_zero_count_as_zero():
    # Rows that are shifts of one another along the examples: seed means are equal, so MS_seed = 0 < MS_residual.
    wave = np.array([0.0, 1.0, 3.0, -1.0, 2.0, 5.0])
    level = np.array([np.roll(wave, shift) for shift in range(6)])
    residual = level - level.mean(axis=1, keepdims=True) - level.mean(axis=0) + level.mean()
    square = (residual**2).sum() / 25
    interval = anova_interval(level, error=Satterthwaite())
    half = stdtrit(25, 0.975) * np.sqrt(square / 36)  # both factors are without effect: residual alone
    assert (interval.high - interval.low) / 2 == pytest.approx(half)
    # With strong seeds and no examples, it is the t interval over seeds.
    seeds = level + 10 * np.arange(6.0)[:, np.newaxis]
    with pytest.warns(FewReplicatesWarning):
        over_seeds = t_interval(seeds.mean(axis=1), minimum_seeds=6)
    interval = anova_interval(seeds, error=Satterthwaite())
    assert (interval.low, interval.high) == pytest.approx((over_seeds.low, over_seeds.high))


def drawn_margin(tables, weights, level, n_draws=400_000):
    """Quantile of the pivot by its definition, with random numbers."""
    rng = np.random.default_rng(0)
    variance = np.zeros(n_draws)
    for table, weight in zip(tables, weights, strict=True):
        df = np.array(table.degrees_of_freedom)
        seed, example, residual = np.array([[table.seed], [table.example], [table.residual]]) * (
            df[:, np.newaxis] / rng.chisquare(df, size=(n_draws, 3)).T
        )
        size = table.n_seeds * table.n_examples
        variance += weight**2 * np.maximum(seed + example - residual, residual / 2) / size
    return np.quantile(np.abs(rng.normal(size=n_draws)) * np.sqrt(variance), level)


@pytest.mark.parametrize(
    "tables",
    [
        [MeanSquares(4.0, 9.0, 1.0, 8, 50)],
        [MeanSquares(2.0, 3.0, 1.0, 3, 200)],
        [MeanSquares(0.3, 0.8, 1.0, 5, 10)],  # both estimates below zero
        [MeanSquares(4.0, 9.0, 1.0, 8, 50), MeanSquares(1.0, 2.0, 1.0, 5, 20), MeanSquares(30.0, 2.0, 1.0, 3, 50)],
    ],
    ids=["8 seeds", "3 seeds", "no effects", "three data sets"],
)
@pytest.mark.parametrize("level", [0.5, 0.9, 0.95])
def test_the_generalized_pivot_is_its_definition(tables, level):
    weights = np.full(len(tables), 1 / len(tables))
    margin = GeneralizedPivot().margin(tables, weights, level)
    # The density of |T| at these quantiles is above .1/margin: four standard errors of the drawn quantile are 1.4 %.
    assert margin == pytest.approx(drawn_margin(tables, weights, level), rel=0.014)
    assert 2 * GeneralizedPivot().tail(tables, weights, margin) == pytest.approx(1 - level, rel=1e-9)


@pytest.mark.parametrize("n_seeds", [2, 3, 8, 40])
def test_the_generalized_pivot_of_seeds_alone_is_t(n_seeds):
    tables, error = [MeanSquares(1.0, 1e-14, 1e-14, n_seeds, 25)], 1 / np.sqrt(25 * n_seeds)
    margin = GeneralizedPivot().margin(tables, np.ones(1), 0.95)
    assert margin == pytest.approx(error * stdtrit(n_seeds - 1, 0.975), rel=1e-5)
    tail = GeneralizedPivot().tail(tables, np.ones(1), 12 * error)
    assert tail == pytest.approx(stdtr(n_seeds - 1, -12), rel=1e-5)  # far out, too


def test_the_generalized_pivot_needs_no_warning_and_no_noise():
    with_two = anova_interval(TABLE[:2])
    assert with_two.low < TABLE[:2].mean() < with_two.high
    additive = np.arange(4.0)[:, np.newaxis] + np.arange(6.0)  # no residual at all
    assert np.isfinite([anova_interval(additive).low, anova_interval(additive).high]).all()


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
        assert min(squares.seed, squares.example) > squares.residual  # no component below zero
        signed = [scale * squares.seed, scale * squares.example, -scale * squares.residual]
        parts += zip(signed, squares.degrees_of_freedom, strict=True)
    variance = sum(each for each, _ in parts)
    df = variance**2 / sum(each**2 / own for each, own in parts)
    margin = np.sqrt(variance) * stdtrit(df, 0.975)
    centre = 0.75 * first.mean() + 0.25 * second.mean()
    interval = anova_interval((first, second), error=Satterthwaite())
    assert (interval.low, interval.high) == pytest.approx((centre - margin, centre + margin))


@pytest.mark.parametrize(
    ("values", "error", "message"),
    [
        (np.zeros(5), InvalidInputError, r"must have shape \(\.\.\., n_seeds, n_examples\); got \(5,\)"),
        (np.zeros((1, 5)), TooFewSamplesError, "number of seeds"),
        (np.zeros((5, 1)), TooFewSamplesError, "number of examples"),
        (np.full((5, 6), 0.1), ConstantInputError, "values: must vary"),
        (np.full((5, 6), np.nan), NonFiniteError, "values: must be finite"),
    ],
)
def test_bad_input_is_refused_by_name(values, error, message):
    with pytest.raises(error, match=message):
        anova_interval(values)
