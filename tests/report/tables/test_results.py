import numpy as np
import pandas as pd
import polars as pl
import pytest

from attnstats.exceptions import InvalidInputError
from attnstats.report import (
    CSV,
    Best,
    Count,
    Estimate,
    Number,
    PValue,
    Significance,
    Words,
    render_table,
    results_table,
)

FRAME = pd.DataFrame(
    {
        "task": ["x", "y", "x", "y"],
        "model": ["A", "A", "B", "B"],
        "gain": [0.1234, 0.2, -0.01234, 0.5],
        "low": [0.1, 0.1, -0.05, 0.45],
        "high": [0.1468, 0.3, 0.03, np.inf],
        "p": [0.001, 0.04, 0.5, 0.2],
        "best": [True, False, False, False],
        "n": [5, 5, 12345, 5],
    }
)


def test_every_estimate_of_a_column_has_the_decimals_that_the_median_interval_supports():
    text = results_table(FRAME, ["model", Estimate("gain", "low", "high", "Gain")]).text
    # Half widths .0234, .1, .04 and ∞: the median of the finite ones, .04, shows two digits at three decimals.
    assert text["Gain"].tolist() == ["0.123", "0.200", "-0.012", "0.500"]
    assert text["95 % CI"].tolist() == ["[0.100, 0.147]", "[0.100, 0.300]", "[-0.050, 0.030]", "[0.450, ∞]"]
    assert results_table(FRAME, [Estimate("gain", "low", "high", decimals=1)]).text["gain"].tolist()[0] == "0.1"


def test_ends_of_an_interval_never_print_alike():
    frame = pd.DataFrame({"v": [0.51, 0.5001], "lo": [0.3, 0.5], "hi": [0.7, 0.5002]})
    assert results_table(frame, [Estimate("v", "lo", "hi")]).text["95 % CI"].tolist() == [
        "[0.3000, 0.7000]",
        "[0.5000, 0.5002]",
    ]


def test_one_rule_for_the_whole_table_takes_the_intervals_of_all_columns():
    frame = pd.DataFrame({"a": [1.0], "al": [0.9], "ah": [1.1], "b": [2.0], "bl": [1.0], "bh": [3.0]})
    columns = [Estimate("a", "al", "ah"), Estimate("b", "bl", "bh")]
    assert results_table(frame, columns).text.iloc[0, [0, 2]].tolist() == ["1.00", "2.0"]
    assert results_table(frame, columns, same_decimals=True).text.iloc[0, [0, 2]].tolist() == ["1.00", "2.00"]


def test_rows_of_a_group_stand_together_in_order_of_appearance():
    table = results_table(FRAME, ["model"], groups="task")
    assert table.groups == ("x", "x", "y", "y")
    assert table.text["model"].tolist() == ["A", "B", "A", "B"]
    assert render_table(table, CSV()) == "task,model\nx,A\nx,B\ny,A\ny,B\n"


def test_a_heading_stands_over_both_columns_of_an_estimate():
    columns = [Words("model"), Estimate("gain", "low", "high", spanner="Gain"), Count("n", spanner="Size")]
    assert results_table(FRAME, columns).spanners == ("", "Gain", "Gain", "Size")
    assert results_table(FRAME, ["model"]).spanners == ()


def test_stars_come_with_their_note_and_with_one_where_they_and_the_intervals_disagree():
    significance = Significance("p", "p (Holm)", (0.05, 0.01), why="Holm steps down.")
    table = results_table(FRAME, ["model", Estimate("gain", "low", "high", significance=significance)], groups="task")
    assert table.marks["gain"].tolist() == ["**", "", "*", ""]
    assert table.notes == (
        "* p (Holm) ≤ .05, ** p (Holm) ≤ .01.",
        "Not starred although the interval leaves out 0: B (y). Holm steps down.",
    )
    wide = FRAME.assign(low=-1.0)
    table = results_table(wide, ["model", Estimate("gain", "low", "high", significance=Significance("p"))])
    assert table.notes[1].startswith("Starred although the interval includes 0: A, A. The p-values and the intervals")


def test_stars_that_agree_with_the_intervals_need_no_second_note_and_none_none():
    agree = Estimate("gain", "low", "high", significance=Significance("p"))
    assert results_table(FRAME.iloc[[0, 1, 2]], ["model", agree]).notes == ("* p ≤ .05.",)
    assert results_table(FRAME.iloc[[2]], ["model", agree]).notes == ()
    null = Estimate("gain", "low", "high", significance=Significance("p", null=0.12))
    assert "includes 0.12: A" in results_table(FRAME.iloc[[0]], ["model", null]).notes[1]


def test_bold_is_what_the_caller_says_is_shown_best_and_the_notes_of_the_caller_come_last():
    best = Estimate("gain", "low", "high", best=Best("best", "Hsu's test"))
    table = results_table(FRAME, ["model", best], notes=["n = 5 seeds."])
    assert table.bold["gain"].tolist() == [True, False, False, False]
    assert not table.bold["95 % CI"].any()
    assert table.notes == ("Bold: shown to be best (Hsu's test).", "n = 5 seeds.")
    assert results_table(FRAME.assign(best=False), ["model", best]).notes == ()


def test_columns_given_by_name_print_by_what_they_hold():
    text = results_table(FRAME, ["model", "gain", "n", "best"]).text
    assert text.iloc[2].tolist() == ["B", "-0.012", "12,345", "False"]
    assert results_table(FRAME).text.columns.tolist() == FRAME.columns.tolist()
    small = pd.DataFrame({"v": [0.000123, 0.0]})
    assert results_table(small).text["v"].tolist() == ["0.000123", "0.000000"]


def test_other_columns_print_in_their_way():
    columns = [Words("model", "Model"), Number("gain", decimals=1), PValue("p"), Count("n")]
    frame = FRAME.assign(model=[None, "", "B", "C"], p=[0.0001, 1.0, np.nan, 0.0421])
    text = results_table(frame, columns).text
    assert text["Model"].tolist() == ["–", "–", "B", "C"]
    assert text["gain"].tolist() == ["0.1", "0.2", "0.0", "0.5"]
    assert text["p"].tolist() == ["< .001", "> .999", "–", ".042"]


def test_a_frame_of_polars_gives_the_same_table():
    columns = ["model", Estimate("gain", "low", "high", significance=Significance("p"), best=Best("best", "x")), "n"]
    ours, theirs = (results_table(each, columns, groups="task") for each in (FRAME, pl.from_pandas(FRAME)))
    assert render_table(ours) == render_table(theirs)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (["nothing"], r"frame: must have one column 'nothing'; got 0 among task, model"),
        ([3], r"columns: must be names, or objects such as Words"),
        ([], r"columns: must be a list of one or more"),
        ("model", r"columns: must be a list of one or more"),
        ([PValue("n")], r"frame: column 'n' must lie in 0\.\.1; got 5\.0 in row 0"),
        ([Number("model")], r"frame: column 'model' must hold numbers; got 'A' in row 0"),
        (
            [Estimate("gain", "high", "low")],
            r"frame: column 'high' must not lie above column 'low'; got 0\.1468 and 0\.1",
        ),
        ([Estimate("gain", "low", "high", best=Best("n", "x"))], r"column 'n' must hold True or False; got 5 in row"),
    ],
)
def test_what_is_wrong_is_named_with_column_and_row(columns, message):
    with pytest.raises(InvalidInputError, match=message):
        results_table(FRAME, columns)


def test_a_name_that_is_no_label_is_refused():
    with pytest.raises(InvalidInputError, match="name: must consist of letters, digits"):
        results_table(FRAME, name="my table")


def test_parameters_of_columns_are_checked_where_they_are_given():
    for levels in ((), (0.01, 0.05), (0.05, 0.05), (1.5,)):
        with pytest.raises(InvalidInputError, match="levels: must"):
            Significance("p", levels=levels)
    with pytest.raises(InvalidInputError, match="decimals: must be an integer of at least 0"):
        Number("v", decimals=-1)
    with pytest.raises(InvalidInputError, match="best: must be an object such as Best"):
        Estimate("v", "l", "h", best="best")


def test_very_large_and_small_numbers_are_said_in_a_power_of_ten_which_the_heading_names():
    frame = pd.DataFrame({"v": [1.5e8, 2e8], "lo": [1e8, 1.9e8], "hi": [2e8, 2.1e8], "w": [-3.25e-6, 1e-6]})
    text = results_table(frame, [Estimate("v", "lo", "hi", "Tokens"), Number("w", "Loss")]).text
    assert text.to_dict("list") == {
        "Tokens (× 10⁶)": ["150", "200"],
        "95 % CI (× 10⁶)": ["[100, 200]", "[190, 210]"],
        "Loss (× 10⁻⁶)": ["-3.25", "1.00"],
    }
    given = results_table(frame, [Estimate("v", "lo", "hi", decimals=0), Number("w", decimals=8)]).text
    assert given.iloc[0].to_dict() == {"v": "150000000", "95 % CI": "[100000000, 200000000]", "w": "-0.00000325"}


def test_what_is_not_known_has_no_star():
    frame = FRAME.assign(gain=[np.nan, 0.2, -0.01234, 0.5])
    table = results_table(frame, ["model", Estimate("gain", "low", "high", significance=Significance("p"))])
    assert table.marks["gain"].tolist() == ["", "*", "", ""]
