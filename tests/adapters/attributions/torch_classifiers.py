"""Modules of PyTorch in double precision, and what they give where rows of their embedding are scaled."""

import copy

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence  # noqa: E402

#: Each token has a row of the embedding of its own, so that a change of the row is one of the token alone.
LENGTHS = (3, 5, 1, 4)
IDS = np.zeros((4, 5), dtype=np.int64)
IDS[np.arange(5) < np.array(LENGTHS)[:, None]] = np.arange(1, 14)
REAL = IDS != 0
#: The first two texts are longer than the others.
BATCHES = [torch.tensor(IDS[:2]), torch.tensor(IDS[2:, :4])]


def real(ids):
    return ids != 0


class Bag(nn.Module):
    """The logits are the sum of the rows of the embedding, those of padding among them if it says so."""

    def __init__(self, rows, padding=False):
        super().__init__()
        self.embedding = nn.Embedding.from_pretrained(torch.tensor(rows, dtype=torch.float64), freeze=False)
        self.head, self.padding = nn.Identity(), padding

    def forward(self, ids):
        vectors = self.embedding(ids)
        return self.head((vectors if self.padding else vectors * (ids != 0)[:, :, None]).sum(dim=1))


class Recurrent(nn.Module):
    """Additive attention over the packed states of a bidirectional LSTM."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(14, 4)
        self.encoder = nn.LSTM(4, 3, bidirectional=True, batch_first=True)
        self.inner, self.outer, self.head = nn.Linear(6, 5), nn.Linear(5, 1), nn.Linear(6, 3)

    def forward(self, ids):
        lengths = (ids != 0).sum(dim=1)
        packed = pack_padded_sequence(self.embedding(ids), lengths, batch_first=True, enforce_sorted=False)
        states, _ = pad_packed_sequence(self.encoder(packed)[0], batch_first=True, total_length=ids.shape[1])
        scores = self.outer(torch.tanh(self.inner(states)))[:, :, 0].masked_fill(ids == 0, -torch.inf)
        return self.head(torch.einsum("nt,ntd->nd", scores.softmax(dim=1), states))


class Transformer(nn.Module):
    """Two layers of a nn.TransformerEncoder, and the mean of the real states; positions are added in place."""

    def __init__(self):
        super().__init__()
        self.embedding, self.positions = nn.Embedding(14, 4), nn.Parameter(torch.zeros(5, 4))
        nn.init.normal_(self.positions)
        self.encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 8, batch_first=True), 2)
        self.head = nn.Linear(4, 3)

    def forward(self, ids):
        vectors = self.embedding(ids)
        vectors += self.positions[: ids.shape[1]]
        shown = (ids != 0)[:, :, None]
        states = self.encoder(vectors, src_key_padding_mask=ids == 0).masked_fill(~shown, 0)
        return self.head(states.sum(dim=1) / shown.sum(dim=1))


def made(kind, gain=1.0):
    """A module in evaluation mode, whose head is steeper by a gain."""
    torch.manual_seed(0)
    module = kind().double().eval()
    with torch.no_grad():
        module.head.weight *= gain
    return module


def probabilities(module, scale):
    """Probabilities of the classes of all texts where each row of the embedding is multiplied by a number."""
    scaled = copy.deepcopy(module)
    with torch.no_grad():
        scaled.embedding.weight *= torch.tensor(scale)[:, None]
    return scaled(torch.tensor(IDS)).softmax(dim=1).detach().numpy()


def scale_of(column, value, others=1.0):
    """A number for each row of the embedding: that of the tokens in a column, that of others, and one for padding."""
    scale = np.full(14, others)
    scale[IDS[:, column]], scale[0] = value, 1.0
    return scale
