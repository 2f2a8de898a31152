"""Heads that give words no order are left out by name, and too few texts are answered with how many are needed."""

from dataclasses import replace

import numpy as np
import pytest

from attnstats.exceptions import ConstantInputError, FewReplicatesWarning, TooFewSamplesError, UnreliableEstimateWarning
from attnstats.information import Probe
from attnstats.report import plot_heads
from attnstats.studies import Reading, analyse_heads
from tests.studies.heads.test_analyse_heads import N_TEXTS, N_TOKENS, written

DEAD = Reading(1, 0, "ClassToken()")


@pytest.fixture(scope="module")
def trace(tmp_path_factory):
    return written(tmp_path_factory.mktemp("trace") / "0", 0)


def with_dead_head(trace, kind):
    """The trace with head 0 of layer 1 whose weights are all equal, or none of which is on a word."""
    arrays = {**trace.arrays, **{name: trace.arrays[name].copy() for name in ("attention", "special", "word")}}
    if kind == "equal":
        arrays["attention"][0, 1, 0] = 1 / N_TOKENS
    else:
        arrays["special"][:, 0] = True
        arrays["word"][:, 0] = -1
        arrays["attention"][0, 1, 0] = np.eye(N_TOKENS)[0]
    return replace(trace, arrays=arrays)


@pytest.mark.parametrize("kind", ["equal", "on a special token"])
def test_a_head_without_an_order_is_left_out_by_name_and_the_others_stay(trace, kind):
    dead = with_dead_head(trace, kind)
    analysis = analyse_heads(dead, n_resamples=199, rng=0)
    assert analysis.unordered == (DEAD,)
    assert DEAD not in analysis.readings
    assert analysis.agreement.shape == analysis.skew.shape == (1, 3, N_TEXTS)
    assert analysis.likeness.shape == (3, 3)
    assert not np.isnan(analysis.agreement).any()
    assert "\nleft out, with no order of words: layer 1, head 0, ClassToken()\n" in analysis.summary()
    frame = analysis.to_frame()
    row = frame[(frame["quantity"] == "tau_b") & (frame["layer"] == 1) & (frame["head"] == 0)].iloc[0]
    assert (row["n"], row["undefined"]) == (0, N_TEXTS)
    assert row[["value", "pvalue_adjusted"]].isna().all()
    assert len(plot_heads(frame).axes[0].patches) == 1  # hatched: not tested


def test_the_others_get_what_they_get_without_it(trace):
    whole = analyse_heads(trace, n_resamples=199, rng=0)
    analysis = analyse_heads(with_dead_head(trace, "equal"), n_resamples=199, rng=0)
    kept = [whole.readings.index(reading) for reading in analysis.readings]
    np.testing.assert_array_equal(analysis.agreement, whole.agreement[:, kept])
    np.testing.assert_array_equal(analysis.skew, whole.skew[:, kept])


def test_a_head_that_orders_a_few_texts_takes_not_the_others_with_it(trace):
    dead = with_dead_head(trace, "equal")
    dead.arrays["attention"][0, 1, 0, :7] = trace.arrays["attention"][0, 1, 0, :7]
    assert analyse_heads(dead, n_resamples=99, rng=0).unordered == (DEAD,)
    dead.arrays["attention"][0, 1, 0, :8] = trace.arrays["attention"][0, 1, 0, :8]
    assert analyse_heads(dead, n_resamples=99, rng=0).unordered == ()


def test_of_several_trainings_a_head_without_an_order_in_one_is_left_out(tmp_path):
    traces = [written(tmp_path / str(seed), seed) for seed in range(3)]
    with pytest.warns(FewReplicatesWarning):
        analysis = analyse_heads([with_dead_head(traces[0], "equal"), *traces[1:]], minimum_seeds=3, rng=0)
    assert analysis.unordered == (DEAD,)
    interval = analysis.tests.results[0].confidence_interval
    assert (interval.level, "Bonferroni" in interval.method) == (0.95, True)
    said = analysis.summary()
    assert ", 95 % CI [" in said
    assert said.endswith("\nThis holds for other trainings and other texts.")


def test_without_any_order_it_is_said_what_to_do(trace):
    arrays = {**trace.arrays, "attention": np.full_like(trace.arrays["attention"], 1 / N_TOKENS)}
    with pytest.raises(
        ConstantInputError, match=r"none does, of 150 texts; trace texts of more words, or show special"
    ):
        analyse_heads(replace(trace, arrays=arrays))
    halves = trace.arrays["attention"].copy()
    halves[0, 0, 0, :75] = halves[0, 0, 1, 72:] = 1 / N_TOKENS
    with pytest.raises(TooFewSamplesError, match="at least 8 texts to whose words every head gives an order; got 0"):
        analyse_heads(replace(trace, arrays={**arrays, "attention": halves}))


def test_too_few_texts_are_told_with_how_many_are_needed(trace):
    with pytest.raises(TooFewSamplesError, match="traces: must hold at least 8 texts for the test; got 5; trace more"):
        analyse_heads(trace.take(np.arange(5)))
    with pytest.raises(TooFewSamplesError, match="at least 20 texts for the 20 folds of the probe; got 12; trace more"):
        analyse_heads(trace.take(np.arange(12)), probe=Probe(n_folds=20))
    one, other = (np.flatnonzero(trace.predicted == label) for label in (0, 1))
    with pytest.warns(UnreliableEstimateWarning, match="5 texts of each predicted class.* has 3 of class 1 among 43"):
        few = analyse_heads(trace.take([*one[:40], *other[:3]]), n_resamples=99, rng=0)
    most = few.likeness.diagonal().max()
    assert 0 < most < few.alike
    assert f"; so few texts can show {most:.2g} at most)" in few.summary()
