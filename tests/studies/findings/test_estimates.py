"""What qualifies findings (iii) and (v): near-uniform attention, and whether the MI order is that of importance."""

import json

import numpy as np
import pytest
from fabricated import Fabrication, study, together, when

from attnstats.frame import to_frame
from attnstats.studies import Component, Grid, Inference
from attnstats.studies.findings import Outcomes, evaluate_findings

ENCODERS, ATTENTIONS = ["mlp", "cnn", "bilstm"], ["additive", "deep"]
MEASURES = ["gradient_times_input", "leave_one_out"]


def asked(finding, grids=None, **settings):
    grids = grids or [Grid(ENCODERS, ATTENTIONS, attributions=MEASURES)]
    inference = Inference(findings=(finding,), n_resamples=99)
    return study(**{"architectures": grids, "ablations": (), "inference": inference, **settings})


def evaluated(config, outcomes):
    """Return the rows with their parameters, by quantity, and the note."""
    found = {}
    for row in evaluate_findings(outcomes, config, rng=0):
        found.setdefault(row.quantity, []).append((row, json.loads(row.parameters)))
    ((_, about),) = found["finding"]
    return found, about["note"]


def changed(outcomes, change):
    """Return the outcomes after `change(condition, seed, examples)` has written in every table of examples."""
    for (condition, seed), cell in outcomes._cells.items():
        change(condition, seed, cell.examples)
    return Outcomes(outcomes._cells)


def by_encoder(outcomes, number):
    """Return the mean over the models with each encoder of a number of their tables of examples."""
    found = {}
    for (condition, _), cell in outcomes._cells.items():
        found.setdefault(str(condition.encoder), []).append(number(cell.examples))
    return {encoder: np.mean(values) for encoder, values in found.items()}


def low_gradients(size=-0.2, **parts):
    return together(*(when(size, f"tau_b_information_{each}", **parts) for each in MEASURES))


def test_the_order_of_importance_is_set_against_the_mi_order_by_encoder():
    config = asked("v")
    outcomes = Fabrication(shift=low_gradients(encoder=("bilstm",))).outcomes(config)
    found, note = evaluated(config, outcomes)
    values = {(about["estimate"], row.encoder): row for row, about in found["estimate"]}
    names = {"v.importance.gradients": f"tau_b_information_{MEASURES[0]}", "v.importance.attention": "tau_b"}
    names["v.importance.leave-one-out"] = f"tau_b_information_{MEASURES[1]}"
    assert set(values) == {(name, encoder) for name in names for encoder in ENCODERS}
    for name, column in names.items():
        expected = by_encoder(outcomes, lambda table, column=column: table[column].mean())
        for encoder, value in expected.items():
            row = values[name, encoder]
            assert row.value == pytest.approx(value)
            assert row.ci_low < value < row.ci_high < value + 0.1  # 40 texts of sd 0.1 on two data sets
            assert f"{value:.2f} [{row.ci_low:z.2f}, {row.ci_high:z.2f}] in {encoder}" in note
            assert (row.verdict, row.n_seeds, row.training) == (None, 8, None)
    gradients, others = note.split("; with that of leave-one-out at ")
    assert gradients.startswith("The MI order agrees with that of gradients at ")
    leave_one_out, attention = others.split(" Attention that followed importance would agree as much; attention itself")
    assert all(each.count(" in bilstm") == 1 for each in (gradients, leave_one_out, attention.partition(". ")[0]))
    assert "In bilstm no interval of a measure of importance reaches the margin of 0.05" in note
    to_frame([row for row, _ in found["estimate"]])  # every quantity is a known one


@pytest.mark.parametrize("measure", MEASURES)
def test_one_measure_that_agrees_is_enough_to_compare_attention(measure):
    config = asked("v")
    shift = when(-0.2, f"tau_b_information_{measure}", encoder=("bilstm",))
    _, note = evaluated(config, Fabrication(shift=shift).outcomes(config))
    assert "The MI order agrees with" in note
    assert "says little" not in note


def test_nothing_is_said_where_importance_was_not_computed():
    alone = [Grid(ENCODERS, ATTENTIONS), Grid(["cnn"], ["deep"], attributions=MEASURES[1:])]
    config = asked("v", alone)
    outcomes = Fabrication(shift=when(0.1, "tau_b", attention=("deep",))).outcomes(config)
    found, note = evaluated(config, outcomes)
    estimates = {about["estimate"]: (row, about) for row, about in found["estimate"]}
    assert set(estimates) == {"v.importance.leave-one-out", "v.importance.attention"}
    assert {(row.encoder, about["n_strata"]) for row, about in estimates.values()} == {("cnn", 2)}
    # Attention is that of the same models.
    assert estimates["v.importance.attention"][0].value == pytest.approx(0.4, abs=0.05)
    assert note.startswith("The MI order agrees with that of leave-one-out at ")
    assert "gradients" not in note
    assert "in bilstm" not in note
    config = asked("v", [Grid(ENCODERS, ATTENTIONS)])
    found, note = evaluated(config, Fabrication().outcomes(config))
    assert "estimate" not in found
    assert "The MI order agrees" not in note


def test_measures_with_a_sign_stand_apart_and_reach_no_margin_for_attention():
    signed = Component("gradient_times_input", signed=True)
    config = asked("v", [Grid(ENCODERS, ATTENTIONS, attributions=[*MEASURES, signed])])
    shift = together(low_gradients(), when(0.6, f"tau_b_information_{signed}"))
    outcomes = Fabrication(shift=shift).outcomes(config)
    found, note = evaluated(config, outcomes)
    expected = by_encoder(outcomes, lambda table: table[f"tau_b_information_{signed}"].mean())
    rows = {row.encoder: row for row, about in found["estimate"] if "signed" in about["estimate"]}
    assert {encoder: row.value for encoder, row in rows.items()} == pytest.approx(expected)
    said = "Pointwise MI has a sign, which attention has not: the MI order agrees with that of signed gradients at "
    assert f"{said}{expected['mlp']:.2f} [" in note
    # Attention has no sign, so what has one does not make it comparable.
    assert "In mlp, cnn and bilstm no interval of a measure of importance reaches" in note


def test_estimates_stand_under_every_training_and_the_first_is_told():
    config = asked("v", trainings=(Component("standard"), Component("long")))
    shift = low_gradients(training=("long",))
    found, note = evaluated(config, Fabrication(shift=shift).outcomes(config))
    mean = {}
    for row, about in found["estimate"]:
        if about["estimate"] != "v.importance.attention":
            mean.setdefault(row.training, []).append(row.value)
    assert {name: len(values) for name, values in mean.items()} == {None: 6, "long": 6}
    assert np.mean(mean[None]) == pytest.approx(0.2, abs=0.05)
    assert np.mean(mean["long"]) == pytest.approx(0.0, abs=0.05)
    assert "says little" not in note


def one_sided(condition, seed, table):
    """Make the near ties of near-uniform texts, and theirs alone, agree with the MI order."""
    inside = table["near_uniform"] == 1
    for name in ("near_tie", "near_tie_halves"):
        table.loc[inside, f"{name}_concordant"] = table.loc[inside, f"{name}_pairs"]


def restricted(table, name):
    """Return the share of concordant near ties in the texts that are not near-uniform, pair by pair."""
    left = table[table["near_uniform"] == 0]
    return left[f"{name}_concordant"].sum() / left[f"{name}_pairs"].sum()


def test_near_ties_are_asked_of_texts_that_are_not_near_uniform():
    config = asked("iii")
    outcomes = changed(Fabrication(near_reference=0.6).outcomes(config), one_sided)
    found, _ = evaluated(config, outcomes)
    claims = {about["hypothesis"]: (row, about["role"]) for row, about in found["contrast"]}
    # Three texts in ten have more than 35 pairs, all of them concordant: 0.1 and more above one half.
    assert claims["iii.chance"][0].value > 0.1
    assert (claims["iii.chance"][0].verdict, claims["iii.noise"][0].verdict) == ("contradicted", "contradicted")
    chance, noise = (claims[f"iii.{each}.elsewhere"] for each in ("chance", "noise"))
    assert (chance[0].verdict, noise[0].verdict) == ("supported", "supported")
    assert chance[1] == noise[1] == "secondary"
    expected = by_encoder(outcomes, lambda table: restricted(table, "near_tie") - 0.5)
    assert chance[0].value == pytest.approx(np.mean(list(expected.values())))
    lead = by_encoder(
        outcomes, lambda table: restricted(table, "near_tie_reference") - restricted(table, "near_tie_halves")
    )
    assert noise[0].value == pytest.approx(np.mean(list(lead.values())))
    specified = {
        (about["hypothesis"], about["measure"], about.get("encoder")): (row.value, about["agrees"])
        for row, about in found["specification"]
        if about["texts"] == "not near-uniform"
    }
    assert len(specified) == 2 * 2 * (1 + len(ENCODERS))
    for encoder in ENCODERS:
        value, agrees = specified["iii.chance", "near_tie", encoder]
        assert value == pytest.approx(expected[encoder])
        assert not agrees
        assert specified["iii.noise", "near_tie_halves", encoder][0] == pytest.approx(lead[encoder])


def test_the_share_of_near_ties_in_near_uniform_texts_is_told_by_encoder():
    def even(condition, seed, table):
        if condition.encoder.name == "mlp":
            table["near_uniform"] = 0.0

    config = asked("iii")
    outcomes = changed(Fabrication().outcomes(config), even)
    found, note = evaluated(config, outcomes)
    rows = {row.encoder: row for row, _ in found["estimate"]}
    expected = by_encoder(
        outcomes, lambda table: (table["near_tie_pairs"] * table["near_uniform"]).sum() / table["near_tie_pairs"].sum()
    )
    assert {encoder: row.value for encoder, row in rows.items()} == pytest.approx(expected)
    assert expected["mlp"] == 0
    assert rows["mlp"].ci_low is None  # the same in every model
    assert 0.2 < rows["cnn"].ci_low < expected["cnn"] < rows["cnn"].ci_high < 0.5
    interval = f"{expected['bilstm']:.2f} [{rows['bilstm'].ci_low:.2f}, {rows['bilstm'].ci_high:.2f}] in bilstm"
    assert f"Of the near ties, a share of 0.00 in mlp, {expected['cnn']:.2f} [" in note
    assert f" and {interval} lies in texts whose attention is near-uniform" in note


def test_a_condition_with_a_model_that_is_near_uniform_everywhere_is_left_out_and_named():
    def one_model(condition, seed, table):
        if (condition.encoder.name, condition.attention.name, seed) == ("bilstm", "deep", 3):
            table["near_uniform"] = 1.0

    config = asked("iii", datasets=("reviews",))
    found, note = evaluated(config, changed(Fabrication().outcomes(config), one_model))
    strata = {about["hypothesis"]: about["n_strata"] for _, about in found["contrast"]}
    assert (strata["iii.chance"], strata["iii.chance.elsewhere"]) == (6, 5)
    assert "where attention is not near-uniform: some model has none of reviews bilstm deep softmax standard" in note

    def every_model(condition, seed, table):
        table["near_uniform"] = 1.0

    found, note = evaluated(config, changed(Fabrication().outcomes(config), every_model))
    assert "iii.chance.elsewhere" not in {about["hypothesis"] for _, about in found["contrast"]}
    assert {about["texts"] for _, about in found["specification"]} == {"all"}
    assert "a share of 1.00 in mlp, 1.00 in cnn and 1.00 in bilstm" in note
