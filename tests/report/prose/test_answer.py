"""The answer to the question of the report rests on the rows of the frame."""

import pytest

from attnstats.frame import Row, encode_parameters, to_frame
from attnstats.report import tell_answer

KEYS = {"encoder": "mlp", "attention": "additive", "normalizer": "softmax", "training": "standard"}


def frame(verdict="supported", *, elsewhere=None):
    about = encode_parameters(hypothesis="ii.all", claim="it gains", role="primary", datasets=["d"])
    numbers = {"value": 0.3, "ci_low": 0.2, "ci_high": 0.4, "ci_level": 0.95}
    rows = [
        Row(quantity="contrast", finding="ii", verdict=verdict, parameters=about, **numbers),
        Row(quantity="finding", finding="ii", verdict=verdict, parameters=encode_parameters(title="t")),
        Row(quantity="finding", finding="v", verdict="negligible", parameters=encode_parameters(title="t")),
    ]
    if elsewhere:
        rows.append(
            Row(
                quantity="contrast_by_training",
                finding="ii",
                training="early",
                verdict=elsewhere,
                parameters=about,
                **numbers,
            )
        )
    for dataset, tau, moved in (("d", 0.4, 0.25), ("planted", 0.9, 0.9)):
        for ablation, quantity, value in (("none", "tau_b", tau), ("permuted", "total_variation", moved)):
            rows += [
                Row(quantity=quantity, dataset=dataset, ablation=ablation, seed=seed, value=value, **KEYS)
                for seed in (0, 1)
            ]
    return to_frame(rows)


def test_the_answer_holds_agreement_gain_and_what_permuting_does_on_the_data_sets_of_the_claim():
    said = tell_answer(frame())
    assert said.startswith("In part, as far as this study can tell: additive attention agrees")
    assert "(tau-b 0.40 on average, 0.30 [95 % CI 0.20, 0.40] above the control that comes nearest)" in said
    assert "permuting its weights moves 25 % of the predicted probability." in said
    assert said.endswith("Of the findings, (ii) is supported and (v) is negligible.")


@pytest.mark.parametrize(
    ("verdict", "said"), [("contradicted", "No, "), ("negligible", "No, "), ("inconclusive", "This study does not")]
)
def test_the_verdict_leads(verdict, said):
    assert tell_answer(frame(verdict)).startswith(said)


def test_a_change_with_the_training_leads():
    said = tell_answer(frame(elsewhere="contradicted"))
    assert said.startswith("That depends on the training, as far as this study can tell: if trained standard, additive")
    assert said.endswith("; the verdict on (ii) changes with the training.")


def test_without_a_hypothesis_there_is_no_verdict():
    assert "no declared hypothesis" in tell_answer(to_frame([Row(quantity="accuracy", value=0.7, seed=0)]))
