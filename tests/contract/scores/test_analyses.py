"""What every exported analysis promises."""

import inspect
import math

import numpy as np
import pytest

from attnstats import scores
from attnstats.scores import Analysis, Binary, Block

pytestmark = pytest.mark.filterwarnings("ignore::attnstats.exceptions.FewReplicatesWarning")

RNG = np.random.default_rng(0)
CLUSTERS = np.repeat(np.arange(6), 4)
#: Of each analysis, how it is made, and the shape of a block.
MADE = {
    "PairedT": (lambda cls: cls("run"), (8,)),
    "WelchT": (lambda cls: cls("run"), (8,)),
    "CrossedAnova": (lambda cls: cls("run", item="question"), (5, 12)),
    "IndependentCrossedAnova": (lambda cls: cls("run", item="question"), (5, 12)),
    "PairedProportions": (lambda cls: cls("question", kind=Binary(0, 2)), (24,)),
    "IndependentProportions": (lambda cls: cls("question", kind=Binary(0, 2)), (24,)),
    "ClusterRobust": (lambda cls: cls("text", example="question"), (24,)),
    "CorrectedT": (lambda cls: cls("fold", test_share=0.25), (5,)),
}
EXPORTED = {
    name: public
    for name, public in vars(scores).items()
    if inspect.isclass(public) and issubclass(public, Analysis) and public is not Analysis
}
each_analysis = pytest.mark.parametrize("name", EXPORTED)
each_number = pytest.mark.parametrize("n_datasets", [1, 3])


def drawn(name, n_datasets, shift=0.0):
    """Blocks of one condition."""
    shape = MADE[name][1]
    made = []
    for _ in range(n_datasets):
        values = RNG.normal(shift, 1, size=shape)
        values = (values > 0) * 2.0 if "Proportions" in name else values
        made.append(Block(values, CLUSTERS if name == "ClusterRobust" else None))
    return tuple(made)


def analysis(name):
    return MADE[name][0](EXPORTED[name])


def test_each_has_an_example_here():
    assert set(MADE) == set(EXPORTED)


@each_analysis
@each_number
def test_a_difference_is_that_of_the_means_and_turns_with_the_conditions(name, n_datasets):
    a, b = drawn(name, n_datasets, 0.7), drawn(name, n_datasets)
    found, turned = analysis(name).difference(a, b), analysis(name).difference(b, a)
    assert found.effect == pytest.approx(analysis(name).mean(a).effect - analysis(name).mean(b).effect)
    assert turned.effect == pytest.approx(-found.effect)
    assert turned.pvalue == pytest.approx(found.pvalue)
    one, other = found.interval(0.9), turned.interval(0.9)
    assert (one.low, one.high) == pytest.approx((-other.high, -other.low), abs=1e-9)
    for null in (-0.3, 0.0, 0.2):
        assert found.above(null) == pytest.approx(turned.below(-null))
        assert found.above(null) + found.below(null) == pytest.approx(1)
    assert (found.n, found.test) == (turned.n, turned.test)


@each_analysis
@each_number
def test_intervals_hold_the_estimate_and_grow_with_the_level(name, n_datasets):
    found = analysis(name).difference(drawn(name, n_datasets, 0.7), drawn(name, n_datasets))
    narrow, wide = found.interval(0.5), found.interval(0.99)
    assert wide.low < narrow.low < found.effect < narrow.high < wide.high
    assert 0 < found.pvalue <= 1


@each_analysis
def test_power_grows_with_the_difference_and_the_units(name):
    found = analysis(name).difference(drawn(name, 1, 0.7), drawn(name, 1))
    assert found.power(0.0, 0.05) == pytest.approx(0.05, abs=1e-6)
    assert found.power(0.3, 0.05) < found.power(0.6, 0.05) < found.power(0.6, 0.05, units=4.0) <= 1
    assert found.power(0.3, 0.05) == pytest.approx(found.power(-0.3, 0.05))


@each_analysis
@each_number
def test_data_that_do_not_vary_are_told_as_such(name, n_datasets):
    a, b = (
        tuple(Block(np.full(MADE[name][1], value), each.clusters) for each in drawn(name, n_datasets))
        for value in (2.0, 0.0)
    )
    found = analysis(name).difference(a, b)
    assert found.effect == 2
    if "Proportions" in name and n_datasets == 1:  # which counts alone tell the error of
        assert found.interval(0.95).high == 2
        return
    assert found.interval(0.95) is None
    assert all(map(math.isnan, (found.pvalue, found.above(0), found.below(0))))
    assert "so that nothing tells how uncertain it is" in found.note


@each_analysis
def test_inputs_are_left_as_they_are_and_words_are_the_callers(name):
    a, b = drawn(name, 1, 0.7), drawn(name, 1)
    before = [block.values.copy() for block in (*a, *b)]
    made = analysis(name)
    made.difference(a, b), made.mean(a), made.beside(a, b, np.random.default_rng(0))
    assert all((block.values == values).all() for block, values in zip((*a, *b), before, strict=True))
    assert f"{made.unit}s" in made.name
    assert made.reason
    assert isinstance(made.paired, bool)
