"""A page of anyone's comparison: one HTML file that needs nothing else, the verdicts first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from attnstats._validation import check_object, check_text
from attnstats.exceptions import InvalidInputError, require
from attnstats.report.figures._style import image_bytes
from attnstats.report.notation.formats import Table
from attnstats.report.notation.html import HTML
from attnstats.report.page._templates import fill_template

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True, eq=False)
class PageFigure:
    """A figure of a page, with what is read to those who do not see it.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        As `plot_forest` and the others return it.
    title : str
        What it shows; it stands below.
    description : str
        What is to be seen in it.

    Examples
    --------
    >>> import pandas as pd
    >>> from attnstats.report import PageFigure, plot_ranks
    >>> ranks = pd.DataFrame({"label": ["A", "B"], "value": [1, 2], "ci_low": [1, 1], "ci_high": [2, 2]})
    >>> PageFigure(plot_ranks(ranks), "Ranks.", "A may be first or second, and so may B.").title
    'Ranks.'
    """

    figure: Figure
    title: str
    description: str

    def __post_init__(self) -> None:
        require("matplotlib", "report")
        from matplotlib.figure import Figure

        check_object(self.figure, "figure", Figure, "plot_forest(frame)")
        check_text(self.title, "title")
        check_text(self.description, "description")


@dataclass(frozen=True, slots=True, eq=False)
class PageSection:
    """A section of a page: paragraphs, then tables, figures and what is folded.

    Parameters
    ----------
    heading : str
        What stands over it; over a folded one, what is pressed to open it.
    paragraphs : sequence of str
        Plain text.
    tables : sequence of Table
        As `results_table` returns them.
    figures : sequence of PageFigure
    folded : sequence of PageSection
        Details, shown when they are asked for, and in print.

    Examples
    --------
    >>> from attnstats.report import PageSection
    >>> details = PageSection("Why this test", ["Both models were trained with the same five seeds."])
    >>> PageSection("Differences", ["B is better than A."], folded=[details]).folded[0].heading
    'Why this test'
    """

    heading: str
    paragraphs: Sequence[str] = ()
    tables: Sequence[Table] = ()
    figures: Sequence[PageFigure] = ()
    folded: Sequence[PageSection] = ()

    def __post_init__(self) -> None:
        check_text(self.heading, "heading")
        _check_texts(self.paragraphs, "paragraphs")
        _check_all(self.tables, "tables", Table, "results_table(frame)")
        _check_all(self.figures, "figures", PageFigure, "PageFigure(figure, title, description)")
        _check_all(self.folded, "folded", PageSection, 'PageSection("Why this test")')


def render_comparison_page(title: str, lead: Sequence[str], sections: Sequence[PageSection]) -> str:
    """Return a page of HTML that needs nothing else: no network and no other file.

    It is light or dark as the reader's system is or as the reader chooses, and prints with all details unfolded. Its
    tables sort by every column, and those of more than a few rows filter. Whatever it is given is shown as it stands,
    never taken for markup, and no script runs but the page's own.

    Parameters
    ----------
    title : str
        What was compared.
    lead : sequence of str
        The verdicts, a paragraph each; they stand first, and the first of them in large type.
    sections : sequence of PageSection
        What stands behind them.

    Raises
    ------
    InvalidInputError
        If an argument is not of its kind.
    MissingExtraError
        If Jinja, or for a figure matplotlib, is not installed.

    Examples
    --------
    >>> import pandas as pd
    >>> from attnstats.report import PageSection, render_comparison_page, results_table
    >>> table = results_table(pd.DataFrame({"model": ["A", "B"], "accuracy": [0.81, 0.84]}))
    >>> page = render_comparison_page("A and B", ["B is better than A."], [PageSection("Means", tables=[table])])
    >>> page[:15]
    '<!DOCTYPE html>'
    """
    check_text(title, "title")
    _check_texts(lead, "lead")
    _check_all(sections, "sections", PageSection, 'PageSection("Differences")')
    require("jinja2", "report")
    from markupsafe import Markup

    every = [part for section in sections for part in _with_folded(section)]
    drawn = dict.fromkeys(figure for section in every for figure in section.figures)
    return fill_template(
        "comparison_page.html.jinja",
        title=title,
        lead=lead,
        sections=sections,
        tables={table: Markup(HTML().render(table)) for section in every for table in section.tables},
        figures={figure: Markup(_inline_svg(figure, f"figure-{i}")) for i, figure in enumerate(drawn, 1)},
    )


def _with_folded(section: PageSection) -> Iterator[PageSection]:
    yield section
    for inner in section.folded:
        yield from _with_folded(inner)


def _inline_svg(shown: PageFigure, name: str) -> str:
    """Return a figure as an element of a page, its ids apart from those of other figures, with its title and text."""
    source = image_bytes(shown.figure, ".svg").decode()
    source = source[source.index("<svg") :].strip()
    source = re.sub(r"<metadata>.*?</metadata>\s*", "", source, flags=re.DOTALL)
    source = re.sub(r'(?<=\bid=")|(?<=href="#)|(?<=url\(#)', f"{name}-", source)
    head, _, rest = source.partition(">")
    box = re.search(r'viewBox="[^"]*"', head)
    opening = f'<svg xmlns:xlink="http://www.w3.org/1999/xlink" {box[0] if box else ""} role="img"'
    labelled = f'{opening} aria-labelledby="{name}-title {name}-description">'
    said = f'<title id="{name}-title">{escape(shown.title)}</title>'
    said += f'<desc id="{name}-description">{escape(shown.description)}</desc>'
    return f"{labelled}\n{said}{rest}"


def _check_texts(values: Any, name: str) -> None:
    if not isinstance(values, list | tuple):
        raise InvalidInputError(f"{name}: must be a list of texts; got {values!r}")
    for value in values:
        check_text(value, name)


def _check_all(values: Any, name: str, kind: type, example: str) -> None:
    if not isinstance(values, list | tuple):
        raise InvalidInputError(f"{name}: must be a list of objects such as {example}; got {type(values).__name__}")
    for value in values:
        check_object(value, name, kind, example)
