import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from attnstats.exceptions import InvalidInputError, NonFiniteError
from attnstats.ranks import Tau, kendall
from attnstats.resampling import (
    BCa,
    Clustered,
    Pairings,
    PermutedStatistic,
    WeightedStatistic,
    bootstrap_interval,
    permutation_test,
)


def by_definition(x, y, variant):
    """Tau from all pairs of rows."""
    signs = np.sign(np.subtract.outer(x, x)) * np.sign(np.subtract.outer(y, y))
    pairs = len(x) * (len(x) - 1)
    if variant == "a":
        return signs.sum() / pairs
    untied = [np.count_nonzero(np.subtract.outer(each, each)) for each in (x, y)]
    return signs.sum() / math.sqrt(untied[0] * untied[1]) if min(untied) else math.nan


@pytest.mark.parametrize("variant", ["a", "b"])
@settings(max_examples=60, deadline=None)
@given(
    pairs=st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=2, max_size=25), seed=st.integers(0, 10**6)
)
def test_weights_stand_for_rows(variant, pairs, seed):
    data = np.array(pairs, dtype=float)
    counts = np.random.default_rng(seed).multinomial(len(data), np.full(len(data), 1 / len(data)), size=5)
    expected = [by_definition(*np.repeat(data, each, axis=0).T, variant) for each in counts]
    found = Tau(variant).weighted(data, counts.astype(float))
    assert found == pytest.approx(expected, abs=1e-12, nan_ok=True)


@pytest.mark.parametrize("variant", ["a", "b"])
@pytest.mark.parametrize("n_values", [4, 10**6])
def test_permuted_equals_the_definition(variant, n_values):
    rng = np.random.default_rng(0)
    x, y = rng.integers(n_values, size=(2, 40)).astype(float)
    orders = np.array([rng.permutation(40) for _ in range(20)])
    expected = [by_definition(x, y[order], variant) for order in orders]
    assert Tau(variant).permuted(x, y, orders) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("n", [10, 333])
def test_equals_scipy_and_kendall(n):
    x = np.random.default_rng(n).normal(size=n).round(1)
    y = (x + np.random.default_rng(n + 1).normal(size=n)).round(1)
    assert Tau()(x, y) == pytest.approx(scipy.stats.kendalltau(x, y).statistic, abs=1e-12)
    assert Tau()(np.column_stack([x, y])) == Tau()(x, y) == pytest.approx(kendall(x, y).effect, abs=1e-12)
    assert Tau("a")(x, y) == pytest.approx(kendall(x, y, variant="a").effect, abs=1e-12)


def test_compiled_paths_are_taken_and_equal_the_plain_ones():
    rng = np.random.default_rng(0)
    x = rng.normal(size=45)
    data = np.column_stack([x, x + rng.normal(size=45)])
    assert isinstance(Tau(), WeightedStatistic)
    assert isinstance(Tau(), PermutedStatistic)

    def plain(*samples):
        return Tau()(*samples)

    for options in ({}, {"design": Clustered(np.arange(45) % 30)}):
        fast = bootstrap_interval(data, Tau(), method=BCa(300), rng=4, **options)
        slow = bootstrap_interval(data, plain, method=BCa(300), rng=4, **options)
        assert (fast.low, fast.high) == pytest.approx((slow.low, slow.high), abs=1e-12)
    for kind in (Pairings(),):
        fast = permutation_test(*data.T, Tau(), kind=kind, n_resamples=400, rng=4)
        slow = permutation_test(*data.T, plain, kind=kind, n_resamples=400, rng=4)
        assert fast == slow


def test_exact_permutation_pvalue_is_that_of_kendall():
    x, y = np.array([1.0, 2.0, 2.0, 4.0, 5.0, 6.0, 7.0]), np.array([2.0, 1.0, 3.0, 3.0, 4.0, 7.0, 6.0])
    ours = permutation_test(x, y, Tau(), alternative="greater")
    assert ours.test.endswith("(exact)")
    assert ours.pvalue == pytest.approx(kendall(x, y, alternative="greater", exact=True).pvalue)


def test_bad_input_is_refused_by_name():
    with pytest.raises(InvalidInputError, match="variant"):
        Tau("c")
    with pytest.raises(InvalidInputError, match="two columns"):
        Tau()(np.zeros(5))
    with pytest.raises(InvalidInputError, match="same length"):
        Tau()([1.0, 2.0], [1.0, 2.0, 3.0])
    with pytest.raises(InvalidInputError, match="shape"):
        Tau()([[1.0, 2.0]], [1.0])
    with pytest.raises(NonFiniteError, match="x: must be finite"):
        Tau()([1.0, np.nan], [1.0, 2.0])
    assert math.isnan(Tau()([1.0, 1.0], [1.0, 2.0]))
