"""Mistakes of tables as people have them, each with what to do about it."""

import re

import numpy as np
import pandas as pd
import pytest

from attnstats.exceptions import InvalidInputError, TooFewSamplesError
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
        TooFewSamplesError, match=r"'a' \(a table with a column for each data set or run must be made long"
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
