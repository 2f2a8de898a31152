import numpy as np
import pytest
from scipy import stats

from attnstats.comparison import (
    Correlation,
    IndependentCorrelations,
    NonOverlappingCorrelations,
    OverlappingCorrelations,
    Pearson,
    Spearman,
)
from attnstats.exceptions import ConstantInputError, InvalidInputError, NonFiniteError, UnreliableEstimateWarning


def draw(n, dim, seed=0):
    rng = np.random.default_rng(seed)
    return (rng.normal(size=(n, dim)) @ rng.normal(size=(dim, dim))).T


@pytest.mark.parametrize("level", [0.8, 0.95])
def test_the_interval_of_one_correlation_is_scipys(level):
    x, y = draw(30, 2)
    expected = stats.pearsonr(x, y).confidence_interval(level)
    interval = Correlation.from_arrays(x, y).interval(level)
    assert (interval.low, interval.high) == pytest.approx((expected.low, expected.high), rel=1e-12)


def test_the_spearman_interval_by_hand():
    # artanh(.5) = 0.549306, variance (1 + .125)/100, 1.959964 standard errors of 0.1060660
    interval = Correlation(0.5, 103, Spearman()).interval()
    assert (interval.low, interval.high) == pytest.approx((np.tanh(0.341421), np.tanh(0.757192)), abs=1e-6)


def test_from_arrays_names_the_right_correlations():
    j, k, h, m = draw(40, 4)
    matrix = np.corrcoef([j, k, h, m])
    pair = NonOverlappingCorrelations.from_arrays(j, k, h, m)
    found = [pair.r_jk, pair.r_hm, pair.r_jh, pair.r_jm, pair.r_kh, pair.r_km]
    assert found == pytest.approx([matrix[at] for at in ((0, 1), (2, 3), (0, 2), (0, 3), (1, 2), (1, 3))])
    overlapping = OverlappingCorrelations.from_arrays(j, k, h, coefficient=Spearman())
    expected = [stats.spearmanr(*each).statistic for each in ((j, k), (j, h), (k, h))]
    assert [overlapping.r_jk, overlapping.r_jh, overlapping.r_kh] == pytest.approx(expected)
    independent = IndependentCorrelations.from_arrays(j, k, h[:30], m[:30])
    assert (independent.n_1, independent.n_2, independent.n_samples) == (40, 30, 70)
    assert independent.r_2 == pytest.approx(stats.pearsonr(h[:30], m[:30]).statistic)


@pytest.mark.slow
def test_dependence_is_the_correlation_of_the_estimates():
    # Over 20,000 normal samples of 200 the correlation of two correlations has standard error 0.007; the asymptotic
    # value is off by O(1/n) besides.
    covariance = np.array([[1, 0.5, 0.3, 0.2], [0.5, 1, 0.1, 0.4], [0.3, 0.1, 1, 0.6], [0.2, 0.4, 0.6, 1]])
    samples = np.random.default_rng(0).multivariate_normal(
        np.zeros(4), covariance, size=(20_000, 200), method="cholesky"
    )
    samples -= samples.mean(axis=1, keepdims=True)
    samples /= np.linalg.norm(samples, axis=1, keepdims=True)
    r_jk, r_jh, r_hm = (np.einsum("si,si->s", samples[..., a], samples[..., b]) for a, b in ((0, 1), (0, 2), (2, 3)))
    overlapping = OverlappingCorrelations(0.5, 0.3, 0.1, n=200)
    apart = NonOverlappingCorrelations(r_jk=0.5, r_hm=0.6, r_jh=0.3, r_jm=0.2, r_kh=0.1, r_km=0.4, n=200)
    assert overlapping.dependence(0.5, 0.3) == pytest.approx(np.corrcoef(r_jk, r_jh)[0, 1], abs=0.03)
    assert apart.dependence(0.5, 0.6) == pytest.approx(np.corrcoef(r_jk, r_hm)[0, 1], abs=0.03)
    assert apart.dependence(0.5, 0.6) > 0.1
    assert IndependentCorrelations(0.5, 20, 0.3, 20).dependence(0.5, 0.3) == 0


# Zou (2007), Psychological Methods 12, 399-413, examples 1 to 3; the third is printed as (-.096, .500), since the paper
# rounds the correlation of the estimates to .0917 where its formula gives .0891.
@pytest.mark.parametrize(
    ("pair", "low", "high"),
    [
        (IndependentCorrelations(r_1=0.49, n_1=145, r_2=0.36, n_2=87), -0.087, 0.359),
        (OverlappingCorrelations(r_jk=0.396, r_jh=0.179, r_kh=0.088, n=66), -0.093, 0.517),
        (
            NonOverlappingCorrelations(r_jk=0.396, r_hm=0.189, r_jh=0.208, r_jm=0.143, r_kh=0.023, r_km=0.423, n=66),
            -0.096,
            0.501,
        ),
    ],
)
def test_zous_examples(pair, low, high):
    interval = pair.interval()
    assert (round(interval.low, 3), round(interval.high, 3)) == (low, high)
    assert interval.method == "Zou"


@pytest.mark.parametrize("coefficient", [Pearson(), Spearman()])
@pytest.mark.parametrize("null", [-0.3, 0.0, 0.1, 0.5])
def test_a_deviate_inverts_the_interval(coefficient, null):
    for item in (
        Correlation(0.3, 40, coefficient),
        IndependentCorrelations(0.5, 30, 0.2, 50, coefficient),
        OverlappingCorrelations(0.5, 0.3, 0.4, 40, coefficient),
    ):
        deviate = item.deviate(null)
        level = 1 - 2 * stats.norm.sf(abs(deviate))
        interval = item.interval(level)
        assert (interval.low if deviate > 0 else interval.high) == pytest.approx(null, abs=1e-6)
        assert np.sign(deviate) == np.sign(item.effect - null)


def test_an_overwhelming_difference_keeps_a_finite_deviate():
    assert IndependentCorrelations(0.99, 10**6, -0.99, 10**6).deviate(0.0) == 37.5
    assert Correlation(-0.99, 10**6).deviate(0.5) == -37.5
    assert IndependentCorrelations(0.5, 10, 0.5, 20).deviate(0.0) == 0.0


@pytest.mark.parametrize("bad", [1.0, -1.0, 1.2, np.nan, "high"])
def test_correlations_lie_strictly_inside(bad):
    with pytest.raises(InvalidInputError, match="r_jh: must lie strictly between -1 and 1; got"):
        OverlappingCorrelations(0.1, bad, 0.1, 20)
    with pytest.raises(InvalidInputError, match="r: must lie strictly"):
        Correlation(bad, 20)


def test_heavy_tails_warn_where_pearson_would_mislead():
    x, y = np.random.default_rng(0).standard_t(3, size=(2, 200))
    with pytest.warns(UnreliableEstimateWarning, match=r"samples: should have the tails .* \(take Spearman\(\)\)"):
        Correlation.from_arrays(x, y)
    Correlation.from_arrays(x, y, coefficient=Spearman())
    Correlation.from_arrays(*np.random.default_rng(0).normal(size=(2, 200)))


def test_bad_input_is_refused_by_name():
    x, y, z = draw(10, 3)
    with pytest.raises(InvalidInputError, match="r_kh: must make a positive definite matrix"):
        OverlappingCorrelations(0.9, 0.9, -0.9, 30)
    with pytest.raises(InvalidInputError, match="positive definite"):
        NonOverlappingCorrelations(0.9, 0.9, 0.9, -0.9, 0.9, 0.9, 30)
    with pytest.raises(InvalidInputError, match="n_2: must be an integer of at least 4; got 3"):
        IndependentCorrelations(0.1, 9, 0.1, 3)
    with pytest.raises(InvalidInputError, match="j and k and h: must have the same length"):
        OverlappingCorrelations.from_arrays(x, y, z[:5])
    with pytest.raises(ConstantInputError, match="h: must hold at least two different values"):
        OverlappingCorrelations.from_arrays(x, y, np.full(10, 0.1))
    with pytest.raises(NonFiniteError, match="y_2"):
        IndependentCorrelations.from_arrays(x, y, x, np.full(10, np.nan))
    with pytest.raises(InvalidInputError, match="number of samples: must be an integer of at least 4; got 3"):
        Correlation.from_arrays(x[:3], y[:3])
