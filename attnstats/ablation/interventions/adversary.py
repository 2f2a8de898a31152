"""Adversarial attention: far from the trained weights, with almost the same output."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numba import njit
from scipy.special import expit, logit, softmax

from attnstats._distributions import divided_by_sum
from attnstats._validation import BoolArray, FloatArray, RealArray, check_count, check_fraction
from attnstats.ablation.interventions._checked_outputs import checked_logits
from attnstats.ablation.interventions._weights import masked_softmax
from attnstats.ablation.interventions.divergence import jensen_shannon
from attnstats.ablation.interventions.interface import LinearHead, OutputHead
from attnstats.exceptions import InvalidInputError
from attnstats.trace import AttentionTrace

#: Gradient ascent for three classes or more: number of steps, size of the first, and steps between two evaluations.
_STEPS, _STEP, _EVERY = 200, 0.2, 20
#: Smallest and largest weight of the penalty, one for each start: a small one leaves the allowed outputs, a large one
#: cannot move along their border, and no one weight suits all texts.
_PENALTIES = (2.0, 200.0)
#: Weights that are moved at once (8 MB an array).
_AT_ONCE = 10**6


@dataclass(frozen=True)
class Adversarial:
    """The attention of largest Jensen-Shannon divergence from the trained one whose output is nearly the same.

    The adversary of Jain & Wallace (2019), section 4.2.2. The model's output must be the softmax of a linear map of the
    context (`LinearHead`).

    Parameters
    ----------
    epsilon : float
        Largest total variation of the output, in (0, 1); 0.01 in the paper for classification.
    n_restarts : int
        Random starts of the search; unused with two classes.

    Raises
    ------
    InvalidInputError
        If a parameter is out of range or, when applied, the model has no linear head.

    Notes
    -----
    For two classes the result is exact: the output restricts the difference of logits, linear in the weights, to an
    interval, and the divergence is convex, so it is largest at a mixture of at most two tokens; all pairs are tried.
    For more classes it is a lower bound, by gradient ascent with a penalty from random starts.
    """

    name: ClassVar[str] = "adversarial"
    holds_fixed: ClassVar[str] = "encoder, output head, output up to epsilon"
    orders_tokens: ClassVar[bool] = True
    epsilon: float = 0.01
    n_restarts: int = 16

    def __post_init__(self) -> None:
        check_fraction(self.epsilon, "epsilon")
        check_count(self.n_restarts, "n_restarts")

    def attention(self, trace: AttentionTrace, model: OutputHead | None, rng: np.random.Generator) -> RealArray:
        """Return the adversarial weights."""
        if not isinstance(model, LinearHead):
            found = type(model).__name__
            raise InvalidInputError(f"model: Adversarial needs a model with token_logits(hidden); got {found}")
        weights = divided_by_sum(trace.attention, trace.mask)
        logits = checked_logits(model.token_logits(trace.hidden), trace.hidden)
        logits = np.where(trace.mask[:, :, np.newaxis], logits, 0)
        if logits.shape[2] == 2:
            return two_class_adversary(weights, logits[:, :, 1] - logits[:, :, 0], trace.mask, self.epsilon)
        size = max(1, _AT_ONCE // (self.n_restarts * trace.mask.shape[1]))
        parts = [slice(start, start + size) for start in range(0, len(weights), size)]
        tasks = [(weights[part], logits[part], trace.mask[part]) for part in parts]
        return np.concatenate([gradient_adversary(*task, self.epsilon, self.n_restarts, rng) for task in tasks])


def two_class_adversary(weights: FloatArray, gaps: FloatArray, mask: BoolArray, epsilon: float) -> FloatArray:
    """Return the adversarial attention for two classes; `gaps` are differences of logits, (n_examples, n_tokens)."""
    centre = (weights * gaps).sum(axis=1)
    first, second = expit(-centre), expit(centre)
    # Limits of the difference of logits; none on a side where a class has less than epsilon to lose.
    low = np.where(second > epsilon, logit(np.maximum(second - epsilon, 0)), -np.inf)
    high = np.where(first > epsilon, -logit(np.maximum(first - epsilon, 0)), np.inf)
    return np.asarray(_best_pairs(weights, gaps, mask, np.minimum(low, centre), np.maximum(high, centre)))


@njit(cache=True)
def _best_pairs(
    weights: FloatArray, gaps: FloatArray, mask: BoolArray, low: FloatArray, high: FloatArray
) -> FloatArray:
    found = np.zeros(weights.shape)
    for row in range(len(weights)):
        tokens = np.flatnonzero(mask[row])
        # The best mixture so far: weight `share` on the first token, the rest on the second.
        best, first, second, share = -np.inf, tokens[0], tokens[0], 1.0
        for t in tokens:
            if low[row] <= gaps[row, t] <= high[row]:  # all weight on one token is allowed
                gain = _gain(weights[row, t], 1.0)
                if gain > best:
                    best, first, second, share = gain, t, t, 1.0
            for u in tokens:
                below, above = gaps[row, t], gaps[row, u]
                for end in (low[row], high[row]):
                    if below < end < above:  # a mixture that reaches the limit; each pair comes once
                        part = (above - end) / (above - below)
                        gain = _gain(weights[row, t], part) + _gain(weights[row, u], 1.0 - part)
                        if gain > best:
                            best, first, second, share = gain, t, u, part
        found[row, second] += 1.0 - share
        found[row, first] += share
    return found


@njit(cache=True)
def _gain(weight: float, new: float) -> float:
    """Return what one token adds to the divergence when its weight becomes `new` instead of zero."""
    return float(_term((weight + new) / 2) - _term(weight / 2) - _term(new) / 2)


@njit(cache=True)
def _term(x: float) -> float:
    return -x * np.log(x) if x > 0 else 0.0


def gradient_adversary(
    weights: FloatArray, logits: FloatArray, mask: BoolArray, epsilon: float, n_restarts: int, rng: np.random.Generator
) -> FloatArray:
    """Return adversarial attention, within epsilon in every row; `logits` are (n_examples, n_tokens, n_classes)."""
    # Scores θ, with attention softmax(θ), maximise JSD − penalty · max(0, TV − ε) by Adam (Kingma & Ba 2015).
    n, n_tokens = weights.shape
    # Starts stand on the second axis: attention (n, n_restarts, n_tokens), outputs (n, n_restarts, n_classes).
    inside, trained = mask[:, np.newaxis], weights[:, np.newaxis]
    intact = _outputs(trained, logits)
    penalties = np.geomspace(*_PENALTIES, n_restarts)[:, np.newaxis]
    scores = np.where(inside, 2 * rng.gumbel(size=(n, n_restarts, n_tokens)), -np.inf)
    momentum, squares = np.zeros(scores.shape), np.zeros(scores.shape)
    found, divergence = np.repeat(trained, n_restarts, axis=1), np.zeros((n, n_restarts))
    for step in range(1, _STEPS + 1):
        gradient = _gradient(masked_softmax(scores, inside), trained, logits, intact, epsilon, penalties)
        momentum = 0.9 * momentum + 0.1 * gradient
        squares = 0.9 * squares + 0.1 * gradient**2
        size = _STEP * (1 - step / (_STEPS + 1)) / (1 - 0.9**step)  # decreasing, corrected for the first moments
        scores = scores + size * momentum / (np.sqrt(squares / (1 - 0.9**step)) + 1e-12)
        if step % _EVERY == 0:
            allowed = _farthest_on_ray(masked_softmax(scores, inside), trained, logits, intact, epsilon)
            reached = jensen_shannon(trained, allowed)
            found = np.where((reached > divergence)[:, :, np.newaxis], allowed, found)
            divergence = np.maximum(reached, divergence)
    return np.asarray(found[np.arange(n), divergence.argmax(axis=1)])


def _outputs(attention: FloatArray, logits: FloatArray) -> FloatArray:
    return np.asarray(softmax(attention @ logits, axis=-1))


def _variation(outputs: FloatArray, others: FloatArray) -> FloatArray:
    return np.asarray(np.abs(outputs - others).sum(axis=-1, keepdims=True) / 2)


def _gradient(
    attention: FloatArray,
    trained: FloatArray,
    logits: FloatArray,
    intact: FloatArray,
    epsilon: float,
    penalties: FloatArray,
) -> FloatArray:
    """Return the gradient of the penalised divergence by the scores of the attention."""
    outputs = _outputs(attention, logits)
    signs = np.sign(outputs - intact) / 2
    of_logits = outputs * (signs - (signs * outputs).sum(axis=-1, keepdims=True))
    of_variation = np.where(_variation(outputs, intact) > epsilon, of_logits, 0) @ logits.transpose(0, 2, 1)
    ratio = np.divide(2 * attention, attention + trained, out=np.ones(attention.shape), where=attention > 0)
    by_weight = np.log(ratio) / 2 - penalties * of_variation
    return np.asarray(attention * (by_weight - (attention * by_weight).sum(axis=-1, keepdims=True)))


def _farthest_on_ray(
    attention: FloatArray, trained: FloatArray, logits: FloatArray, intact: FloatArray, epsilon: float
) -> FloatArray:
    """Return the farthest allowed point on the ray from the trained weights through each attention, by bisection."""
    # The divergence grows along the ray: it is convex, and zero at its start.
    direction = attention - trained
    room = np.divide(trained, -direction, out=np.full(direction.shape, np.inf), where=direction < -1e-15)
    longest = np.minimum(room.min(axis=-1, keepdims=True), 1e6)
    base, slope = trained @ logits, direction @ logits

    def allowed(length: FloatArray) -> BoolArray:
        return np.asarray(_variation(np.asarray(softmax(base + length * slope, axis=-1)), intact) <= epsilon)

    low, high = np.where(allowed(longest), longest, 0.0), longest
    for _ in range(40):
        middle = (low + high) / 2
        inside = allowed(middle)
        low, high = np.where(inside, middle, low), np.where(inside, high, middle)
    reached = np.maximum(trained + low * direction, 0)
    return np.asarray(reached / reached.sum(axis=-1, keepdims=True))
