"""A row of attention is that of a loop over texts, and no axis is guessed."""

import re

import numpy as np
import pytest

from attnstats.exceptions import InvalidInputError
from attnstats.trace import AttentionRow, AttentionTrace, ClassToken, LastToken, MeanHead, MeanQuery, Position

N_LAYERS, N, HEADS, T = 3, 5, 2, 4
RNG = np.random.default_rng(0)
#: The third text is padded on the left, as for a decoder; the fourth has one token.
REAL = np.array([[1, 1, 1, 1], [1, 1, 1, 0], [0, 0, 1, 1], [0, 1, 0, 0], [1, 1, 0, 0]], dtype=bool)
SCORES = RNG.normal(size=(N_LAYERS, N, HEADS, T, T))
WEIGHTS = np.exp(np.where(REAL[:, np.newaxis, np.newaxis], SCORES, -np.inf))
WEIGHTS /= WEIGHTS.sum(axis=-1, keepdims=True)


def by_loop(head, query):
    """Of the last layer, text by text."""
    rows = []
    for text, real in zip(WEIGHTS[2], REAL, strict=True):
        matrices = [text[head]] if isinstance(head, int) else list(text)
        places = np.flatnonzero(real)
        queries = {ClassToken: places[:1], LastToken: places[-1:], MeanQuery: places}.get(type(query), places[-1:])
        rows.append(np.mean([matrix[place] for matrix in matrices for place in queries], axis=0))
    return np.array(rows)


@pytest.mark.parametrize("head", [0, 1, np.int64(1), MeanHead()])
@pytest.mark.parametrize("query", [ClassToken(), LastToken(), MeanQuery(), Position(-1)])
@pytest.mark.parametrize("of", [tuple, list, np.asarray])
def test_a_row_is_that_of_a_loop(head, query, of):
    row = AttentionRow(layer=2, head=head, query=query)
    found = row.weights(of(WEIGHTS), REAL.astype(int))
    np.testing.assert_allclose(found, by_loop(head if isinstance(head, MeanHead) else int(head), query), rtol=1e-14)
    single = AttentionRow(head=head, query=query).weights(WEIGHTS[2].astype(np.float32), REAL)
    np.testing.assert_allclose(single, found, rtol=1e-6)
    assert single.dtype == np.float64


def test_an_axis_is_there_if_and_only_if_something_is_chosen_of_it():
    every = np.ones((N, T), dtype=bool)
    full = RNG.dirichlet(np.ones(T), size=(N, HEADS, T))
    np.testing.assert_array_equal(AttentionRow(head=1, query=Position(3)).weights(full), full[:, 1, 3])
    np.testing.assert_array_equal(AttentionRow(head=1).weights(full[:, :, 0], every), full[:, 1, 0])
    np.testing.assert_array_equal(AttentionRow(query=Position(1)).weights(full[:, 0]), full[:, 0, 1])
    np.testing.assert_array_equal(AttentionRow(query=Position(0)).weights(full[:, 0, :1], REAL), full[:, 0, 0])
    np.testing.assert_array_equal(AttentionRow(layer=1).weights([full[:, 0, 0], full[:, 1, 1]]), full[:, 1, 1])
    np.testing.assert_array_equal(AttentionRow().weights(full[:, 0, 0]), full[:, 0, 0])


@pytest.mark.parametrize(
    ("row", "attention", "message"),
    [
        (AttentionRow(head=0), WEIGHTS[0], "real with 3 dimensions (n_examples, n_heads, n_tokens)"),
        (AttentionRow(query=Position(0)), WEIGHTS[0], "real with 3 dimensions (n_examples, n_queries, n_tokens)"),
        (AttentionRow(head=0, query=Position(0)), WEIGHTS[0, :, 0], "real with 4 dimensions"),
        (AttentionRow(head=0, query=Position(0)), tuple(WEIGHTS), "real with 4 dimensions"),
        (
            AttentionRow(layer=0, head=0, query=Position(0)),
            WEIGHTS[0],
            "real with 5 dimensions (n_layers, n_examples, n_heads",
        ),
        (AttentionRow(layer=0, head=0, query=Position(0)), 5, "real with 5 dimensions"),
        (AttentionRow(layer=3, head=0, query=Position(0)), tuple(WEIGHTS), "layer: must be below 3"),
        (
            AttentionRow(layer=1, head=0, query=Position(0)),
            (WEIGHTS[0], None),
            "attention: must be an array of real numbers",
        ),
        (
            AttentionRow(head=2, query=Position(0)),
            WEIGHTS[0],
            "head: must be below 2, which is how many there are; got 2",
        ),
        (
            AttentionRow(head=0, query=Position(1)),
            WEIGHTS[0],
            "queries: Position(index=1) must lie within each text; got",
        ),
        (
            AttentionRow(query=MeanQuery()),
            WEIGHTS[0, :, 0, :2],
            "query: must be one of the tokens of a text; got 2 que",
        ),
        (AttentionRow(query=Position(1)), WEIGHTS[0, :, 0, :1], "queries: Position(index=1) must lie within each text"),
    ],
)
def test_a_row_that_is_not_there_is_refused(row, attention, message):
    with pytest.raises(InvalidInputError, match=re.escape(message)):
        row.weights(attention, REAL)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"layer": -1}, "layer: must be an integer of at least 0; got -1"),
        ({"layer": MeanHead()}, "layer: must be an integer"),
        ({"head": -1}, "head: must be an integer of at least 0"),
        ({"head": True}, "head: must be an integer"),
        ({"head": ClassToken()}, "head: must be an object such as a number from 0 or MeanHead()"),
        (
            {"query": "cls"},
            "query: must be an object such as ClassToken(), LastToken(), MeanQuery() or Position(0); got 'cls'",
        ),
        ({"query": 0}, "query: must be an object such as"),
        ({"query": LastToken}, "query: must be an object such as"),
    ],
)
def test_a_choice_that_is_none_is_refused(change, message):
    with pytest.raises(InvalidInputError, match=re.escape(message)):
        AttentionRow(**change)


def test_a_trace_of_a_row_says_which():
    hidden, output = RNG.normal(size=(N, T, 3)), [0, 1, 0, 1, 0]
    arrays = {"hidden": hidden, "output": output, "mask": REAL}
    row = AttentionRow(layer=2, head=1, query=LastToken())
    trace = AttentionTrace.from_arrays(attention=tuple(WEIGHTS), row=row, seed=4, **arrays)
    np.testing.assert_allclose(trace.attention, by_loop(1, LastToken()))
    assert trace.metadata == {"layer": 2, "head": 1, "query": "LastToken()", "seed": 4}
    mean = AttentionTrace.from_arrays(
        attention=WEIGHTS[2], row=AttentionRow(head=MeanHead(), query=MeanQuery()), **arrays
    )
    assert mean.metadata == {"pooling": "mean over heads", "query": "MeanQuery()"}
    with pytest.raises(InvalidInputError, match=r"layer: must not be given as metadata, .*; got 3"):
        AttentionTrace.from_arrays(attention=tuple(WEIGHTS), row=row, layer=3, **arrays)
    with pytest.raises(InvalidInputError, match="row: must be an object such as AttentionRow"):
        AttentionTrace.from_arrays(attention=WEIGHTS[2], row=1, **arrays)
