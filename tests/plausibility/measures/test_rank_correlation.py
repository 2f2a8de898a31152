"""Kendall's tau of scores and numbers of annotators against SciPy."""

import numpy as np
import pytest
from scipy.stats import kendalltau

from attnstats.plausibility import RankCorrelation


def test_it_is_tau_b():
    rng = np.random.default_rng(0)
    scores, counts = rng.normal(size=(1, 30)), rng.integers(0, 4, size=(8, 30)).astype(float)
    found = RankCorrelation().values(scores, counts, np.zeros(30))
    assert found == pytest.approx([kendalltau(scores[0], each).statistic for each in counts])


def test_it_is_undefined_where_all_tokens_are_alike():
    assert np.isnan(RankCorrelation().values(np.array([[1.0, 2.0]]), np.array([[1.0, 1.0]]), np.zeros(2)))
    expected = RankCorrelation().expected(5, np.array([0, 2, 5]))
    np.testing.assert_array_equal(expected, [np.nan, 0, np.nan])
