"""The Python of the README and of the pages in docs runs, and prints what it says it prints."""

import contextlib
import io
import re
from pathlib import Path

import pytest

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)


def test_there_is_one_block_for_each_of_three_users():
    assert len(BLOCKS) == 3
    assert all(len([line for line in block.splitlines() if line.strip() and line[0] != "#"]) <= 10 for block in BLOCKS)


@pytest.mark.parametrize("block", BLOCKS[1:], ids=["researcher", "statistician"])
def test_a_block_prints_what_it_says(block):
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(block, "README.md", "exec"), {})
    promised = re.findall(r"^# (.+)$", block, flags=re.MULTILINE)
    assert printed.getvalue()
    assert promised == printed.getvalue().splitlines() or not promised


@pytest.mark.parametrize("name", ["information.md", "inference.md"])
def test_a_page_runs(name):
    page = (Path(__file__).parents[1] / "docs" / name).read_text(encoding="utf-8")
    names = {}
    for block in re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL):
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(block, name, "exec"), names)


def test_the_replicator_s_block_compiles_and_names_a_preset():
    compile(BLOCKS[0], "README.md", "exec")
    assert "analysis/studies/quick.toml" in BLOCKS[0]
