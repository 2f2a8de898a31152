"""A comparison as files: tables, figures and one page that needs no other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from attnstats._files import write_files
from attnstats._validation import check_object
from attnstats.report import CSV, LaTeX, Markdown, PageFigure, PageSection, Typst, render_comparison_page
from attnstats.report.figures._style import image_bytes
from attnstats.results import plural
from attnstats.scores.comparison._figures import ComparisonFigure, figures
from attnstats.scores.comparison.comparison import Comparison

#: Rows of a table from which on it is folded.
_LONG = 40
#: The section of the page in which each table and figure stands.
_SECTIONS = {
    "Means and ranks": ("conditions", "ranks"),
    "Differences": ("differences", "paired_differences"),
    "Data sets": ("across_datasets", "datasets", "critical_difference", "profiles"),
    "What to have more of": ("variance", "power"),
}


def write_comparison(comparison: Comparison, directory: str | Path) -> list[Path]:
    """Write a comparison as tables, figures and a page, and return the paths.

    Tables are written as CSV, with every digit, Markdown, LaTeX and Typst; figures as SVG, PDF and PNG; and
    ``comparison.html`` holds all of it. Nothing is written before everything is made; each file is written atomically.

    Parameters
    ----------
    comparison : Comparison
        As `compare` returns it.
    directory : str or Path
        Made if it is not there.

    Returns
    -------
    list of Path
        Of the files, the page first.

    Raises
    ------
    MissingExtraError
        If matplotlib or Jinja is not installed (``pip install attnstats[report]``).
    OutputError
        If the directory cannot be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import pandas as pd
    >>> from attnstats.scores import compare, write_comparison
    >>> scores = pd.DataFrame({"model": ["a"] * 4 + ["b"] * 4, "run": [0, 1, 2, 3] * 2,
    ...                        "score": [0.70, 0.73, 0.71, 0.74, 0.72, 0.73, 0.75, 0.74]})
    >>> with TemporaryDirectory() as directory:
    ...     paths = write_comparison(compare(scores, value="score", condition="model", seed="run"), directory)
    >>> [path.name for path in paths[:6]]
    ['comparison.html', 'conditions.csv', 'conditions.md', 'conditions.tex', 'conditions.typ', 'differences.csv']
    """
    check_object(comparison, "comparison", Comparison, "compare(scores, ...)")
    drawn = list(figures(comparison))
    page = _page(comparison, drawn).encode()
    made = [("comparison.html", page), *_table_files(comparison), *_figure_files(drawn)]
    return write_files(made, directory)


def _table_files(comparison: Comparison) -> Iterator[tuple[str, bytes]]:
    for table in comparison.tables():
        for table_format in (CSV(), Markdown(), LaTeX(), Typst()):
            yield f"{table.name}{table_format.suffix}", table_format.render(table).encode()


def _figure_files(drawn: list[ComparisonFigure]) -> Iterator[tuple[str, bytes]]:
    for each in drawn:
        for suffix in (".svg", ".pdf", ".png"):
            yield f"{each.name}{suffix}", image_bytes(each.figure, suffix)


def _page(comparison: Comparison, drawn: list[ComparisonFigure]) -> str:
    """Return the page: what was found and how, then each table with its figure, and the reasons folded."""
    design = comparison.design
    tables = {each.name: each for each in comparison.tables()}
    shown = {each.name: PageFigure(each.figure, each.title, each.description) for each in drawn}
    sections = []
    for heading, names in _SECTIONS.items():
        of_tables = [tables[name] for name in names if name in tables]
        of_figures = [shown[name] for name in names if name in shown]
        long = [each for each in of_tables if len(each) > _LONG]
        folded = [PageSection(f"{each.caption} {len(each)} rows", [], [each]) for each in long]
        of_tables = [each for each in of_tables if len(each) <= _LONG]
        if of_tables or of_figures or folded:
            sections.append(PageSection(heading, _said(comparison, heading), of_tables, of_figures, folded))
    why = PageSection("Design, choices and reasons", comparison.explain().splitlines())
    sections.append(PageSection("How it was done", [], folded=[why]))
    title = f"{plural(design.condition)[:1].upper()}{plural(design.condition)[1:]} compared on {design.value}"
    method, *found = comparison.sentences()
    return render_comparison_page(title, [*found, method], sections)


def _said(comparison: Comparison, heading: str) -> list[str]:
    """Return what stands before the tables of a section."""
    ranks = comparison.ranks_over_datasets
    return [f"{ranks.summary()}."] if heading == "Data sets" and ranks is not None else []
