"""Which outputs of a model are probabilities of classes, and which are something else."""

import numpy as np
import pytest

from attnstats.adapters import (
    ClassLogit,
    ClassProbability,
    Deleted,
    GradientTimesInput,
    LeaveOneOut,
    ZeroedOutput,
    attribute_transformer,
    intervene_transformer,
    rationale_faithfulness,
    trace_transformer,
)
from attnstats.exceptions import InvalidInputError

pytestmark = pytest.mark.filterwarnings("ignore:.*ForSequenceClassification")
BINARY = {"num_labels": 1, "problem_type": "multi_label_classification"}


@pytest.fixture(scope="module")
def binary(build, word_pieces):
    return build("bert", word_pieces, **BINARY)


def log_odds(model, tokenizer, texts):
    torch = pytest.importorskip("torch")
    with torch.inference_mode():
        return np.array([model(**tokenizer(text, return_tensors="pt")).logits[0, 0].item() for text in texts])


def test_one_column_is_the_log_odds_of_class_1(binary, word_pieces, texts, tmp_path):
    p = 1 / (1 + np.exp(-log_odds(binary, word_pieces, texts)))
    assert 0.01 < p.min() < p.max() < 0.99
    labels = [0, 1, 1, 0, 0, 1]
    trace = trace_transformer(binary, word_pieces, texts, labels, out=tmp_path / "trace")
    np.testing.assert_allclose(trace.output, np.column_stack([1 - p, p]), atol=1e-6)
    np.testing.assert_array_equal(trace.label, labels)
    found = intervene_transformer(binary, word_pieces, texts, ZeroedOutput(), heads=[(0, 0)], labels=labels)
    np.testing.assert_allclose(found.intact[:, 1], p, atol=1e-6)
    predicted = rationale_faithfulness(binary, word_pieces, texts, trace.attention(0, 0), rng=0).predicted
    np.testing.assert_array_equal(predicted, p > 0.5)
    with pytest.raises(InvalidInputError, match=r"labels: must be classes of BertFor.*, 0 to 1; got 2 for text 5$"):
        trace_transformer(binary, word_pieces, texts, [0, 1, 1, 0, 0, 2], out=tmp_path / "other")


@pytest.mark.parametrize("target", [0, 1])
def test_one_column_is_attributed_as_the_log_odds_of_the_class(target, binary, word_pieces):
    texts = ["a b c", "d e"]
    sign = 2 * target - 1
    odds = log_odds(binary, word_pieces, texts)
    given = binary, word_pieces, texts, LeaveOneOut(Deleted(), signed=True)
    of_logit = attribute_transformer(*given, target=target, output=ClassLogit())
    np.testing.assert_allclose(of_logit.value, sign * odds, rtol=1e-5)
    fall = sign * (odds[1] - log_odds(binary, word_pieces, ["e"])[0])
    np.testing.assert_allclose(of_logit.scores[1, 0], fall, rtol=1e-3)
    of_probability = attribute_transformer(*given, target=target, output=ClassProbability())
    np.testing.assert_allclose(of_probability.value, 1 / (1 + np.exp(-sign * odds)), rtol=1e-5)
    slopes = [
        attribute_transformer(*given[:3], GradientTimesInput(signed=True), target=target, output=each)
        for each in (ClassLogit(), ClassProbability())
    ]
    p = of_probability.value[:, None]
    np.testing.assert_allclose(slopes[1].scores, p * (1 - p) * slopes[0].scores, rtol=1e-4, atol=1e-9)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"num_labels": 1}, "for regression, as transformers trains a single output; of a binary .* 'multi_label"),
        ({"num_labels": 1, "problem_type": "regression"}, "for regression; of a binary classifier"),
        ({"problem_type": "regression"}, "for regression$"),
        ({"problem_type": "multi_label_classification"}, "for multi label classification, whose 3 outputs answer"),
    ],
)
def test_other_problems_are_refused_by_name(settings, message, build, word_pieces, texts, tmp_path):
    model = build("bert", word_pieces, **settings)
    with pytest.raises(InvalidInputError, match=f"model: must choose one of several classes; got BertFor.* {message}"):
        trace_transformer(model, word_pieces, texts, out=tmp_path / "trace")


def test_a_head_of_another_width_than_configured_is_not_guessed_at(build, word_pieces, texts, tmp_path):
    torch = pytest.importorskip("torch")
    model = build("bert", word_pieces, num_labels=2)
    model.classifier = torch.nn.Linear(32, 1)  # whose softmax would be one, whatever it says
    with pytest.raises(InvalidInputError, match=r"for two classes or more; .* returned \(1, 1\)"):
        trace_transformer(model, word_pieces, texts, out=tmp_path / "trace")


@pytest.mark.parametrize("kind", ["AutoModelForQuestionAnswering", "AutoModelForTokenClassification"])
def test_what_answers_no_class_of_a_text_is_refused(kind, build, word_pieces, texts, tmp_path):
    with pytest.raises(InvalidInputError, match="model: must return "):
        trace_transformer(
            build("bert", word_pieces, kind=kind, num_labels=2), word_pieces, texts, out=tmp_path / "trace"
        )
    assert list(tmp_path.iterdir()) == []
