"""Attributions against finite differences, closed forms and deletion one by one."""

from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from attnstats.datasets import EncodedSplit, encode_dataset, planted
from attnstats.datasets.texts.tokenization import UNKNOWN
from attnstats.exceptions import InvalidInputError, UnreliableEstimateWarning
from attnstats.models import (
    CNN,
    MLP,
    Additive,
    AttentionClassifier,
    AttentionTimesGradient,
    AttentionTimesNorm,
    Attribution,
    BiLSTM,
    GradientTimesInput,
    GumbelSoftmax,
    IntegratedGradients,
    LeaveOneOut,
    LowestLoss,
    Softmax,
    Training,
    trace_attention,
    train,
)
from attnstats.models._compiled import compiled_functions
from attnstats.models._seeding import initialize


def shorten(split: EncodedSplit) -> EncodedSplit:
    """Cut texts to lengths from one to six, so that batches hold padding."""
    lengths = 1 + np.arange(len(split)) % 6
    mask = np.arange(split.token_ids.shape[1]) < lengths[:, None]
    tokens = tuple(text[:length] for text, length in zip(split.tokens, lengths, strict=True))
    return EncodedSplit(np.where(mask, split.token_ids, 0).astype(np.int32), mask, split.labels, tokens, split.index)


DATA = encode_dataset(planted(250, length=6))
DATA = replace(DATA, test=shorten(DATA.test))
IDS, MASK = DATA.test.token_ids, DATA.test.mask
ALL = (
    GradientTimesInput(),
    GradientTimesInput(through_attention=True, signed=True),
    IntegratedGradients(),
    LeaveOneOut(),
    LeaveOneOut(signed=True),
    AttentionTimesGradient(),
    AttentionTimesNorm(),
)


def make(encoder, normalizer=None):
    """Return a model whose initial weights are enlarged, so that its outputs and attention vary as if trained."""
    model = AttentionClassifier(
        len(DATA.vocabulary), 2, encoder, Additive(4), normalizer or Softmax(), embedding_size=5
    )
    initialize(model, np.random.SeedSequence(1))
    for layer, factor in ((model.embedding, 10), (model.encoder, 2), (model.attention, 2), (model.head, 2)):
        layer.set_weights([factor * weight for weight in layer.get_weights()])
    return model


@pytest.fixture(scope="module")
def bilstm():
    return make(BiLSTM(8))


@pytest.fixture(scope="module")
def mlp():
    return make(MLP(8))


@pytest.fixture(scope="module")
def cnn():
    return make(CNN(8))


def embeddings(model):
    return ops.convert_to_numpy(model.embedding.embeddings)[IDS]


def output_of(model):
    """Return the function from embeddings to the probability of class 1, under the model's attention or another."""
    encode = tf.function(lambda embedded: model.encoder(embedded, MASK))

    def output(embedded, attention=None):
        hidden = encode(embedded.astype(np.float32))
        if attention is None:
            attention = model.normalizer(model.attention(hidden, MASK), MASK)
        return ops.convert_to_numpy(model.classify(hidden, attention))[:, 1].astype(np.float64)

    return output


def test_each_is_an_attribution_and_leaves_padding_at_zero(bilstm):
    before = bilstm.get_weights()
    for attribution in ALL:
        assert isinstance(attribution, Attribution)
        scores = attribution.scores(bilstm, DATA)
        assert scores.shape == MASK.shape
        assert np.all(scores[~MASK] == 0)
        assert np.count_nonzero(scores[MASK]) > 0.9 * MASK.sum()
        assert np.array_equal(scores, attribution.scores(bilstm, DATA))
    assert len({attribution.name for attribution in ALL}) == 5
    assert all(np.array_equal(one, two) for one, two in zip(before, bilstm.get_weights(), strict=True))


@pytest.mark.parametrize("encoder", ["mlp", "bilstm", "cnn"])
def test_gradient_is_the_finite_difference(encoder, request):
    model = request.getfixturevalue(encoder)
    embedded, output = embeddings(model), output_of(model)
    for through, fixed in ((False, trace_attention(model, DATA).attention), (True, None)):
        scores = GradientTimesInput(through_attention=through, signed=True).scores(model, DATA, target=1)
        # Scaling one token's embedding by 1 +- step differentiates along it. 32-bit outputs are exact to 6e-8, so the
        # quotient is to 6e-6, beside a curvature of step squared. A relu of the CNN may kink within the step.
        step, slopes = 0.01, np.zeros(MASK.shape)
        for token in range(MASK.shape[1]):
            direction = np.zeros_like(embedded)
            direction[:, token] = embedded[:, token]
            ahead, behind = (output(embedded + sign * step * direction, fixed) for sign in (1, -1))
            slopes[:, token] = (ahead - behind) / (2 * step)
        close = np.abs(scores - np.where(MASK, slopes, 0)) < 2e-4
        assert close.mean() >= (0.97 if encoder == "cnn" else 1)
        assert np.abs(slopes).max() > 0.05
        absolute = GradientTimesInput(through_attention=through).scores(model, DATA, target=1)
        np.testing.assert_allclose(absolute, np.abs(scores), rtol=1e-4, atol=1e-7)


def test_attention_held_constant_is_another_gradient(mlp):
    held = GradientTimesInput().scores(mlp, DATA)
    through = GradientTimesInput(through_attention=True).scores(mlp, DATA)
    assert np.abs(held - through).max() > 1e-3


def test_gradient_of_a_mean_of_tokens_in_closed_form(mlp):
    # Scores of zero give uniform attention: p = softmax(mean of tanh(V x_t + c) W + b), of class 1 against class 0.
    model = mlp
    weights = model.get_weights()
    try:
        model.attention.set_weights([np.zeros_like(weight) for weight in model.attention.get_weights()])
        project, bias = model.encoder.get_weights()
        kernel, _ = model.head.get_weights()
        embedded = embeddings(model)
        hidden = np.tanh(embedded @ project + bias)
        p = output_of(model)(embedded)
        towards_one = (kernel[:, 1] - kernel[:, 0]) * (1 - hidden**2)
        expected = ((towards_one @ project.T) * embedded).sum(axis=2)
        expected *= (p * (1 - p) / MASK.sum(axis=1))[:, None] * MASK
        for through in (False, True):
            scores = GradientTimesInput(through_attention=through, signed=True).scores(model, DATA, target=1)
            np.testing.assert_allclose(scores, expected, rtol=1e-3, atol=1e-6)
    finally:
        model.set_weights(weights)


@pytest.mark.parametrize("target", [0, 1, None])
def test_integrated_gradients_are_complete(bilstm, target):
    scores = IntegratedGradients().scores(bilstm, DATA, target=target)
    output = output_of(bilstm)
    of_text, at_zero = output(embeddings(bilstm)), output(0 * embeddings(bilstm))
    change = of_text - at_zero
    sign = {0: -1, 1: 1}.get(target, np.where(of_text > 0.5, 1, -1))
    np.testing.assert_allclose(scores.sum(axis=1), sign * change, atol=1e-4)
    assert np.abs(change).max() > 0.1


def test_integrated_gradients_are_those_of_many_small_steps(bilstm):
    gradient, embedded = compiled_functions(bilstm).gradient, embeddings(bilstm)
    mask, classes = DATA.test.token_ids != 0, output_of(bilstm)(embedded) > 0.5
    places = (np.arange(500) + 0.5) / 500
    brute = sum(np.asarray(gradient((place * embedded).astype(np.float32), mask, classes)[1]) for place in places) / 500
    scores = IntegratedGradients().scores(bilstm, DATA)
    np.testing.assert_allclose(scores, (embedded * brute).sum(axis=2), atol=1e-3)


@pytest.mark.parametrize("factor", [20, 1000])
def test_integrated_gradients_of_an_output_that_jumps_are_complete(bilstm, factor):
    weights = bilstm.get_weights()
    try:
        kernel, bias = bilstm.head.get_weights()
        bilstm.head.set_weights([factor * kernel, bias - [0, 0.02 * factor]])  # the jump is between zero and the text
        scores = IntegratedGradients().scores(bilstm, DATA, target=1)
        change = output_of(bilstm)(embeddings(bilstm)) - output_of(bilstm)(0 * embeddings(bilstm))
        assert np.abs(change).max() > 0.55
        np.testing.assert_allclose(scores.sum(axis=1), change, atol=0.01)
    finally:
        bilstm.set_weights(weights)


def test_a_jump_without_a_gradient_is_warned_of(bilstm):
    weights = bilstm.get_weights()
    try:
        bilstm.head.set_weights([1e7 * weight for weight in bilstm.head.get_weights()])
        with pytest.warns(UnreliableEstimateWarning, match="texts miss their sum by up to .*: their output jumps"):
            IntegratedGradients().scores(bilstm, DATA)
    finally:
        bilstm.set_weights(weights)


@pytest.mark.parametrize("encoder", ["bilstm", "mlp"])
def test_leave_one_out_by_brute_force(encoder, request):
    model = request.getfixturevalue(encoder)
    forward = compiled_functions(model).forward
    moved, dropped = LeaveOneOut().scores(model, DATA), LeaveOneOut(signed=True).scores(model, DATA, target=1)
    for row, (text, mask) in enumerate(zip(IDS, MASK, strict=True)):
        real = text[mask]
        whole = np.asarray(forward(real[None]).probabilities)[0]
        for token in range(len(real)):
            rest = np.delete(real, token) if len(real) > 1 else np.array([UNKNOWN])
            without = np.asarray(forward(rest[None].astype(np.int32)).probabilities)[0]
            assert moved[row, token] == pytest.approx(np.abs(whole - without).sum() / 2, abs=1e-6)
            assert dropped[row, token] == pytest.approx(whole[1] - without[1], abs=1e-6)


def test_attention_times_gradient_is_the_finite_difference(bilstm):
    trace = trace_attention(bilstm, DATA)
    scores = AttentionTimesGradient().scores(bilstm, DATA, target=1)
    for token in range(MASK.shape[1]):
        step = np.zeros_like(trace.attention)
        step[:, token] = 0.01
        ahead, behind = (
            bilstm.predict_from_attention(trace.hidden, trace.attention + sign * step)[:, 1] for sign in (1, -1)
        )
        slope = (ahead.astype(np.float64) - behind) / 0.02
        np.testing.assert_allclose(scores[:, token], trace.attention[:, token] * slope, atol=1e-4)


def test_attention_times_norm_is_its_equation(bilstm):
    trace = trace_attention(bilstm, DATA)
    expected = trace.attention * np.sqrt((trace.hidden.astype(np.float64) ** 2).sum(axis=2))
    np.testing.assert_allclose(AttentionTimesNorm().scores(bilstm, DATA), expected, rtol=1e-4, atol=1e-7)


def test_the_predicted_class_is_the_default_and_a_class_may_differ_by_text(mlp):
    predicted = trace_attention(mlp, DATA).predicted
    for attribution in (GradientTimesInput(signed=True), LeaveOneOut(signed=True), AttentionTimesGradient()):
        by_default = attribution.scores(mlp, DATA)
        assert np.array_equal(by_default, attribution.scores(mlp, DATA, target=predicted))
        # Two classes: what raises one lowers the other.
        np.testing.assert_allclose(attribution.scores(mlp, DATA, target=1 - predicted), -by_default, atol=1e-6)


def test_several_classes():
    data = replace(DATA, class_names=("zero", "one", "two"))
    model = AttentionClassifier(len(data.vocabulary), 3, MLP(8), Additive(4), Softmax(), embedding_size=5)
    model.head.set_weights([5 * weight for weight in model.head.get_weights()])
    trace = trace_attention(model, data)
    for attribution in (
        GradientTimesInput(signed=True),
        IntegratedGradients(),
        LeaveOneOut(signed=True),
        AttentionTimesGradient(),
    ):
        by_class = [attribution.scores(model, data, target=target) for target in range(3)]
        # Probabilities sum to one, so what a token adds to one class it takes from the others.
        np.testing.assert_allclose(sum(by_class), 0, atol=1e-6)
        assert np.abs(by_class[2]).max() > 1e-4
        expected = np.choose(trace.predicted[:, None], by_class)
        np.testing.assert_allclose(attribution.scores(model, data), expected, atol=1e-7)


@pytest.mark.slow
def test_noise_at_evaluation_is_left_out():
    noisy = make(MLP(8), GumbelSoftmax(0.5, noise_at_evaluation=True))
    quiet = AttentionClassifier(len(DATA.vocabulary), 2, MLP(8), Additive(4), Softmax(0.5), embedding_size=5)
    quiet.set_weights(noisy.get_weights())
    for attribution in ALL:
        np.testing.assert_allclose(attribution.scores(noisy, DATA), attribution.scores(quiet, DATA), atol=1e-6)


@pytest.mark.slow
def test_the_planted_token_matters_most():
    text = planted(1500, length=6, strengths=[0.97])
    data = encode_dataset(text)
    model = AttentionClassifier(len(data.vocabulary), 2, MLP(16), Additive(8), Softmax(), embedding_size=16)
    train(model, data, seed=0, training=Training(epochs=20, learning_rate=0.01, selection=LowestLoss(patience=3)))
    slots = text.slots[data.test.index, 0]
    for attribution in ALL:
        # 180 test texts, chance 1 / 6; a trained model finds nearly all.
        assert (attribution.scores(model, data).argmax(axis=1) == slots).mean() > 0.9, attribution


def test_the_split_is_chosen_by_name(mlp):
    assert AttentionTimesNorm().scores(mlp, DATA, split="validation").shape == DATA.validation.mask.shape


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"split": "dev"}, "split: must be one of train, validation, test; got 'dev'"),
        ({"target": 2}, "target: must lie in 0 to 1; got 2$"),
        ({"target": -1}, "target: must lie in 0 to 1; got -1$"),
        ({"target": 0.5}, r"target: must be a class or one for each of 30 texts; got float64 of shape \(\)"),
        ({"target": [0, 1]}, r"target: must be a class or one for each of 30 texts; got int64 of shape \(2,\)"),
    ],
)
def test_bad_arguments_are_named(mlp, arguments, message):
    with pytest.raises(InvalidInputError, match=message):
        AttentionTimesGradient().scores(mlp, DATA, **arguments)


def test_steps_must_be_a_count():
    with pytest.raises(InvalidInputError, match="steps: must be an integer of at least 1; got 0"):
        IntegratedGradients(steps=0)


def test_a_model_of_other_data_is_refused():
    other = AttentionClassifier(5, 2, MLP(8), Additive(4), Softmax())
    with pytest.raises(
        InvalidInputError, match=r"model: must have .* token ids and 2 classes like planted; got 5 and 2"
    ):
        LeaveOneOut().scores(other, DATA)
