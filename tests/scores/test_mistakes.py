"""Mistakes of tables as people have them, each with what to do about it."""

import re

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from attnstats.exceptions import DatasetError, InvalidInputError, TooFewSamplesError
from attnstats.missing import CompleteCases
from attnstats.scores import compare, read_scores

NAMES = {"value": "acc", "condition": "model", "seed": "run"}


def runs(decimals=2):
    rng = np.random.default_rng(0)
    rows = [(model, run, round(rng.normal(70, 2), decimals)) for model in "ab" for run in range(4)]
    return pd.DataFrame(rows, columns=["model", "run", "acc"])


def written(tmp_path, frame, **options):
    path = tmp_path / "table.csv"
    frame.to_csv(path, index=False, **options)
    return path


@pytest.mark.parametrize("word", ["-1", "-1.0", "-1.00"])
@pytest.mark.parametrize("decimal", [".", ","])
def test_a_number_that_stands_for_missing_is_one_however_it_is_written(tmp_path, word, decimal):
    frame = runs()
    frame.loc[[1, 6], "acc"] = -1
    path = written(tmp_path, frame, sep=";", decimal=decimal)
    scores = read_scores(path, **NAMES, na=[word], sep=";", decimal=decimal, missing=CompleteCases())
    assert scores.n_missing == 2
    assert scores.values.min() > 0


def test_a_number_that_stands_for_missing_leaves_labels_alone(tmp_path):
    path = written(tmp_path, runs().assign(run=lambda frame: frame["run"].map("0{}".format)))
    assert len(read_scores(path, **NAMES, na=["1", "2.0"])) == 8


@pytest.mark.parametrize("decimals", [1, 2, 12])
@pytest.mark.parametrize("word", ["Average", "avg.", "Macro average", "Mittelwert"])
def test_a_row_of_averages_is_no_data_set(decimals, word):
    frame = runs(decimals).assign(run=lambda frame: frame["run"].map("task {}".format))
    means = frame.groupby("model")["acc"].mean().round(decimals).reset_index().assign(run=word)
    with pytest.raises(
        InvalidInputError, match=re.escape(f"row 10 of 'run': must not sum up other runs; got '{word}'")
    ):
        compare(pd.concat([frame, means]), value="acc", condition="model", dataset="run")


def test_a_summary_beside_numbered_runs_is_none_of_them(tmp_path):
    spread = pd.DataFrame({"model": ["a", "b"], "run": "std", "acc": [1.2, 0.9]})
    path = written(tmp_path, pd.concat([runs(), spread]))
    with pytest.raises(
        InvalidInputError, match="row 10 of 'run': must not sum up other runs; got 'std', beside numbers"
    ):
        read_scores(path, **NAMES)
    assert len(read_scores(path, **NAMES, na=["std"], missing=CompleteCases())) == 8


def test_an_item_may_be_called_mean():
    frame = runs().assign(run=lambda frame: frame["run"].map({0: "kind", 1: "mean", 2: "rude", 3: "total"}))
    assert len(read_scores(frame, **NAMES)) == 8


@pytest.mark.parametrize(
    ("field", "advice"),
    [
        ("70.1 ± 0.4", "; give the score of each run, not a mean with its spread"),
        ("70.1%", "; leave out the sign of per cent"),
        ("yes", "; right and wrong are written 1 and 0, or true and false"),
        ("70,1", "; decimal=',' reads numbers with a comma"),
        ("70.1 s", ""),
    ],
)
def test_what_to_do_with_a_field_that_is_no_number(tmp_path, field, advice):
    frame = runs().astype({"acc": str})
    frame.loc[3, "acc"] = field
    with pytest.raises(
        InvalidInputError, match=re.escape(f"row 5 of 'acc': must be a number; got '{field}'{advice}") + "$"
    ):
        read_scores(written(tmp_path, frame), **NAMES)


def test_a_wide_table_is_told_to_become_long():
    wide = pd.DataFrame({"model": ["a", "b"], "arc": [0.5, 0.6], "gsm": [0.3, 0.4]})
    with pytest.raises(
        TooFewSamplesError,
        match=r"'a' \(the table looks wide, with a column of scores for each of 'arc', 'gsm': make it long",
    ):
        read_scores(wide, value="arc", condition="model")


def test_questions_numbered_anew_in_each_passage_are_told_to_be_joined():
    rows = [(model, text, item, (item + (model == "a")) % 2) for model in "ab" for text in "xy" for item in range(3)]
    table = pd.DataFrame(rows, columns=["model", "passage", "question", "right"])
    with pytest.raises(InvalidInputError, match=r"\(if each passage numbers its questions anew, join the two labels\)"):
        read_scores(table, value="right", condition="model", example="question", group="passage")


def test_which_end_is_good_is_said():
    said = "a high acc is taken for a good one (lower_is_better=True if not)"
    assert said in compare(runs(), **NAMES).explain()
    assert said not in compare(runs(), **NAMES, lower_is_better=True).explain()


def wide(**more):
    rng = np.random.default_rng(1)
    models = ("A", "LR", "C4.5")
    return pd.DataFrame({"task": ["x", "y", "z"], **{each: rng.random(3).round(3) for each in models}, **more})


LONG = (
    "(the table looks wide, with a column of scores for each of 'A', 'LR', 'C4.5': make it long, one score a row, as by"
)


@pytest.mark.parametrize("as_file", [False, True])
def test_a_table_with_a_column_for_each_model_is_to_be_made_long(tmp_path, as_file):
    table = written(tmp_path, wide()) if as_file else wide()
    melted = f"{LONG} pandas.melt(table, id_vars=['task'], var_name='model', value_name='acc'))"
    with pytest.raises(InvalidInputError, match=re.escape(f"got 'acc' {melted}")):
        compare(table, **NAMES)
    advised = pd.melt(wide(), id_vars=["task"], var_name="model", value_name="acc")
    assert len(compare(advised, value="acc", condition="model", dataset="task").differences) == 3


@pytest.mark.parametrize("condition", ["LR", "task"])
def test_a_column_of_scores_is_no_condition(condition):
    with pytest.raises(TooFewSamplesError, match=re.escape(f"row 2 of '{condition}': each")) as refused:
        compare(wide(), value="A", condition=condition)
    assert LONG in str(refused.value)
    assert "value_name='score'" in str(refused.value)


@pytest.mark.parametrize("library", [pl.from_pandas, pa.Table.from_pandas])
def test_a_wide_table_of_another_library_is_one_too(library):
    with pytest.raises(InvalidInputError, match=re.escape(f"got 'acc' {LONG}")):
        compare(library(wide(when=pd.Timestamp(0), tags=[[1], [2], [3]], why=["x", None, "y"])), **NAMES)


def test_columns_of_anything_are_looked_over():
    more = {"tags": [[n] for n in range(8)], "sample": [{"n": n} for n in range(8)], "when": pd.Timestamp(0)}
    table = runs().assign(**more, item=[1, "1", None, 2.5, [3], {}, "x", True], split="test", trial=range(8))
    assert compare(table, **NAMES).explain().endswith("\nnot used: trial")


def test_numbers_of_other_things_are_no_wide_table():
    table = runs().assign(accuracy_=0.7, loss=0.5, name=[f"run-{9 - n}" for n in range(8)])
    with pytest.raises(InvalidInputError, match=r"got 'accuracy'$"):
        compare(table, value="accuracy", condition="model", seed="run")
    with pytest.raises(TooFewSamplesError, match=r"row 2 of 'name'.* of 'run-9' \(is there a column") as refused:
        compare(table, value="acc", condition="name")
    assert "wide" not in str(refused.value)


@pytest.mark.parametrize(
    ("cell", "advice"),
    [
        ("70.93", "; pandas.to_numeric makes numbers of text"),
        ("1,234.5", "; leave out the commas between thousands"),
        ("1,234,567", "; leave out the commas between thousands"),
        ("Yes", "; right and wrong are written 1 and 0, or true and false"),
        ("71 %", "; leave out the sign of per cent"),
    ],
)
def test_text_among_the_values_of_a_frame_has_its_remedy(cell, advice):
    with pytest.raises(InvalidInputError, match=re.escape(f"row 2 of 'acc': must be a number; got '{cell}'{advice}")):
        compare(runs().assign(acc=cell), **NAMES)


def test_commas_between_thousands_are_told_from_those_before_decimals(tmp_path):
    for cell, advice in (("1,234.5", "leave out the commas between thousands"), ("1,234", "decimal=',' reads")):
        with pytest.raises(InvalidInputError, match=advice):
            compare(written(tmp_path, runs().assign(acc=cell)), **NAMES)


def test_a_column_that_became_the_index_is_found():
    hint = "got 'model' (it is a level of the index: pass scores.reset_index())"
    with pytest.raises(InvalidInputError, match=re.escape(hint)):
        compare(runs().set_index(["model", "run"]), **NAMES)


@pytest.mark.parametrize(("name", "hint"), [("holm", " (write Holm(), from attnstats.comparison)"), ("fdr", "")])
def test_a_correction_is_an_object(name, hint):
    with pytest.raises(InvalidInputError, match=re.escape(f"got '{name}'{hint}") + "$"):
        compare(runs(), correction=name, **NAMES)


@pytest.mark.parametrize(("suffix", "remedy"), [("xlsx", "CSV"), ("json", "CSV or JSON Lines")])
def test_a_file_of_another_program_is_to_be_saved_as_one_that_is_read(suffix, remedy, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / f"table.{suffix}").touch()
    with pytest.raises(DatasetError, match=re.escape(f"got 'table.{suffix}' (save it as {remedy})")):
        compare(f"table.{suffix}", **NAMES)


def test_a_margin_of_a_hundredth_of_a_per_cent_is_noted():
    note = "the margin is 0.01 per cent; if 1 per cent was meant, write 1"
    comparison = compare(runs(), margin=0.01, **NAMES)
    assert comparison.sentences()[-1] == f"Note: {note}."
    assert f"note: {note}." in comparison.explain().splitlines()
    assert "Note" not in str(compare(runs(), margin=0.1, **NAMES))
    assert "Note" not in str(compare(runs().assign(acc=runs()["acc"] / 100), margin=0.01, **NAMES))


@pytest.mark.parametrize(("scale", "end"), [(1, 100), (0.01, 1)])
def test_minus_one_among_scores_is_noted_with_its_row(scale, end):
    table = runs().assign(acc=lambda table: table["acc"] * scale)
    table.loc[5, "acc"] = -1
    said = compare(table, **NAMES).sentences()[-1]
    assert said.startswith(f"Note: row 7 of 'acc' has -1 among scores from 0 to {end}: ")
    table.loc[6, "acc"] = -2  # scores below 0 are none then
    assert "Note" not in str(compare(table, **NAMES))


def test_a_run_of_minus_one_is_noted_with_its_row():
    table = runs().assign(run=lambda table: table["run"].replace(3, -1))
    assert "Note: row 5 of 'run' has -1 among runs numbered from 0: " in str(compare(table, **NAMES))
    assert "Note" not in str(compare(table.assign(run=table["run"].replace(0, -2)), **NAMES))


def test_ratings_from_minus_one_to_one_have_no_note():
    table = runs().assign(acc=[-1, 0, 1, 1, 0, 1, -1, -1])
    assert "Note" not in str(compare(table, **NAMES))


def test_conditions_that_are_zero_and_one_as_the_scores_are_noted():
    table = pd.DataFrame({"A": [0, 1, 1, 0, 1, 1], "B": [1, 1, 0, 0, 1, 0], "question": range(6)})
    comparison = compare(table, value="A", condition="B")
    assert "Note: Bs are 0 and 1, as the scores are: if 'B' holds scores too" in str(comparison)
    assert comparison.explain().endswith("not used: question")


def questions():
    """Four questions to each of six passages, and how long each answer is."""
    rng = np.random.default_rng(2)
    rows = [(model, n, f"p{n // 4}", rng.integers(50), rng.random()) for model in "ab" for n in range(24)]
    return pd.DataFrame(rows, columns=["model", "question", "passage", "tokens", "mark"])


@pytest.mark.parametrize("library", [pd.DataFrame, pl.from_pandas, pa.Table.from_pandas])
def test_a_column_that_groups_the_examples_is_named_where_it_is_not_used(library):
    table = library(questions())
    lines = compare(table, value="mark", condition="model", example="question").explain().splitlines()
    assert lines[-1] == "not used: passage (passage groups the questions: group='passage'?)"
    used = compare(table, value="mark", condition="model", example="question", group="passage").explain()
    assert "not used" not in used


def test_a_column_that_is_no_group_is_not_named():
    table = questions().assign(passage=lambda table: table["passage"] + table["model"])  # of each model its own
    assert "not used" not in compare(table, value="mark", condition="model", example="question").explain()


def test_unnamed_runs_are_named():
    table = runs()
    assert compare(table, value="acc", condition="model").explain().endswith("\nnot used: run")
    assert "not used" not in compare(table, **NAMES).explain()
