"""The Python of the README and of the pages in docs runs and prints what it says; their links lead somewhere."""

import contextlib
import io
import re
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "analysis/README.md", "findings/README.md")]
PAGES += sorted((ROOT / "docs").glob("*.md"))
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)


def test_there_is_one_block_for_each_of_four_users():
    assert len(BLOCKS) == 4
    assert all(len([line for line in block.splitlines() if line.strip() and line[0] != "#"]) <= 10 for block in BLOCKS)


@pytest.mark.parametrize("block", BLOCKS[2:], ids=["researcher", "statistician"])
def test_a_block_prints_what_it_says(block):
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(block, "README.md", "exec"), {})
    promised = re.findall(r"^# (.+)$", block, flags=re.MULTILINE)
    assert printed.getvalue()
    assert promised == printed.getvalue().splitlines() or not promised


@pytest.mark.parametrize(
    "name", ["information.md", "inference.md", "compare.md", "plausibility.md", "your-data-frame.md"]
)
def test_a_page_runs(name):
    page = (ROOT / "docs" / name).read_text(encoding="utf-8")
    names = {}
    for block in re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL):
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(block, name, "exec"), names)
        for printed, promised in re.findall(
            r"^print\((.*)\)  # ((?:[\d.]+|\([\d, ]+\)))(?: nats|:|$)", block, flags=re.MULTILINE
        ):
            value = eval(printed, names)
            assert promised == (f"{value:.2f}" if isinstance(value, float) else str(value))


def test_the_page_of_data_frames_prints_what_it_says():
    page = (ROOT / "docs" / "your-data-frame.md").read_text(encoding="utf-8")
    into, names = io.StringIO(), {}
    with contextlib.redirect_stdout(into):
        for block in re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)[:2]:
            exec(compile(block, "your-data-frame.md", "exec"), names)
    (promised,) = re.findall(r"```\n( +feature .*?)```", page, flags=re.DOTALL)
    assert into.getvalue() == promised


def test_the_page_of_heads_prints_what_it_says(tmp_path, monkeypatch):
    for package in ("torch", "transformers"):
        pytest.importorskip(package)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    page = (ROOT / "docs" / "heads.md").read_text(encoding="utf-8")
    into = io.StringIO()
    (block,) = re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)
    with contextlib.redirect_stdout(into):
        exec(compile(block, "heads.md", "exec"), {})
    printed = into.getvalue()
    assert "\ngroup 1: layer 0, head 0, ClassToken(); layer 0, head 1, ClassToken()\nThis holds for other" in printed
    assert "other trainings.\n[ 0.89  0.85 -" in printed
    assert "\nmay be best: 2 of 8: layer 0, head 3, ClassToken(); layer 1, head 2, ClassToken() (95 % " in printed


@pytest.mark.slow
def test_the_page_of_other_models_runs(tmp_path, monkeypatch):
    for package in ("torch", "keras", "transformers"):
        pytest.importorskip(package)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    page = (ROOT / "docs" / "bring-your-own-model.md").read_text(encoding="utf-8")
    printed, names = io.StringIO(), {}
    for block in re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL):
        with contextlib.redirect_stdout(printed):
            exec(compile(block, "bring-your-own-model.md", "exec"), names)
    lines = printed.getvalue().splitlines()
    assert lines[0].startswith("16 readings, sign-flip max-T (9999 resamples): ")
    assert lines.pop(1) == "n = 300 texts of one training"
    assert lines[3] == "0 groups of readings that order words alike (tau-b at least 0.8)"
    assert lines[4] == "This holds for other texts; nothing is said of other trainings."
    assert sum(line.startswith("|     0 | ") or line.startswith("|     1 | ") for line in lines) == 16  # table of heads
    rolled = next(place for place, line in enumerate(lines) if line.endswith("reading='rollout')"))
    assert float(lines[rolled + 1].split()[0]) > 0
    del lines[4 : rolled + 2]
    verdicts = lines.index("10 models of 5 seeds: dataset mine; encoder bilstm; attention additive, "
                           "scaled_dot_product; normalizer softmax")  # fmt: skip
    found = [line for line in lines[verdicts:] if line.startswith("(")]
    assert found[:3] == [f"({name}) supported" for name in ("i", "ii", "iii")]
    assert [line.partition(":")[0] for line in found[3:]] == ["(iv) not evaluated", "(v) not evaluated"]
    lines = lines[:verdicts]
    assert lines[4].startswith("predicted_probability under uniform, permuted, zeroed, mean; 32 comparisons, sign-flip")
    assert lines.pop(6).startswith("zeroed, layer ")
    assert lines[9].startswith(
        "IntegratedGradients(steps=8, baseline=PadToken()) of 300 texts, probability of one class, "
    )
    measures = ("comprehensiveness = ", "sufficiency = ", "erased by OtherTexts(), 5 random rationales a text, n = 300")
    assert [line[: len(told)] for line, told in zip(lines[10:13], measures, strict=True)] == list(measures)
    assert lines.pop(14).startswith(
        "IntegratedGradients(steps=8, baseline=ZeroEmbedding()) of 64 texts, probability of one class, "
    )
    assert lines[13:] == [
        "AttentionTrace(64 examples, 12 tokens, 16 dimensions, 2 classes, "
        "head=2, query='ClassToken()', dataset='mine', layer=1, seed=0)",
        "AttentionTrace(64 examples, 12 tokens, 16 dimensions, 2 classes, query='Position(index=0)', seed=0)",
        "AttentionTrace(64 examples, 12 tokens, 16 dimensions, 2 classes, "
        "layer=2, pooling='mean over heads', query='ClassToken()', seed=0)",
        "AttentionTrace(64 examples, 12 tokens, 16 dimensions, 2 classes)",
        "attention: 64 of 64 rows do not sum to one; the sums are all 2; "
        "they look like a sum over 2 heads: pass their mean",
        *[line for line in lines if line.startswith("output: must hold class probabilities")],
    ]
    assert lines[-1].startswith("output: must hold class probabilities")


def test_the_evaluator_s_block_writes_a_page(tmp_path, monkeypatch):
    pytest.importorskip("matplotlib", reason="figures need the extra 'report'")
    block = BLOCKS[0].replace('"results/encoders"', repr(str(tmp_path)))
    printed = io.StringIO()
    monkeypatch.chdir(ROOT)
    with contextlib.redirect_stdout(printed):
        exec(compile(block, "README.md", "exec"), {})
    assert "paired t test over seeds" in printed.getvalue()
    assert (tmp_path / "comparison.html").stat().st_size > 10_000


def test_the_replicator_s_block_compiles_and_names_a_preset():
    compile(BLOCKS[1], "README.md", "exec")
    assert "analysis/studies/quick.toml" in BLOCKS[1]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files(page):
    targets = re.findall(r"\]\(([^)]*)\)", re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL))
    local = [target.split("#")[0] for target in targets if not target.startswith(("http", "#"))]
    assert [target for target in local if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", ["analysis/README.md", "findings/README.md"])
def test_a_list_of_scripts_names_each_script(page):
    text, folder = (ROOT / page).read_text(), (ROOT / page).parent
    scripts = [*folder.rglob("*.py"), *folder.rglob("*.sh")]
    assert scripts
    assert [script.name for script in scripts if f"({script.relative_to(folder)})" not in text] == []
