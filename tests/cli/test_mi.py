"""``attnstats mi``: the library's number, columns read as what they are, and options that are refused."""

import io
import json
import re

import numpy as np
import pandas as pd
import pytest
from sklearn.feature_selection import mutual_info_classif
from statsmodels.stats.multitest import multipletests

from attnstats.cli import main
from attnstats.information import KSG, Binned, Gaussian, PlugIn, mutual_information
from attnstats.resampling import HolmesNemenman


def value_of(printed):
    return float(re.match(r"MI = (\S+) ", printed)[1])


def test_it_prints_the_library_s_number(table, frame, run):
    printed = run("mi", table, "--x", "x", "--y", "y", "--estimator", "ksg(k=5)", "--permutations", "19")
    assert printed.startswith(f"MI = {mutual_information(frame.x, frame.y, KSG(k=5)).value:.3g} nats, null floor")
    assert "p = .050" in printed  # 1 / (19 + 1): no permuted pair reaches it
    assert "KSG(k=5" in printed


def test_a_class_in_bits(table, run):
    arguments = ("--x", "x,y", "--y", "label", "--estimator", "probe", "--permutations", "0", "--bits")
    assert " bits, n = 200, Probe" in run("mi", table, *arguments)


def test_words_and_truth_values_are_counted_as_classes(tmp_path, run):
    """Two columns of words: the plug-in value is that of the table of counts, here against scikit-learn's."""
    rng = np.random.default_rng(1)
    word = rng.choice(["red", "green", "NA"], size=300)
    flag = rng.random(300) < np.where(word == "red", 0.9, 0.2)
    pd.DataFrame({"word": word, "flag": flag}).to_csv(tmp_path / "words.csv", index=False)
    printed = run(
        "mi", tmp_path / "words.csv", "--x", "word", "--y", "flag", "--estimator", "binned", "--permutations", "0"
    )
    codes = pd.Categorical(word).codes[:, np.newaxis]
    plug_in = mutual_info_classif(codes, flag, discrete_features=True)[0]
    assert mutual_information(word, flag, Binned(entropy=PlugIn())).value == pytest.approx(plug_in)
    assert value_of(printed) == pytest.approx(mutual_information(word, flag, Binned()).value, rel=0.005)


def test_whole_numbers_are_judged_and_the_options_overrule(tmp_path, run):
    """A column of seven grades among 400 rows is a class, one of 60 ages is not; each can be declared the other."""
    rng = np.random.default_rng(2)
    grade = rng.integers(1, 8, size=400)
    made = pd.DataFrame({"grade": grade, "age": rng.integers(18, 78, size=400), "z": grade + rng.normal(size=400)})
    path = tmp_path / "t.csv"
    made.to_csv(path, index=False)
    binned = ("--estimator", "binned", "--permutations", "0")
    judged = run("mi", path, "--x", "grade", "--y", "z", *binned)
    assert "x: 7 whole numbers, read as classes (else --measurements)" in judged
    assert value_of(judged) == pytest.approx(
        mutual_information(made.grade, made.z, Binned(), discrete_x=True).value, rel=0.005
    )
    measured = run("mi", path, "--x", "grade", "--y", "z", *binned, "--measurements", "grade")
    assert "x: 7 whole numbers, read as measurements (else --classes)" in measured
    assert "x: 60 whole numbers, read as measurements (else --classes)" in run(
        "mi", path, "--x", "age", "--y", "z", *binned
    )
    named = run("mi", path, "--x", "grade", "--y", "age", *binned, "--classes", "grade", "--measurements", "age")
    assert value_of(named) == pytest.approx(
        mutual_information(made.grade.astype(str), made.age, Binned(), discrete_y=False).value, rel=0.005
    )


def test_names_that_hold_commas(table, frame, run):
    """A whole name needs no quotes; in a list it stands in double quotes."""
    gaussian = ("--estimator", "gaussian", "--permutations", "0")
    assert value_of(run("mi", table, "--x", "hours, net", "--y", "y", *gaussian)) == pytest.approx(
        mutual_information(frame["hours, net"], frame.y, Gaussian()).value, rel=0.005
    )
    assert value_of(run("mi", table, "--x", 'x,"hours, net"', "--y", "y", *gaussian)) == pytest.approx(
        mutual_information(frame[["x", "hours, net"]], frame.y, Gaussian()).value, rel=0.005
    )


def test_a_name_that_could_be_two_columns_is_refused(tmp_path, fails, run):
    (tmp_path / "t.csv").write_text('a,b,"a,b",y\n' + "".join(f"{i},{i * i % 7},{i % 5},{i % 3}\n" for i in range(20)))
    assert """'a,b' is one column, or 2; write '"a,b"' for the one""" in fails(
        "mi", tmp_path / "t.csv", "--x", "a,b", "--y", "y"
    )
    run("mi", tmp_path / "t.csv", "--x", '"a,b"', "--y", "y", "--estimator", "gaussian")


def test_each_column_by_itself_or_all_together(table, run):
    """A line for each column, as the command prints it for that column alone; without --each, one for both."""
    arguments = ("--y", "y", "--estimator", "ksg", "--permutations", "19")
    x, age = run("mi", table, "--x", "x,age", "--each", *arguments).splitlines()
    for line, name in ((x, "x"), (age, "age")):
        alone = run("mi", table, "--x", name, *arguments).rstrip()
        assert re.sub("; adjusted .*", "", line) == f"{name} and y: {alone}"
    assert x.endswith("; adjusted p = .100 (Holm)")  # 2 / (19 + 1)
    assert len(run("mi", table, "--x", "x,age", *arguments).splitlines()) == 1


def test_by_group_while_all_rows_decide_what_is_a_class(tmp_path, run):
    """20 grades are classes among 600 rows, though those of a group alone, 200, would be read as measurements."""
    rng = np.random.default_rng(2)
    grade = rng.integers(0, 20, size=600)
    made = pd.DataFrame({"grade": grade, "z": grade + rng.normal(size=600), "lot": np.repeat(["c", "a", "b"], 200)})
    made.to_csv(tmp_path / "t.csv", index=False)
    arguments = ("mi", tmp_path / "t.csv", "--x", "grade", "--y", "z", "--by", "lot", "--estimator", "binned")
    records = json.loads(run(*arguments, "--permutations", "0", "--format", "json"))
    groups = [made[made.lot == lot] for lot in ("c", "a", "b")]
    as_classes = [mutual_information(rows.grade.astype(str), rows.z, Binned()).value for rows in groups]
    assert as_classes != pytest.approx([mutual_information(rows.grade, rows.z, Binned()).value for rows in groups])
    assert [each["lot"] for each in records] == ["c", "a", "b"]
    assert [each["value"] for each in records] == pytest.approx(as_classes)
    lines = run(*arguments, "--permutations", "0", "--bits").splitlines()
    assert lines[0].startswith(f"c: MI = {as_classes[0] / np.log(2):.3g} bits, n = 200, Binned()")
    assert lines[3] == f"mean MI = {np.mean(as_classes) / np.log(2):.3g} bits over 3 groups"


def test_a_group_without_information_is_counted_and_the_rest_goes_on(tmp_path, frame, run):
    """y is constant in part u; the mean over the two columns of x is that of part v alone."""
    frame.loc[frame.part == "u", "y"] = 0.5
    frame.to_csv(tmp_path / "t.csv", index=False)
    arguments = ("mi", tmp_path / "t.csv", "--x", "x,age", "--each", "--y", "y", "--by", "part")
    gaussian = ("--estimator", "gaussian", "--permutations", "19")
    lines = run(*arguments, *gaussian).splitlines()
    rest = frame[frame.part == "v"]
    values = {name: mutual_information(rest[name], rest.y, Gaussian()).value for name in ("x", "age")}
    for i, (name, value) in enumerate(values.items()):
        assert lines[2 * i].startswith(f"{name} and y in u: MI undefined ('y': must vary")
        assert lines[2 * i + 1].startswith(f"{name} and y in v: MI = {value:.3g} nats, ")
        assert lines[4 + i] == f"mean MI of {name} and y = {value:.3g} nats over 1 group; undefined in 1"
    records = json.loads(run(*arguments, *gaussian, "--format", "json"))
    assert [each["value"] for each in records] == [None, pytest.approx(values["x"]), None, pytest.approx(values["age"])]
    adjusted = multipletests([records[1]["pvalue"], records[3]["pvalue"]], method="holm")[1]
    assert [records[1]["pvalue_adjusted"], records[3]["pvalue_adjusted"]] == pytest.approx(adjusted)
    assert {each["n"] for each in records} == {100}
    printed = run(*arguments, *gaussian, "--format", "table")
    assert "Null floor and p: 19 permutations.\nEstimator: Gaussian().\n" in printed
    assert "Undefined: 'y': must vary (2 rows).\n" in printed


def test_how_whole_numbers_were_read_stands_below_the_table(table, frame, run):
    arguments = ("mi", table, "--x", "age,x", "--each", "--y", "y", "--estimator", "binned", "--permutations", "0")
    printed = run(*arguments, "--format", "markdown")
    n = frame.age.nunique()
    assert f"'age': {n} whole numbers, read as measurements (else --classes) (1 row)." in printed
    assert "| MI (nats) |" in printed
    assert "p (Holm)" not in printed


def test_an_interval_stands_beside_the_value(table, frame, run):
    arguments = ("mi", table, "--x", "x", "--y", "y", "--estimator", "gaussian", "--permutations", "0", "--interval")
    (record,) = json.loads(run(*arguments, "--format", "json"))
    expected = mutual_information(frame.x, frame.y, Gaussian(), interval=HolmesNemenman(), rng=0).interval
    assert (record["ci_low"], record["ci_high"]) == pytest.approx((expected.low, expected.high))
    assert f"[{expected.low:.3f}, {expected.high:.3f}]" in run(*arguments, "--format", "table")


def test_german_numbers_from_the_standard_input(monkeypatch, frame, run):
    frame.loc[[3, 7], "y"] = [np.nan, -999]
    text = frame[["x", "y", "age"]].to_csv(index=False, sep=";", decimal=",", na_rep="n/a")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    options = ("--sep", ";", "--decimal", ",", "--na", "n/a,-999", "--dropna", "--estimator", "gaussian")
    records = json.loads(run("mi", "-", "--x", "x,age", "--each", "--y", "y", *options, "--format", "json"))
    kept = frame.drop(index=[3, 7])
    expected = [mutual_information(kept[name], kept.y, Gaussian()).value for name in ("x", "age")]
    assert [each["value"] for each in records] == pytest.approx(expected)
    assert {(each["n"], each["n_missing"]) for each in records} == {(198, 2)}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--x", "z"), "--x: must be a column of table.csv, one of x, y, label, group, part, age, hours, net; got 'z'"),
        (("--x", "x,x"), "--x: must name each column once; got 'x' twice"),
        (("--x", "y"), "--x and --y: must name each column once; got 'y' twice"),
        (("--x", "age,y"), "--x and --y: must name each column once; got 'y' twice"),
        (("--x", ""), "--x: must name columns"),
        (("--x", "x,,age"), "--x: must name columns"),
        (("--x", '"x'), "--x: must be a list such as"),
        (("--x", "x,group", "--estimator", "ksg"), "'x, group': column 'group' must"),
        (("--x", "x,group", "--each", "--estimator", "ksg"), "'group': must be real numbers"),
        (("--by", "y"), "--y and --by: must name each column once; got 'y' twice"),
        (("--by", "z"), "--by: must be a column of table.csv"),
        (("--by", 'age,label,"hours, net"'), "--by: MI must be defined in a group; it is in none of "),
        (("--classes", "z"), "--classes: must be a column of table.csv"),
        (("--classes", "age"), "--classes: must be columns of --x or --y; got 'age'"),
        (("--classes", "y", "--estimator", "ksg"), "--y: KSG must be given measurements of y, it does not take"),
        (("--classes", "x", "--measurements", "x"), "--measurements: must name a column once"),
        (("--x", "group", "--measurements", "group"), "row 2 of 'group': must be a number; got 'a'"),
        (("--estimator", "ksgg"), "bestbound, binned, bykind, canonicalksg"),
        (("--estimator", "ksg(5)"), "--estimator: must be name or name(key=number, ...); got 'ksg(5)'"),
        (("--estimator", "ksg(k=3,k=4)"), "--estimator: must be name or name(key=number, ...)"),
        (("--estimator", "ksg(kk=5)"), "ksg.kk: unknown parameter"),
        (("--estimator", "ksg(k=0)"), "k: must be an integer of at least 1; got 0"),
        (("--estimator", "ksg(k=500)"), "must be at least 501; got 200"),
        (("--estimator", "bestbound(probe=1)"), "probe: must be a Probe; got 1"),
        (("--permutations", "-5"), "--permutations: must be a whole number of at least 0; got '-5'"),
        (("--permutations", "1e3"), "--permutations: must be a whole number of at least 0; got '1e3'"),
        (("--seed", "-1"), "--seed: must be a whole number of at least 0; got '-1'"),
        (("--jobs", "0"), "--jobs: must be a whole number of at least 1; got '0'"),
        (("--bogus",), "unrecognized arguments: --bogus"),
    ],
)
def test_what_is_refused(table, fails, options, message):
    assert message in fails("mi", table, "--x", "x", "--y", "y", *options)


@pytest.mark.slow
def test_the_number_of_workers_does_not_change_the_result(table, run):
    arguments = ("mi", table, "--x", "x", "--y", "y", "--estimator", "ksg", "--permutations", "7")
    assert run(*arguments) == run(*arguments, "--jobs", "2")


def test_help_says_how_a_p_value_is_had_and_which_estimator_is_the_default(capsys):
    with pytest.raises(SystemExit, match="0"):
        main(["mi", "--help"])
    printed = " ".join(capsys.readouterr().out.split())
    assert "--permutations 199 adds its null floor and p-value" in printed
    assert "(default: bestbound, the best of several families)" in printed
