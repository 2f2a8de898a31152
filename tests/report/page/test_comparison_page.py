import re
import sys
from html.parser import HTMLParser

import pandas as pd
import pytest
from matplotlib.figure import Figure

from attnstats.exceptions import InvalidInputError, MissingExtraError
from attnstats.report import PageFigure, PageSection, plot_forest, render_comparison_page, results_table

MARKUP = "<b onclick='x'>A & B</b> {{ title }} \"q\""
FRAME = pd.DataFrame({"label": [MARKUP, "C"], "value": [0.1, -0.2], "ci_low": [0.0, -0.3], "ci_high": [0.2, -0.1]})


class _Page(HTMLParser):
    """The tags, ids, addresses and text of a page, of which every tag must be closed in order."""

    VOID = frozenset({"meta", "wbr"})

    def __init__(self, source):
        super().__init__()
        self.open, self.tags, self.ids, self.references, self.text = [], [], [], [], ""
        self.feed(source)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)
        self._note(attributes)

    def handle_startendtag(self, tag, attributes):
        self.tags.append(tag)
        self._note(attributes)

    def _note(self, attributes):
        given = dict(attributes)
        assert not [name for name in given if name.startswith("on")]
        self.ids += [given["id"]] if "id" in given else []
        self.references += [given[name] for name in ("href", "xlink:href", "src") if name in given]
        self.references += [f"#{each}" for each in given.get("aria-labelledby", "").split()]
        self.references += re.findall(r"url\(([^)]*)\)", " ".join(value or "" for value in given.values()))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def page_of(*sections, lead=("It is better.",)):
    return render_comparison_page(MARKUP, lead, sections)


def section(heading="Differences", **parts):
    table = results_table(FRAME, ["label", "value"], caption=MARKUP, notes=[MARKUP])
    figures = [PageFigure(plot_forest(FRAME), MARKUP, MARKUP), PageFigure(plot_forest(FRAME), "Again", "the same")]
    return PageSection(heading, [MARKUP, "p = .004"], [table], figures, **parts)


def test_the_page_is_well_formed_and_refers_to_nothing_but_itself():
    page = _Page(page_of(section(folded=[section("Details")]), section(MARKUP)))
    assert len(page.ids) == len(set(page.ids))
    assert len(page.references) > 100
    assert {each[1:] for each in page.references} <= set(page.ids)
    assert all(each.startswith("#") for each in page.references)
    assert not {"link", "img", "iframe", "object", "b"} & set(page.tags)
    assert page.tags.count("script") == 1
    assert (page.tags.count("svg"), page.tags.count("table"), page.tags.count("h2")) == (6, 3, 2)


def test_no_address_of_the_network_is_loaded():
    source = page_of(section())
    assert "@import" not in source
    assert set(re.findall(r"https?://[^\"' ]+", source)) <= {"http://www.w3.org/1999/xlink"}


def test_markup_stands_as_it_was_given_wherever_it_stands():
    source = page_of(section(MARKUP, folded=[PageSection(MARKUP, [MARKUP])]), lead=[MARKUP])
    text = _Page(source).text
    assert "<b " not in source
    # title, h1, lead; heading, paragraph, caption, cell, note, figcaption, and title and text of a figure; folded: two
    assert text.count(MARKUP) == 13


def test_the_verdicts_come_first_and_the_details_are_folded():
    source = page_of(section(folded=[PageSection("Why", ["because"])]), lead=["First.", "Second."])
    order = [source.index(each) for each in ("<h1>", "First.", "Second.", "<h2", "p\xa0=\xa0.004", "<table", "<svg")]
    assert order == sorted(order)
    opened, folded = source.split('<details class="printed">')
    assert "because" not in opened
    assert "because" in folded


def test_a_figure_is_read_out_by_its_title_and_its_description():
    source = page_of(PageSection("x", figures=[PageFigure(plot_forest(FRAME), "The title", "What is seen")]))
    (head,) = re.findall(r"<svg[^>]*>\s*<title[^>]*>.*?</title><desc[^>]*>.*?</desc>", source)
    assert 'role="img"' in head
    names = re.search(r'aria-labelledby="([^"]+)"', head)[1].split()
    assert re.findall(r'<(?:title|desc) id="([^"]+)">', head) == names
    assert "The title" in head
    assert "What is seen" in head
    assert 'viewBox="0 0 ' in head


def test_a_page_is_dark_where_the_reader_wants_it_and_the_same_each_time():
    source = page_of(section())
    assert "prefers-color-scheme: dark" in source
    assert source == page_of(section())
    assert "<nav" not in source
    assert "<nav" in page_of(section(), section("Second"))


def test_what_is_no_part_of_a_page_is_named():
    for wrong in (1.0, None, {"a"}):
        with pytest.raises(InvalidInputError, match=f"lead: must be a list of texts; got {wrong!r}"):
            render_comparison_page("A", wrong, [])
        with pytest.raises(InvalidInputError, match=f"paragraphs: must be a list of texts; got {wrong!r}"):
            PageSection("A", wrong)
    with pytest.raises(InvalidInputError, match="lead: must be a list of texts; got 'It is better"):
        page_of(lead="It is better.")
    with pytest.raises(InvalidInputError, match=r"sections: must be an object such as PageSection\(.*got {'a': 1}"):
        page_of({"a": 1})
    with pytest.raises(InvalidInputError, match="tables: must be a list of objects such as results_table"):
        PageSection("x", tables=results_table(FRAME))
    with pytest.raises(InvalidInputError, match="paragraphs: must be"):
        PageSection("x", [1])
    with pytest.raises(InvalidInputError, match=r"figure: must be an object such as plot_forest\(frame\)"):
        PageFigure(Figure().subplots(), "a", "b")


def test_a_missing_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(MissingExtraError, match=r"jinja2 is not installed.*attnstats\[report\]"):
        page_of()
