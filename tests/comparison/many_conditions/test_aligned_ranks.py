from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from attnstats.comparison import aligned_ranks_test
from attnstats.exceptions import ConstantInputError, InvalidInputError, NonFiniteError, TooFewSamplesError


def garcia(values):
    """Return the statistic as García et al. (2010), equation 2, write it, for values without ties."""
    k, n = values.shape
    ranks = stats.rankdata(values - values.mean(axis=0)).reshape(k, n)
    by_condition, by_block = ranks.sum(axis=1), ranks.sum(axis=0)
    above = (k - 1) * ((by_condition**2).sum() - k * n**2 / 4 * (k * n + 1) ** 2)
    return above / (k * n * (k * n + 1) * (2 * k * n + 1) / 6 - (by_block**2).sum() / k)


@pytest.mark.parametrize("shape", [(3, 4), (4, 12), (2, 9)])
def test_statistic_is_that_of_the_paper(shape):
    values = np.random.default_rng(0).normal(size=shape)
    result = aligned_ranks_test(values, n_resamples=99, rng=0)
    assert result.statistic == pytest.approx(garcia(values), rel=1e-12)


@pytest.mark.parametrize("n", [5, 10])
def test_two_conditions_are_the_signed_rank_test(n):
    a, b = np.random.default_rng(n).normal([[0.8], [0.0]], size=(2, n))
    result = aligned_ranks_test([a, b])
    assert result.pvalue == pytest.approx(stats.wilcoxon(a - b, method="exact").pvalue, rel=1e-12)
    assert result.pvalue_floor == pytest.approx(2 / 2**n)


def test_exact_equals_the_full_enumeration():
    values = np.random.default_rng(2).integers(0, 4, size=(3, 4)).astype(float)
    ranks = stats.rankdata(np.round(values - values.mean(axis=0), 9)).reshape(3, 4)
    null = [sum(sum(order) ** 2 for order in zip(*blocks, strict=True)) for blocks in
            product(*(list(permutations(column)) for column in ranks.T))]  # fmt: skip
    observed = (ranks.sum(axis=1) ** 2).sum()
    result = aligned_ranks_test(values)
    assert result.pvalue == pytest.approx(np.mean(np.array(null) >= observed - 1e-9), rel=1e-12)
    assert "exact" in result.test
    drawn = aligned_ranks_test(values, n_resamples=215, rng=0)  # 6^3 = 216 arrangements: one more than allowed
    assert "exact" in drawn.test
    drawn = aligned_ranks_test(values, n_resamples=214, rng=0)
    assert "214 resamples" in drawn.test
    assert drawn.pvalue_floor == 1 / 215


def test_random_permutations_approach_the_enumeration():
    values = np.random.default_rng(5).normal(size=(3, 6)) + np.array([[0.0], [0.3], [0.9]])
    exact = aligned_ranks_test(values).pvalue
    drawn = aligned_ranks_test(values, n_resamples=5_000, rng=1)
    assert "5000 resamples" in drawn.test
    assert drawn.pvalue == pytest.approx(exact, abs=4 * np.sqrt(exact * (1 - exact) / 5_000))  # four binomial errors
    assert drawn == aligned_ranks_test(values, n_resamples=5_000, rng=1)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_block_effects_scale_and_labels_do_not_matter(seed):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(3, 5))
    plain = aligned_ranks_test(values)
    for other in (values + 10 * rng.normal(size=5), 7 * values, -values, values[rng.permutation(3)]):
        result = aligned_ranks_test(other)
        assert result.statistic == pytest.approx(plain.statistic)
        assert result.pvalue == pytest.approx(plain.pvalue)


def test_ties_survive_the_alignment():
    # Means of 0.1, 0.2, ... round differently from block to block; a tie must stay one.
    values = np.array([[0.1, 0.2, 0.3, 0.7], [0.2, 0.3, 0.4, 0.8], [0.3, 0.4, 0.5, 0.9]])
    assert aligned_ranks_test(values).statistic == pytest.approx(8)
    assert aligned_ranks_test(values).effect == pytest.approx(1)


@pytest.mark.parametrize(
    ("values", "error", "message"),
    [
        (np.ones((3, 4)) * np.arange(4), ConstantInputError, "values: must differ"),
        ([[1.0, 2.0]], TooFewSamplesError, "number of conditions"),
        ([[1.0], [2.0]], TooFewSamplesError, "number of blocks"),
        ([[1.0, np.nan], [2.0, 1.0]], NonFiniteError, "values"),
        (np.zeros(3), InvalidInputError, "dimension"),
    ],
)
def test_bad_input_is_refused_by_name(values, error, message):
    with pytest.raises(error, match=message):
        aligned_ranks_test(values)


@pytest.mark.parametrize("offset", [0.0, 100.0, 1e6, 1e10])
def test_ties_are_those_of_the_decimal_numbers_wherever_zero_is(offset):
    # Two conditions a tenth apart in every block: the aligned values are ±.05 throughout, which no float holds exactly.
    values = offset + np.array([[0.1, 5.2, 0.7, 9.3, 2.5], [0.2, 5.3, 0.8, 9.4, 2.6]])
    result = aligned_ranks_test(values)
    assert result.effect == pytest.approx(1.0)  # every block ranks alike: Q/(n (k - 1)) is 1
    assert result.pvalue == pytest.approx(2 / 2**5)


def test_an_offset_ties_no_values_that_differ_by_more_than_rounding():
    values = np.random.default_rng(0).normal(size=(4, 200))
    expected = aligned_ranks_test(values, rng=0)
    assert aligned_ranks_test(values + 1e9, rng=0).statistic == pytest.approx(expected.statistic, rel=1e-3)
