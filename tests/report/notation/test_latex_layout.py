"""Tables that are too wide or too tall for a page: what is written, and whether LaTeX finds room for it."""

import re
import shutil
import subprocess

import numpy as np
import pandas as pd
import pytest

from attnstats.report import Estimate, LaTeX, PValue, Table, results_table
from attnstats.report.notation._latex_layout import Column, lay_out, text_width

NAME = "A long_name 50 % & more/of it, {:02d}"
DOCUMENT = r"""\documentclass[a4paper,10pt]{article}
\usepackage[T1]{fontenc}
\usepackage{array,booktabs,longtable,pdflscape}
\usepackage{siunitx}
\begin{document}
%s
\end{document}
"""


def table(n_rows, n_numbers, name=NAME, **options):
    """A column of names, which numbers follow."""
    numbers = pd.DataFrame(-0.123, index=range(n_rows), columns=[f"number {i}" for i in range(n_numbers)])
    numbers.insert(0, "model", [name.format(i) for i in range(n_rows)])
    return results_table(numbers, caption="Numbers.", notes=["A note."], **options)


def written(*args, **options):
    return LaTeX().render(table(*args, **options))


def differences(n, name=NAME, notes=()):
    """A table of differences such as a comparison has, under the names of what is compared."""
    values = np.linspace(-0.2, 0.3, n)
    models = [name.format(i) for i in range(n)]
    above = [f"{models[i // 9]} − …" for i in range(n)]
    frame = pd.DataFrame({"model": models, "of": above, "value": values, "low": values - 0.1, "high": values + 0.1})
    frame = frame.assign(p=0.04, g=9 * values, verdict="inconclusive")
    gain = Estimate("value", "low", "high", "difference")
    columns = ["model", gain, PValue("p", "p (Holm)"), "g", PValue("p", "p within ±0.01"), "verdict"]
    return results_table(frame, columns, name=f"differences-{n}-{len(name)}", caption="Differences.", groups="of",
                         notes=notes)  # fmt: skip


def test_a_table_that_fits_is_set_as_the_text_is():
    text = written(5, 2)
    assert text.startswith("\\begin{table}")
    assert "\\begin{tabular}{lrr}" in text
    assert "small" not in text.replace("\\smallskip", "")[: text.index("tabular")]


def test_a_wide_table_is_set_smaller_and_then_its_words_break():
    assert "\\small\\setlength{\\tabcolsep}" in written(5, 4)
    assert "\\begin{tabular}{@{}lrrrr@{}}" in written(5, 4)
    text = written(5, 7)
    assert re.search(
        r"\\footnotesize\\setlength.*\n\\begin\{tabular\}\{@\{\}>\{\\raggedright.*\}p\{\d+pt\}r{7}@\{\}\}", text
    )
    assert "long\\_\\allowbreak{}name" in text
    assert "\\allowbreak" not in written(5, 2)
    assert "landscape" not in text


def test_headings_break_where_their_column_is_narrow():
    assert r"\begin{tabular}[b]{@{}r@{}}number \\ 1\end{tabular}" in written(5, 7)
    assert " & number 0 & " in written(5, 2)


def test_what_stands_in_parentheses_stays_together():
    heads = lay_out([Column("p (Holm and others)", ["0.1"], words=False)] * 9, [], (), "", ()).heads
    assert heads[0] == ["p", "(Holm and others)"]


def test_a_table_that_is_wide_even_so_is_turned():
    text = written(5, 12)
    assert text.startswith("\\begin{landscape}\n")
    assert text.endswith("\\end{landscape}\n")
    assert written(5, 60).startswith("\\begin{landscape}\n")  # as wide as it must be


def test_a_tall_table_goes_over_pages_with_its_head_on_each():
    text = written(60, 2)
    assert "\\begin{table}" not in text
    assert text.count("\\begin{longtable}{lrr}") == text.count("\\end{longtable}") == 1
    assert text.count("\\caption{Numbers.}\\label{tab:results} \\\\") == 1
    first, others = text.split("\\endfirsthead")
    others, foot = others.split("\\endhead")
    assert "model & number 0" in first
    assert "model & number 0" in others
    assert "\\caption[]{(continued)}" in others
    assert "continued on the next page" in foot.split("\\endfoot")[0]
    assert text.index("\\end{longtable}") < text.index("A note.")
    assert "\\addtocounter" not in text


def test_rows_of_several_lines_count_as_such():
    assert "longtable" not in written(30, 3)
    assert "longtable" in written(30, 3, name="many words " * 30 + "{}")


def test_a_tall_table_without_caption_is_not_counted():
    text = pd.DataFrame({"n": ["1"] * 60})
    said = LaTeX().render(Table("none", "", text, text))
    assert "\\addtocounter{table}{-1}" in said
    assert "\\caption" not in said


def test_no_page_ends_behind_the_heading_of_a_group():
    headings = [line for line in LaTeX().render(differences(45)).splitlines() if "\\textit" in line]
    assert len(headings) == 5
    assert all(line.endswith("\\\\*") for line in headings)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
@pytest.mark.parametrize("siunitx", [True, False])
def test_tables_of_every_size_fit_the_page(siunitx, result_tables, tmp_path):
    short, long_note = "m{}", ["Rows: " + ", ".join(NAME.format(i) for i in range(9))]
    tables = [table(3, k, name) for k in (2, 5, 7, 9, 12) for name in (NAME, short)]
    tables += [differences(n, name, long_note) for n in (3, 45) for name in (NAME, short, f"one, or {NAME}")]
    tables += [table(60, 2), table(30, 3, name="many words " * 30 + "{}"), *result_tables]
    text = "\n\\clearpage\n".join(LaTeX(siunitx=siunitx).render(each) for each in tables)
    said = pdflatex(DOCUMENT % text, tmp_path)
    assert "Overfull" not in said
    assert "Float too large" not in said


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
@pytest.mark.parametrize(("size", "em"), [("normalsize", 10.0), ("small", 9.25), ("footnotesize", 8.5)])
def test_no_text_is_wider_than_it_is_taken_for(size, em, tmp_path):
    texts = [
        "inconclusive",
        "0123456789",
        "MAXIMUM WWW",
        "fi fl ijl ...",
        "Qwen2.5-32B chat (Q)",
        "zgovqpdby",
        "aceksux",
    ]
    lines = [rf"\settowidth{{\dimen0}}{{\{size} {text}}}\message{{WIDTH=\the\dimen0;}}" for text in texts]
    said = pdflatex(DOCUMENT % "\n".join([*lines, "."]), tmp_path).replace("\n", "")
    widths = [float(width) for width in re.findall(r"WIDTH=([\d.]+)pt", said)]
    taken = [em * text_width(text.replace("$", "")) for text in texts]
    assert len(widths) == len(texts)
    assert all(width <= guess <= 1.35 * width for width, guess in zip(widths, taken, strict=True))


def pdflatex(document, directory):
    """Compile a document twice, since columns of a long table are measured first, and return what was said last."""
    (directory / "tables.tex").write_text(document, encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "tables.tex"]
    for _ in range(2):
        done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False, errors="replace")
        if re.search(r"`(siunitx|booktabs|pdflscape)\.sty' not found", done.stdout):
            pytest.skip("booktabs, siunitx or pdflscape is not installed")
        assert done.returncode == 0, done.stdout[-2000:]
    assert "Missing character" not in done.stdout
    return done.stdout
