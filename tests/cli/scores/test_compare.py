"""``attnstats compare`` and ``plan``: tables as people have them, from the raw file to tables, figures and a page."""

import io
import json
import re
import shutil
import subprocess

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV

from attnstats.cli import main
from attnstats.scores import compare

COLUMNS = ["--value", "accuracy", "--condition", "optimizer", "--dataset", "dataset", "--seed", "seed"]


@pytest.fixture
def sweep(tmp_path):
    """A benchmark sweep in which some runs are missing and one optimizer is worse."""
    rng = np.random.default_rng(3)
    level = {"cifar10": 92.0, "cifar100": 71.0, "svhn": 96.0, "stl10": 80.0}
    rows = [
        (name, data, seed, level[data] + gain + rng.normal(0, 0.35))
        for name, gain in (("adam", 0.0), ("adamw", 0.5), ("lion", 0.1), ("sgd", -1.2))
        for data in level
        for seed in range(5)
        if rng.random() > 0.06
    ]
    path = tmp_path / "sweep.csv"
    pd.DataFrame(rows, columns=["optimizer", "dataset", "seed", "accuracy"]).to_csv(path, index=False)
    return path


@pytest.fixture
def samples(tmp_path):
    """Sample files of lm-evaluation-harness: 60 passages with five questions each, of which one model knows more."""
    rng = np.random.default_rng(3)
    passages = rng.normal(0, 0.8, size=60)
    for model, ability in (("org__small", 0.0), ("org__large", 0.8)):
        folder = tmp_path / "harness" / model
        folder.mkdir(parents=True)
        known = rng.random(300) < 1 / (1 + np.exp(-ability - np.repeat(passages, 5)))
        lines = [
            {"doc_id": n, "doc": {"passage": f"p{n // 5}"}, "filter": "none", "metrics": ["acc"], "acc": float(right)}
            for n, right in enumerate(known)
        ]
        (folder / "samples_boolq_2026-01-31T12-00-00.123456.jsonl").write_text("\n".join(map(json.dumps, lines)))
    return tmp_path / "harness"


@pytest.fixture
def grid(tmp_path):
    """What a search of scikit-learn found, as pandas writes it."""
    x, y = load_breast_cancer(return_X_y=True)
    model = LogisticRegression(max_iter=5000)
    search = GridSearchCV(model, {"C": [1e-6, 1.0]}, cv=10, scoring="accuracy").fit(x[:, :5], y)
    pd.DataFrame(search.cv_results_).to_csv(tmp_path / "grid.csv", index=False)
    return tmp_path / "grid.csv", search.cv_results_


def test_a_sweep_with_missing_runs(sweep, run, tmp_path):
    said = run(
        "compare", sweep, *COLUMNS, "--reference", "adam", "--margin", "0.3", "--explain", "--out", tmp_path / "o"
    )
    assert "Worse: sgd than adam by" in said
    assert "missing cells: effects fitted by generalised least squares to all cells of each, of which two" in said
    page = (tmp_path / "o" / "comparison.html").read_text()
    assert page.count("<svg") >= 4
    assert "sgd" in page


def test_the_questions_of_a_harness_in_clusters(samples, run):
    said = run("compare", samples, "--from", "lm-eval", "--field", "passage", "--group", "passage")
    assert "cluster-robust t test (CR2) over passages" in said
    assert said.count("acc") >= 1  # the scores are called by their metric
    assert "Better: org__large than org__small" in said


def logs_of_inspect(folder):
    """Logs of two models on 40 samples, each answered in three epochs, and the scores as a table."""
    rng, rows = np.random.default_rng(3), []
    known = rng.normal(0, 1.5, size=40)
    for model, ability in (("org/small", 0.0), ("org/large", 1.5)):
        right = rng.random((3, 40)) < 1 / (1 + np.exp(-ability - known - rng.normal(0, 0.5, size=40)))
        rows += [(model, n, epoch, "C" if right[epoch, n] else "I") for epoch in range(3) for n in range(40)]
        samples = [
            {"id": n, "epoch": epoch + 1, "scores": {"match": {"value": grade}}} for _, n, epoch, grade in rows[-120:]
        ]
        log = {"version": 2, "eval": {"task": "sums", "model": model}, "samples": samples}
        (folder / f"{model[4:]}.json").write_text(json.dumps(log))
    table = pd.DataFrame(rows, columns=["model", "sample", "epoch", "match"])
    return table.assign(match=(table["match"] == "C") * 1.0)


def test_epochs_of_inspect_are_averaged_unless_they_are_named(tmp_path, run, fails):
    table = logs_of_inspect(tmp_path)
    given = ("compare", tmp_path, "--from", "inspect")

    def compared(rows):
        means = rows.groupby(["model", "sample"], as_index=False)["match"].mean()
        return [*compare(means, value="match", condition="model", example="sample").sentences(), ""]

    said = run(*given)
    assert "paired t test over samples" in said
    assert said.split("\n") == compared(table)
    assert "crossed analysis of variance over epochs and samples" in run(*given, "--seed", "epoch")
    assert run(*given, "--only", "epoch=1").split("\n") == compared(table[table["epoch"] == 0])
    log = json.loads((tmp_path / "small.json").read_text())
    log["samples"][0]["scores"]["match"]["value"] = float("nan")
    (tmp_path / "small.json").write_text(json.dumps(log))
    assert "must not be missing" in fails(*given)
    assert run(*given, "--dropna").split("\n") == compared(table[1:])


def test_a_search_of_scikit_learn(grid, run):
    path, results = grid
    found = json.loads(run("compare", path, "--from", "cv-results", "--format", "json"))
    first, second = (np.array([results[f"split{fold}_test_score"][place] for fold in range(10)]) for place in range(2))
    differences = first - second if found[0]["first"] == "C=1e-06" else second - first
    # Nadeau and Bengio by hand: the variance of the mean is s² (1/10 + 1/9)
    t = differences.mean() / np.sqrt(differences.var(ddof=1) * (1 / 10 + 1 / 9))
    assert found[0]["pvalue"] == pytest.approx(2 * stats.t.sf(abs(t), 9))


def test_a_search_over_repeated_folds_needs_the_share_that_is_tested_on(tmp_path, run, fails):
    splits = {f"split{place}_test_score": np.random.default_rng(place).random(2) for place in range(30)}
    pd.DataFrame({"params": [{"C": 1}, {"C": 2}], **splits}).to_csv(tmp_path / "grid.csv")
    given = ("compare", tmp_path / "grid.csv", "--from", "cv-results")
    said = fails(*given)
    assert "--test-share: must say what share of the rows each fold tests on" in said
    assert "or name the column of the repetitions as seed" in said
    explained = run(*given, "--test-share", "0.1", "--explain")
    assert "each fold being taken to test on 10 % of the rows (--test-share if not)" in explained


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
def test_every_table_of_a_comparison_compiles(sweep, run, tmp_path):
    run("compare", sweep, *COLUMNS, "--margin", "0.3", "--out", tmp_path / "o")
    tables = sorted((tmp_path / "o").glob("*.tex"))
    assert {each.stem for each in tables} == {"across_datasets", "conditions", "datasets", "differences"}
    body = "\n".join(rf"\input{{{each}}}" for each in tables)
    packages = r"\usepackage{array,booktabs,longtable,pdflscape}"
    text = rf"\documentclass[a4paper]{{article}}{packages}\begin{{document}}{body}\end{{document}}"
    (tmp_path / "all.tex").write_text(text)
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "all.tex"]
    said = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True).stdout
    assert b"Overfull" not in said


@pytest.mark.parametrize("name", ["table", "markdown", "latex", "html", "typst", "csv", "json"])
def test_every_format_holds_every_difference(sweep, run, name):
    printed = run("compare", sweep, *COLUMNS, "--reference", "adam", "--format", name)
    assert all(each in printed for each in ("adamw", "lion", "sgd"))
    if name == "csv":
        rows = pd.read_csv(sweep)
        of_python = compare(
            rows, value="accuracy", condition="optimizer", dataset="dataset", seed="seed", reference="adam"
        ).to_frame()
        assert len(printed.splitlines()) == 1 + len(of_python)


def test_standard_input_and_another_table(sweep, run, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(sweep.read_bytes())))
    printed = run("compare", "-", *COLUMNS, "--format", "markdown", "--table", "conditions")
    assert [line.split("|")[1].strip() for line in printed.splitlines() if line.startswith("| ")][2:] == [
        "adamw", "lion", "adam", "sgd"
    ]  # fmt: skip


def test_rows_of_one_metric_among_several(sweep, run, tmp_path):
    rows = pd.read_csv(sweep)
    both = pd.concat([rows.assign(metric="top1"), rows.assign(metric="top5", accuracy=rows["accuracy"] / 2 + 50)])
    both.to_csv(tmp_path / "both.csv", index=False)
    printed = run("compare", tmp_path / "both.csv", *COLUMNS, "--only", "metric=top1", "--format", "json")
    assert printed == run("compare", sweep, *COLUMNS, "--format", "json")


def test_a_plan_from_a_pilot_says_how_many_runs(sweep, run):
    said = run("plan", sweep, *COLUMNS, "--difference", "0.5")
    estimated, assured = map(int, re.findall(r"(\d+) seeds", said)[:2])
    assert 2 <= estimated < assured
    assert run("plan", sweep, *COLUMNS, "--difference", "5").startswith("To tell a difference of 5 from none")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--value", "accuracy"], "--condition: must name a column"),
        (["--value", "acc", "--condition", "optimizer"], "--value: must be a column of the table"),
        ([*COLUMNS, "--margin", "200"], "--margin: must be below 100, in the unit of 'accuracy'"),
        ([*COLUMNS, "--margin", "-1"], "--margin: must be a finite number above 0; got -1"),
        (
            [*COLUMNS, "--reference", "adagrad"],
            "--reference: must be one of the optimizers 'adam', 'adamw', 'lion', 'sgd'",
        ),
        ([*COLUMNS, "--level", "95"], "--level: must lie strictly between 0 and 1; got 95"),
        ([*COLUMNS, "--only", "dataset=mnist"], "--only: must be a value of 'dataset', one of"),
        ([*COLUMNS, "--only", "dataset"], "--only: must be COL=VALUE"),
        ([*COLUMNS, "--field", "dataset"], "--field: must come with --from"),
        ([*COLUMNS, "--test-share", "0.1"], "--test-share: must be None"),
        ([*COLUMNS, "--na", 'a,"b'], "--na: must be a list such as"),
        ([*COLUMNS, "--correction", "tukey"], "--correction: invalid choice"),
        ([*COLUMNS, "--group", "seed"], "--seed: must be another column than group; got 'seed' for both"),
    ],
)
def test_bad_input_is_one_line(sweep, fails, arguments, said):
    assert said in fails("compare", sweep, *arguments)


def test_row_numbers_that_pandas_writes_are_no_column(sweep, run, tmp_path):
    again = tmp_path / "again.csv"
    pd.read_csv(sweep).to_csv(again)
    assert run("compare", again, *COLUMNS) == run("compare", sweep, *COLUMNS)


@pytest.mark.parametrize(
    ("command", "arguments", "said"),
    [
        ("compare", ["--format", "table", "--table", "variance"], "--table: must be one of conditions, differences"),
        ("plan", [], "--difference: must be given where the comparison has no margin"),
        ("plan", ["--difference", "1", "--power", "2"], "--power: must"),
    ],
)
def test_errors_of_what_is_wanted_name_the_option(sweep, fails, command, arguments, said):
    assert said in fails(command, sweep, *COLUMNS, *arguments)


def test_an_unknown_option_points_to_the_help_of_its_command(fails):
    for given in (["compare", "x.csv", "--colour", "red"], ["plan", "x.csv", "--colour", "red"]):
        assert fails(*given) == f"unrecognized arguments: --colour red (see attnstats {given[0]} --help)"


def test_what_was_written_is_told_on_standard_error(sweep, tmp_path, capsys):
    folder = tmp_path / "found"
    assert main(["compare", str(sweep), *COLUMNS, "--out", str(folder)]) == 0
    n_tables, n_figures = (len([*folder.glob(f"*{suffix}")]) for suffix in (".csv", ".svg"))
    [said] = capsys.readouterr().err.splitlines()
    assert said == (
        f"attnstats: wrote {folder}: comparison.html, {n_tables} tables (CSV, Markdown, LaTeX, Typst) and {n_figures}"
        " figures (SVG, PDF, PNG)"
    )


def test_json_is_one_document_and_quiet_says_nothing(sweep, tmp_path, capsys):
    assert main(["compare", str(sweep), *COLUMNS, "--json", "--explain", "--out", str(tmp_path / "o"), "--quiet"]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)[0]["verdict"]
    assert "attnstats: wrote" not in captured.err
    assert captured.err.strip()  # what was asked for with --explain


def test_a_column_that_was_not_named_is_told_as_an_option(tmp_path, run):
    rows = [(m, n, f"p{n // 4}", (n * 7 + (m == "b") * n) % 5) for m in "ab" for n in range(24)]
    pd.DataFrame(rows, columns=["model", "item", "passage", "mark"]).to_csv(tmp_path / "t.csv", index=False)
    said = run(
        "compare", tmp_path / "t.csv", "--value", "mark", "--condition", "model", "--example", "item", "--explain"
    )
    assert said.endswith("not used: passage (passage groups the items: --group passage?)\n")
