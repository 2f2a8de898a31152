"""Words and tokens of texts, against loops over the tokens of each."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attnstats.trace import Tokens, Words
from attnstats.trace.transformer.units import added, averaged


@st.composite
def texts(draw):
    """Words and special tokens of a few texts, as a tokenizer gives them: word -1 at special tokens and padding."""
    rows = draw(
        st.lists(
            st.tuples(st.integers(0, 2), st.lists(st.integers(1, 3), min_size=1, max_size=4), st.integers(0, 2)),
            min_size=1,
            max_size=4,
        )
    )
    words = [
        [-1] * before + [at for at, n in enumerate(parts) for _ in range(n)] + [-1] * after
        for before, parts, after in rows
    ]
    width = max(map(len, words)) + draw(st.integers(0, 2))
    word = np.full((len(words), width), -1)
    mask = np.zeros(word.shape, dtype=bool)
    for row, of in enumerate(words):
        word[row, : len(of)], mask[row, : len(of)] = of, True
    return word, mask & (word < 0), mask


def by_hand(word, special, mask, units):
    """Tokens of each unit of each text."""
    found = []
    for row in range(len(word)):
        groups = []
        for at in np.flatnonzero(mask[row]):
            if special[row, at] and not units.special:
                continue
            joined = (
                isinstance(units, Words)
                and groups
                and not special[row, at]
                and word[row, groups[-1][-1]] == word[row, at]
            )
            groups[-1].append(int(at)) if joined else groups.append([int(at)])
        found.append(groups)
    return found


@given(texts(), st.sampled_from([Words(), Words(special=True), Tokens(), Tokens(special=True)]), st.integers(0, 2**31))
def test_weights_add_and_states_are_averaged_within_units(given_texts, units, seed):
    word, special, mask = given_texts
    rng = np.random.default_rng(seed)
    weights, states = rng.random(word.shape) * mask, rng.normal(size=(*word.shape, 3))
    numbers = units.numbers(word, special, mask)
    groups = by_hand(word, special, mask, units)
    n_units = max(map(len, groups))
    assert numbers.max() + 1 == n_units
    sums, means = added(weights, numbers, n_units), averaged(states.astype(np.float32), numbers, n_units)
    for row, of_text in enumerate(groups):
        for unit in range(n_units):
            tokens = of_text[unit] if unit < len(of_text) else []
            assert sums[row, unit] == pytest.approx(weights[row, tokens].sum())
            expected = states[row, tokens].mean(axis=0) if tokens else np.zeros(3)
            np.testing.assert_allclose(means[row, unit], expected, atol=1e-6)
