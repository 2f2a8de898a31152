"""A finding in words is a function of the frame, and its numbers stand in the frame's rows."""

import json
import re

import pandas as pd
import pytest
from fabricated import Fabrication, study, together, when

from attnstats.exceptions import FrameError, InvalidInputError
from attnstats.frame import COLUMNS, Row, check_frame, encode_parameters, parameter, to_frame
from attnstats.report import FindingSummary, tell_finding, tell_findings
from attnstats.studies import Inference
from attnstats.studies.findings import evaluate_findings

NAMES = ["i", "ii", "iii", "iv", "v"]


@pytest.fixture(scope="module")
def frame():
    config = study(datasets=("reviews", "news", "mail"), inference=Inference(n_resamples=199))
    shift = together(
        when(0.1, "information", attention=("additive", "deep")),
        when(0.1, "tau_b", encoder=("bilstm",), attention=("additive",)),
        when(0.1, "gini", normalizer=("gumbel_softmax",)),
    )
    outcomes = Fabrication(shift=shift, near_reference=0.6, rows=True).outcomes(config)
    rows = evaluate_findings(outcomes, config, rng=0)
    return check_frame(pd.concat([to_frame(rows), outcomes.frame], ignore_index=True))


def claim(name, verdict, *, value=0.2, finding="i", training=None, **about):
    """Return the row of a primary claim: of the first training, or of another one."""
    keys = {"hypothesis": name, "claim": f"{name.rpartition('.')[2]} is more", "estimand": "gain", "role": "primary"}
    return Row(
        quantity="contrast_by_training" if training else "contrast",
        finding=finding,
        training=training,
        value=value,
        ci_low=value - 0.1,
        ci_high=value + 0.1,
        ci_level=0.95,
        unit="correlation",
        verdict=verdict,
        pvalue_adjusted=0.2,
        n_seeds=8,
        parameters=encode_parameters(**{**keys, **about}),
    )


def told(*rows, finding="i", verdict="supported", note=""):
    """Return a finding of these claims, the first training called standard."""
    finding_row = Row(
        quantity="finding", finding=finding, verdict=verdict, parameters=encode_parameters(title="A title", note=note)
    )
    seed = Row(quantity="accuracy", training="standard", seed=0, value=0.7)
    return tell_finding(to_frame([*rows, finding_row, seed]), finding)


def everything(summary: FindingSummary) -> str:
    lines = [line for each in summary.details for line in each.lines]
    return "\n".join([summary.sentence, summary.reservation, *lines])


@pytest.mark.slow
@pytest.mark.parametrize("finding", NAMES)
def test_every_number_of_effect_and_interval_stands_in_a_row(frame, finding):
    said = everything(tell_finding(frame, finding))
    printed = set(re.findall(r"-?\d+\.\d{2,}(?!\d)", said))
    rows = frame[(frame.finding == finding).fillna(False)]
    models = frame[frame.finding.isna() & (frame.ablation == "none")]
    means = models.groupby(["quantity", "dataset", "encoder", "attention", "normalizer"])["value"].mean()
    pairs = models[models.normalizer == "softmax"].groupby(["quantity", "encoder", "attention"])["value"].mean()
    known = [float(each) for name in ("value", "ci_low", "ci_high") for each in rows[name].dropna()]
    known += [*map(float, means), *map(float, pairs)]
    for text in rows["parameters"].dropna():
        known += [float(each) for each in json.loads(text).values() if isinstance(each, float | int)]
    assert len(printed) > 10
    for number in printed:
        decimals = len(number.partition(".")[2])
        assert float(number) in {float(f"{each:.{decimals}f}") for each in known}, number


@pytest.mark.slow
@pytest.mark.parametrize("finding", NAMES)
def test_no_line_holds_an_identifier(frame, finding):
    said = everything(tell_finding(frame, finding))
    names = set(parameter(frame[frame.finding.notna()], "hypothesis").dropna())
    assert names
    assert not [name for name in names if name in said]
    assert not re.search(r"\w_\w", said)
    assert "p = 1.000" not in said


def test_a_finding_holds_what_a_reader_needs(frame):
    summary = tell_finding(frame, "i")
    assert summary.sentence.startswith("Supported: the attended states tell more of the output")
    assert "95 % CI" in summary.sentence
    said = everything(summary)
    for part in (
        "8 seeds",
        "3 data sets (reviews, news, mail)",
        "at least 3 of 3",
        "Hedges' g",
        "is as accurate as scaled dot-product",
        "Conicity of the hidden states",
        "Reliability of the MI order",
        "Entropy of the output",
        "on other data sets and with other encoders too",
        "in 15 of 15 ways",
    ):
        assert part in said, part
    assert summary.details[0].heading == "Claims that decide, p-values adjusted by Holm"
    assert "an identity, and no evidence" in everything(tell_finding(frame, "iv"))
    assert "verified in 100 %" in everything(tell_finding(frame, "iv"))
    assert "would order 60.0 % so" in everything(tell_finding(frame, "iii"))
    assert "The best combination is BiLSTM + additive by Hsu" in everything(tell_finding(frame, "v"))
    assert "place 1: BiLSTM + additive" in everything(tell_finding(frame, "v"))


def test_the_findings_stand_in_the_order_of_the_frame(frame):
    assert [each.name for each in tell_findings(frame)] == NAMES


def guard(name, verdict):
    """Return the row of the guard that the effect of a claim depends on the training."""
    return claim(f"{name}.trainings", verdict, role="guard")


def test_a_verdict_that_changes_with_the_training_stands_first():
    summary = told(
        claim("i.deep", "supported"),
        claim("i.deep", "contradicted", value=-0.3, training="early"),
        claim("i.deep", "supported", training="long"),
        guard("i.deep", "supported"),
    )
    assert summary.sentence == (
        "Supported if trained standard or long, contradicted if trained early: the effect depends on how the models "
        "are trained (gain: 0.20 [95 % CI 0.10, 0.30] if trained standard, -0.30 [95 % CI -0.40, -0.20] if trained "
        "early and 0.20 [95 % CI 0.10, 0.30] if trained long)."
    )
    assert summary.verdicts == {"standard": "supported", "early": "contradicted", "long": "supported"}


@pytest.mark.parametrize("guards", [[], [guard("i.deep", "inconclusive")], [guard("i.other", "supported")]])
def test_another_verdict_is_no_evidence_of_another_effect(guards):
    summary = told(claim("i.deep", "supported"), claim("i.deep", "inconclusive", training="early"), *guards)
    assert ": that the effect itself depends on the training is not shown (" in summary.sentence


def test_the_data_sets_of_a_training_are_named_where_they_are_others():
    summary = told(
        claim("i.deep", "supported", datasets=["reviews", "news"]),
        claim("i.deep", "contradicted", training="early", datasets=["reviews"]),
    )
    assert any(line.endswith("on reviews alone") for each in summary.details for line in each.lines)


def test_what_qualifies_a_finding_stands_under_the_first_training():
    keys = {"quantity": "estimate", "finding": "i", "encoder": "cnn", "parameters": encode_parameters(estimand="mean")}
    rows = [Row(**keys, value=0.3), Row(**keys, value=0.4, training="early")]
    summary = told(claim("i.deep", "supported"), *rows)
    assert ("Mean, CNN: 0.300",) in [each.lines for each in summary.details]


def test_a_claim_that_changes_alone_is_named():
    summary = told(
        claim("i.a", "contradicted"),
        claim("i.b", "supported"),
        claim("i.a", "contradicted", training="early"),
        claim("i.b", "inconclusive", training="early"),
        verdict="contradicted",
    )
    assert summary.sentence.startswith("Contradicted under both trainings: ")
    assert summary.sentence.endswith(
        "; that b is more is supported if trained standard, inconclusive if trained early."
    )


def test_a_finding_is_not_judged_elsewhere_by_a_part_of_its_claims():
    summary = told(claim("i.a", "supported"), claim("i.b", "supported"), claim("i.a", "contradicted", training="early"))
    assert summary.verdicts == {"standard": "supported"}
    assert "; that a is more is supported if trained standard, contradicted if trained early" in summary.sentence


@pytest.mark.parametrize(
    ("verdicts", "said"),
    [
        (("negligible", "negligible"), "tell no more of the output"),
        (("supported", "negligible"), "a part of what is claimed holds, and the rest is too small to matter"),
    ],
)
def test_a_negligible_finding_does_not_deny_the_claim_that_holds(verdicts, said):
    first, second = verdicts
    assert said in told(claim("i.a", first), claim("i.b", second), verdict="negligible").sentence


def test_a_contradicted_claim_has_no_pvalue_and_a_large_one_is_no_number():
    rows = [claim("i.a", "contradicted", value=-0.3), claim("i.b", "inconclusive")]
    summary = told(*rows, verdict="contradicted")
    contradicted, open_ = summary.details[0].lines
    assert "p " not in contradicted
    assert "p = .200" in open_


@pytest.mark.slow
@pytest.mark.parametrize("change", [{"updates": 10}, {"training": "long"}])
def test_a_finding_is_told_of_the_models_that_decide(frame, change):
    models = frame[frame.finding.isna() & frame.seed.notna()]
    others = models.assign(value=models.value + 1, **change).astype(COLUMNS)
    assert tell_finding(pd.concat([frame, others], ignore_index=True), "v") == tell_finding(frame, "v")


def test_the_note_speaks_of_claims_and_does_not_say_twice_that_one_changes():
    summary = told(
        claim("i.deep", "supported"),
        note="i.deep hangs on the training: supported here, negligible if trained long (on fewer data sets). i.deep is "
        "supported here, negligible if trained x; that its effect hangs on the training is not shown. i.deep is "
        "supported under every training, but the size of its effect hangs on the training. 80 % power would need 9 "
        "seeds for i.deep. Left out: mail cnn gumbel_softmax(temperature=0.25).",
    )
    assert summary.reservation == (
        "“deep is more” is supported under every training, but the size of its effect hangs on the training. 80 % "
        "power would need 9 seeds for “deep is more”. Left out: mail CNN Gumbel-softmax (temperature 0.25)."
    )


def test_what_was_not_evaluated_says_why():
    summary = told(verdict="not evaluated", note="Not evaluated: the study needs two encoders.")
    assert (summary.sentence, summary.reservation) == ("Not evaluated: the study needs two encoders.", "")


def test_a_finding_of_no_known_name_is_told_by_its_numbers():
    summary = told(claim("mine.a", "supported", finding="mine"), finding="mine")
    assert summary.sentence == "Supported: gain: 0.20 [95 % CI 0.10, 0.30]."
    assert summary.figure is None


def test_a_claim_that_says_next_to_nothing_is_told():
    summary = tell_finding(to_frame([Row(quantity="contrast", finding="i", value=0.1)]), "i")
    assert summary.verdict == "no verdict"


def test_a_finding_that_is_not_there_is_refused(frame):
    with pytest.raises(FrameError, match="must hold rows of finding 'vi'"):
        tell_finding(frame, "vi")
    with pytest.raises(InvalidInputError, match="finding: must be a name"):
        tell_finding(frame, 1)


def test_rows_that_lack_a_number_are_refused_by_name(frame):
    lacking = frame.copy()
    lacking.loc[(lacking["quantity"] == "partial_conjunction").fillna(False), "parameters"] = "{}"
    with pytest.raises(FrameError, match="what is said of finding 'i'; it lacks hypothesis"):
        tell_finding(lacking, "i")
