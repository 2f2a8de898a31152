import numpy as np
import pytest
from scipy.stats import mannwhitneyu

from attnstats.comparison import hedges_g, hedges_g_independent, variance_components
from attnstats.scores import Block, CrossedAnova, PairedT
from attnstats.scores.choice.rules import Sizes
from attnstats.scores.comparison._effects import effect_sizes
from attnstats.scores.comparison.components import components_of

RNG = np.random.default_rng(0)
SIZES = Sizes(5, "run", 40, "question")


def table():
    return RNG.normal(0, 0.5, (5, 1)) + RNG.normal(0, 1, 40) + RNG.normal(0, 1, (5, 40))


def blocks(*arrays):
    return tuple(map(Block, arrays))


def test_components_are_means_over_the_pairs():
    conditions = [table() for _ in range(3)]
    pairs = [(0, 1), (0, 2), (1, 2)]
    contrasts = [CrossedAnova("run").difference(blocks(conditions[i]), blocks(conditions[j])) for i, j in pairs]
    found = components_of(contrasts, SIZES)
    each = [variance_components(conditions[i] - conditions[j]) for i, j in pairs]
    variances = np.mean([(one.replicate, one.item, one.residual) for one in each], axis=0)
    assert [one.source for one in found] == ["run", "question", "run × question"]
    assert [one.variance for one in found] == pytest.approx(list(variances))
    assert [one.share for one in found] == pytest.approx(list(variances / variances.sum()))
    of_mean = np.mean(
        [np.array([one.replicate / 5, one.item / 40, one.residual / 200]) / one.error**2 for one in each], axis=0
    )
    assert [one.share_of_mean for one in found] == pytest.approx(list(of_mean))
    assert sum(one.share_of_mean for one in found) == pytest.approx(1)


def test_a_negative_component_counts_as_nothing():
    a = RNG.normal(size=(5, 40))
    a -= a.mean(axis=1, keepdims=True)
    run, *_ = components_of([CrossedAnova("run").difference(blocks(a), blocks(np.zeros((5, 40))))], SIZES)
    assert run.variance < 0
    assert run.share == 0


def test_units_without_items_have_no_components():
    found = PairedT("run").difference(blocks(RNG.normal(size=5)), blocks(RNG.normal(size=5)))
    assert components_of([found], Sizes(5, "run")) == ()


@pytest.mark.parametrize("paired", [True, False])
def test_effect_sizes_are_means_over_data_sets(paired):
    a, b = ([RNG.normal(shift, 1, n) for n in (6, 9)] for shift in (0.5, 0))
    b[1] = b[1] if paired else RNG.normal(size=4)
    found = effect_sizes(blocks(*a), blocks(*b), paired=paired)
    standardise = hedges_g if paired else hedges_g_independent
    assert found.hedges_g == pytest.approx(np.mean([standardise(x, y) for x, y in zip(a, b, strict=True)]))
    above = [mannwhitneyu(x, y).statistic / (len(x) * len(y)) for x, y in zip(a, b, strict=True)]
    assert found.superiority == pytest.approx(np.mean(above))
    assert found.cliffs_delta == pytest.approx(2 * np.mean(above) - 1)


def test_effect_sizes_without_a_standard_deviation():
    found = effect_sizes(blocks(np.array([0.5, 0.75, 1.0])), blocks(np.array([0.25, 0.5, 0.75])), paired=True)
    assert np.isnan(found.hedges_g)
    assert found.superiority == pytest.approx(7 / 9)
