import gzip
import re
import sys
from base64 import b64decode, b64encode
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from attnstats._files import write_atomically
from attnstats.exceptions import FrameError, MissingExtraError, OutputError
from attnstats.frame import Row, decode_parameters, encode_parameters, to_frame
from attnstats.report import FIGURES, render_page, tell_findings, write_figures, write_report, write_tables
from attnstats.report.figures._heatmap import LIMIT, heatmaps, mix, other_readings
from attnstats.report.prose.answer import answer_in_parts


class _Outline(HTMLParser):
    """Open tags, ids, addresses and text of a page; tells whether every tag is closed in order."""

    VOID = frozenset({"meta", "img", "wbr", "br", "input"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.addresses: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)
        for name, value in attributes:
            if name == "id":
                self.ids.append(value)
            if name in ("src", "href"):
                self.addresses.append(value)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def _outline(page):
    outline = _Outline()
    outline.feed(page)
    outline.close()
    assert outline.open == []
    return outline


@pytest.fixture(scope="module")
def page(report):
    return (report / "report.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_page_is_well_formed_with_unique_ids_and_needs_no_network(page):
    outline = _outline(page)
    assert len(outline.ids) == len(set(outline.ids))
    for address in outline.addresses:
        assert address.startswith(("#", "data:image/svg+xml;base64,"))
        assert not address.startswith("#") or address[1:] in outline.ids
    assert "url(" not in page
    assert "@import" not in page
    assert not {"link", "iframe", "object"} & set(outline.tags)


def test_no_script_runs_but_the_pages_own_which_is_named_by_its_hash(page):
    (script,) = re.findall(r"<script>(.*?)</script>", page, flags=re.DOTALL)
    named = b64encode(sha256(script.encode()).digest()).decode()
    assert f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{named}'" in page
    assert not re.search(r"<[^>]*\son[a-z]+=", page.replace(script, ""))


@pytest.mark.slow
def test_no_heading_leaves_out_a_level_and_every_image_has_a_text(page):
    levels = [int(level) for level in re.findall(r"<h([1-6])", page)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(below <= above + 1 for above, below in pairwise(levels))
    images = re.findall(r"<img [^>]*>", page)
    assert len(images) > 10
    assert all(re.search(r'alt="[^"]+"', image) for image in images)


def test_a_page_is_small_enough_to_be_sent(page):
    assert len(page.encode()) < 1_000_000


def test_tokens_and_errors_are_escaped(page):
    assert "<b>smart</b>" not in page
    assert "&lt;b&gt;smart&lt;/b&gt;" in page
    assert "&#34;sweet&#34;" in page
    assert "the probe&#39;s &lt;fit&gt; did not converge" in page
    assert "[&lt;data&gt;]" in page


def test_verdicts_stand_first_and_failures_before_them(page):
    order = [
        page.index(f'id="{name}"')
        for name in ("verdicts", "finding-i", "measured", "reviews", "figures", "cells", "data", "caveats", "run")
    ]
    assert order == sorted(order)
    assert page.index("2 models of this study failed") < order[0]
    assert page.count('<article class="finding"') == 5


@pytest.mark.slow
def test_the_answer_and_the_verdicts_stand_open_and_the_rest_is_folded(page, frame):
    """A card says each finding in one sentence without numbers, and draws each claim; the numbers stand folded."""
    _, *cards = re.split(r'<article class="finding"', page[: page.index('id="measured"')])
    answer = answer_in_parts(frame)
    opened = _said(page[: page.index('<article class="finding"')])
    assert answer.gist in opened
    assert answer.evidence in opened
    assert answer.verdicts in opened
    for card, told in zip(cards, tell_findings(frame), strict=True):
        said = _said(card)
        assert f"({told.name}) {told.title}" in said
        assert told.gist in said
        assert told.sentence not in said
        assert card.count("<svg") == card.count("<li>") >= 1
        assert f'class="badge {told.verdict}"' in card
    measured = page[page.index('id="measured"') : page.index('id="reviews"')]
    for section, told in zip(measured.split('<section class="measured"')[1:], tell_findings(frame), strict=True):
        shown, folded = section.split("<details>")
        assert shown.count("data:image/svg+xml") == 1
        assert "<table" not in shown
        assert told.sentence in _said(folded)
        assert "<h4>Claims that decide" in folded
        assert "<table" in folded


def _said(source):
    text = "".join(_outline_of_part(source).text)
    return re.sub(r"\s+", " ", text.replace("\xa0", " ").replace("−", "-"))


def _outline_of_part(source):
    outline = _Outline()
    outline.handle_endtag = lambda _: None
    outline.feed(source)
    return outline


def test_what_is_said_of_every_finding_stands_once(page):
    """The note on each finding of the frame is the same: too few seeds, for example, concern all of them."""
    cards = page[page.index('id="verdicts"') : page.index('id="measured"')]
    assert cards.count("A note on the verdict.") == 1
    assert 'class="reservation"' in cards


def test_no_name_of_a_hypothesis_stands_on_the_page(page, frame):
    """They are names in files; a reader is told the claim."""
    configuration = page.index('<pre tabindex="0">')
    said = _said(re.sub(r"<script>.*?</script>|<style>.*?</style>", "", page[:configuration], flags=re.DOTALL))
    names = {decode_parameters(text).get("hypothesis") for text in frame["parameters"].dropna()} - {None}
    assert "i.additive" in names
    assert not [name for name in names if re.search(rf"(?<![\w.]){re.escape(name)}(?![\w.])", said)]
    assert not re.findall(r"\b[a-z_]+\([a-z_]+=|\b[A-Z][A-Za-z]+\(\)", said)


def test_the_caveats_cite_their_sources(page):
    for source in ("2211.07714", "Neely", "Bai", "Tutek", "Brunner", "Jacovi", "Bastings", "operationalisation"):
        assert source in page


def test_a_whole_study_counts_its_models(page):
    text = re.sub(r"\s+", " ", "".join(_outline(page).text))
    assert "64 models: 8 conditions (data, encoder, attention, normalizer) of up to 8 seeds" in text
    assert "seed 0: ConvergenceError" in text


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ('path = "/home/me/hat/yelp_hat_50.jsonl"', 'path = "…/yelp_hat_50.jsonl"'),
        ("path = '/home/me/movies/'", "path = '…/movies/'"),
        ("path = \"/home/o'neil/x.csv\"\nname = '/x/y'", "path = \"…/x.csv\"\nname = '/x/y'"),
        (r'path = "C:\\Users\\me\\x.csv"', 'path = "…/x.csv"'),
        ('parameters = { path = "a/b", text = "c/d" }', 'parameters = { path = "…/b", text = "c/d" }'),
        ('path = "x.csv"', 'path = "x.csv"'),
    ],
)
def test_the_configuration_on_the_page_holds_no_folder_of_anyone(written, shown):
    frame = to_frame([Row(quantity="configuration", parameters=encode_parameters(toml=written))])
    assert shown in "".join(_outline(render_page(frame)).text)


def test_what_a_frame_lacks_is_left_out_and_said():
    rows = [Row(quantity="gini", value=0.5, seed=seed, encoder="mlp") for seed in range(3)]
    page = render_page(to_frame(rows))
    _outline(page)
    assert page.count("Not drawn:") == len(FIGURES) - 1
    assert "holds no declared hypothesis" in page
    assert "holds no configuration" in page
    assert 'id="reviews"' not in page
    assert "failed" not in page


def test_a_finding_without_contrasts_has_its_verdict_and_says_why_it_has_no_table():
    parameters = encode_parameters(title="T<1", rule="r", sentence="s")
    page = render_page(to_frame([Row(quantity="finding", finding="iv", verdict="inconclusive", parameters=parameters)]))
    _outline(page)
    assert "T&lt;1" in page
    assert "No contrast of this finding" in page


@pytest.mark.slow
def test_one_seed_prints_no_deviation_and_no_nan(make_frame):
    frame = make_frame(n_seeds=1, encoders=("mlp",))
    page = render_page(frame[~frame["quantity"].isin(["concordance", "mi_normalised", "gini"])])
    text = " ".join(_outline(page).text)
    assert "nan" not in re.findall(r"\w+", text.lower())
    assert not re.search(r"\d\s*±", text)


def test_the_page_shows_the_figures_that_lie_beside_it(page, report):
    """One for each finding as it is, those of every condition compressed; the claims are drawn by the page itself."""
    shown = [b64decode(each) for each in re.findall(r'src="data:image/svg\+xml;base64,([^"]+)"', page)]
    packed = [gzip.decompress(b64decode(each)) for each in re.findall(r'data-packed="([^"]+)"', page)]
    files = {path.stem: path.read_bytes() for path in (report / "figures").glob("*.svg")}
    assert shown == [files[f"summary_{name}"] for name in ("i", "ii", "iii", "iv", "v")]
    assert packed == [files[each.name] for each in FIGURES]


@pytest.mark.slow
def test_the_same_frame_gives_the_same_files(frame, tmp_path):
    few = frame[~frame["quantity"].isin(["concordance", "mi_normalised", "contrast", "tau_b"])]
    for name in ("a", "b"):
        assert write_report(few, tmp_path / name) == tmp_path / name / "report.html"
    files = sorted(path.relative_to(tmp_path / "a") for path in (tmp_path / "a").rglob("*") if path.is_file())
    assert {path.parts[0] for path in files} == {"tables", "figures", "report.html"}
    for path in files:
        assert (tmp_path / "a" / path).read_bytes() == (tmp_path / "b" / path).read_bytes(), path


def test_a_frame_that_cannot_be_printed_leaves_nothing_behind(tmp_path):
    row = Row(quantity="contrast", finding="i", value=0.1, pvalue=0.0, pvalue_floor=0.01)
    with pytest.raises(FrameError):
        write_report(to_frame([row]), tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("package", ["matplotlib", "jinja2"])
def test_a_missing_extra_is_named_and_nothing_is_written(package, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    rows = [Row(quantity="gini", value=0.5, seed=0)]
    with pytest.raises(MissingExtraError, match=rf"{package} is not installed.*attnstats\[report\]"):
        write_report(to_frame(rows), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_failed_write_leaves_the_old_file_and_no_partial(tmp_path, monkeypatch):
    path = write_atomically(tmp_path / "x.txt", b"old")

    def refuse(*_):
        raise OSError("disk full")

    monkeypatch.setattr("os.replace", refuse)
    with pytest.raises(OSError, match="disk full"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("write", [write_report, write_tables, write_figures])
def test_a_folder_that_takes_no_files_is_named_with_the_reason(tmp_path, monkeypatch, write):
    frame = to_frame([Row(quantity="accuracy", value=0.5, seed=0), Row(quantity="gini", value=0.5, seed=0)])
    file = tmp_path / "file"
    file.write_text("")
    for folder, reason in ((file, "File exists"), (file / "in", "Not a directory"), (tmp_path / "a\0b", "null byte")):
        with pytest.raises(OutputError, match=f"^directory: must be a folder that can be written; got .*{reason}"):
            write(frame, folder)

    def refuse(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", refuse)
    with pytest.raises(OutputError, match=r"got .*out \(No space left on device; what is there is not complete\)$"):
        write(frame, tmp_path / "out")


def _tokens(n_reviews, dataset="d"):
    return [
        Row(
            quantity=quantity, dataset=dataset, encoder="mlp", seed=0, example=example, value=value,
            parameters=encode_parameters(position=position, token=word, predicted="p", label="n"),
        )
        for example in range(n_reviews)
        for position, word, weight, mi in ((1, "b", 0.75, -0.5), (0, "a", 0.25, 0.25))
        for quantity, value in (("token_attention", weight), ("token_pointwise_mi", mi))
    ]  # fmt: skip


def test_heatmap_tokens_stand_in_order_shaded_by_their_own_scales():
    rows = [*_tokens(1), Row(quantity="tau_b", dataset="d", encoder="mlp", seed=0, example=0, value=-1.0)]
    (review,), n, scale = heatmaps(to_frame(rows))
    assert [token.word for token in review.tokens] == ["a", "b"]
    assert [token.attention.text for token in review.tokens] == ["0.25", "0.75"]
    assert [token.pointwise_mi.text for token in review.tokens] == ["0.25", "-0.50"]
    assert review.tokens[1].attention.ground == mix("#009E73", 1.0).ground
    assert review.tokens[1].pointwise_mi.ground == mix("#D55E00", 1.0).ground
    assert review.tokens[0].pointwise_mi.ground == mix("#0072B2", 0.5).ground
    assert (n, scale, review.tau_b, review.model) == (1, 0.5, "-1.00", "MLP, seed 0")


def test_attributions_and_people_are_readings_of_their_own():
    rows = _tokens(1)
    for position, (score, share) in enumerate(((-2.0, 0.5), (4.0, 1.0))):
        keys = {name: getattr(rows[0], name) for name in ("dataset", "encoder", "ablation", "seed", "example")}
        token = {"position": position, "token": "ab"[position], "predicted": "1", "label": "0"}
        of = encode_parameters(**token, attribution="leave_one_out")
        rows.append(Row(**keys, quantity="token_attribution", value=score, parameters=of))
        rows.append(Row(**keys, quantity="token_marked", value=share, parameters=encode_parameters(**token)))
    frame = to_frame(rows)
    assert other_readings(frame) == ("leave_one_out", "people")
    ((review,), _, _) = heatmaps(frame)
    assert [[shade.text for shade in token.others] for token in review.tokens] == [["-2.00", "0.50"], ["4.00", "1.00"]]
    assert review.tokens[0].others[0].ground == mix("#D55E00", 0.5).ground
    assert review.tokens[1].others[1].ground == mix("#0072B2", 1.0).ground
    page = render_page(frame)
    assert 'value="r0"> leave one out</label>' in page
    assert 'value="r1"> what people marked</label>' in page


def test_the_models_that_read_one_review_stand_together():
    rows = [*_tokens(2), *(replace(row, encoder="cnn") for row in _tokens(2))]
    shown, _, _ = heatmaps(to_frame(rows))
    assert [(review.example, review.model.split(",")[0]) for review in shown] == [
        ("0", "MLP"),
        ("0", "CNN"),
        ("1", "MLP"),
        ("1", "CNN"),
    ]
    assert {review.tau_b for review in shown} == {""}


def test_many_reviews_are_sampled_from_every_dataset():
    shown, n, _ = heatmaps(to_frame(_tokens(20, "first") + _tokens(20, "second")))
    assert n == 40
    assert len(shown) == LIMIT
    assert {review.dataset for review in shown} == {"first", "second"}


@pytest.mark.parametrize("colour", ["#009E73", "#0072B2", "#D55E00"])
def test_ink_reads_on_every_ground(colour):
    def luminance(text):  # WCAG 2.1, relative luminance
        channels = [int(text[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for strength in range(11):
        shade = mix(colour, strength / 10)
        low, high = sorted([luminance(shade.ground), luminance(shade.ink)])
        assert (high + 0.05) / (low + 0.05) >= 4.0


def test_the_page_of_all_heads_of_a_transformer(tmp_path):
    """It holds the map and the table, and nothing that is about trainings or hypotheses."""
    about = [{"layer": layer, "head": head, "parameters": encode_parameters(query="ClassToken()")}
             for layer in range(2) for head in range(3)]  # fmt: skip
    rows = [Row(quantity="tau_b", family="heads", value=0.1, pvalue_adjusted=0.01, n=9, **each) for each in about]
    frame = to_frame([*rows, *(Row(quantity="gini", value=0.4, n=9, **each) for each in about)])
    page = write_report(frame, tmp_path).read_text()
    assert "6 layers and heads." in page
    assert not any(words in page for words in ("The answer", "Not drawn", "2211.07714", "Seeds are not", "6 models"))
    assert sorted(path.name for path in (tmp_path / "figures").iterdir()) == ["heads.png", "heads.svg"]
    assert {path.stem for path in (tmp_path / "tables").iterdir()} == {"heads"}
