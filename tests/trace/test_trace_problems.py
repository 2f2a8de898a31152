"""Each fault that arrays can have is told, alone and beside others, with what mends it."""

import numpy as np
import pytest

from attnstats.exceptions import InvalidInputError, TraceError
from attnstats.trace import AttentionTrace, trace_problems

N, T, D = 6, 4, 3
RNG = np.random.default_rng(0)
REAL = np.arange(T) < np.array([4, 3, 3, 2, 3, 2])[:, np.newaxis]
WEIGHTS = np.where(REAL, RNG.random((N, T)), 0)
WEIGHTS /= WEIGHTS.sum(axis=1, keepdims=True)
ARRAYS = {
    "attention": WEIGHTS,
    "hidden": RNG.normal(size=(N, T, D)),
    "output": np.array([[0.75, 0.25], [0.25, 0.75]] * 3),
    "mask": REAL,
    "label": np.array([0, 1] * 3),
}
SHORT = {"mask": np.arange(T) < np.full((N, 1), 2), "attention": np.tile([0.25, 0.75, 0, 0], (N, 1))}
UNIFORM = np.full((N, T), 1 / T)
#: A square: as many texts as tokens.
SQUARE = {
    "attention": RNG.dirichlet(np.ones(4), size=4).T,
    "hidden": np.ones((4, 4, 1)),
    "output": [0, 1, 0, 1],
    "mask": np.ones((4, 4), dtype=bool),
    "label": [0, 1, 0, 1],
}


def holed(array, *places):
    changed = array.astype(np.float64)
    for place in places:
        changed[place] = np.nan
    return changed


PROBLEMS = {
    "scores": ({"attention": np.where(REAL, WEIGHTS - 0.5, 0)}, "attention: {} negative; of scores pass the softmax"),
    "logarithms": (
        {"attention": np.log(UNIFORM), "mask": REAL | True},
        "attention: 24 tokens of 6 texts, the first in example 0, token 0, are negative; {}logarithms: pass np.exp",
    ),
    "scores at padding": ({"attention": np.where(REAL, WEIGHTS - 0.5, 9)}, "attention: {} negative"),
    "NaN weights": (
        {"attention": holed(WEIGHTS, (3, 1))},
        "attention: 1 tokens of 1 texts, the first in example 3, token 1, are NaN",
    ),
    "per cent": (
        {"attention": 100 * WEIGHTS},
        "attention: 6 of 6 rows do not sum to one; the sums are all 100; {}: divide them by 100",
    ),
    "part of a text": (
        {"attention": WEIGHTS * np.array([1, 1, 0.75, 1, 0.5, 1])[:, np.newaxis]},
        "attention: 2 of 6 rows do not sum to one; the sums lie between 0.5 and 1, the farthest in example 4; {}re",
    ),
    "rounded": ({"attention": WEIGHTS * 1.01}, "attention: 6 of 6 {} they look rounded"),
    "two heads": ({"attention": WEIGHTS * 2}, "attention: 6 of 6 {} a sum over 2 heads: pass their mean"),
    "sigmoids": ({"attention": np.where(REAL, 0.9, 0)}, "attention: 6 of 6 {} of a sigmoid"),
    "zero rows": ({"attention": WEIGHTS * [[1]] * ([[0]] + [[1]] * 5)}, "attention: 1 of 6 {} 1 of them are all zero"),
    "columns": (SQUARE, "attention: 4 of 4 {} pass attention.T"),
    "weight at padding": (
        {"attention": UNIFORM},
        "attention: 5 of 6 texts have weight at padding, up to 0.5; give padding no weight",
    ),
    "mask inverted": ({**SHORT, "mask": ~SHORT["mask"]}, "mask: looks inverted: {} pass ~mask"),
    "mask of numbers": ({"mask": REAL * 3}, "mask: must be True, or 1"),
    "mask of other shape": ({"mask": REAL.T}, "mask: must be boolean of shape (6, 4)"),
    "NaN states": (
        {"hidden": holed(ARRAYS["hidden"], (2, 1), (4, 0), (4, 2))},
        "hidden: 3 tokens of 2 texts, the first in example 2, token 1, are NaN or infinite; states that",
    ),
    "tokens first": (
        {"hidden": ARRAYS["hidden"].transpose(1, 0, 2)},
        "hidden: {} pass np.transpose(hidden, (1, 0, 2))",
    ),
    "dimensions first": (
        {"hidden": ARRAYS["hidden"].transpose(2, 0, 1)},
        "hidden: {} pass np.transpose(hidden, (1, 2, 0))",
    ),
    "other states": (
        {"hidden": np.zeros((N, 9, D))},
        "hidden: must have shape (*(6, 4), dim) like attention; got (6, 9, 3)",
    ),
    "attention turned": (
        {"attention": WEIGHTS.T},
        "attention: must have a row for each of the 6 examples {} pass attention.T",
    ),
    "attention of others": ({"attention": WEIGHTS[:5]}, "attention: must have a row for each of the 6 examples"),
    "all heads": ({"attention": np.ones((N, 2, T, T))}, "attention: {}row=AttentionRow(head=0, query=ClassToken())"),
    "logits": ({"output": [[2.0, -1.0], [0.5, 0.75]] * 3}, "output: {} look like logits"),
    "one class": ({"output": [[0.75, 0.25]] * N}, "output: all 6 texts are predicted as class 0"),
    "one class as integers": ({"output": [1] * N}, "output: all 6 texts are predicted as class 1"),
    "labels from one": ({"label": ARRAYS["label"] + 1}, "label: must lie in 0 to 1, {} got 1 to 2"),
    "too few labels": ({"label": [0, 1]}, "label: must have one class for each of the 6 examples of output; got 2"),
    "named labels": ({"label": ["a", "b"] * 3}, "label: must be integer classes"),
}


def matches(problem, pattern):
    start, *rest = pattern.split("{}")
    return problem.startswith(start) and all(part in problem for part in rest)


@pytest.mark.parametrize("case", PROBLEMS)
def test_a_fault_alone_is_told_once(case):
    change, pattern = PROBLEMS[case]
    arrays = {**ARRAYS, **change}
    problems = trace_problems(arrays)
    assert len(problems) == (2 if case == "attention of others" else 1), problems
    assert matches(problems[0], pattern), problems[0]
    if "one class" not in case:
        with pytest.raises(InvalidInputError):
            AttentionTrace.from_arrays(**arrays)


def test_arrays_without_a_fault():
    assert trace_problems(ARRAYS) == ()
    assert trace_problems({**ARRAYS, "more": "anything"}) == ()
    assert trace_problems({**ARRAYS, "hidden": np.where(REAL[:, :, np.newaxis], ARRAYS["hidden"], np.nan)}) == ()
    plain = {"attention": UNIFORM, "hidden": ARRAYS["hidden"], "output": [0, 1] * 3}
    assert trace_problems(plain) == ()


@pytest.mark.parametrize(
    "attention", [np.full((N, T), 1e308), np.full((N, T), np.inf), np.where(REAL, -WEIGHTS, 1e308), np.zeros((0, T))]
)
def test_wild_weights_are_told_without_a_warning(attention):
    assert len(trace_problems({"attention": attention, "hidden": ARRAYS["hidden"], "output": [0, 1] * 3})) >= 1
    with_mask = {"attention": attention, "hidden": ARRAYS["hidden"], "output": [0, 1] * 3, "mask": REAL}
    assert len(trace_problems(with_mask)) >= 1


def test_many_faults_are_all_told():
    problems = trace_problems(
        {"attention": UNIFORM, "hidden": holed(ARRAYS["hidden"], (0, 0)), "output": [[9.0, 2.0]] * N, "mask": REAL}
    )
    assert [each.partition(":")[0] for each in problems] == ["attention", "hidden", "output", "output"]


def test_what_is_missing_is_told_with_the_rest():
    problems = trace_problems({"attention": 2 * UNIFORM, "probs": ARRAYS["output"]})
    assert len(problems) == 3
    assert matches(problems[0], "hidden: is missing; there is attention, probs")
    assert matches(problems[1], "output: is missing; {}if it is 'probs'")
    assert matches(problems[2], "attention: 6 of 6")


def test_a_saved_trace_of_bfloat16_is_sound(tmp_path):
    ml_dtypes = pytest.importorskip("ml_dtypes")
    weights = np.full((N, 255), 1 / 255).astype(ml_dtypes.bfloat16)
    arrays = {"attention": weights, "hidden": np.zeros((N, 255, 1)), "output": [0, 1] * 3}
    assert trace_problems(arrays) == ()
    assert len(trace_problems({**arrays, "attention": weights.astype(np.float64)})) == 1
    AttentionTrace.from_arrays(**arrays).save(tmp_path / "trace")
    assert trace_problems(tmp_path / "trace") == ()


def test_what_is_no_source(tmp_path):
    with pytest.raises(InvalidInputError, match="source: must be a path or a mapping"):
        trace_problems(5)
    with pytest.raises(TraceError, match="nothing: no such file or folder"):
        trace_problems(tmp_path / "nothing")
