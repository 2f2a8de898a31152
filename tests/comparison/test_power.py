import numpy as np
import pytest
from statsmodels.stats.power import TTestPower

from attnstats.comparison import seeds_needed, t_test_power
from attnstats.exceptions import ConstantInputError, InvalidInputError, TooFewSamplesError

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


@pytest.mark.parametrize("alternative", ["two-sided", "greater"])
@pytest.mark.parametrize("shift", [0.15, 0.5, 3.0])
def test_seeds_needed_is_the_first_number_that_suffices(alternative, shift):
    differences = np.random.default_rng(0).normal(shift, 1, size=10)
    needed = seeds_needed(differences, alternative=alternative)
    effect = differences.mean() / differences.std(ddof=1)
    solved = TTestPower().solve_power(effect, power=0.8, alpha=0.05, alternative=STATSMODELS[alternative])
    assert needed == max(2, int(np.ceil(solved)))


def test_seeds_are_counted_per_stratum():
    differences = np.random.default_rng(0).normal(0.5, 1, size=(4, 10))
    together = seeds_needed(differences.ravel(), strata=np.repeat(np.arange(4), 10))
    assert t_test_power(1.0, 2, n_strata=4) < 0.8 <= t_test_power(1.0, 4, n_strata=4)
    alone = seeds_needed(differences.ravel())
    assert alone / 4 <= together <= alone / 4 + 2


def test_none_where_no_number_would_do():
    assert seeds_needed([1.0, -1.0, 2.0, -2.0]) is None
    assert seeds_needed([1.0, 0.5, 2.0], alternative="less") is None
    assert seeds_needed([1.0, -0.9, 1.0, -0.9], maximum=10) is None
    assert seeds_needed([1.0, -0.9, 1.0, -0.9], maximum=10_000) is not None


def test_bad_input_is_refused():
    with pytest.raises(ConstantInputError, match="must vary over seeds"):
        seeds_needed([1.0, 1.0])
    with pytest.raises(TooFewSamplesError, match="stratum"):
        seeds_needed([1.0, 2.0, 3.0], strata=[0, 0, 1])
    with pytest.raises(InvalidInputError, match="power"):
        seeds_needed([1.0, 2.0], power=1.0)
    with pytest.raises(InvalidInputError, match="effect"):
        t_test_power(np.nan, 8)
    with pytest.raises(InvalidInputError, match="n: must"):
        t_test_power(1.0, 1)
