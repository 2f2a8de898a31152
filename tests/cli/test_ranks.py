"""``attnstats ranks``: scipy's numbers, by groups too, and groups in which there is no correlation."""

import re

import numpy as np
import pandas as pd
import pytest
from scipy import stats


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
    assert a == "a: undefined (number of samples: must be at least 3; got 2)"
    assert b.startswith("b: undefined ('attention': must hold at least two different values; got 0.1666")
    taus = [
        stats.kendalltau(each.attention, each.gradient).statistic for _, each in rows.groupby("text") if len(each) > 6
    ]
    assert c.startswith(f"c: tau-b = {taus[0]:.3g},")
    assert d.startswith(f"d: tau-b = {taus[1]:.3g},")
    assert mean == f"mean tau-b = {np.mean(taus):.3g} over 2 groups; undefined in 2"


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
        (("--a", "x,age"), "--a: must be one column; got 2: run the command once for each"),
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
