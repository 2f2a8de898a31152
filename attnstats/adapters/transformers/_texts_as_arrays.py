"""What a transformer's trace holds of its texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attnstats._validation import FloatArray, IntArray
from attnstats.adapters.transformers._tokenized import TokenizedTexts
from attnstats.exceptions import InvalidInputError
from attnstats.trace import Query


def texts_as_arrays(texts: TokenizedTexts) -> Mapping[str, NDArray[Any]]:
    """Return words, tokens and special tokens, each an array of one row a text."""
    token_codes, token_strings = _coded(texts.pieces)
    word_codes, word_strings = _coded(texts.words)
    return {
        "word": _padded(texts.word, -1, np.int32),
        "special": _padded(texts.special, 0, np.bool_),
        "mask": _padded([np.ones(length) for length in texts.lengths], 0, np.bool_),
        "token_codes": token_codes,
        "token_strings": token_strings,
        "word_codes": word_codes,
        "word_strings": word_strings,
    }


def query_weights(queries: Sequence[Query], texts: TokenizedTexts) -> FloatArray:
    """Return how much each token counts as the one that asks, shape (n_queries, n_texts, n_tokens)."""
    if not queries or not all(isinstance(query, Query) for query in queries) or len(set(queries)) < len(queries):
        raise InvalidInputError(f"queries: must be different queries, such as [ClassToken()]; got {queries!r:.80}")
    rows = [
        [query.weights(special, int(at)) for special, at in zip(texts.special, texts.class_at, strict=True)]
        for query in queries
    ]
    return np.stack([_padded(each, 0, np.float32) for each in rows])


def _coded(texts: Sequence[Sequence[str]]) -> tuple[IntArray, NDArray[np.str_]]:
    """Return the number of each string, -1 behind the last of a text, and the distinct strings."""
    distinct = sorted({string for text in texts for string in text})
    numbers = {string: number for number, string in enumerate(distinct)}
    rows = [np.array([numbers[string] for string in text], dtype=np.int64) for text in texts]
    return _padded(rows, -1, np.int32), np.array(distinct, dtype=np.str_)


def _padded(rows: Sequence[NDArray[Any]], fill: int, dtype: type) -> NDArray[Any]:
    """Return rows of unequal length as one array."""
    array: NDArray[Any] = np.full((len(rows), max(map(len, rows))), fill, dtype=dtype)
    for number, row in enumerate(rows):
        array[number, : len(row)] = row
    return array
