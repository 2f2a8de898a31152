"""Texts as a tokenizer sees them: token ids, the word of each token, and which tokens it added."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from attnstats._validation import BoolArray, IntArray, check_count
from attnstats.exceptions import InvalidInputError

#: A text, or its words.
Text: TypeAlias = str | Sequence[str]


@dataclass(frozen=True, eq=False)
class TokenizedTexts:
    """Texts as token ids.

    Parameters
    ----------
    inputs : dict of str to list of list of int
        What the model takes, by name, such as ``input_ids``, one list a text.
    pieces : list of list of str
        Tokens as strings.
    words : list of list of str
        Words of each text; those that were cut off are not among them.
    word : list of ndarray of int
        Number of the word of each token; -1 at special tokens.
    special : list of ndarray of bool
        Which tokens the tokenizer added.
    class_at : ndarray of int, shape (n_texts,)
        Position of the class token, -1 where there is none.
    truncated : int
        Number of texts that were cut.
    """

    inputs: dict[str, list[list[int]]]
    pieces: list[list[str]]
    words: list[list[str]]
    word: list[IntArray]
    special: list[BoolArray]
    class_at: IntArray
    truncated: int

    @property
    def lengths(self) -> IntArray:
        """Number of tokens of each text."""
        return np.array([len(word) for word in self.word], dtype=np.int64)


def tokenized(tokenizer: Any, texts: Sequence[Text], max_length: int) -> TokenizedTexts:
    """Return the texts as token ids, cut to a number of tokens."""
    whole, spans = zip(*(_words_of(text, number) for number, text in enumerate(texts)), strict=True)
    encoded = tokenizer(
        list(whole),
        truncation=True,
        max_length=max_length,
        return_offsets_mapping=True,
        return_special_tokens_mask=True,
        return_overflowing_tokens=False,
        verbose=False,
    )
    special = [np.asarray(marks, dtype=bool) for marks in encoded["special_tokens_mask"]]
    word = [
        _word_of(np.asarray(offsets, dtype=np.int64).reshape(-1, 2), marks, ends)
        for offsets, marks, (_, ends) in zip(encoded["offset_mapping"], special, spans, strict=True)
    ]
    if bare := [number for number, marks in enumerate(special) if marks.all()]:
        raise InvalidInputError(f"texts: each must hold a token; got none in text {bare[0]}, {texts[bare[0]]!r:.40}")
    cut = sum(len(np.unique(of[of >= 0])) < len(ends) for of, (_, ends) in zip(word, spans, strict=True))
    kept = [int(of.max()) + 1 for of in word]
    class_id = tokenizer.cls_token_id
    class_at = [_first(ids, class_id) for ids in encoded["input_ids"]]
    return TokenizedTexts(
        inputs={name: encoded[name] for name in tokenizer.model_input_names if name in encoded},
        pieces=[tokenizer.convert_ids_to_tokens(ids) for ids in encoded["input_ids"]],
        words=[
            [text[start:end] for start, end in zip(starts[:n], ends[:n], strict=True)]
            for text, (starts, ends), n in zip(whole, spans, kept, strict=True)
        ],
        word=word,
        special=special,
        class_at=np.array(class_at, dtype=np.int64),
        truncated=cut,
    )


def longest(tokenizer: Any, model: Any, max_length: int | None) -> int:
    """Return the number of tokens that a text may have: what was asked for, or else what tokenizer and model take."""
    positions = getattr(model.config, "max_position_embeddings", None)
    embedding: Any = getattr(getattr(model.base_model, "embeddings", None), "position_embeddings", None)
    padding = getattr(embedding, "padding_idx", None)
    if positions is not None and positions < 1:
        positions = None  # as in XLNet, which takes texts of any length
    elif positions is not None and padding is not None:
        positions -= padding + 1  # as in RoBERTa, whose positions begin behind that of padding
    most = min(int(each) for each in (tokenizer.model_max_length, positions, 2**31 - 1) if each is not None)
    length = most if max_length is None else check_count(max_length, "max_length", minimum=3)
    if length > most:
        raise InvalidInputError(f"max_length: must be at most {most}, the most that the model takes; got {length}")
    return length


def _words_of(text: Text, number: int) -> tuple[str, tuple[IntArray, IntArray]]:
    """Return a text, and where its words begin and end."""
    if isinstance(text, str):
        found = [match.span() for match in re.finditer(r"\S+", text)]
    elif isinstance(text, Sequence) and all(isinstance(word, str) and word for word in text):
        ends = np.cumsum([len(word) + 1 for word in text]) - 1
        found = [(int(end) - len(word), int(end)) for word, end in zip(text, ends, strict=True)]
        text = " ".join(text)
    else:
        raise InvalidInputError(f"texts: must be str, or sequences of words; got {text!r:.60} in text {number}")
    if not found:
        raise InvalidInputError(f"texts: each must hold a word; got {text!r:.40} in text {number}")
    starts, ends = np.array(found, dtype=np.int64).T
    return text, (starts, ends)


def _word_of(offsets: IntArray, special: BoolArray, ends: IntArray) -> IntArray:
    """Return the word of each token: the one in which it begins, or the next one where it begins between words."""
    # A token that holds its leading blank begins between words, and belongs to the one that follows.
    word = np.minimum(np.searchsorted(ends, offsets[:, 0], side="right"), len(ends) - 1)
    word[special] = 0
    word = np.maximum.accumulate(word)
    word[special] = -1
    return np.asarray(word, dtype=np.int64)


def _first(ids: Sequence[int], wanted: int | None) -> int:
    return ids.index(wanted) if wanted is not None and wanted in ids else -1
