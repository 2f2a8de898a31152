from itertools import product

import numpy as np
import pandas as pd
import pytest

from attnstats.scores import Block, read_scores
from attnstats.scores.analyses.blocks import arrange, joint_factor

NAMES = {"condition": "model", "seed": "run", "example": "item", "dataset": "task"}


def rows(*, missing, own):
    """Scores of 3 models, runs and items of 2 tasks in no order; with `own`, runs of each model alone."""
    rng = np.random.default_rng(0)
    cells = [
        (model, f"{model}{run}" if own else run, task, f"{task}{item}")
        for model, run, task in product("abc", range(4), "xy")
        for item in range(3 + 2 * (task == "y"))
        if not (missing and (model, run, task) == ("b", 2, "x"))
    ]
    frame = pd.DataFrame(cells, columns=["model", "run", "task", "item"]).assign(score=rng.random(len(cells)))
    if missing:
        frame = frame.drop(index=rng.choice(len(frame), 11, replace=False))
    return frame.sample(frac=1, random_state=0)


def averages(frame, *keys):
    """Mean of the scores of each combination of labels, one row after the other."""
    found = {}
    for row in frame.itertuples():
        found.setdefault(tuple(str(getattr(row, key)) for key in keys), []).append(row.score)
    return {key: sum(scores) / len(scores) for key, scores in found.items()}


@pytest.mark.parametrize(
    ("paired", "shared", "with_items", "missing"),
    list(product([True, False], [True, False], [True, False], [True, False])),
)
def test_blocks_hold_the_mean_of_each_cell(paired, shared, with_items, missing):
    frame = rows(missing=missing, own=not paired)
    scores = read_scores(frame, value="score", **NAMES)
    run, item = scores.factor("seed"), scores.factor("example") if with_items else None
    found = arrange(scores, run, item, paired=paired, shared=shared)
    keys = ("model", "task", "run", "item") if with_items else ("model", "task", "run")
    expected = averages(frame, *keys)
    assert found.datasets == ("x", "y")
    seen = 0
    for model, blocks in zip("abc", found.conditions, strict=True):
        for task, block in zip("xy", blocks, strict=True):
            there = [each for each in run.labels if any(key[:3] == (model, task, each) for key in expected)]
            anywhere = [each for each in run.labels if any(key[0] == model and key[2] == each for key in expected)]
            in_task = [each for each in run.labels if any(key[1:3] == (task, each) for key in expected)]
            units = (run.labels if shared else in_task) if paired else (anywhere if shared else there)
            items = sorted(set(frame.item[frame.task == task])) if with_items else [None]
            table = block.values if with_items else block.values[:, np.newaxis]
            assert table.shape == (len(units), len(items))
            for i, unit in enumerate(units):
                for j, each in enumerate(items):
                    key = (model, task, unit, each) if with_items else (model, task, unit)
                    assert table[i, j] == pytest.approx(expected.get(key, np.nan), nan_ok=True)
                    seen += key in expected
    assert seen == len(expected)
    assert found.units == ((run.labels,) * 2 if paired else ((), ()))


@pytest.mark.parametrize("missing", [True, False])
def test_data_sets_that_are_the_units_are_one_block(missing):
    frame = rows(missing=missing, own=False)
    scores = read_scores(frame, value="score", **NAMES)
    found = arrange(scores, scores.factor("dataset"), None, paired=True, shared=False, whole=True)
    expected = averages(frame, "model", "task")
    assert (found.datasets, found.units) == (("",), (("x", "y"),))
    for model, (block,) in zip("abc", found.conditions, strict=True):
        assert block.values == pytest.approx([expected[model, task] for task in "xy"])


def test_examples_keep_their_clusters():
    frame = rows(missing=False, own=False)
    frame = frame[frame.run == 0].assign(topic=frame.item.str[1].astype(int) // 2)
    scores = read_scores(frame, value="score", condition="model", example="item", dataset="task", group="topic")
    found = arrange(scores, scores.factor("example"), None, paired=True, shared=False)
    topics = scores.factor("group").labels
    for place, task in enumerate("xy"):
        for blocks in found.conditions:
            told = [topics[each] for each in blocks[place].clusters]
            expected = [f"{int(item[1]) // 2} of {task}" for item in found.units[place]]
            assert told == expected


def test_unit_means_are_over_the_items_that_are_there():
    values = np.array([[1.0, 2, np.nan], [np.nan] * 3, [4, 5, 9]])
    assert Block(values).unit_means == pytest.approx([1.5, np.nan, 6], nan_ok=True)
    assert Block(values[:, 0]).unit_means == pytest.approx([1, np.nan, 4], nan_ok=True)


def test_several_factors_are_one_by_their_combinations():
    scores = read_scores(rows(missing=False, own=False), value="score", **NAMES)
    run, task = scores.factor("seed"), scores.factor("dataset")
    joint = joint_factor("fold", "fold", [run, task], len(scores))
    pairs = {(a, b): code for a, b, code in zip(run.codes, task.codes, joint.codes, strict=True)}
    assert all(pairs[a, b] == code for a, b, code in zip(run.codes, task.codes, joint.codes, strict=True))
    assert sorted(pairs.values()) == list(range(8))
    assert joint_factor("fold", "fold", [run], len(scores)) is run
    assert joint_factor("row", "row", [], 5).codes.tolist() == [0, 1, 2, 3, 4]
