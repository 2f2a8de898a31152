import numpy as np
import pytest
from scipy.stats import friedmanchisquare, rankdata, ttest_rel
from statsmodels.stats.meta_analysis import combine_effects

from attnstats.comparison import Holm, anova_test, friedman_test, meta_analysis, partial_conjunction_test
from attnstats.scores import Block, PairedT
from attnstats.scores.choice.rules import Rules
from attnstats.scores.comparison.across_datasets import InEachDataset, across_datasets, ranks_over_datasets

pytestmark = pytest.mark.filterwarnings("ignore::attnstats.exceptions.FewReplicatesWarning")

RNG = np.random.default_rng(0)
RULES, LOWER = Rules(0.95, Holm()), Rules(0.95, Holm(), lower_is_better=True)
#: Differences of 8 units in each of five data sets.
SAMPLES = [mean + RNG.normal(size=8) for mean in (2.0, 3.0, 0.0, 0.2, -2.5)]


def in_each(samples, *, shared=False):
    zeros = [np.zeros_like(each) for each in samples]
    return InEachDataset(("a", "b"), PairedT("run", shared), tuple(map(Block, samples)), tuple(map(Block, zeros)))


def shown(pvalues, alpha=0.05):
    """In how many hypotheses at least the effect is there: Bonferroni's test of each number, from the largest p on."""
    ordered = np.sort(pvalues)
    return sum((len(ordered) - r) * ordered[r] <= alpha for r in range(len(ordered)))


def test_the_number_of_data_sets_is_that_of_partial_conjunction():
    found = across_datasets(in_each(SAMPLES), RULES, "task")
    above = [ttest_rel(each, 0 * each, alternative="greater").pvalue for each in SAMPLES]
    below = [1 - each for each in above]
    assert (found.better_in, found.worse_in, found.n_datasets) == (shown(above), shown(below), 5)
    assert (found.better_in, found.worse_in) == (2, 1)
    assert found.better_in == partial_conjunction_test(above).lower_bound(0.95)
    turned = across_datasets(in_each(SAMPLES), LOWER, "task")
    assert (turned.better_in, turned.worse_in) == (1, 2)


def test_the_mean_over_other_data_sets_is_a_meta_analysis():
    found = across_datasets(in_each(SAMPLES), RULES, "task")
    effects, variances = [each.mean() for each in SAMPLES], [each.var(ddof=1) / 8 for each in SAMPLES]
    expected = meta_analysis(effects, variances, replication_unit="task")
    assert (found.mean.effect, found.tau**2) == pytest.approx((expected.mean.effect, expected.tau2))
    reference = combine_effects(np.array(effects), np.array(variances), method_re="iterated", use_t=True)
    assert found.mean.effect == pytest.approx(reference.mean_effect_re, abs=0.05)  # Paule and Mandel, not REML


def test_data_sets_of_the_same_runs_are_crossed_with_them():
    """A run that is bad is so in all data sets: their errors are no independent ones."""
    runs = RNG.normal(0, 1, size=(6, 1)) + RNG.normal(0, 0.5, size=4) + RNG.normal(0, 0.2, size=(6, 4))
    found = across_datasets(in_each(runs.T, shared=True), RULES, "task")
    expected = anova_test(runs, minimum_replicates=2)
    assert found.mean.pvalue == pytest.approx(expected.pvalue)
    assert found.mean.interval(0.95).low == pytest.approx(expected.interval(0.95).low)
    by_item = runs - runs.mean(axis=1, keepdims=True)
    residual = ((by_item - by_item.mean(axis=0)) ** 2).sum() / (5 * 3)
    assert found.tau**2 == pytest.approx(by_item.mean(axis=0).var(ddof=1) - residual / 6)


@pytest.mark.parametrize(
    "samples",
    [
        SAMPLES[:2],
        [*SAMPLES[:3], np.full(8, 0.3)],
        [np.concatenate([each[:4], -each[:4]]) for each in SAMPLES],
        [1e-300 * each for each in SAMPLES],
    ],
    ids=["two data sets", "one without an error", "equal effects", "errors without a square"],
)
def test_there_is_no_mean_of_few_data_sets_or_without_errors(samples):
    found = across_datasets(in_each(samples), RULES, "task")
    assert found.mean is None
    assert found.better_in <= len(samples)
    assert str(found).startswith(f"a better than b in at least {found.better_in} of {len(samples)} data sets")


@pytest.mark.parametrize("rules", [RULES, LOWER, Rules(0.9, Holm())])
def test_ranks_are_those_of_friedman_and_nemenyi(rules):
    means = RNG.normal(np.arange(4)[:, np.newaxis], 1.5, size=(4, 9))
    means[0, 3] = means[1, 3]
    found = ranks_over_datasets(tuple("abcd"), means, rules, "task")
    ranks = np.stack([rankdata(column if rules.lower_is_better else -column) for column in means.T], axis=1)
    assert found.nemenyi.mean_ranks == pytest.approx(ranks.mean(axis=1))
    assert found.nemenyi.alpha == pytest.approx(rules.alpha)
    assert found.friedman.statistic == pytest.approx(friedmanchisquare(*means).statistic)
    assert found.friedman.pvalue == pytest.approx(friedman_test(means).pvalue)


def test_ranks_need_three_data_sets_with_all_conditions():
    means = RNG.normal(size=(4, 3))
    assert ranks_over_datasets(tuple("abcd"), means, RULES, "task") is not None
    assert ranks_over_datasets(tuple("abcd"), means[:, :2], RULES, "task") is None
    means[2, 1] = np.nan
    assert ranks_over_datasets(tuple("abcd"), means, RULES, "task") is None
    assert ranks_over_datasets(tuple("abcd"), np.ones((4, 5)), RULES, "task") is None
