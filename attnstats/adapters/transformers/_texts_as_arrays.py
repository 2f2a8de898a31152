"""What a transformer's trace holds of its texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attnstats._validation import BoolArray, FloatArray, IntArray
from attnstats.adapters.transformers._tokenized import TokenizedTexts
from attnstats.exceptions import InvalidInputError
from attnstats.trace import Query
from attnstats.trace._arrays import encode_tokens


def texts_as_arrays(texts: TokenizedTexts) -> Mapping[str, NDArray[Any]]:
    """Return words, tokens and special tokens, each an array of one row a text."""
    mask = _real(texts.lengths)
    token_codes, token_strings = encode_tokens(texts.pieces, mask)
    word_codes, word_strings = encode_tokens(texts.words, _real([len(words) for words in texts.words]))
    return {
        "word": _padded(texts.word, -1, np.int32),
        "special": _padded(texts.special, 0, np.bool_),
        "mask": mask,
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


def _real(lengths: Sequence[int] | IntArray) -> BoolArray:
    """Return which places of rows of these lengths are no padding, shape (n_rows, longest)."""
    return np.asarray(np.arange(max(lengths)) < np.asarray(lengths)[:, np.newaxis])


def _padded(rows: Sequence[NDArray[Any]], fill: int, dtype: type) -> NDArray[Any]:
    """Return rows of unequal length as one array."""
    array: NDArray[Any] = np.full((len(rows), max(map(len, rows))), fill, dtype=dtype)
    for number, row in enumerate(rows):
        array[number, : len(row)] = row
    return array
