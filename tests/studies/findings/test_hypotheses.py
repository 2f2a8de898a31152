"""Hypotheses against the tests that they stand for, and families corrected as declared."""

import json

import numpy as np
import pytest
from fabricated import CONTROLS, Fabrication, study, when
from scipy import stats

from attnstats.comparison import anova_interaction_test, best_test, page_test, paired_family_test
from attnstats.studies import Grid, Inference
from attnstats.studies.findings import evaluate_findings
from attnstats.studies.findings._information import information
from attnstats.studies.findings._skew import skew
from attnstats.studies.findings.claims._decisions import decide, finding_verdict
from attnstats.studies.findings.claims._hypotheses import (
    EquivalenceHypothesis,
    IntersectionUnion,
    NonInferiorityHypothesis,
    SuperiorityHypothesis,
)
from attnstats.studies.findings.claims._specifications import Specification, specification_rows
from attnstats.studies.findings.evidence._contrasts import SeedMeans, Weakest
from attnstats.studies.findings.evidence._design import Design, NotEvaluableError
from attnstats.studies.findings.evidence.outcomes import SummaryKey

SEEDS = tuple(range(8))
WORDS = {"claim": "c", "estimand": "e", "unit": "u", "margin": 0.05}


def claim(kind, name, values, seeds=SEEDS, family="f", **keys):
    contrast = SeedMeans(values=values, seeds=seeds, datasets=("a",) * len(values))
    return kind(name=name, family=family, contrast=contrast, **{**WORDS, **keys})


def superiority(name, values, **keys):
    return claim(SuperiorityHypothesis, name, values, **keys)


def decided(hypotheses, correction="holm"):
    decisions, _ = decide(hypotheses, Inference(correction=correction), np.random.default_rng(0))
    return {each.hypothesis.name: each for each in decisions}


def test_intersection_union_is_the_test_of_the_best():
    values = np.random.default_rng(0).normal([[0.4], [0.1], [0.3]], 0.1, size=(2, 3, 8))
    datasets = ("a", "b")
    parts = tuple(SeedMeans(values=values[:, 0] - values[:, j], seeds=SEEDS, datasets=datasets) for j in (1, 2))
    contrast = Weakest(parts=parts, seeds=SEEDS, datasets=datasets)
    hypothesis = IntersectionUnion(name="n", family="f", contrast=contrast, against=("one", "two"), **WORDS)
    decision = decided([hypothesis])["n"]
    expected = best_test(values, target=0)
    assert decision.result.pvalue == decision.pvalue_adjusted == expected.pvalue
    assert decision.result.effect == pytest.approx(expected.effect)
    assert decision.details["weakest_against"] == "two"


def test_holm_corrects_within_each_family_alone():
    rng = np.random.default_rng(1)
    values = 0.1 + 0.1 * rng.normal(size=(3, 1, 8))
    found = decided([superiority(str(n), each, family="f" if n < 2 else "g") for n, each in enumerate(values)])
    raw = [found[str(n)].result.pvalue for n in range(3)]
    assert found["2"].pvalue_adjusted == raw[2]
    assert min(found["0"].pvalue_adjusted, found["1"].pvalue_adjusted) == pytest.approx(2 * min(raw[:2]))


@pytest.mark.parametrize("kind", [SuperiorityHypothesis, EquivalenceHypothesis, NonInferiorityHypothesis])
def test_a_contradiction_answers_for_the_size_of_its_family_as_support_does(kind):
    # The statistic of the distance to what is claimed lies between the 95 % quantile of one claim and that of six.
    t = -3.0
    assert stats.t.ppf(0.975, 7) < -t < stats.t.ppf(1 - 0.025 / 6, 7)
    drawn = np.random.default_rng(5).normal(size=(6, 1, 8))
    standard = (drawn - drawn.mean(axis=-1, keepdims=True)) / stats.sem(drawn, axis=-1)[..., np.newaxis]
    end = 0.0 if kind is SuperiorityHypothesis else -WORDS["margin"]
    values = end + (t + standard)  # standard error 1, so that none lies inside the margin of 0.05
    alone = decided([claim(kind, str(n), each, family=str(n)) for n, each in enumerate(values)])
    together = decided([claim(kind, str(n), each) for n, each in enumerate(values)])
    assert {each.verdict for each in alone.values()} == {"contradicted"}
    assert {each.verdict for each in together.values()} == {"inconclusive"}
    assert all(each.result.confidence_interval.high < end for each in together.values())
    further = decided([claim(kind, str(n), each - 2) for n, each in enumerate(values)])
    assert {each.verdict for each in further.values()} == {"contradicted"}


@pytest.mark.parametrize(
    ("kind", "mean", "needed"),
    [
        # Standard deviation 0.1, margin 0.05: the mean is 0.05 or 0.1 away from the end. For a one-sided t test with
        # 80 % power statsmodels' TTestPower gives 26.1 and 7.7 seeds; TOST of a mean of zero has .790 with 35 seeds and
        # .805 with 36 (`equivalence_power`).
        (NonInferiorityHypothesis, 0.0, 27),
        (NonInferiorityHypothesis, 0.05, 8),
        (NonInferiorityHypothesis, -0.06, None),
        (EquivalenceHypothesis, 0.0, 36),
        (EquivalenceHypothesis, 0.06, None),
    ],
)
def test_a_claim_against_a_margin_says_how_many_seeds_would_show_it(kind, mean, needed):
    drawn = np.random.default_rng(7).normal(size=(1, 8))
    values = mean + 0.1 * (drawn - drawn.mean()) / drawn.std(ddof=1)
    assert decided([claim(kind, "n", values)])["n"].details["seeds_needed"] == needed


def test_a_specification_agrees_where_it_lies_on_the_same_side_of_what_is_claimed():
    noise = 0.01 * np.random.default_rng(6).normal(size=(1, 8))
    noise -= noise.mean()
    decisions, _ = decide(
        [superiority("above", 0.1 + noise), claim(EquivalenceHypothesis, "within", 0.01 + noise, family="g")],
        Inference(),
        np.random.default_rng(0),
    )
    asked = [("above", 0.02), ("above", -0.02), ("within", -0.04), ("within", 0.06), ("within", -0.06)]
    specifications = [
        Specification(
            hypothesis=name,
            measure=SummaryKey("tau_b", None, None, None, None),
            contrast=SeedMeans(values=value + noise, seeds=SEEDS, datasets=("a",)),
        )
        for name, value in asked
    ]
    rows = specification_rows(specifications, decisions, Inference(), np.random.default_rng(0))
    assert [json.loads(row.parameters)["agrees"] for row in rows] == [True, False, True, False, False]


def test_max_t_takes_its_p_values_from_sign_flips_that_the_family_shares():
    rng = np.random.default_rng(2)
    values = 0.1 + 0.1 * rng.normal(size=(3, 2, 8))
    found = decided([superiority(str(n), each) for n, each in enumerate(values)], "max_t")
    expected = paired_family_test(values.mean(axis=1).T, alternative="greater")
    for n, each in enumerate(found.values()):
        assert each.correction == "max_t"
        assert each.pvalue_adjusted == expected.pvalues_adjusted[n]
        assert each.result.pvalue == expected.results[n].pvalue
        assert "max-T" in each.result.test


@pytest.mark.parametrize("other", ["equivalence", "seeds"])
def test_max_t_is_refused_for_a_deciding_family_that_it_does_not_fit(other):
    values = 0.1 + 0.1 * np.random.default_rng(3).normal(size=(2, 1, 8))
    second = superiority("1", values[1], seeds=tuple(range(1, 9)))
    if other == "equivalence":
        second = claim(EquivalenceHypothesis, "1", values[1])
    with pytest.raises(NotEvaluableError, match="must not be max_t for the family f"):
        decided([superiority("0", values[0]), second], "max_t")


def test_max_t_in_a_study_leaves_other_families_to_holm():
    config = study(
        datasets=("reviews",),
        architectures=[Grid(["mlp"], ["additive", "scaled_dot_product", "deep"])],
        ablations=CONTROLS,
        inference=Inference(correction="max_t", findings=("i", "ii", "iii"), n_resamples=99),
    )
    drawn = Fabrication(example_sd=0.02).outcomes(config)
    rows = evaluate_findings(drawn, config, rng=0)
    corrections = {row.family: row.correction for row in rows if row.quantity == "contrast"}
    assert (corrections["i"], corrections["ii"]) == ("max_t", "max_t")
    assert (corrections["i.guards"], corrections["ii.nothing"]) == ("holm", "holm")
    (third,) = [row for row in rows if row.finding == "iii"]
    assert third.verdict == "not evaluated"
    assert "must not be max_t for the family iii" in json.loads(third.parameters)["note"]


def test_a_claim_that_cannot_be_tested_falls_alone_unless_it_is_primary():
    rng = np.random.default_rng(4)
    good, constant = superiority("good", rng.normal(size=(1, 8))), np.ones((1, 8))
    decisions, failed = decide(
        [good, superiority("bad", constant, family="g", role="secondary")], Inference(), np.random.default_rng(0)
    )
    assert [each.hypothesis.name for each in decisions] == ["good"]
    assert failed == ["c: the value is the same for every seed, which leaves nothing to test"]  # c is the claim
    with pytest.raises(NotEvaluableError, match="c: the value is the same for every seed"):
        decide([good, superiority("bad", constant)], Inference(), np.random.default_rng(0))


def test_the_mixed_model_of_a_balanced_study_is_the_t_test_over_data_sets():
    # With a random difference for each data set, the mean over data sets has K - 1 degrees of freedom.
    grids = [Grid(["mlp", "bilstm"], ["additive", "scaled_dot_product"])]
    config = study(datasets=("reviews", "news", "mail", "posts"), architectures=grids, ablations=())
    sizes = {"reviews": 0.05, "news": 0.1, "mail": 0.2, "posts": 0.15}

    def shift(outcome, condition):
        return (
            sizes[condition.dataset.name] if (outcome, condition.attention.name) == ("information", "additive") else 0
        )

    declared = information(Design(Fabrication(shift=shift).outcomes(config), config))
    model = next(each for each in declared.hypotheses if each.name == "i.additive.mixed_model")
    result = model.test(Inference(), np.random.default_rng(0))
    by_dataset = model.contrast.by_stratum.reshape(4, -1).mean(axis=1)
    expected = stats.ttest_1samp(by_dataset, 0, alternative="greater")
    assert result.effect == pytest.approx(by_dataset.mean())
    assert result.statistic == pytest.approx(expected.statistic, rel=1e-3)
    assert result.pvalue == pytest.approx(expected.pvalue, rel=1e-2)


def test_the_trend_is_page_over_seeds_of_every_stratum():
    config = study(datasets=("reviews",), ablations=())
    outcomes = Fabrication().outcomes(config)
    trend = next(each for each in skew(Design(outcomes, config)).hypotheses if each.name == "iv.trend")
    result = trend.test(Inference(), np.random.default_rng(0))
    temperatures = (2.0, 0.5, 0.25)
    means = {
        (condition.normalizer.parameters["temperature"], condition.encoder): outcomes.matrix(
            condition, "gini", range(8)
        ).mean(axis=1)
        for condition in outcomes.conditions
        if condition.normalizer.name == "gumbel_softmax"
    }
    encoders = list(dict.fromkeys(encoder for _, encoder in means))
    values = [np.concatenate([means[each, encoder] for encoder in encoders]) for each in temperatures]
    assert result.pvalue == page_test(values).pvalue
    slopes = np.polyfit(-np.log2(temperatures), np.array(values), 1)[0]
    assert result.effect == pytest.approx(slopes.mean())
    assert (result.n, trend.n_seeds) == (16, 8)


@pytest.mark.slow
def test_the_interaction_of_a_table_is_that_of_its_seeds_and_examples():
    config = study(datasets=("reviews",), ablations=(), inference=Inference(findings=("v",), n_resamples=199))
    special = when(0.1, "tau_b", encoder=("bilstm",), attention=("additive",))
    outcomes = Fabrication(shift=special).outcomes(config)
    row = next(
        each for each in evaluate_findings(outcomes, config, rng=0) if "v.interaction" in (each.parameters or "")
    )
    table = np.array(
        [
            [
                outcomes.matrix(condition, "tau_b", range(8))
                for condition in outcomes.conditions
                if (condition.encoder.name, condition.normalizer.name) == (encoder, "softmax")
            ]
            for encoder in ("mlp", "bilstm")
        ]
    )
    expected = anova_interaction_test(table)
    assert (row.value, row.pvalue) == (expected.effect, expected.pvalue)
    assert row.pvalue < 0.001
    assert row.ci_low < row.value < row.ci_high
    means = table.mean(axis=(2, 3))
    size = np.sqrt(((means - means.mean(0) - means.mean(1, keepdims=True) + means.mean()) ** 2).mean())
    assert 0.97 * size < row.value < size  # what error alone makes of it is taken off


def test_the_verdict_rule():
    assert finding_verdict(["supported", "negligible"]) == "negligible"
    assert finding_verdict(["supported", "contradicted"]) == "contradicted"
    assert finding_verdict(["negligible", "inconclusive"]) == "inconclusive"
