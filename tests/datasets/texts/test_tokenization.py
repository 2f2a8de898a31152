import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attnstats.datasets import Vocabulary, tokenize


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Don't!", ["don't", "!"]),
        ("don\u2019t", ["don't"]),  # typographic apostrophe
        ("'quoted' rock'n'roll'", ["quoted", "rock'n'roll"]),
        ("one<br />two<BR>three</i>", ["one", "two", "three"]),
        ("Tom &amp; Jerry&#39;s caf\u00e9", ["tom", "jerry's", "caf\u00e9"]),
        ("a &lt;b&gt; c", ["a", "b", "c"]),  # an escaped bracket is text, not markup
        ("2 < 3 and 4 > 3", ["2", "3", "and", "4", "3"]),  # a bare bracket opens no tag
        ("under_score _really_", ["under", "score", "really"]),
        ("well-made, 3.5 stars??", ["well", "made", "3", "5", "stars", "?", "?"]),
        (" \t\n ...", []),
    ],
)
def test_tokens(text, tokens):
    assert tokenize(text) == tokens


@settings(max_examples=50, deadline=None)
@given(st.text(alphabet=st.sampled_from("abcXYZ019'!?., \n_-<>&;/\u00e9\u2019")))
def test_tokens_of_joined_tokens_are_the_same(text):
    tokens = tokenize(text)
    assert tokenize(" ".join(tokens)) == tokens
    assert all(token and " " not in token for token in tokens)


def test_vocabulary_orders_by_count_then_alphabet_and_drops_rare_words():
    texts = [["b", "a", "c"], ["b", "a", "d"], ["b", "e"]]
    assert Vocabulary.from_tokens(texts, min_count=2).words == ("b", "a")
    assert Vocabulary.from_tokens(texts, min_count=1).words == ("b", "a", "c", "d", "e")
    assert Vocabulary.from_tokens(texts, min_count=1, max_vocabulary=3).words == ("b", "a", "c")


def test_ids_start_after_padding_and_unknown():
    vocabulary = Vocabulary(("good", "bad"))
    assert vocabulary.ids(["bad", "good", "ugly"]) == [3, 2, 1]
    assert len(vocabulary) == 4
    assert "bad" in vocabulary
    assert "ugly" not in vocabulary
