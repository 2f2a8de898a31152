"""Numbers that are not finite are traced back to the text, the word, the layer and the head where they begin."""

import numpy as np
import pytest

from attnstats.adapters import (
    GradientTimesInput,
    LeaveOneOut,
    ZeroedOutput,
    attribute_transformer,
    intervene_transformer,
    rationale_faithfulness,
    trace_transformer,
)
from attnstats.exceptions import NonFiniteError

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.filterwarnings("ignore:.*ForSequenceClassification")
TEXTS = ["a b", "a hg c", "a c d"]


def spoilt(model, what):
    """The model with one number that is not finite, and where it begins to tell."""
    layer = model.bert.encoder.layer[1]
    if what == "embedding":  # of the second piece of a word
        model.get_input_embeddings().weight.data[21 - 2] = np.inf
    elif what == "query":  # of one head
        layer.attention.self.query.weight.data[2 * 8 : 3 * 8] = np.nan
    elif what == "layer":
        layer.output.dense.bias.data[0] = np.nan
    elif what == "logit":
        model.classifier.bias.data[0] = -np.inf
    return model


BROKEN = "is not finite: training diverged, or a file is damaged$"
CASES = {
    "embedding": rf"^hidden states of layer 0: .* in text 1, at word 1, 'hg'; its parameter 'bert.emb.*' {BROKEN}",
    "query": rf"^attention of layer 1, head 2: .* at token 0, '\[CLS\]'; its parameter '.*query.weight' {BROKEN}",
    "layer": rf"^hidden states after the last layer: .* at token 0, '\[CLS\]'; its parameter .* {BROKEN}",
    "logit": rf"^output: must be finite; got NaN or infinity in text \d; its parameter 'classifier.bias' {BROKEN}",
}


@pytest.fixture(scope="module")
def pieces(word_pieces):
    assert word_pieces.convert_tokens_to_ids("##g") == 21 - 2
    return word_pieces


@pytest.mark.parametrize("what", CASES)
def test_what_begins_where(what, build, pieces, tmp_path):
    model = spoilt(build("bert", pieces), what)
    given = model, pieces, TEXTS
    runs = [
        lambda: trace_transformer(*given, out=tmp_path / "trace"),
        lambda: attribute_transformer(*given, GradientTimesInput()),
        lambda: attribute_transformer(*given, LeaveOneOut()),
        lambda: intervene_transformer(*given, ZeroedOutput()),
        lambda: rationale_faithfulness(*given, [[1, 0], [1, 0, 2], [2, 1, 0]], rng=0),
    ]
    for run in runs:
        with pytest.raises(NonFiniteError, match=CASES[what]):
            run()
    assert list(tmp_path.iterdir()) == []
    assert model.config._attn_implementation == "sdpa"


def test_numbers_too_large_for_half_precision_are_told_of(build, word_pieces, texts, tmp_path):
    model = build("bert", word_pieces, dtype=torch.float16)
    for name in ("query", "key"):
        getattr(model.bert.encoder.layer[1].attention.self, name).weight.data.mul_(1000)
    message = r"^attention of layer 1, head \d: .*; float16 holds no number above 65504; run the model in bfloat16 or"
    with pytest.raises(NonFiniteError, match=message):
        trace_transformer(model, word_pieces, texts, out=tmp_path / "trace")
    trace_transformer(model.float(), word_pieces, texts, out=tmp_path / "trace")


def test_rows_that_may_see_nothing_are_told_of(build, word_pieces, texts, tmp_path):
    model = build("bert", word_pieces)

    def nothing_seen(_, args, kwargs):
        return args, {**kwargs, "attention_mask": torch.full((1, 1, 1, 1), -torch.inf)}

    model.bert.encoder.layer[0].attention.self.register_forward_pre_hook(nothing_seen, with_kwargs=True)
    message = (
        r"^attention of layer 0, head 0: .* is NaN where it may see no token, as at padding or in an empty window$"
    )
    with pytest.raises(NonFiniteError, match=message):
        trace_transformer(model, word_pieces, texts, out=tmp_path / "trace")


def test_what_only_a_changed_input_brings_about_is_told_apart(build, word_pieces):
    model = build("bert", word_pieces)
    padding = word_pieces.pad_token_id
    model.get_input_embeddings().weight.data[padding] = np.nan
    from attnstats.adapters import PadToken

    message = "output: must be finite; got NaN or infinity in text 0 with words erased, and not in a pass as it is"
    with pytest.raises(NonFiniteError, match=message):
        rationale_faithfulness(model, word_pieces, ["a b"], [[1, 0]], erasure=PadToken(), rng=0)
