import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.regression.mixed_linear_model import MixedLM

from attnstats.comparison import mixed_model_test
from attnstats.comparison.mixed_model._fit import MixedModelFit, fit_reml
from attnstats.exceptions import (
    ConstantInputError,
    ConvergenceError,
    FewReplicatesWarning,
    InvalidInputError,
    NonFiniteError,
    TooFewSamplesError,
)


def layout(*shape):
    return (axis.ravel() for axis in np.indices(shape))


@pytest.fixture
def unbalanced():
    """Three attentions, 6 seeds, 10 examples, 117 of the 180 cells; as written to a file for R."""
    rng = np.random.default_rng(7)
    attention, seed, example = layout(3, 6, 10)
    both = seed + 6 * attention
    y = 0.3 * attention + 0.7 * rng.normal(size=6)[seed] + rng.normal(size=10)[example]
    y = y + 0.5 * rng.normal(size=18)[both] + rng.normal(size=180)
    keep = rng.random(180) < 0.7
    return tuple(each[keep] for each in (y.round(4), attention, seed, example, both))


@pytest.mark.filterwarnings("ignore::attnstats.exceptions.FewReplicatesWarning")
@pytest.mark.parametrize(
    ("contrast", "effect", "error", "t", "pvalue", "df"),
    [
        ([-1, 1, 0], 0.51342178, 0.25934818, 1.97966215, 0.07515798, 10.271445),
        ([-0.5, -0.5, 1], 0.60856603, 0.22268425, 2.73286510, 0.02255249, 9.254529),
    ],
)
def test_crossed_and_unbalanced_as_in_r(unbalanced, contrast, effect, error, t, pvalue, df):
    y, attention, seed, example, both = unbalanced
    factors = {"seed": seed, "example": example, "both": both}
    result = mixed_model_test(y, attention, random=factors, contrast=contrast, minimum_replicates=6)
    # R 4.2.2, lme4 1.1-31, pbkrtest 0.5.2: m <- lmer(y ~ 0 + a + (1|s) + (1|e) + (1|b)); with L the contrast,
    # sum(L * fixef(m)), sqrt(L %*% vcovAdj(m) %*% L), their ratio, 2 * pt(-abs(t), ddf), get_Lb_ddf(m, L)
    assert result.effect == pytest.approx(effect, rel=1e-5)  # their optimiser stops early
    assert result.effect / result.statistic == pytest.approx(error, rel=1e-4)
    assert result.statistic == pytest.approx(t, rel=1e-4)
    assert result.pvalue == pytest.approx(pvalue, rel=1e-4)
    assert f"df = {df:.3g};" in result.test
    # as.data.frame(VarCorr(m)): s, e, b, Residual
    assert result.test.endswith("variances: seed 0.0966, example 0.279, both 0.0427, residual 0.933)")
    expected = stats.t.interval(0.95, df, effect, error)
    assert (result.interval(0.95).low, result.interval(0.95).high) == pytest.approx(expected, rel=1e-4)
    assert (result.n, result.replication_unit) == (6, "seed")


def test_variances_as_in_r_and_in_statsmodels(unbalanced):
    y, attention, _, _, both = unbalanced
    y, attention, both = (each[attention < 2] for each in (y, attention, both))
    fit = fit_reml(y, attention, [both])
    # R 4.2.2, lme4 1.1-31: as.data.frame(VarCorr(lmer(y ~ a + (1|b)))) on the first two attentions
    assert fit.variances == pytest.approx([1.346416985, 0.033294998], rel=1e-4)
    # statsmodels finds no better likelihood; its optimiser may complain, which is why it is not used
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = MixedLM(y, np.eye(2)[attention], groups=both)
        theirs = model.fit(reml=True).llf
        ours = model.loglike(model_params(fit), profile_fe=True)
    assert ours >= theirs - 1e-6


def model_params(fit):
    from statsmodels.regression.mixed_linear_model import MixedLMParams

    ratio = np.array([[fit.variances[1] / fit.variances[0]]])
    return MixedLMParams.from_components(fe_params=fit.beta, cov_re=ratio)


def test_single_random_factor_as_in_pbkrtest(unbalanced):
    y, attention, _, _, both = unbalanced
    y, attention, both = (each[attention < 2] for each in (y, attention, both))
    result = mixed_model_test(y, attention, random={"seed": both})
    # R 4.2.2, pbkrtest 0.5.2, m <- lmer(y ~ a + (1|b)): t = 2.09115983, ddf = 10.239327, p = 0.06236577;
    # lmerTest's Satterthwaite does without the adjustment of the error: 2.100157 on 10.59
    assert result.statistic == pytest.approx(2.09115983, rel=1e-5)
    assert result.pvalue == pytest.approx(0.06236577, rel=1e-5)
    assert "df = 10.2;" in result.test


@pytest.mark.parametrize("rho", [-0.3, 0.0, 0.8])
def test_paired_seeds_are_the_paired_t_test(rho):
    # Also for negative correlation, where a variance of at least zero would give the unpaired test.
    values = np.random.default_rng(0).multivariate_normal([0, 0.5], [[1, rho], [rho, 1]], size=9).T
    condition, seed = layout(2, 9)
    result = mixed_model_test(values.ravel(), condition, random={"seed": seed})
    expected = stats.ttest_rel(values[1], values[0])
    assert result.statistic == pytest.approx(expected.statistic, rel=1e-7)
    assert result.pvalue == pytest.approx(expected.pvalue, rel=1e-6)
    bounds = expected.confidence_interval(0.9)
    assert (result.interval(0.9).low, result.interval(0.9).high) == pytest.approx((bounds.low, bounds.high), rel=1e-6)


def test_examples_nested_in_seeds_are_the_t_test_of_seed_means():
    rng = np.random.default_rng(1)
    values = rng.normal(size=(2, 8, 5)) + rng.normal(size=(2, 8, 1))
    condition, seed, _ = layout(2, 8, 5)
    result = mixed_model_test(values.ravel(), condition, random={"seed": seed + 8 * condition})
    expected = stats.ttest_ind(*values.mean(axis=2)[::-1])
    assert result.statistic == pytest.approx(expected.statistic, rel=1e-6)
    assert result.pvalue == pytest.approx(expected.pvalue, rel=1e-6)
    assert "df = 14;" in result.test


def test_crossed_and_balanced_is_the_analysis_of_variance():
    # Seeds and examples crossed, their interactions with the condition random: the difference has variance
    # 2 (MS_cs + MS_ce - MS_e)/(S E), with Satterthwaite's degrees of freedom (1946, equation 17).
    rng = np.random.default_rng(3)
    n_seeds, n_examples = 8, 12
    condition, seed, example = layout(2, n_seeds, n_examples)
    cs, ce = seed + n_seeds * condition, example + n_examples * condition
    y = rng.normal(size=n_seeds)[seed] + rng.normal(size=n_examples)[example] + rng.normal(size=condition.size)
    y = y + rng.normal(size=2 * n_seeds)[cs] + 0.7 * rng.normal(size=2 * n_examples)[ce]
    result = mixed_model_test(y, condition, random={"seed": seed, "example": example, "cs": cs, "ce": ce})
    table = y.reshape(2, n_seeds, n_examples)
    rest = table - table.mean(axis=2, keepdims=True) - table.mean(axis=1, keepdims=True)
    rest = rest + table.mean(axis=(1, 2), keepdims=True)
    gaps = (table[1] - table[0]) / np.sqrt(2)
    by_seed, by_example = gaps.mean(axis=1), gaps.mean(axis=0)
    ms = np.array([n_examples * by_seed.var(ddof=1), n_seeds * by_example.var(ddof=1), (rest**2).sum() / 154])
    total = ms[0] + ms[1] - ms[2]
    df = total**2 / (ms**2 / [7, 11, 154]).sum()
    assert result.statistic == pytest.approx(gaps.mean() / np.sqrt(total / (n_seeds * n_examples)), rel=1e-5)
    assert result.pvalue == pytest.approx(2 * stats.t.sf(abs(result.statistic), df), rel=1e-4)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.01, 100), st.floats(-1e3, 1e3))
def test_invariances(seed, factor, shift):
    rng = np.random.default_rng(seed)
    condition, seeds, example = layout(2, 8, 4)
    y = rng.normal(size=64) + rng.normal(size=8)[seeds]
    keep = rng.random(64) < 0.85
    factors = {"seed": seeds[keep], "example": example[keep]}
    plain = mixed_model_test(y[keep], condition[keep], random=factors)
    moved = mixed_model_test(factor * y[keep] + shift, condition[keep], random=factors)
    assert moved.effect == pytest.approx(factor * plain.effect, rel=1e-6, abs=1e-9)
    assert moved.pvalue == pytest.approx(plain.pvalue, rel=1e-4)
    order = rng.permutation(keep.sum())
    named = {name: np.array(list("abcdefgh"))[labels[order]] for name, labels in factors.items()}
    shuffled = mixed_model_test(y[keep][order], 1 - condition[keep][order], random=named)
    assert shuffled.statistic == pytest.approx(-plain.statistic, rel=1e-5, abs=1e-8)


def test_a_negative_variance_without_a_maximum_is_set_to_zero():
    # Residual variation alone, unbalanced, four factors: some seeds have their maximum beyond the valid covariances.
    condition, seed, example = layout(2, 8, 10)
    zeros = 0
    for number in range(30):
        rng = np.random.default_rng(number)
        keep = rng.random(160) < 0.7
        factors = {"seed": seed, "example": example, "cs": seed + 8 * condition, "ce": example + 10 * condition}
        result = mixed_model_test(
            rng.normal(size=160)[keep], condition[keep], random={k: v[keep] for k, v in factors.items()}
        )
        zeros += " 0," in result.test
        assert 0 < result.pvalue <= 1
    assert 0 < zeros < 30


@pytest.mark.parametrize("gap", [1e-1, 1e-3])
def test_levels_that_agree_on_the_contrast(gap):
    # Pairs of models within two groups: the two differences have one degree of freedom, and a mean of .3 + gap/2.
    condition, group, pair = (axis.ravel() for axis in np.indices((2, 2, 24)))
    values = np.random.default_rng(4).normal(size=condition.size)
    cells = [values[(condition == a) & (group == b)].mean() for a in (0, 1) for b in (0, 1)]
    values += (np.array([0.0, 1.0, 0.3, 1.3 + gap]) - cells)[2 * condition + group]
    random = {"pair": pair + 24 * group, "group": group, "group by condition": 2 * group + condition}
    result = mixed_model_test(values, condition, random=random)
    assert result.statistic == pytest.approx((0.3 + gap / 2) / (gap / 2), rel=1e-6)
    assert "df = 1;" in result.test


def test_a_contrast_without_variance_is_refused():
    phi, nothing = np.full((2, 2), 0.0026), np.zeros((1, 2, 2))
    fit = MixedModelFit(np.zeros(2), np.ones(1), phi, phi, nothing, np.zeros((1, 1)))
    with pytest.raises(ConvergenceError, match="must leave the difference a variance; got 0 of that"):
        fit.error_and_df(np.array([-1.0, 1.0]))


def test_alternatives():
    condition, seed = layout(2, 8)
    y = np.random.default_rng(0).normal(size=16) + condition
    two, greater, less = (
        mixed_model_test(y, condition, random={"seed": seed}, alternative=word)
        for word in ("two-sided", "greater", "less")
    )
    assert greater.pvalue + less.pvalue == pytest.approx(1)
    assert two.pvalue == pytest.approx(2 * min(greater.pvalue, less.pvalue))


def test_few_seeds_warn_or_are_refused():
    condition, seed = layout(2, 5)
    y = np.random.default_rng(0).normal(size=10)
    with pytest.raises(TooFewSamplesError, match="number of seeds: must be at least 8; got 5"):
        mixed_model_test(y, condition, random={"seed": seed})
    with pytest.warns(FewReplicatesWarning):
        mixed_model_test(y, condition, random={"seed": seed}, minimum_replicates=5)


Y = np.random.default_rng(0).normal(size=16)
HALF, SEED = np.repeat([0, 1], 8), np.tile(np.arange(8), 2)


@pytest.mark.parametrize(
    ("arguments", "options", "error", "message"),
    [
        ((Y, HALF), {"random": {}}, InvalidInputError, "random: must map at least one name"),
        ((Y, HALF), {"random": [SEED]}, InvalidInputError, "random: must map at least one name"),
        ((Y, HALF), {"random": {"seed": SEED[:5]}}, InvalidInputError, "must have the same length"),
        (
            (Y, HALF),
            {"random": {"seed": np.arange(16)}},
            InvalidInputError,
            "random: must hold factors that can be told",
        ),
        ((Y, HALF), {"random": {"seed": SEED, "again": SEED}}, InvalidInputError, "random: must hold factors"),
        ((Y, HALF), {"random": {"seed": np.zeros(16)}}, TooFewSamplesError, "number of levels of seed"),
        ((Y, np.zeros(16)), {"random": {"seed": SEED}}, TooFewSamplesError, "number of conditions"),
        ((Y, SEED % 3), {"random": {"seed": SEED}}, InvalidInputError, "contrast: must be given for more than two"),
        (
            (Y, HALF),
            {"random": {"seed": SEED}, "contrast": [0, 0]},
            InvalidInputError,
            "contrast: must hold one weight",
        ),
        ((Y, HALF), {"random": {"seed": SEED}, "contrast": [1, -1, 0]}, InvalidInputError, "contrast: must hold one"),
        ((HALF, HALF), {"random": {"seed": SEED}}, ConstantInputError, "values: must vary within a condition"),
        ((Y * np.nan, HALF), {"random": {"seed": SEED}}, NonFiniteError, "values: must be finite"),
        ((Y, HALF), {"random": {"seed": SEED}, "alternative": "up"}, InvalidInputError, "alternative"),
    ],
)
def test_bad_input_is_refused_by_name(arguments, options, error, message):
    with pytest.raises(error, match=message):
        mixed_model_test(*arguments, **options)
