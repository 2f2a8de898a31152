import io
import re

import pytest
from rich.console import Console

from attnstats.frame import Row, encode_parameters, to_frame
from attnstats.report import print_verdicts


def _printed(frame, width=100):
    console = Console(file=io.StringIO(), width=width)
    print_verdicts(frame, console)
    return console.file.getvalue()


def test_every_number_is_whole_at_a_hundred_columns(frame):
    text = _printed(frame)
    assert max(map(len, text.splitlines())) <= 100
    assert "…" not in text
    for part in (
        "0.130 [0.100, 0.160]",
        "0.0040 [-0.0050, 0.0130]",
        ".008",
        ".0039",
        "contradicted",
        "95 % CI",
        "p Holm",
    ):
        assert part in text
    heads = re.findall(r"^\((i|ii|iii|iv|v)\) ", text, flags=re.MULTILINE)
    assert heads == ["i", "ii", "iii", "iv", "v"]


def test_the_columns_of_all_findings_align(frame):
    heads = {line for line in _printed(frame).splitlines() if line.startswith("Hypothesis")}
    assert len(heads) == 1


@pytest.mark.parametrize(("failures", "said"), [(0, False), (3, True)])
def test_failures_are_said(make_frame, failures, said):
    assert ("3 model(s) failed; the first: ConvergenceError" in _printed(make_frame(failures=failures))) is said


def test_brackets_are_text_and_no_markup():
    parameters = encode_parameters(title="[bold]x[/bold]", rule="", note="[red]s")
    text = _printed(to_frame([Row(quantity="finding", finding="i", verdict="supported", parameters=parameters)]))
    assert "[bold]x[/bold]: supported" in text
    assert "[red]s" in text


def test_a_frame_without_hypotheses_says_so():
    assert "no declared hypothesis" in _printed(to_frame([Row(quantity="accuracy", value=0.7, seed=0)]))
