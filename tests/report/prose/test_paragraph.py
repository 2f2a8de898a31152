"""The paragraph of a finding is a function of the frame, and its numbers stand in the frame's rows."""

import json
import re
from pathlib import Path

import pandas as pd
import pytest
from fabricated import Fabrication, study, together, when

from attnstats.exceptions import FrameError
from attnstats.frame import COLUMNS, Row, check_frame, encode_parameters, parameter, read_frame, to_frame
from attnstats.report import paragraph
from attnstats.studies import Inference
from attnstats.studies.findings import evaluate_findings

RESULTS = Path(__file__).parents[3] / "analysis" / "results"


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


def without_sentences(frame):
    """Return a frame of a former version as it is written today: no sentence, and the tests against a margin marked."""
    against = ("two one-sided t tests (TOST)", "one-sided t test of non-inferiority")
    parameters = [json.loads(text) for text in frame.parameters]
    for row, each in zip(frame.itertuples(), parameters, strict=True):
        each.pop("sentence", None)
        if row.quantity == "contrast" and row.test in against:
            each["against_margin"] = True
    return frame.assign(parameters=pd.array([encode_parameters(**each) for each in parameters], dtype="string"))


@pytest.mark.slow
@pytest.mark.parametrize("finding", ["i", "ii", "iii", "iv", "v"])
def test_the_paragraph_is_the_one_that_a_former_version_wrote_into_the_frame(finding):
    former = read_frame(RESULTS / "full.parquet")
    rows = former[(former.quantity == "finding") & (former.finding == finding)]
    (sentence,) = parameter(rows, "sentence")
    assert paragraph(former, finding) == sentence
    own = (former.finding == finding).fillna(False)
    anew = pd.concat([without_sentences(former[own]), former[former.finding.isna()]], ignore_index=True)
    assert paragraph(check_frame(anew), finding) == sentence


@pytest.mark.slow
def test_a_specification_that_says_too_little_is_refused(frame):
    damaged = frame.copy()
    rows = (damaged.quantity == "specification") & (damaged.finding == "i")
    damaged.loc[rows.fillna(False), "parameters"] = encode_parameters(hypothesis="i.additive")
    with pytest.raises(FrameError, match="a paragraph on finding 'i' says; it lacks by_construction"):
        paragraph(damaged, "i")


def test_a_contrast_that_says_too_little_is_refused():
    rows = [Row(quantity="finding", finding="i", verdict="supported"), Row(quantity="contrast", finding="i", value=0.1)]
    with pytest.raises(FrameError, match="it lacks claim, estimand, verdict, correction, pvalue_adjusted, n_seeds"):
        paragraph(to_frame(rows), "i")


@pytest.mark.slow
@pytest.mark.parametrize("finding", ["i", "ii", "iii", "iv", "v"])
def test_every_number_of_effect_and_interval_stands_in_a_row(frame, finding):
    said = paragraph(frame, finding)
    numbers = {float(each) for each in re.findall(r"-?\d+\.\d{3}(?!\d)", said)}
    rows = frame[(frame.finding == finding).fillna(False)]
    models = frame[frame.finding.isna() & (frame.ablation == "none")]
    means = models.groupby(["quantity", "dataset", "encoder", "attention", "normalizer"])["value"].mean()
    pairs = models[models.normalizer == "softmax"].groupby(["quantity", "encoder", "attention"])["value"].mean()
    columns = ("value", "ci_low", "ci_high")
    known = {round(float(each), 3) + 0.0 for name in columns for each in rows[name].dropna()}
    known |= {round(float(each), 3) for each in [*means, *pairs]}
    assert len(numbers) > 10
    assert numbers <= known


def test_a_paragraph_says_what_a_reader_needs(frame):
    said = paragraph(frame, "i")
    for part in (
        "is supported by this study",
        "95 % CI",
        "Holm-adjusted p",
        "8 seeds",
        "3 data sets (reviews, news, mail)",
        "at least 3 of the 3 data sets",
        "Hedges' g",
        "is as accurate as scaled dot-product",
        "conicity of the hidden states",
        "reliability of the MI order",
        "output entropy",
        "on other data sets and with other encoders too",
        "30 of 30 specifications",
    ):
        assert part in said, part
    assert "an identity, and no evidence" in paragraph(frame, "iv")
    assert "verified in 100 %" in paragraph(frame, "iv")
    assert "the reference 60.0 %" in paragraph(frame, "iii")
    assert "The best combination is bilstm + additive by Hsu" in paragraph(frame, "v")
    assert "The highest mean tau-b were those of bilstm + additive" in paragraph(frame, "v")


@pytest.mark.parametrize(
    ("verdicts", "said"),
    [
        (("negligible", "negligible"), "what is claimed is negligible or absent"),
        (("supported", "negligible"), "as a whole: a part of what is claimed is negligible"),
    ],
)
def test_a_negligible_finding_does_not_deny_the_claim_that_holds(frame, verdicts, said):
    changed = frame.copy()
    primary = (changed.finding == "i") & (parameter(changed, "role") == "primary")
    changed.loc[primary.fillna(False), "verdict"] = verdicts
    changed.loc[(changed.quantity == "finding") & (changed.finding == "i"), "verdict"] = "negligible"
    assert f"is not borne out by this study{':' * said.startswith('what')} {said}. " in paragraph(changed, "i")


def test_a_finding_that_is_not_there_is_refused(frame):
    with pytest.raises(FrameError, match="must hold a verdict on finding 'vi'"):
        paragraph(frame, "vi")


@pytest.mark.slow
@pytest.mark.parametrize("change", [{"updates": 10}, {"training": "long"}])
def test_a_paragraph_is_about_the_models_that_decide(frame, change):
    models = frame[frame.finding.isna() & frame.seed.notna()]
    others = models.assign(value=models.value + 1, **change).astype(COLUMNS)
    assert paragraph(pd.concat([frame, others], ignore_index=True), "v") == paragraph(frame, "v")


@pytest.mark.parametrize("quantity", ["rank", "lead"])
def test_a_frame_without_a_part_is_refused_by_name(frame, quantity):
    lacking = frame[~((frame["quantity"] == quantity) & (frame["finding"] == "v"))].copy()
    if quantity == "lead":
        lacking = frame.copy()
        lacking.loc[lacking["quantity"] == "lead", "ci_level"] = None
    with pytest.raises(FrameError, match="what a paragraph on finding 'v' says; it lacks a number or a row"):
        paragraph(lacking, "v")
