"""Decision flips by a loop, comprehensiveness and sufficiency by their definitions."""

import math

import numpy as np
import pytest

from attnstats.ablation import (
    ERASER_SHARES,
    DeletedInput,
    ErasableInput,
    LinearHead,
    OutputHead,
    ZeroedAttention,
    comprehensiveness,
    decision_flip_fraction,
    sufficiency,
)
from attnstats.exceptions import InvalidInputError, NonFiniteError
from attnstats.trace import AttentionTrace


class HeadOnly:
    """The same head behind `predict_from_attention` alone, so that there is no fast way."""

    def __init__(self, model):
        self.predict_from_attention = model.predict_from_attention


def predict_text(model, trace, example, weights):
    logits = model.token_logits(trace.hidden[example : example + 1])[0]
    mixed = sum(weight * row for weight, row in zip(weights, logits, strict=True))
    return np.exp(mixed) / np.exp(mixed).sum()


def left_after(trace, example, erased):
    """Return the weights left after erasing a set of places, token by token."""
    weights = [
        0.0 if place in erased or not trace.mask[example, place] else float(trace.attention[example, place])
        for place in range(trace.mask.shape[1])
    ]
    if not sum(weights):
        weights = [float(trace.mask[example, place] and place not in erased) for place in range(trace.mask.shape[1])]
    return [weight / sum(weights) for weight in weights]


def places_in_order(trace, example, order):
    real = np.flatnonzero(trace.mask[example])
    return sorted(real.tolist(), key=lambda place: (-order[example, place], place))


def flips_by_loop(model, trace, order):
    fractions = []
    for example in range(trace.n_examples):
        places = places_in_order(trace, example, order)
        decided = predict_text(model, trace, example, trace.attention[example]).argmax()
        fraction = 1.0
        for count in range(1, len(places)):
            weights = left_after(trace, example, places[:count])
            if predict_text(model, trace, example, weights).argmax() != decided:
                fraction = count / len(places)
                break
        fractions.append(fraction)
    return fractions


def sparse(trace):
    """The same trace with all but the two largest weights of each text at exactly zero."""
    rank = np.argsort(np.argsort(-trace.attention, axis=1), axis=1)
    weights = np.where(rank < 2, trace.attention, 0)
    return AttentionTrace.from_arrays(
        attention=weights / weights.sum(axis=1, keepdims=True),
        hidden=trace.hidden,
        output=trace.output,
        mask=trace.mask,
    )


@pytest.mark.parametrize("weights", ["softmax", "sparse"])
@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("scores", ["attention", "random", "tied"])
def test_flips_by_a_loop_and_the_fast_way(model, three_classes, trace, n_classes, scores, weights):
    model = model if n_classes == 2 else three_classes
    trace = sparse(trace) if weights == "sparse" else trace
    rng = np.random.default_rng(0)
    order = {
        "attention": trace.attention,
        "random": rng.random(trace.mask.shape),
        "tied": rng.integers(3, size=trace.mask.shape),
    }[scores]
    expected = flips_by_loop(model, trace, order)
    assert len(set(expected)) > 4  # a flip early, a flip late and none all occur
    assert isinstance(model, LinearHead)
    assert isinstance(HeadOnly(model), OutputHead)
    assert not isinstance(HeadOnly(model), LinearHead)
    for head in (model, HeadOnly(model)):
        np.testing.assert_allclose(decision_flip_fraction(trace, order, ZeroedAttention(head)), expected)


def test_flips_in_parts_are_the_same(trace, model, monkeypatch):
    whole = decision_flip_fraction(trace, trace.attention, ZeroedAttention(model))
    monkeypatch.setattr("attnstats.ablation.interventions.erasure._AT_ONCE", 100)
    np.testing.assert_array_equal(decision_flip_fraction(trace, trace.attention, ZeroedAttention(model)), whole)


def test_a_text_of_one_token_never_flips(trace, model):
    fractions = decision_flip_fraction(trace, trace.attention, ZeroedAttention(model))
    assert (trace.lengths == 1).any()
    assert np.all(fractions[trace.lengths == 1] == 1)


def test_comprehensiveness_and_sufficiency_by_definition(trace, model):
    order = np.random.default_rng(0).random(trace.mask.shape)
    falls = comprehensiveness(trace, order, ZeroedAttention(model))
    kept = sufficiency(trace, order, ZeroedAttention(model))
    assert falls.shape == kept.shape == (trace.n_examples, len(ERASER_SHARES))
    for example in range(trace.n_examples):
        intact = predict_text(model, trace, example, trace.attention[example])
        label, places = intact.argmax(), places_in_order(trace, example, order)
        for column, share in enumerate(ERASER_SHARES):
            count = min(math.ceil(round(share * len(places), 9)), len(places) - 1)
            without = predict_text(model, trace, example, left_after(trace, example, places[:count]))
            alone = predict_text(model, trace, example, left_after(trace, example, places[max(count, 1) :]))
            assert falls[example, column] == pytest.approx(intact[label] - without[label], abs=1e-12)
            assert kept[example, column] == pytest.approx(intact[label] - alone[label], abs=1e-12)


def test_erasing_what_matters_first_is_comprehensive_and_sufficient():
    """A head that reads one token of ten: the order that puts it first beats the one that puts it last."""
    rng, n = np.random.default_rng(0), 200
    hidden = np.zeros((n, 10, 1))
    informative = rng.integers(10, size=n)
    hidden[np.arange(n), informative, 0] = rng.choice([-1.0, 1.0], size=n)
    from attnstats.ablation import SoftmaxHead

    head = SoftmaxHead([[-10.0, 10.0]], [0.0, 0.0])
    trace = AttentionTrace.from_arrays(attention=np.full((n, 10), 0.1), hidden=hidden, output=[0] * n)
    best, worst = np.abs(hidden[:, :, 0]), -np.abs(hidden[:, :, 0])
    eraser = ZeroedAttention(head)
    assert comprehensiveness(trace, best, eraser).mean() > 0.3 > comprehensiveness(trace, worst, eraser).mean() + 0.3
    assert sufficiency(trace, best, eraser).mean() < 0 < sufficiency(trace, worst, eraser).mean()


def test_deleted_input_goes_through_the_model(trace, model):
    """The stand-in's scores do not depend on the neighbours, so deleting a token is zeroing its weight."""
    assert isinstance(model, ErasableInput)
    for measure in (comprehensiveness, sufficiency, decision_flip_fraction):
        np.testing.assert_allclose(
            measure(trace, trace.attention, DeletedInput(model)),
            measure(trace, trace.attention, ZeroedAttention(model)),
            rtol=1e-9,
            atol=1e-12,
        )


def test_the_order_at_padding_does_not_matter(trace, model):
    order = np.random.default_rng(0).random(trace.mask.shape)
    hidden_by_mask = np.where(trace.mask, order, np.nan)
    for measure in (comprehensiveness, sufficiency, decision_flip_fraction):
        np.testing.assert_array_equal(
            measure(trace, order, ZeroedAttention(model)), measure(trace, hidden_by_mask, ZeroedAttention(model))
        )


@pytest.mark.parametrize("measure", [comprehensiveness, sufficiency, decision_flip_fraction])
def test_bad_orders_raise(trace, model, measure):
    with pytest.raises(InvalidInputError, match=r"order: must be real with attention's shape \(40, 9\); got"):
        measure(trace, trace.attention[:, :3], ZeroedAttention(model))
    with pytest.raises(NonFiniteError, match="order: must be finite; got"):
        measure(trace, np.full(trace.mask.shape, np.nan), ZeroedAttention(model))


def test_bad_shares_raise(trace, model):
    for measure in (comprehensiveness, sufficiency):
        with pytest.raises(InvalidInputError, match="shares: must lie strictly between 0 and 1; got 1"):
            measure(trace, trace.attention, ZeroedAttention(model), shares=[0.5, 1])
        with pytest.raises(InvalidInputError, match="shares: must hold at least one share; got none"):
            measure(trace, trace.attention, ZeroedAttention(model), shares=[])
