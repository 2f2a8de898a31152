"""The tables and figures of a comparison whose names are long, or whose scores are the same."""

import numpy as np
import pandas as pd
import pytest

from attnstats.scores import compare, write_comparison


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
