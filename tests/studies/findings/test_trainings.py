"""Findings over ways to train the models: verdicts of each, and whether an effect hangs on it."""

import json
from dataclasses import replace
from types import SimpleNamespace

import pandas as pd
import pytest
from fabricated import CONTROLS, Fabrication, study, together, when

from attnstats.frame import COLUMNS
from attnstats.studies import Component, Grid, Inference
from attnstats.studies.findings import Outcomes, evaluate_findings
from attnstats.studies.findings._trainings import OtherTraining, changes
from attnstats.studies.findings.claims._decisions import Decision
from attnstats.studies.findings.claims._declaration import Declaration

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


def test_an_interaction_that_hangs_on_the_training_is_shown_to():
    shift = when(0.2, "tau_b", encoder=("bilstm",), attention=("additive",), training=("standard",))
    rows = rows_of(shift, finding="v")
    guards = {each["hypothesis"]: row for row, each in about(rows, "contrast") if each["role"] == "guard"}
    assert set(guards) == {"v.interaction.trainings", "v.best.trainings"}
    guard = guards["v.interaction.trainings"]
    # One cell of 2 x 3 that is 0.2 higher has an interaction of 0.2² (1 - 1/2)(1 - 1/3) squared and summed; half of
    # that at one training is a deviation of a half from the mean of both.
    assert guard.value == pytest.approx(0.1 * ((1 - 1 / 2) * (1 - 1 / 3) / 6) ** 0.5, abs=0.008)
    assert guard.verdict == "supported"
    ((_, said),) = about(rows, "finding")
    assert "v.interaction hangs on the training: supported here, " in said["note"]


def test_main_effects_that_hang_on_the_training_are_no_interaction_that_does():
    shift = together(
        when(0.2, "tau_b", encoder=("bilstm",), training=("standard",)),
        when(0.2, "tau_b", attention=("deep",), training=("long",)),
    )
    guards = {each["hypothesis"]: row for row, each in about(rows_of(shift, finding="v"), "contrast")}
    assert guards["v.interaction.trainings"].value < 0.01


def test_the_smallest_gain_of_each_training_is_compared():
    """Under one training one control is as good as the trained attention, under the other all are 0.3 below it."""
    shift = when(0.3, "tau_b_permuted", attention=("additive",), training=("long",))
    rows = rows_of(shift, finding="ii", ablations=CONTROLS)
    guards = {each["hypothesis"]: row for row, each in about(rows, "contrast") if each["role"] == "guard"}
    assert guards["ii.every_control.trainings"].value == pytest.approx(0.15, abs=0.02)
    ((_, said),) = about(rows, "finding")
    assert said["note"].startswith("ii.every_control hangs on the training: supported here, ")


def decided(name, verdict, role="primary", datasets=("reviews", "news")):
    hypothesis = SimpleNamespace(name=name, role=role)
    return Decision(hypothesis, None, 0.5, "holm", verdict, {"datasets": datasets})


@pytest.mark.parametrize(
    ("elsewhere", "guard", "expected"),
    [
        (["supported"], "inconclusive", []),
        (["supported"], None, []),
        (["negligible"], "supported", ["i.deep hangs on the training: supported here, negligible if trained long."]),
        (
            ["negligible"],
            "negligible",
            [
                "i.deep is supported here, negligible if trained long; "
                "that its effect hangs on the training is not shown."
            ],
        ),
        (
            ["inconclusive"],
            None,
            [
                "i.deep is supported here, inconclusive if trained long; "
                "that its effect hangs on the training is not shown."
            ],
        ),
        (
            ["supported"],
            "supported",
            ["i.deep is supported under every training, but the size of its effect hangs on the training."],
        ),
        (
            [],
            None,
            [
                "i.deep is supported here, not tested if trained long; "
                "that its effect hangs on the training is not shown."
            ],
        ),
    ],
)
def test_what_is_said_of_a_claim_under_two_trainings(elsewhere, guard, expected):
    decisions = [decided("i.deep", "supported"), decided("i.deep.context", "negligible", "secondary")]
    decisions += [] if guard is None else [decided("i.deep.trainings", guard, "guard")]
    others = [OtherTraining("long", [decided("i.deep", each) for each in elsewhere], Declaration())]
    assert changes(decisions, others) == expected


def test_a_verdict_on_fewer_data_sets_says_so():
    others = [OtherTraining("long", [decided("i.deep", "inconclusive", datasets=("news",))], Declaration())]
    (said,) = changes([decided("i.deep", "supported")], others)
    assert said.startswith("i.deep is supported here, inconclusive if trained long (on fewer data sets); ")


def test_nothing_is_said_where_there_is_one_training():
    assert changes([decided("i.deep", "supported")], []) == []


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


def test_rows_of_checkpoints_decide_nothing():
    config = study(trainings=TRAININGS)
    outcomes = Fabrication(shift=everywhere(0.1), rows=True).outcomes(config)

    def with_checkpoints(cell):
        along = [cell.frame.assign(value=cell.frame.value + 7, updates=updates).astype(COLUMNS) for updates in (0, 9)]
        return replace(cell, frame=pd.concat([along[0], cell.frame, along[1]], ignore_index=True))

    watched = Outcomes({key: with_checkpoints(cell) for key, cell in outcomes._cells.items()})
    assert evaluate_findings(watched, config, rng=0) == evaluate_findings(outcomes, config, rng=0)


def test_every_finding_is_evaluated_whatever_the_trainings_are_called():
    verdicts, elsewhere = {}, {}
    for names in (("early", "long"), ("usual", "other")):
        trainings = tuple(map(Component, names))
        config = study(datasets=("reviews",), trainings=trainings, inference=Inference(n_resamples=99))
        rows = evaluate_findings(Fabrication().outcomes(config), config, rng=0)
        verdicts[names] = {row.finding: row.verdict for row in rows if row.quantity == "finding"}
        elsewhere[names] = [each["hypothesis"] for _, each in about(rows, "contrast_by_training")]
    first, second = verdicts.values()
    assert first == second
    assert "not evaluated" not in first.values()
    claims, same = elsewhere.values()
    assert claims == same
    assert {each.partition(".")[0] for each in claims} == {"i", "ii", "iii", "iv", "v"}
