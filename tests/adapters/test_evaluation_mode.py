"""What in training mode would make the answers of a model other than they are, and what would not."""

import numpy as np
import pytest

from attnstats.adapters import trace_torch, trace_transformer
from attnstats.exceptions import InvalidInputError

torch = pytest.importorskip("torch")
nn = torch.nn


def left_in_training(module, path):
    part = module.get_submodule(path)
    part.training = True  # alone, as of a layer that was put in later
    return module, type(part).__name__


@pytest.mark.parametrize(
    "path", ["bert.encoder.layer.1.output.dropout", "dropout", "bert.encoder.layer.0.attention.self", "bert.pooler"]
)
def test_a_part_of_a_transformer_in_training_is_named(path, build, word_pieces, texts, tmp_path):
    model, kind = left_in_training(build("bert", word_pieces), path)
    message = rf"got training mode in its submodule '{path}', a {kind}; call model\.eval\(\)"
    with pytest.raises(InvalidInputError, match=message):
        trace_transformer(model, word_pieces, texts, out=tmp_path / "trace")
    trace_transformer(model.eval(), word_pieces, texts, out=tmp_path / "trace")


@pytest.mark.parametrize("path", ["classifier", "bert.embeddings.LayerNorm", "dropout"])
def test_parts_that_do_the_same_in_training_are_let_pass(path, build, word_pieces, texts, tmp_path):
    model = build("bert", word_pieces, hidden_dropout_prob=0.0)
    expected = trace_transformer(model, word_pieces, texts, out=tmp_path / "one").output
    left_in_training(model, path)
    found = trace_transformer(model, word_pieces, texts, out=tmp_path / "two").output
    np.testing.assert_array_equal(found, expected)


PARTS = {
    "dropout": nn.Dropout(0.1),
    "feature dropout": nn.FeatureAlphaDropout(0.1),
    "batch": nn.BatchNorm1d(4),
    "instance": nn.InstanceNorm1d(4, track_running_stats=True),
    "rrelu": nn.RReLU(),
    "lstm": nn.LSTM(4, 4, num_layers=2, dropout=0.1),
    "attention": nn.MultiheadAttention(4, 2, dropout=0.1),
    "of another hand": type("Noisy", (nn.Linear,), {})(4, 4),
    "no dropout": nn.Dropout(0.0),
    "linear": nn.Linear(4, 4),
    "lstm without": nn.LSTM(4, 4, num_layers=2),
}
SAME = ("no dropout", "linear", "lstm without")


class WithPart(nn.Module):
    """A bag of words beside a part that may be left in training."""

    def __init__(self, part):
        super().__init__()
        self.embedding, self.attention, self.head = nn.Embedding(5, 4), nn.Softmax(dim=1), nn.Linear(4, 2)
        self.part = part

    def forward(self, ids):
        states = self.embedding(ids)
        return self.head((self.attention(states[..., 0])[..., None] * states).sum(dim=1))


@pytest.mark.parametrize("kind", PARTS)
def test_each_kind_of_part_of_a_module(kind):
    module = WithPart(PARTS[kind]).eval()
    module.part.train()
    given = {"attention": "attention", "hidden": "embedding", "output": "head"}

    def trace():
        from attnstats.adapters import Logits

        return trace_torch(module, [torch.tensor([[1, 2], [3, 4]])], **{**given, "output": Logits("head")})

    if kind in SAME:
        trace()
        return
    with pytest.raises(InvalidInputError, match=r"module: must be in evaluation mode.* 'part'.*module\.eval\(\)"):
        trace()
