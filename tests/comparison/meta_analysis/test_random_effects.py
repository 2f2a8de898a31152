import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from statsmodels.stats.meta_analysis import combine_effects

from attnstats.comparison import (
    REML,
    DerSimonianLaird,
    KnappHartung,
    PauleMandel,
    Spearman,
    Wald,
    meta_analysis,
    meta_analysis_of_correlations,
)
from attnstats.exceptions import FewReplicatesWarning, InvalidInputError, NonFiniteError, TooFewSamplesError

# R: metafor 3.8.1, dat <- escalc(measure="RR", ai=tpos, bi=tneg, ci=cpos, di=cneg, data=dat.bcg): log risk ratios of
# 13 trials of the BCG vaccine (Colditz et al. 1994, JAMA 271, 698-702), yi and vi as printed
BCG = [
    [
        -0.88931133392020545, -1.58538865720143063, -1.34807314829969327, -1.44155119002130538, -0.21754732221129558,
        -0.78611558581886398, -1.62089822359839175, 0.01195233352384051, -0.46941764873814940, -1.37134480347278442,
        -0.33935882833839059, 0.44591340057137874, -0.01731394821687982,
    ],
    [
        0.325584765003961329, 0.194581121398143847, 0.415367965367965386, 0.020010031902247573, 0.051210172169630863,
        0.006905618455908757, 0.223017247572315169, 0.003961579297817729, 0.056434210463248966, 0.073024793613028910,
        0.012412213971559720, 0.532505845200152761, 0.071404659683986293,
    ],
]  # fmt: skip


FEW_STUDIES = pytest.mark.filterwarnings("ignore:number of studies:attnstats.exceptions.FewReplicatesWarning")


# R: rma(yi, vi, data=dat, method=..., test=..., control=list(threshold=1e-12, maxiter=1000))
@FEW_STUDIES
@pytest.mark.parametrize(
    ("heterogeneity", "test", "tau2", "mean", "low", "high", "statistic", "pvalue"),
    [
        (
            REML(), KnappHartung(),
            0.3132432581, -0.7145323422, -1.108443714, -0.3206209706, -3.952239887, 0.001920015096,
        ),
        (REML(), Wald(), 0.3132432581, -0.7145323422, -1.066897639, -0.3621670455, -3.974448306, 7.054258102e-05),
        (
            PauleMandel(), KnappHartung(),
            0.3180684522, -0.7149681535, -1.109098381, -0.3208379258, -3.952454484, 0.001919271831,
        ),
        (
            PauleMandel(), Wald(),
            0.3180684522, -0.7149681535, -1.069510334, -0.3604259730, -3.952454484, 7.735364608e-05,
        ),
        (
            DerSimonianLaird(), KnappHartung(),
            0.3087602629, -0.7141172221, -1.107821354, -0.3204130900, -3.952022949, 0.001920766767,
        ),
        (
            DerSimonianLaird(), Wald(),
            0.3087602629, -0.7141172221, -1.064445280, -0.3637891641, -3.995238189, 6.462924305e-05,
        ),
    ],
)  # fmt: skip
def test_metafor(heterogeneity, test, tau2, mean, low, high, statistic, pvalue):
    found = meta_analysis(*BCG, heterogeneity=heterogeneity, test=test)
    interval = found.mean.confidence_interval
    numbers = [found.tau2, found.mean.effect, interval.low, interval.high, found.mean.statistic, found.mean.pvalue]
    assert numbers == pytest.approx([tau2, mean, low, high, statistic, pvalue], rel=2e-8)
    assert found.mean.n == 13


def test_heterogeneity_of_metafor():
    found = meta_analysis(*BCG)
    # as above: QE, QEp, I2 of REML, weights(r)[1:3], confint(r, digits=10)
    assert (found.q, found.q_pvalue) == pytest.approx((152.2330081, 1.996764591e-26), rel=1e-8)
    assert found.i2 == pytest.approx(0.9222138452, rel=1e-8)
    assert found.weights[:3] == pytest.approx((0.05059482734, 0.06364679373, 0.04436027403), rel=1e-7)
    assert (found.tau2_interval.low, found.tau2_interval.high) == pytest.approx(
        (0.119718361141, 1.111479084061), rel=1e-6
    )
    assert meta_analysis(*BCG, heterogeneity=DerSimonianLaird()).i2 == pytest.approx(0.9211734685, rel=1e-8)


def test_the_prediction_interval_by_its_definition():
    # A tau² from every value of a chi-squared Q, then a study from each: 200,000 draws, whose quantiles have a standard
    # error of about 0.006
    y, v = np.array(BCG)
    rng = np.random.default_rng(0)
    grid = np.linspace(0, 12, 20_001)
    weights = 1 / (v + grid[:, np.newaxis])
    means = weights @ y / weights.sum(axis=1)
    q = (weights * (y - means[:, np.newaxis]) ** 2).sum(axis=1)
    tau2 = np.interp(-rng.chisquare(12, size=200_000), -q, grid)
    errors = 1 / np.sqrt((1 / (v + tau2[:, np.newaxis])).sum(axis=1))
    centers = np.interp(tau2, grid, means) + errors * rng.normal(size=len(tau2))
    new = centers + np.sqrt(tau2) * rng.normal(size=len(tau2))
    interval = meta_analysis(y, v).prediction_interval
    assert (interval.low, interval.high) == pytest.approx(tuple(np.quantile(new, [0.025, 0.975])), abs=0.03)


def test_wald_warns_of_few_studies():
    with pytest.warns(FewReplicatesWarning, match=r"number of studies: should be at least 20 for Wald\(\); got 13"):
        meta_analysis(*BCG, test=Wald())


def test_correlations_of_metafor():
    # R: d2 <- escalc(measure="ZCOR", ri=c(.31,.12,.25,.40,-.05), ni=c(50,60,40,80,35))
    # r <- rma(yi, vi, data=d2, method="REML", test="knha"); c(r$tau2, tanh(c(r$b, r$ci.lb, r$ci.ub)), r$zval, r$pval)
    found = meta_analysis_of_correlations([0.31, 0.12, 0.25, 0.40, -0.05], [50, 60, 40, 80, 35])
    interval = found.mean.confidence_interval
    numbers = [found.tau2, found.mean.effect, interval.low, interval.high, found.mean.statistic, found.mean.pvalue]
    expected = [0.01227956716, 0.23170705248, 0.01191651535, 0.43013975535, 2.92410565532, 0.04306645987]
    assert numbers == pytest.approx(expected, rel=1e-6)
    assert (found.q, found.i2) == pytest.approx((6.39231733092, 0.3743197729885), rel=1e-6)
    assert found.mean.effect_name == "mean r"


def test_spearman_variances_reach_the_analysis():
    r, n = [0.31, 0.12, 0.25, 0.40], [50, 60, 40, 80]
    by_hand = meta_analysis(np.arctanh(r), (1 + np.square(r) / 2) / (np.array(n) - 3))
    found = meta_analysis_of_correlations(r, n, coefficient=Spearman())
    assert np.arctanh(found.mean.effect) == pytest.approx(by_hand.mean.effect)
    assert found.tau2 == pytest.approx(by_hand.tau2)
    assert found.mean.effect_name == "mean rho"


@FEW_STUDIES
@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.integers(3, 20))
def test_statsmodels(seed, n):
    rng = np.random.default_rng(seed)
    v = rng.uniform(0.01, 1, size=n)
    y = rng.normal(0, np.sqrt(v + 0.5))
    for heterogeneity, name in ((DerSimonianLaird(), "dl"), (PauleMandel(), "pm")):
        found = meta_analysis(y, v, heterogeneity=heterogeneity, test=Wald())
        if found.tau2 == 0:
            continue  # statsmodels leaves a negative one
        expected = combine_effects(y, v, method_re=name)
        assert found.tau2 == pytest.approx(expected.tau2, rel=1e-4)
        assert found.mean.effect == pytest.approx(expected.mean_effect_re, rel=1e-4, abs=1e-6)
        hartung = meta_analysis(y, v, heterogeneity=heterogeneity).mean
        assert hartung.effect / hartung.statistic == pytest.approx(expected.sd_eff_w_re_hksj, rel=1e-4)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 12), st.sampled_from([0.0, 0.1, 2.0]))
def test_reml_maximizes_the_restricted_likelihood(seed, n, between):
    rng = np.random.default_rng(seed)
    v = rng.uniform(0.01, 1, size=n)
    y = rng.normal(0, np.sqrt(v + between))

    def loss(tau2):
        w = 1 / (v + tau2)
        return -(np.log(w).sum() - np.log(w.sum()) - w @ (y - w @ y / w.sum()) ** 2)

    tau2 = REML().tau2(y, v)
    found = minimize_scalar(loss, bounds=(0, 20), method="bounded", options={"xatol": 1e-10})
    assert loss(tau2) <= found.fun + 1e-9
    assert loss(tau2) <= min(loss(each) for each in np.linspace(0, 20, 500)) + 1e-9


def test_equal_variances_give_the_t_test():
    # Where all variances are equal the Knapp-Hartung test is Student's, whatever tau²
    y = np.array([0.1, 0.3, -0.2, 0.5, 0.4])
    found = meta_analysis(y, np.full(5, 0.01))
    assert found.mean.effect == pytest.approx(y.mean())
    assert found.mean.statistic == pytest.approx(y.mean() / (y.std(ddof=1) / np.sqrt(5)))
    assert found.tau2 == pytest.approx(y.var(ddof=1) - 0.01)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.1, 10), st.sampled_from([REML(), PauleMandel(), DerSimonianLaird()]))
def test_invariances(seed, factor, heterogeneity):
    rng = np.random.default_rng(seed)
    y, v = rng.normal(size=6), rng.uniform(0.1, 1, size=6)
    found = meta_analysis(y, v, heterogeneity=heterogeneity)
    scaled = meta_analysis(-factor * y[::-1], factor**2 * v[::-1], heterogeneity=heterogeneity)
    assert scaled.tau2 == pytest.approx(factor**2 * found.tau2, rel=1e-6, abs=1e-9)
    assert scaled.mean.pvalue == pytest.approx(found.mean.pvalue, rel=1e-5)
    assert scaled.i2 == pytest.approx(found.i2, rel=1e-5, abs=1e-9)
    two, less, greater = (
        meta_analysis(y, v, heterogeneity=heterogeneity, alternative=word).mean.pvalue
        for word in ("two-sided", "less", "greater")
    )
    assert (two, less + greater) == pytest.approx((2 * min(less, greater), 1))


@FEW_STUDIES
def test_truncation_widens_what_is_too_narrow():
    y, v = [0.11, 0.10, 0.12, 0.11], [0.05] * 4
    untouched, truncated = (meta_analysis(y, v, test=KnappHartung(truncate=each)).mean for each in (False, True))
    known = meta_analysis(y, v, test=Wald()).mean
    assert untouched.confidence_interval.high < truncated.confidence_interval.high
    assert truncated.statistic == pytest.approx(known.statistic)


@pytest.mark.parametrize("heterogeneity", [REML(), PauleMandel(), DerSimonianLaird()])
def test_what_all_effects_have_in_common_costs_no_digits(heterogeneity):
    # The effects are eighths, which -1e9 leaves exact; the analysis depends on their differences alone.
    effects, variances = np.array([0.125, 0.5, 0.875, 0.25, 1.0]), np.full(5, 0.0625)
    near = meta_analysis(effects, variances, heterogeneity=heterogeneity)
    far = meta_analysis(effects - 1e9, variances, heterogeneity=heterogeneity)
    assert far.tau2 == pytest.approx(near.tau2, rel=1e-9)
    assert far.q == pytest.approx(near.q, rel=1e-9)
    assert far.mean.pvalue < near.mean.pvalue  # of a mean far from zero


def test_it_speaks():
    text = meta_analysis(*BCG, replication_unit="trial").summary()
    assert text == (
        "mean effect = -0.715, 95 % CI [-1.11, -0.321], p = .002, n = 13 trials, random effects (REML, Knapp-Hartung);"
        " tau² = 0.313, I² = 92 %; 95 % prediction interval [-2.08, 0.626]"
    )


@FEW_STUDIES
def test_equal_effects_have_no_heterogeneity():
    for heterogeneity in (REML(), PauleMandel(), DerSimonianLaird()):
        found = meta_analysis([0.2, 0.2, 0.2], [0.1, 0.2, 0.1], heterogeneity=heterogeneity, test=Wald())
        assert (found.tau2, found.tau2_interval.high, found.q, found.q_pvalue) == (0, 0, pytest.approx(0), 1)


def test_two_studies_have_no_prediction():
    assert meta_analysis([0.1, 0.4], [0.01, 0.02]).prediction_interval is None


def test_bad_input_is_refused_by_name():
    with pytest.raises(TooFewSamplesError, match="number of studies: must be at least 2; got 1"):
        meta_analysis([0.1], [0.1])
    with pytest.raises(InvalidInputError, match=r"variances: must be above 0; got 0\.0"):
        meta_analysis([0.1, 0.2], [0.1, 0.0])
    with pytest.raises(InvalidInputError, match="effects and variances: must have the same length"):
        meta_analysis([0.1, 0.2], [0.1])
    with pytest.raises(NonFiniteError, match="effects"):
        meta_analysis([0.1, np.nan], [0.1, 0.1])
    with pytest.raises(InvalidInputError, match="effects: must differ for KnappHartung"):
        meta_analysis([0.1 + 0.2, 0.3], [0.1, 0.1])
    with pytest.raises(InvalidInputError, match=r"correlations: must lie strictly between -1 and 1; got 1\.0"):
        meta_analysis_of_correlations([0.1, 1.0], [10, 10])
    with pytest.raises(InvalidInputError, match=r"sizes: must be integers of at least 4; got 9\.5"):
        meta_analysis_of_correlations([0.1, 0.2], [10, 9.5])
