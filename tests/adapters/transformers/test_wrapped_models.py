"""Models that something was put around: compiled, adapted by another library, quantised, held by a module."""

import numpy as np
import pytest

from attnstats.adapters import (
    GradientTimesInput,
    UniformWeights,
    attribute_transformer,
    intervene_transformer,
    trace_transformer,
)
from attnstats.exceptions import InvalidInputError

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.filterwarnings("ignore")


def refused(message, model, tokenizer, texts, tmp_path):
    with pytest.raises(InvalidInputError, match=message):
        trace_transformer(model, tokenizer, texts, out=tmp_path / "trace")


def test_a_compiled_model_is_run_as_it_was_before(build, word_pieces, texts, tmp_path):
    model = build("bert", word_pieces)
    compiled = torch.compile(model)
    runs = [
        lambda model, name: trace_transformer(model, word_pieces, texts, out=tmp_path / name).output,
        lambda model, _: attribute_transformer(model, word_pieces, texts, GradientTimesInput()).scores,
        lambda model, _: intervene_transformer(model, word_pieces, texts, UniformWeights()).output,
    ]
    for number, run in enumerate(runs):
        np.testing.assert_array_equal(run(compiled, f"compiled{number}"), run(model, f"plain{number}"))


class Adapted(torch.nn.Module):
    """What libraries that adapt a model put around it: what they lack is looked up in the model."""

    def __init__(self, model):
        super().__init__()
        self.base_model = model

    def __getattr__(self, name):
        try:
            return super().__getattr__(name)
        except AttributeError:
            return getattr(self.base_model, name)

    def forward(self, *args, **kwargs):
        return self.base_model(*args, **kwargs)


def test_an_adapted_model_is_traced_as_the_model_in_it(build, word_pieces, texts, tmp_path):
    model = build("bert", word_pieces)
    expected = trace_transformer(model, word_pieces, texts, out=tmp_path / "plain", value_norms=True)
    found = trace_transformer(Adapted(model).eval(), word_pieces, texts, out=tmp_path / "adapted", value_norms=True)
    np.testing.assert_array_equal(found.output, expected.output)
    np.testing.assert_array_equal(found.attention(1, 2), expected.attention(1, 2))
    np.testing.assert_array_equal(found.value_weighted(1, 2), expected.value_weighted(1, 2))


def test_a_module_that_holds_a_model_is_told_what_to_pass(build, word_pieces, texts, tmp_path):
    from transformers import pipeline

    class Holder(torch.nn.Module):
        def __init__(self, model):
            super().__init__()
            self.inner = model

    model = build("bert", word_pieces)
    of = "is a BertForSequenceClassification; pass that if it is the classifier, or hook the whole by trace_torch$"
    refused(f"got Holder, whose part 'inner' {of}", Holder(model).eval(), word_pieces, texts, tmp_path)
    refused(f"got DataParallel, whose part 'module' {of}", torch.nn.DataParallel(model), word_pieces, texts, tmp_path)
    whole = pipeline("text-classification", model=model, tokenizer=word_pieces, device="cpu")
    refused(f"got TextClassificationPipeline, whose part 'model' {of}", whole, word_pieces, texts, tmp_path)
    refused("got str; load it, by AutoModel", "bert-base-uncased", word_pieces, texts, tmp_path)
    refused("library; got Linear$", torch.nn.Linear(2, 2).eval(), word_pieces, texts, tmp_path)


def test_a_quantised_model_has_a_trace_and_no_gradients(build, word_pieces, texts, tmp_path):
    model = build("bert", word_pieces)
    quantised = torch.ao.quantization.quantize_dynamic(model, {torch.nn.Linear}, dtype=torch.qint8)
    plain = trace_transformer(model, word_pieces, texts, out=tmp_path / "plain")
    found = trace_transformer(quantised, word_pieces, texts, out=tmp_path / "quantised")
    np.testing.assert_allclose(found.output, plain.output, atol=0.05)
    with pytest.raises(
        InvalidInputError, match="has none by its embeddings, as of a quantised model; take LeaveOneOut"
    ):
        attribute_transformer(quantised, word_pieces, texts, GradientTimesInput())
    with pytest.raises(InvalidInputError, match="value_norms: must be False"):
        trace_transformer(quantised, word_pieces, texts, out=tmp_path / "norms", value_norms=True)


def test_scores_in_the_place_of_weights_are_refused(build, word_pieces, texts, tmp_path):
    from transformers import AutoConfig, AutoModelForSequenceClassification

    sizes = {"hidden_size": 32, "embedding_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4}
    config = AutoConfig.for_model("squeezebert", vocab_size=len(word_pieces), intermediate_size=48, **sizes)
    model = AutoModelForSequenceClassification.from_config(config).eval()
    message = r"of which those of a query sum to one; SqueezeBert.* numbers down to -.*, as scores before a softmax"
    refused(message, model, word_pieces, texts, tmp_path)


def test_a_model_without_one_table_of_embeddings_is_refused(build, word_pieces, texts, tmp_path, monkeypatch):
    model = build("bert", word_pieces)

    def none():
        raise NotImplementedError

    monkeypatch.setattr(model, "get_input_embeddings", none)
    refused("must embed its tokens by one table; BertForSeq.* does not say", model, word_pieces, texts, tmp_path)
