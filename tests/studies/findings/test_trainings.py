"""Findings over ways to train the models: verdicts of each, and whether an effect hangs on it."""

import json

import pytest
from fabricated import Fabrication, study, together, when

from attnstats.studies import Component, Grid, Inference
from attnstats.studies.findings import evaluate_findings

TRAININGS = (Component("standard"), Component("long", epochs=32))


def rows_of(shift, *, finding="i", rows=False, **settings):
    grid = Grid(["mlp", "bilstm"], ["additive", "scaled_dot_product", "deep"])
    inference = Inference(findings=(finding,), n_resamples=199)
    config = study(architectures=[grid], inference=inference, **{"ablations": (), "trainings": TRAININGS, **settings})
    return evaluate_findings(Fabrication(shift=shift, rows=rows).outcomes(config), config, rng=0)


def about(rows, quantity):
    return [(row, json.loads(row.parameters)) for row in rows if row.quantity == quantity]


def everywhere(size):
    """Information that is higher with additive and deep attention, however the models are trained."""
    return when(size, "information", attention=("additive", "deep"))


def test_a_claim_that_holds_at_one_training_only_says_so():
    shift = when(0.1, "information", attention=("additive", "deep"), training=("standard",))
    rows = rows_of(shift)
    ((finding, said),) = about(rows, "finding")
    assert finding.verdict == "supported"
    assert said["note"].startswith("i.additive hangs on the training: supported here, ")
    elsewhere = {each["hypothesis"]: row for row, each in about(rows, "contrast_by_training")}
    assert set(elsewhere) == {"i.additive", "i.deep"}
    for row in elsewhere.values():
        assert row.training == "long"
        assert row.verdict != "supported"
        assert abs(row.value) < 0.03
    guards = {each["hypothesis"]: row for row, each in about(rows, "contrast") if each["role"] == "guard"}
    guard = guards["i.additive.trainings"]
    # Effects of 0.1 and 0 deviate by 0.05 from their mean.
    assert guard.value == pytest.approx(0.05, abs=0.01)
    assert guard.verdict == "supported"


def test_a_claim_that_holds_at_every_training_says_nothing():
    rows = rows_of(everywhere(0.1))
    ((finding, said),) = about(rows, "finding")
    assert finding.verdict == "supported"
    assert "hangs on" not in said["note"]
    assert {row.verdict for row, _ in about(rows, "contrast_by_training")} == {"supported"}
    guards = [row for row, each in about(rows, "contrast") if each["hypothesis"].endswith(".trainings")]
    assert [row.verdict != "supported" for row in guards] == [True, True]


@pytest.mark.parametrize("trainings", [TRAININGS, TRAININGS[:1]])
def test_combinations_are_compared_whatever_the_training_is_called(trainings):
    shift = when(0.2, "tau_b", encoder=("bilstm",), attention=("additive",))
    ((finding, _),) = about(rows_of(shift, finding="v", trainings=trainings), "finding")
    assert finding.verdict == "supported"


def test_specifications_name_the_training():
    recipes = [each["recipe"] for _, each in about(rows_of(everywhere(0.1), rows=True), "specification")]
    assert recipes.count("standard") == recipes.count("long") > 0


def test_the_first_training_is_decided_as_if_it_stood_alone():
    shift = together(everywhere(0.1), when(0.3, "information", attention=("deep",), training=("long",)))
    grid = Grid(["mlp", "bilstm"], ["additive", "scaled_dot_product", "deep"])
    settings = {"architectures": [grid], "ablations": (), "inference": Inference(findings=("i",), n_resamples=199)}
    both = study(trainings=TRAININGS, **settings)
    outcomes = Fabrication(shift=shift).outcomes(both)
    alone = study(trainings=TRAININGS[:1], **settings)
    expected = evaluate_findings(outcomes.trained("standard"), alone, rng=0)
    found = evaluate_findings(outcomes, both, rng=0)
    kept = [row for row, each in about(found, "contrast") if not each["hypothesis"].endswith(".trainings")]
    assert kept == [row for row in expected if row.quantity == "contrast"]
