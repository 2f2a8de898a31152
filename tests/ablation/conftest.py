"""A stand-in for a trained model that offers all that an intervention may ask for, and traces of it."""

import numpy as np
import pytest

from attnstats.ablation import SoftmaxHead
from attnstats.ablation.interventions._weights import masked_softmax
from attnstats.trace import AttentionTrace


class StandIn(SoftmaxHead):
    """A linear head over given hidden states; scores e = h . w, under softmax."""

    scorer = np.array([1.0, -0.5, 0.25])

    def random_scorer_attention(self, hidden, mask, rng):
        return masked_softmax(hidden @ rng.normal(size=3), mask)

    def attention_at_temperature(self, hidden, mask, temperature, rng):  # noqa: ARG002
        return masked_softmax(hidden @ self.scorer / temperature, mask)

    def attention_with_noise(self, hidden, mask, temperature, rng):
        return masked_softmax((hidden @ self.scorer + rng.gumbel(size=mask.shape)) / temperature, mask)

    def shuffled_label_attention(self, hidden, mask, rng):
        return self.random_scorer_attention(hidden, mask, rng)

    def separate_scorer_trace(self, rng):
        hidden = rng.normal(size=self.trace.hidden.shape)
        attention = masked_softmax(hidden @ self.scorer, self.trace.mask)
        output = self.predict_from_attention(hidden, attention)
        return AttentionTrace.from_arrays(
            attention=attention, hidden=hidden, output=output, mask=self.trace.mask, epochs=3
        )

    def predict_without(self, erased):
        kept = self.trace.mask & ~erased
        assert kept.any(axis=1).all()
        return self.predict_from_attention(self.trace.hidden, masked_softmax(self.trace.hidden @ self.scorer, kept))


def make_model(n_classes=2, seed=5):
    rng = np.random.default_rng(seed)
    return StandIn(2 * rng.normal(size=(3, n_classes)), rng.normal(size=n_classes))


def make_trace(model, n=40, n_tokens=9, seed=1):
    rng = np.random.default_rng(seed)
    mask = np.arange(n_tokens) < rng.integers(1, n_tokens + 1, size=(n, 1))
    hidden = rng.normal(size=(n, n_tokens, 3))
    attention = masked_softmax(hidden @ StandIn.scorer, mask)
    output = model.predict_from_attention(hidden, attention)
    trace = AttentionTrace.from_arrays(
        attention=attention, hidden=hidden, output=output, mask=mask, label=rng.integers(2, size=n), seed=1
    )
    object.__setattr__(model, "trace", trace)
    return trace


@pytest.fixture
def model():
    return make_model()


@pytest.fixture
def trace(model):
    return make_trace(model)


@pytest.fixture
def three_classes():
    model = make_model(n_classes=3)
    make_trace(model)
    return model
