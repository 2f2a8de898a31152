"""Each finding's verdict on studies whose claims are built true, built false, and built null.

The outcomes are drawn, not trained: a crossed design with seed, example and residual components, so that only the
declaration, the tests and the verdict rules are on trial.
"""

import json

import numpy as np
import pandas as pd
import pytest

from attnstats.exceptions import UnknownNameError
from attnstats.frame import Row, to_frame
from attnstats.studies import Component, DatasetSpec, Grid, Inference, StudyConfig
from attnstats.studies.analyse import TraceAnalysis
from attnstats.studies.condition import Condition
from attnstats.studies.findings import FINDINGS, evaluate_findings, finding_verdict
from attnstats.studies.outcomes import Outcomes

N_EXAMPLES = 80
GUMBEL = Component("gumbel_softmax", temperature=0.5)


def config(**changes):
    settings = {
        "name": "drawn",
        "datasets": [DatasetSpec(Component("reviews"))],
        "architectures": [
            Grid(["mlp", "bilstm"], ["additive", "scaled_dot_product", "deep"]),
            Grid(["mlp", "bilstm"], ["additive"], [GUMBEL]),
        ],
        "inference": Inference(n_resamples=499),
    }
    return StudyConfig(**{**settings, **changes})


def no_shift(outcome, condition):
    return 0.0


def outcomes(study, *, shift=no_shift, near=0.5, near_reference=0.5, skip=()):
    """Draw outcomes whose means are 0.3 plus `shift`, and near-tie concordances as given."""
    rng = np.random.default_rng(1)
    cells = {}
    names = ("information", "context_information", "tau_b", "gini", "correct")
    controls = [f"tau_b_{each.name}" for each in study.ablations]
    for spec in study.datasets:
        example = {name: 0.1 * rng.normal(size=N_EXAMPLES) for name in (*names, *controls)}
        for combination in study.combinations():
            condition = Condition(spec.source, *combination)
            for seed in range(study.seeds):
                columns = {
                    name: 0.3 * (name not in controls)
                    + shift(name, condition)
                    + example[name]
                    + 0.01 * rng.normal()
                    + 0.05 * rng.normal(size=N_EXAMPLES)
                    for name in (*names, *controls)
                }
                for name, share in (("", near), ("_halves", near), ("_reference", near_reference)):
                    pairs = rng.integers(20, 40, size=N_EXAMPLES)
                    columns[f"near_tie{name}_pairs"] = pairs.astype(float)
                    columns[f"near_tie{name}_concordant"] = rng.binomial(pairs, share).astype(float)
                slope = Row(quantity="concordance_slope", value=0.05 + 0.01 * rng.normal(), ablation="none")
                if (condition, seed) not in skip:
                    cells[condition, seed] = TraceAnalysis(to_frame([slope]), pd.DataFrame(columns))
    return Outcomes(cells)


def verdicts(study, drawn):
    """Return the verdict on each finding, and on each hypothesis."""
    rows = evaluate_findings(drawn, study, rng=0)
    findings = {row.finding: row.verdict for row in rows if row.quantity == "finding"}
    contrasts = {json.loads(row.parameters)["hypothesis"]: row for row in rows if row.quantity == "contrast"}
    return findings, contrasts


def when(size, outcome_name, **parts):
    """Return a shift of one outcome under the conditions whose parts have these names."""

    def shift(outcome, condition):
        matches = all(getattr(condition, part).name in names for part, names in parts.items())
        return size if outcome == outcome_name and matches else 0.0

    return shift


SHIFTS = {
    "i": lambda size: when(size, "information", attention=("additive", "deep")),
    "iv": lambda size: when(size, "gini", normalizer=("gumbel_softmax",)),
}


@pytest.mark.parametrize("finding", ["i", "iv"])
@pytest.mark.parametrize(("size", "verdict"), [(0.2, "supported"), (-0.2, "contradicted"), (0.0, "negligible")])
def test_a_difference_built_true_false_and_null(finding, size, verdict):
    study = config()
    findings, contrasts = verdicts(study, outcomes(study, shift=SHIFTS[finding](size)))
    assert findings[finding] == verdict
    primary = [row for row in contrasts.values() if row.finding == finding and json.loads(row.parameters)["primary"]]
    for row in primary:
        assert row.ci_low < size < row.ci_high
        assert row.value == pytest.approx(size, abs=0.02)  # 16 pairs of models, sd of a pair's mean 0.015
        assert row.pvalue >= row.pvalue_floor > 0
        assert row.pvalue <= row.pvalue_adjusted <= 1


@pytest.mark.parametrize(("trained", "verdict"), [(0.0, "supported"), (-0.5, "contradicted"), (-0.3, "negligible")])
def test_learning_is_the_gain_over_every_control(trained, verdict):
    # Intact agreement is 0.3 + trained, that of each control 0.
    study = config()
    findings, contrasts = verdicts(study, outcomes(study, shift=lambda name, _: trained * (name == "tau_b")))
    assert findings["ii"] == verdict
    assert set(contrasts) >= {"ii.uniform", "ii.permuted", "ii.random_scorer", "ii.permuted.specific"}
    assert contrasts["ii.random_scorer.nothing"].verdict == "supported"
    assert contrasts["ii.permuted.specific"].verdict == "negligible"


def test_learning_fails_if_one_control_is_not_beaten():
    study = config()
    findings, contrasts = verdicts(study, outcomes(study, shift=lambda name, _: 0.3 * (name == "tau_b_random_scorer")))
    assert contrasts["ii.permuted"].verdict == "supported"
    assert contrasts["ii.random_scorer"].verdict == "negligible"
    assert findings["ii"] == "negligible"


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
    study = config()
    findings, contrasts = verdicts(study, outcomes(study, near=near, near_reference=reference))
    assert (findings["iii"], contrasts["iii.chance"].verdict, contrasts["iii.noise"].verdict) == (
        finding,
        chance,
        noise,
    )
    assert contrasts["iii.chance"].value == pytest.approx(near - 0.5, abs=0.01)  # 100,000 pairs, binomial sd 0.002
    assert contrasts["iii.trend"].verdict == "supported"


def test_the_best_combination_and_the_interaction_built_true():
    study = config()
    special = when(0.1, "tau_b", encoder=("bilstm",), attention=("additive",), normalizer=("softmax",))
    findings, contrasts = verdicts(study, outcomes(study, shift=special))
    assert findings["v"] == "supported"
    assert contrasts["v.best"].value == pytest.approx(0.1, abs=0.02)
    # A gain of 0.1 in one of 2 x 3 cells leaves interactions of 0.1 * (1 - 1/2)(1 - 1/3) = 1/30 there, and so on;
    # their root mean square is 0.1 * sqrt((1/2)(2/3) / 6) = 0.0236.
    assert contrasts["v.interaction"].value == pytest.approx(0.0236, abs=0.006)


def test_the_best_combination_built_false_and_the_interaction_null():
    study = config()
    findings, contrasts = verdicts(study, outcomes(study, shift=when(0.1, "tau_b", encoder=("mlp",))))
    assert contrasts["v.best"].verdict == "contradicted"
    assert contrasts["v.interaction"].verdict == "inconclusive"
    assert findings["v"] == "contradicted"


def test_two_data_sets_weigh_the_same():
    study = config(datasets=[DatasetSpec(Component("reviews")), DatasetSpec(Component("news"))])
    only = when(0.2, "gini", dataset=("news",), normalizer=("gumbel_softmax",))
    _, contrasts = verdicts(study, outcomes(study, shift=only))
    assert contrasts[f"iv.{GUMBEL}"].value == pytest.approx(0.1, abs=0.02)


def test_only_seeds_that_finished_under_both_conditions_are_compared():
    study = config(seeds=9)
    lost = {(Condition(study.datasets[0].source, *study.combinations()[0]), 4)}
    _, contrasts = verdicts(study, outcomes(study, skip=lost))
    assert (contrasts["i.additive"].n_seeds, contrasts["i.deep"].n_seeds) == (8, 9)
    assert {row.n_seeds for row in contrasts.values() if row.finding in ("iii", "v")} == {8}


def test_too_few_finished_seeds_are_said_not_tested():
    study = config()
    lost = {(Condition(study.datasets[0].source, *study.combinations()[0]), seed) for seed in range(2)}
    rows = evaluate_findings(outcomes(study, skip=lost), study, rng=0)
    first = next(row for row in rows if row.finding == "i")
    assert first.verdict == "not evaluated"
    assert "needs 8 seeds that finished under every condition; it has 6" in first.parameters


@pytest.mark.parametrize(
    ("grid", "left_out"),
    [
        (Grid(["mlp"], ["additive"]), {"i", "iv", "v"}),
        (Grid(["mlp", "bilstm"], ["additive", "deep"]), {"i", "iv"}),
        (Grid(["mlp"], ["scaled_dot_product"], [GUMBEL]), {"i", "ii", "iii", "iv", "v"}),
    ],
)
def test_a_study_without_the_conditions_says_what_it_lacks(grid, left_out):
    study = config(architectures=[grid])
    rows = evaluate_findings(outcomes(study), study, rng=0)
    reasons = {row.finding: row.parameters for row in rows if row.verdict == "not evaluated"}
    assert set(reasons) == left_out
    assert all("needs" in reason for reason in reasons.values())


def test_few_seeds_are_marked():
    study = config(seeds=3, inference=Inference(minimum_seeds=3, n_resamples=199))
    rows = evaluate_findings(outcomes(study), study, rng=0)
    assert all("Only 3 seeds" in row.parameters for row in rows if row.quantity == "finding")


def test_the_same_seed_gives_the_same_rows():
    study = config()
    drawn = outcomes(study)
    assert evaluate_findings(drawn, study, rng=5) == evaluate_findings(drawn, study, rng=5)


def test_correction_and_findings_are_checked_by_name():
    study = config(inference=Inference(correction="bonferoni"))
    with pytest.raises(UnknownNameError, match=r"inference.correction: must be one of holm.*bonferoni"):
        evaluate_findings(outcomes(study), study, rng=0)
    study = config(inference=Inference(findings=("vi",)))
    with pytest.raises(UnknownNameError, match=r"inference.findings: must be one of i, ii, iii, iv, v; got 'vi'"):
        evaluate_findings(outcomes(study), study, rng=0)


def test_a_constant_outcome_is_said_not_tested():
    study = config()
    drawn = outcomes(study)
    for analysis in drawn._cells.values():
        analysis.examples["gini"] = 0.25
    rows = evaluate_findings(drawn, study, rng=0)
    assert [row.verdict for row in rows if row.finding == "iv"] == ["not evaluated"]


def test_there_are_five_findings():
    assert [finding.name for finding in FINDINGS] == ["i", "ii", "iii", "iv", "v"]


def test_the_verdict_rule():
    assert finding_verdict(["supported", "negligible"]) == "negligible"
    assert finding_verdict(["supported", "contradicted"]) == "contradicted"
    assert finding_verdict(["negligible", "inconclusive"]) == "inconclusive"
