import importlib.util
import shutil
import subprocess

import pytest

from attnstats.report import Typst, render_table


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


@pytest.mark.skipif(
    not (importlib.util.find_spec("typst") or shutil.which("typst")), reason="the compiler typst is not installed"
)
def test_typst_compiles_with_every_sign(rich_table, result_tables, frame, tmp_path):
    from attnstats.report.tables.render import all_tables

    path, tables = tmp_path / "tables.typ", [rich_table, *result_tables, *all_tables(frame)]
    path.write_text("\n".join(render_table(each, Typst()) for each in tables), "utf-8")
    assert compiled(path).startswith(b"%PDF")
