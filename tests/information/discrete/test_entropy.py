from itertools import product
from math import factorial, prod

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import digamma
from scipy.stats import entropy

from attnstats.exceptions import InvalidInputError, TooFewSamplesError
from attnstats.information import (
    NSB,
    ChaoShen,
    EntropyEstimator,
    Grassberger,
    JackknifeEntropy,
    JamesStein,
    MillerMadow,
    PlugIn,
)

ALL = [PlugIn(), MillerMadow(), JackknifeEntropy(), Grassberger(), ChaoShen(), JamesStein(), NSB()]
SPARSE = [4, 2, 3, 0, 2, 4, 0, 0, 2, 1, 1]
TABLES = [SPARSE, [10, 0, 3, 1, 1, 25, 0, 0], [2, 2], [5, 1], [2, 1, 0], [1, 1, 2]]
TABLE = st.lists(st.integers(0, 9), min_size=2, max_size=8).filter(lambda counts: max(counts) > 1)
every_estimator = pytest.mark.parametrize("estimator", ALL, ids=repr)
every_table = pytest.mark.parametrize("counts", TABLES, ids=str)


def samples_of(counts):
    return np.repeat(np.arange(len(counts)), counts)


@every_table
def test_plug_in_and_its_first_correction(counts):
    # entropy() of scipy normalises; the correction is (occupied cells - 1) / 2n.
    occupied, n = np.count_nonzero(counts), sum(counts)
    assert PlugIn().entropy(counts) == pytest.approx(entropy(counts), abs=1e-12)
    assert MillerMadow().entropy(counts) == pytest.approx(entropy(counts) + (occupied - 1) / (2 * n), abs=1e-12)


@every_table
def test_jackknife_leaves_out_each_sample(counts):
    samples, n = samples_of(counts), sum(counts)
    left_out = [entropy(np.bincount(np.delete(samples, i))) for i in range(n)]
    assert JackknifeEntropy().entropy(counts) == pytest.approx(
        n * entropy(counts) - (n - 1) * np.mean(left_out), abs=1e-11
    )


@every_table
def test_grassberger_by_its_integral(counts):
    # G(c) = psi(c) + (-1)^c times the integral of t^(c - 1) / (1 + t) over (0, 1): the definition of the 2003 paper.
    n = sum(counts)
    g = [digamma(c) + (-1) ** c * quad(lambda t, c=c: t ** (c - 1) / (1 + t), 0, 1)[0] for c in counts if c]
    expected = np.log(n) - sum(c * each for c, each in zip(filter(None, counts), g, strict=True)) / n
    assert Grassberger().entropy(counts) == pytest.approx(expected, abs=1e-12)


@every_table
def test_chao_shen_by_horvitz_and_thompson(counts):
    n = sum(counts)
    coverage = 1 - counts.count(1) / n
    expected = 0.0
    for c in counts:
        p = coverage * c / n
        if p == 1:
            continue
        expected -= p * np.log(p) / (1 - (1 - p) ** n) if p else 0.0
    assert ChaoShen().entropy(counts) == pytest.approx(expected, abs=1e-12)


@every_table
def test_james_stein_by_its_two_steps(counts):
    n, k = sum(counts), len(counts)
    p = [c / n for c in counts]
    distance = sum((1 / k - each) ** 2 for each in p)
    weight = min(1.0, (1 - sum(each**2 for each in p)) / ((n - 1) * distance)) if distance else 1.0
    assert JamesStein().entropy(counts) == pytest.approx(
        entropy([weight / k + (1 - weight) * each for each in p]), abs=1e-12
    )


def expected_value(estimator, p, n):
    """The mean over all tables of n samples, weighted by their multinomial probability."""
    mean = 0.0
    for counts in product(range(n + 1), repeat=len(p)):
        if sum(counts) == n:
            ways = factorial(n) / prod(factorial(c) for c in counts)
            mean += ways * prod(q**c for q, c in zip(p, counts, strict=True)) * estimator.entropy(counts)
    return mean


@pytest.mark.parametrize("p", [(0.5, 0.3, 0.2), (0.4, 0.3, 0.2, 0.1)])
@pytest.mark.parametrize(
    "estimator", [MillerMadow(), JackknifeEntropy(), Grassberger(), ChaoShen(), JamesStein()], ids=repr
)
def test_exact_bias_is_smaller_than_that_of_the_plug_in(estimator, p):
    # n = 12, every table enumerated: no Monte Carlo error. Chao and Shen refuse a table of singletons: none has 12.
    bias = expected_value(PlugIn(), p, 12) - entropy(p)
    assert bias < -0.05
    assert abs(expected_value(estimator, p, 12) - entropy(p)) < abs(bias) / 2


@every_estimator
def test_consistent(estimator):
    # n = 1e6 over 20 cells: the standard error of log p is below 0.001.
    p = np.random.default_rng(0).dirichlet(np.ones(20))
    counts = np.random.default_rng(1).multinomial(1_000_000, p)
    assert estimator.entropy(counts) == pytest.approx(entropy(p), abs=0.004)


@every_estimator
@settings(max_examples=25, deadline=None)
@given(counts=TABLE, data=st.data())
def test_order_of_cells_does_not_matter_and_zeros_matter_where_said(estimator, counts, data):
    value = estimator.entropy(counts)
    shuffled = data.draw(st.permutations(counts))
    assert estimator.entropy(shuffled) == pytest.approx(value, abs=1e-11)
    if isinstance(estimator, JamesStein | NSB):
        assert value <= np.log(len(counts)) + 1e-12
    else:
        assert estimator.entropy([*counts, 0]) == value


@every_estimator
def test_one_value_has_no_entropy(estimator):
    # Grassberger's log n - G(n) is 0 only up to 1 / n.
    assert estimator.entropy([40]) == pytest.approx(0, abs=1e-3 if isinstance(estimator, Grassberger) else 1e-12)


@every_estimator
def test_is_an_entropy_estimator_and_refuses_bad_counts(estimator):
    assert isinstance(estimator, EntropyEstimator)
    for bad in ([1.0, 2.0], [3, -1], [[1, 2], [3, 4]]):
        with pytest.raises(InvalidInputError, match="counts: must be integers of at least 0"):
            estimator.entropy(bad)
    with pytest.raises(TooFewSamplesError, match="sum of counts"):
        estimator.entropy([0, 0])
    if isinstance(estimator, JackknifeEntropy | JamesStein):
        with pytest.raises(TooFewSamplesError, match="sum of counts: must be at least 2; got 1"):
            estimator.entropy([1, 0])


def test_chao_shen_refuses_singletons():
    with pytest.raises(TooFewSamplesError, match="seen twice, or the coverage is zero; got 3 seen once"):
        ChaoShen().entropy([1, 1, 0, 1])
