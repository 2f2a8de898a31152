import numpy as np
import pytest
from scipy.stats import f

from attnstats.comparison import intraclass_correlation
from attnstats.exceptions import ConstantInputError, InvalidInputError, TooFewSamplesError

RNG = np.random.default_rng(0)
SIZES = np.array([1, 3, 8, 2, 5, 12, 4, 6, 1])
CLUSTERS = np.repeat(np.arange(len(SIZES)), SIZES)
VALUES = RNG.normal(0.0, 0.7, size=len(SIZES))[CLUSTERS] + RNG.normal(size=len(CLUSTERS))


@pytest.mark.filterwarnings("ignore::attnstats.exceptions.FewReplicatesWarning")
def test_six_subjects_and_four_judges():
    # Shrout and Fleiss (1979), Psychological Bulletin 86, 420-428, table 2: ICC(1, 1) is .17; the R package psych
    # prints its interval for these data as -0.13 to 0.72.
    ratings = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]])
    found = intraclass_correlation(ratings.ravel(), clusters=np.repeat(np.arange(6), 4), minimum_replicates=6)
    assert round(found.value, 2) == 0.17
    assert (round(found.interval.low, 2), round(found.interval.high, 2)) == (-0.13, 0.72)
    assert found.design_effect == pytest.approx(1 + 3 * found.value)


def test_alike_sizes_have_the_closed_form():
    values = VALUES[:40].reshape(8, 5)
    found = intraclass_correlation(values.ravel(), clusters=np.repeat(np.arange(8), 5), confidence_level=0.9)
    between = 5 * values.mean(axis=1).var(ddof=1)
    within = values.var(axis=1, ddof=1).mean()
    assert found.value == pytest.approx((between - within) / (between + 4 * within))
    ratios = between / within / f.ppf([0.95, 0.05], 7, 32)
    assert (found.interval.low, found.interval.high) == pytest.approx(tuple((ratios - 1) / (ratios + 4)))


def test_ends_are_where_the_whole_covariance_makes_the_ratio_a_quantile():
    # With V the correlation matrix at an end: generalised least squares of all values, less what lies within clusters.
    found = intraclass_correlation(VALUES, clusters=CLUSTERS)
    n, same = len(VALUES), CLUSTERS[:, np.newaxis] == CLUSTERS
    residuals = VALUES - (same @ VALUES) / same.sum(axis=1)
    within = residuals @ residuals
    df = len(SIZES) - 1, n - len(SIZES)
    for end, probability in ((found.interval.low, 0.975), (found.interval.high, 0.025)):
        inverse = np.linalg.inv((1 - end) * np.eye(n) + end * same)
        centred = VALUES - inverse.sum(axis=0) @ VALUES / inverse.sum()
        between = centred @ inverse @ centred - within / (1 - end)
        ratio = (between / df[0]) / (within / (1 - end) / df[1])
        assert ratio == pytest.approx(f.ppf(probability, *df), rel=1e-6)


def test_the_design_effect_is_the_ratio_of_variances_of_the_mean():
    found = intraclass_correlation(VALUES, clusters=CLUSTERS)
    same = CLUSTERS[:, np.newaxis] == CLUSTERS
    covariance = np.where(same, found.value, 0.0) + (1 - found.value) * np.eye(len(VALUES))
    assert found.design_effect == pytest.approx(covariance.mean() * len(VALUES))


def test_values_less_alike_within_than_between_clusters_have_a_negative_one():
    found = intraclass_correlation(np.tile([0.0, 1.0, 2.0], 9), clusters=np.repeat(np.arange(9), 3))
    assert found.value == pytest.approx(-0.5)
    assert found.interval.low == -0.5
    assert found.design_effect == pytest.approx(0)


def test_what_has_no_correlation_is_refused():
    with pytest.raises(TooFewSamplesError, match="number of values in the largest cluster: must be at least 2; got 1"):
        intraclass_correlation(VALUES, clusters=np.arange(len(VALUES)))
    with pytest.raises(ConstantInputError, match="values: must vary within a cluster"):
        intraclass_correlation(CLUSTERS, clusters=CLUSTERS)
    with pytest.raises(TooFewSamplesError, match="number of subjects: must be at least 8; got 2"):
        intraclass_correlation(VALUES, clusters=CLUSTERS > 4, replication_unit="subject")
    with pytest.raises(InvalidInputError, match="clusters: must have one label"):
        intraclass_correlation(VALUES, clusters=CLUSTERS[1:])
