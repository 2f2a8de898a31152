"""The classifier's pieces fit: recomputed outputs, replaced attention, fresh scorers."""

import keras
import numpy as np
import pytest
from keras import ops

from attnstats.exceptions import InvalidInputError
from attnstats.models import MLP, Additive, AttentionClassifier, BiLSTM, GumbelSoftmax, Softmax, Sparsemax

TOKEN_IDS = np.array([[2, 3, 4, 5], [5, 1, 0, 0], [3, 3, 2, 0]], np.int32)
MASK = TOKEN_IDS != 0


def make(normalizer=None, encoder=None):
    return AttentionClassifier(6, 3, encoder or MLP(8), Additive(4), normalizer or Softmax(), embedding_size=5)


def arrays(forward):
    return tuple(ops.convert_to_numpy(part) for part in forward)


def weights(model):
    return [ops.convert_to_numpy(variable) for variable in model.variables]


def test_forward_is_its_equation():
    model = make()
    probabilities, attention, hidden = arrays(model(TOKEN_IDS))
    embedded = ops.convert_to_numpy(model.embedding.embeddings)[TOKEN_IDS]
    np.testing.assert_allclose(hidden, ops.convert_to_numpy(model.encoder(embedded, MASK)), rtol=1e-5)
    kernel, bias = (ops.convert_to_numpy(weight) for weight in model.head.weights)
    logits = np.einsum("nt,ntd->nd", attention, hidden) @ kernel + bias
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(probabilities, expected, rtol=1e-5)
    assert np.all(attention[~MASK] == 0)


@pytest.mark.parametrize(
    ("rates", "changes"),
    [
        ({"embedding_dropout": 0.5, "word_dropout": 0, "dropout": 0}, True),
        ({"embedding_dropout": 0, "word_dropout": 0.5, "dropout": 0}, True),
        ({"embedding_dropout": 0, "word_dropout": 0, "dropout": 0.5}, True),
        ({"embedding_dropout": 0, "word_dropout": 0, "dropout": 0}, False),
    ],
)
def test_dropout_acts_in_training_alone(rates, changes):
    model = AttentionClassifier(6, 2, MLP(8), Additive(4), Softmax(), **rates)
    evaluated = arrays(model(TOKEN_IDS))[0]
    assert np.array_equal(evaluated, arrays(model(TOKEN_IDS, training=False))[0])
    assert np.array_equal(evaluated, arrays(model(TOKEN_IDS, training=True))[0]) is not changes


def test_word_dropout_drops_whole_tokens():
    model = AttentionClassifier(6, 2, MLP(8), Additive(4), Softmax(), word_dropout=0.5)
    kept = ops.convert_to_numpy(model.word_dropout(np.ones((50, 20, 3), np.float32), training=True))
    assert set(np.unique(kept)) == {0.0, 2.0}
    assert np.all(kept.min(axis=2) == kept.max(axis=2))
    assert kept[..., 0].mean() == pytest.approx(1, abs=0.13)  # 1000 tokens: standard error 0.032, four of them


def test_own_attention_gives_own_output():
    model = make()
    probabilities, attention, hidden = arrays(model(TOKEN_IDS))
    np.testing.assert_allclose(model.predict_from_attention(hidden, attention), probabilities, rtol=1e-5)


def test_chunks_change_nothing():
    model = make()
    hidden = np.random.default_rng(0).normal(size=(1100, 3, 8)).astype(np.float32)
    attention = np.full((1100, 3), 1 / 3, np.float32)
    together = model.predict_from_attention(hidden, attention)
    assert together.shape == (1100, 3)
    apart = np.concatenate([model.predict_from_attention(hidden[i : i + 1], attention[i : i + 1]) for i in (0, 600)])
    np.testing.assert_allclose(together[[0, 600]], apart, rtol=1e-5)


def test_another_normalizer_over_the_trained_scores():
    model = make()
    _, attention, hidden = arrays(model(TOKEN_IDS))
    np.testing.assert_allclose(model.attention_with(Softmax(), hidden, MASK), attention, rtol=1e-5, atol=1e-7)
    scores = ops.convert_to_numpy(model.attention(hidden, MASK))
    expected = ops.convert_to_numpy(Sparsemax()(scores, MASK))
    np.testing.assert_allclose(model.attention_with(Sparsemax(), hidden, MASK), expected, atol=1e-6)


def test_noise_of_another_normalizer_comes_from_rng():
    model = make()
    hidden = arrays(model(TOKEN_IDS))[2]
    noisy = GumbelSoftmax(noise_at_evaluation=True)
    first, again, other = (model.attention_with(noisy, hidden, MASK, rng=seed) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_random_scorer():
    model = make(encoder=BiLSTM(8))
    hidden = arrays(model(TOKEN_IDS))[2]
    before = weights(model)
    first, again, other = (model.random_scorer_attention(hidden, MASK, rng) for rng in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.allclose(first, other)
    assert not np.allclose(first, arrays(model(TOKEN_IDS))[1])
    assert np.all(first[~MASK] == 0)
    np.testing.assert_allclose(first.sum(axis=1), 1, rtol=1e-5)
    assert all(np.array_equal(one, two) for one, two in zip(before, weights(model), strict=True))


def test_a_fresh_scorer_leaves_global_random_state_alone():
    model = make()
    hidden = arrays(model(TOKEN_IDS))[2]
    import random

    python, numpy = random.getstate(), np.random.get_state()[1].copy()  # noqa: NPY002
    model.random_scorer_attention(hidden, MASK, 1)
    assert random.getstate() == python
    assert np.array_equal(np.random.get_state()[1], numpy)  # noqa: NPY002


def test_save_and_load(tmp_path):
    model = make(GumbelSoftmax(temperature=0.5))
    model(TOKEN_IDS)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    for part in ("encoder", "attention", "normalizer"):
        assert getattr(loaded, part).get_config() == getattr(model, part).get_config()
    for one, two in zip(arrays(model(TOKEN_IDS)), arrays(loaded(TOKEN_IDS)), strict=True):
        assert np.array_equal(one, two)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"vocabulary_size": 1}, "vocabulary_size: must be an integer of at least 2; got 1"),
        ({"n_classes": 1}, "n_classes: must be an integer of at least 2; got 1"),
        ({"embedding_size": 0}, "embedding_size: must be an integer of at least 1; got 0"),
        ({"dropout": 1.0}, r"dropout: must lie in \[0, 1\); got 1.0"),
        ({"dropout": "high"}, r"dropout: must lie in \[0, 1\); got 'high'"),
        ({"word_dropout": -0.1}, r"word_dropout: must lie in \[0, 1\); got -0.1"),
    ],
)
def test_bad_parameters_are_named(parameters, message):
    sizes = {"vocabulary_size": 6, "n_classes": 2, **parameters}
    with pytest.raises(InvalidInputError, match=message):
        AttentionClassifier(encoder=MLP(8), attention=Additive(4), normalizer=Softmax(), **sizes)


def test_arrays_of_another_model_are_refused():
    model = make()
    with pytest.raises(InvalidInputError, match=r"hidden: must have shape \(n, n_tokens, 8\); got \(3, 4, 7\)"):
        model.predict_from_attention(np.zeros((3, 4, 7)), np.zeros((3, 4)))
    with pytest.raises(InvalidInputError, match=r"mask: must have shape \(3, 4\) like hidden; got \(3, 5\)"):
        model.random_scorer_attention(np.zeros((3, 4, 8)), np.ones((3, 5), bool))
