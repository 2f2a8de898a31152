from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from attnstats.exceptions import InvalidInputError
from attnstats.missing import CompleteCases
from attnstats.scores import Binary, Bounded, Continuous, Layout, Ordinal, find_design, read_scores

ROLES = {"seed": "run", "example": "item", "dataset": "task", "fold": "split", "subject": "patient", "group": "topic"}


def crossing(**labels):
    """Every combination of labels, with a score that is neither binary nor whole."""
    frame = pd.DataFrame(list(product(*labels.values())), columns=list(labels))
    return frame.assign(loss=np.sqrt(np.arange(len(frame)) + 2.0))


def design_of(frame, *, paired=None, kind=None, missing=None, value="loss", **names):
    names = names or {role: column for role, column in ROLES.items() if column in frame}
    scores = read_scores(frame, value=value, condition="model", missing=missing, **names)
    return find_design(scores, paired=paired, kind=kind)


def lines(design):
    return str(design).splitlines()


def test_seeds_crossed_with_examples():
    design = design_of(crossing(model="abcd", run=range(5), item=range(40))[12:])
    assert lines(design) == [
        "4 models × 5 runs × 40 items, crossed, 12 of 800 cells missing (12 of a)",
        "loss: continuous",
        "the run is the unit of replication: 5 of each model, paired by label (paired=False if labels are mere"
        " numbers)",
        "speaks of other runs and other items",
    ]
    assert (design.unit, design.unit_name, design.paired, design.n_units) == ("seed", "run", True, (5, 5, 5, 5))
    assert design.n_missing_cells == (12, 0, 0, 0)
    assert design.n_cells == (200, 200, 200, 200)
    assert not design.complete
    assert [factor.layout for factor in design.factors] == [Layout.CROSSED, Layout.CROSSED]


def test_one_run_of_each_model_says_nothing_of_other_runs():
    design = design_of(crossing(model="ab", run=[7], item=range(40)))
    assert lines(design) == [
        "2 models × 40 items, 1 run, crossed, complete",
        "loss: continuous",
        "the item is the unit of replication: 40 of each model, paired by label",
        "speaks of other items; one run of each model, so that nothing is said of other runs",
    ]
    assert "nothing is said of other runs" in str(design_of(crossing(model="ab", item=range(40))))


def test_some_models_with_one_run_only():
    frame = crossing(model="ab", run=range(3), item=range(4))
    design = design_of(frame[(frame.model == "a") | (frame.run == 0)])
    assert design.unit == "example"
    assert "one run alone of some models, so that nothing is said of other runs" in str(design)


def test_seeds_that_each_condition_has_of_its_own():
    frame = crossing(model="ab", run=range(3), item=range(4))
    design = design_of(frame.assign(run=frame.model + frame.run.astype(str)))
    assert design.factor("seed").layout is Layout.NESTED
    assert (design.unit, design.paired, design.n_units, design.complete) == ("seed", False, (3, 3), True)
    assert lines(design)[0] == (
        "2 models × 3 runs of each × 4 items, runs nested in models, items crossed with models, complete"
    )
    assert "independent, since each model has its own" in str(design)
    with pytest.raises(InvalidInputError, match=r"paired: must not be True unless .*got runs that are not shared"):
        design_of(frame.assign(run=frame.model + frame.run.astype(str)), paired=True)


def test_pairing_is_as_the_caller_declares():
    frame = crossing(model="ab", run=range(3), item=range(4))
    independent, paired = design_of(frame, paired=False), design_of(frame, paired=True)
    assert independent.factor("seed").layout is Layout.NESTED
    assert (independent.paired, independent.n_units, independent.complete) == (False, (3, 3), True)
    assert "3 of each model, independent, as declared" in str(independent)
    assert "3 of each model, paired, as declared" in str(paired)
    assert paired.paired
    with pytest.raises(InvalidInputError, match=r"paired: must be True or False"):
        design_of(frame, paired="yes")


@pytest.mark.parametrize(("shared", "layout"), [(0, "NESTED"), (1, "PARTLY"), (2, "CROSSED"), (3, "CROSSED")])
def test_two_shared_labels_make_a_crossing(shared, layout):
    rows = [("a", run) for run in range(3)] + [("b", run) for run in range(3 - shared, 6 - shared)]
    design = design_of(pd.DataFrame(rows, columns=["model", "run"]).assign(loss=np.sqrt(np.arange(6) + 2)))
    assert design.factor("seed").layout is Layout[layout]
    assert design.paired is (layout == "CROSSED")
    # own runs are no gaps in those of the other model; shared ones leave a gap where one model lacks a run
    assert sum(design.n_missing_cells) == (2 * (3 - shared) if design.paired else 0)


def test_seeds_that_some_conditions_share_are_taken_as_independent():
    frame = crossing(model="abc", run=range(3))
    design = design_of(frame.assign(run=np.where(frame.model == "c", frame.run + 9, frame.run)))
    assert design.factor("seed").layout is Layout.PARTLY
    assert not design.paired
    assert "taken as independent, since not every two models share two of them, or most have no partner" in str(design)
    assert lines(design)[0] == "3 models × 3 runs of each, runs partly shared by models, complete"


def test_examples_lie_in_data_sets():
    design = design_of(crossing(model="ab", run=range(3), task=["x", "y"], item=range(5)))
    assert design.factor("example").n_labels == 10
    assert design.factor("example").inside == ("dataset",)
    assert design.factor("dataset").determined
    assert lines(design)[0] == "2 models × 3 runs × 10 items in 2 tasks, crossed, complete"
    assert "nothing is said of other tasks" in str(design)


def test_seeds_and_examples_that_both_lie_in_data_sets_are_crossed_within_them():
    frame = crossing(model="ab", run=range(3), task=["x", "y"], item=range(5))
    design = design_of(frame.assign(run=frame.task + frame.run.astype(str))[1:])
    assert design.n_cells == (30, 30)
    assert design.n_missing_cells == (1, 0)


def test_examples_of_each_seed_alone():
    frame = crossing(model="ab", run=range(3), item=range(5))
    design = design_of(frame.assign(item=frame.run * 10 + frame.item))
    assert design.factor("example").inside == ("seed",)
    assert lines(design)[0] == "2 models × 15 items in 3 runs, crossed, complete"
    assert design.unit == "seed"


def test_groups_of_examples_are_the_unit():
    frame = crossing(model="ab", item=range(12))
    design = design_of(frame.assign(topic=frame.item // 3))
    assert (design.unit, design.n_units) == ("group", (4, 4))
    assert lines(design)[0] == "2 models × 12 items in 4 topics, crossed, complete"
    assert lines(design)[-1].startswith("speaks of other topics and other items; one run of each model")


def test_folds_are_not_independent():
    design = design_of(crossing(model="ab", split=range(5)))
    assert design.unit == "fold"
    assert "share rows and so are not independent; nothing is said of other data" in str(design)


def test_a_fold_that_seed_and_example_fix_is_no_direction():
    frame = crossing(model="ab", run=range(3), item=range(10))
    design = design_of(frame.assign(split=(frame.item * 7 + frame.run) % 5))
    assert design.factor("fold").determined
    assert design.complete
    assert lines(design)[0] == "2 models × 3 runs × 10 items, 5 splits, crossed, complete"


def test_of_three_factors_that_fix_each_other_seeds_and_examples_are_the_directions():
    frame = crossing(model="ab", run=range(5), item=range(5))
    design = design_of(frame.assign(split=(frame.item + frame.run) % 5))
    assert [factor.role for factor in design.factors if factor.determined] == ["fold"]


def test_subjects_and_data_sets_as_units():
    patients = design_of(crossing(model=["drug", "placebo"], patient=range(6), run=range(2)))
    assert (patients.unit, patients.n_units) == ("subject", (6, 6))
    tasks = design_of(crossing(model="ab", task="uvwxyz"))
    assert lines(tasks)[2:] == [
        "the task is the unit of replication: 6 of each model, paired by label",
        "speaks of other tasks; one run of each model, so that nothing is said of other runs",
    ]
    assert "speaks of other runs; nothing is said of other test examples or other tasks" in str(
        design_of(crossing(model="ab", run=range(3), task="uvw"))
    )


def test_rows_that_nothing_names_are_the_unit():
    design = design_of(pd.DataFrame({"model": list("aaabb"), "loss": [1.5, 2.5, 3.0, 4.0, 5.0]}), **{"seed": None})
    assert lines(design) == [
        "2 models × 2 to 3 rows of each",
        "loss: continuous",
        "the row is the unit of replication: 2 to 3 of each model, independent, since nothing tells which belong"
        " together",
        "speaks of other rows",
    ]
    repeated = design_of(crossing(model="ab", task="uvw", again=range(4)))
    assert (repeated.unit, repeated.n_units, repeated.per_cell) == (None, (12, 12), (4, 4))
    assert lines(repeated)[0] == "2 models × 3 tasks × 4 rows of each, crossed, complete"
    with pytest.raises(InvalidInputError, match=r"paired: must not be True .*got rows without labels"):
        design_of(crossing(model="ab", task="uvw", again=range(4)), paired=True)


def test_incomplete_rows_are_told():
    frame = crossing(model="ab", run=range(3))
    frame.loc[1, "loss"] = np.nan
    design = design_of(frame, missing=CompleteCases())
    assert lines(design)[0] == "2 models × 3 runs, crossed, 1 of 6 cells missing (1 of a)"
    assert lines(design)[-1] == "1 row left out as incomplete"


def test_many_conditions_with_gaps_are_not_all_named():
    frame = crossing(model="abcdef", run=range(9))
    gaps = frame.index.isin([0, 9, 10, 18, 19, 20, 27, 36])
    assert lines(design_of(frame[~gaps]))[0].endswith("8 of 54 cells missing (3 of c, 2 of b, 1 of a, 2 of 2 others)")


def test_kinds_are_found_or_declared():
    frame = crossing(model="ab", run=range(3)).assign(loss=[0.0, 1, 1, 0, 1, 1])
    assert design_of(frame).kind == Binary(0, 1)
    assert design_of(frame, kind=Continuous()).kind == Continuous()
    with pytest.raises(InvalidInputError, match=r"row 3 of 'loss': must be ordinal, from 2 to 5, as declared; got 1.0"):
        design_of(frame.assign(loss=[2.0, 1, 3, 4, 5, 5]), kind=Ordinal(2, 5))
    with pytest.raises(InvalidInputError, match=r"kind: must be an object such as Bounded\(0, 100\); got 'binary'"):
        design_of(frame, kind="binary")
    with pytest.raises(InvalidInputError, match=r"kind: must be an object such as Bounded"):
        design_of(frame, kind=Bounded)
    with pytest.raises(InvalidInputError, match=r"scores: must be an object such as read_scores"):
        find_design(frame)


@st.composite
def gapped_tables(draw):
    """Runs crossed with items, some cells without a row, all labels still there."""
    n_models, n_runs, n_items = draw(st.integers(2, 4)), draw(st.integers(2, 4)), draw(st.integers(3, 6))
    frame = crossing(model="abcd"[:n_models], run=range(n_runs), item=range(n_items))
    kept = np.array(
        draw(st.lists(st.sampled_from([True, True, True, False]), min_size=len(frame), max_size=len(frame)))
    )
    left = frame[kept]
    # each factor keeps its labels, is shared, and is not fixed by the other
    for column in ("run", "item"):
        shared = [set(left[column][left.model == model]) for model in "abcd"[:n_models]]
        assume(all(len(a & b) >= 2 for a in shared for b in shared))
        assume(set(left[column]) == set(frame[column]))
    assume(left.groupby("run").item.nunique().max() > 1)
    assume(left.groupby("item").run.nunique().max() > 1)
    return frame, left


@settings(max_examples=30, deadline=None)
@given(gapped_tables())
def test_missing_cells_are_those_of_the_crossing_without_a_row(tables):
    frame, left = tables
    design = design_of(left)
    counts = left.groupby("model").size()
    assert design.n_missing_cells == tuple(len(frame) // len(counts) - counts)
    assert design.complete == (len(left) == len(frame))


@pytest.mark.slow
@settings(max_examples=30, deadline=None)
@given(gapped_tables(), st.randoms(use_true_random=False))
def test_the_design_does_not_depend_on_order_of_rows_or_further_columns(tables, random):
    _, left = tables
    order = random.sample(range(len(left)), len(left))
    shuffled = left.iloc[order].assign(note=[random.random() for _ in order])
    assert design_of(shuffled) == design_of(left)


@pytest.mark.slow
@settings(max_examples=30, deadline=None)
@given(gapped_tables(), st.permutations("abcd"), st.permutations(range(4)), st.permutations(range(6)))
def test_other_labels_give_the_same_design_under_other_names(tables, models, runs, items):
    _, left = tables
    renamed = left.assign(
        model=left.model.map(dict(zip("abcd", models, strict=True))),
        run=left.run.map(dict(enumerate(runs))),
        item=left.item.map({item: f"question {new}" for item, new in enumerate(items)}),
    )
    first, second = design_of(left), design_of(renamed)
    names = dict(zip("abcd", models, strict=True))
    by_name = dict(zip(second.conditions, second.n_missing_cells, strict=True))
    assert by_name == {names[m]: n for m, n in zip(first.conditions, first.n_missing_cells, strict=True)}
    assert [factor.n_labels for factor in first.factors] == [factor.n_labels for factor in second.factors]
    assert (first.unit, first.paired, sum(first.n_cells)) == (second.unit, second.paired, sum(second.n_cells))


def test_a_design_is_a_value():
    frame = crossing(model="ab", run=range(3))
    assert design_of(frame) == design_of(frame)
    assert repr(design_of(frame)) == "Design(2 models × 3 runs, crossed, complete)"


def test_clusters_of_rows_without_labels_are_the_unit():
    rows = pd.DataFrame([(model, text) for model in "ab" for text in range(4) for _ in range(3)], columns=["m", "text"])
    rows["score"] = np.arange(len(rows)) % 5
    design = find_design(read_scores(rows, value="score", condition="m", group="text"))
    assert (design.unit, design.n_units, design.paired) == ("group", (4, 4), True)
