import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.power import TTestPower

from attnstats.comparison import equivalence_power, plan_sample_size, sample_size_needed, t_test_power
from attnstats.exceptions import ConstantInputError, InvalidInputError, TooFewSamplesError

STATSMODELS = {"two-sided": "two-sided", "greater": "larger", "less": "smaller"}


@pytest.mark.parametrize("alternative", ["two-sided", "greater"])
@pytest.mark.parametrize("shift", [0.15, 0.5, 3.0])
def test_seeds_needed_is_the_first_number_that_suffices(alternative, shift):
    differences = np.random.default_rng(0).normal(shift, 1, size=10)
    needed = sample_size_needed(differences, alternative=alternative)
    effect = differences.mean() / differences.std(ddof=1)
    solved = TTestPower().solve_power(effect, power=0.8, alpha=0.05, alternative=STATSMODELS[alternative])
    assert needed == max(2, int(np.ceil(solved)))


def test_seeds_are_counted_per_stratum():
    differences = np.random.default_rng(0).normal(0.5, 1, size=(4, 10))
    together = sample_size_needed(differences.ravel(), strata=np.repeat(np.arange(4), 10))
    assert t_test_power(1.0, 2, n_strata=4) < 0.8 <= t_test_power(1.0, 4, n_strata=4)
    alone = sample_size_needed(differences.ravel())
    assert alone / 4 <= together <= alone / 4 + 2


def test_seeds_needed_for_equivalence_is_the_first_number_with_the_power_of_the_observed_difference():
    differences = np.random.default_rng(0).normal(0.1, 1, size=(3, 10))
    mean, sd = differences.mean(), np.sqrt(differences.var(axis=1, ddof=1).mean())
    needed = sample_size_needed(differences.ravel(), margin=0.6, strata=np.repeat(np.arange(3), 10), alpha=0.1)
    shared = {"difference": mean / sd, "alpha": 0.1, "n_strata": 3}
    assert equivalence_power(0.6 / sd, needed - 1, **shared) < 0.8 <= equivalence_power(0.6 / sd, needed, **shared)


def test_none_where_no_number_would_do():
    assert sample_size_needed([1.0, 2.0, 3.0], margin=1.9) is None  # the mean is 2
    assert sample_size_needed([1.0, 2.0, 3.0], margin=2.5) is not None
    assert sample_size_needed([1.0, -1.0, 2.0, -2.0]) is None
    assert sample_size_needed([1.0, 0.5, 2.0], alternative="less") is None
    assert sample_size_needed([1.0, -0.9, 1.0, -0.9], maximum=10) is None
    assert sample_size_needed([1.0, -0.9, 1.0, -0.9], maximum=10_000) is not None


@pytest.fixture
def pilot():
    return np.random.default_rng(1).normal(0.3, 1.0, size=8)


@pytest.mark.parametrize("alternative", ["two-sided", "greater"])
def test_plan_is_statsmodels_at_the_limit_of_the_standard_deviation(pilot, alternative):
    plan = plan_sample_size(pilot, effect=0.7, alternative=alternative)
    limit = pilot.std(ddof=1) * np.sqrt(7 / stats.chi2.ppf(0.2, 7))
    assert (plan.sd, plan.sd_upper) == pytest.approx((pilot.std(ddof=1), limit))
    for sd, found in ((limit, plan.n), (plan.sd, plan.n_at_estimate)):
        wanted = TTestPower().solve_power(0.7 / sd, power=0.8, alpha=0.05, alternative=STATSMODELS[alternative])
        assert found == int(np.ceil(wanted))
    assert plan.summary().startswith(f"{plan.n} replicates for 80 % power to show a difference of 0.7")


def test_plan_for_equivalence_is_the_first_number_that_suffices(pilot):
    plan = plan_sample_size(pilot, margin=0.8)
    sizes = [equivalence_power(0.8 / plan.sd_upper, n) for n in (plan.n - 1, plan.n)]
    assert sizes[0] < 0.8 <= sizes[1]


def test_the_plan_has_its_power_as_often_as_assured():
    # 200 pilots of 6 seeds: Monte Carlo error 0.028, three of them. The plain estimate falls short more often than not.
    rng = np.random.default_rng(0)
    plans = [plan_sample_size(rng.normal(size=6), effect=1.0, assurance=0.8) for _ in range(200)]
    reached = np.mean([t_test_power(1.0, plan.n) >= 0.8 for plan in plans])
    plain = np.mean([t_test_power(1.0, plan.n_at_estimate) >= 0.8 for plan in plans])
    assert reached == pytest.approx(0.8, abs=0.085)
    assert plain < 0.6


def test_plan_of_strata_pools_the_variance():
    groups = np.random.default_rng(0).normal(size=(3, 5)) + np.array([[0.0], [5.0], [10.0]])
    plan = plan_sample_size(groups.ravel(), strata=np.repeat([0, 1, 2], 5), effect=0.8)
    assert plan.sd == pytest.approx(np.sqrt(groups.var(axis=1, ddof=1).mean()))
    assert t_test_power(0.8 / plan.sd_upper, plan.n, n_strata=3) >= 0.8
    assert t_test_power(0.8 / plan.sd_upper, plan.n - 1, n_strata=3) < 0.8


def test_too_many_is_said_so(pilot):
    plan = plan_sample_size(pilot, effect=0.01, maximum=50)
    assert plan.n is None
    assert plan.summary().startswith("more than 50 replicates")


def test_bad_input_is_refused(pilot):
    with pytest.raises(ConstantInputError, match="must vary"):
        sample_size_needed([1.0, 1.0])
    with pytest.raises(TooFewSamplesError, match="number of differences in a stratum"):
        sample_size_needed([1.0, 2.0, 3.0], strata=[0, 0, 1])
    with pytest.raises(InvalidInputError, match="power"):
        sample_size_needed([1.0, 2.0], power=1.0)
    with pytest.raises(InvalidInputError, match=r"margin: must be a finite number above 0; got -0\.1"):
        sample_size_needed([1.0, 2.0, 3.0], margin=-0.1)
    for options, got in (({}, "neither"), ({"effect": 1.0, "margin": 1.0}, "both")):
        message = f"effect or margin: exactly one of the two must be given; got {got}"
        with pytest.raises(InvalidInputError, match=message):
            plan_sample_size(pilot, **options)
    with pytest.raises(InvalidInputError, match="effect: must be a finite number other than 0; got 0"):
        plan_sample_size(pilot, effect=0)
    with pytest.raises(InvalidInputError, match="margin: must be a finite number above 0"):
        plan_sample_size(pilot, margin=-1.0)
    with pytest.raises(InvalidInputError, match="assurance"):
        plan_sample_size(pilot, effect=1.0, assurance=1)


def test_a_plan_over_strata_says_that_its_numbers_are_for_each(pilot):
    strata = np.arange(len(pilot)) % 2
    plan = plan_sample_size(pilot, effect=0.5, strata=strata, replication_unit="patient")
    assert plan.summary().startswith(f"{plan.n} patients in each of 2 strata for 80 % power")
    alone = plan_sample_size(pilot, effect=0.5, replication_unit="patient")
    assert alone.summary().startswith(f"{alone.n} patients for 80 % power")
    assert plan.summary().endswith(f"of the pilot of {len(pilot)} patients")
