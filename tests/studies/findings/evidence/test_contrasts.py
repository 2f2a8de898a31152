"""Contrasts against brute force and closed forms: shares, the smallest of several, rank stability over seeds."""

from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from attnstats.comparison import anova_interval, best_test
from attnstats.exceptions import TooFewSamplesError, UndercoverageWarning
from attnstats.studies import Inference
from attnstats.studies.findings.evidence._contrasts import MeanDifference, SeedMeans, Weakest, ratio_terms
from attnstats.studies.findings.evidence._stability import stability_values

INFERENCE = Inference(n_resamples=199)
SEEDS = tuple(range(8))


def mean_difference(*blocks, datasets=None):
    names = datasets or tuple(name for name, block in zip("abc", blocks, strict=False) for _ in block)
    return MeanDifference(blocks=blocks, seeds=SEEDS, datasets=names)


def test_terms_of_a_ratio_average_to_it_and_spread_as_the_delta_method_says():
    rng = np.random.default_rng(0)
    pairs = rng.integers(5, 40, size=(3, 400)).astype(float)
    concordant = rng.binomial(pairs.astype(int), 0.6).astype(float)
    terms = ratio_terms(concordant, pairs)
    np.testing.assert_allclose(terms.mean(axis=-1), concordant.sum(axis=-1) / pairs.sum(axis=-1))
    jackknife = [(concordant[0].sum() - c) / (pairs[0].sum() - d) for c, d in zip(concordant[0], pairs[0], strict=True)]
    n = len(jackknife)
    error = np.sqrt((n - 1) * np.var(jackknife))
    assert terms[0].std() / np.sqrt(n) == pytest.approx(error, rel=0.01)  # both to first order in 1/400


def test_a_share_of_nothing_is_refused():
    with pytest.raises(TooFewSamplesError, match="near_tie: must leave pairs"):
        ratio_terms(np.zeros((2, 5)), np.zeros((2, 5)))


def test_a_complete_table_has_the_crossed_interval_and_a_gap_the_bootstrap():
    rng = np.random.default_rng(1)
    blocks = (rng.normal(size=(2, 8, 30)), 1 + rng.normal(size=(1, 8, 20)))
    contrast = mean_difference(*blocks)
    expected = anova_interval(blocks)

    def ends(interval):
        return interval.low, interval.high

    assert ends(contrast.interval(INFERENCE, rng)) == pytest.approx(ends(expected))
    assert contrast.value == pytest.approx(np.concatenate([each.mean(axis=-1) for each in blocks]).mean())
    nowhere = np.concatenate([blocks[0], np.full((2, 8, 1), np.nan)], axis=-1)  # undefined for every model
    assert ends(mean_difference(nowhere, blocks[1]).interval(INFERENCE, rng)) == pytest.approx(ends(expected))
    blocks[0][0, 0, 0] = np.nan
    with pytest.warns(UndercoverageWarning, match="should have"):
        assert "bootstrap" in contrast.interval(INFERENCE, rng).method


def test_the_p_value_of_one_data_set_is_that_of_its_crossed_interval():
    rng = np.random.default_rng(2)
    contrast = mean_difference(0.3 + rng.normal(size=(2, 8, 30)), rng.normal(size=(1, 8, 20)))
    pvalue = contrast.crossed_pvalue("a")
    level = 1 - 2 * pvalue  # the two-sided interval of this level ends at zero
    assert anova_interval(contrast.blocks[0], confidence_level=level).low == pytest.approx(0, abs=1e-9)


def test_a_model_without_a_defined_example_is_refused():
    block = np.zeros((1, 8, 5))
    block[0, 3] = np.nan
    with pytest.raises(TooFewSamplesError, match="must be defined for an example of every model"):
        _ = mean_difference(block).by_stratum


def test_the_smallest_of_seed_means_is_the_lead_over_the_best_other():
    values = np.random.default_rng(3).normal([[0.4], [0.1], [0.3]], 0.1, size=(3, 8))
    parts = tuple(SeedMeans(values=values[:1] - values[[j]], seeds=SEEDS, datasets=("a",)) for j in (1, 2))
    lead = Weakest(parts=parts, seeds=SEEDS, datasets=("a",))
    expected = best_test(values, target=0)
    interval = lead.interval(INFERENCE, np.random.default_rng(0))
    assert lead.value == pytest.approx(expected.effect)
    assert (interval.low, interval.high) == pytest.approx((expected.interval().low, expected.interval().high))


def test_rank_stability_is_the_mean_over_pairs_of_seeds_with_its_jackknife_error():
    rng = np.random.default_rng(4)
    attention = (rng.normal(size=(5, 12, 7)) + 2 * rng.normal(size=(12, 7))).astype(np.float32)
    attention[:, :4, 5:] = np.nan  # shorter texts

    def stability(seeds):
        taus = [
            stats.kendalltau(attention[a, text][mask], attention[b, text][mask]).statistic
            for a, b in combinations(seeds, 2)
            for text in range(12)
            if (mask := np.isfinite(attention[0, text])).any()
        ]
        return float(np.mean(taus))

    values = stability_values(attention)
    assert values.mean() == pytest.approx(stability(range(5)))
    without = [stability([each for each in range(5) if each != left]) for left in range(5)]
    np.testing.assert_allclose(values, 5 * stability(range(5)) - 4 * np.array(without))


def test_rank_stability_takes_three_seeds():
    with pytest.raises(TooFewSamplesError, match="number of seeds: must be at least 3; got 2"):
        stability_values(np.ones((2, 4, 3), dtype=np.float32))


def test_differences_without_any_spread_have_no_error_to_speak_of():
    block = np.full((2, 8, 5), 0.25)
    assert mean_difference(block).crossed_pvalue("a") is None
    block[0, 3, 2] = np.nan  # an example that is undefined for a model is left out
    assert mean_difference(block).crossed_pvalue("a") is None
    assert 0 < mean_difference(block + np.random.default_rng(0).normal(size=8)[:, np.newaxis]).crossed_pvalue("a") < 1
