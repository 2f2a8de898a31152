"""Scorers against scores computed by hand."""

import numpy as np
import pytest
from keras import ops

from attnstats.exceptions import InvalidInputError
from attnstats.models import Additive, Deep, General, ScaledDotProduct

# One text of two tokens and one of one token, two units.
HIDDEN = np.array([[[1.0, 2.0], [3.0, -1.0]], [[0.5, 1.0], [0.0, 0.0]]], np.float32)
MASK = np.array([[True, True], [True, False]])
W = np.array([[1.0, -1.0], [0.5, 2.0]])


def score(scorer):
    scores = ops.convert_to_numpy(scorer(HIDDEN, MASK))
    assert scores.shape == (2, 2)
    return scores[MASK]


def test_additive():
    scorer = Additive(units=2)
    scorer.build((None, None, 2))
    scorer.project.kernel.assign(W)
    scorer.project.bias.assign([0.1, -0.2])
    scorer.weigh.kernel.assign([[2.0], [-1.0]])
    # h W + b: (2.1, 2.8), (2.6, -5.2), (1.1, 1.3)
    pre = np.array([[2.1, 2.8], [2.6, -5.2], [1.1, 1.3]])
    np.testing.assert_allclose(score(scorer), 2 * np.tanh(pre[:, 0]) - np.tanh(pre[:, 1]), rtol=1e-5)


def test_deep():
    scorer = Deep(units=(2, 1))
    scorer.build((None, None, 2))
    scorer.hidden_layers[0].kernel.assign(W)
    scorer.hidden_layers[1].kernel.assign([[1.0], [-0.5]])
    scorer.hidden_layers[1].bias.assign([0.25])
    scorer.weigh.kernel.assign([[3.0]])
    # relu(h W): (2, 3), (2.5, 0), (1, 1.5); then relu(z1 - z2 / 2 + 1/4): 0.75, 2.75, 0.5; times 3
    np.testing.assert_allclose(score(scorer), [2.25, 8.25, 1.5], rtol=1e-6)


def test_scaled_dot_product_with_a_learned_query():
    scorer = ScaledDotProduct(units=2)
    scorer.build((None, None, 2))
    scorer.project_keys.kernel.assign(W)
    scorer.learned_query.assign([[1.0, 2.0]])
    # h W: (2, 3), (2.5, -5), (1, 1.5)
    np.testing.assert_allclose(score(scorer), np.array([8.0, -7.5, 4.0]) / np.sqrt(2), rtol=1e-6)


def test_scaled_dot_product_with_the_last_state():
    scorer = ScaledDotProduct(units=2, query="last")
    scorer.build((None, None, 2))
    scorer.project_keys.kernel.assign(W)
    scorer.project_query.kernel.assign([[1.0, 0.0], [0.0, -1.0]])
    # queries: (3, 1) of the first text, (0.5, -1) of the second, whose last real token is its first
    np.testing.assert_allclose(score(scorer), np.array([9.0, 2.5, -1.0]) / np.sqrt(2), rtol=1e-6)


def test_general_with_a_learned_query():
    scorer = General()
    scorer.build((None, None, 2))
    scorer.project.kernel.assign(W)
    scorer.learned_query.assign([[1.0, 2.0]])
    np.testing.assert_allclose(score(scorer), [8.0, -7.5, 4.0], rtol=1e-6)


def test_general_with_the_last_state():
    scorer = General(query="last")
    scorer.build((None, None, 2))
    scorer.project.kernel.assign(W)
    # (3, -1) · (2, 3), (3, -1) · (2.5, -5), (0.5, 1) · (1, 1.5)
    np.testing.assert_allclose(score(scorer), [3.0, 12.5, 2.0], rtol=1e-6)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Additive(0), "units: must be an integer of at least 1; got 0"),
        (lambda: Deep(units=(8,)), r"units: must name two or more hidden layers; got \(8,\)"),
        (lambda: ScaledDotProduct(query="first"), "query: must be one of learned, last; got 'first'"),
        (lambda: General(query="first"), "query: must be one of learned, last; got 'first'"),
    ],
)
def test_bad_parameters_are_named(make, message):
    with pytest.raises(InvalidInputError, match=message):
        make()
