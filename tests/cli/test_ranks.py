"""``attnstats ranks``: scipy's numbers, by groups too, and groups in which there is no correlation."""

import io
import json
import re

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests


def test_the_whole_table_as_scipy_has_it(table, frame, run):
    tau, rho = run("ranks", table, "--a", "x", "--b", "age").splitlines()
    assert tau.startswith(f"tau-b = {stats.kendalltau(frame.x, frame.age).statistic:.3g},")
    assert rho.startswith(f"rho = {stats.spearmanr(frame.x, frame.age).statistic:.3g},")


def test_by_several_columns_groups_by_their_combination(table, frame, run):
    *groups, mean = run("ranks", table, "--a", "x", "--b", "y", "--by", "group,part").splitlines()
    of_each = {key: stats.kendalltau(rows.x, rows.y).statistic for key, rows in frame.groupby(["group", "part"])}
    assert [line.split(":")[0] for line in groups] == ["a, u", "a, v", "b, u", "b, v"]
    assert [float(re.search(r"tau-b = (\S+),", line)[1]) for line in groups] == pytest.approx(
        list(of_each.values()), abs=5e-4
    )
    assert mean == f"mean tau-b = {np.mean(list(of_each.values())):.3g} over 4 groups"


def test_a_text_of_two_tokens_or_of_uniform_weights_is_undefined_and_counted(tmp_path, run):
    """The mean is that of the defined groups, c and d, from scipy."""
    rng = np.random.default_rng(3)
    rows = pd.DataFrame(
        {"text": list("aa" + "b" * 6 + "c" * 8 + "d" * 9), "attention": rng.random(25), "gradient": rng.random(25)}
    )
    rows.loc[rows.text == "b", "attention"] = 1 / 6
    rows.to_csv(tmp_path / "t.csv", index=False)
    a, b, c, d, mean = run(
        "ranks", tmp_path / "t.csv", "--a", "attention", "--b", "gradient", "--by", "text"
    ).splitlines()
    assert a == "a: tau-b undefined (number of samples: must be at least 3; got 2)"
    assert b.startswith("b: tau-b undefined ('attention': must hold at least two different values; got 0.1666")
    taus = [
        stats.kendalltau(each.attention, each.gradient).statistic for _, each in rows.groupby("text") if len(each) > 6
    ]
    assert c.startswith(f"c: tau-b = {taus[0]:.3g},")
    assert d.startswith(f"d: tau-b = {taus[1]:.3g},")
    assert mean == f"mean tau-b = {np.mean(taus):.3g} over 2 groups; undefined in 2"


def test_every_a_against_every_b(table, frame, run):
    """Coefficients from scipy; p-values of each coefficient adjusted as statsmodels does."""
    records = json.loads(run("ranks", table, "--a", "x,age", "--b", 'y,"hours, net"', "--format", "json"))
    pairs = [("x", "y"), ("x", "hours, net"), ("age", "y"), ("age", "hours, net")]
    for name, reference in (("tau-b", stats.kendalltau), ("rho", stats.spearmanr)):
        rows = [each for each in records if each["quantity"] == name]
        assert [(each["a"], each["b"]) for each in rows] == pairs
        values = [reference(frame[a], frame[b]).statistic for a, b in pairs]
        assert [each["value"] for each in rows] == pytest.approx(values)
        adjusted = multipletests([each["pvalue"] for each in rows], method="holm")[1]
        assert [each["pvalue_adjusted"] for each in rows] == pytest.approx(adjusted)
        assert {each["correction"] for each in rows} == {"Holm"}


def test_one_pair_has_no_adjusted_p(table, run):
    arguments = ("ranks", table, "--a", "x", "--b", "y")
    assert "Holm" not in run(*arguments) + run(*arguments, "--format", "table")
    assert {each["pvalue_adjusted"] for each in json.loads(run(*arguments, "--format", "json"))} == {None}


def test_pairs_by_group_with_their_means(table, frame, run):
    arguments = ("ranks", table, "--a", "x", "--b", "y,age", "--by", "group")
    lines = run(*arguments).splitlines()
    assert [line.partition(": ")[0] for line in lines[:4]] == [
        f"x and {b} in {group}" for b in ("y", "age") for group in "ab"
    ]
    assert all(line.count("; adjusted p") == 1 for line in lines[:4])
    means = {
        b: np.mean([stats.kendalltau(rows.x, rows[b]).statistic for _, rows in frame.groupby("group")])
        for b in ("y", "age")
    }
    assert lines[4:] == [f"mean tau-b of x and {b} = {mean:.3g} over 2 groups" for b, mean in means.items()]
    printed = run(*arguments, "--format", "table")
    assert "p (Holm): adjusted within the 4 p-values of tau-b." in printed
    assert all(f"Mean tau-b of x and {b} = {mean:.3g} over 2 groups." in printed for b, mean in means.items())


@pytest.fixture
def texts(tmp_path):
    """Four texts: one of two tokens, one of uniform weights, and two in which tau-b is defined; a constant column."""
    rng = np.random.default_rng(3)
    n = [2, 6, 8, 9]
    made = pd.DataFrame({"text": np.repeat(list("abcd"), n), "weight": rng.random(25), "gradient": rng.random(25)})
    made.loc[made.text == "b", "weight"] = 1 / 6
    made["flat"] = 1
    made.to_csv(tmp_path / "texts.csv", index=False)
    return tmp_path / "texts.csv"


def test_undefined_groups_are_rows_of_the_table(texts, run):
    arguments = ("ranks", texts, "--a", "weight", "--b", "gradient,flat", "--by", "text")
    records = json.loads(run(*arguments, "--format", "json"))
    defined = [each for each in records if each["value"] is not None]
    assert [(each["b"], each["text"]) for each in defined] == [("gradient", "c"), ("gradient", "d")]
    assert all(each["undefined"] is None for each in defined)
    assert [each["n"] for each in records] == [2, 6, 8, 9] * 2
    missing = [each for each in records if each["value"] is None]
    assert [each["undefined"].partition(";")[0] for each in missing] == [
        "number of samples: must be at least 3",
        "'weight': must hold at least two different values",
        "number of samples: must be at least 3",
        "'weight': must hold at least two different values",
        *["'flat': must hold at least two different values"] * 2,
    ]
    adjusted = multipletests([each["pvalue"] for each in defined], method="holm")[1]
    assert [each["pvalue_adjusted"] for each in defined] == pytest.approx(adjusted)
    printed = run(*arguments, "--format", "table")
    assert "Undefined: 'weight': must hold at least two different values (2 rows)." in printed
    assert "; undefined in 2.\n" in printed
    assert "No mean tau-b of weight and flat; undefined in 4." in printed


def test_one_pair_of_several_may_be_undefined_and_not_all(texts, run, fails):
    lines = run("ranks", texts, "--a", "weight", "--b", "gradient,flat").splitlines()
    reason = "undefined ('flat': must hold at least two different values; got 1 throughout)"
    assert lines[2:] == [f"weight and flat: tau-b {reason}", f"weight and flat: rho {reason}"]
    line = fails("ranks", texts, "--a", "flat", "--b", "weight,gradient", "--format", "latex")
    assert line.startswith("--a and --b: tau-b must be defined for a pair; it is for none of 2 ('flat': must hold")
    assert fails("ranks", texts, "--a", "flat", "--b", "weight").startswith("'flat': must hold at least two")


def test_a_group_named_like_a_column_of_the_result_is_refused_where_both_would_stand(tmp_path, frame, run, fails):
    frame.rename(columns={"group": "value"}).to_csv(tmp_path / "t.csv", index=False)
    arguments = ("ranks", tmp_path / "t.csv", "--a", "x", "--b", "y", "--by", "value")
    assert "over 2 groups" in run(*arguments)
    assert "--by: must not be called like a column that --format csv adds" in fails(*arguments, "--format", "csv")


def test_german_numbers_from_the_standard_input(monkeypatch, frame, run):
    """Semicolons, decimal commas and two words for a missing field, in one of several columns."""
    frame.loc[[3, 7], "y"] = [np.nan, -999]
    text = frame[["x", "y", "age"]].to_csv(index=False, sep=";", decimal=",", na_rep="n/a")
    options = ("--sep", ";", "--decimal", ",", "--na", "n/a,-999", "--dropna")
    kept = frame.drop(index=[3, 7])
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    records = json.loads(run("ranks", "-", "--a", "x", "--b", "y,age", *options, "--format", "json"))
    taus = [each["value"] for each in records if each["quantity"] == "tau-b"]
    assert taus == pytest.approx([stats.kendalltau(kept.x, kept[b]).statistic for b in ("y", "age")])
    assert {(each["n"], each["n_missing"]) for each in records} == {(198, 2)}
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    printed = run("ranks", "-", "--a", "x", "--b", "y,age", *options, "--format", "markdown")
    assert "columns of standard input." in printed
    assert printed.endswith("Rows left out as incomplete: 2.\n")


def test_no_group_with_a_correlation_is_an_error(table, fails):
    line = fails("ranks", table, "--a", "x", "--b", "y", "--by", 'group,part,label,age,"hours, net"')
    assert line.startswith("--by: tau-b must be defined in a group; it is in none of ")


def test_rows_left_out_are_counted_beside_the_result(tmp_path, frame, run, fails):
    frame.loc[[3, 7], "y"] = np.nan
    frame.to_csv(tmp_path / "t.csv", index=False)
    arguments = ("ranks", tmp_path / "t.csv", "--a", "x", "--b", "y")
    assert "row 5 of 'y': must not be missing; got an empty field, and 1 more in this column (--dropna" in fails(
        *arguments
    )
    kept = frame.dropna()
    whole = run(*arguments, "--dropna")
    assert whole.startswith(f"tau-b = {stats.kendalltau(kept.x, kept.y).statistic:.3g},")
    assert "n = 198 pairs, 2 left out as incomplete" in whole
    assert run(*arguments, "--dropna", "--by", "group").endswith("over 2 groups; rows left out as incomplete: 2\n")


def test_whole_numbers_keep_their_order_beyond_float64(tmp_path, run):
    """2**53 and 2**53 + 1 are one number in float64; as integers they are two, and the order here is perfect."""
    rows = "".join(f"{2**53 + i},{i}\n" for i in range(6))
    (tmp_path / "t.csv").write_text("id,n\n" + rows)
    assert run("ranks", tmp_path / "t.csv", "--a", "id", "--b", "n").startswith("tau-b = 1,")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--a", "x,z"), "--a: must be a column of table.csv"),
        (("--a", "x,x"), "--a: must name each column once; got 'x' twice"),
        (("--b", "y,"), "--b: must name columns, as in COL,COL ; got 'y,'"),
        (("--b", "y,x"), "--a and --b: must name each column once; got 'x' twice"),
        (("--b", "y,group"), "row 2 of 'group': must be a number; got 'a'"),
        (("--b", "x"), "--a and --b: must name each column once; got 'x' twice"),
        (("--by", "x"), "--a and --by: must name each column once; got 'x' twice"),
        (("--by", "group,group"), "--by: must name each column once; got 'group' twice"),
        (("--by", "z"), "--by: must be a column of table.csv"),
        (("--by", ""), "--by: must name columns"),
        (("--a", "group"), "row 2 of 'group': must be a number; got 'a'"),
        (("--classes", "x"), "unrecognized arguments: --classes x"),
    ],
)
def test_what_is_refused(table, fails, options, message):
    assert message in fails("ranks", table, "--a", "x", "--b", "y", *options)
