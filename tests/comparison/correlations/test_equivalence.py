import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from attnstats.comparison import (
    Correlation,
    IndependentCorrelations,
    OverlappingCorrelations,
    Spearman,
    correlation_equivalence_test,
)
from attnstats.exceptions import InvalidInputError

#: Normal samples drawn at random are now and then taken for heavy-tailed.
TAILS = pytest.mark.filterwarnings("ignore:samples:attnstats.exceptions.UnreliableEstimateWarning")


@pytest.mark.parametrize(("r", "n", "margin"), [(0.02, 300, 0.15), (-0.1, 50, 0.2), (0.4, 100, 0.3)])
def test_one_correlation_by_the_closed_form(r, n, margin):
    # Goertzen and Cribbie (2010), equations 4 and 5: two normal deviates of Fisher's z
    upper = (math.atanh(r) - math.atanh(margin)) * math.sqrt(n - 3)
    lower = (math.atanh(r) + math.atanh(margin)) * math.sqrt(n - 3)
    result = correlation_equivalence_test(Correlation(r, n), margin=margin)
    assert result.pvalue == pytest.approx(max(stats.norm.cdf(upper), stats.norm.sf(lower)), rel=1e-10)
    assert result.statistic == pytest.approx(min(upper, lower, key=abs), rel=1e-10)
    assert (result.alternative, result.effect, result.n) == ("equivalence", r, n)


@TAILS
@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.05, 0.9), st.sampled_from([0.01, 0.05, 0.1]), st.booleans())
def test_decision_is_that_of_the_interval(seed, margin, alpha, ranks):
    x, y, z = np.random.default_rng(seed).normal(size=(3, 40))
    options = {"coefficient": Spearman()} if ranks else {}
    for item in (
        Correlation.from_arrays(x, y, **options),
        OverlappingCorrelations.from_arrays(x, y, z, **options),
        IndependentCorrelations.from_arrays(x, y, x[:20], z[:20], **options),
    ):
        result = correlation_equivalence_test(item, margin=margin, alpha=alpha)
        interval = result.confidence_interval
        assert interval.level == pytest.approx(1 - 2 * alpha)
        assert (result.pvalue < alpha) == (-margin < interval.low and interval.high < margin)


def test_symmetric_in_the_sign():
    forth = correlation_equivalence_test(IndependentCorrelations(0.3, 90, 0.25, 80), margin=0.3)
    back = correlation_equivalence_test(IndependentCorrelations(0.25, 80, 0.3, 90), margin=0.3)
    assert back.pvalue == pytest.approx(forth.pvalue)
    assert back.statistic == pytest.approx(-forth.statistic)


@pytest.mark.parametrize("bad", [0.0, -0.1, 1.0, 2.0, math.nan])
def test_bad_margins_are_refused(bad):
    with pytest.raises(InvalidInputError, match=r"margin: must be a finite number above 0, .* less than 1 in size"):
        correlation_equivalence_test(Correlation(0.1, 50), margin=bad)
    if bad != 1.0:  # two correlations may differ by more than one
        with pytest.raises(InvalidInputError, match=r"margin: must be a finite number above 0, .* less than 2 in size"):
            correlation_equivalence_test(IndependentCorrelations(0.1, 50, 0.1, 50), margin=bad)


def test_alpha_is_below_one_half():
    with pytest.raises(InvalidInputError, match=r"alpha: must be below 0\.5; got 0\.6"):
        correlation_equivalence_test(Correlation(0.1, 50), margin=0.2, alpha=0.6)


def test_a_level_at_which_no_interval_exists_is_refused():
    with pytest.raises(InvalidInputError, match="alpha: must be at least 1e-16"):
        correlation_equivalence_test(Correlation(0.1, 40), margin=0.5, alpha=1e-320)
