from itertools import product

import numpy as np
import pandas as pd
import pytest

from attnstats.exceptions import InvalidInputError
from attnstats.scores import (
    ClusterRobust,
    CorrectedT,
    CrossedAnova,
    IndependentCrossedAnova,
    IndependentProportions,
    PairedProportions,
    PairedT,
    WelchT,
    compare,
    find_design,
    read_scores,
)
from attnstats.scores.choice._choose import choose

ROLES = {"seed": "run", "example": "item", "dataset": "task", "fold": "split", "subject": "patient", "group": "topic"}
ROLES |= {"block": "day"}


def crossing(**labels):
    """Every combination of two models and the labels, with a score."""
    frame = pd.DataFrame(list(product("ab", *labels.values())), columns=["model", *labels])
    return frame.assign(score=np.random.default_rng(0).normal(size=len(frame)))


def own(frame, column):
    """Each model has labels of its own."""
    return frame.assign(**{column: frame.model + frame[column].astype(str)})


def binary(frame):
    return frame.assign(score=(frame.score > 0) * 1)


def setup_of(frame, *, test_share=None, paired=None):
    names = {role: column for role, column in ROLES.items() if column in frame}
    scores = read_scores(frame, value="score", condition="model", **names)
    return choose(scores, find_design(scores, paired=paired), test_share)


RUNS, ITEMS = {"run": range(4)}, {"item": range(6)}


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (crossing(**RUNS), PairedT("run")),
        (own(crossing(**RUNS), "run"), WelchT("run")),
        (crossing(**RUNS, **ITEMS), CrossedAnova("run", item="item")),
        (binary(crossing(**RUNS, **ITEMS)), CrossedAnova("run", item="item")),
        (own(crossing(**RUNS, **ITEMS), "run"), IndependentCrossedAnova("run", item="item")),
        (
            own(own(crossing(**RUNS, **ITEMS), "run"), "item"),
            IndependentCrossedAnova("run", item="item", own_items=True),
        ),
        (own(crossing(**RUNS, **ITEMS), "item"), PairedT("run")),
        (crossing(patient=range(4), **ITEMS), CrossedAnova("patient", item="item")),
        (crossing(patient=range(4)), PairedT("patient")),
        (crossing(**ITEMS), PairedT("item")),
        (crossing(run=[7], **ITEMS), PairedT("item")),
        (own(crossing(**ITEMS), "item"), WelchT("item")),
        (binary(crossing(**ITEMS)), PairedProportions("item")),
        (binary(own(crossing(**ITEMS), "item")), IndependentProportions("item")),
        (crossing(**RUNS).drop(columns="run"), WelchT("row")),
        (crossing(split=range(5)), CorrectedT("split", test_share=0.25)),
        (crossing(run=range(5), split=range(2)), CorrectedT("split", test_share=1.0, halves=True)),
        (crossing(run=range(4), split=range(2)), CorrectedT("split", test_share=1.0)),
        (crossing(task="xyz", split=range(5)), CorrectedT("split", test_share=0.25)),
        (crossing(task="xyz"), PairedT("task")),
        (binary(crossing(task="xyzuvw")), PairedT("task")),
        (crossing(day=range(5)), PairedT("day")),
    ],
)
def test_each_design_has_its_analysis(frame, expected):
    assert setup_of(frame).analysis == expected


def test_examples_of_each_run_alone_are_averaged():
    frame = crossing(**RUNS, **ITEMS)
    assert setup_of(frame.assign(item=10 * frame.run + frame.item)).analysis == PairedT("run")


def test_clusters_are_the_units_of_one_run_and_the_items_of_several():
    frame = crossing(item=range(12))
    frame["topic"] = frame.item // 3
    assert setup_of(frame).analysis == ClusterRobust("topic", example="item")
    separate = own(own(frame, "item"), "topic")
    assert setup_of(separate).analysis == ClusterRobust("topic", example="item", own_examples=True)
    runs = crossing(**RUNS, item=range(12))
    setup = setup_of(runs.assign(topic=runs.item // 3))
    assert setup.analysis == CrossedAnova("run", item="topic")
    assert (setup.sizes.units, setup.sizes.items) == (4, 4)


@pytest.mark.parametrize("inside", [True, False])
def test_runs_are_shared_by_data_sets_unless_they_lie_in_them(inside):
    frame = crossing(**RUNS, task="xy", **ITEMS)
    frame = frame.assign(run=frame.task + frame.run.astype(str)) if inside else frame
    assert setup_of(frame).analysis == CrossedAnova("run", not inside, "item")
    assert setup_of(frame).sizes.shared is not inside
    assert setup_of(frame).data.datasets == ("x", "y")


def test_pairing_may_be_declared():
    assert setup_of(crossing(**RUNS), paired=False).analysis == WelchT("run")
    assert setup_of(crossing(**RUNS), paired=True).analysis == PairedT("run")
    assert setup_of(crossing(**RUNS, **ITEMS), paired=False).analysis == IndependentCrossedAnova("run", item="item")


def test_the_share_that_is_tested_on_may_be_said():
    # 20 % of the rows are a quarter of the others.
    assert setup_of(crossing(split=range(30)), test_share=0.2).analysis.test_share == pytest.approx(0.25)


def test_many_folds_may_be_those_of_repetitions():
    assert setup_of(crossing(split=range(20))).analysis.test_share == pytest.approx(1 / 19)
    assert setup_of(crossing(run=range(3), split=range(21))).analysis.test_share == pytest.approx(1 / 20)
    assert setup_of(crossing(task="xy", split=range(20))).analysis.test_share == pytest.approx(1 / 19)
    for frame in (crossing(split=range(21)), crossing(run=[7], split=range(21)), crossing(task="xy", split=range(21))):
        with pytest.raises(InvalidInputError) as caught:
            setup_of(frame)
        assert str(caught.value) == (
            "test_share: must say what share of the rows each split tests on, since more than 20 may be those of"
            " repetitions; got 21 splits and no seed (0.1 if they are repetitions of 10; or name the column of the"
            " repetitions as seed)"
        )


def test_the_share_that_folds_are_taken_to_test_on_is_said():
    given = {"value": "score", "condition": "model", "fold": "split"}
    said = "each split being taken to test on {} % of the rows (test_share if not)"
    assert said.format(20) in compare(crossing(split=range(5)), **given).explain()
    repeated = compare(crossing(run=range(3), split=range(5)), **given, seed="run").explain()
    assert said.format(20) in repeated
    assert "the split is the unit of replication: 15 of each model" in repeated
    assert said.format(12.5) in compare(crossing(split=range(30)), **given, test_share=0.125).explain()


def test_sizes_are_those_of_the_smallest_data_set():
    frame = crossing(**RUNS, task="xy", **ITEMS)
    sizes = setup_of(frame[(frame.task == "x") | (frame.item < 2)]).sizes
    assert (sizes.units, sizes.unit, sizes.items, sizes.item, sizes.more_help) == (4, "run", 2, "item", True)
    assert setup_of(crossing(split=range(5))).sizes.more_help is False
    assert setup_of(crossing(split=range(5))).sizes.items is None


def test_what_was_chosen_and_refused_is_said():
    frame = crossing(**RUNS, **ITEMS)
    found = compare(frame[1:], value="score", condition="model", seed="run", example="item")
    text = found.explain()
    assert "differences: crossed analysis of variance over runs and items, since every run meets the same items" in text
    assert (
        "missing cells: effects fitted by generalised least squares to all cells of each, of which two models have 23"
        " of 24 in common, since 1 of 48 cells have no score"
    ) in text
    assert "few units: t with few degrees of freedom over runs, since there are 4" in text
    assert "differences: not a t test over all items, since it answers for these runs alone" in text
    assert "differences: not a t test over the means of runs, since it answers for these items alone" in text
    folds = compare(crossing(split=range(5)), value="score", condition="model", fold="split").explain()
    assert "differences: not a t test over folds, since they share training rows" in folds
    assert [choice.refused for choice in found.choices] == [False] * 4 + [True] * 2


@pytest.mark.parametrize(("inside", "said"), [(True, "3 in the smallest task: a variance"), (False, "4: a variance")])
def test_few_units_are_counted_where_they_are_fewest(inside, said):
    frame = crossing(run=range(4), task="xy")
    frame = frame.assign(run=frame.task + frame.run.astype(str)) if inside else frame
    left = frame[(frame.run != "y3")] if inside else frame
    found = compare(left, value="score", condition="model", seed="run", dataset="task").explain()
    assert f"since there are {said} that so few tell is poorly known" in found


def test_the_cells_that_conditions_have_in_common_are_counted():
    frame = crossing(**RUNS, task="xyz")
    third = frame[frame.model == "a"].assign(model="c", score=lambda rows: rows.score + rows.run)
    gaps = {("a", 0, "x"), ("b", 1, "y"), ("b", 0, "x"), ("c", 2, "z")}
    rows = pd.concat([frame, third])
    left = rows[[cell not in gaps for cell in zip(rows.model, rows.run, rows.task, strict=True)]]
    columns = {"value": "score", "condition": "model", "seed": "run", "dataset": "task"}
    # a and b lack 2 cells, a and c 2, b and c 3
    assert "of which two models have 9 to 10 of 12 in common" in compare(left, **columns).explain()
    own_runs = compare(left, **columns, paired=False).explain()
    assert "missing cells: effects fitted by least squares to the cells that are there, since" in own_runs
