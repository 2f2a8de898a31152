"""The quasi-F test of an interaction: mean squares by projection, Student's t for two by two, invariances, errors."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from attnstats.comparison import (
    anova_interaction_test,
    anova_interval,
    interaction_sample_size_needed,
    sample_size_needed,
)
from attnstats.exceptions import ConstantInputError, InvalidInputError, NonFiniteError, TooFewSamplesError


def table(n_rows=3, n_columns=2, n_seeds=8, n_examples=12, *, seed=0, scale=1.0, interaction=0.0):
    rng = np.random.default_rng(seed)
    shape = (n_rows, n_columns)
    values = (
        rng.normal(size=(*shape, 1, n_examples))
        + rng.normal(size=(*shape, n_seeds, 1))
        + rng.normal(size=(*shape, n_seeds, n_examples))
    )
    values[0, 0] += interaction
    return scale * values


def mean_square(values, axes):
    """Mean square of the interaction of some axes of a table: centre along these, average over the others."""
    effect = values
    for axis in range(values.ndim):
        mean = effect.mean(axis=axis, keepdims=True)
        effect = effect - mean if axis in axes else mean * np.ones_like(effect)
    return (effect**2).sum() / np.prod([values.shape[axis] - 1 for axis in axes])


@pytest.mark.parametrize("shape", [(2, 2), (3, 2), (3, 4)])
def test_it_is_the_quasi_f_of_the_mean_squares(shape):
    """F = MS_AB/(MS_AB×seed + MS_AB×example − MS_AB×seed×example), Winer (1971)."""
    values = table(*shape, interaction=2.0)
    rows, columns, seeds, examples = range(4)
    error = (
        mean_square(values, (rows, columns, seeds))
        + mean_square(values, (rows, columns, examples))
        - mean_square(values, (rows, columns, seeds, examples))
    )
    assert anova_interaction_test(values).statistic == pytest.approx(mean_square(values, (rows, columns)) / error)


@pytest.mark.parametrize("shift", [0.5, 3.0, 1e4])
def test_two_by_two_is_students_t_of_the_one_contrast(shift):
    values = table(2, 2, interaction=shift)
    result = anova_interaction_test(values, confidence_level=0.9)
    contrast = (values[0, 0] - values[0, 1] - values[1, 0] + values[1, 1]) / 4
    interval = anova_interval(contrast, confidence_level=0.9)
    half = (interval.high - interval.low) / 2
    df = float(result.test.split()[-1].rstrip(")"))
    t = contrast.mean() / (half / stats.t.isf(0.05, df))
    assert result.statistic == pytest.approx(t**2, rel=0.02)  # the printed df have three digits
    assert result.pvalue == pytest.approx(2 * stats.t.sf(abs(t), df), rel=0.1)
    if shift > 1:
        found = result.interval(0.9)
        assert (found.low, found.high) == pytest.approx((interval.low, interval.high), abs=0.02 * half)


def test_the_interval_holds_sizes_that_multivariate_t_errors_do_not_exclude():
    """By 200,000 draws of its definition; the tail of 5 % is known to .0005, the degrees of freedom to three digits."""
    values = table(3, 3, interaction=3.0)
    result = anova_interaction_test(values, confidence_level=0.9)
    df1, df2 = (float(each.rstrip(")")) for each in (result.test.split()[-3], result.test.split()[-1]))
    unit = np.sqrt(((values.mean(axis=(2, 3)) - _additive(values)) ** 2).mean() / result.statistic)
    rng = np.random.default_rng(0)
    spread = np.sqrt(df2 / rng.chisquare(df2, 200_000))
    away, around = rng.normal(size=200_000), rng.chisquare(df1 - 1, 200_000)
    for end, tail in ((result.interval(0.9).low, 0.95), (result.interval(0.9).high, 0.05)):
        errors = np.sqrt(df1) * end / unit
        drawn = ((errors + spread * away) ** 2 + spread**2 * around) / df1
        assert (drawn <= result.statistic).mean() == pytest.approx(tail, abs=0.004)


def _additive(values):
    means = values.mean(axis=(2, 3))
    return means.mean(axis=0) + means.mean(axis=1, keepdims=True) - means.mean()


def test_spherical_contrasts_have_all_degrees_of_freedom_and_unequal_rows_fewer():
    large = [table(4, 3, 30, 60, seed=seed) for seed in range(20)]
    first = [float(anova_interaction_test(each).test.split()[-3]) for each in large]
    assert np.mean(first) == pytest.approx(6, abs=0.5)  # q = 3 × 2
    noise = np.array([4.0, 1.0, 1.0, 1.0])
    noisy = [each * noise[:, np.newaxis, np.newaxis, np.newaxis] for each in large]
    fewer = [float(anova_interaction_test(each).test.split()[-3]) for each in noisy]
    centre = np.eye(4) - 1 / 4
    covariance = centre @ np.diag(noise**2) @ centre  # of the rows; the two contrasts of columns are alike
    expected = 2 * np.trace(covariance) ** 2 / np.trace(covariance @ covariance)
    assert expected < 4
    assert np.mean(fewer) == pytest.approx(expected, abs=0.15)  # one table varies by 0.14


def test_data_sets_average_their_means_and_share_nothing():
    one, other = table(seed=1, interaction=3.0), table(seed=2, interaction=3.0, n_examples=20)
    both = anova_interaction_test((one, other))
    assert both.effect < max(anova_interaction_test(each).effect for each in (one, other))
    assert both.pvalue == anova_interaction_test((other, one)).pvalue
    apart = anova_interaction_test((one, -one))
    assert apart.statistic == pytest.approx(0, abs=1e-20)
    assert apart.effect == apart.confidence_interval.low == 0 < apart.confidence_interval.high
    assert apart.pvalue == pytest.approx(1)


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 999), factor=st.sampled_from([0.01, 3.0]))
def test_main_effects_order_and_unit_do_not_matter(seed, factor):
    values = table(3, 3, 8, 9, seed=seed, interaction=1.0)
    rng = np.random.default_rng(seed)
    moved = values.copy()
    for axis, n in enumerate(values.shape):
        moved = np.take(moved, rng.permutation(n), axis=axis)
        if axis < 2:
            moved = moved + rng.normal(size=np.where(np.arange(4) == axis, n, 1))
    moved = moved + rng.normal(size=(1, 1, 8, 9))  # what seeds and examples do in all conditions
    before, after = anova_interaction_test(values), anova_interaction_test(factor * moved)
    assert after.statistic == pytest.approx(before.statistic)
    assert after.pvalue == pytest.approx(before.pvalue)
    assert after.effect == pytest.approx(factor * before.effect, abs=1e-9)
    assert after.interval(0.9).high == pytest.approx(factor * before.interval(0.9).high)


def test_wider_levels_hold_narrower_intervals():
    result = anova_interaction_test(table(interaction=2.0))
    ends = [result.interval(level) for level in (0.8, 0.95, 0.999)]
    assert all(b.low <= a.low <= result.effect <= a.high <= b.high for a, b in itertools.pairwise(ends))


@pytest.mark.slow
@pytest.mark.parametrize("shape", [(2, 2), (3, 3)])
def test_that_many_seeds_give_the_wanted_power(shape):
    # The interaction and the spread of a pilot that knows both, then studies with the seeds that it asks for: of 400,
    # where the power is 0.8, 0.02 is one Monte Carlo error, and the noncentral F is an approximation.
    interaction = 2.0
    needed = interaction_sample_size_needed(table(*shape, 300, 400, interaction=interaction))
    few = interaction_sample_size_needed(table(*shape, 300, 20, interaction=interaction), power=0.1)
    assert few < needed
    rejected = [
        anova_interaction_test(
            table(*shape, needed, 400, seed=seed, interaction=interaction), minimum_replicates=needed
        ).pvalue
        <= 0.05
        for seed in range(400)
    ]
    assert np.mean(rejected) == pytest.approx(0.8, abs=0.08)


def test_where_examples_do_not_differ_the_seeds_needed_are_those_of_students_t():
    seeds = np.random.default_rng(3).normal(size=(2, 2, 8, 1)) * np.ones((2, 2, 8, 30))
    seeds[0, 0] += 4.0
    contrast = (seeds[0, 0] - seeds[0, 1] - seeds[1, 0] + seeds[1, 1])[:, 0]
    # The observed size is less what error makes of it: the t test is told the same.
    less = np.sqrt(contrast.mean() ** 2 - contrast.var(ddof=1) / 8) - contrast.mean()
    assert interaction_sample_size_needed(seeds) == sample_size_needed(contrast + less)


def test_no_number_of_seeds_shows_what_examples_hide():
    hidden = table(3, 2, 8, 5, seed=4, interaction=1.5)
    assert interaction_sample_size_needed(hidden) is None
    assert interaction_sample_size_needed(table(seed=5) - table(seed=5).mean(axis=(2, 3), keepdims=True)) is None


def test_what_is_no_table_is_refused():
    good = table()
    with pytest.raises(InvalidInputError, match=r"n_rows, n_columns, n_replicates, n_items.*got \(3, 2, 8\)"):
        anova_interaction_test(good[..., 0])
    with pytest.raises(
        InvalidInputError, match=r"one table of conditions for all; got \(3, 2, 8, 12\), \(2, 2, 8, 12\)"
    ):
        anova_interaction_test((good, good[:2]))
    with pytest.raises(TooFewSamplesError, match="number of rows: must be at least 2; got 1"):
        anova_interaction_test(good[:1])
    with pytest.raises(TooFewSamplesError, match="number of columns"):
        anova_interaction_test(good[:, :1])
    with pytest.raises(TooFewSamplesError, match="number of items"):
        anova_interaction_test(good[..., :1])
    with pytest.raises(TooFewSamplesError, match="number of replicates: must be at least 8; got 5"):
        anova_interaction_test(good[:, :, :5])
    with pytest.raises(ConstantInputError, match="varies over replicates or items"):
        anova_interaction_test(np.zeros((2, 2, 8, 5)) + np.arange(5))
    with pytest.raises(NonFiniteError, match="values"):
        anova_interaction_test(np.where(np.arange(12) == 3, np.nan, good))
    with pytest.raises(InvalidInputError, match="confidence_level"):
        anova_interaction_test(good, confidence_level=95)
