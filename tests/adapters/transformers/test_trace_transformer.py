"""What is kept of a pass, what is refused, and that a failed pass leaves nothing behind."""

import numpy as np
import pandas as pd
import pytest

from attnstats.adapters import trace_transformer
from attnstats.exceptions import InvalidInputError, MissingExtraError, NonFiniteError, TraceError
from attnstats.trace import ClassToken, LastToken, MeanQuery, Position, Tokens, TransformerTrace, Words

pytestmark = pytest.mark.filterwarnings("ignore:.*ForSequenceClassification")


@pytest.fixture(scope="module")
def model(build, word_pieces):
    return build("bert", word_pieces)


def test_attention_rolls_out_over_layers(model, word_pieces, texts, tmp_path):
    torch = pytest.importorskip("torch")
    trace = trace_transformer(model, word_pieces, texts, out=tmp_path / "trace", queries=[ClassToken(), MeanQuery()])
    model.set_attn_implementation("eager")
    encoded = word_pieces(texts[1], return_tensors="pt")
    with torch.inference_mode():
        attentions = model(encoded["input_ids"], output_attentions=True).attentions
    model.set_attn_implementation("sdpa")
    n_tokens = encoded["input_ids"].shape[1]
    through = np.eye(n_tokens)
    for weights in attentions:
        step = 0.5 * weights[0].numpy().mean(axis=0) + 0.5 * np.eye(n_tokens)
        through = step @ through
    shown = trace.with_units(Tokens(special=True))
    np.testing.assert_allclose(shown.rollout()[1, :n_tokens], through[0], atol=1e-6)
    inner = through[1:-1].mean(axis=0)
    np.testing.assert_allclose(shown.rollout(query=MeanQuery())[1, :n_tokens], inner, atol=1e-6)
    mean = attentions[1][0].numpy().mean(axis=0)
    np.testing.assert_allclose(shown.mean_attention(1)[1, :n_tokens], mean[0], atol=1e-6)


def test_the_order_and_size_of_batches_change_nothing(model, word_pieces, texts, tmp_path):
    one = trace_transformer(model, word_pieces, texts, out=tmp_path / "one", batch_size=1)
    two = trace_transformer(model, word_pieces, texts[::-1], out=tmp_path / "two")
    np.testing.assert_allclose(one.output, two.output[::-1], atol=1e-6)
    np.testing.assert_allclose(one.attention(1, 3), two.attention(1, 3)[::-1], atol=1e-5)
    assert one.tokens == two.tokens[::-1]


def test_words_may_be_given(model, word_pieces, byte_level, build, texts, tmp_path):
    for name, (of, tokenizer) in {"a": (model, word_pieces), "b": (build("gpt2", byte_level), byte_level)}.items():
        whole = trace_transformer(of, tokenizer, texts, out=tmp_path / f"{name}1")
        words = trace_transformer(of, tokenizer, [text.split() for text in texts], out=tmp_path / f"{name}2")
        assert words.tokens == whole.tokens == tuple(tuple(text.split()) for text in texts)
        np.testing.assert_array_equal(words.attention(0, 0), whole.attention(0, 0))


def test_layers_and_heads_can_be_chosen(model, word_pieces, texts, tmp_path):
    every = trace_transformer(model, word_pieces, texts, out=tmp_path / "all")
    some = trace_transformer(model, word_pieces, texts, out=tmp_path / "some", layers=[1], heads=[3, 1])
    np.testing.assert_array_equal(some.attention(1, 3), every.attention(1, 3))
    np.testing.assert_array_equal(some.hidden(1), every.hidden(1))
    np.testing.assert_allclose(some.rollout(), every.rollout())
    for wrong in ({"layer": 0, "head": 3}, {"layer": 1, "head": 0}, {"layer": True, "head": 3}):
        with pytest.raises(InvalidInputError, match="must be one of those traced"):
            some.attention(**wrong)


def test_a_trace_of_one_head_holds_what_was_shown(model, word_pieces, texts, tmp_path):
    labels = np.arange(len(texts)) % 2
    trace = trace_transformer(model, word_pieces, texts, labels, out=tmp_path / "trace", dataset="toy", seed=3)
    head = trace.head(1, 2)
    assert head.tokens(2) == texts[2].split()
    np.testing.assert_array_equal(head.attention, trace.attention(1, 2))
    np.testing.assert_array_equal(head.hidden, trace.hidden(1))
    np.testing.assert_array_equal(head.label, labels)
    np.testing.assert_array_equal(head.predicted, trace.predicted)
    assert {key: head.metadata[key] for key in ("dataset", "seed", "layer", "head", "query", "units")} == {
        "dataset": "toy", "seed": 3, "layer": 1, "head": 2, "query": "ClassToken()", "units": "Words(special=False)",
    }  # fmt: skip
    assert head.metadata["left_out"] == pytest.approx(trace.left_out(1, 2).mean())
    assert "in place of sdpa" in head.metadata["computed_by"]
    again = TransformerTrace.load(tmp_path / "trace", Words(special=True))
    assert again.with_units(Words()).head(1, 2).metadata == head.metadata


def test_texts_without_weight_on_what_is_shown_are_left_out_and_counted(build, byte_level, texts, tmp_path):
    trace = trace_transformer(
        build("gpt2", byte_level), byte_level, texts, out=tmp_path / "trace", queries=[Position(0), LastToken()]
    )
    first = trace.attention(0, 0, Position(0))  # a causal model's first token sees itself alone
    assert (first[:, 0] == 1).all()
    holes = first.copy()
    holes[2] = np.nan
    kept = trace.with_attention(holes, 0)
    assert kept.n_examples == len(texts) - 1
    assert kept.metadata["texts_left_out"] == 1
    with pytest.raises(InvalidInputError, match="no text has weight on"):
        trace.with_attention(np.full_like(first, np.nan), 0)


def test_half_precision_loses_nothing_and_large_states_are_kept_whole(build, word_pieces, texts, tmp_path):
    torch = pytest.importorskip("torch")
    model = build("bert", word_pieces)
    with torch.no_grad():
        model.base_model.encoder.layer[0].output.LayerNorm.weight[0] = 1e6
    trace = trace_transformer(model, word_pieces, texts, out=tmp_path / "trace", batch_size=1)
    assert trace.arrays["hidden_0"].dtype == np.float16
    assert trace.arrays["hidden_1"].dtype == np.float32
    assert np.abs(trace.arrays["hidden_1"]).max() > 65504
    with torch.inference_mode():
        inputs = word_pieces(texts[4], return_tensors="pt")["input_ids"]
        states = model(inputs, output_hidden_states=True).hidden_states[1][0].numpy()
    np.testing.assert_allclose(trace.arrays["hidden_1"][4, : len(states)], states, rtol=1e-3, atol=1e-2)
    assert not list((tmp_path / "trace").glob(".*"))


@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "float64"])
def test_models_of_other_precision_are_traced(dtype, build, word_pieces, texts, tmp_path):
    torch = pytest.importorskip("torch")
    model = build("bert", word_pieces, dtype=getattr(torch, dtype))
    trace = trace_transformer(model, word_pieces, texts, out=tmp_path / "trace", value_norms=True)
    np.testing.assert_allclose(trace.head(1, 0).attention.sum(axis=1), 1)
    np.testing.assert_allclose(trace.output.sum(axis=1), 1)


@pytest.mark.parametrize("fails", [False, True])
def test_the_model_has_its_kernel_back(fails, build, word_pieces, texts, tmp_path):
    model = build("bert", word_pieces)
    if fails:
        model.classifier.weight.data[0, 0] = np.nan
        with pytest.raises(NonFiniteError, match="output: must be finite; got NaN or infinity in text"):
            trace_transformer(model, word_pieces, texts, out=tmp_path / "trace", value_norms=True)
        assert list(tmp_path.iterdir()) == []
    else:
        trace_transformer(model, word_pieces, texts, out=tmp_path / "trace", value_norms=True)
    assert model.config._attn_implementation == "sdpa"
    hooks = [
        hook
        for part in model.modules()
        for of in (part._forward_hooks, part._forward_pre_hooks)
        for hook in of.values()
    ]
    assert not any("attnstats" in repr(hook) for hook in hooks)  # the library adds some of its own


def test_long_texts_are_cut_and_counted(model, word_pieces, tmp_path):
    trace = trace_transformer(model, word_pieces, ["a b c d e f", "a b"], out=tmp_path / "trace", max_length=5)
    assert trace.tokens == (("a", "b", "c"), ("a", "b"))
    assert trace.metadata["texts_cut"] == 1


def test_a_language_model_chooses_between_answers(build, byte_level, texts, tmp_path):
    torch = pytest.importorskip("torch")
    model = build("llama", byte_level, kind="AutoModelForCausalLM")
    trace = trace_transformer(model, byte_level, texts, out=tmp_path / "trace", answers=[" a", "b"])
    with torch.inference_mode():
        logits = model(byte_level(texts[3], return_tensors="pt")["input_ids"]).logits[0, -1].numpy()
    ids = byte_level.convert_tokens_to_ids(["Ġa", "b"])
    shares = np.exp(logits[ids].astype(float))
    np.testing.assert_allclose(trace.output[3], shares / shares.sum(), atol=1e-6)
    assert trace.queries == (LastToken(),)
    with pytest.raises(InvalidInputError, match="answers: must name the answers"):
        trace_transformer(model, byte_level, texts, out=tmp_path / "other")
    for wrong, rule in (
        (["abc", "a"], "one token"),
        (["a"], "two strings"),
        ("ab", "two strings"),
        (["a", "a"], "diff"),
    ):
        with pytest.raises(InvalidInputError, match=f"answers: .*{rule}"):
            trace_transformer(model, byte_level, texts, out=tmp_path / "other", answers=wrong)


def refused(tmp_path, match, *arguments, error=InvalidInputError, **keywords):
    with pytest.raises(error, match=match):
        trace_transformer(*arguments, out=tmp_path / "trace", **keywords)
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_classifier_with_its_tokenizer_is_refused(build, word_pieces, byte_level, texts, tmp_path):
    given = word_pieces, texts
    model = build("bert", word_pieces)
    refused(tmp_path, "must be in evaluation mode", build("bert", word_pieces).train(), *given)
    refused(tmp_path, "must have a classifier", build("bert", word_pieces, kind="AutoModel"), *given)
    refused(tmp_path, "classifier or a causal", build("bert", word_pieces, kind="AutoModelForMaskedLM"), *given)
    refused(tmp_path, "one of several classes", build("bert", word_pieces, num_labels=1), *given)
    multi = build("bert", word_pieces, problem_type="multi_label_classification")
    refused(tmp_path, "got BertForSequenceClassification for multi label", multi, *given)
    refused(tmp_path, "one output a text", build("bert", word_pieces, kind="AutoModelForTokenClassification"), *given)
    refused(tmp_path, "a model of the transformers library; got int", 3, *given)
    refused(tmp_path, "tokenizer: must be the model's own", model, byte_level, texts)
    refused(tmp_path, "tokenizer: must be a fast one", model, str.split, texts)
    refused(tmp_path, "answers: are those of a causal", model, *given, answers=["a", "b"])


def test_bad_texts_labels_and_settings_are_refused(model, word_pieces, texts, tmp_path):
    given = model, word_pieces, texts
    refused(tmp_path, "texts: each must hold a word; got ' ' in text 1", model, word_pieces, ["a", " "])
    refused(tmp_path, "texts: must be a sequence", model, word_pieces, "a b")
    refused(tmp_path, "texts: must be a sequence", model, word_pieces, [])
    refused(tmp_path, "texts: must be str, or sequences of words; got 3 in text 1", model, word_pieces, ["a", 3])
    refused(tmp_path, "in text 0", model, word_pieces, [["a", ""]])
    refused(tmp_path, "labels: must be one for each text; got 1 for 6", model, word_pieces, texts, [1])
    refused(tmp_path, "layers: must be different numbers among", model, word_pieces, texts, layers=[2])
    refused(tmp_path, "heads: must be different numbers among", model, word_pieces, texts, heads=[1, 1])
    refused(tmp_path, "queries: must be different queries", model, word_pieces, texts, queries=["cls"])
    refused(tmp_path, "queries: must be different queries", model, word_pieces, texts, queries=[])
    refused(tmp_path, r"queries: Position\(index=9\) must lie within", model, word_pieces, texts, queries=[Position(9)])
    refused(tmp_path, "max_length: must be at most 40", model, word_pieces, texts, max_length=41)
    refused(tmp_path, "batch_size: must be an integer", model, word_pieces, texts, batch_size=0)
    refused(tmp_path, "units: must be", model, word_pieces, texts, units="words")
    for wrong in ("all", 1, np.array([[0, 1]])):
        refused(tmp_path, "heads: must be different numbers among 0 to 3, or None for all; got", *given, heads=wrong)
    for name in ("computed_by", "texts_cut", "layer", "left_out", "taken_from"):
        refused(tmp_path, f"{name}: must not be given as metadata, .*; got 'mine'", *given, **{name: "mine"})
    refused(tmp_path, "seed: metadata must be", model, word_pieces, texts, seed=[1])


def test_a_class_token_is_asked_for_where_there_is_none(build, byte_level, texts, tmp_path):
    refused(
        tmp_path, r"LastToken\(\) for a causal", build("gpt2", byte_level), byte_level, texts, queries=[ClassToken()]
    )


def test_a_text_that_ends_in_the_padding_token_has_no_last_token(build, byte_level, texts, tmp_path):
    torch = pytest.importorskip("torch")
    model = build("gpt2", byte_level)  # whose tokenizer pads by the end of a text, as is usual
    ended = [*texts[:2], f"{texts[2]}<end>"]
    refused(tmp_path, "as text 2 does: the model classifies it by the token before", model, byte_level, ended)
    trace = trace_transformer(model, byte_level, ended, out=tmp_path / "trace", queries=[Position(-2)])
    ids = byte_level(ended[2], return_tensors="pt")["input_ids"]
    with torch.inference_mode():
        logits = model.score(model.transformer(ids).last_hidden_state)[0, -2]
    np.testing.assert_allclose(trace.output[2], logits.softmax(dim=0).numpy(), atol=1e-6)


def test_states_that_are_not_finite_name_the_text_and_the_layer(build, word_pieces, texts, tmp_path):
    model = build("bert", word_pieces)
    model.base_model.embeddings.word_embeddings.weight.data[word_pieces.convert_tokens_to_ids("g")] = np.inf
    with pytest.raises(NonFiniteError, match="must be finite; got NaN or infinity in text 1"):
        trace_transformer(model, word_pieces, ["a b", "a g", "a c d"], out=tmp_path / "trace")


def test_layers_and_heads_may_be_arrays(model, word_pieces, texts, tmp_path):
    kept = trace_transformer(
        model, word_pieces, texts, out=tmp_path / "trace", layers=np.array([1]), heads=np.array([2, 0])
    )
    assert (kept.layers, kept.heads) == ((1,), (2, 0))


def test_a_folder_is_never_overwritten(model, word_pieces, texts, tmp_path):
    trace_transformer(model, word_pieces, texts, out=tmp_path / "trace")
    with pytest.raises(TraceError, match="must not exist yet"):
        trace_transformer(model, word_pieces, texts, out=tmp_path / "trace")


def test_without_the_library_the_extra_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr("attnstats.exceptions.find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match=r"attnstats\[transformers\]"):
        trace_transformer(None, None, ["a"], out=tmp_path / "trace")


@pytest.mark.parametrize("kind", ["DataFrame", "dict", "BatchEncoding"])
def test_a_table_of_texts_is_not_gone_through_by_its_columns(model, word_pieces, texts, tmp_path, kind):
    table = {"text": list(texts), "label": [0] * len(texts)}
    given = {"DataFrame": pd.DataFrame(table), "dict": table, "BatchEncoding": word_pieces(list(texts))}[kind]
    message = f"texts: must be a sequence of texts; got a {kind} of .*; pass the column"
    with pytest.raises(InvalidInputError, match=message):
        trace_transformer(model, word_pieces, given, out=tmp_path / "trace")
    trace = trace_transformer(model, word_pieces, pd.Series(table["text"]), out=tmp_path / "trace")
    assert trace.n_examples == len(texts)
