"""Large samples and many resamples take little memory, and the numbers do not depend on how the work is cut up."""

import tracemalloc

import numpy as np
import pytest
from scipy import stats

from attnstats import comparison
from attnstats.comparison import BrunnerMunzel, CliffsDelta, MinP, Newcombe, PlacementScore, Superiority, _batches
from attnstats.comparison.families import max_t
from attnstats.comparison.many_conditions import _simultaneous as simultaneous
from attnstats.comparison.two_conditions.effect_size import doubled_placements
from attnstats.exceptions import InvalidInputError

MEGABYTE = 2**20


def peak(function):
    """Return the largest memory in use while a function ran, and what it returned."""
    tracemalloc.start()
    try:
        result = function()
        return tracemalloc.get_traced_memory()[1], result
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("interval", [PlacementScore(), Newcombe(), BrunnerMunzel()])
def test_effects_go_by_ranks(interval):
    rng = np.random.default_rng(0)
    a, b = np.round(rng.normal(size=30_000), 3), np.round(rng.normal(0.1, 1, size=40_000), 3)
    used, found = peak(lambda: comparison.estimate_effect(a, b, CliffsDelta(interval)))
    assert used < 20 * MEGABYTE  # all pairs would take nine gigabytes
    expected = stats.mannwhitneyu(a, b).statistic / (len(a) * len(b))
    assert found.value == pytest.approx(2 * expected - 1, rel=1e-12)
    assert comparison.estimate_effect(a, b, Superiority(interval)).value == pytest.approx(expected, rel=1e-12)


def test_placements_are_those_of_all_pairs():
    rng = np.random.default_rng(1)
    for values in (
        rng.normal(size=(2, 9)),
        rng.integers(0, 4, size=(2, 30)),
        np.array([[1e308, -1e308], [5e-324, 0.0]]),
    ):
        a, b = values.astype(float)[:, :-1][0], values.astype(float)[1]
        pairs = (a[:, np.newaxis] > b) * 2 + (a[:, np.newaxis] == b)
        assert (doubled_placements(a, b) == pairs.sum(axis=1)).all()


def test_the_brunner_munzel_variance_is_scipys():
    # scipy.stats.brunnermunzel: statistic (P - 1/2)/se, so that its standard error is known.
    rng = np.random.default_rng(2)
    a, b = rng.integers(0, 9, size=15).astype(float), rng.integers(2, 12, size=22).astype(float)
    p = comparison.probability_of_superiority(a, b)
    scipys = stats.brunnermunzel(b, a)
    error = (p - 0.5) / scipys.statistic
    low, high = BrunnerMunzel().ends(a, b, 0.95)
    slope = abs(error) / (p * (1 - p))
    logit = np.log(p / (1 - p))
    # the interval is logit(p) ± t · slope: the middle and the width give both back
    assert (np.log(low / (1 - low)) + np.log(high / (1 - high))) / 2 == pytest.approx(logit)
    t = (np.log(high / (1 - high)) - logit) / slope
    assert stats.t.ppf(0.975, 37) < t < stats.t.ppf(0.975, 12)


def test_jonckheere_goes_by_ranks():
    groups = [np.random.default_rng(place).normal(0.02 * place, 1, size=20_000) for place in range(3)]
    used, found = peak(lambda: comparison.jonckheere_test(groups))
    assert used < 30 * MEGABYTE
    statistic = sum(stats.mannwhitneyu(groups[j], groups[i]).statistic for i, j in ((0, 1), (0, 2), (1, 2)))
    assert found.statistic == pytest.approx(statistic)


@pytest.mark.parametrize(
    ("name", "function"),
    [
        (
            "stochastic_order",
            lambda: comparison.stochastic_order_test(*np.random.default_rng(0).normal(size=(2, 30_000)), rng=0),
        ),
        (
            "paired families",
            lambda: comparison.paired_family_test(
                np.random.default_rng(0).normal(size=(20_000, 2)), n_resamples=999, rng=0
            ),
        ),
        (
            "independent families",
            lambda: comparison.independent_family_test(
                *np.random.default_rng(0).normal(size=(2, 10_000, 2)), n_resamples=999, rng=0
            ),
        ),
        ("aligned ranks", lambda: comparison.aligned_ranks_test(np.random.default_rng(0).normal(size=(300, 4)), rng=0)),
        (
            "pairs of conditions",
            lambda: simultaneous.pairwise_differences(
                np.random.default_rng(0).normal(size=(60, 3_000)), minimum_replicates=8
            ),
        ),
    ],
)
def test_resamples_and_pairs_are_formed_in_blocks(name, function):
    assert peak(function)[0] < 80 * MEGABYTE  # all at once: 100 to 500


CALLS = {
    "aligned_ranks": lambda: comparison.aligned_ranks_test(
        np.random.default_rng(3).normal(size=(5, 9)), n_resamples=199, rng=4
    ),
    "compare_with_best": lambda: comparison.compare_with_best(
        np.random.default_rng(3).normal(size=(4, 9)), n_resamples=1_000, rng=4
    ),
    "paired_family": lambda: comparison.paired_family_test(
        np.random.default_rng(3).normal(size=(15, 4)), n_resamples=199, rng=4
    ),
    "paired_family, exact": lambda: comparison.paired_family_test(
        np.random.default_rng(3).normal(size=(8, 4)), method=MinP()
    ),
    "independent_family": lambda: comparison.independent_family_test(
        *np.random.default_rng(3).normal(size=(2, 12, 3)), n_resamples=199, rng=4
    ),
    "independent_family, exact": lambda: comparison.independent_family_test(
        *np.random.default_rng(3).normal(size=(2, 4, 3)), minimum_replicates=4, rng=4
    ),
    "interaction": lambda: comparison.interaction_test(
        np.random.default_rng(3).normal(size=(2, 2, 3, 8)), n_resamples=199, rng=4
    ),
    "stochastic_order": (
        # with eight values of few levels some resamples come out equal and are drawn again
        lambda: comparison.stochastic_order_test([0, 0, 0, 1, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 2], rng=4)
    ),
}


@pytest.mark.filterwarnings("ignore::attnstats.exceptions.FewReplicatesWarning")
@pytest.mark.parametrize("name", CALLS)
def test_the_numbers_do_not_depend_on_the_blocks(name, monkeypatch):
    function = CALLS[name]
    expected = function()
    for size in (1, 50, 333):
        monkeypatch.setattr(_batches, "BATCH", size)
        found = function()
        if "family" in name:  # matrix products of other shapes differ by rounding
            assert (found.pvalues_adjusted, repr(found)) == (expected.pvalues_adjusted, repr(expected))
            assert found.summary() == expected.summary()
        else:
            assert found == expected


def test_min_p_refuses_what_it_cannot_hold(monkeypatch):
    monkeypatch.setattr(max_t, "MOST", 1_000)
    values = np.random.default_rng(0).normal(size=(20, 4))
    with pytest.raises(InvalidInputError, match=r"method: must not be MinP\(\) for more than 1000 .* \(take MaxT\(\)"):
        comparison.paired_family_test(values, method=MinP(), rng=0)
