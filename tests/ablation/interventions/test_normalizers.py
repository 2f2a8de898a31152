"""Temperature and noise on saved weights equal the same on the scores, where attention is a softmax."""

import numpy as np
import pytest
from scipy.stats import chisquare, kstest

from attnstats.ablation import Entmax, GumbelNoise, Temperature, ablate
from attnstats.exceptions import InvalidInputError
from attnstats.trace import AttentionTrace


@pytest.mark.parametrize("temperature", [0.05, 0.5, 1.0, 4.0])
def test_saved_weights_and_scores_agree(trace, model, temperature):
    alone = ablate(trace, Temperature(temperature)).attention
    from_scores = ablate(trace, Temperature(temperature), model=model).attention
    np.testing.assert_allclose(alone, from_scores, rtol=1e-9, atol=1e-300)


def test_a_low_temperature_does_not_underflow(trace):
    skewed = ablate(trace, Temperature(1e-4)).attention
    np.testing.assert_allclose(skewed.max(axis=1), 1)
    np.testing.assert_array_equal(skewed.argmax(axis=1), trace.attention.argmax(axis=1))


def test_temperature_keeps_the_order_and_zeros():
    trace = AttentionTrace.from_arrays(attention=[[0.5, 0.0, 0.3, 0.2]], hidden=np.zeros((1, 4, 1)), output=[0])
    weights = ablate(trace, Temperature(2.0)).attention[0]
    roots = np.sqrt([0.5, 0.0, 0.3, 0.2])
    np.testing.assert_allclose(weights, roots / roots.sum(), rtol=1e-12)


def one_text(weights, n):
    return AttentionTrace.from_arrays(
        attention=np.tile(weights, (n, 1)), hidden=np.zeros((n, len(weights), 1)), output=[0] * n
    )


def test_gumbel_noise_puts_a_token_first_with_the_probability_of_its_weight():
    """The Gumbel-max identity (Maddison et al. 2014); p-value of a true null, at a seed where it is not small."""
    weights, n = np.array([0.6, 0.3, 0.1, 0.0]), 10_000
    noisy = ablate(one_text(weights, n), GumbelNoise(0.3), rng=0).attention
    counts = np.bincount(noisy.argmax(axis=1), minlength=4)
    assert counts[3] == 0
    assert np.all(noisy[:, 3] == 0)
    assert chisquare(counts[:3], n * weights[:3]).pvalue > 0.001


def test_the_log_ratio_of_two_noisy_weights_is_logistic():
    """log(a_1 / a_2) T = e_1 - e_2 + g_1 - g_2, and the difference of two standard Gumbel variables is logistic."""
    weights, temperature = np.array([0.7, 0.3]), 0.8
    noisy = ablate(one_text(weights, 5_000), GumbelNoise(temperature), rng=0).attention
    noise = temperature * np.log(noisy[:, 0] / noisy[:, 1]) - np.log(weights[0] / weights[1])
    assert kstest(noise, "logistic").pvalue > 0.001


def test_a_model_that_can_swap_its_normalizer_is_asked(trace, model):
    expected = model.attention_with_noise(trace.hidden, trace.mask, 0.5, np.random.default_rng(3))
    np.testing.assert_array_equal(ablate(trace, GumbelNoise(0.5), model=model, rng=3).attention, expected)


@pytest.mark.parametrize("kind", [Temperature, GumbelNoise])
@pytest.mark.parametrize("bad", [0, -1.0, np.nan, np.inf, "1"])
def test_a_temperature_is_above_zero(kind, bad):
    with pytest.raises(InvalidInputError, match="temperature: must be a finite number above 0; got"):
        kind(bad)


def scored(n=40, n_tokens=7, spread=1.0):
    """Return scores, a mask and the trace of their softmax."""
    rng = np.random.default_rng(0)
    scores = spread * rng.normal(size=(n, n_tokens))
    mask = np.arange(n_tokens) < rng.integers(1, n_tokens + 1, size=(n, 1))
    weights = np.where(mask, np.exp(scores), 0)
    weights /= weights.sum(axis=1, keepdims=True)
    output = rng.integers(2, size=n)
    return scores, AttentionTrace.from_arrays(
        attention=weights, hidden=np.zeros((n, n_tokens, 2)), output=output, mask=mask
    )


@pytest.mark.parametrize("spread", [0.1, 1.0, 10.0])
def test_entmax_of_saved_softmax_weights_is_that_of_the_scores(spread):
    keras_layers = pytest.importorskip("attnstats.models")
    scores, trace = scored(spread=spread)
    for alpha, layer in ((1.5, keras_layers.Entmax15()), (2.0, keras_layers.Sparsemax())):
        expected = np.asarray(layer(scores.astype(np.float32), trace.mask))
        found = ablate(trace, Entmax(alpha)).attention
        # Both are of single precision; a square root at the edge of the support makes 1e-7 of the scores 1e-5.
        np.testing.assert_allclose(found, expected, atol=2e-5 * max(spread, 1))


def test_sparsemax_is_the_nearest_point_of_the_simplex():
    scores, trace = scored(n=8, n_tokens=4)
    found = Entmax(2.0).attention(trace, None, np.random.default_rng(0))
    rng = np.random.default_rng(1)
    for row, real, weights in zip(scores, trace.mask, found, strict=True):
        others = rng.dirichlet(np.full(int(real.sum()), 0.5), size=2000)
        nearest = ((weights[real] - row[real]) ** 2).sum()
        assert (((others - row[real]) ** 2).sum(axis=1) >= nearest - 1e-6).all()  # weights are kept in single precision


@pytest.mark.parametrize("alpha", [1.01, 1.3, 1.5, 2.0])
def test_entmax_sums_to_one_keeps_the_order_and_tends_to_softmax(alpha):
    scores, trace = scored()
    found = Entmax(alpha).attention(trace, None, np.random.default_rng(0))
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-12)
    assert (found[~trace.mask] == 0).all()
    for row, real, weights in zip(scores, trace.mask, found, strict=True):
        order = np.argsort(row[real])
        assert (np.diff(weights[real][order]) >= -1e-12).all()
    if alpha == 1.01:
        np.testing.assert_allclose(found, trace.attention, atol=0.01)


def test_entmax_of_a_model_is_that_of_its_scores_whatever_its_normalizer():
    scores, trace = scored()
    colder = np.where(trace.mask, np.exp(3 * scores), 0)
    cold = AttentionTrace.from_arrays(
        attention=colder / colder.sum(axis=1, keepdims=True), hidden=trace.hidden, output=trace.output, mask=trace.mask
    )

    class Model:
        def predict_from_attention(self, *_):
            raise AssertionError

        def attention_at_temperature(self, *arguments):
            assert arguments[2] == 1
            return trace.attention

        def attention_with_noise(self, *_):
            raise AssertionError

    rng = np.random.default_rng(0)
    assert (Entmax().attention(cold, Model(), rng) == Entmax().attention(trace, None, rng)).all()
    assert (Entmax().attention(cold, None, rng) != Entmax().attention(trace, None, rng)).any()


@pytest.mark.parametrize("alpha", [1.0, 2.5, float("nan")])
def test_entmax_knows_its_range(alpha):
    with pytest.raises(InvalidInputError, match="alpha: must be above 1 and at most 2; got"):
        Entmax(alpha)
