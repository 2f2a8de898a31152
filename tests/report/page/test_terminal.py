import io
import re

import pytest
from rich.console import Console

from attnstats.frame import Row, encode_parameters, to_frame
from attnstats.report import print_verdicts, tell_findings


def _printed(frame, width=100):
    console = Console(file=io.StringIO(), width=width)
    print_verdicts(frame, console)
    return console.file.getvalue()


def test_the_answer_stands_first_and_then_each_finding_with_verdict_and_sentence(frame):
    text = _printed(frame)
    assert max(map(len, text.splitlines())) <= 100
    assert text.startswith("This study does not decide it: whether additive attention agrees")
    heads = re.findall(r"^\((i|ii|iii|iv|v)\) ", text, flags=re.MULTILINE)
    assert heads == ["i", "ii", "iii", "iv", "v"]
    whole = " ".join(text.split())
    for finding in tell_findings(frame):
        head = f"({finding.name}) {finding.title}: {finding.verdict} {finding.sentence} {finding.reservation}"
        assert head in whole
        assert not any(line in whole for each in finding.details for line in each.lines)


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
