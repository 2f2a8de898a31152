"""Every method that attributes a logit on a model whose logits are sums over tokens gives what each token adds."""

import numpy as np
import pytest

from attnstats.adapters import (
    ClassLogit,
    Deleted,
    GradientTimesInput,
    IntegratedGradients,
    LeaveOneOut,
    PadToken,
    ZeroEmbedding,
    attribute_transformer,
)
from attnstats.trace import Tokens, Words

ROWS = {"a": [0.0, 2.0], "b": [1.5, 0.0], "c": [0.25, -1.0], "##d": [0.5, 3.0], "[CLS]": [0.0, 0.5]}
TEXTS = ["a b", "cd a e", "b b e"]
#: Of class 1.
WORDS = [[2.0, 0.0, 0.0], [2.0, 2.0, 0.0], [0.0, 0.0, 0.0]]
#: Of class 0; the second text is of the tokens c, ##d, a, e.
TOKENS = [[0.0, 1.5, 0.0, 0.0], [0.25, 0.5, 0.0, 0.0], [1.5, 1.5, 0.0, 0.0]]


@pytest.fixture(scope="module")
def bag(word_pieces):
    from tests.adapters.bag_of_words import bag_of_words

    return bag_of_words(word_pieces, ROWS)


@pytest.mark.parametrize(
    "attribution",
    [
        GradientTimesInput(signed=True),
        IntegratedGradients(steps=1),
        IntegratedGradients(baseline=PadToken()),
        LeaveOneOut(Deleted(), signed=True),
        LeaveOneOut(ZeroEmbedding(), signed=True),
        LeaveOneOut(PadToken(), signed=True),
    ],
    ids=repr,
)
def test_a_word_contributes_what_its_tokens_add(attribution, bag, word_pieces):
    given = bag, word_pieces, TEXTS, attribution
    found = attribute_transformer(*given, target=1, output=ClassLogit())
    np.testing.assert_allclose(found.scores, WORDS, atol=1e-12)
    np.testing.assert_allclose(found.value, [2.5, 4.5, 0.5])
    assert found.tokens == (("a", "b"), ("cd", "a", "e"), ("b", "b", "e"))
    np.testing.assert_array_equal(found.mask, [[True, True, False], [True] * 3, [True] * 3])
    tokens = attribute_transformer(*given, target=[0, 0, 0], output=ClassLogit(), units=Tokens())
    np.testing.assert_allclose(tokens.scores, TOKENS, atol=1e-12)
    assert tokens.tokens[1] == ("c", "##d", "a", "e")


def test_the_predicted_class_is_attributed_if_none_is_named(bag, word_pieces):
    found = attribute_transformer(bag, word_pieces, TEXTS, LeaveOneOut(signed=True), output=ClassLogit())
    assert found.classes.tolist() == [1, 1, 0]
    np.testing.assert_allclose(found.scores[2], [1.5, 1.5, 0.0])


def test_signs_of_tokens_are_kept_until_the_word_is_whole(word_pieces):
    from tests.adapters.bag_of_words import bag_of_words

    bag = bag_of_words(word_pieces, {"a": [0.0, 2.0], "##b": [0.0, -5.0], "c": [0.0, -1.0]})
    found = attribute_transformer(bag, word_pieces, ["ab c"], GradientTimesInput(), target=1, output=ClassLogit())
    np.testing.assert_allclose(found.scores, [[3.0, 1.0]])


def test_a_probability_is_attributed_as_its_chain_rule_says(bag, word_pieces):
    found = attribute_transformer(bag, word_pieces, ["a b"], GradientTimesInput(signed=True), target=1)
    p = 1 / (1 + np.exp(-(2.5 - 1.5)))
    np.testing.assert_allclose(found.value, [p])
    np.testing.assert_allclose(found.scores, [[p * (1 - p) * 2.0, -p * (1 - p) * 1.5]])


def test_leaving_out_without_sign_is_the_total_variation_of_all_classes(bag, word_pieces):
    found = attribute_transformer(bag, word_pieces, ["a b"], LeaveOneOut(), target=0)
    p, without_a, without_b = (1 / (1 + np.exp(-log_odds)) for log_odds in (1.0, -1.0, 2.5))
    np.testing.assert_allclose(found.scores, [[p - without_a, without_b - p]])


def test_special_tokens_stand_among_the_words_if_they_are_shown(bag, word_pieces):
    given = bag, word_pieces, ["a b"]
    units = Words(special=True)
    for attribution in (GradientTimesInput(signed=True), LeaveOneOut(signed=True)):
        found = attribute_transformer(*given, attribution, target=1, output=ClassLogit(), units=units)
        assert found.tokens == (("[CLS]", "a", "b", "[SEP]"),)
        np.testing.assert_allclose(found.scores, [[0.5, 2.0, 0.0, 0.0]])
    found = attribute_transformer(*given, IntegratedGradients(), target=1, output=ClassLogit(), units=units)
    np.testing.assert_allclose(found.scores, [[0.0, 2.0, 0.0, 0.0]])  # they are in the baseline too
