import numpy as np
import pytest
from scipy.stats import norm, rankdata

from attnstats.information import NormalScores, Standardized


def test_standardized_equals_its_definition_at_any_scale():
    rng = np.random.default_rng(0)
    fitted, values = rng.normal(3, 5, size=(50, 2)), rng.normal(size=(9, 2))
    expected = (values - fitted.mean(axis=0)) / fitted.std(axis=0)
    for scale in (1.0, 1e-12, 1e200):
        np.testing.assert_allclose(Standardized().transform(fitted * scale, values * scale), expected, rtol=1e-9)


def test_normal_scores_are_quantiles_of_mid_ranks_also_with_ties():
    values = np.random.default_rng(1).integers(5, size=(30, 3)).astype(float)
    expected = norm.ppf(rankdata(values, axis=0) / 31)
    np.testing.assert_allclose(NormalScores().transform(values, values), expected, atol=1e-12)


def test_normal_scores_see_the_order_alone():
    rng = np.random.default_rng(2)
    fitted, values = rng.normal(size=(40, 1)), rng.normal(size=(15, 1))
    scores = NormalScores().transform(fitted, values)
    np.testing.assert_array_equal(NormalScores().transform(np.exp(3 * fitted), np.exp(3 * values)), scores)
    assert np.isfinite(NormalScores().transform(fitted, np.array([[1e300], [-1e300]]))).all()


@pytest.mark.parametrize("margins", [Standardized(), NormalScores()])
def test_a_constant_column_becomes_zero(margins):
    assert not margins.transform(np.full((7, 1), 3.7), np.full((3, 1), 3.7)).any()
