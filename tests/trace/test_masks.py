"""Masks of other forms are answered with what to pass, and padding that is taken for words is warned of."""

import re
import warnings

import numpy as np
import pytest

from attnstats.exceptions import InvalidInputError, UnreliableEstimateWarning
from attnstats.trace import AttentionTrace

N, T = 12, 5
REAL = np.arange(T) < np.tile([5, 3, 2, 4], 3)[:, np.newaxis]
RNG = np.random.default_rng(0)
ATTENTION = np.where(REAL, RNG.uniform(0.1, 1, size=(N, T)), 0)
ATTENTION /= ATTENTION.sum(axis=1, keepdims=True)
ARRAYS = {"attention": ATTENTION, "hidden": RNG.normal(size=(N, T, 2)), "output": [0, 1] * 6}
FULL = {**ARRAYS, "attention": RNG.dirichlet(np.ones(T), size=N)}
LOWEST = np.finfo(np.float32).min

WRONG = {
    "additive": np.where(REAL, 0, LOWEST),
    "additive, whole numbers": np.where(REAL, 0, -10_000),
    "additive, infinite": np.where(REAL, 0, -np.inf),
    "numbers": REAL.astype(np.float32),
    "four axes": REAL[:, None, None],
    "four axes of queries": np.repeat(REAL[:, None, None], T, axis=2),
    "four axes, causal": (REAL[:, None, None] & np.tri(T, dtype=bool)),
    "four axes, 0 and 1": REAL[:, None, None].astype(int),
    "four axes, additive": np.where(REAL, 0, LOWEST)[:, None, None],
    "three axes": REAL[:, None],
    "swapped": REAL.T,
    "swapped, additive": np.where(REAL, 0, LOWEST).T,
    "lengths": REAL.sum(axis=1),
}


@pytest.mark.parametrize("kind", WRONG)
def test_what_the_error_says_to_pass_is_the_mask(kind):
    mask = WRONG[kind]
    with pytest.raises(InvalidInputError, match="mask: must be") as raised:
        AttentionTrace.from_arrays(**ARRAYS, mask=mask)
    passed = re.search(r"[Pp]ass (.*)$", str(raised.value))[1]
    remedied = eval(passed, {"np": np, "mask": mask})
    np.testing.assert_array_equal(AttentionTrace.from_arrays(**ARRAYS, mask=remedied).mask, REAL)


@pytest.mark.parametrize(
    ("mask", "said"),
    [
        (REAL[:, :-1], r"got dtype bool and shape \(12, 4\). Give it 5 columns, as many as there are tokens"),
        (REAL[:-1], r"got dtype bool and shape \(11, 5\). Give it one row for each of 12 texts$"),
        (REAL[0], r"It has no axis of texts: pass np.tile\(mask, \(12, 1\)\) if it is the same for all$"),
        (REAL.astype(str), r"got dtype <U5 and shape \(12, 5\)$"),
    ],
)
def test_of_another_shape_it_is_said_which_is_right(mask, said):
    with pytest.raises(InvalidInputError, match=said):
        AttentionTrace.from_arrays(**ARRAYS, mask=mask)


TOKENS = [[f"w{place}" if real else "[PAD]" for place, real in enumerate(row)] for row in REAL]


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({**FULL, "tokens": TOKENS}, r"looks like padding: 9 texts begin or end with the token '\[PAD\]'"),
        ({**FULL, "tokens": [row[::-1] for row in TOKENS]}, r"9 texts begin or end with the token '\[PAD\]'"),
        ({**FULL, "tokens": TOKENS, "mask": np.ones((N, T), dtype=int)}, "token"),
        ({**FULL, "hidden": np.where(REAL[..., None], ARRAYS["hidden"], 0)}, "9 texts begin or end with states that"),
        (ARRAYS, "9 texts begin or end with weights that are exactly zero"),
        ({**ARRAYS, "attention": ATTENTION[:, ::-1]}, "9 texts begin or end with weights that are exactly zero"),
    ],
)
def test_padding_that_counts_as_real_is_warned_of(arrays, said):
    with pytest.warns(UnreliableEstimateWarning, match=said):
        AttentionTrace.from_arrays(**arrays)


def test_what_is_no_padding_is_not_warned_of():
    words = [[word for word in row if word != "[PAD]"] for row in TOKENS]
    sparse = np.where(np.arange(T) == np.tile([0, 3, 2, 4], 3)[:, np.newaxis], 1.0, 0.0)
    inner = [["a", "[PAD]", "b", "c", "d"]] * N
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        AttentionTrace.from_arrays(**ARRAYS, mask=REAL, tokens=words)
        AttentionTrace.from_arrays(**{**FULL, "attention": sparse}, tokens=inner)
        AttentionTrace.from_arrays(**{**FULL, "attention": [[0.3, 0.3, 0.4, 0, 0]] * N})  # never looked at
