"""Every outcome against its definition on small traces."""

import numpy as np
import pytest
from scipy.stats import kendalltau

import attnstats.ablation as ablation
from attnstats.ablation import (
    Accuracy,
    Agreement,
    DecisionFlips,
    OutputChange,
    Permuted,
    PointwiseOrder,
    PredictedProbability,
    RankInformation,
    SeparateScorer,
    Uniform,
    ablate,
)
from attnstats.exceptions import InvalidInputError, TooFewSamplesError
from attnstats.information import Binned, EqualWidth, Probe, mutual_information, pointwise_mutual_information
from attnstats.trace import AttentionTrace
from tests.ablation.conftest import make_trace

KINDS = [
    member
    for name in ablation.__all__
    if isinstance(member := getattr(ablation, name), type)
    and not getattr(member, "_is_protocol", False)
    and hasattr(member, "is_change")
]


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.quantity)
def test_contract(model, kind):
    trace = make_trace(model, n=150)
    outcome = kind(ranks=2) if kind is RankInformation else kind()
    assert isinstance(outcome, ablation.Outcome)
    ablated = ablate(trace, Permuted(), model=model, rng=0)
    values = [outcome.values(trace, ablated, np.random.default_rng(0)) for _ in range(2)]
    np.testing.assert_array_equal(values[0], values[1])
    assert all(each.shape == (trace.n_examples,) for each in values[0])
    same = outcome.values(trace, trace, np.random.default_rng(0))
    np.testing.assert_array_equal(same[0], same[1])
    if outcome.is_change:
        assert np.all(values[0][0] == 0)
        assert np.all(values[0][1] >= 0)


def test_there_are_six():
    assert {kind.__name__ for kind in KINDS} == {
        "Agreement",
        "RankInformation",
        "Accuracy",
        "OutputChange",
        "DecisionFlips",
        "PredictedProbability",
    }


def test_agreement_is_tau_b_of_each_text(trace, rng):
    order = rng.normal(size=trace.mask.shape)
    ablated = ablate(trace, Permuted(), rng=0)
    found = Agreement(order).values(trace, ablated, rng)
    for values, each in zip(found, (trace, ablated), strict=True):
        for value, weights, scores, real in zip(values, each.attention, order, trace.mask, strict=True):
            if real.sum() < 2:
                assert np.isnan(value)
            else:
                assert value == pytest.approx(kendalltau(weights[real], scores[real]).statistic)


def test_equal_weights_have_tau_a_zero(trace, rng):
    _, uniform = Agreement(rng.normal(size=trace.mask.shape)).values(trace, ablate(trace, Uniform()), rng)
    np.testing.assert_array_equal(uniform[trace.lengths > 1], 0)
    assert np.isnan(uniform[trace.lengths == 1]).all()


def test_the_order_is_that_of_the_intact_trace_unless_retrained(model, rng):
    trace = make_trace(model, n=60)

    class Recorder:
        def __init__(self):
            self.seen = []

        def scores(self, trace, rng):
            self.seen.append(trace)
            return rng.random(trace.mask.shape)

    order = Recorder()
    Agreement(order).values(trace, ablate(trace, Permuted(), rng=0), rng)
    assert order.seen == [trace]
    second = ablate(trace, SeparateScorer(), model=model, rng=0)
    Agreement(order).values(trace, second, rng)
    assert order.seen[1:] == [trace, second]


def test_the_pointwise_order_is_the_pointwise_information(model):
    trace = make_trace(model, n=60)
    scores = PointwiseOrder(Probe()).scores(trace, np.random.default_rng(1))
    tokens = pointwise_mutual_information(
        trace.hidden[trace.mask],
        np.repeat(trace.predicted, trace.lengths),
        Probe(),
        groups=np.repeat(np.arange(trace.n_examples), trace.lengths),
        rng=np.random.default_rng(1),
    )
    np.testing.assert_array_equal(scores[trace.mask], tokens)
    assert np.all(scores[~trace.mask] == 0)


def test_rank_information_is_the_mean_over_ranks(rng):
    """Rank 1 shows the output, rank 2 nothing: U = 1/2 under trained attention; permuted, both show half of it."""
    n = 400
    output = rng.integers(2, size=n)
    hidden = np.stack([output, rng.integers(2, size=n)], axis=1)[:, :, np.newaxis].astype(float)
    trace = AttentionTrace.from_arrays(attention=np.tile([0.7, 0.3], (n, 1)), hidden=hidden, output=output)
    outcome = RankInformation(Binned(EqualWidth(2)), ranks=2)
    intact, permuted = outcome.values(trace, ablate(trace, Permuted(), rng=0), rng)
    first, second = (mutual_information(hidden[:, place], output, Binned(EqualWidth(2))).value for place in range(2))
    shares = np.bincount(output) / n
    assert intact.mean() == pytest.approx((first + second) / 2 / -(shares * np.log(shares)).sum())
    assert permuted.mean() < intact.mean() - 0.1
    with pytest.raises(TooFewSamplesError, match="predicted classes of texts of 3 tokens or more: must be at least 2"):
        RankInformation(ranks=3).values(trace, trace, rng)
    with pytest.raises(InvalidInputError, match="ranks: must be an integer of at least 1"):
        RankInformation(ranks=0)


def test_short_texts_have_no_rank_information(model, rng):
    trace = make_trace(model, n=150)
    values, _ = RankInformation(ranks=4).values(trace, trace, rng)
    np.testing.assert_array_equal(np.isnan(values), trace.lengths < 4)


def test_accuracy_flips_and_change_of_the_output(trace, model, rng):
    ablated = ablate(trace, Permuted(), model=model, rng=0)
    assert (trace.predicted != ablated.predicted).any()
    intact, after = Accuracy().values(trace, ablated, rng)
    assert intact.mean() == np.mean(trace.predicted == trace.label)
    assert after.mean() == np.mean(ablated.predicted == trace.label)
    np.testing.assert_array_equal(DecisionFlips().values(trace, ablated, rng)[1], trace.predicted != ablated.predicted)
    np.testing.assert_array_equal(
        OutputChange().values(trace, ablated, rng)[1], ablation.total_variation(trace, ablated)
    )
    before, after = PredictedProbability().values(trace, ablated, rng)
    for text, (row, changed) in enumerate(zip(trace.output, ablated.output, strict=True)):
        assert before[text] == pytest.approx(max(row))
        assert after[text] == pytest.approx(changed[list(row).index(max(row))])
    bare = AttentionTrace.from_arrays(
        attention=trace.attention, hidden=trace.hidden, output=trace.output, mask=trace.mask
    )
    with pytest.raises(InvalidInputError, match="label: Accuracy needs a trace with labels; got None"):
        Accuracy().values(bare, bare, rng)
    classes = AttentionTrace.from_arrays(
        attention=trace.attention, hidden=trace.hidden, output=trace.predicted, mask=trace.mask
    )
    with pytest.raises(InvalidInputError, match="output: PredictedProbability needs class probabilities of one shape"):
        PredictedProbability().values(classes, classes, rng)


def test_an_order_of_another_shape_raises(trace, rng):
    with pytest.raises(
        InvalidInputError, match=r"order: must be real with attention's shape \(40, 9\); got float64 \(40, 3\)"
    ):
        Agreement(np.zeros((40, 3))).values(trace, trace, rng)
