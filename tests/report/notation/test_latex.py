import re
import shutil
import subprocess

import pandas as pd
import pytest

from attnstats.report import LaTeX, Table, render_table

DOCUMENT = r"""\documentclass{article}
\usepackage[T1]{fontenc}
\usepackage[margin=1.5cm]{geometry}
\usepackage{array,booktabs,longtable,pdflscape}
\usepackage{siunitx}
\begin{document}
%s
\end{document}
"""


def rows(text):
    return [line for line in text.splitlines() if line.endswith(r"\\")]


def column(*entries, mark=""):
    text = pd.DataFrame({"Value": list(entries)})
    table = Table("some", "Some.", text, text, marks=pd.DataFrame({"Value": [mark] * len(entries)}))
    return re.search(r"\\begin\{tabular\}\{(.*)\}", render_table(table, LaTeX(siunitx=True)))[1]


@pytest.mark.parametrize(
    ("entries", "layout"),
    [
        (("-0.12", "3.4", "–"), "S[table-format=-1.2,detect-weight]"),
        (("12", "3"), "S[table-format=2,detect-weight]"),
        (("0.12345", "3"), "S[table-format=1.5,detect-weight,group-digits=none]"),
        (
            ("12,345", "3"),
            "S[table-format=5,detect-weight,group-digits=integer,group-minimum-digits=4,group-separator={,}]",
        ),
        (("< .001", ".042"), "r"),
        (("–", "–"), "r"),
        (("a", "1"), "l"),
    ],
)
def test_the_format_of_a_column_is_computed_from_its_entries(entries, layout):
    assert column(*entries) == layout


def test_a_column_has_room_for_its_marks():
    assert r"table-space-text-post={\textsuperscript{**}},table-align-text-after=false" in column("0.1", mark="**")


def test_headings_groups_bold_type_and_marks(rich_table):
    over, head, group, *body = rows(render_table(rich_table, LaTeX(siunitx=True)))
    assert over == r" & \multicolumn{2}{c}{Over\_A} &  &  \\"
    assert head == r"Name\_\& & {Gain} & 95 \% CI & {n} & p \\"
    assert group == r"\multicolumn{5}{@{}l@{}}{\textit{g\_1}} \\"
    assert r"& -0.123\textsuperscript{**} & {[}$-$0.2, $\infty$] & 12345 & .004 \\" in body[0]
    assert body[1] == r"{[}first in a row] & {--} & -- & {--} & -- \\"
    assert body[2] == r"\multicolumn{5}{@{}l@{}}{\textit{\#2}} \\"
    assert body[3].startswith(r"= 1. item & \bfseries -0.123 & ")
    assert body[3].endswith(r"& .004\rlap{\textsuperscript{†}} \\")
    assert r"\cmidrule(lr){2-3}" in render_table(rich_table, LaTeX())


def test_without_siunitx_numbers_are_text(rich_table):
    body = rows(render_table(rich_table, LaTeX()))
    assert r"& $-$0.123\rlap{\textsuperscript{**}} & {[}$-$0.2, $\infty$] & 12,345 & .004 \\" in body[3]
    assert r"& \textbf{$-$0.123} &" in body[6]


def test_a_star_that_begins_a_row_does_not_belong_to_the_row_before():
    text = pd.DataFrame({"Name": ["a", "*b"], "n": ["1", "2"]})
    assert rows(render_table(Table("some", "", text, text), LaTeX()))[-1] == r"{}*b & 2 \\"


def test_a_table_without_rows_is_written():
    text = pd.DataFrame({"Name": [], "n": []}, dtype=str)
    assert rows(render_table(Table("none", "None.", text, text), LaTeX(siunitx=True))) == [r"Name & n \\"]


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
@pytest.mark.parametrize("siunitx", [True, False])
def test_latex_compiles_with_every_sign(rich_table, frame, siunitx, tmp_path):
    from attnstats.report.tables.render import all_tables

    compile_tables([rich_table, *all_tables(frame)], LaTeX(siunitx=siunitx), tmp_path)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
@pytest.mark.parametrize("siunitx", [True, False])
def test_tables_of_results_compile_and_fit_the_page(result_tables, siunitx, tmp_path):
    said = compile_tables(result_tables, LaTeX(siunitx=siunitx), tmp_path)
    assert "Overfull" not in said


def compile_tables(tables, table_format, directory):
    """Compile tables with pdflatex, and return what it said."""
    text = "\n\\clearpage\n".join(render_table(table, table_format) for table in tables)
    (directory / "tables.tex").write_text(DOCUMENT % text, encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "tables.tex"]
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False, errors="replace")
    if "siunitx.sty' not found" in done.stdout or "booktabs.sty' not found" in done.stdout:
        pytest.skip("booktabs or siunitx is not installed")
    assert done.returncode == 0, done.stdout[-2000:]
    assert "Missing character" not in done.stdout
    return done.stdout
