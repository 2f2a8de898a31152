import io
import re

import pytest
from rich.console import Console

from attnstats.frame import Row, encode_parameters, to_frame
from attnstats.report import print_verdicts, tell_answer, tell_findings, verdict_table
from attnstats.report.page.terminal import print_claims


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


def _claims(frame, width=80, **options):
    console = Console(file=io.StringIO(), width=width)
    print_claims(frame, console, **options)
    return console.file.getvalue()


def test_a_line_for_each_primary_claim_in_80_columns(frame):
    text = _claims(frame)
    assert max(map(len, text.splitlines())) <= 80
    assert text.startswith(" ".join(tell_answer(frame).split()[:8]))
    claims = verdict_table(frame)
    primary = claims.data["primary"] != False  # noqa: E712 (a claim that does not say so decides)
    _, table, _ = re.split(r"(?m)^(?:Claim .*|.* secondary claims stand .*)$", text)
    lines = table.strip().splitlines()
    assert len(lines) == primary.sum()
    for line, row, shown in zip(lines, claims.data[primary].itertuples(), claims.text[primary].values, strict=True):
        name, effect, _, verdict = re.split(r" {2,}", line.strip())
        before, _, after = name.partition("…")
        assert row.hypothesis.startswith(before)
        assert row.hypothesis.endswith(after)
        assert effect in shown
        assert verdict == row.verdict
    for told in tell_findings(frame):
        assert told.reservation in " ".join(text.split())


def test_every_claim_is_printed_if_it_is_wished(frame):
    text = _claims(frame, width=200, secondary=True)
    names = [line.split()[0] for line in text.splitlines()[1:] if line]
    assert names == verdict_table(frame).data["hypothesis"].tolist()
    assert "stand in the report" not in text


def test_a_frame_without_claims_prints_its_answer():
    assert "no declared hypothesis" in _claims(to_frame([Row(quantity="accuracy", value=0.7, seed=0)]))
