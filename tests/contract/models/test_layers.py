"""What every encoder, attention and normalizer promises, in every combination."""

import itertools

import keras
import numpy as np
import pytest
from keras import ops

from attnstats.models import AttentionClassifier, layer_names, limit_threads, make_layer

limit_threads(1)

KINDS = ("encoder", "attention", "normalizer")
LAYERS = [(kind, name) for kind in KINDS for name in layer_names(kind)]
COMBINATIONS = list(itertools.product(*map(layer_names, KINDS)))
TOKEN_IDS = np.array([[2, 3, 4, 5, 1], [5, 1, 0, 0, 0], [3, 0, 0, 0, 0]], np.int32)
MASK = TOKEN_IDS != 0


def make(encoder, attention, normalizer):
    return AttentionClassifier(
        6,
        3,
        make_layer("encoder", encoder, units=8),
        make_layer("attention", attention),
        make_layer("normalizer", normalizer),
        embedding_size=4,
    )


@pytest.mark.parametrize("combination", COMBINATIONS, ids="-".join)
def test_every_combination_runs(combination):
    model = make(*combination)
    probabilities, attention, hidden = map(ops.convert_to_numpy, model(TOKEN_IDS))
    assert probabilities.shape == (3, 3)
    assert hidden.shape == (3, 5, 8)
    assert attention.shape == MASK.shape
    assert np.all(attention >= 0)
    assert np.all(attention[~MASK] == 0)
    assert np.all(hidden[~MASK] == 0)
    np.testing.assert_allclose(attention.sum(axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize(("kind", "name"), LAYERS, ids=lambda word: word)
def test_every_layer_survives_saving(kind, name, tmp_path):
    parts = {"encoder": "mlp", "attention": "additive", "normalizer": "softmax", kind: name}
    model = make(**parts)
    expected = model(TOKEN_IDS)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    for one, two in zip(expected, loaded(TOKEN_IDS), strict=True):
        assert np.array_equal(ops.convert_to_numpy(one), ops.convert_to_numpy(two))


@pytest.mark.parametrize(("kind", "name"), LAYERS, ids=lambda word: word)
def test_every_layer_tells_its_configuration(kind, name):
    layer = make_layer(kind, name)
    config = layer.get_config()
    assert type(layer).from_config(config).get_config() == config
    assert keras.saving.get_registered_name(type(layer)) == f"attnstats>{type(layer).__name__}"


@pytest.mark.parametrize("attention", layer_names("attention"))
@pytest.mark.parametrize("encoder", layer_names("encoder"))
def test_gradients_reach_every_weight(encoder, attention):
    import tensorflow as tf

    model = make(encoder, attention, "softmax")
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(model(TOKEN_IDS, training=True).probabilities[:, 0])
    gradients = tape.gradient(loss, model.trainable_variables)
    assert all(gradient is not None for gradient in gradients)
