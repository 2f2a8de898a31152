"""Which word each token is a part of, by tokenizers of several kinds, against the characters of the text."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attnstats.adapters.transformers._tokenized import tokenized


@settings(max_examples=60, deadline=None)
@given(text=st.text("abcdefgh. \n\té", min_size=1, max_size=30), kind=st.sampled_from(["word_pieces", "byte_level"]))
def test_each_token_is_a_part_of_the_word_whose_letters_it_holds(text, kind, request):
    words = text.split()
    if not words:
        return
    tokenizer = request.getfixturevalue(kind)
    found = tokenized(tokenizer, [text], 60)
    offsets = tokenizer(text, return_offsets_mapping=True, return_special_tokens_mask=True)
    assert found.words == [words]
    assert found.special[0].tolist() == [bool(mark) for mark in offsets["special_tokens_mask"]]
    letters = np.repeat(np.arange(len(words)), [len(word) for word in words])
    positions = [at for at, letter in enumerate(text) if not letter.isspace()]
    of_letter = dict(zip(positions, letters, strict=True))
    for word, (start, end), special in zip(found.word[0], offsets["offset_mapping"], found.special[0], strict=True):
        held = {int(of_letter[at]) for at in range(start, end) if at in of_letter}
        if special:
            assert word == -1
        elif held:
            assert held == {word}
        else:  # a token of blanks alone belongs to the word behind it, the last one to the last word
            assert word == min([int(of_letter[at]) for at in of_letter if at >= end], default=len(words) - 1)


@pytest.mark.parametrize("kind", ["word_pieces", "byte_level"])
def test_given_words_are_the_same_as_their_text(kind, request):
    tokenizer = request.getfixturevalue(kind)
    whole, words = (tokenized(tokenizer, [text], 60) for text in ("ab cd. e", ["ab", "cd.", "e"]))
    assert whole.words == words.words == [["ab", "cd.", "e"]]
    np.testing.assert_array_equal(whole.word[0], words.word[0])
