"""Interventions on heads compared, on outputs written by hand: head 1 matters, head 2 a little less, head 0 never."""

import json
from dataclasses import replace

import numpy as np
import pytest

from attnstats.ablation import Accuracy, Agreement, DecisionFlips, OutputChange, PredictedProbability, ablation_test
from attnstats.adapters import IntervenedHeads, UniformWeights, ZeroedOutput
from attnstats.comparison import compare_with_best, paired_family_test
from attnstats.exceptions import (
    ConstantInputError,
    FewReplicatesWarning,
    InvalidInputError,
    TooFewSamplesError,
    UnreliableEstimateWarning,
)
from attnstats.studies import head_ablation_test

N_TEXTS = 60
HEADS = (((0, 0),), ((0, 1),), ((1, 2),), ((0, 1), (0, 2)), ((0, 1), (1, 2)))


def written(seed=0, **changes):
    rng = np.random.default_rng(seed)
    positive = np.random.default_rng(99).random(N_TEXTS) < 0.5  # the same texts for every training
    logits = np.where(positive, 1.5, -1.5) + rng.normal(size=N_TEXTS) / 2
    output = np.empty((2, len(HEADS), N_TEXTS, 2))
    for intervention, strength in enumerate((1.0, 0.5)):
        for place, lost in enumerate((0.0, 1.0, 0.5, 1.2, 1.4)):
            noise = rng.normal(size=N_TEXTS) * 0.3 * bool(lost)
            output[intervention, place] = probabilities(logits * (1 - lost * strength) + noise)
    given = {
        "interventions": (ZeroedOutput(), UniformWeights()), "heads": HEADS, "labels": positive.astype(int),
        "texts": tuple(f"text {number}" for number in range(N_TEXTS)), "intact": probabilities(logits),
        "output": output, "metadata": {"dataset": "toy", "seed": seed, "model": "by hand"},
    }  # fmt: skip
    return IntervenedHeads(**{**given, **changes})


def probabilities(logits):
    return np.column_stack([1 / (1 + np.exp(logits)), 1 / (1 + np.exp(-logits))])


@pytest.fixture(scope="module")
def intervened():
    return written()


def test_outcomes_of_each_text_are_what_they_are_called(intervened):
    margin = {"total_variation": 0.01, "decision_flips": 0.01}
    for outcome in (Accuracy(), PredictedProbability(), OutputChange(), DecisionFlips()):
        found = head_ablation_test(intervened, outcome, margin=margin.get(outcome.quantity), n_resamples=99, rng=0)
        for place in np.ndindex(2, 5):
            for text in range(N_TEXTS):
                before, after = intervened.intact[text], intervened.output[place][text]
                predicted, label = int(before[1] > before[0]), intervened.labels[text]
                first, second = {
                    "accuracy": (predicted == label, int(after[1] > after[0]) == label),
                    "predicted_probability": (before[predicted], after[predicted]),
                    "total_variation": (0, abs(before[0] - after[0])),
                    "decision_flips": (0, int(after[1] > after[0]) != predicted),
                }[found.outcome]
                assert found.intact[0, text] == pytest.approx(float(first))
                assert found.ablated[0, *place, text] == pytest.approx(float(second))
                effect = float(second) if found.margin else float(first) - float(second)
                assert found.effects[0, *place, text] == pytest.approx(effect)


def test_one_training_is_tested_over_texts_all_heads_at_once(intervened):
    found = head_ablation_test(intervened, n_resamples=999, rng=5)
    assert found.tested.tolist() == [[False, True, True, True, True]] * 2
    expected = paired_family_test(found.effects[0][found.tested].T, n_resamples=999, replication_unit="text", rng=5)
    assert found.tests.pvalues_adjusted == expected.pvalues_adjusted
    assert [each.effect for each in found.tests.results] == [each.effect for each in expected.results]
    assert found.tests.names[0] == "zeroed, layer 0, head 1"
    assert found.tests.names[-1] == "uniform, layer 0, head 1 and layer 1, head 2"
    lines = found.summary().splitlines()
    assert lines[0] == (
        "predicted_probability under zeroed, uniform; 10 comparisons, sign-flip max-T (999 resamples), "
        "n = 60 texts of one training"
    )
    assert lines[1] == "8 lower it, 0 raise it, at a family-wise level of 0.05; 2 change it in no text"
    assert lines[2].startswith("zeroed, layer 0, head 1 and layer 1, head 2: mean difference = 0.")
    assert lines[-1] == "This holds for other texts; nothing is said of other trainings."
    assert repr(found) == found.summary()


def test_a_change_is_tested_against_its_margin(intervened):
    found = head_ablation_test(intervened, OutputChange(), margin=0.2, n_resamples=999, rng=5)
    against = paired_family_test(
        found.effects[0][found.tested].T, 0.2, alternative="greater", n_resamples=999, replication_unit="text", rng=5
    )
    for result, expected in zip(found.tests.results, against.results, strict=True):
        assert result.pvalue == expected.pvalue
        assert result.effect == pytest.approx(expected.effect + 0.2)
        assert result.confidence_interval.low == pytest.approx(expected.confidence_interval.low + 0.2)
        assert result.confidence_interval.high == pytest.approx(expected.confidence_interval.high + 0.2)
    assert found.tests.results[0].effect == pytest.approx(found.ablated[0, 0, 1].mean())
    assert "change it by more than 0.2 on average, at" in found.summary()


def test_several_trainings_are_those_of_the_ablation_test_corrected():
    several = [written(seed) for seed in range(8)]
    found = head_ablation_test(several)
    assert found.effects.shape == (8, 2, 5, N_TEXTS)
    one = ablation_test(found.intact, found.ablated[:, 1, 2], confidence_level=1 - 0.05 / 8)
    place = found.tests.names.index("uniform, layer 1, head 2")
    assert found.tests.results[place].pvalue == one.difference.pvalue
    interval, wide = found.tests.results[place].confidence_interval, one.difference.confidence_interval
    assert (interval.low, interval.high) == (wide.low, wide.high)
    assert (interval.level, interval.method) == (0.95, f"{wide.method}, Bonferroni")  # the level of all together
    assert found.tests.correction == "holm"
    assert found.tests.pvalues_adjusted[place] >= one.difference.pvalue
    assert "n = 8 trainings x 60 texts" in found.summary()
    assert found.summary().endswith("\nThis holds for other trainings and other texts.")
    assert found.metadata == {"dataset": "toy", "model": "by hand"}
    changed = head_ablation_test(several, DecisionFlips(), margin=0.05)
    flips = ablation_test(
        None, changed.ablated[:, 0, 1], margin=0.05, alternative="greater", confidence_level=1 - 0.05 / 8
    )
    assert changed.tests.results[0].pvalue == flips.difference.pvalue
    assert changed.tests.results[0].effect == pytest.approx(changed.ablated[:, 0, 1].mean())
    with pytest.raises(TooFewSamplesError, match="minimum_seeds"):
        head_ablation_test(several[:5])
    with pytest.warns(FewReplicatesWarning) as warned:
        head_ablation_test(several[:5], minimum_seeds=5)
    assert len(warned) == 1  # of all comparisons together
    assert "number of trainings: should be at least 8" in str(warned[0].message)
    with pytest.raises(InvalidInputError, match="minimum_seeds: must be an integer of at least 2; got 1"):
        head_ablation_test(several[:5], minimum_seeds=1)


def test_its_effects_go_to_the_comparison_with_the_best(intervened):
    ablation = head_ablation_test(intervened, n_resamples=99, rng=0)
    assert ablation.head_names[1:4] == ("layer 0, head 1", "layer 1, head 2", "layer 0, head 1 and layer 0, head 2")
    found = compare_with_best(ablation.effects[0, 0], names=ablation.head_names, replication_unit="text", rng=0)
    assert found.names[found.candidates[-1]] == "layer 0, head 1 and layer 1, head 2"
    assert "layer 0, head 1 and layer 1, head 2" in found.summary()


def test_the_frame_holds_outcome_and_test_of_every_comparison(intervened):
    found = head_ablation_test(intervened, n_resamples=999, rng=0)
    frame = found.to_frame()
    values = frame[frame.quantity == "predicted_probability"]
    assert values["value"].tolist() == pytest.approx([found.intact.mean(), *found.ablated.mean(axis=(0, 3)).ravel()])
    assert values["ablation"].isna().tolist() == [True] + [False] * 10
    contrasts = frame[frame.quantity == "contrast"]
    assert contrasts["value"].tolist() == pytest.approx(found.effects.mean(axis=(0, 3)).ravel().tolist())
    assert contrasts["layer"].fillna(-1).tolist() == [0, 0, 1, 0, -1] * 2
    assert contrasts["head"].fillna(-1).tolist() == [0, 1, 2, -1, -1] * 2
    assert contrasts["ablation"].tolist() == ["zeroed"] * 5 + ["uniform"] * 5
    assert contrasts["pvalue_adjusted"].notna().tolist() == [False, True, True, True, True] * 2
    np.testing.assert_allclose(contrasts["pvalue_adjusted"].dropna(), found.tests.pvalues_adjusted)
    assert json.loads(contrasts["parameters"].iloc[4]) == {
        "heads": [[0, 1], [1, 2]], "null_value": 0.0, "outcome": "predicted_probability",
    }  # fmt: skip
    assert set(frame["dataset"]) == {"toy"}
    changed = head_ablation_test(intervened, OutputChange(), margin=0.1, n_resamples=99, rng=0).to_frame()
    assert not changed[changed.quantity == "total_variation"]["ablation"].isna().any()


def test_texts_that_repeat_others_are_told(intervened):
    copies = (*intervened.texts[:-1], intervened.texts[0])
    with pytest.warns(UnreliableEstimateWarning, match="intervened: 1 of 60 texts repeat another"):
        head_ablation_test(replace(intervened, texts=copies), n_resamples=99, rng=0)


def test_what_does_not_fit_is_refused(intervened):
    def refused(match, *arguments, error=InvalidInputError, **keywords):
        with pytest.raises(error, match=match):
            head_ablation_test(*arguments, **keywords)

    refused("intervened: must be an IntervenedHeads", [])
    refused("intervened: must be an IntervenedHeads", [3])
    refused("intervened: must be an IntervenedHeads", None)
    refused("intervened: must be other trainings; model 1 gives what another one gives", [intervened] * 2)
    few = replace(intervened, texts=intervened.texts[:5], labels=None, intact=intervened.intact[:5])
    few = replace(few, output=intervened.output[:, :, :5])
    refused("must hold at least 8 texts for the test of one model; got 5", few, error=TooFewSamplesError)
    same = np.broadcast_to(intervened.output[:, :, :1], intervened.output.shape)
    alike = replace(intervened, output=same, intact=np.broadcast_to(intervened.intact[:1], intervened.intact.shape))
    refused("by amounts that vary; got the same for each text", alike, error=ConstantInputError)
    refused("must have the same texts; model 1", [intervened, replace(intervened, texts=("other",) * N_TEXTS)])
    refused("must have the same heads; model 1", [intervened, replace(intervened, heads=HEADS[::-1])])
    refused("must have the same interventions", [intervened, replace(intervened, interventions=(ZeroedOutput(),) * 2)])
    refused("outcome: must be one of the output", intervened, Agreement())
    refused("outcome: must be one of the output", intervened, Accuracy)
    refused("margin: must be given for total_variation", intervened, OutputChange())
    refused("margin: must be None for accuracy", intervened, Accuracy(), margin=0.1)
    refused("margin: must be", intervened, OutputChange(), margin=0.0)
    refused("labels: must be given to intervene_transformer", replace(intervened, labels=None), Accuracy())
    refused("n_resamples: must be", intervened, n_resamples=9)
    same = replace(intervened, output=np.broadcast_to(intervened.intact, intervened.output.shape))
    refused("must change the accuracy of texts by amounts that vary", same, Accuracy(), error=ConstantInputError)
