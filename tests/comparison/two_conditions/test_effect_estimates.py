import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.optimize import brentq

from attnstats.comparison import (
    BrunnerMunzel,
    CliffsDelta,
    IndependentG,
    Newcombe,
    PairedG,
    PlacementScore,
    Superiority,
    estimate_effect,
    hedges_g,
    hedges_g_independent,
    probability_of_superiority,
)
from attnstats.exceptions import ConstantInputError, InvalidInputError, NonFiniteError, TooFewSamplesError


def test_paired_g_against_r():
    # R: f <- function(t, df, p) uniroot(function(d) pt(t, df, d) - p, c(-20, 60), tol=1e-12)$root
    # d <- c(.3, .1, .4, .2, .5, .2, .1, .6); t <- sqrt(8)*mean(d)/sd(d); c(f(t, 7, .975), f(t, 7, .025))/sqrt(8)
    # gives 0.5166887341 2.6803183948
    values = [0.3, 0.1, 0.4, 0.2, 0.5, 0.2, 0.1, 0.6]
    effect = estimate_effect(values)
    assert (effect.interval.low, effect.interval.high) == pytest.approx((0.5166887341, 2.6803183948), abs=1e-8)
    assert (effect.value, effect.n) == (hedges_g(values), 8)


def test_independent_g_against_r():
    # R, f as above: t <- t.test(c(3,4,5,6), c(1,2,3,2), var.equal=TRUE)$statistic; c(f(t, 6, .975), f(t, 6, .025))
    # * sqrt(1/4 + 1/4) gives 0.3808590928 4.1517245467; with .95 and .05 0.6653364782 3.8311337321
    a, b = [3.0, 4.0, 5.0, 6.0], [1.0, 2.0, 3.0, 2.0]
    effect = estimate_effect(a, b, IndependentG())
    assert (effect.interval.low, effect.interval.high) == pytest.approx((0.3808590928, 4.1517245467), abs=1e-8)
    narrower = estimate_effect(a, b, IndependentG(), confidence_level=0.9).interval
    assert (narrower.low, narrower.high) == pytest.approx((0.6653364782, 3.8311337321), abs=1e-8)
    assert effect.value == hedges_g_independent(a, b)
    assert effect.n == 8


@pytest.mark.parametrize(("t", "n"), [(0.0, 4), (5.0, 3), (50.0, 8), (3000.0, 4), (1e-3, 100)])
def test_the_noncentral_interval_reaches_far(t, n):
    values = np.linspace(-1, 1, n)
    values = values / values.std(ddof=1) + t / math.sqrt(n)
    interval = estimate_effect(values).interval
    tails = [stats.nct.cdf(t, n - 1, math.sqrt(n) * end) for end in (interval.low, interval.high)]
    assert tails == pytest.approx([0.975, 0.025], abs=1e-6)


@pytest.mark.parametrize(
    ("a", "b"), [([3, 5, 6, 8, 9], [1, 2, 4, 7]), ([1, 2, 3], [1, 2, 2, 5, 6, 7]), ([2, 3], [0, 1])]
)
def test_newcombe_ends_solve_the_score_equation(a, b):
    # As a polynomial: (θ − p)² (2 − θ)(1 + θ) n_a n_b − z² θ (1 − θ) ((2 − θ)(1 + θ) + N (1 − θ)(1 + θ) + N θ (2 − θ))
    p, z, n_bar = probability_of_superiority(a, b), stats.norm.ppf(0.975), (len(a) + len(b)) / 2 - 1
    x = np.polynomial.Polynomial([0, 1])
    both = (2 - x) * (1 + x)
    equation = (x - p) ** 2 * both * len(a) * len(b) - z**2 * x * (1 - x) * (
        both + n_bar * (1 - x) * (1 + x) + n_bar * x * (2 - x)
    )
    roots = np.sort(equation.roots().real)
    inside = roots[(roots > -1e-9) & (roots < 1 + 1e-9)]
    interval = estimate_effect(a, b, Superiority(Newcombe())).interval
    assert (interval.low, interval.high) == pytest.approx((inside[0], inside[-1]), abs=1e-6)
    assert interval.low < p <= interval.high <= 1


def test_brunner_munzel_has_scipys_variance_and_degrees_of_freedom():
    rng = np.random.default_rng(0)
    a, b = rng.normal(0.5, 1, size=9), rng.normal(0, 3, size=14)
    p = probability_of_superiority(a, b)
    reference = stats.brunnermunzel(b, a)
    error = (p - 0.5) / abs(reference.statistic) * np.sign(p - 0.5)
    interval = estimate_effect(a, b, Superiority(BrunnerMunzel())).interval
    margin = (math.log(interval.high / (1 - interval.high)) - math.log(interval.low / (1 - interval.low))) / 2
    quantile = margin * p * (1 - p) / error
    df = brentq(lambda each: stats.t.ppf(0.975, each) - quantile, 2, 100)
    assert 2 * stats.t.sf(abs(reference.statistic), df) == pytest.approx(reference.pvalue, rel=1e-6)


def test_placement_score_is_newcombes_with_more_variance_where_the_spreads_differ():
    rng = np.random.default_rng(1)
    alike, wide, level = rng.normal(size=(2, 12)), 4 * rng.normal(size=8), 0.9
    newcombe, placement = Newcombe().ends(*alike, level), PlacementScore().ends(*alike, level)
    assert newcombe == pytest.approx(placement, abs=0.03)
    a, b = alike[0], wide
    p, z = probability_of_superiority(a, b), stats.norm.ppf(0.95)
    above, below = np.array([(a > each).mean() for each in b]), np.array([(each > b).mean() for each in a])
    variance = below.var(ddof=1) / len(a) + above.var(ddof=1) / len(b)

    def assumed(theta):
        return theta * (1 - theta) * (1 + 9 * ((1 - theta) / (2 - theta) + theta / (1 + theta))) / 96

    factor = (8 * variance + 4 * assumed(p)) / (12 * assumed(p))
    assert factor > 1.05
    for end in PlacementScore().ends(a, b, level):
        assert (end - p) ** 2 == pytest.approx(z**2 * factor * assumed(end))


def test_separated_samples():
    interval = estimate_effect([5, 6, 7, 8], [1, 2, 3, 4], Superiority()).interval
    assert interval.high == 1
    assert 0.4 < interval.low < 1
    mirrored = estimate_effect([1, 2, 3, 4], [5, 6, 7, 8], Superiority()).interval
    assert (mirrored.low, mirrored.high) == pytest.approx((0, 1 - interval.low))
    with pytest.raises(InvalidInputError, match=r"interval: BrunnerMunzel\(\) must be given samples that overlap"):
        estimate_effect([5, 6, 7, 8], [1, 2, 3, 4], Superiority(BrunnerMunzel()))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.1, 10), st.floats(-5, 5))
def test_invariances(seed, factor, shift):
    a, b = np.random.default_rng(seed).normal(size=(2, 9))
    for measure in (
        PairedG(),
        IndependentG(),
        Superiority(),
        CliffsDelta(),
        Superiority(Newcombe()),
        Superiority(BrunnerMunzel()),
    ):
        effect = estimate_effect(a, b, measure)
        assert effect.interval.low < effect.value < effect.interval.high
        moved = estimate_effect(factor * a + shift, factor * b + shift, measure)
        assert moved.value == pytest.approx(effect.value, rel=1e-6, abs=1e-9)
        assert moved.interval.low == pytest.approx(effect.interval.low, rel=1e-6, abs=1e-9)
        back, turn = estimate_effect(b, a, measure), 1.0 if isinstance(measure, Superiority) else 0.0
        assert back.value == pytest.approx(turn - effect.value)
        assert back.interval.low == pytest.approx(turn - effect.interval.high, abs=1e-9)
    superiority = estimate_effect(a, b, Superiority())
    delta = estimate_effect(a, b, CliffsDelta())
    assert delta.value == pytest.approx(2 * superiority.value - 1)
    assert delta.interval.low == pytest.approx(2 * superiority.interval.low - 1)
    assert estimate_effect(np.exp(a), np.exp(b), Superiority()) == superiority


def test_it_speaks():
    text = estimate_effect([3, 5, 6, 8, 9], [1, 2, 4, 7], CliffsDelta(), replication_unit="model").summary()
    assert text == "Cliff's delta = 0.6, 95 % CI [-0.208, 0.913], n = 9 models, placement score"


def test_bad_input_is_refused_by_name():
    with pytest.raises(ConstantInputError, match="must vary"):
        estimate_effect([1.0, 1.0, 1.0])
    with pytest.raises(TooFewSamplesError, match="degrees of freedom"):
        estimate_effect([1.0, 2.0])
    with pytest.raises(TooFewSamplesError, match="values in b"):
        estimate_effect([1.0, 2.0], [], Superiority())
    with pytest.raises(TooFewSamplesError, match="number of values in a sample: must be at least 2; got 1"):
        estimate_effect([1.0, 2.0], [1.5], Superiority(BrunnerMunzel()))
    with pytest.raises(NonFiniteError, match="a"):
        estimate_effect([np.nan, 1.0, 2.0], [1.0, 2.0], IndependentG())
    with pytest.raises(InvalidInputError, match="b: must have 1 dimension"):
        estimate_effect([1.0, 2.0, 4.0], 0.0, IndependentG())
    with pytest.raises(InvalidInputError, match="confidence_level"):
        estimate_effect([1.0, 2.0, 4.0], confidence_level=95)
