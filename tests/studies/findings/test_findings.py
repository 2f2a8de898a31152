"""Each finding's verdict on studies whose claims are built true, built false, and built null."""

import json

import pytest
from fabricated import CONTROLS, PLANTED, Fabrication, gumbel, study, together, when

from attnstats.exceptions import UnknownNameError
from attnstats.frame import to_frame
from attnstats.report import tell_finding
from attnstats.studies import Component, Grid, Inference
from attnstats.studies.config._condition import Condition
from attnstats.studies.findings import FINDINGS, evaluate_findings

HALF = f"iv.{gumbel(0.5)}"
ENCODERS, ATTENTIONS = ["mlp", "bilstm"], ["additive", "scaled_dot_product", "deep"]


def small(finding, **settings):
    """Return a study with what one finding needs, decided with few resamples."""
    grids = {"iv": [Grid(["mlp", "bilstm"], ["additive"], [Component("softmax"), *map(gumbel, (0.25, 0.5, 2.0))])]}
    defaults = {
        "architectures": grids.get(finding, [Grid(ENCODERS, ATTENTIONS)]),
        "ablations": CONTROLS if finding == "ii" else (),
        "inference": Inference(findings=(finding,), n_resamples=199),
    }
    return study(**{**defaults, **settings})


def evaluated(config, fabrication=None, **drawn):
    """Return the rows of every finding on outcomes that are drawn."""
    return evaluate_findings((fabrication or Fabrication()).outcomes(config, **drawn), config, rng=0)


def decided(rows):
    """Return the verdict on each finding, and the row of each hypothesis."""
    findings = {row.finding: row.verdict for row in rows if row.quantity == "finding"}
    contrasts = {json.loads(row.parameters)["hypothesis"]: row for row in rows if row.quantity == "contrast"}
    return findings, contrasts


def verdicts(config, fabrication=None, **drawn):
    """Return what is decided on outcomes that are drawn."""
    return decided(evaluated(config, fabrication, **drawn))


def told(rows, finding):
    """Return the parameters of the row of a finding."""
    return next(json.loads(row.parameters) for row in rows if row.quantity == "finding" and row.finding == finding)


def test_there_are_five_findings():
    assert [finding.name for finding in FINDINGS] == ["i", "ii", "iii", "iv", "v"]


@pytest.mark.slow
@pytest.mark.parametrize(("size", "verdict"), [(0.1, "supported"), (-0.1, "contradicted"), (0.0, "negligible")])
def test_information_built_true_false_and_null(size, verdict):
    shift = when(size, "information", attention=("additive", "deep"))
    findings, contrasts = verdicts(small("i"), Fabrication(shift=shift))
    assert findings["i"] == verdict
    for name in ("i.additive", "i.deep"):
        row = contrasts[name]
        assert row.value == pytest.approx(size, abs=0.02)  # 32 pairs of models, sd of a pair's mean 0.018
        assert row.ci_low < size < row.ci_high
        assert row.pvalue_floor <= row.pvalue <= row.pvalue_adjusted <= 1
        assert row.family == "i"
        assert contrasts[f"{name}.mixed_model"].value == pytest.approx(row.value)
    assert contrasts["i.additive.context"].verdict == "negligible"


def test_one_attention_alone_does_not_make_the_finding():
    findings, contrasts = verdicts(small("i"), Fabrication(shift=when(0.1, "information", attention=("deep",))))
    assert (contrasts["i.deep"].verdict, contrasts["i.additive"].verdict) == ("supported", "negligible")
    assert findings["i"] == "negligible"


def test_an_effect_on_one_data_set_alone_holds_in_one():
    config = small("i")
    shift = when(0.2, "information", attention=("additive",), dataset=("news",))
    rows = evaluated(config, Fabrication(shift=shift))
    held = {
        json.loads(row.parameters)["at_least"]: (row.verdict, row.pvalue)
        for row in rows
        if row.quantity == "partial_conjunction" and json.loads(row.parameters)["hypothesis"] == "i.additive"
    }
    assert held[1][0] == "supported"
    assert held[1][1] < 0.001
    assert held[2][0] == "inconclusive"
    effect = next(row for row in rows if row.quantity == "contrast" and "i.additive" in row.parameters)
    assert effect.value == pytest.approx(0.1, abs=0.02)  # data sets weigh the same


@pytest.mark.parametrize(("gain", "verdict"), [(0.3, "supported"), (-0.2, "contradicted"), (0.0, "negligible")])
def test_learning_is_the_gain_over_every_control(gain, verdict):
    shift = when(gain - 0.3, "tau_b", attention=("additive",))
    findings, contrasts = verdicts(small("ii"), Fabrication(shift=shift, example_sd=0.05))
    assert findings["ii"] == verdict
    assert contrasts["ii.every_control"].value == pytest.approx(gain, abs=0.05)  # the least of four
    family = [row for row in contrasts.values() if row.family == "ii"]
    assert len(family) == len(CONTROLS) * 3
    assert {row.verdict for row in family if ".deep." in row.parameters} == {"supported"}
    assert contrasts["ii.nothing.random_scorer"].verdict == "supported"
    # Scaled dot-product gains 0.3 over every control.
    specific = {0.3: "negligible", -0.2: "contradicted", 0.0: "contradicted"}
    assert contrasts["ii.specific.permuted"].verdict == specific[gain]


def test_learning_fails_if_one_control_is_not_beaten():
    findings, contrasts = verdicts(small("ii"), Fabrication(shift=when(0.3, "tau_b_random_scorer"), example_sd=0.02))
    assert contrasts["ii.additive.permuted"].verdict == "supported"
    assert contrasts["ii.additive.random_scorer"].verdict == "negligible"
    assert contrasts["ii.nothing.random_scorer"].verdict == "contradicted"
    assert json.loads(contrasts["ii.every_control"].parameters)["weakest_against"] == "random scorer"
    assert findings["ii"] == "negligible"


def test_the_scorer_trained_apart_and_the_causal_arm_qualify_learning():
    grid = Grid(["mlp"], ["additive"], ablations=["separate_scorer"])
    config = small("ii", planted=True, datasets=("reviews",), architectures=[grid])
    found = {}
    for slope in (0.0, -1.0):  # the mean slope is 1 + this
        _, found[slope] = verdicts(config, Fabrication(shift=when(slope, "known_slope")))
    assert found[0.0]["ii.apart"].verdict == found[0.0]["ii.apart.random_scorer"].verdict == "supported"
    assert found[0.0]["ii.apart"].value == pytest.approx(0.2, abs=0.05)  # 40 texts, of sd 0.1
    assert (found[0.0]["ii.causal"].verdict, found[-1.0]["ii.causal"].verdict) == ("supported", "negligible")
    # Planted text decides its own arm alone: everything else is about the reviews.
    assert json.loads(found[0.0]["ii.every_control"].parameters)["datasets"] == ["reviews"]
    assert json.loads(found[0.0]["ii.causal"].parameters)["datasets"] == ["planted"]


def test_a_liking_for_a_word_cancels_in_the_causal_arm():
    # The slope is +1 where the favourite word is planted, -1 where it is not: nothing moved with the information.
    def liking(outcome, condition):
        sign = 1 if condition.dataset == PLANTED[0] else -1
        return sign - 1 if outcome == "known_slope" else 0.0

    config = small("ii", planted=True, datasets=("reviews",), architectures=[Grid(["mlp"], ["additive"])])
    _, contrasts = verdicts(config, Fabrication(shift=liking, example_sd=0.02))
    assert contrasts["ii.causal"].verdict == "negligible"
    assert contrasts["ii.causal"].value == pytest.approx(0, abs=0.03)


def test_a_study_of_planted_text_alone_is_evaluated_on_it():
    config = small("i", datasets=(), planted=True)
    findings, contrasts = verdicts(config, Fabrication(shift=when(0.1, "information", attention=("additive", "deep"))))
    assert findings["i"] == "supported"
    assert json.loads(contrasts["i.deep"].parameters)["datasets"] == [str(each) for each in PLANTED]


@pytest.mark.parametrize(
    ("near", "reference", "finding", "chance", "noise"),
    [
        (0.5, 0.6, "supported", "supported", "supported"),
        (0.6, 0.6, "contradicted", "contradicted", "negligible"),
        (0.5, 0.5, "negligible", "supported", "negligible"),
        (0.6, 0.5, "contradicted", "contradicted", "contradicted"),
    ],
)
def test_near_ties_must_be_chance_and_worse_than_noise(near, reference, finding, chance, noise):
    findings, contrasts = verdicts(small("iii"), Fabrication(near=near, near_reference=reference))
    found = (findings["iii"], contrasts["iii.chance"].verdict, contrasts["iii.noise"].verdict)
    assert found == (finding, chance, noise)
    assert contrasts["iii.chance"].value == pytest.approx(near - 0.5, abs=0.01)  # 100,000 pairs, binomial sd 0.002
    assert contrasts["iii.noise"].value == pytest.approx(reference - near, abs=0.01)
    assert contrasts["iii.trend"].verdict == "supported"


def test_near_ties_are_asked_of_each_architecture_and_with_either_estimate():
    rows = evaluated(small("iii"), Fabrication(near=0.5, near_reference=0.6))
    found = {}
    for row in rows:
        told_of = json.loads(row.parameters)
        if told_of.get("texts") == "all":
            part = told_of.get("encoder") or told_of.get("attention")
            found[told_of["hypothesis"], told_of["measure"], part] = (row.value, told_of["agrees"])
    names, estimates = ("iii.chance", "iii.noise"), ("near_tie", "near_tie_halves")
    parts = (None, *ENCODERS, *ATTENTIONS)
    assert set(found) == {(name, estimate, part) for name in names for estimate in estimates for part in parts}
    contrasts = decided(rows)[1]
    assert found["iii.chance", "near_tie", None][0] == pytest.approx(contrasts["iii.chance"].value)
    assert found["iii.noise", "near_tie_halves", None][0] == pytest.approx(contrasts["iii.noise"].value)
    for (name, _, _), (value, agrees) in found.items():
        assert value == pytest.approx({"iii.chance": 0.0, "iii.noise": 0.1}[name], abs=0.02)
        assert agrees
    # Every encoder has as many strata and seeds as the other, so their mean is the effect over both.
    halves = [found["iii.noise", "near_tie_halves", encoder][0] for encoder in ENCODERS]
    assert sum(halves) / 2 == pytest.approx(contrasts["iii.noise"].value)


def by_temperature(sizes):
    """Return a shift of the Gini coefficient by the temperature of Gumbel-softmax."""
    table = {gumbel(each): size for each, size in sizes.items()}
    return lambda outcome, condition: table.get(condition.normalizer, 0.0) if outcome == "gini" else 0.0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sizes", "finding", "trend", "half"),
    [
        ({0.25: 0.15, 0.5: 0.1, 2.0: -0.05}, "supported", "supported", "supported"),
        ({0.25: -0.15, 0.5: -0.1, 2.0: 0.05}, "contradicted", "contradicted", "contradicted"),
        ({}, "negligible", "negligible", "negligible"),
        # Above softmax at every temperature, and no more so at the lower ones.
        ({0.25: 0.1, 0.5: 0.1, 2.0: 0.1}, "negligible", "negligible", "supported"),
    ],
)
def test_skew_must_rise_as_the_temperature_falls_and_exceed_softmax(sizes, finding, trend, half):
    findings, contrasts = verdicts(small("iv"), Fabrication(shift=by_temperature(sizes)))
    assert (findings["iv"], contrasts["iv.trend"].verdict, contrasts[HALF].verdict) == (finding, trend, half)
    # Slope on halvings -1, 1, 2 with mean 2/3: sum (h - 2/3) y / sum (h - 2/3)^2, the squares summing to 14/3.
    expected = sum((h - 2 / 3) * sizes.get(t, 0.0) for t, h in ((2.0, -1), (0.5, 1), (0.25, 2))) / (14 / 3)
    assert contrasts["iv.trend"].value == pytest.approx(expected, abs=0.01)
    assert json.loads(contrasts["iv.trend"].parameters)["n_blocks"] == 2 * 2 * 8


def test_a_sharper_attention_that_loses_something_explains_no_better():
    config = small("iv", datasets=("reviews",))
    cold = {"normalizer": ("gumbel_softmax",)}
    shift = together(by_temperature({0.25: 0.2, 0.5: 0.1, 2.0: -0.1}), when(-0.4, "stability", **cold))
    rows = evaluated(config, Fabrication(shift=shift))
    _, contrasts = decided(rows)
    assert contrasts[f"{HALF}.agreement"].verdict == "supported"
    assert contrasts[f"{HALF}.stability"].verdict == "contradicted"
    assert contrasts[f"{HALF}.stability"].ci_method.startswith("jackknife over seeds")
    finding = tell_finding(to_frame(rows), "iv")
    explains = next(each.lines for each in finding.details if each.heading.endswith("explain better?"))
    assert "Gumbel-softmax (temperature 0.5), if nothing may be lost against softmax: not supported" in explains
    assert told(rows, "iv")["title"] == finding.title


def test_the_best_combination_and_the_interaction_built_true():
    special = when(0.1, "tau_b", encoder=("bilstm",), attention=("additive",))
    findings, contrasts = verdicts(small("v"), Fabrication(shift=special))
    assert findings["v"] == "supported"
    assert contrasts["v.best"].value == pytest.approx(0.1, abs=0.02)
    # A gain of 0.1 in one of 2 x 3 cells leaves interactions of 0.1 * (1 - 1/2)(1 - 1/3) = 1/30 there, and so on;
    # their root mean square is 0.1 * sqrt((1/2)(2/3) / 6) = 0.0236.
    assert contrasts["v.interaction"].value == pytest.approx(0.0236, abs=0.006)
    assert contrasts["v.confirmed"].verdict == "supported"
    assert "bilstm + additive" in contrasts["v.confirmed"].parameters


@pytest.mark.parametrize(
    ("encoder", "best", "finding"), [(("mlp",), "contradicted", "contradicted"), ((), "negligible", "negligible")]
)
def test_the_best_combination_built_false_and_null(encoder, best, finding):
    # Not the default seed, whose draw is one of the 5 % in which the null interaction is found (p = .025).
    fabrication = Fabrication(shift=when(0.1, "tau_b", encoder=encoder))
    findings, contrasts = verdicts(small("v"), fabrication, rng=2)
    assert (contrasts["v.best"].verdict, contrasts["v.interaction"].verdict) == (best, "negligible")
    assert findings["v"] == finding


def test_combinations_are_ranked_over_three_data_sets():
    config = small("v", datasets=("reviews", "news", "mail"))
    special = when(0.1, "tau_b", encoder=("bilstm",), attention=("additive",))
    rows = evaluated(config, Fabrication(shift=special))
    described = {
        quantity: {(row.encoder, row.attention): row for row in rows if row.quantity == quantity}
        for quantity in ("lead", "rank", "mean_rank")
    }
    target = ("bilstm", "additive")
    assert {quantity: len(found) for quantity, found in described.items()} == {"lead": 6, "rank": 6, "mean_rank": 6}
    assert described["lead"][target].value == pytest.approx(0.1, abs=0.02)
    assert described["lead"][target].ci_low == 0  # the only candidate
    assert (described["rank"][target].ci_low, described["rank"][target].ci_high) == (1, 1)
    assert described["mean_rank"][target].value == 1
    assert "v.ranks" in {json.loads(row.parameters).get("hypothesis") for row in rows if row.quantity == "contrast"}


def test_only_seeds_that_finished_under_both_conditions_are_compared():
    config = small("i", seeds=9)
    lost = {(Condition(config.datasets[0].source, *config.combinations()[0]), 4)}  # additive
    _, contrasts = verdicts(config, skip=lost)
    assert (contrasts["i.additive"].n_seeds, contrasts["i.deep"].n_seeds) == (8, 9)


def test_too_few_finished_seeds_are_said_not_tested():
    config = small("iii")
    sources = [spec.source for spec in config.datasets]
    lost = {(Condition(source, *each), seed) for source in sources for each in config.combinations() for seed in (0, 1)}
    rows = evaluated(config, skip=lost)
    assert [row.verdict for row in rows] == ["not evaluated"]
    assert "needs 8 seeds that finished under every condition (inference.minimum_seeds); it has 6" in rows[0].parameters


@pytest.mark.parametrize("finding", ["iii", "iv", "v"])
def test_a_collapsed_model_takes_down_its_own_condition_alone(finding):
    config = study(ablations=(), inference=Inference(findings=(finding,), n_resamples=99))
    collapsed = next(
        each for each in config.combinations() if each[2] == (gumbel(0.25) if finding == "iv" else Component("softmax"))
    )
    condition = Condition(config.datasets[1].source, *collapsed)
    rows = evaluated(config, skip={(condition, 3)})
    note = json.loads(rows[-1].parameters)["note"]
    assert f"Left out: {' '.join(map(str, condition))} (7 seeds finished)." in note
    details = {
        each["hypothesis"]: each for each in (json.loads(row.parameters) for row in rows if row.quantity == "contrast")
    }
    if finding == "iii":  # strata are two encoders by three attentions, on two data sets
        assert details["iii.chance"]["n_strata"] == 11
    elif finding == "iv":  # one encoder of one data set is left out, and only at that temperature
        assert details["iv.gumbel_softmax(temperature=0.25)"]["n_strata"] == 3
        assert details["iv.gumbel_softmax(temperature=0.5)"]["n_strata"] == 4
    else:  # a table lacks a combination: the data set is left out
        assert details["v.interaction"]["datasets"] == [str(config.datasets[0].source)]


def test_a_finding_that_a_collapsed_model_leaves_without_conditions_names_it():
    grid = Grid(["mlp"], ["additive", "scaled_dot_product"])
    config = study(architectures=[grid], datasets=("reviews",), inference=Inference(findings=("i",), n_resamples=99))
    condition = Condition(config.datasets[0].source, *config.combinations()[0])
    (row,) = evaluated(config, skip={(condition, 3)})
    assert row.verdict == "not evaluated"
    assert f"Left out: {' '.join(map(str, condition))} (7 seeds finished)." in json.loads(row.parameters)["note"]


@pytest.mark.parametrize(
    ("grid", "left_out"),
    [
        (Grid(["mlp"], ["additive"]), {"i", "iv", "v"}),
        (Grid(ENCODERS, ["additive", "deep"]), {"i", "iv"}),
        (Grid(["mlp"], ["scaled_dot_product"], [gumbel(0.5)]), {"i", "ii", "iii", "iv", "v"}),
    ],
)
def test_a_study_without_the_conditions_says_what_it_lacks(grid, left_out):
    config = study(architectures=[grid], datasets=("reviews",), inference=Inference(n_resamples=99))
    rows = evaluated(config)
    reasons = {row.finding: row.parameters for row in rows if row.verdict == "not evaluated"}
    assert set(reasons) == left_out
    assert all("needs" in reason for reason in reasons.values())


def test_a_study_with_some_of_the_conditions_evaluates_what_it_can():
    grids = [Grid(["mlp"], ["additive", "scaled_dot_product"]), Grid(["mlp"], ["additive"], [gumbel(0.5)])]
    config = study(architectures=grids, datasets=("reviews",), inference=Inference(n_resamples=99))
    rows = evaluated(config)
    assert "needs deep attention" in told(rows, "i")["note"]
    assert "scorer trained apart: the study needs tau_b under the ablation separate_scorer" in told(rows, "ii")["note"]
    assert told(rows, "iv")["missing"][0].startswith("trend over temperatures: the study needs gumbel_softmax at three")
    assert "causal arm on planted text: the study needs planted text twice" in told(rows, "ii")["note"]
    assert "needs gumbel_softmax at three temperatures; it has 1" in told(rows, "iv")["note"]


def test_few_seeds_are_marked():
    config = study(seeds=3, datasets=("reviews",), inference=Inference(minimum_seeds=3, n_resamples=99))
    findings = [row for row in evaluated(config) if row.quantity == "finding"]
    assert len(findings) == 5
    assert all("Only 3 seeds" in row.parameters for row in findings)


def test_an_inconclusive_claim_says_how_many_seeds_it_would_need():
    config = small("i", datasets=("reviews",))
    shift = when(0.05, "information", attention=("additive", "deep"))
    rows = evaluated(config, Fabrication(shift=shift, seed_sd=0.15), rng=3)
    assert next(row.verdict for row in rows if row.quantity == "finding") == "inconclusive"
    assert "80 % power would need" in told(rows, "i")["note"]


def test_the_same_seed_gives_the_same_rows():
    config = study(datasets=("reviews",), inference=Inference(n_resamples=99))
    drawn = Fabrication(n_examples=10).outcomes(config)
    assert evaluate_findings(drawn, config, rng=5) == evaluate_findings(drawn, config, rng=5)


@pytest.mark.slow
def test_correction_and_findings_are_checked_by_name():
    config = small("i", inference=Inference(correction="bonferoni"))
    drawn = Fabrication().outcomes(config)
    with pytest.raises(UnknownNameError, match=r"inference.correction: must be one of holm.*max_t.*bonferoni"):
        evaluate_findings(drawn, config, rng=0)
    config = small("i", inference=Inference(findings=("vi",)))
    with pytest.raises(UnknownNameError, match=r"inference.findings: must be one of i, ii, iii, iv, v; got 'vi'"):
        evaluate_findings(drawn, config, rng=0)


def test_a_constant_outcome_is_said_not_tested():
    config = small("iv")
    drawn = Fabrication().outcomes(config)
    for analysis in drawn._cells.values():
        analysis.examples["gini"] = 0.25
    rows = evaluate_findings(drawn, config, rng=0)
    assert [row.verdict for row in rows if row.quantity == "finding"] == ["not evaluated"]
