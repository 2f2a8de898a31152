import numpy as np
import pytest
from scipy import stats

from attnstats.comparison import PairedG, equivalence_test, estimate_effect, hedges_g, paired_test, t_interval
from attnstats.exceptions import ConstantInputError, FewReplicatesWarning, InvalidInputError, TooFewSamplesError


@pytest.fixture
def conditions():
    rng = np.random.default_rng(0)
    b = rng.normal(size=10)
    return b + rng.normal(0.5, 1, size=10), b


@pytest.mark.parametrize("alternative", ["two-sided", "less", "greater"])
def test_pvalue_is_scipys_sign_flip_and_interval_its_paired_t(conditions, alternative):
    a, b = conditions
    result = paired_test(a, b, alternative=alternative)
    flips = stats.permutation_test(
        (a - b,), np.mean, permutation_type="samples", alternative=alternative, n_resamples=np.inf
    )
    expected = stats.ttest_rel(a, b).confidence_interval(0.95)
    assert result.pvalue == pytest.approx(flips.pvalue, abs=1e-12)
    assert (result.confidence_interval.low, result.confidence_interval.high) == pytest.approx(
        (expected.low, expected.high), rel=1e-12
    )
    assert result.effect == pytest.approx(np.mean(a - b))
    assert (result.n, result.replication_unit, result.alternative) == (10, "replicate", alternative)
    assert result.pvalue_floor == (2 if alternative == "two-sided" else 1) / 2**10


def test_interval_at_another_level(conditions):
    a, b = conditions
    expected = stats.ttest_rel(a, b).confidence_interval(0.8)
    assert paired_test(a, b).interval(0.8).low == pytest.approx(expected.low)


def test_strata_weigh_the_same_in_effect_test_and_interval():
    rng = np.random.default_rng(3)
    differences = np.concatenate([rng.normal(1, 1, 8), rng.normal(0, 1, 9)])
    strata = ["x"] * 8 + ["y"] * 9
    result = paired_test(differences, strata=strata, n_resamples=2**17)
    assert result.effect == pytest.approx((differences[:8].mean() + differences[8:].mean()) / 2)
    assert result.test == "sign-flip permutation (exact)"
    assert result.confidence_interval == t_interval(differences, strata=strata)


def test_a_number_is_compared_with_every_seed(conditions):
    a, _ = conditions
    shifted, plain = paired_test(a, 0.25), paired_test(a - 0.25)
    assert (shifted.pvalue, shifted.effect) == (plain.pvalue, plain.effect)


def test_too_few_or_constant_or_mismatched_are_refused():
    with pytest.raises(TooFewSamplesError, match="number of replicates"):
        paired_test(np.arange(7.0))
    with pytest.warns(FewReplicatesWarning):
        paired_test(np.arange(5.0), minimum_replicates=5)
    with pytest.raises(ConstantInputError, match="must vary"):
        paired_test(np.arange(8.0), np.arange(8.0))
    with pytest.raises(InvalidInputError, match="b: must be a number or have the shape of a"):
        paired_test(np.arange(8.0), np.arange(9.0))


@pytest.mark.parametrize(
    ("call", "remedy"),
    [
        (paired_test, r"take permutation_test of attnstats\.resampling with kind=Independent\(\)"),
        (lambda a, b: equivalence_test(a, b, margin=1), "pass paired=False"),
        (hedges_g, r"take hedges_g_independent or IndependentG\(\)"),
        (lambda a, b: estimate_effect(a, b, PairedG()), r"take hedges_g_independent or IndependentG\(\)"),
    ],
)
def test_independent_groups_are_sent_to_what_takes_them(conditions, call, remedy):
    a, b = conditions
    with pytest.raises(InvalidInputError, match=rf"got \(6,\) \(for independent groups {remedy}\)"):
        call(a, b[:6])
