from itertools import product

import numpy as np
import pandas as pd
import polars as pl
import pytest

from attnstats.comparison import Holm, MaxT, MinP
from attnstats.exceptions import AttnstatsError, InvalidInputError, TooFewSamplesError
from attnstats.missing import CompleteCases
from attnstats.scores import Binary, Bounded, Count, compare

NAMES = {"value": "score", "condition": "model", "seed": "run", "example": "item"}
FOLDS = {"value": "score", "condition": "model", "fold": "item"}


def table(*, tasks=""):
    labels = ["abc", range(4), *([tasks] if tasks else []), range(6)]
    frame = pd.DataFrame(list(product(*labels)), columns=["model", "run", *(["task"] if tasks else []), "item"])
    return frame.assign(score=np.random.default_rng(0).random(len(frame)).round(4))


def with_cell(row, **cells):
    """The table with other cells in one row, numbered as messages do."""
    frame = table().astype(object)
    for column, cell in cells.items():
        frame.iloc[row - 2, frame.columns.get_loc(column)] = cell
    return frame


ONE_RUN = table().query("run == 0")
MEANS = table().groupby(["model", "run"], as_index=False)["score"].mean()


@pytest.mark.parametrize(
    ("frame", "more", "message"),
    [
        (
            table().query("model != 'c' or run == 0"),
            {},
            "row 50 of 'run': each model must have at least two runs, or all of them one; got one of 'c' and 4 of 'a'"
            " (leave out 'c')",
        ),
        (
            MEANS[:9],
            {"example": None},
            "row 10 of 'model': each model must have at least two rows; got this one alone of 'c'",
        ),
        (
            pd.concat([table(), table()[:3]]),
            {},
            "row 74 of 'model', 'run', 'item': each row must be another cell; got model a, run 0, item 0, as in row 2",
        ),
        (
            pd.concat([table().assign(metric="acc"), table().assign(metric="f1")]),
            {},
            "row 74 of 'model', 'run', 'item': each row must be another cell; got model a, run 0, item 0, as in row 2"
            " (they differ in 'metric': 'acc' and 'f1')",
        ),
        (table().assign(score=1.0), {}, "row 2 of 'score': must vary; got 1.0 in every row"),
        (
            table().assign(name=table().model.str.upper()),
            {"dataset": "name"},
            "row 2 of 'name': must not be a copy of 'model'; got one name for each model throughout, such as 'A' for"
            " 'a' (leave one of the two out)",
        ),
        (table().assign(score="good"), {}, "row 2 of 'score': must be a number; got 'good'"),
        (with_cell(7, score="12 %"), {}, "row 7 of 'score': must be a number; got '12 %'"),
        (
            with_cell(7, score=10**400),
            {},
            "row 7 of 'score': must be a number that float64 can represent; got 10000000000",
        ),
        (
            with_cell(7, score=np.nan),
            {},
            "row 7 of 'score': must not be missing; got nothing (missing=CompleteCases() leaves out incomplete rows)",
        ),
        (with_cell(7, score=-np.inf), {}, "row 7 of 'score': must be finite; got -inf"),
        (
            table(),
            {"margin": 5},
            "margin: must be below 1, in the unit of 'score', a proportion (0 to 1); got 5 (if that is per cent, write"
            " 0.05)",
        ),
        (
            table().assign(score=100 * table().score),
            {"margin": 100, "kind": Bounded(0, 100)},
            "margin: must be below 100, in the unit of 'score', bounded (0 to 100); got 100",
        ),
        (
            table().assign(score=(table().score > 0.5) * 1),
            {"margin": 1.5},
            "margin: must be below 1, in the unit of 'score', binary (0 or 1); got 1.5 (if that is per cent, write"
            " 0.015)",
        ),
        (table(), {"margin": 0}, "margin: must be a finite number above 0; got 0"),
        (table(), {"margin": -0.1}, "margin: must be a finite number above 0; got -0.1"),
        (table(), {"margin": "1 %"}, "margin: must be a finite number above 0; got '1 %'"),
        (table(), {"margin": np.inf}, "margin: must be a finite number above 0; got inf"),
        (table(), {"reference": "base"}, "reference: must be one of the models 'a', 'b', 'c'; got 'base'"),
        (
            table().assign(model=table().model.map({"a": 1, "b": 2, "c": 3})),
            {"reference": 1},
            "reference: must be one of the models '1', '2', '3'; got 1",
        ),
        (
            table(tasks="xy").query("model != 'c' or task == 'x'"),
            {"dataset": "task"},
            "row 8 of 'task': each model must have at least two runs in 'y'; got none of 'c'",
        ),
        (
            table(tasks="xy").query("not (task == 'y' and (model == 'a' and run < 2 or model == 'b' and run > 1))"),
            {"dataset": "task"},
            "row 20 of 'task': each two models together must have at least two runs in 'y'; got none of 'a' and 'b'",
        ),
        (
            table(tasks="xy").query("task == 'x' or item == 0"),
            {"dataset": "task"},
            "row 8 of 'task': each model must have at least two items in 'y'; got 1 item of 'a'",
        ),
        (
            table(tasks="xy").query("task == 'x' or model == 'a' and item < 3 or model != 'a' and item > 1"),
            {"dataset": "task"},
            "row 8 of 'task': each two models together must have at least two items in 'y'; got 1 item of 'a' and 'b'",
        ),
        (
            table(tasks="xy").query("task == 'x' or model == 'a' and item < 3 or model != 'a' and item > 1"),
            {"dataset": "task", "paired": False},
            "row 8 of 'task': each two models together must have at least two items in 'y'; got 1 item of 'a' and 'b'",
        ),
        (table(), {"correction": "holm"}, "correction: must be Holm(), "),
        (table(), {"confidence_level": 95}, "confidence_level: must lie strictly between 0 and 1; got 95"),
        (table(), {"lower_is_better": "yes"}, "lower_is_better: must be True or False; got 'yes'"),
        (table(), {"kind": "binary"}, "kind: must be an object such as Bounded(0, 100); got 'binary'"),
        (table(), {"kind": Binary()}, "row 2 of 'score': must be binary (0 or 1), as declared; got 0.637"),
        (table(), {"kind": Count()}, "row 2 of 'score': must be a count, as declared; got 0.637"),
        (table(), {"missing": "drop"}, "missing: must be None or CompleteCases(); got 'drop'"),
        (table(), {"rng": "seed"}, "rng: must be None, a seed or a numpy Generator; got 'seed'"),
        (table(), {"test_share": 0.1}, "test_share: must be None unless model is compared over folds; got 0.1"),
        (table(), {"paired": "no"}, "paired: must be True or False; got 'no'"),
        (table(), {"value": "acc"}, "value: must be a column of the table, one of 'model', 'run', 'item', 'score'"),
        (table(), {"example": "run"}, "example: must be another column than seed; got 'run' for both"),
        (
            table().assign(score=table().score.where(table().model != "c")),
            {"missing": CompleteCases()},
            "'model': each model must have at least two rows; got none that is complete of 'c'",
        ),
    ],
)
def test_what_is_wrong_is_said_with_column_rule_and_row(frame, more, message):
    with pytest.raises(AttnstatsError) as caught:
        compare(frame, **{**NAMES, **more})
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)
    if more.get("example", "") is not None and frame.score.map(type).nunique() == 1:
        with pytest.raises(type(caught.value)) as again:
            compare(pl.from_pandas(frame.reset_index(drop=True)), **{**NAMES, **more})
        assert str(again.value) == str(caught.value)


@pytest.mark.parametrize("correction", [Holm, None, MaxT(), MinP(), "holm", 0.05])
def test_a_correction_is_an_object_that_adjusts_p_values(correction):
    with pytest.raises(InvalidInputError, match=r"^correction: must be Holm\(\), Hochberg\(\), .*; got "):
        compare(table(), **NAMES, correction=correction)


@pytest.mark.parametrize("share", [0, 1, -0.1, 10, np.nan, "a", True])
def test_the_share_that_is_tested_on_is_a_fraction(share):
    with pytest.raises(InvalidInputError, match=r"^test_share: must (lie strictly between 0 and 1|be a number); got"):
        compare(ONE_RUN, **FOLDS, test_share=share)


def test_folds_that_the_conditions_do_not_share_are_refused():
    with pytest.raises(InvalidInputError) as caught:
        compare(ONE_RUN.assign(item=ONE_RUN.model + ONE_RUN.item.astype(str)), **FOLDS)
    assert str(caught.value) == (
        "row 2 of 'item': models must share the items, since those of different splits cannot be compared one by one;"
        " got others for each"
    )


def test_two_conditions_with_one_score_each_are_too_few():
    with pytest.raises(TooFewSamplesError, match=r"^row 2 of 'model': each model must have at least two rows; got"):
        compare(table().drop_duplicates("model"), value="score", condition="model")


def test_a_margin_may_be_wider_than_scores_without_ends_lie_apart():
    found = compare(MEANS.assign(score=MEANS.score - 4), value="score", condition="model", seed="run", margin=50)
    assert {each.verdict.value for each in found.differences} == {"equivalent"}


def test_all_conditions_may_have_one_run():
    assert compare(ONE_RUN, **NAMES).design.unit == "example"


def test_per_cent_beside_proportions_is_refused():
    rows = pd.DataFrame({"model": list("aabb"), "run": [0, 1, 0, 1], "accuracy": [0.7, 0.8, 71.0, 75.0]})
    with pytest.raises(InvalidInputError, match="row 2 of 'accuracy': all scores must have one unit; got proportions"):
        compare(rows, value="accuracy", condition="model", seed="run")
    rows = rows.rename(columns={"accuracy": "reward"})  # whose name says nothing of a unit
    assert len(compare(rows, value="reward", condition="model", seed="run").differences) == 1


def of_two_tasks(first, second, name="accuracy"):
    """Scores of two models and three runs in tasks x and y, spread by a tenth of their size."""
    spread = 1 + np.random.default_rng(0).uniform(-0.1, 0.1, size=6)
    cells = pd.DataFrame(list(product("xy", "ab", range(3))), columns=["task", "model", "run"])
    return cells.assign(**{name: np.concatenate([first * spread, second * spread])})


@pytest.mark.parametrize(("first", "second"), [(0.3, 30.0), (30.0, 0.3), (0.9, 2.0), (0.2, 90.0)])
def test_per_cent_in_one_data_set_beside_proportions_in_another_is_refused(first, second):
    rows, names = of_two_tasks(first, second), {"condition": "model", "seed": "run", "dataset": "task"}
    share, per_cent = sorted(["x", "y"], key=lambda task: rows.accuracy[rows.task == task].max())
    low, high = (rows.accuracy[rows.task == task].max() for task in (share, per_cent))
    with pytest.raises(InvalidInputError) as caught:
        compare(rows, value="accuracy", **names)
    assert str(caught.value) == (
        f"row {2 if share == 'x' else 8} of 'accuracy': all scores must have one unit; got proportions up to {low:g} of"
        f" {share!r} and per cent up to {high:g} of {per_cent!r} (multiply those of {share!r} by 100)"
    )
    tasks = rows.groupby(["model", "task"], as_index=False).accuracy.mean()  # which are the units themselves
    with pytest.raises(InvalidInputError, match="all scores must have one unit"):
        compare(tasks, value="accuracy", condition="model", dataset="task")


@pytest.mark.parametrize(
    ("first", "second", "name", "told"),
    [
        (0.01, 0.9, "accuracy", False),  # proportions of another level
        (0.05, 60.0, "accuracy", False),  # per cent, hardly any solved
        (3.0, 90.0, "accuracy", False),
        (0.3, 2.0, "loss", False),
        (-20.0, 300.0, "return", False),
        (0.3, 30.0, "score", True),
        (0.2, -400.0, "reward", True),
    ],
)
def test_scores_of_another_level_are_not_refused_and_told_where_one_decides_the_mean(first, second, name, told):
    rows = of_two_tasks(first, second, name)
    largest = rows[name].abs().groupby(rows["task"]).max()
    for table, names in (
        (rows, {"seed": "run"}),
        (rows.groupby(["task", "model"], as_index=False)[name].mean(), {}),  # tasks as units
    ):
        said = str(compare(table, value=name, condition="model", dataset="task", **names))
        assert ("so that the first decide the mean (bring both to one unit or scale)" in said) is told
        if told and names:
            assert f" Scores of y reach {largest['y']:.3g} and those of x {largest['x']:.3g}, so" in said


def test_who_says_the_unit_or_has_errors_is_believed():
    given = {"value": "error rate", "condition": "model", "seed": "run", "dataset": "task"}
    rows = of_two_tasks(0.4, 8.0, "error rate")  # per cent, as of MNIST and CIFAR
    with pytest.raises(InvalidInputError, match="all scores must have one unit"):
        compare(rows, **given)
    assert len(compare(rows, **given, lower_is_better=True).by_dataset) == 2
    assert len(compare(rows, **given, kind=Bounded(0, 100)).by_dataset) == 2


def test_counts_have_one_unit():
    rows = of_two_tasks(0.4, 80.0, "accidents").assign(accidents=lambda rows: rows.accidents.round() + rows.run % 2)
    assert "one unit" not in str(compare(rows, value="accidents", condition="model", seed="run", dataset="task"))
