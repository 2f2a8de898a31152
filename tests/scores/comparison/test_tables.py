"""The tables and figures of a comparison whose names are long, or whose scores are the same."""

import numpy as np
import pandas as pd
import pytest

from attnstats.exceptions import FewReplicatesWarning
from attnstats.scores import compare, interquartile_mean, write_comparison
from attnstats.scores.comparison._figures import figures


def runs(names, n=5, tasks=("t",)):
    rng = np.random.default_rng(0)
    rows = [(name, run, task, rng.normal()) for name in names for run in range(n) for task in tasks]
    return pd.DataFrame(rows, columns=["model", "run", "task", "score"])


def compared(table, **options):
    return compare(table, value="score", condition="model", seed="run", **options)


def copied(*names):
    """The runs of these models, and one that scores as the first does."""
    table = runs(names)
    return pd.concat([table, table[table["model"] == names[0]].assign(model="copy")])


def test_rows_of_equal_scores_have_a_note():
    table = compared(copied("a", "b")).table()
    assert table.notes[0] == "a − copy: the scores are the same in all cells, so that nothing can be tested."
    assert "same in all cells" not in "".join(compared(runs("ab")).table().notes)


def test_a_note_explains_the_columns_that_there_are():
    assert not any("Hedges" in note for note in compared(copied("a")).table().notes)
    assert any("Hedges" in note for note in compared(copied("a", "b")).table().notes)


@pytest.mark.parametrize("names", ["a", "ab"])
def test_equal_scores_are_written_and_drawn(names, tmp_path):
    paths = {path.name for path in write_comparison(compared(copied(*names)), tmp_path)}
    assert "differences.pdf" in paths
    assert ("paired_differences.pdf" in paths) == (names == "ab")  # of a difference that varies


LONG = [f"a model with a very long name, {letter}" for letter in "ABCD"]


def test_of_long_names_the_shared_one_stands_over_the_rows():
    table = compared(runs(LONG)).table()
    assert table.groups == tuple(f"{LONG[i]} − …" for i in (0, 0, 0, 1, 1, 2))
    assert table.text["model"].tolist() == [LONG[i] for i in (1, 2, 3, 2, 3, 3)]


def test_of_long_names_the_reference_stands_over_the_rows():
    comparison = compared(runs(LONG, tasks=("s", "t", "u")), dataset="task", reference=LONG[1])
    for name in ("differences", "across_datasets"):
        table = comparison.table(name)
        assert set(table.groups) == {f"… − {LONG[1]}"}
        assert table.text["model"].tolist() == [LONG[i] for i in (0, 2, 3)]


def test_short_names_stand_side_by_side():
    table = compared(runs("abc")).table()
    assert table.groups == ()
    assert table.text["model"].tolist() == ["a − b", "a − c", "b − c"]


def figure_named(comparison, name):
    return next(each for each in figures(comparison) if each.name == name)


def test_of_long_names_the_shared_one_is_a_heading_of_the_figure():
    figure = figure_named(compared(runs(LONG)), "differences").figure
    labels = [text.get_text().replace("\n", " ") for text in figure.axes[0].get_yticklabels()]
    assert labels == [*(LONG[i] for i in (1, 2, 3, 2, 3, 3)), *(f"{name} − …" for name in LONG[:3])]


def test_of_very_many_pairs_those_of_the_best_are_drawn():
    table = runs("abcdefghijkl")
    table["score"] += 100 * (table["model"] == "c")
    found = figure_named(compared(table), "differences")
    assert found.title == "Differences in score of c from the other models."
    [axis] = found.figure.axes
    assert [text.get_text() for text in axis.get_yticklabels()] == [f"c − {name}" for name in "abdefghijkl"]
    assert [text.get_text() for text in axis.texts].count("better") == 11
    assert found.description.count("c − ") == 11


def test_of_very_many_conditions_the_curves_of_the_first_are_drawn():
    table = runs("abcdefghijklmn", n=3, tasks="xy")
    table["score"] -= 100 * table["model"].isin(["b", "m"])
    found = figure_named(compared(table, dataset="task", reference="a"), "profiles")
    assert "of the 12 that rank first" in found.title
    assert {line.get_label() for line in found.figure.axes[0].lines if len(line.get_label()) == 1} == {*"acdefghijkln"}


def test_the_caption_says_in_the_words_of_the_warning_that_there_are_few_runs():
    comparison = compared(runs("ab", n=5, tasks="xy"), dataset="task")
    with pytest.warns(FewReplicatesWarning) as caught:
        interquartile_mean(comparison.scores, n_resamples=10)
    title = figure_named(comparison, "profiles").title
    assert title.endswith(f"with bootstrap intervals. E{str(caught[0].message).removeprefix('scores: e')}.")
    assert "at least 8 runs in every task for a bootstrap to keep its level; got 5 of 'a' in 'x'." in title
    enough = figure_named(compared(runs("ab", n=8, tasks="xy"), dataset="task"), "profiles")
    assert enough.title.endswith("with bootstrap intervals.")


def test_runs_of_0_or_1_have_no_profile():
    table = runs("ab", n=9, tasks="xy")
    table["score"] = (table["score"] > 0).astype(float)
    names = [each.name for each in figures(compared(table, dataset="task"))]
    assert "differences" in names
    assert "profiles" not in names
