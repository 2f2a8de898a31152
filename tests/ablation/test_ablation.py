"""Interventions keep what they promise to keep; every exported one is tested through `__all__`."""

import numpy as np
import pytest

import attnstats.ablation as ablation
from attnstats.exceptions import InvalidInputError
from attnstats.trace import AttentionTrace

INTERVENTIONS = [
    member()
    for name in ablation.__all__
    if isinstance(member := getattr(ablation, name), type)
    and not getattr(member, "_is_protocol", False)
    and isinstance(member(), ablation.Ablation)
]


class LinearModel:
    """A stand-in for a trained model: scores are a random direction, the head a fixed matrix."""

    head = np.random.default_rng(5).normal(size=(3, 2))

    def predict_from_attention(self, hidden, attention):
        logits = np.einsum("nt,ntd->nd", attention, hidden) @ self.head
        weights = np.exp(logits - logits.max(axis=1, keepdims=True))
        return weights / weights.sum(axis=1, keepdims=True)

    def random_scorer_attention(self, hidden, mask, rng):
        weights = np.exp(hidden @ rng.normal(size=3)) * mask
        return weights / weights.sum(axis=1, keepdims=True)


@pytest.fixture
def trace():
    rng = np.random.default_rng(1)
    mask = np.arange(9) < rng.integers(1, 10, size=(40, 1))
    attention = np.where(mask, rng.exponential(size=mask.shape), 0)
    attention /= attention.sum(axis=1, keepdims=True)
    hidden = rng.normal(size=(*mask.shape, 3))
    output = LinearModel().predict_from_attention(hidden, attention)
    return AttentionTrace.from_arrays(attention=attention, hidden=hidden, output=output, mask=mask, seed=1)


def test_there_are_three_interventions():
    assert {each.name for each in INTERVENTIONS} == {"uniform", "permuted", "random_scorer"}


@pytest.mark.parametrize("intervention", INTERVENTIONS, ids=lambda each: each.name)
def test_contract(trace, intervention):
    first, again = (ablation.ablate(trace, intervention, model=LinearModel(), rng=3) for _ in range(2))
    np.testing.assert_array_equal(first.attention, again.attention)
    assert np.all(first.attention[~trace.mask] == 0)
    np.testing.assert_allclose(first.attention.sum(axis=1), 1)
    np.testing.assert_array_equal(first.hidden, trace.hidden)
    np.testing.assert_allclose(
        first.output, LinearModel().predict_from_attention(trace.hidden, first.attention), rtol=1e-12
    )
    assert first.metadata == {"seed": 1, "ablation": intervention.name}
    ties = [len(np.unique(row[real])) == 1 for row, real in zip(first.attention, trace.mask, strict=True)]
    assert all(ties) != intervention.orders_tokens
    assert intervention.holds_fixed


def test_permuted_keeps_each_example_s_weights_as_a_set(trace):
    shuffled = ablation.ablate(trace, ablation.Permuted(), rng=0).attention
    np.testing.assert_array_equal(np.sort(shuffled, axis=1), np.sort(trace.attention, axis=1))
    assert (shuffled != trace.attention).any()


def test_permuted_puts_every_weight_everywhere_alike():
    trace = AttentionTrace.from_arrays(
        attention=[[0.5, 0.3, 0.2, 0.0]],
        hidden=np.zeros((1, 4, 1)),
        output=[0],
        mask=[[True, True, True, False]],
    )
    rng = np.random.default_rng(0)
    places = [int(np.argmax(ablation.ablate(trace, ablation.Permuted(), rng=rng).attention)) for _ in range(3000)]
    # Three equally likely places: each count is binomial(3000, 1/3), sd 26; five sd allow one failure in 10^6.
    assert np.bincount(places, minlength=4)[3] == 0
    assert np.abs(np.bincount(places)[:3] - 1000).max() < 130


def test_without_a_model_the_output_stays_and_the_random_scorer_refuses(trace):
    np.testing.assert_array_equal(ablation.ablate(trace, ablation.Uniform()).output, trace.output)
    with pytest.raises(InvalidInputError, match="RandomScorer needs the trained model"):
        ablation.ablate(trace, ablation.RandomScorer())


def test_total_variation_is_half_the_absolute_difference(trace):
    other = ablation.ablate(trace, ablation.Uniform(), model=LinearModel())
    expected = [max(abs(p - q)) for p, q in zip(trace.output, other.output, strict=True)]  # two classes
    np.testing.assert_allclose(ablation.total_variation(trace, other), expected)
    np.testing.assert_array_equal(ablation.total_variation(trace, trace), 0)


def test_total_variation_needs_probabilities(trace):
    classes = AttentionTrace.from_arrays(
        attention=trace.attention, hidden=trace.hidden, output=trace.predicted, mask=trace.mask
    )
    with pytest.raises(InvalidInputError, match="must hold class probabilities"):
        ablation.total_variation(classes, classes)
