"""Normalizers against their definitions: closed forms, optimality, and the law of the noise."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from keras import ops
from scipy.optimize import brentq, minimize

from attnstats.exceptions import InvalidInputError
from attnstats.models import Entmax15, GumbelSoftmax, Softmax, Sparsemax

NORMALIZERS = [Softmax(), Softmax(temperature=0.3), GumbelSoftmax(noise_at_evaluation=True), Sparsemax(), Entmax15()]
by_name = pytest.mark.parametrize("normalizer", NORMALIZERS, ids=lambda layer: layer.name)
scores_of_a_text = arrays(np.float32, st.integers(1, 9), elements=st.floats(-20, 20, width=32), fill=st.nothing())


def attend(normalizer, scores, mask=None):
    scores = np.atleast_2d(np.asarray(scores, np.float32))
    mask = np.ones(scores.shape, bool) if mask is None else np.atleast_2d(mask)
    return ops.convert_to_numpy(normalizer(scores, mask))


@by_name
@settings(max_examples=25, deadline=None)
@given(scores=scores_of_a_text, padding=st.integers(0, 3), at_padding=st.floats(-50, 50, width=32))
def test_weights_are_a_distribution_over_real_tokens(normalizer, scores, padding, at_padding):
    n = len(scores)
    padded = np.concatenate([scores, np.full(padding, at_padding, np.float32)])
    weights = attend(normalizer, padded, np.arange(n + padding) < n)[0]
    assert np.all(weights[n:] == 0)
    assert np.all(weights >= 0)
    # Eight 32-bit weights; entmax squares a difference of numbers up to 10, so it keeps a digit less.
    assert weights.sum() == pytest.approx(1, abs=2e-5)


@pytest.mark.parametrize("normalizer", [Softmax(), Sparsemax(), Entmax15()], ids=lambda layer: layer.name)
@settings(max_examples=25, deadline=None)
@given(scores=scores_of_a_text, shift=st.floats(-4, 4, width=32))
def test_shift_and_order(normalizer, scores, shift):
    weights = attend(normalizer, scores)[0]
    np.testing.assert_allclose(attend(normalizer, scores + shift)[0], weights, atol=2e-5)
    order = np.argsort(scores, kind="stable")
    assert np.all(np.diff(weights[order]) >= -1e-6)


@by_name
def test_text_without_tokens_gets_no_attention(normalizer):
    assert np.all(attend(normalizer, [[3.0, -2.0, 0.0]], [[False] * 3]) == 0)


@by_name
def test_huge_scores_stay_finite(normalizer):
    weights = attend(normalizer, [[1e8, -1e8, 0.0, 1e8]], [[True, True, True, False]])
    np.testing.assert_allclose(weights, [[1, 0, 0, 0]], atol=1e-6)


def test_softmax_by_hand():
    scores = np.log([[1.0, 2.0, 5.0]])
    np.testing.assert_allclose(attend(Softmax(), scores), [[0.125, 0.25, 0.625]], rtol=1e-6)
    np.testing.assert_allclose(attend(Softmax(temperature=0.5), scores), [[1 / 30, 4 / 30, 25 / 30]], rtol=1e-5)


def simplex_optimum(objective, n):
    """Maximise over the simplex with a general solver."""
    result = minimize(
        lambda a: -objective(a),
        np.full(n, 1 / n),
        bounds=[(0, 1)] * n,
        constraints={"type": "eq", "fun": lambda a: a.sum() - 1},
        method="SLSQP",
        options={"ftol": 1e-12, "maxiter": 500},
    )
    assert result.success
    return result.x


@pytest.mark.parametrize("seed", range(5))
def test_sparsemax_is_the_projection_on_the_simplex(seed):
    scores = np.random.default_rng(seed).normal(size=6)
    expected = simplex_optimum(lambda a: -((a - scores) ** 2).sum(), 6)
    np.testing.assert_allclose(attend(Sparsemax(), scores)[0], expected, atol=1e-4)


@pytest.mark.parametrize("seed", range(5))
def test_entmax_maximises_score_plus_tsallis_entropy(seed):
    scores = np.random.default_rng(seed).normal(size=6, scale=1.5)
    expected = simplex_optimum(lambda a: a @ scores + 4 / 3 * (a - np.maximum(a, 0) ** 1.5).sum(), 6)
    np.testing.assert_allclose(attend(Entmax15(), scores)[0], expected, atol=1e-4)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    ("normalizer", "weights"),
    [
        (Sparsemax(), lambda scores, tau: np.maximum(scores - tau, 0)),
        (Entmax15(), lambda scores, tau: np.maximum(scores / 2 - tau, 0) ** 2),
    ],
)
def test_thresholds_solve_their_equation(normalizer, weights, seed):
    scores = np.random.default_rng(seed).normal(size=30, scale=2)
    tau = brentq(lambda t: weights(scores, t).sum() - 1, scores.min() / 2 - 2, scores.max(), xtol=1e-14)
    np.testing.assert_allclose(attend(normalizer, scores)[0], weights(scores, tau), atol=2e-6)


@pytest.mark.parametrize("normalizer", [Softmax(0.5), Sparsemax(), Entmax15()], ids=lambda layer: layer.name)
def test_gradient_is_the_slope(normalizer):
    scores, mask = np.array([[0.3, -0.2, 0.9, 0.5, -1.0]], np.float32), np.array([[True] * 4 + [False]])
    weights = np.array([1.0, -2.0, 0.5, 3.0, 7.0], np.float32)
    variable = tf.Variable(scores)
    with tf.GradientTape() as tape:
        value = tf.reduce_sum(normalizer(variable, mask) * weights)
    gradient = tape.gradient(value, variable).numpy()[0]
    step = 1e-2  # central differences in 32 bits: error of about 1e-4 from rounding and the third derivative
    for t in range(5):
        shift = step * (np.arange(5) == t)
        slope = (attend(normalizer, scores + shift, mask) - attend(normalizer, scores - shift, mask)) @ weights
        assert gradient[t] == pytest.approx(slope[0] / (2 * step), abs=2e-3)
    assert gradient[4] == 0


def test_gumbel_softmax_without_noise_is_softmax():
    scores = np.random.default_rng(0).normal(size=(4, 6))
    assert np.array_equal(attend(GumbelSoftmax(temperature=0.7), scores), attend(Softmax(temperature=0.7), scores))


@pytest.mark.parametrize("training", [False, True])
def test_gumbel_noise_follows_its_law(training):
    """The largest noisy score is token t with probability softmax(e)_t (Gumbel 1954; Jang et al. 2017, equation 1)."""
    keras.utils.set_random_seed(3)
    n, probabilities = 20_000, np.array([0.5, 0.3, 0.2])
    normalizer = GumbelSoftmax(temperature=0.5, noise_at_evaluation=not training)
    scores = np.tile(np.log(probabilities), (n, 1)).astype(np.float32)
    weights = ops.convert_to_numpy(normalizer(scores, np.ones((n, 3), bool), training=training))
    shares = np.bincount(weights.argmax(axis=1), minlength=3) / n
    # Standard error of a share is at most 0.0035; four of them.
    np.testing.assert_allclose(shares, probabilities, atol=0.014)
    again = ops.convert_to_numpy(normalizer(scores, np.ones((n, 3), bool), training=training))
    assert not np.array_equal(weights, again)


@pytest.mark.parametrize("make", [Softmax, GumbelSoftmax])
@pytest.mark.parametrize("temperature", [0, -1.0, np.nan])
def test_temperature_must_be_positive(make, temperature):
    with pytest.raises(InvalidInputError, match="temperature: must be a finite number above 0; got"):
        make(temperature=temperature)
