"""Marks made up for the tests, and scores that know something of them."""

import numpy as np
import pytest

from attnstats.datasets import HumanMarks


def make_marks(n_texts=20, n_annotators=3, *, seed=0, **given):
    """Texts of 5 to 14 tokens, each annotator having marked one at least."""
    rng = np.random.default_rng(seed)
    marked = []
    for _ in range(n_texts):
        n_tokens = int(rng.integers(5, 15))
        of_text = rng.random((n_annotators, n_tokens)) < 0.35
        of_text[:, rng.integers(n_tokens)] = True
        marked.append(of_text)
    tokens = tuple(tuple(f"w{place}" for place in range(each.shape[1])) for each in marked)
    return HumanMarks("made", tokens, np.arange(n_texts) % 2, tuple(marked), ("no", "yes"), **given)


def make_scores(marks, *, strength=1.0, seed=1):
    """A row for each text, which is higher where more annotators marked."""
    rng = np.random.default_rng(seed)
    return [strength * each.mean(axis=0) + rng.normal(size=each.shape[1]) for each in marks.marks]


def padded(rows):
    """An array with NaN at padding, and its mask."""
    array = np.full((len(rows), max(map(len, rows))), np.nan)
    for place, row in enumerate(rows):
        array[place, : len(row)] = row
    return array, ~np.isnan(array)


@pytest.fixture
def marks():
    return make_marks()
