"""Incomplete pairs, values, rows and studies are left out of comparisons where that is asked for."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from attnstats import comparison
from attnstats.comparison import CliffsDelta, IndependentG, PairedG
from attnstats.exceptions import InvalidInputError, NonFiniteError, TooFewSamplesError
from attnstats.missing import CompleteCases

RNG = np.random.default_rng(7)
A, B = RNG.normal(0.4, 1, size=12), RNG.normal(size=12)
GAP = np.array([0, 4])


def with_gaps(values, rows=GAP):
    holed = np.array(values, dtype=float)
    holed[rows] = np.nan
    return holed


def kept(values, rows=GAP):
    return np.delete(values, rows, axis=0)


def test_pairs_are_left_out_whole():
    found = comparison.paired_test(with_gaps(A), with_gaps(B, [7]), missing=CompleteCases())
    expected = comparison.paired_test(kept(A, [0, 4, 7]), kept(B, [0, 4, 7]))
    assert (found.n, found.n_missing, found.pvalue) == (9, 3, expected.pvalue)
    assert comparison.paired_test(with_gaps(A), 0.1, missing=CompleteCases()).n_missing == 2


@pytest.mark.filterwarnings("ignore::attnstats.exceptions.FewReplicatesWarning")
@pytest.mark.parametrize("strata", [["x", "y"] * 6, pd.Series(["x", "y"] * 6).mask(pd.Series(range(12)) == 3)])
def test_a_missing_stratum_leaves_its_pair_out(strata):
    found = comparison.t_interval(with_gaps(A), strata=strata, minimum_replicates=2, missing=CompleteCases())
    complete = [row for row in range(12) if row not in (0, 4) and isinstance(list(strata)[row], str)]
    labels = [list(strata)[row] for row in complete]
    expected = comparison.t_interval(A[complete], strata=labels, minimum_replicates=2)
    assert (found.low, found.high, found.n_missing) == (expected.low, expected.high, 12 - len(complete))


def test_effects_of_pairs_and_of_samples():
    found = comparison.estimate_effect(with_gaps(A), with_gaps(B, [7]), PairedG(), missing=CompleteCases())
    assert (found.n, found.n_missing) == (9, 3)
    for measure in (IndependentG(), CliffsDelta()):
        found = comparison.estimate_effect(with_gaps(A), with_gaps(B, [7]), measure, missing=CompleteCases())
        expected = comparison.estimate_effect(kept(A), kept(B, [7]), measure)
        assert (found.value, found.interval) == (expected.value, expected.interval)
        assert (found.n, found.n_missing) == (21, 3)
        assert "n = 21 replicates, 3 left out as incomplete" in found.summary()


def test_rows_of_a_family_are_left_out_whole():
    values = RNG.normal(size=(11, 3))
    holed = values.copy()
    holed[2, 1] = np.nan
    found = comparison.paired_family_test(holed, missing=CompleteCases())
    assert found.pvalues_adjusted == comparison.paired_family_test(np.delete(values, 2, axis=0)).pvalues_adjusted
    assert {each.n_missing for each in found.results} == {1}
    found = comparison.independent_family_test(holed, values, rng=0, missing=CompleteCases())
    expected = comparison.independent_family_test(np.delete(values, 2, axis=0), values, rng=0)
    assert found.pvalues_adjusted == expected.pvalues_adjusted


def test_studies_and_correlations():
    variances = np.full(12, 0.2)
    found = comparison.meta_analysis(with_gaps(A), with_gaps(variances, [5]), missing=CompleteCases())
    expected = comparison.meta_analysis(kept(A, [0, 4, 5]), kept(variances, [0, 4, 5]))
    assert (found.mean.effect, found.tau2, found.mean.n_missing) == (expected.mean.effect, expected.tau2, 3)
    found = comparison.meta_analysis_of_correlations(with_gaps(np.tanh(A)), [30] * 12, missing=CompleteCases())
    assert found.mean.n_missing == 2
    assert found.mean.effect == comparison.meta_analysis_of_correlations(kept(np.tanh(A)), [30] * 10).mean.effect


def test_observations_of_a_mixed_model():
    values, condition, seed = np.r_[A, B], np.repeat(["a", "b"], 12), np.tile(np.arange(12.0), 2)
    seed[3] = np.nan
    found = comparison.mixed_model_test(with_gaps(values, [20]), condition, random={"s": seed}, missing=CompleteCases())
    expected = comparison.mixed_model_test(
        *(np.delete(each, [3, 20]) for each in (values, condition)), random={"s": np.delete(seed, [3, 20])}
    )
    assert (found.n_missing, found.pvalue) == (2, expected.pvalue)


@pytest.mark.parametrize("blocks", [False, True])
def test_a_seed_that_one_condition_lacks_is_left_out_of_all(blocks):
    values = RNG.normal([[0.5], [0.0], [0.2]], 1, size=(2, 3, 10) if blocks else (3, 10))
    holed = values.copy()
    holed[..., 1, 4] = np.nan
    without = np.delete(values, 4, axis=-1)
    for function in (comparison.compare_with_best, comparison.simultaneous_rank_intervals):
        found = function(holed, n_resamples=1_000, rng=0, missing=CompleteCases())
        expected = function(without, n_resamples=1_000, rng=0)
        assert found == replace(expected, n_missing=found.n_missing)
        assert found.n_missing == 1
        assert "n = 9 replicates, 1 left out as incomplete" in found.summary()
    if not blocks:
        found = comparison.nemenyi_test(holed, missing=CompleteCases())
        assert found.pvalues == comparison.nemenyi_test(without).pvalues
        assert "n = 9 blocks, 1 left out as incomplete" in found.summary()


def test_nothing_complete_is_an_error():
    with pytest.raises(TooFewSamplesError, match="values: must have a complete block; got none among 3"):
        comparison.friedman_test([[1, np.nan, 2], [np.nan, 1, np.nan]], missing=CompleteCases())
    with pytest.raises(TooFewSamplesError, match="complete"):
        comparison.paired_test([np.nan] * 9, missing=CompleteCases())
    with pytest.raises(NonFiniteError, match="must be finite"):
        comparison.paired_test([np.inf, *A], missing=CompleteCases())


def test_rows_that_differ_in_length_are_refused_where_cases_may_be_missing():
    with pytest.raises(InvalidInputError, match="b: must be a rectangular array of real numbers"):
        comparison.paired_test(np.arange(8.0), [[1.0], [2.0, 3.0]] * 4, missing=CompleteCases())
