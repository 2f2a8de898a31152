"""Which labels of runs are taken for pairs."""

from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest

from attnstats.scores import find_design, read_scores


def design_of(frame, role="seed", *, paired=None):
    return find_design(read_scores(frame, value="loss", condition="model", **{role: "run"}), paired=paired)


@pytest.mark.parametrize(
    ("first", "second", "paired"),
    [
        (range(1, 6), range(4, 9), False),  # 4 of 10 have a partner: numbers that run on
        (range(1, 6), range(3, 8), True),  # 6 of 10
        (range(4), range(2, 6), True),  # half
        (range(10), range(3), False),  # 6 of 13
        (range(9), range(3), True),  # half
    ],
)
def test_seeds_are_pairs_where_half_of_them_have_a_partner(first, second, paired):
    rows = [("a", run) for run in first] + [("b", run) for run in second]
    frame = pd.DataFrame(rows, columns=["model", "run"]).assign(loss=np.sqrt(np.arange(len(rows)) + 2))
    design = design_of(frame)
    assert design.paired is paired
    assert ("share two of them, or most have no partner" in str(design)) is not paired
    assert design_of(frame, paired=True).paired
    # examples of one label are the same, few as they may be
    assert design_of(frame, "example").paired


@pytest.mark.parametrize(("models", "n_runs"), [("abcde", 8), ("abcdef", 10)])
def test_missing_runs_leave_pairs(models, n_runs):
    frame = pd.DataFrame(list(product(models, range(n_runs))), columns=["model", "run"])
    frame = frame.assign(loss=np.sqrt(np.arange(len(frame)) + 2))
    rng, seen = np.random.default_rng(0), 0
    for _ in range(40):
        left = frame[rng.permutation(len(frame)) >= len(frame) // 5]  # 20 % are missing
        runs = [set(left.run[left.model == model]) for model in models]
        fewest = min(len(a & b) / max(len(a), len(b)) for a, b in combinations(runs, 2))
        if all(len(a & b) >= 2 for a, b in combinations(runs, 2)):
            seen += fewest < 0.5  # some pair alone would be taken apart
            assert design_of(left).paired
    assert seen
