from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2, nct, t
from statsmodels.stats.power import TTestPower

from attnstats.exceptions import InvalidInputError
from attnstats.scores import compare, plan_comparison
from attnstats.scores.comparison.planning import typical_contrast


def pilot(*, runs=5, items=None, models="ab", **options):
    rng = np.random.default_rng(0)
    labels = {"model": models, "run": range(runs), **({} if items is None else {"item": range(items)})}
    frame = pd.DataFrame(list(product(*labels.values())), columns=list(labels))
    frame["score"] = rng.normal(size=len(frame)) + rng.normal(0, 0.3, 99)[frame.run]
    return compare(
        frame, value="score", condition="model", seed="run", example=None if items is None else "item", **options
    )


def by_statsmodels(difference, spread, n, df, alpha=0.05):
    return TTestPower().power(difference / spread, nobs=n, alpha=alpha, df=df)


def test_units_are_the_fewest_that_find_the_difference():
    found = pilot()
    plan = plan_comparison(found, 1.5)
    a, b = (block[0].values for block in found.setup.data.conditions)
    spread = (a - b).std(ddof=1)
    powers = [by_statsmodels(1.5, spread, n, 4 * n / 5) for n in (plan.units, plan.units - 1)]
    assert powers[0] >= 0.8 > powers[1]
    larger = spread * np.sqrt(4 / chi2.ppf(0.2, 4))  # its upper confidence limit at 80 %
    powers = [by_statsmodels(1.5, larger, n, 4 * n / 5) for n in (plan.units_assured, plan.units_assured - 1)]
    assert powers[0] >= 0.8 > powers[1]
    assert plan.items is None
    assert "To tell a difference of 1.5 from none with 80 % power" in plan.summary()


@pytest.mark.parametrize("power", [0.5, 0.8, 0.95])
def test_detectable_differences_are_found_with_the_power(power):
    found = pilot()
    a, b = (block[0].values for block in found.setup.data.conditions)
    for row in plan_comparison(found, 1.0, power=power).detectable.itertuples():
        df = max(4 * row.units / 5, 1)
        shift = row.difference / ((a - b).std(ddof=1) / np.sqrt(row.units))
        assert nct.sf(t.ppf(0.975, df), df, shift) == pytest.approx(power, abs=1e-4)


def test_few_degrees_of_freedom_and_many_comparisons_have_a_detectable_difference():
    # With one degree of freedom and a level of .05/15 the critical value is 190.
    found = pilot(runs=3, models="abcdef", items=4)
    contrast = typical_contrast(found)
    for row in plan_comparison(found, 0.5).detectable.itertuples():
        error, df = contrast.error_with(row.units / 3, row.items / 4)
        shift, normal = row.difference / error, np.random.default_rng(0).normal(size=100_000)
        drawn = (shift + normal) / np.sqrt(np.random.default_rng(1).chisquare(df, 100_000) / df)
        assert np.mean(drawn > t.ppf(1 - 0.05 / 30, df)) == pytest.approx(0.8, abs=0.006)


def test_the_margin_is_the_difference_by_default():
    found = pilot(margin=1.2)
    assert plan_comparison(found).difference == 1.2
    assert plan_comparison(found).units == plan_comparison(found, 1.2).units


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: plan_comparison(3), r"comparison: must be an object such as compare\(...\); got 3"),
        (lambda: plan_comparison(pilot()), r"difference: must be given where the comparison has no margin; got None"),
        (lambda: plan_comparison(pilot(), -1), r"difference: must be a finite number above 0; got -1"),
        (lambda: plan_comparison(pilot(), 1, power=2), r"power: must lie strictly between 0 and 1; got 2"),
    ],
)
def test_what_cannot_be_planned_is_refused(call, message):
    with pytest.raises(InvalidInputError, match=message):
        call()
