import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from attnstats.comparison import best_test, compare_with_best, paired_test
from attnstats.comparison.many_conditions._simultaneous import pairwise_differences
from attnstats.exceptions import (
    ConstantInputError,
    FewReplicatesWarning,
    InvalidInputError,
    NonFiniteError,
    TooFewSamplesError,
)

WITH_FIRST = np.array([[False, True, True], [False] * 3, [False] * 3])


def test_differences_and_errors_are_those_of_paired_t():
    values = np.random.default_rng(0).normal(size=(4, 9)) + np.arange(4)[:, None]
    pairs = pairwise_differences(values, minimum_replicates=8)
    for i, j in ((0, 1), (3, 1), (2, 0)):
        paired = stats.ttest_rel(values[i], values[j])
        assert pairs.differences[i, j] / pairs.errors[i, j] == pytest.approx(paired.statistic)
        assert pairs.unit.restore(pairs.differences[i, j]) == pytest.approx((values[i] - values[j]).mean())


def test_blocks_weigh_the_same_and_their_variances_add():
    values = np.random.default_rng(0).normal(size=(3, 2, 8)) * np.array([1.0, 2.0, 5.0])[:, None, None]
    pairs = pairwise_differences(values, minimum_replicates=8)
    gaps = values[:, 0] - values[:, 1]
    assert pairs.unit.restore(pairs.differences[0, 1]) == pytest.approx(gaps.mean())
    assert pairs.unit.restore(pairs.errors[0, 1]) == pytest.approx(np.sqrt((gaps.var(axis=1, ddof=1) / 8).sum()) / 3)


@pytest.mark.parametrize(("k", "expected"), [(2, 1.645), (3, 1.916399), (4, 2.062128), (6, 2.234086)])
def test_critical_value_of_many_seeds_is_dunnetts(k, expected):
    # R 4.2.2, mvtnorm 1.1-3: qmvnorm(.95, corr = diag(.5, m) + .5, tail = "lower.tail")$quantile for m = k - 1
    pairs = pairwise_differences(np.random.default_rng(0).normal(size=(k, 400)), minimum_replicates=8)
    which = np.zeros((k, k), dtype=bool)
    which[0, 1:] = True
    found = pairs.critical_value(which, 0.95, 4_000, np.random.default_rng(1))
    # 400 seeds instead of infinity add .01; the error of the quantile is sqrt(.95 * .05 / 4000)/density = .03: three
    assert found == pytest.approx(expected + 0.01, abs=0.1)


def test_critical_value_of_all_pairs_is_tukeys():
    # R 4.2.2: qtukey(.95, 4, Inf) / sqrt(2) = 3.633160 / sqrt(2); for 400 seeds .01 more, three errors of .03
    pairs = pairwise_differences(np.random.default_rng(0).normal(size=(4, 400)), minimum_replicates=8)
    found = pairs.critical_value(~np.eye(4, dtype=bool), 0.95, 4_000, np.random.default_rng(1))
    assert found == pytest.approx(3.633160 / np.sqrt(2) + 0.01, abs=0.1)


def test_critical_value_of_two_conditions_is_students():
    pairs = pairwise_differences(np.random.default_rng(0).normal(size=(2, 8)), minimum_replicates=8)
    which = np.array([[False, True], [False, False]])
    found = pairs.critical_value(which, 0.95, 40_000, np.random.default_rng(1))
    assert found == pytest.approx(stats.t.ppf(0.95, 7), abs=0.05)  # three errors of sqrt(.95 * .05 / 40000)/.07
    found = pairs.critical_value_against_one(0.95, 40_000, np.random.default_rng(1))
    assert found == pytest.approx(stats.t.ppf(0.95, 7), abs=0.05)


@pytest.mark.filterwarnings("ignore::attnstats.exceptions.FewReplicatesWarning")
@pytest.mark.parametrize(("k", "n", "n_blocks"), [(3, 2, 1), (4, 3, 1), (5, 4, 2), (4, 9, 3)])
def test_critical_values_are_those_of_drawn_replicates(k, n, n_blocks):
    rng = np.random.default_rng(0)
    pairs = pairwise_differences(rng.normal(size=(n_blocks, k, n)), minimum_replicates=2)
    drawn = rng.normal(size=(20_000, n_blocks, k, n))
    gaps = drawn[:, :, :, np.newaxis] - drawn[:, :, np.newaxis]
    errors = np.sqrt(gaps.var(axis=-1, ddof=1).sum(axis=1) / n)
    t = np.divide(gaps.mean(axis=-1).sum(axis=1), errors, out=np.zeros_like(errors), where=errors > 0)
    one, every = np.zeros((k, k), dtype=bool), ~np.eye(k, dtype=bool)
    one[0, 1:] = True
    # The share of drawn tables above a level's value is one less it: .05, give or take four errors of both simulations.
    for which, value in (
        (one, pairs.critical_value(one, 0.95, 20_000, rng)),
        (one, pairs.critical_value_against_one(0.95, 20_000, rng)),
        (every, pairs.critical_value(every, 0.95, 20_000, rng)),
    ):
        above = np.where(which, t, -np.inf).max(axis=(1, 2)) > value
        assert above.mean() == pytest.approx(0.05, abs=4 * np.sqrt(2 * 0.05 * 0.95 / 20_000))


def test_intervals_are_hsus():
    values = np.random.default_rng(4).normal([[1.0], [0.9], [0.3], [-2]], 0.3, size=(4, 8))
    result = compare_with_best(values, rng=0)
    pairs = pairwise_differences(values, minimum_replicates=8)
    d = pairs.critical_value_against_one(0.95, 19_999, np.random.default_rng(0))
    means = values.mean(axis=1)

    def shifted(i, j, sign):
        return means[i] - means[j] + sign * d * (values[i] - values[j]).std(ddof=1) / np.sqrt(8)

    highs = [max(0, min(shifted(i, j, 1) for j in range(4) if j != i)) for i in range(4)]
    among = [i for i in range(4) if highs[i] > 0]
    assert result.candidates == tuple(among) == (0, 1)
    for i, interval in enumerate(result.intervals):
        low = 0 if among == [i] else min(shifted(i, j, -1) for j in among if j != i)
        assert (interval.low, interval.high) == pytest.approx((low, highs[i]))
        assert result.leads[i] == pytest.approx(means[i] - np.delete(means, i).max())


def test_a_clear_winner():
    values = np.random.default_rng(4).normal([[0.0], [5.0], [0.5]], 0.3, size=(3, 8))
    result = compare_with_best(values, rng=0)
    assert result.candidates == (1,)
    assert result.intervals[1].low == 0 < result.leads[1] < result.intervals[1].high
    assert all(result.intervals[i].high == 0 for i in (0, 2))
    assert result.summary().startswith("best: condition 1 of 0 to 2, ahead by 4.")
    assert "\n" not in repr(result)
    assert result.names is None


def test_conditions_are_called_by_their_names():
    values = np.random.default_rng(4).normal([[0.0], [5.0], [0.5]], 0.3, size=(3, 8))
    clear = compare_with_best(values, names=["a", "b", "c"], rng=0)
    assert clear.summary().startswith("best: b, ahead by 4.")
    close = compare_with_best(values[::2], names=["layer 0, head 1", 7], rng=0)
    assert close.names == ("layer 0, head 1", "7")
    wide = compare_with_best(np.vstack([values, values[1] + np.linspace(-1, 1, 8)]), names=[*"abcd"], rng=0)
    assert wide.candidates == (1, 3)
    assert wide.summary().startswith("may be best: 2 of 4: b; d (95 % simultaneous), n = 8 replicates")


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.1, 10), st.floats(-5, 5))
def test_equivariance(seed, factor, shift):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(3, 8)) + rng.normal(size=(3, 1))
    order = rng.permutation(3)
    plain = compare_with_best(values, n_resamples=1_000, rng=1)
    moved = compare_with_best((factor * values + shift + rng.normal(size=8))[order], n_resamples=1_000, rng=1)
    for new, old in enumerate(order):  # what a seed adds to all its values does not matter
        assert moved.leads[new] == pytest.approx(factor * plain.leads[old])
        assert moved.intervals[new].low == pytest.approx(factor * plain.intervals[old].low)
        assert moved.intervals[new].high == pytest.approx(factor * plain.intervals[old].high)


@pytest.mark.parametrize("scale", [1e-14, 1.0, 1e14])
def test_a_constant_difference_is_seen_beside_a_large_common_variation(scale):
    values = np.random.default_rng(0).normal(size=(3, 8))
    values[2] = values[0] + 0.1  # with rounding, not exactly constant
    with pytest.raises(ConstantInputError, match="conditions 0 and 2"):
        compare_with_best(scale * values)
    compare_with_best(scale * values[:2], n_resamples=1_000, rng=0)


def test_few_seeds_warn_or_are_refused():
    values = np.random.default_rng(0).normal(size=(3, 5))
    with pytest.raises(TooFewSamplesError, match="number of replicates: must be at least 8; got 5"):
        compare_with_best(values)
    with pytest.warns(FewReplicatesWarning):
        compare_with_best(values, minimum_replicates=5, rng=0)


@pytest.mark.parametrize(
    ("values", "options", "error", "message"),
    [
        (np.zeros(8), {}, InvalidInputError, "values: must have shape"),
        (np.zeros((0, 8)), {}, InvalidInputError, "values: must have shape"),
        (np.arange(8.0)[None], {}, TooFewSamplesError, "number of conditions: must be at least 2; got 1"),
        (np.full((2, 8), np.nan), {}, NonFiniteError, "values: must be finite"),
        (
            np.stack([np.arange(8.0), np.arange(1.0, 9.0)]),
            {},
            ConstantInputError,
            "the same difference between conditions 0 and 1",
        ),
        (
            np.stack([np.arange(8.0), np.arange(1.0, 9.0)]),
            {"names": ["layer 0, head 1", "layer 0, head 2"]},
            ConstantInputError,
            "the same difference between 'layer 0, head 1' and 'layer 0, head 2' for each",
        ),
        (np.eye(8), {"names": ["a"]}, InvalidInputError, "names: must hold one for each of 8 conditions; got 1"),
        (np.eye(8), {"names": "abcdefgh"}, InvalidInputError, "names: must be a sequence of names; got 'abcdefgh'"),
        (np.eye(8), {"confidence_level": 1}, InvalidInputError, "confidence_level"),
        (np.eye(8), {"n_resamples": 10}, InvalidInputError, "n_resamples: must be an integer of at least 1000"),
    ],
)
def test_bad_input_is_refused_by_name(values, options, error, message):
    with pytest.raises(error, match=message):
        compare_with_best(values, **options)


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


@pytest.mark.parametrize("target", [2, -1, 0.0, True])
def test_best_refuses_a_target_that_is_not_there(target):
    with pytest.raises(InvalidInputError, match="target"):
        best_test(np.random.default_rng(0).normal(size=(2, 8)), target)


def test_best_refuses_too_few():
    with pytest.raises(TooFewSamplesError, match="number of conditions"):
        best_test(np.random.default_rng(0).normal(size=(1, 8)), 0)
    with pytest.raises(TooFewSamplesError, match="number of replicates"):
        best_test(np.random.default_rng(0).normal(size=(3, 7)), 0)
