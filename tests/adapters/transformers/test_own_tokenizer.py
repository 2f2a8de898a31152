"""A tokenizer of another model is refused; pairs that only look unlike each other are not."""

import copy
import warnings

import pytest

from attnstats.adapters import PadToken, attribute_transformer, trace_transformer
from attnstats.adapters.attributions.leave_one_out import LeaveOneOut
from attnstats.exceptions import InvalidInputError, UnreliableEstimateWarning
from attnstats.trace import LastToken, MeanQuery

tokenizers, transformers = pytest.importorskip("tokenizers"), pytest.importorskip("transformers")


def changed(tokenizer, **settings):
    other = copy.deepcopy(tokenizer)
    for name, value in settings.items():
        setattr(other, name, value)
    return other


def traced(tmp_path, *given, name="trace"):
    with warnings.catch_warnings():
        warnings.simplefilter("error", UnreliableEstimateWarning)
        return trace_transformer(*given, out=tmp_path / name)


def refused(tmp_path, match, *given):
    with pytest.raises(InvalidInputError, match=match):
        trace_transformer(*given, out=tmp_path / "trace")


def test_a_larger_vocabulary_is_refused(build, word_pieces, byte_level, texts, tmp_path):
    n, known = byte_level.vocab_size, len(word_pieces)
    message = f"tokenizer: must be the model's own; it has {n} tokens, and BertFor.* embeds {known}; load it by Auto"
    refused(tmp_path, message, build("bert", word_pieces), byte_level, texts)


@pytest.mark.parametrize("kind", ["pad", "cls", "sep", "mask"])
def test_special_tokens_of_other_numbers_are_refused(kind, build, word_pieces, texts, tmp_path):
    model = build("bert", word_pieces)
    tokenizer = changed(word_pieces, mask_token="h")
    setattr(model.config, f"{kind}_token_id", 5)
    own = getattr(tokenizer, f"{kind}_token_id")
    message = rf"its {kind} token '.*' has number {own}, and the configuration of .* says {kind}_token_id=5; load it"
    refused(tmp_path, message, model, tokenizer, texts)
    setattr(model.config, f"{kind}_token_id", own)
    traced(tmp_path, model, tokenizer, texts)


def test_a_default_that_nobody_embeds_says_nothing(build, word_pieces, texts, tmp_path):
    model = build("modernbert", word_pieces)
    assert model.config.cls_token_id > len(word_pieces)
    traced(tmp_path, model, word_pieces, texts)


@pytest.mark.parametrize(("n_embedded", "meant"), [(30522, True), (64, False)])
def test_a_default_is_meant_where_the_vocabulary_is_the_usual_one(
    n_embedded, meant, build, word_pieces, texts, tmp_path
):
    tokenizer = changed(word_pieces, pad_token="h")  # and BERT's is number 0
    model = build("bert", tokenizer, vocab_size=n_embedded, pad_token_id=0)
    if meant:
        refused(tmp_path, "its pad token 'h' has number .*, and .* says pad_token_id=0", model, tokenizer, texts)
    else:
        traced(tmp_path, model, tokenizer, texts)


@pytest.mark.parametrize("number", [None, 5, -1])
def test_a_decoder_pads_as_its_user_likes(number, build, byte_level, texts, tmp_path):
    model = build("llama", byte_level)
    model.config.pad_token_id = number
    traced(tmp_path, model, byte_level, texts)
    traced(tmp_path, model, changed(byte_level, pad_token=None), texts, name="without")


def test_added_tokens_need_embeddings_only_where_texts_hold_them(build, word_pieces, texts, tmp_path):
    model, tokenizer = build("bert", word_pieces), copy.deepcopy(word_pieces)
    tokenizer.add_tokens(["<new>"])
    traced(tmp_path, model, tokenizer, texts)
    with_new = [*texts, "a <new> b"]
    refused_at = tmp_path / "refused"
    refused_at.mkdir()
    message = rf"its token '<new>' in text {len(texts)} has number {len(word_pieces)}, and .* embeds {len(word_pieces)}"
    refused(refused_at, message, model, tokenizer, with_new)
    model.resize_token_embeddings(len(tokenizer))
    traced(tmp_path, model, tokenizer, with_new, name="resized")


def test_a_padded_vocabulary_is_taken(build, word_pieces, texts, tmp_path):
    model = build("bert", word_pieces)
    model.resize_token_embeddings(len(word_pieces), pad_to_multiple_of=64)
    traced(tmp_path, model, word_pieces, texts)


def test_a_padding_token_that_is_not_embedded_stands_for_no_other(build, byte_level, texts):
    model, tokenizer = build("llama", byte_level), copy.deepcopy(byte_level)
    tokenizer.add_special_tokens({"pad_token": "<pad>"})
    with pytest.raises(InvalidInputError, match=f"padding token has number {len(byte_level)}, and .* embeds"):
        attribute_transformer(model, tokenizer, texts, LeaveOneOut(PadToken()))


def test_a_class_token_that_is_declared_and_never_added(build, word_pieces, texts, tmp_path):
    from tokenizers import processors

    tokenizer = copy.deepcopy(word_pieces)
    tokenizer.backend_tokenizer.post_processor = processors.TemplateProcessing(single="$A", special_tokens=[])
    message = r"must put its class token '\[CLS\]' into each text; it declares one and adds none; load it"
    refused(tmp_path, message, build("bert", word_pieces), tokenizer, texts)


@pytest.mark.parametrize(
    ("names", "n_embedded", "warned"),
    [(("a/b", "c/d"), 64, True), (("a/b", "a/b"), 64, False), (("a/b", ""), 64, False), (("a/b", "c/d"), 0, False)],
)
def test_another_name_is_worth_a_warning_if_many_tokens_are_unknown(
    names, n_embedded, warned, build, word_pieces, texts, tmp_path
):
    model = build("bert", word_pieces, vocab_size=max(n_embedded, len(word_pieces)))
    model.name_or_path, tokenizer = names[0], changed(word_pieces, name_or_path=names[1])
    if not warned:
        traced(tmp_path, model, tokenizer, texts)
        return
    with pytest.warns(
        UnreliableEstimateWarning, match=r"it is 'c/d' with 21 tokens, .* 'a/b', which embeds 64"
    ) as seen:
        trace_transformer(model, tokenizer, texts, out=tmp_path / "trace")
    assert [each.filename for each in seen if "may be another" in str(each.message)] == [__file__]


def test_texts_that_the_tokenizer_hardly_knows_are_warned_of(build, word_pieces, tmp_path):
    model = build("bert", word_pieces)
    few = ["ab cd ef gh ab cd ef gh xyz"] * 3
    traced(tmp_path, model, word_pieces, few, name="few")
    with pytest.warns(UnreliableEstimateWarning, match=r"^texts: 67 % of their tokens are '\[UNK\]'") as warned:
        trace_transformer(model, word_pieces, ["a XYZ XYZ XYZ XYZ XYZ XYZ"] * 3, out=tmp_path / "many")
    assert warned[0].filename == __file__


def test_an_encoder_without_a_class_token_is_asked_whose_attention_is_meant(
    build, word_pieces, byte_level, texts, tmp_path
):
    backend = tokenizers.Tokenizer.from_str(word_pieces.backend_tokenizer.to_str())
    backend.post_processor = tokenizers.processors.TemplateProcessing(single="$A [SEP]", special_tokens=[("[SEP]", 3)])
    bare = transformers.PreTrainedTokenizerFast(
        tokenizer_object=backend, pad_token="[PAD]", unk_token="[UNK]", sep_token="[SEP]", model_max_length=40
    )
    model = build("bert", bare)
    with pytest.warns(UnreliableEstimateWarning, match="^queries: should say whose attention is meant; ") as warned:
        trace = trace_transformer(model, bare, texts, out=tmp_path / "trace")
    assert warned[0].filename == __file__
    assert trace.queries == (LastToken(),)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UnreliableEstimateWarning)
        trace_transformer(model, bare, texts, out=tmp_path / "asked", queries=[MeanQuery()])
    traced(tmp_path, build("llama", byte_level), byte_level, texts, name="causal")
