"""The specifications of a claim: which ones a study has, and how they agree with it."""

import json

import pandas as pd
import pytest
from fabricated import Fabrication, study, together, when

from attnstats.frame import check_frame, parameter, to_frame
from attnstats.studies import Inference
from attnstats.studies.findings import evaluate_findings


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
