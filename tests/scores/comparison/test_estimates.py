import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t
from statsmodels.stats.proportion import proportion_confint

from attnstats.comparison import t_interval
from attnstats.scores import Binary, Block, Bounded, Continuous, Count, CrossedAnova, PairedProportions, PairedT
from attnstats.scores.choice.rules import Sizes
from attnstats.scores.comparison.estimates import mean_interval


def ends(interval):
    return interval.low, interval.high


def of_sample(values, kind, level=0.95):
    """The interval of a mean of units."""
    return mean_interval(PairedT("run").mean((Block(np.asarray(values)),)), kind, Sizes(len(values), "run"), level)


@pytest.mark.parametrize("level", [0.8, 0.95, 0.999])
@pytest.mark.parametrize(("ones", "n"), [(0, 5), (5, 5), (1, 12), (29, 30), (40, 200)])
def test_zeros_and_ones_have_wilsons_interval(ones, n, level):
    values = np.repeat([1.0, 0.0], [ones, n - ones])
    mean = PairedProportions("item").mean((Block(values),))
    found = mean_interval(mean, Binary(), Sizes(n, "item"), level)
    assert ends(found) == pytest.approx(proportion_confint(ones, n, 1 - level, method="wilson"), abs=1e-12)
    assert (found.level, found.method) == (level, "Wilson")
    scaled = PairedProportions("item", kind=Binary(0, 100)).mean((Block(100 * values),))
    assert ends(mean_interval(scaled, Binary(0, 100), Sizes(n, "item"), level)) == pytest.approx(
        tuple(100 * np.array(ends(found)))
    )


def test_the_effective_sample_would_know_the_mean_as_well():
    values = np.array([0.81, 0.9, 0.86, 0.95, 0.79])
    p, error = values.mean(), values.std(ddof=1) / math.sqrt(5)
    size, quantile = p * (1 - p) / error**2, t.ppf(0.975, 4)
    # Wilson's ends are where |p - q| is the quantile times the error of so many zeros and ones of probability q.
    for end in ends(of_sample(values, Bounded())):
        assert abs(p - end) == pytest.approx(quantile * math.sqrt(end * (1 - end) / size))
    assert ends(of_sample(100 * values, Bounded(0, 100))) == pytest.approx(
        tuple(100 * np.array(ends(of_sample(values, Bounded()))))
    )


@pytest.mark.filterwarnings("ignore::attnstats.exceptions.FewReplicatesWarning")
@pytest.mark.parametrize("kind", [Continuous(), Count()])
def test_scores_without_two_ends_have_the_t_interval(kind):
    values = np.array([2.0, 5, 4, 9, 3])
    expected = t_interval(values, minimum_replicates=2, confidence_level=0.9)
    assert ends(of_sample(values, kind, 0.9)) == pytest.approx(ends(expected))
    assert of_sample([2.0, 2.0], kind) is None


@given(
    values=st.lists(st.floats(0, 1, allow_subnormal=False), min_size=2, max_size=12),
    level=st.floats(0.01, 0.9999),
    width=st.sampled_from([1.0, 100.0, 1e-6]),
)
def test_an_interval_never_leaves_the_ends_nor_is_empty(values, level, width):
    found = of_sample(width * np.array(values), Bounded(0, width), level)
    assert 0 <= found.low < found.high <= width
    assert found.low <= width * np.mean(values) * (1 + 1e-9) + 1e-12
    assert width * np.mean(values) * (1 - 1e-9) <= found.high + 1e-12


@given(value=st.sampled_from([0.0, 0.3, 1.0]), n=st.integers(2, 50), items=st.sampled_from([None, 7, 400]))
def test_scores_that_do_not_vary_count_as_zeros_and_ones(value, n, items):
    mean = PairedT("run").mean((Block(np.full(n, value)),))
    found = mean_interval(mean, Bounded(), Sizes(n, "run", items), 0.95)
    size = items or n
    assert ends(found) == pytest.approx(proportion_confint(value * size, size, method="wilson"), abs=1e-9)


def test_a_mean_that_missing_cells_put_beyond_an_end_has_an_interval_within():
    # Effects of units and items fitted to the cells that are there predict more than 1 for the others.
    table = np.array([[1, np.nan, np.nan, 1], [1, np.nan, np.nan, 1], [1, 1, 1, 0]])
    mean = CrossedAnova("run").mean((Block(table),))
    found = mean_interval(mean, Binary(), Sizes(3, "run", 4), 0.95)
    assert mean.effect > 1
    assert 0 < found.low < found.high == 1
