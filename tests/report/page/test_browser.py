"""The pages as a reader meets them: in a browser, with keyboard, on a phone and on paper."""

import re

import pandas as pd
import pytest

from attnstats.report import (
    Estimate,
    PageFigure,
    PageSection,
    plot_forest,
    render_comparison_page,
    results_table,
    write_report,
)

pytestmark = pytest.mark.slow

SCREEN, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
#: Widths of A4 between its margins in CSS pixels, upright and across.
UPRIGHT, ACROSS = 703, 1031


@pytest.fixture(scope="module")
def study(report):
    return report / "report.html"


@pytest.fixture(scope="module")
def wide_study(make_frame, tmp_path_factory):
    """A study of two data sets, so that figures are averaged and tables long."""
    return write_report(make_frame(n_seeds=3, datasets=("rotten_tomatoes", "imdb")), tmp_path_factory.mktemp("wide"))


@pytest.fixture(scope="module")
def comparison(tmp_path_factory):
    models = [f"model {letter}" for letter in "FBDACEGH"]
    frame = pd.DataFrame(
        {"group": ["x"] * 5 + ["y"] * 3, "model": models, "gain": [0.3, -0.2, 0.1, 10.0, 0.05, 2, 1, 3]}
    )
    frame = frame.assign(low=frame["gain"] - 0.1, high=frame["gain"] + 0.1)
    table = results_table(frame, ["model", Estimate("gain", "low", "high", "Gain")], caption="Gains.", groups="group")
    drawn = frame.rename(columns={"model": "label", "gain": "value", "low": "ci_low", "high": "ci_high"})
    figure = PageFigure(plot_forest(drawn), "Gains.", "All gains.")
    folded = [PageSection("Why", ["because"])]
    page = render_comparison_page("Models", ["A is best."], [PageSection("Gains", ["p"], [table], [figure], folded)])
    path = tmp_path_factory.mktemp("comparison") / "comparison.html"
    path.write_text(page, encoding="utf-8")
    return path


@pytest.fixture(params=["study", "wide_study", "comparison"])
def path(request):
    return request.getfixturevalue(request.param)


def column(table, number):
    return [row.locator("td").nth(number).inner_text() for row in table.locator("tbody tr:visible:has(td)").all()]


def overflow(page):
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def test_a_study_is_read_in_six_screens_and_900_words(open_page, study, wide_study):
    for path in (study, wide_study):
        page = open_page(path)
        assert page.evaluate("document.documentElement.scrollHeight") < 6 * 900
        assert len(page.inner_text("body").split()) < 900
        assert all(box["height"] <= 720 for box in (each.bounding_box() for each in page.locator("img.whole").all()))
        assert path.stat().st_size < 2_000_000


def test_a_table_sorts_by_click_and_by_keyboard_and_what_is_absent_stays_last(open_page, study):
    page = open_page(study)
    page.locator("#specifications > summary").click()
    table = page.locator("#specifications table")
    heading = table.locator("th", has_text="Effect")
    place = heading.evaluate("each => each.cellIndex")
    before = column(table, place)
    heading.get_by_role("button").click()
    assert heading.get_attribute("aria-sort") == "ascending"
    effects = [float(text.split()[0].replace("−", "-")) for text in column(table, place)]
    assert effects == sorted(effects)
    assert sorted(column(table, place)) == sorted(before)
    heading.get_by_role("button").focus()
    page.keyboard.press("Enter")
    assert heading.get_attribute("aria-sort") == "descending"
    effects = [float(text.split()[0].replace("−", "-")) for text in column(table, place)]
    assert effects == sorted(effects, reverse=True)
    estimator = table.locator("th", has_text="Estimator")
    for direction in ("ascending", "descending"):
        estimator.get_by_role("button").click()
        assert (estimator.get_attribute("aria-sort"), heading.get_attribute("aria-sort")) == (direction, "none")
        shown = column(table, estimator.evaluate("each => each.cellIndex"))
        known = [text for text in shown if text != "–"]
        assert len(known) < len(shown)
        assert shown[: len(known)] == sorted(known, reverse=direction == "descending")


def test_rows_stay_in_their_groups_when_a_table_sorts(open_page, comparison):
    page = open_page(comparison)
    table = page.locator("table")
    table.get_by_role("button", name="Gain").click()
    assert [float(text.replace("−", "-")) for text in column(table, 1)] == [-0.2, 0.05, 0.1, 0.3, 10.0, 1.0, 2.0, 3.0]
    heads = table.locator("th[scope=rowgroup]").all()
    assert [each.inner_text() for each in heads] == ["x", "y"]
    assert [each.evaluate("each => each.parentElement.sectionRowIndex") for each in heads] == [0, 0]


def test_a_field_leaves_the_rows_that_hold_every_word(open_page, study):
    page = open_page(study)
    page.locator("#ablations > summary").click()
    block = page.locator("#ablations")
    rows = block.locator("tbody tr")
    every = rows.count()
    block.get_by_role("searchbox").fill("BILSTM permuted")
    left = [row.inner_text() for row in rows.all() if row.is_visible()]
    assert 0 < len(left) < every
    assert all("BiLSTM" in text and "permuted" in text for text in left)
    assert block.locator("output").inner_text() == f"{len(left)} of {every} rows"
    block.get_by_role("searchbox").fill("")
    assert block.locator("tbody tr:visible").count() == every


def test_what_is_folded_unfolds_by_keyboard_by_button_and_by_its_address(open_page, study):
    page = open_page(study)
    figure = page.locator("#figure-skew img")
    assert not figure.is_visible()
    page.locator("#figure-skew > summary").focus()
    page.keyboard.press("Enter")
    assert figure.is_visible()
    page.wait_for_function("document.querySelector('#figure-skew img').naturalWidth > 100")
    button = page.locator("#unfold")
    assert button.inner_text() == "Unfold all"
    button.click()
    page.wait_for_function("document.querySelector('#unfold').textContent === 'Fold all'")
    assert page.locator("details:not([open])").count() == 0
    page.wait_for_function("[...document.images].every(image => image.complete && image.naturalWidth > 100)")
    button.click()
    assert page.locator("details[open]").count() == 0
    page.evaluate("location.hash = '#figure-agreement'")
    page.wait_for_function("document.querySelector('#figure-agreement').open")


def test_the_shade_of_the_tokens_switches_by_keyboard(open_page, study):
    page = open_page(study)
    token = page.locator(".token").first

    def ground():
        return token.evaluate("each => getComputedStyle(each).backgroundColor")

    def declared(name):
        value = token.evaluate(f"each => each.style.getPropertyValue('{name}')")
        return f"rgb({', '.join(str(int(value[i : i + 2], 16)) for i in (1, 3, 5))})"

    assert ground() == declared("--a") != declared("--c")
    assert token.locator(".attention").is_visible()
    page.get_by_role("radio", name="attention").focus()
    page.keyboard.press("ArrowRight")
    assert page.get_by_role("radio", name="information").is_checked()
    assert ground() == declared("--c")
    assert token.locator(".information").is_visible()
    assert not token.locator(".attention").is_visible()
    page.keyboard.press("ArrowRight")
    assert page.get_by_role("radio", name="leave one out").is_checked()
    assert ground() == declared("--r0")
    assert token.locator(".r0").is_visible()
    assert not token.locator(".information").is_visible()


def _luminance(colour):
    channels = [int(each) / 255 for each in re.findall(r"\d+", colour)[:3]]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_theme_is_that_of_the_system_until_it_is_switched_and_reads_in_both(open_page, path, scheme):
    page = open_page(path, color_scheme=scheme)
    button = page.get_by_role("button", name="Dark", exact=True)

    def dark():
        return _luminance(page.evaluate("getComputedStyle(document.documentElement).backgroundColor")) < 0.1

    def contrasts():  # WCAG 2.1: at least 4.5
        script = (
            "[...document.querySelectorAll('p, a, summary, .badge, h1, caption')].map(e => getComputedStyle(e).color)"
        )
        ground = _luminance(page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))
        for colour in set(page.evaluate(script)):
            low, high = sorted([ground, _luminance(colour)])
            yield (high + 0.05) / (low + 0.05)

    for _ in range(2):
        assert dark() is (scheme == "dark")
        assert button.get_attribute("aria-pressed") == str(dark()).lower()
        assert min(contrasts()) >= 4.5
        button.click()
        assert dark() is (scheme != "dark")
        assert min(contrasts()) >= 4.5
        page.reload()  # the choice is kept
        assert dark() is (scheme != "dark")
        button.click()


def test_nothing_scrolls_sideways_on_a_phone_or_a_screen_though_all_is_unfolded(open_page, path):
    for viewport in (PHONE, SCREEN):
        page = open_page(path, viewport=viewport)
        assert overflow(page) == 0
        if page.locator("details").count():
            page.locator("#unfold").click()
        assert overflow(page) == 0
        for table in page.locator(".wide").all():
            assert table.bounding_box()["width"] <= viewport["width"]


def test_a_study_prints_on_few_pages_without_what_is_folded(open_page, study, wide_study):
    for path in (study, wide_study):
        page = open_page(path)
        assert 2 <= len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4", prefer_css_page_size=False))) < 12
        page.emulate_media(media="print")
        assert not page.locator("#cells").is_visible()
        assert not page.get_by_role("button").first.is_visible()
        assert page.get_by_text("On paper stand the answer").is_visible()
        assert page.get_by_text("Agreement is not faithfulness.", exact=True).is_visible()


def test_a_comparison_prints_with_its_details(open_page, comparison):
    page = open_page(comparison)
    page.emulate_media(media="print")
    assert page.get_by_text("because").is_visible()


def test_no_table_is_wider_than_the_paper(open_page, path):
    page = open_page(path)
    page.locator("#unfold").click()
    page.set_viewport_size({"width": UPRIGHT, "height": 900})
    page.emulate_media(media="print")
    tables = page.locator("table").all()
    assert tables
    for table in tables:
        across = table.evaluate("each => getComputedStyle(each.closest('.wide')).page") == "across"
        assert table.bounding_box()["width"] <= (ACROSS if across else UPRIGHT) + 0.5


def test_every_control_has_a_name_and_every_landmark_is_there(open_page, path):
    page = open_page(path)
    page.locator("#unfold").click()
    tree = page.locator("body").aria_snapshot()
    assert not re.findall(r"- (?:button|link|radio|searchbox|img|region|table)(?:$|:|\s*\[)", tree, flags=re.MULTILINE)
    for role in ("banner", "main"):
        assert page.get_by_role(role).count() == 1
    names = [each.get_attribute("aria-label") for each in page.get_by_role("region").all()]
    assert all(name is None or name.strip() for name in names)


def test_the_keyboard_starts_at_a_link_to_the_content_and_shows_where_it_is(open_page, path):
    page = open_page(path)
    page.keyboard.press("Tab")
    link = page.locator(":focus")
    assert link.inner_text() == "To the content"
    assert link.bounding_box()["x"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    page.keyboard.press("Tab")
    style = page.locator(":focus").evaluate("each => getComputedStyle(each).outlineStyle")
    assert style != "none"


def test_without_a_script_the_answer_the_figures_of_the_findings_and_all_tables_are_there(open_page, study):
    page = open_page(study, java_script_enabled=False)
    assert not page.locator("#controls").is_visible()
    assert page.locator(".finding").count() == page.locator("img.whole").count() == 5
    assert page.locator("#cells tbody tr").count() > 5
