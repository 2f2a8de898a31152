"""Zeroing by rank against a loop over the tokens of each text."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attnstats._distributions import descending_ranks, share_of
from attnstats.ablation import Zeroed, ablate
from attnstats.exceptions import InvalidInputError
from attnstats.trace import AttentionTrace


def by_loop(row, real, count):
    left = [float(weight) for weight in row[real]]
    alive = list(range(len(left)))
    for _ in range(min(count, len(left) - 1)):
        alive.remove(max(alive, key=lambda place: (left[place], -place)))
    total = sum(left[place] for place in alive)
    result = np.zeros(len(row))
    places = np.flatnonzero(real)
    for place in alive:
        result[places[place]] = left[place] / total if total else 1 / len(alive)
    return result


@pytest.mark.parametrize("top", [1, 2, 8, 50])
def test_top_weights_are_zeroed_and_the_rest_rescaled(trace, top):
    weights = ablate(trace, Zeroed(top=top)).attention
    expected = [by_loop(row, real, top) for row, real in zip(trace.attention, trace.mask, strict=True)]
    np.testing.assert_allclose(weights, expected, rtol=1e-12)


@given(st.integers(0, 2**32 - 1), st.floats(0.01, 0.99), st.booleans())
@settings(max_examples=40, deadline=None)
def test_a_share_with_ties_zeros_and_padding(seed, share, sparse):
    rng = np.random.default_rng(seed)
    mask = np.arange(8) < rng.integers(1, 9, size=(5, 1))
    weights = np.where(mask, rng.integers(1, 4, size=mask.shape) * 1.0, 0)
    if sparse:  # all weight on one token: nothing is left when it goes
        weights = np.where(np.arange(8) == 0, 1.0, 0.0) + np.zeros(mask.shape)
    weights /= weights.sum(axis=1, keepdims=True)
    trace = AttentionTrace.from_arrays(attention=weights, hidden=np.zeros((5, 8, 1)), output=[0] * 5, mask=mask)
    found = ablate(trace, Zeroed(share=share)).attention
    lengths = mask.sum(axis=1)
    counts = [int(np.ceil(np.round(share * length, 9))) for length in lengths]
    expected = [by_loop(row, real, count) for row, real, count in zip(weights, mask, counts, strict=True)]
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_a_share_is_rounded_up_but_not_for_rounding_error():
    assert 0.07 * 100 > 7
    assert share_of(np.array([100, 10, 1]), 0.07).tolist() == [7, 1, 1]


def test_ranks_are_stable_and_padding_is_last():
    scores = np.array([[2.0, 5.0, 5.0, 9.0]])
    assert descending_ranks(scores, np.array([[True, True, True, False]])).tolist() == [[2, 0, 1, 3]]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "top: must be given, or share, and not both; got None and None"),
        ({"top": 1, "share": 0.5}, "top: must be given, or share, and not both; got 1 and 0.5"),
        ({"top": 0}, "top: must be an integer of at least 1; got 0"),
        ({"share": 1.0}, "share: must lie strictly between 0 and 1; got 1.0"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(InvalidInputError, match=message):
        Zeroed(**arguments)
