"""A trained model answers what ablations ask, and stays as it is."""

from dataclasses import replace

import numpy as np
import pytest
from keras import ops

from attnstats.ablation.interventions import interface
from attnstats.datasets import encode_dataset, planted
from attnstats.exceptions import InvalidInputError
from attnstats.models import (
    MLP,
    Additive,
    AttentionClassifier,
    BiLSTM,
    Softmax,
    TrainedModel,
    Training,
    trace_attention,
    train,
)
from attnstats.models._retraining import separate_scorer_trace, shuffled_label_attention

DATA = encode_dataset(planted(200, length=6))
SHORT = Training(epochs=2, batch_size=32)


@pytest.fixture(scope="module")
def trained():
    model = AttentionClassifier(len(DATA.vocabulary), 2, BiLSTM(8), Additive(4), Softmax(), embedding_size=8)
    train(model, DATA, seed=4, training=SHORT)
    return TrainedModel(model, DATA, seed=4, training=SHORT)


@pytest.fixture(scope="module")
def trace(trained):
    return trace_attention(trained.model, DATA)


@pytest.mark.slow
@pytest.mark.parametrize(
    "protocol",
    [
        interface.AttentionModel,
        interface.LinearHead,
        interface.SwappableNormalizer,
        interface.RetrainableScorer,
        interface.ErasableInput,
    ],
)
def test_it_offers_every_protocol(trained, protocol):
    assert isinstance(trained, protocol)


def test_token_logits_sum_to_those_of_the_output(trained, trace):
    logits = trained.token_logits(trace.hidden)
    assert logits.shape == (*trace.mask.shape, 2)
    summed = np.einsum("nt,ntc->nc", trace.attention, logits)
    softmax = np.exp(summed) / np.exp(summed).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(softmax, trace.output, rtol=1e-4)


def test_temperature_divides_the_trained_scores(trained, trace):
    scores = ops.convert_to_numpy(trained.model.attention(trace.hidden, trace.mask))
    for temperature in (0.25, 1.0, 3.0):
        attention = trained.attention_at_temperature(trace.hidden, trace.mask, temperature, None)
        weights = np.exp((scores - scores.max(axis=1, keepdims=True)) / temperature)
        np.testing.assert_allclose(attention, weights / weights.sum(axis=1, keepdims=True), rtol=1e-4)
    flat = trained.attention_at_temperature(trace.hidden, trace.mask, 1e6, None)
    np.testing.assert_allclose(flat, 1 / 6, rtol=1e-4)


def test_noise_comes_from_rng(trained, trace):
    first, again, other = (trained.attention_with_noise(trace.hidden, trace.mask, 1.0, rng) for rng in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    # Log-ratios of noisy and quiet weights are differences of Gumbel noise: logistic, with variance π² / 3.
    quiet = trained.attention_at_temperature(trace.hidden, trace.mask, 1.0, None)
    ratio = np.log(first[:, 0] / first[:, 1]) - np.log(quiet[:, 0] / quiet[:, 1])
    # 24 texts: the standard error of the variance, 2.9 of 3.29 for a kurtosis of 4.2, is 1.2; within four of them.
    assert 0.3 < ratio.var() < 8.1


@pytest.mark.slow
def test_retrained_arms_are_those_of_the_functions(trained, trace):
    shuffled = trained.shuffled_label_attention(trace.hidden, trace.mask, np.random.default_rng(1))
    expected = shuffled_label_attention(
        trained.model, DATA, trace.hidden, trace.mask, training=SHORT, rng=np.random.default_rng(1)
    )
    assert np.array_equal(shuffled, expected)
    separate = trained.separate_scorer_trace(np.random.default_rng(1))
    expected = separate_scorer_trace(trained.model, DATA, seed=4, training=SHORT)
    assert np.array_equal(separate.attention, expected.attention)
    assert dict(separate.metadata) == {"dataset": "planted", "seed": 4}


def test_no_question_changes_the_model(trained, trace):
    before = [ops.convert_to_numpy(variable) for variable in trained.model.variables]
    hidden, mask, rng = trace.hidden, trace.mask, np.random.default_rng(0)
    trained.token_logits(hidden)
    trained.random_scorer_attention(hidden, mask, rng)
    trained.attention_with_noise(hidden, mask, 0.5, rng)
    trained.shuffled_label_attention(hidden, mask, rng)
    trained.separate_scorer_trace(rng)
    trained.predict_without(np.zeros(mask.shape, bool))
    after = [ops.convert_to_numpy(variable) for variable in trained.model.variables]
    assert all(np.array_equal(one, two) for one, two in zip(before, after, strict=True))


def test_predictions_without_some_tokens(trained, trace):
    nothing = np.zeros(trace.mask.shape, bool)
    np.testing.assert_allclose(trained.predict_without(nothing), trace.output, rtol=1e-4)
    erased = np.random.default_rng(0).random(trace.mask.shape) < 0.5
    erased[:, 2] = False
    predicted = trained.predict_without(erased)
    for row in (0, 7, 23):
        rest = DATA.test.token_ids[row][~erased[row]]
        alone = ops.convert_to_numpy(trained.model(rest[None]).probabilities)[0]
        np.testing.assert_allclose(predicted[row], alone, rtol=1e-4)


def test_erased_padding_does_not_matter(trained):
    mask = np.arange(6) < (1 + np.arange(len(DATA.test)) % 6)[:, None]
    token_ids = np.where(mask, DATA.test.token_ids, 0).astype(np.int32)
    ragged = replace(trained, dataset=replace(DATA, test=replace(DATA.test, token_ids=token_ids, mask=mask)))
    assert np.array_equal(ragged.predict_without(~mask), ragged.predict_without(np.zeros(mask.shape, bool)))


def test_wrong_questions_are_named(trained, trace):
    with pytest.raises(InvalidInputError, match=r"erased: must be boolean of shape \(24, 6\); got float64 \(24, 6\)"):
        trained.predict_without(np.zeros((24, 6)))
    with pytest.raises(InvalidInputError, match=r"erased: must be boolean of shape \(24, 6\); got bool \(3, 6\)"):
        trained.predict_without(np.zeros((3, 6), bool))
    erased = np.zeros((24, 6), bool)
    erased[[2, 5]] = True
    with pytest.raises(
        InvalidInputError, match=r"erased: must leave every text a token; got none in example\(s\) \[2 5\]"
    ):
        trained.predict_without(erased)
    with pytest.raises(InvalidInputError, match=r"hidden: must have shape \(n, n_tokens, 8\); got \(24, 6, 7\)"):
        trained.token_logits(trace.hidden[..., :7])
    with pytest.raises(InvalidInputError, match="temperature: must be a finite number above 0; got 0"):
        trained.attention_at_temperature(trace.hidden, trace.mask, 0, None)


def test_a_wrong_start_is_named(trained):
    with pytest.raises(InvalidInputError, match="seed: must be an integer of at least 0; got -1"):
        replace(trained, seed=-1)
    with pytest.raises(InvalidInputError, match="split: must be one of train, validation, test; got 'dev'"):
        replace(trained, split="dev")
    other = AttentionClassifier(5, 2, MLP(8), Additive(4), Softmax())
    with pytest.raises(InvalidInputError, match=r"model: must have .* token ids and 2 classes"):
        replace(trained, model=other)
