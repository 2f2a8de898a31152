"""``--format``: one table in every format, all digits for programs, and what a terminal shows."""

import csv
import io
import json

import numpy as np
import pandas as pd
import pytest

from attnstats.cli import main
from attnstats.cli._formats import JSON, PlainText
from attnstats.ranks import kendall
from attnstats.report import Table


@pytest.fixture
def ranked(table):
    return ("ranks", table, "--a", "x", "--b", "y,age")


def parsed(text):
    """Return JSON as a strict reader has it, which knows neither NaN nor Infinity."""

    def refuse(constant):
        raise AssertionError(f"{constant} is no JSON")

    return json.loads(text, parse_constant=refuse)


@pytest.mark.parametrize(
    ("name", "first", "row"),
    [
        ("table", "Rank correlation of columns of table.csv.", "x  y    tau-b "),
        ("markdown", "**Rank correlation of columns of table.csv.**", "| x   | y   | tau-b "),
        ("latex", r"\begin{table}", "x & y & tau-b & "),
        ("html", "<table ", '<th scope="col" '),
        ("typst", "#figure(", '    "x", "y", "tau-b", '),
    ],
)
def test_one_rounded_table(ranked, frame, run, name, first, row):
    printed = run(*ranked, "--format", name)
    assert printed.startswith(first)
    assert any(line.startswith(row) for line in printed.splitlines())
    assert f"{kendall(frame.x, frame.y).effect:.3f}" in printed
    assert printed.endswith("\n")


def test_csv_and_json_hold_the_same_with_every_digit(ranked, frame, run):
    records = parsed(run(*ranked, "--format", "json"))
    fields = csv.DictReader(io.StringIO(run(*ranked, "--format", "csv")))
    assert list(fields) == [
        {name: "" if value is None else str(value) for name, value in each.items()} for each in records
    ]
    result = kendall(frame.x, frame.y)
    first = {"a": "x", "b": "y", "quantity": "tau-b", "value": result.effect, "pvalue": result.pvalue, "n": 200}
    assert {name: records[0][name] for name in first} == first
    assert (records[0]["ci_low"], records[0]["ci_high"]) == (result.interval().low, result.interval().high)
    assert type(records[0]["n"]) is int
    assert records[0]["undefined"] is None


def test_the_default_is_a_line_for_each_result(ranked, run):
    assert run(*ranked) == run(*ranked, "--format", "text")
    assert run(*ranked).startswith("x and y: tau-b = ")


def test_an_unknown_format_is_refused_before_the_table_is_read(fails):
    line = fails("mi", "absent.csv", "--x", "a", "--y", "b", "--format", "xml")
    assert "--format: invalid choice: 'xml'" in line
    assert "'latex'" in line


def test_json_has_null_for_what_it_has_no_number_for():
    data = pd.DataFrame(
        {
            "größe": [np.nan, np.inf, -np.inf, 1 / 3],
            "n": [1, 2, 3, 4],
            "flag": [True, False, True, False],
            "word": [None, "a", pd.NA, '"'],
        }
    )
    written = JSON().render(Table("t", "", data, data.astype(str)))
    assert written.isascii()
    assert len(written.splitlines()) == 6
    assert parsed(written) == [
        {"größe": None, "n": 1, "flag": True, "word": None},
        {"größe": None, "n": 2, "flag": False, "word": "a"},
        {"größe": None, "n": 3, "flag": True, "word": None},
        {"größe": 1 / 3, "n": 4, "flag": False, "word": '"'},
    ]


def test_a_terminal_sees_aligned_columns():
    """Headings over columns, groups, marks and letters that are two places wide; nothing is escaped."""
    text = pd.DataFrame({"model": ["a_b", "模型"], "gain": ["0.5", "-12.0"]})
    table = Table(
        "t",
        "Gains.",
        text,
        text,
        notes=("* p ≤ .05.",),
        groups=("one\ntask", "other"),
        spanners=("", "over A"),
        marks=pd.DataFrame({"model": ["", ""], "gain": ["*", ""]}),
    )
    assert PlainText().render(table).splitlines() == [
        "Gains.",
        "",
        "model  over A: gain",
        "-----  ------------",
        "one task",
        "a_b            0.5*",
        "other",
        "模型          -12.0",
        "",
        "* p ≤ .05.",
    ]


def test_help_names_every_format(capsys):
    for command in ("mi", "ranks"):
        with pytest.raises(SystemExit, match="0"):
            main([command, "--help"])
        printed = " ".join(capsys.readouterr().out.split())
        for name in ("text", "table", "markdown", "latex", "html", "typst", "csv", "json"):
            assert name in printed.partition("--format NAME")[2]


def test_json_is_short_for_its_format(ranked, run):
    assert run(*ranked, "--json") == run(*ranked, "--format", "json")
