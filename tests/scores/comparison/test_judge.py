import math
from itertools import product

import numpy as np
import pytest
from scipy.stats import t, ttest_1samp
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import TTestPower

from attnstats.comparison import BenjaminiHochberg, BenjaminiYekutieli, Bonferroni, Hochberg, Holm, Hommel
from attnstats.scores import Block, CrossedAnova, Needed, PairedT, Verdict
from attnstats.scores.choice.rules import Rules, Sizes
from attnstats.scores.comparison._judge import judge

SIZES = Sizes(8, "run")
CORRECTIONS = {
    Bonferroni(): "bonferroni",
    Holm(): "holm",
    Hochberg(): "simes-hochberg",
    Hommel(): "hommel",
    BenjaminiHochberg(): "fdr_bh",
    BenjaminiYekutieli(): "fdr_by",
}


def differences(mean, spread=1.0, n=8):
    """Differences of n units with exactly this mean and standard deviation."""
    values = np.random.default_rng(0).normal(size=n)
    return mean + spread * (values - values.mean()) / values.std(ddof=1)


def contrast(values):
    return PairedT("run").difference((Block(values),), (Block(np.zeros_like(values)),))


def judged(*samples, sizes=SIZES, dataset="", **rules):
    """Verdicts on samples of differences, one family."""
    rules = Rules(rules.pop("level", 0.95), rules.pop("correction", Holm()), **rules)
    names = [(f"a{i}", "b", dataset) for i in range(len(samples))]
    return judge([contrast(each) for each in samples], names, rules, sizes)


@pytest.mark.parametrize("correction", CORRECTIONS, ids=lambda each: type(each).__name__)
def test_p_values_are_adjusted_as_by_statsmodels(correction):
    samples = [differences(mean) for mean in (0.2, 0.9, 1.4, 0.7, 0.0, -1.1)]
    found = judged(*samples, correction=correction, margin=1.0)
    raw = [ttest_1samp(each, 0).pvalue for each in samples]
    above = [ttest_1samp(each, -1, alternative="greater").pvalue for each in samples]
    below = [ttest_1samp(each, 1, alternative="less").pvalue for each in samples]

    def adjusted(pvalues):
        return pytest.approx(multipletests(pvalues, method=CORRECTIONS[correction])[1])

    assert [each.pvalue for each in found] == pytest.approx(raw)
    assert [each.adjusted_pvalue for each in found] == adjusted(raw)
    assert [each.margin.adjusted_equivalence for each in found] == adjusted(np.maximum(above, below))
    assert [each.margin.adjusted_noninferiority for each in found] == adjusted(above)
    assert [each.margin.equivalence for each in found] == pytest.approx(np.maximum(above, below))


@pytest.mark.parametrize("lower_is_better", [False, True])
@pytest.mark.parametrize(
    ("mean", "spread", "margin", "verdict", "note"),
    [
        (2, 1, None, "better", ""),
        (-2, 1, None, "worse", ""),
        (0.1, 1, None, "inconclusive", ""),
        (2, 1, 0.5, "better", ""),
        (-2, 1, 0.5, "worse", ""),
        (0.0, 0.1, 0.5, "equivalent", ""),
        (0.2, 0.1, 0.5, "equivalent", "there is a difference, but one within the margin"),
        (-0.2, 0.1, 0.5, "equivalent", "there is a difference, but one within the margin"),
        (0.4, 1, 0.5, "inconclusive", ""),
    ],
)
def test_verdicts_in_words(mean, spread, margin, verdict, note, lower_is_better):
    sign = -1 if lower_is_better else 1
    (found,) = judged(differences(sign * mean, spread), margin=margin, lower_is_better=lower_is_better)
    assert (found.verdict, found.note) == (Verdict(verdict), note)
    assert (found.margin is None) == (margin is None)
    assert (found.needed is not None) == (verdict == "inconclusive")


def test_the_verdict_follows_the_adjusted_p_value():
    alone, family = judged(differences(0.9)), judged(*[differences(0.9)] * 3, correction=Bonferroni())
    assert alone[0].pvalue < 0.05 < 3 * alone[0].pvalue
    assert alone[0].verdict is Verdict.BETTER
    assert {each.verdict for each in family} == {Verdict.INCONCLUSIVE}


def test_noninferiority_is_against_a_difference_for_the_worse():
    sample = differences(0.3)
    (found,) = judged(sample, margin=0.5)
    assert found.margin.noninferiority == pytest.approx(ttest_1samp(sample, -0.5, alternative="greater").pvalue)
    (found,) = judged(sample, margin=0.5, lower_is_better=True)
    assert found.margin.noninferiority == pytest.approx(ttest_1samp(sample, 0.5, alternative="less").pvalue)


def test_a_difference_without_a_test_is_inconclusive_and_counts_in_the_family():
    sample = differences(0.9)
    found = judged(sample, np.full(8, 0.5), margin=0.6, correction=Bonferroni())
    assert found[0].adjusted_pvalue == pytest.approx(2 * found[0].pvalue)
    assert found[1].verdict is Verdict.INCONCLUSIVE
    assert np.isnan([found[1].pvalue, found[1].adjusted_pvalue, found[1].margin.equivalence]).all()
    assert found[1].interval is None
    assert found[1].needed is None
    assert "the difference is 0.5 in every" in found[1].note


@pytest.mark.parametrize(("margin", "n_family"), list(product([None, 0.4], [1, 3])))
def test_needed_units_are_the_fewest_with_the_power(margin, n_family):
    sample = differences(0.3)
    found = judged(sample, *[differences(0.1)] * (n_family - 1), margin=margin)[0].needed
    assert found.difference == pytest.approx(margin or 0.3)
    assert found.power == 0.8
    assert found.items is None

    def power(n):  # of statsmodels, with the degrees of freedom growing by the share of units
        return TTestPower().power(found.difference, nobs=n, alpha=0.05 / n_family, df=7 * n / 8)

    assert power(found.units) >= 0.8 > power(found.units - 1)


def test_needed_items_and_units_of_a_crossed_design():
    rng = np.random.default_rng(0)
    units, items = rng.normal(0, 0.4, size=(6, 1)), rng.normal(0, 0.6, size=30)
    a = 0.2 + units - units.mean() + items - items.mean() + rng.normal(0, 1, size=(6, 30))
    found = CrossedAnova("run").difference((Block(a),), (Block(np.zeros_like(a)),))
    (difference,) = judge([found], [("a", "b", "")], Rules(0.95, Holm(), 0.35), Sizes(6, "run", 30, "item"))
    needed = difference.needed
    assert needed.difference == 0.35
    for n, ratio in ((needed.units, lambda n: (n / 6, 1.0)), (needed.items, lambda n: (1.0, n / 30))):
        assert found.power(0.35, 0.05, *ratio(n)) >= 0.8 > found.power(0.35, 0.05, *ratio(n - 1))
    # No number of items makes up for few units that vary.
    (difference,) = judge([found], [("a", "b", "")], Rules(0.95, Holm(), 0.05), Sizes(6, "run", 30, "item"))
    assert difference.needed.items is None


def test_power_is_simulated_power():
    error, df = contrast(differences(0.3)).error_with(1, 1)
    rng = np.random.default_rng(1)
    drawn = (0.9 + error * rng.normal(size=200_000)) / (error * np.sqrt(rng.chisquare(df, 200_000) / df))
    share = np.mean(np.abs(drawn) > t.ppf(0.975, df))
    assert contrast(differences(0.3)).power(0.9, 0.05) == pytest.approx(share, abs=0.004)


@pytest.mark.parametrize("more", [{"dataset": "x"}, {"sizes": Sizes(8, "fold", more_help=False)}])
def test_nothing_is_needed_of_folds_or_single_data_sets(more):
    (found,) = judged(differences(0.1), **more)
    assert found.verdict is Verdict.INCONCLUSIVE
    assert found.needed is None


def test_a_difference_of_zero_needs_no_finite_number():
    (found,) = judged(differences(0.0) - np.mean(differences(0.0)))
    assert found.needed is None or found.needed == Needed(found.needed.difference, None, None)
    assert math.isclose(found.difference, 0, abs_tol=1e-12)
