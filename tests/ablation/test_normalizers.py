"""Temperature and noise on saved weights equal the same on the scores, where attention is a softmax."""

import numpy as np
import pytest
from scipy.stats import chisquare, kstest

from attnstats.ablation import GumbelNoise, Temperature, ablate
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
