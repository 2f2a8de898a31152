"""What the script on human-like models computes itself."""

import numpy as np
from scipy.stats import spearmanr

from analysis.plausibility_models import correlation_terms


def test_terms_of_texts_have_the_mean_and_the_spread_of_spearmans_correlation():
    rng = np.random.default_rng(0)
    one, other = rng.normal(size=(2, 3, 40))
    other += one
    terms = correlation_terms(one, other)
    np.testing.assert_allclose(
        terms.mean(axis=1), [spearmanr(*rows).statistic for rows in zip(one, other, strict=True)]
    )
    drawn = rng.normal(size=(2, 2_000, 100))
    drawn[1] += drawn[0]
    terms = correlation_terms(*drawn)
    errors = terms.std(axis=1, ddof=1) / 10
    assert np.isclose(terms.mean(axis=1).std(), errors.mean(), rtol=0.1)
