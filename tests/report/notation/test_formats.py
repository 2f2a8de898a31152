import csv
import io
import re

import pandas as pd
import pytest

from attnstats.exceptions import InvalidInputError
from attnstats.report import CSV, HTML, LaTeX, Markdown, Table, Typst, render_table
from attnstats.report.notation._escapes import escape_latex, escape_markdown

NASTY = 'a_b & 50 % of <b>x</b> | {y} #1 $2 ~ ^ \\n "q" [z]\nnew'


def _table(*cells):
    text = pd.DataFrame({"Name|of_it": list(cells), "Value": ["-0.10"] * len(cells)})
    return Table("some", "A caption & more.", text, text, ("Note_1 | 50 %",))


def test_every_special_character_of_latex_is_escaped():
    text = escape_latex(NASTY)
    bare = re.sub(r"\\(?:textbackslash|textasciitilde|textasciicircum|textless|textgreater|textbar)\{\}", "", text)
    bare = re.sub(r"\\[&%$#_{}]", "", bare).replace("{[}", "")
    assert not re.search(r'[&%$#_{}~^\\<>|"\n]', bare)


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("a_b", r"a\_b"),
        ("\\", r"\textbackslash{}"),
        ("0.1 ± 0.2", r"0.1 $\pm$ 0.2"),
        ("-0.5 [-0.6, -.4]", "$-$0.5 {[}$-$0.6, $-$.4]"),
        ("dot-product, 1-2", "dot-product, 1-2"),
        ("< .001", r"\textless{} .001"),
    ],
)
def test_latex(text, latex):
    assert escape_latex(text) == latex


def test_a_latex_table_has_booktabs_rules_and_equal_columns():
    lines = render_table(_table(NASTY, "short"), LaTeX()).splitlines()
    assert [line for line in lines if "rule" in line] == [r"\toprule", r"\midrule", r"\bottomrule"]
    rows = [line for line in lines if line.endswith(r"\\")]
    assert len(rows) == 3
    assert {len(re.findall(r"(?<!\\)&", row)) for row in rows} == {1}
    assert r"\begin{tabular}{lr}" in lines
    assert r"\label{tab:some}\smallskip" in lines


def test_a_table_without_groups_marks_or_headings_is_plain_booktabs():
    text = pd.DataFrame({"Model": ["a_b", "c"], "Gain [95 % CI]": ["-0.10 [-0.20, 0.00]", "0.5"]})
    assert (
        render_table(Table("some", "A & b.", text, text, ("n = 8.",)), LaTeX())
        == r"""\begin{table}
\centering
\caption{A \& b.}
\label{tab:some}\smallskip
\begin{tabular}{lr}
\toprule
Model & Gain {[}95 \% CI] \\
\midrule
a\_b & $-$0.10 {[}$-$0.20, 0.00] \\
c & 0.5 \\
\bottomrule
\end{tabular}
\par\smallskip{\footnotesize n = 8.\par}
\end{table}
"""
    )


@pytest.mark.parametrize("table_format", [Markdown(), LaTeX(), HTML(), Typst()])
def test_without_a_caption_there_is_no_room_for_one(table_format):
    text = pd.DataFrame({"Model": ["a"]})
    bare = render_table(Table("some", "", text, text), table_format)
    assert "aption" not in bare
    assert "**" not in bare


def test_parts_of_another_size_are_refused():
    text = pd.DataFrame({"a": ["1", "2"]})
    for parts in ({"groups": ("x",)}, {"spanners": ("x", "y")}, {"marks": text.iloc[:1]}, {"bold": text.iloc[:1]}):
        with pytest.raises(InvalidInputError, match=f"{next(iter(parts))}: must"):
            Table("some", "Some.", text, text, **parts)


def test_a_markdown_table_keeps_its_columns_whatever_the_cells_hold():
    lines = render_table(_table(NASTY, "short"), Markdown()).splitlines()
    rows = [line for line in lines if line.startswith("|")]
    assert len(rows) == 4
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {3}
    assert rows[1].endswith("-: |")
    assert "<b>" not in "".join(lines)


def test_markdown_escapes_are_those_of_commonmark():
    assert escape_markdown("a|b*c_d`e") == r"a\|b\*c\_d\`e"


def test_csv_reads_back_with_every_digit():
    data = pd.DataFrame({"name": [NASTY], "value": [0.1 + 0.2]})
    text = render_table(Table("some", "", data, data.astype(str)), CSV())
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert row["name"] == NASTY
    assert float(row["value"]) == 0.1 + 0.2


def test_what_is_no_table_or_format_is_refused_by_name():
    cells = pd.DataFrame({"Data": ["a"]})
    with pytest.raises(InvalidInputError, match="table: must be an object such as results_table"):
        render_table(cells)
    with pytest.raises(InvalidInputError, match="table_format: must be CSV"):
        render_table(Table("a", "A.", cells, cells), "csv")


def test_markdown_names_headings_groups_bold_type_and_marks(rich_table):
    lines = [line for line in render_table(rich_table, Markdown()).splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    assert {len(row) for row in cells} == {5}
    assert cells[0] == [r"Name\_&amp;", r"Over\_A: Gain", r"Over\_A: 95 % CI", "n", "p"]
    assert cells[2] == [r"**g\_1**", "", "", "", ""]
    assert cells[3][1:] == [r"-0.123<sup>\*\*</sup>", r"\[-0.2, ∞\]", "12,345", ".004"]
    assert cells[6][1:] == ["**-0.123**", r"\[-0.2, ∞\]", "12,345", ".004<sup>†</sup>"]


def test_two_hyphens_are_no_dash_in_latex():
    assert escape_latex("--x---y") == "-{}-x-{}-{}-y"


def test_a_minus_stands_before_infinity_too():
    assert escape_latex("[-∞, -1]") == r"{[}$-$$\infty$, $-$1]"
