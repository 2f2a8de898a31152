"""Trained scores with another normaliser at inference: temperature, Gumbel noise, entmax."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from attnstats._validation import BoolArray, FloatArray, RealArray, check_positive
from attnstats.ablation.interventions._checked_outputs import checked_attention
from attnstats.ablation.interventions._weights import log_weights, masked_softmax
from attnstats.ablation.interventions.interface import OutputHead, SwappableNormalizer
from attnstats.exceptions import InvalidInputError
from attnstats.trace import AttentionTrace

#: Bisections of the threshold, whose bracket is no longer than the log of the number of tokens: to double precision.
_N_HALVINGS = 60


@dataclass(frozen=True)
class Temperature:
    """Attention at another temperature: softmax(e / T) of the trained scores e of a `SwappableNormalizer` model.

    From saved weights alone it is a^(1/T) rescaled to sum to one: the same if they are a softmax at temperature one.

    Parameters
    ----------
    temperature : float
        Below 1 attention is more skewed, above 1 more equal.

    Raises
    ------
    InvalidInputError
        If the temperature is not above zero.
    """

    name: ClassVar[str] = "temperature"
    holds_fixed: ClassVar[str] = "encoder, scorer, output head, order of the tokens"
    orders_tokens: ClassVar[bool] = True
    temperature: float = 0.5

    def __post_init__(self) -> None:
        check_positive(self.temperature, "temperature")

    def attention(self, trace: AttentionTrace, model: OutputHead | None, rng: np.random.Generator) -> RealArray:
        """Return the weights at this temperature."""
        if isinstance(model, SwappableNormalizer):
            return model.attention_at_temperature(trace.hidden, trace.mask, self.temperature, rng)
        return masked_softmax(log_weights(trace.attention), trace.mask, self.temperature)


@dataclass(frozen=True)
class GumbelNoise:
    """Attention with Gumbel noise: softmax((e + g) / T), g standard Gumbel (Jang et al. 2017).

    The scores e are those of a `SwappableNormalizer` model. From saved weights alone they are log a: the same in
    distribution if a is a softmax at temperature one. Token t gets the largest weight with probability a_t.

    Parameters
    ----------
    temperature : float
        Towards 0 all weight is on one token, drawn with the probabilities a.

    Raises
    ------
    InvalidInputError
        If the temperature is not above zero.
    """

    name: ClassVar[str] = "gumbel_noise"
    holds_fixed: ClassVar[str] = "encoder, scorer, output head"
    orders_tokens: ClassVar[bool] = True
    temperature: float = 1.0

    def __post_init__(self) -> None:
        check_positive(self.temperature, "temperature")

    def attention(self, trace: AttentionTrace, model: OutputHead | None, rng: np.random.Generator) -> RealArray:
        """Return noisy weights."""
        if isinstance(model, SwappableNormalizer):
            return model.attention_with_noise(trace.hidden, trace.mask, self.temperature, rng)
        noisy = log_weights(trace.attention) + rng.gumbel(size=trace.attention.shape)
        return masked_softmax(noisy, trace.mask, self.temperature)


@dataclass(frozen=True)
class Entmax:
    """Attention by alpha-entmax of the scores of a `SwappableNormalizer` model: sparser as alpha grows.

    From saved weights a alone it is the entmax of log a: the same if a is a softmax at temperature one. Tokens without
    weight are tied.

    Parameters
    ----------
    alpha : float
        Above 1 and at most 2; 2 is sparsemax, towards 1 it becomes softmax.

    Raises
    ------
    InvalidInputError
        If alpha is not above 1 and at most 2.

    References
    ----------
    Peters, Niculae & Martins 2019, *Sparse Sequence-to-Sequence Models*, algorithm 1. Martins & Astudillo 2016, *From
    Softmax to Sparsemax*.

    Examples
    --------
    >>> from attnstats.trace import AttentionTrace
    >>> import numpy as np
    >>> from attnstats.ablation import ablate
    >>> trace = AttentionTrace.from_arrays(attention=[[0.35, 0.57, 0.08]], hidden=np.zeros((1, 3, 2)), output=[1])
    >>> ablate(trace, Entmax(2.0)).attention.round(2).tolist()
    [[0.26, 0.74, 0.0]]
    """

    name: ClassVar[str] = "entmax"
    holds_fixed: ClassVar[str] = "encoder, scorer, output head, order of the tokens but for ties at zero"
    orders_tokens: ClassVar[bool] = True
    alpha: float = 1.5

    def __post_init__(self) -> None:
        if not (isinstance(self.alpha, int | float | np.number) and 1 < self.alpha <= 2):
            raise InvalidInputError(f"alpha: must be above 1 and at most 2; got {self.alpha!r}")

    def attention(self, trace: AttentionTrace, model: OutputHead | None, rng: np.random.Generator) -> RealArray:
        """Return the sparse weights."""
        weights = trace.attention
        if isinstance(model, SwappableNormalizer):
            # The logs of the softmax are the scores up to a constant, which entmax does not depend on.
            answer = model.attention_at_temperature(trace.hidden, trace.mask, 1.0, rng)
            weights = checked_attention(answer, trace, "model: attention_at_temperature")
        return _entmax(log_weights(weights), trace.mask, self.alpha)


def _entmax(scores: FloatArray, mask: BoolArray, alpha: float) -> FloatArray:
    """Return (1 + (alpha - 1) (e - threshold))^(1 / (alpha - 1)) where positive, with the threshold by bisection."""
    inside = np.where(mask, scores, -np.inf)
    inside = inside - inside.max(axis=1, keepdims=True)  # the largest is 0
    low = np.zeros((len(inside), 1))  # the largest alone has weight one
    # Were all equal, each would have weight 1 / length: (1 - length^(1 - alpha)) / (alpha - 1), exactly.
    high = -np.expm1((1 - alpha) * np.log(mask.sum(axis=1, keepdims=True))) / (alpha - 1)
    for _ in range(_N_HALVINGS):
        middle = (low + high) / 2
        too_much = _powers(inside - middle, alpha).sum(axis=1, keepdims=True) > 1
        low, high = np.where(too_much, middle, low), np.where(too_much, high, middle)
    weights = _powers(inside - low, alpha)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def _powers(values: FloatArray, alpha: float) -> FloatArray:
    """Return (1 + (alpha - 1) v)^(1 / (alpha - 1)) where positive, by log1p: near alpha = 1 it is exp v."""
    steps = (alpha - 1) * values
    logs = np.log1p(np.maximum(steps, np.nextafter(-1.0, 0.0)))
    return np.where(steps > -1, np.exp(logs / (alpha - 1)), 0.0)
