from itertools import product

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from attnstats.exceptions import InvalidInputError, NonFiniteError, TooFewSamplesError
from attnstats.resampling import sign_flip_test
from attnstats.resampling.permutation.sign_flip import flipped_sums

ALTERNATIVES = ("two-sided", "less", "greater")


def enumerate_by_definition(differences, strata, alternative):
    """All sign patterns, each scored as the mean of stratum means, in plain Python."""

    def score(values):
        names = sorted(set(strata))
        return sum(np.mean([v for v, s in zip(values, strata, strict=True) if s == name]) for name in names) / len(
            names
        )

    observed = score(differences)
    null = [
        score([s * d for s, d in zip(signs, differences, strict=True)])
        for signs in product((1, -1), repeat=len(strata))
    ]
    above = np.mean([value >= observed - 1e-9 for value in null])
    below = np.mean([value <= observed + 1e-9 for value in null])
    return {"greater": above, "less": below, "two-sided": min(1, 2 * min(above, below))}[alternative]


@pytest.mark.parametrize("alternative", ALTERNATIVES)
@pytest.mark.parametrize("strata", [["a"] * 9, list("aabbbbccc")])
def test_exact_test_equals_enumeration(alternative, strata):
    differences = np.round(np.random.default_rng(1).normal(0.4, 1, size=9), 1)  # rounded, so that sums tie
    ours = sign_flip_test(differences, strata=strata, alternative=alternative)
    assert ours.pvalue == pytest.approx(enumerate_by_definition(differences, strata, alternative), abs=1e-12)
    assert ours.test == "sign-flip permutation (exact)"


@pytest.mark.parametrize("alternative", ALTERNATIVES)
def test_exact_test_equals_scipy(alternative):
    differences = np.random.default_rng(2).normal(0.5, 1, size=10)
    theirs = scipy.stats.permutation_test(
        (differences,), np.mean, permutation_type="samples", alternative=alternative, n_resamples=np.inf
    )
    assert sign_flip_test(differences, alternative=alternative).pvalue == pytest.approx(theirs.pvalue, abs=1e-12)


def test_random_signs_approach_the_enumeration():
    differences = np.random.default_rng(5).normal(0.3, 1, size=14)
    exact = sign_flip_test(differences, alternative="greater", n_resamples=2**14)
    drawn = sign_flip_test(differences, alternative="greater", n_resamples=10_000, rng=0)
    assert exact.test.endswith("(exact)")
    assert drawn.test.endswith("(10000 resamples)")
    # binomial error of 10,000 draws at most 0.005; four of them
    assert drawn.pvalue == pytest.approx(exact.pvalue, abs=0.02)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(-100, 100), min_size=1, max_size=40), st.integers(0, 10**6))
def test_tabulated_sums_equal_the_definition(shares, seed):
    patterns = np.random.default_rng(seed).integers(0, 256, size=(20, -(-len(shares) // 8)), dtype=np.uint8)
    bits = np.unpackbits(patterns, axis=1, bitorder="little")[:, : len(shares)]
    expected = (1.0 - 2.0 * bits) @ np.array(shares)
    assert flipped_sums(np.array(shares), patterns) == pytest.approx(expected, abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(-10, 10), min_size=2, max_size=10), st.floats(0.01, 100))
def test_invariances(differences, factor):
    values = np.round(differences, 3)
    greater = sign_flip_test(values, alternative="greater").pvalue
    assert greater == sign_flip_test(-values, alternative="less").pvalue
    assert greater == sign_flip_test(values[::-1], alternative="greater").pvalue
    assert greater == sign_flip_test(factor * values, alternative="greater").pvalue
    two_sided = sign_flip_test(values)
    assert two_sided.pvalue == sign_flip_test(-values).pvalue
    assert two_sided.pvalue >= two_sided.pvalue_floor
    assert greater >= sign_flip_test(values, alternative="greater").pvalue_floor


def test_floor_is_attained_when_all_signs_agree():
    for n in (5, 8, 16):
        result = sign_flip_test(np.linspace(1, 2, n))
        assert result.pvalue == result.pvalue_floor == 2 / 2**n
    result = sign_flip_test(np.linspace(1, 2, 40), n_resamples=999, rng=0)
    assert result.pvalue == result.pvalue_floor == 2 / 1000


def test_zeros_raise_the_floor():
    result = sign_flip_test([0.0, 0.0, 1.0, 2.0, 3.0], alternative="greater")
    assert result.pvalue == result.pvalue_floor == 1 / 8
    assert sign_flip_test([0.0, 0.0, 0.0]).pvalue == 1.0
    mostly_zero = sign_flip_test([0.0] * 20 + [1.0, 2.0], alternative="greater", n_resamples=999, rng=0)
    assert mostly_zero.pvalue_floor == 1 / 4


def test_strata_weigh_the_same():
    result = sign_flip_test([1.0, 1.0, 1.0, 1.0, 3.0], strata=list("aaaab"))
    assert result.effect == pytest.approx(2.0)


def test_seed_decides_the_numbers():
    differences = np.random.default_rng(0).normal(0.1, 1, size=30)
    first = sign_flip_test(differences, rng=3)
    assert first == sign_flip_test(differences, rng=3)
    assert first.pvalue != sign_flip_test(differences, rng=4).pvalue


@pytest.mark.parametrize(
    ("differences", "options", "error", "message"),
    [
        ([1.0], {}, TooFewSamplesError, "number of differences"),
        ([1.0, np.nan], {}, NonFiniteError, "differences: must be finite"),
        ([[1.0, 2.0]], {}, InvalidInputError, "dimension"),
        ([1.0, 2.0], {"strata": ["a"]}, InvalidInputError, "same length"),
        ([1.0, 2.0], {"alternative": "up"}, InvalidInputError, "alternative"),
        ([1.0, 2.0], {"n_resamples": 0}, InvalidInputError, "n_resamples"),
    ],
)
def test_bad_input_is_refused_by_name(differences, options, error, message):
    with pytest.raises(error, match=message):
        sign_flip_test(differences, **options)


def test_a_pvalue_of_some_flips_is_never_below_the_smallest_of_all():
    # One difference that is not zero: its two signs give sums of one size, so the exact p-value is 1. A sample of
    # 19 flips alone may say 2 (1 + 7) / 20 = .8.
    result = sign_flip_test([3.0, 0.0, 0.0, 0.0, 0.0], n_resamples=19, rng=0)
    assert result.pvalue == result.pvalue_floor == 1.0
    assert sign_flip_test([3.0, 0.0, 0.0, 0.0, 0.0]).pvalue == 1.0
