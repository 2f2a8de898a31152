"""Encoders against their equations written out in NumPy, one token at a time."""

import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from attnstats.exceptions import InvalidInputError
from attnstats.models import CNN, MLP, BiGRU, BiLSTM, Transformer

RNG = np.random.default_rng(7)
EMBEDDED = RNG.normal(size=(3, 5, 6)).astype(np.float32)
LENGTHS = np.array([5, 3, 1])
MASK = np.arange(5) < LENGTHS[:, None]
ENCODERS = [MLP(8), CNN(8, widths=(2, 3)), BiLSTM(8), BiGRU(8), Transformer(8, heads=2)]
# 32-bit sums of a few dozen terms.
TOLERANCE = {"rtol": 1e-4, "atol": 2e-6}


def encode(encoder, embedded=EMBEDDED, mask=MASK):
    return ops.convert_to_numpy(encoder(embedded, mask))


def randomize(layer):
    """Give biases values too, which start at zero and would hide a mistake."""
    for variable in layer.trainable_variables:
        variable.assign(RNG.normal(scale=0.5, size=variable.shape))


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


@pytest.fixture(params=ENCODERS, ids=lambda encoder: type(encoder).__name__)
def encoder(request):
    layer = request.param
    layer(EMBEDDED, MASK)
    randomize(layer)
    return layer


def test_states_at_padding_are_zero(encoder):
    hidden = encode(encoder)
    assert hidden.shape == (3, 5, 8)
    assert np.all(hidden[~MASK] == 0)
    assert np.all(np.abs(hidden[MASK]).sum(axis=-1) > 0)


def test_padding_does_not_leak(encoder):
    hidden = encode(encoder)
    scrambled = np.where(MASK[..., None], EMBEDDED, 100.0).astype(np.float32)
    np.testing.assert_allclose(encode(encoder, scrambled), hidden, **TOLERANCE)
    for row, length in enumerate(LENGTHS):
        alone = encode(encoder, EMBEDDED[row : row + 1, :length], np.ones((1, length), bool))
        np.testing.assert_allclose(alone[0], hidden[row, :length], **TOLERANCE)


def test_mlp_is_its_equation():
    layer = MLP(2)
    layer.build((None, None, 2))
    layer.project.kernel.assign([[1.0, 0.0], [2.0, -1.0]])
    layer.project.bias.assign([0.5, 0.0])
    hidden = encode(layer, np.array([[[1.0, 2.0]]], np.float32), np.ones((1, 1), bool))
    np.testing.assert_allclose(hidden, [[[np.tanh(5.5), np.tanh(-2.0)]]], rtol=1e-6)


def test_cnn_is_its_equation():
    layer = CNN(5, widths=(1, 3))
    layer.build((None, None, 6))
    randomize(layer)
    narrow, wide = layer.convolutions
    assert (narrow.filters, wide.filters) == (3, 2)
    hidden = encode(layer)
    for row, length in enumerate(LENGTHS):
        for t in range(length):
            expected = []
            for convolution in (narrow, wide):
                kernel, bias = (ops.convert_to_numpy(weight) for weight in convolution.weights)
                reach = len(kernel) // 2
                total = bias.copy()
                for offset in range(-reach, reach + 1):
                    if 0 <= t + offset < length:
                        total += EMBEDDED[row, t + offset] @ kernel[offset + reach]
                expected.append(np.maximum(total, 0))
            np.testing.assert_allclose(hidden[row, t], np.concatenate(expected), **TOLERANCE)


def lstm(inputs, weights):
    """Hochreiter & Schmidhuber's cell with a forget gate; Keras orders the gates i, f, g, o."""
    kernel, recurrent, bias = (ops.convert_to_numpy(weight) for weight in weights)
    h = c = np.zeros(len(recurrent))
    states = []
    for x in inputs:
        i, f, g, o = np.split(x @ kernel + h @ recurrent + bias, 4)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        states.append(h)
    return np.array(states)


def gru(inputs, weights):
    """Cho et al.'s cell with the reset after the product, as Keras has it; gates z, r, h."""
    kernel, recurrent, bias = (ops.convert_to_numpy(weight) for weight in weights)
    h = np.zeros(len(recurrent))
    states = []
    for x in inputs:
        from_x, from_h = x @ kernel + bias[0], h @ recurrent + bias[1]
        (zx, rx, gx), (zh, rh, gh) = np.split(from_x, 3), np.split(from_h, 3)
        z, r = sigmoid(zx + zh), sigmoid(rx + rh)
        h = z * h + (1 - z) * np.tanh(gx + r * gh)
        states.append(h)
    return np.array(states)


@pytest.mark.parametrize(("layer", "cell"), [(BiLSTM(8), lstm), (BiGRU(8), gru)])
def test_recurrent_encoders_are_their_equations(layer, cell):
    layer(EMBEDDED, MASK)
    randomize(layer)
    hidden = encode(layer)
    forward, backward = layer.recurrent.weights[:3], layer.recurrent.weights[3:]
    for row, length in enumerate(LENGTHS):
        text = EMBEDDED[row, :length]
        expected = np.concatenate([cell(text, forward), cell(text[::-1], backward)[::-1]], axis=-1)
        np.testing.assert_allclose(hidden[row, :length], expected, **TOLERANCE)


def test_bilstm_and_its_gradients_are_those_of_the_keras_loop():
    layer = BiLSTM(8)
    layer(EMBEDDED, MASK)
    randomize(layer)
    # Open forget gates and large inputs: cells grow past 3, where the kernel would clip them by default.
    for cell in (layer.recurrent.forward_layer.cell, layer.recurrent.backward_layer.cell):
        cell.bias.assign(np.repeat(np.float32([2, 4, 2, 0]), 4))
    embedded, toward = tf.constant(EMBEDDED), RNG.normal(size=(3, 5, 8)).astype(np.float32)

    def states_and_gradients(encode):
        with tf.GradientTape() as tape:
            tape.watch(embedded)
            hidden = encode()
            total = tf.reduce_sum(hidden * toward)
        return hidden, *tape.gradient(total, [embedded, *(weight.value for weight in layer.trainable_variables)])

    ours = states_and_gradients(lambda: layer(embedded, MASK))
    keras_loop = states_and_gradients(lambda: layer.recurrent(embedded, mask=MASK) * MASK[..., None].astype(np.float32))
    for value, expected in zip(ours, keras_loop, strict=True):
        np.testing.assert_allclose(value, expected, rtol=1e-4, atol=1e-5)


def test_transformer_is_its_equation():
    layer = Transformer(4, heads=2)
    layer(EMBEDDED, MASK)
    randomize(layer)
    hidden = encode(layer)

    def dense(inner, x):
        kernel, bias = (ops.convert_to_numpy(weight) for weight in inner.weights)
        return x @ kernel + bias

    def norm(inner, x):
        scale, shift = (ops.convert_to_numpy(weight) for weight in inner.weights)
        centred = x - x.mean(-1, keepdims=True)
        return scale * centred / np.sqrt((centred**2).mean(-1, keepdims=True) + inner.epsilon) + shift

    query, query_bias, key, key_bias, value, value_bias, output, output_bias = map(
        ops.convert_to_numpy, layer.attend.weights
    )
    for row, length in enumerate(LENGTHS):
        angles = np.arange(length)[:, None] / 10000 ** (2 * np.arange(2) / 4)
        x = dense(layer.project, EMBEDDED[row, :length]) + np.concatenate([np.sin(angles), np.cos(angles)], -1)
        attended = output_bias.astype(float)
        for head in range(2):
            q, k, v = (
                x @ kernel[:, head] + bias[head]
                for kernel, bias in ((query, query_bias), (key, key_bias), (value, value_bias))
            )
            weights = np.exp(q @ k.T / np.sqrt(2))
            attended = attended + (weights / weights.sum(-1, keepdims=True)) @ v @ output[head]
        z = norm(layer.attend_norm, x + attended)
        expected = norm(layer.feed_norm, z + dense(layer.contract, np.maximum(dense(layer.expand, z), 0)))
        np.testing.assert_allclose(hidden[row, :length], expected, rtol=1e-3, atol=2e-5)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: MLP(0), "units: must be an integer of at least 1; got 0"),
        (lambda: BiLSTM(7), "units: must be even, half for each direction; got 7"),
        (lambda: BiGRU(1), "units: must be an integer of at least 2; got 1"),
        (lambda: CNN(2, widths=(1, 2, 3)), "widths: must hold between 1 and units=2 widths; got 3"),
        (lambda: CNN(2, widths=()), "widths: must hold between 1 and units=2 widths; got 0"),
        (lambda: Transformer(6, heads=4), "units: must be even and a multiple of heads=4; got 6"),
    ],
)
def test_bad_sizes_are_named(make, message):
    with pytest.raises(InvalidInputError, match=message):
        make()
