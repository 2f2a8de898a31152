import pickle
import time
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from attnstats.comparison import MaxT, MinP, adjust_pvalues, independent_family_test, paired_family_test
from attnstats.exceptions import (
    ConstantInputError,
    FewReplicatesWarning,
    InvalidInputError,
    NonFiniteError,
    TooFewSamplesError,
)

# R 4.2.2, multtest 2.54.0, all permutations (B=0); d below holds one column per hypothesis:
#   n <- nrow(d); X <- matrix(0, 4, 2*n); X[, seq(2, 2*n, 2)] <- t(d)
#   mt.maxT(X, rep(0:1, n), test="pairt", side="abs", B=0)      (mt.minP gives the same here)
#   mt.maxT(X, rep(0:1, n), test="pairt", side="upper", B=0)
#   mt.maxT(t(e), c(1,1,1,1,0,0,0,0,0,0), test="t.equalvar", side="abs", B=0); mt.minP(...)
PAIRED = np.array(
    [
        [3, 1, 4, 2, 5, 2, 1, 6, 3, -1],
        [1, -2, 3, 1, 4, 0, -1, 5, 2, 1],
        [2, -1, 0, 3, -2, 1, 4, -3, 1, 2],
        [0.5, 1, 1.5, -0.5, 2, 1, 0, 3, -1, 1],
    ]
).T
TWO_SAMPLES = PAIRED + np.repeat([[4, 3, 0, -1.5], [0, 0, 0, 0]], 5, axis=0)


def raw(family):
    return [result.pvalue for result in family.results]


@pytest.mark.parametrize("method", [MaxT(), MinP()])
def test_paired_reference(method):
    family = paired_family_test(PAIRED, method=method)
    assert raw(family) == [0.0078125, 0.1015625, 0.41015625, 0.06640625]
    assert family.pvalues_adjusted == (0.01953125, 0.18359375, 0.41015625, 0.1484375)
    assert "exact" in family.results[0].test


def test_one_sided_reference():
    family = paired_family_test(PAIRED, alternative="greater")
    assert raw(family) == [0.00390625, 0.05078125, 0.205078125, 0.033203125]
    assert family.pvalues_adjusted == (0.009765625, 0.09375, 0.205078125, 0.076171875)


@pytest.mark.parametrize(("method", "first"), [(MaxT(), 0.2904761905), (MinP(), 0.2428571429)])
def test_two_sample_reference(method, first):
    with pytest.warns(FewReplicatesWarning):
        family = independent_family_test(TWO_SAMPLES[:4], TWO_SAMPLES[4:], method=method, minimum_replicates=4)
    assert raw(family) == pytest.approx([0.14285714286, 0.48571428571, 0.78571428571, 0.07619047619], rel=1e-9)
    assert family.pvalues_adjusted == pytest.approx((first, 0.6619047619, 0.7857142857, 0.1952380952), rel=1e-9)
    assert family.results[0].n == 10


def test_max_t_by_the_definition():
    # Westfall and Young: the maximum over every set of hypotheses not yet rejected, of t itself
    d = np.random.default_rng(3).normal([0.8, 0.3, 0.0], 1, size=(8, 3))
    observed = np.abs(stats.ttest_1samp(d, 0).statistic)
    null = np.array(
        [np.abs(stats.ttest_1samp(d * np.array(signs)[:, None], 0).statistic) for signs in product([1, -1], repeat=8)]
    )
    order = np.argsort(-observed)
    expected, floor = np.empty(3), 0.0
    for place, index in enumerate(order):
        share = np.mean(null[:, order[place:]].max(axis=1) >= observed[index] - 1e-9)
        floor = expected[index] = max(floor, share)
    assert paired_family_test(d).pvalues_adjusted == pytest.approx(tuple(expected))


def test_the_statistic_grows_with_t():
    d = np.random.default_rng(0).normal(0.3, 1, size=(12, 5))
    z = np.array([result.statistic for result in paired_family_test(d).results])
    assert z * np.sqrt(11 / (12 - z**2)) == pytest.approx(stats.ttest_1samp(d, 0).statistic)
    a, b = d[:8], np.random.default_rng(1).normal(size=(9, 5))
    z = np.array([result.statistic for result in independent_family_test(a, b, rng=0).results])
    assert z * np.sqrt(15 / (16 - z**2)) == pytest.approx(stats.ttest_ind(a, b).statistic)


def test_a_family_of_one_is_the_sign_flip_test_with_the_t_interval():
    d = np.random.default_rng(0).normal(0.5, 1, size=(13, 1))
    family = paired_family_test(d)
    expected = stats.permutation_test((d[:, 0],), np.mean, permutation_type="samples", n_resamples=np.inf)
    assert family.pvalues_adjusted == (pytest.approx(expected.pvalue),)
    low, high = stats.t.interval(0.95, 12, loc=d.mean(), scale=stats.sem(d[:, 0]))
    interval = family.results[0].confidence_interval
    # the permutation quantile of |t| is near Student's: within a tenth of the length
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=0.1 * (high - low))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([MaxT(), MinP()]), st.sampled_from(["two-sided", "greater", "less"]))
def test_invariances(seed, method, alternative):
    rng = np.random.default_rng(seed)
    d = rng.normal(rng.normal(size=5), 1, size=(8, 5)).round(1) + 0.01
    d[:, 1] = d[:, 0] + 0.1 * d[:, 1]
    options = {"method": method, "alternative": alternative}
    family = paired_family_test(d, **options)
    adjusted = np.array(family.pvalues_adjusted)
    order = rng.permutation(5)
    assert paired_family_test(d[:, order], **options).pvalues_adjusted == tuple(adjusted[order])
    assert paired_family_test(d[::-1] * [1, 10, 100, 0.1, 7], **options).pvalues_adjusted == pytest.approx(adjusted)
    assert (adjusted >= raw(family)).all()
    z = [result.statistic for result in family.results]
    evidence = {"two-sided": np.abs(z), "greater": np.array(z), "less": -np.array(z)}[alternative]
    order = np.argsort(raw(family)) if isinstance(method, MinP) else np.argsort(-evidence)
    assert (np.diff(adjusted[order]) >= 0).all()
    assert adjusted.min() >= family.results[0].pvalue_floor
    opposite = {"two-sided": "two-sided", "greater": "less", "less": "greater"}[alternative]
    mirrored = paired_family_test(-d, method=method, alternative=opposite)
    assert mirrored.pvalues_adjusted == pytest.approx(adjusted)


def test_identical_hypotheses_cost_nothing():
    d = np.random.default_rng(0).normal(0.5, 1, size=(10, 1))
    alone, many = paired_family_test(d), paired_family_test(np.tile(d, 20))
    assert many.pvalues_adjusted == pytest.approx(alone.pvalues_adjusted * 20)
    assert many.results[0].confidence_interval.low == pytest.approx(alone.results[0].confidence_interval.low)
    assert adjust_pvalues(raw(many))[0] == pytest.approx(min(1, 20 * alone.pvalues_adjusted[0]))


def test_never_above_bonferroni():
    d = np.random.default_rng(0).normal(0.7, 1, size=(10, 6))
    family = paired_family_test(d, method=MinP())
    assert (np.array(family.pvalues_adjusted) <= adjust_pvalues(raw(family)) + 1e-12).all()


def test_the_random_null_is_seeded_and_near_the_exact_one():
    # 1,000 arrangements: standard error of a p of .41 is 0.016; four of them
    exact = paired_family_test(PAIRED)
    drawn = paired_family_test(PAIRED, n_resamples=1_000, rng=0)
    assert drawn == paired_family_test(PAIRED, n_resamples=1_000, rng=0)
    assert drawn.results[0].pvalue_floor == 2 / 1_024
    assert drawn.pvalues_adjusted == pytest.approx(exact.pvalues_adjusted, abs=0.064)
    assert paired_family_test(np.tile(PAIRED, (2, 1)), rng=0).results[0].pvalue_floor == 1e-4


def test_the_interval_is_simultaneous():
    # Coverage of all ten means at once, 400 families: standard error 0.011
    rng = np.random.default_rng(0)
    covered = 0
    for _ in range(400):
        d = rng.normal(size=(10, 1)) + rng.normal(size=(10, 10))
        family = paired_family_test(d, n_resamples=499, rng=rng)
        covered += all(0.0 in result.confidence_interval for result in family.results)
    assert covered / 400 == pytest.approx(0.95, abs=0.04)


def test_residuals_that_differ_in_sign_alone_have_no_finite_interval():
    signs = np.array([each for each in product([-1.0, 1.0], repeat=8) if sum(each) == 0]).T  # 70 patterns of 256 do it
    family = paired_family_test(signs + 0.5)
    assert family.results[0].confidence_interval.high == np.inf
    assert 0 < min(family.pvalues_adjusted) <= 1


def test_144_heads_are_fast():
    d = np.random.default_rng(0).normal(size=(20, 144))
    paired_family_test(d[:, :2], rng=0)
    start = time.perf_counter()
    paired_family_test(d, rng=0)
    assert time.perf_counter() - start < 2.0  # 0.15 s on an idle core


def test_blocks_do_not_change_the_numbers(monkeypatch):
    d = np.random.default_rng(0).normal(0.4, 1, size=(10, 7))
    whole = paired_family_test(d)
    monkeypatch.setattr("attnstats.comparison._batches.BATCH", 200)
    assert paired_family_test(d) == whole


def test_the_result_has_a_summary_and_can_be_pickled():
    family = paired_family_test(PAIRED, names=["a", "b", "c", "d"])
    assert family.rejected() == ("a",)
    assert family.rejected(0.16) == ("a", "d")
    assert family.summary().splitlines()[0].endswith("simultaneous, adjusted p = .020")
    assert repr(family) == "family of 4, smallest adjusted p = .020, n = 10 replicates, sign-flip max-T (exact)"
    assert pickle.loads(pickle.dumps(family)) == family


def test_bad_input_is_refused_by_name():
    d = np.random.default_rng(0).normal(size=(9, 3))
    with pytest.raises(TooFewSamplesError, match="number of replicates: must be at least 8; got 5"):
        paired_family_test(d[:5])
    with pytest.raises(TooFewSamplesError, match="number of hypotheses"):
        paired_family_test(d[:, :0])
    with pytest.raises(InvalidInputError, match="a: must have 2 dimension"):
        paired_family_test(d[:, 0])
    with pytest.raises(InvalidInputError, match="b: must be a number or have the shape of a"):
        paired_family_test(d, d[:, :2])
    with pytest.raises(InvalidInputError, match="b: must have the columns of a, 3; got 2"):
        independent_family_test(d, d[:, :2])
    with pytest.raises(InvalidInputError, match="names: must hold one for each of 3 hypotheses; got 2"):
        paired_family_test(d, names=["a", "b"])
    with pytest.raises(ConstantInputError, match="got the same throughout in '2'"):
        paired_family_test(d * [1, 0, 1] + 0.1)
    with pytest.raises(NonFiniteError, match="a: must be finite"):
        paired_family_test(np.where(d > 1, np.nan, d))
    with pytest.raises(InvalidInputError, match="alternative"):
        paired_family_test(d, alternative="both")


def test_a_result_beyond_floats_names_the_sample_of_the_largest_values():
    small, large = np.random.default_rng(0).normal(size=(2, 9, 2))
    with pytest.raises(InvalidInputError, match="b: must be of a size at which the result can be written"):
        independent_family_test(small, np.sign(large) * 1.7e308, rng=0)
