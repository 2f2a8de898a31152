"""The paragraph of a finding is a function of the frame, and its numbers stand in the frame's rows."""

import json
import re

import pandas as pd
import pytest
from fabricated import Fabrication, study, together, when

from attnstats.exceptions import FrameError
from attnstats.frame import check_frame, parameter, to_frame
from attnstats.studies import Inference
from attnstats.studies.findings import evaluate_findings, paragraph


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


def test_the_paragraph_of_the_frame_is_the_one_stored_in_it(frame):
    findings = frame[frame.quantity == "finding"]
    assert findings.finding.tolist() == ["i", "ii", "iii", "iv", "v"]
    for name, sentence in zip(findings.finding, parameter(findings, "sentence"), strict=True):
        assert paragraph(frame, name) == sentence


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


def test_specifications_agree_with_the_claim_that_they_vary(frame):
    rows = frame[frame.quantity == "specification"]
    assert set(rows.finding) == {"i", "ii", "iii", "iv", "v"}
    about = rows.assign(**{name: parameter(rows, name) for name in ("measure", "agrees", "by_construction")})
    first = about[about.finding == "i"]
    assert set(first.output) == {"class", "label", "probability(bins=4)"}
    assert set(first.estimator) == {"Probe()", "Ross()"}
    assert set(first.view) == {"rank", "position", "pointwise"}
    agreement = {"tau_b", "spearman", "weighted_tau", "profile_tau_b"}
    assert set(about[about.finding == "ii"].measure) == agreement
    assert set(about[about.finding == "v"].measure) == {*agreement, "top_k_overlap"}
    for finding in ("ii", "v"):
        profiles = about[(about.finding == finding) & (about.measure == "profile_tau_b")]
        assert set(profiles.view) == {"rank", "position"}
        assert set(profiles.estimator) == {"Probe()", "Ross()"}
        assert set(profiles.output) == {"class", "label", "probability(bins=4)"}
    third = about[(about.finding == "iii") & (about.measure == "near_tie")]
    assert set(third.output) == {"class", "label", "probability(bins=4)"}
    counted = rows[~about.by_construction.astype(bool)]
    assert (counted.ci_low < counted.value).all()
    assert (counted.value < counted.ci_high).all()
    # The other measures are multiples of the first one, so none can disagree on these two findings.
    assert about[about.finding.isin(["i", "ii"])].agrees.all()
    fourth = about[about.finding == "iv"]
    swapped = [json.loads(each) for each in fourth[fourth.by_construction.astype(bool)].parameters]
    assert [(each["training"], each["noise"], each["verified"]) for each in swapped] == [("swapped", "off", 1.0)] * 2
    # Fewer effective positions is more skew, and only the Gini coefficient was made to rise.
    assert set(fourth.measure) == {"gini", "entropy_deficit", "max_attention", "effective_positions"}


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
