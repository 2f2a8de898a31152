import importlib.util
import shutil
import subprocess

import pandas as pd
import pytest

from attnstats.report import Table, Typst, render_table


def compiled(path):
    """Compile a file with the program or the package of that name; the pages as PDF."""
    if importlib.util.find_spec("typst"):
        import typst

        return typst.compile(str(path))
    subprocess.run(["typst", "compile", str(path), str(path.with_suffix(".pdf"))], check=True, capture_output=True)
    return path.with_suffix(".pdf").read_bytes()


def test_headings_groups_bold_type_and_marks(rich_table):
    text = render_table(rich_table, Typst())
    assert "align: (left, right, right, right, right,)," in text
    assert 'table.cell(colspan: 2, align: center, "Over_A")' in text
    assert "table.hline(y: 1, start: 1, end: 3, stroke: 0.3pt)" in text
    assert 'emph("g_1")' in text
    assert '[#"−0.123"#box(width: 0pt, align(left, "**"))], "[−0.2, ∞]"' in text
    assert '"= 1. item", strong("−0.123")' in text

    assert '[#".004"#box(width: 0pt, align(left, super("†")))]' in text


def test_quotes_and_backslashes_end_no_string(rich_table):
    assert r"\\n \"q\" [z]" in render_table(rich_table, Typst())


def numbered(n_rows, n_numbers, name="a_long_name/of_a model {}"):
    text = pd.DataFrame("-0.123", index=range(n_rows), columns=[f"number {i}" for i in range(n_numbers)])
    text.insert(0, "model", [name.format(i) for i in range(n_rows)])
    text.insert(1, "95 % CI", "[-0.2345, -0.1234]")
    return Table("numbers", "Numbers.", text, text)


def test_a_table_too_wide_is_set_smaller_and_its_names_break():
    wide, narrow = (render_table(numbered(3, n), Typst()) for n in (9, 3))
    assert "#show table: set text(size: 0.8em)" in wide
    assert "columns: (1fr, auto, auto," in wide
    assert "columns: (auto, auto, auto, auto, auto,)," in narrow
    assert "#show" not in narrow
    assert "a_\N{ZERO WIDTH SPACE}long_\N{ZERO WIDTH SPACE}name/\N{ZERO WIDTH SPACE}of_" in wide
    assert "\N{ZERO WIDTH SPACE}" not in render_table(numbered(3, 9, "a_{}"), Typst())


def test_a_long_table_goes_over_pages():
    long, short = (render_table(numbered(n, 3), Typst()) for n in (60, 10))
    rule = "#show figure.where(kind: table): set block(breakable: true)"
    assert long.startswith(f"#[\n{rule}\n#figure(")
    assert long.endswith("<tab:numbers>\n]\n")
    assert rule not in short


@pytest.mark.skipif(
    not (importlib.util.find_spec("typst") or shutil.which("typst")), reason="the compiler typst is not installed"
)
def test_typst_compiles_with_every_sign(rich_table, result_tables, frame, tmp_path):
    from attnstats.report.tables.render import all_tables

    path, tables = tmp_path / "tables.typ", [rich_table, *result_tables, *all_tables(frame), numbered(60, 9)]
    path.write_text("\n".join(render_table(each, Typst()) for each in tables), "utf-8")
    assert compiled(path).startswith(b"%PDF")


@pytest.mark.skipif(importlib.util.find_spec("typst") is None, reason="the package typst is not installed")
def test_a_long_table_takes_the_pages_that_it_needs(tmp_path):
    import typst

    path = tmp_path / "table.typ"
    path.write_text(render_table(numbered(120, 9), Typst()), "utf-8")
    assert len(typst.compile(str(path), format="svg")) >= 3
