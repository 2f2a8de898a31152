import joblib
import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.power import TTestPower

from attnstats.comparison import equivalence_power, equivalence_test, simulated_power, t_test_power
from attnstats.exceptions import InvalidInputError
from attnstats.resampling import sign_flip_test

STATSMODELS = {"two-sided": "two-sided", "greater": "larger", "less": "smaller"}


@pytest.mark.parametrize("alternative", STATSMODELS)
@pytest.mark.parametrize("effect", [-1.2, -0.3, 0.0, 0.3, 1.2])
@pytest.mark.parametrize("n", [3, 8, 40])
def test_power_equals_statsmodels(effect, n, alternative):
    expected = TTestPower().power(effect, n, 0.05, alternative=STATSMODELS[alternative])
    assert t_test_power(effect, n, alternative=alternative) == pytest.approx(expected, abs=1e-8)


def test_power_of_strata_by_simulation():
    # 3 strata of 5 seeds, t on the pooled variance; 4000 trials: Monte Carlo error 0.008, four of them.
    rng = np.random.default_rng(0)
    samples = rng.normal(0.6, 1, size=(4_000, 3, 5))
    error = np.sqrt(samples.var(axis=2, ddof=1).mean(axis=1) / 15)
    rejected = np.abs(samples.mean(axis=(1, 2)) / error) > 2.1788  # qt(0.975, 12)
    assert t_test_power(0.6, 5, n_strata=3) == pytest.approx(rejected.mean(), abs=0.032)


@pytest.mark.parametrize("n", [2, 100, 10_000])
def test_power_is_defined_for_any_effect(n):
    # one library's noncentral t is NaN for noncentralities near 39
    powers = [t_test_power(effect, n) for effect in np.linspace(0, 1, 101)]
    assert (np.diff(powers) > -1e-9).all()
    assert powers[0] == pytest.approx(0.05)


def test_power_as_in_r():
    # R 4.2.2: power.t.test(n = 10, delta = 1, sd = 1, type = "one.sample")
    assert t_test_power(1.0, 10) == pytest.approx(0.8030962087, abs=1e-4)  # R leaves out the wrong direction
    # power.t.test(n = 12, delta = .02, sd = .0203, type = "one.sample", alternative = "one.sided")
    assert t_test_power(0.02 / 0.0203, 12, alternative="greater") == pytest.approx(0.9391618557, abs=1e-8)


@pytest.mark.parametrize(
    ("margin", "difference", "n", "expected"),
    [(1, 0, 12, 0.8893810960), (0.5, 0.1, 40, 0.7811065018), (1.2, -0.3, 10, 0.8326319875)],
)
def test_equivalence_power_by_integration_in_r(margin, difference, n, expected):
    # R 4.2.2, with df = n - 1, t = qt(.95, df): integrate(function(s) (pnorm(sqrt(n) * (margin - difference) - t * s)
    # - pnorm(t * s - sqrt(n) * (margin + difference))) * 2 * df * s * dchisq(df * s^2, df), 0, sqrt(n) * margin / t)
    assert equivalence_power(margin, n, difference=difference) == pytest.approx(expected, abs=1e-9)


def test_equivalence_power_of_a_crossover_study():
    # PowerTOST, sampleN.TOST(CV = 0.3) with its defaults: 40 subjects in a 2 x 2 crossover, achieved power 0.815845.
    # There df = 38 and the error of the log ratio is sqrt(log(1 + 0.3^2)) sqrt(2/40), about log 0.95 and ± log 1.25;
    # 39 seeds have the same df if the standard deviation is that error times sqrt(39).
    sd = np.sqrt(np.log(1.09)) * np.sqrt(2 / 40) * np.sqrt(39)
    found = equivalence_power(np.log(1.25) / sd, 39, difference=np.log(0.95) / sd)
    assert found == pytest.approx(0.815845, abs=5e-7)


def test_equivalence_power_is_that_of_the_test():
    # 1,000 trials: Monte Carlo error 0.013, four of them
    rng = np.random.default_rng(0)
    rate = np.mean([equivalence_test(rng.normal(0.2, 1, size=12), margin=1.0).pvalue <= 0.05 for _ in range(1_000)])
    assert equivalence_power(1.0, 12, difference=0.2) == pytest.approx(rate, abs=0.052)


@pytest.mark.parametrize("n", [2, 5, 1_000])
def test_equivalence_power_at_the_margin_is_at_most_alpha(n):
    assert equivalence_power(0.7, n, difference=0.7) <= 0.05 + 1e-9
    assert equivalence_power(0.7, n, difference=0.3) == pytest.approx(equivalence_power(0.7, n, difference=-0.3))
    assert equivalence_power(1e-3, 2) == pytest.approx(0, abs=1e-3)


def test_equivalence_power_of_strata_counts_all_seeds():
    # 3 strata of 5: the same noncentrality as 15 seeds, fewer degrees of freedom
    assert equivalence_power(1.0, 14) < equivalence_power(1.0, 5, n_strata=3) < equivalence_power(1.0, 15)


def t_pvalue(n, generator):
    return float(stats.ttest_1samp(generator.normal(0.8, 1, size=n), 0).pvalue)


def sign_flip_pvalue(n, generator):
    return sign_flip_test(generator.normal(0.8, 1, size=n)).pvalue


def test_simulated_power_of_the_t_test_is_the_formula():
    result = simulated_power(t_pvalue, 12, n_simulations=1_000, rng=0)
    exact = t_test_power(0.8, 12)
    assert result.power == pytest.approx(exact, abs=4 * np.sqrt(exact * (1 - exact) / 1_000))
    expected = stats.binomtest(round(1_000 * result.power), 1_000).proportion_ci(0.95, method="exact")
    assert (result.interval.low, result.interval.high) == pytest.approx((expected.low, expected.high), rel=1e-9)
    assert exact in result.interval
    assert "1000 simulations" in result.summary()


def test_simulated_power_does_not_depend_on_the_workers():
    with joblib.parallel_config(backend="threading"):  # processes would take seconds to start
        one, two = (simulated_power(sign_flip_pvalue, 8, n_simulations=100, n_jobs=jobs, rng=3) for jobs in (1, 2))
    assert one == two


def test_simulated_power_of_zero_and_one():
    assert simulated_power(lambda *_: 1.0, 5, n_simulations=100).interval.low == 0
    sure = simulated_power(lambda *_: 1e-9, 5, n_simulations=100).interval
    assert (sure.low, sure.high) == (pytest.approx(0.025 ** (1 / 100)), 1)


def test_bad_input_is_refused():
    with pytest.raises(InvalidInputError, match="effect"):
        t_test_power(np.nan, 8)
    with pytest.raises(InvalidInputError, match="n: must"):
        t_test_power(1.0, 1)
    with pytest.raises(InvalidInputError, match="margin: must be a finite number above 0"):
        equivalence_power(0.0, 8)
    with pytest.raises(InvalidInputError, match="difference"):
        equivalence_power(1.0, 8, difference=np.inf)
    for wrong in (0.0, 1.5, np.nan):
        with pytest.raises(InvalidInputError, match="pvalue: must return numbers above 0"):
            simulated_power(lambda *_, p=wrong: p, 5, n_simulations=100)
