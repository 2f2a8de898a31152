"""Training under given attention: what is trained, what is not, and what the weights can tell."""

from dataclasses import replace

import numpy as np
import pytest

from attnstats.datasets import encode_dataset, planted
from attnstats.exceptions import InvalidInputError, NonFiniteError
from attnstats.models import (
    MLP,
    Additive,
    AttentionClassifier,
    GivenAttention,
    LowestLoss,
    Softmax,
    Training,
    trace_attention,
    train,
    train_guided,
)

TEXT = planted(600, length=6, strengths=[0.97])
DATA = encode_dataset(TEXT)
SHORT = Training(epochs=2, batch_size=32)
UNIFORM = GivenAttention.uniform(DATA)


def make():
    return AttentionClassifier(len(DATA.vocabulary), 2, MLP(8), Additive(4), Softmax(), embedding_size=8)


@pytest.fixture(scope="module")
def model():
    return make()


def on_the_signal(share):
    """Attention with a share of its weight on the planted token, the rest spread evenly."""
    weights = np.full((len(TEXT), 6), (1 - share) / 5)
    np.put_along_axis(weights, TEXT.slots[:, :1], share, axis=1)
    return GivenAttention(*(weights[split.index] for split in (DATA.train, DATA.validation, DATA.test)))


def test_the_trace_is_that_of_the_model_under_the_given_weights(model):
    given = on_the_signal(0.7)
    guided = train_guided(model, DATA, given, seed=3, training=SHORT)
    np.testing.assert_allclose(guided.trace.attention, given.test, rtol=1e-6)
    own = trace_attention(model, DATA)
    np.testing.assert_allclose(guided.trace.hidden, own.hidden, rtol=1e-5, atol=1e-7)
    expected = model.predict_from_attention(own.hidden, guided.trace.attention)
    np.testing.assert_allclose(guided.trace.output, expected, rtol=1e-5)
    assert guided.accuracy == (guided.trace.output.argmax(axis=1) == DATA.test.labels).mean()
    assert repr(guided).startswith(f"GuidedModel(accuracy={guided.accuracy:.3f}, seed=3, AttentionTrace(72 examples")
    assert guided.summary() == (
        f"Under given attention the model classified {guided.accuracy:.1%} of 72 test texts right "
        f"(seed 3, {guided.history.best_epoch + 1} epoch(s))."
    )


def test_all_but_the_scorer_is_trained_from_the_weights_of_the_seed(model):
    train_guided(model, DATA, UNIFORM, seed=1, training=replace(SHORT, learning_rate=1e-30))
    initial = {part: getattr(model, part).get_weights() for part in ("embedding", "encoder", "attention", "head")}
    train_guided(model, DATA, UNIFORM, seed=1, training=SHORT)
    for part, before in initial.items():
        same = all(
            np.array_equal(one, two) for one, two in zip(before, getattr(model, part).get_weights(), strict=True)
        )
        assert same is (part == "attention"), part
    # `train` starts from the same weights.
    train(model, DATA, seed=1, training=replace(SHORT, learning_rate=1e-30))
    for part, before in initial.items():
        for one, two in zip(before, getattr(model, part).get_weights(), strict=True):
            np.testing.assert_allclose(one, two, atol=1e-20)


def test_one_seed_gives_one_model_whatever_came_before(model):
    first = train_guided(model, DATA, UNIFORM, seed=1, training=SHORT)
    train(model, DATA, seed=2, training=SHORT)
    again = train_guided(model, DATA, UNIFORM, seed=1, training=SHORT)
    assert np.array_equal(first.trace.output, again.trace.output)
    assert first.history.validation_loss == again.history.validation_loss
    other = train_guided(model, DATA, UNIFORM, seed=2, training=SHORT)
    assert not np.array_equal(first.trace.output, other.trace.output)


def test_a_guide_that_knows_the_signal_beats_one_that_looks_away(model):
    training = Training(epochs=15, batch_size=32, learning_rate=0.01, selection=LowestLoss(patience=3))
    knowing = train_guided(model, DATA, on_the_signal(0.95), seed=0, training=training)
    ignorant = train_guided(model, DATA, on_the_signal(0.0), seed=0, training=training)
    # 72 test texts: the channel allows .97; chance is .5 with a standard error of .06, four of which are .24.
    assert knowing.accuracy > 0.9
    assert abs(ignorant.accuracy - 0.5) < 0.24


def test_attention_of_a_model_on_every_split(model):
    train(model, DATA, seed=0, training=SHORT)
    given = GivenAttention.of_model(model, DATA)
    for split in ("train", "validation", "test"):
        assert np.array_equal(getattr(given, split), trace_attention(model, DATA, split=split).attention)


def test_uniform_weights():
    for split in ("train", "validation", "test"):
        assert np.all(getattr(UNIFORM, split) == 1 / 6)


@pytest.mark.parametrize(
    ("weights", "error", "message"),
    [
        (np.ones((3, 6)), InvalidInputError, r"attention.test: must have shape \(72, 6\); got \(3, 6\)"),
        (np.full((72, 6), 0.2), InvalidInputError, "attention.test: each row must sum to 1; got 1.2 in example 0"),
        (np.full((72, 6), np.nan), NonFiniteError, "attention.test: must be finite; got NaN or infinity"),
        (
            np.tile([-0.5, 1.5, 0, 0, 0, 0], (72, 1)),
            InvalidInputError,
            "attention.test: must be non-negative and zero at padding; got a minimum of -0.5",
        ),
    ],
)
def test_weights_that_do_not_fit_are_named(model, weights, error, message):
    with pytest.raises(error, match=message):
        train_guided(model, DATA, replace(UNIFORM, test=weights), seed=0, training=SHORT)


def test_a_model_of_other_data_is_refused():
    other = AttentionClassifier(5, 2, MLP(8), Additive(4), Softmax())
    for call in (lambda: train_guided(other, DATA, UNIFORM, seed=0), lambda: GivenAttention.of_model(other, DATA)):
        with pytest.raises(InvalidInputError, match=r"model: must have .* token ids and 2 classes like planted"):
            call()
