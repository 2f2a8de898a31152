"""Tiny modules of PyTorch with attention, and what they compute, by hand from their parameters."""

import numpy as np
import pytest

from attnstats.adapters import Logits, trace_torch

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence  # noqa: E402

LENGTHS = np.array([3, 1, 4, 2, 5])
IDS = np.where(np.arange(5) < LENGTHS[:, None], np.random.default_rng(0).integers(1, 9, size=(5, 5)), 0)
REAL = IDS != 0
#: Two batches, the first without the columns that none of its texts reaches.
BATCHES = [torch.tensor(IDS[:3, :4]), torch.tensor(IDS[3:])]


def real(ids):
    return ids != 0


def numbers(tensor):
    return tensor.detach().double().numpy()


def softmax(scores):
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)


class Additive(nn.Module):
    """Own additive attention over embedded words; its weights come from a softmax of their own."""

    def __init__(self, dim=4, column=False):
        super().__init__()
        self.embedding = nn.Embedding(9, dim)
        self.inner, self.outer = nn.Linear(dim, 3), nn.Linear(3, 1, bias=False)
        self.weights, self.head = nn.Softmax(dim=1), nn.Linear(dim, 2)
        self.column = column

    def forward(self, ids):
        states = self.embedding(ids)
        scores = self.outer(torch.tanh(self.inner(states))).masked_fill((ids == 0)[:, :, None], -torch.inf)
        weights = self.weights(scores if self.column else scores[:, :, 0])
        return self.head(torch.einsum("nt,ntd->nd", weights[:, :, 0] if self.column else weights, states))

    def by_hand(self):
        """Weights, states and probabilities."""
        states = numbers(self.embedding.weight)[IDS]
        hidden = np.tanh(states @ numbers(self.inner.weight).T + numbers(self.inner.bias))
        weights = softmax(np.where(REAL, hidden @ numbers(self.outer.weight)[0], -np.inf))
        context = np.einsum("nt,ntd->nd", weights, states)
        return weights, states, softmax(context @ numbers(self.head.weight).T + numbers(self.head.bias))


def made(kind, *arguments, **options):
    torch.manual_seed(0)
    return kind(*arguments, **options).eval()


def of_additive(module, batches=BATCHES, **options):
    declared = {"attention": "weights", "hidden": "embedding", "output": Logits("head"), "mask": real}
    return trace_torch(module, batches, **{**declared, **options})


class Transformer(nn.Module):
    """A nn.MultiheadAttention between an embedding and a linear layer."""

    def __init__(self, batch_first=True, asks=True, averages=True):
        super().__init__()
        self.embedding = nn.Embedding(9, 4)
        self.attention = nn.MultiheadAttention(4, 2, batch_first=batch_first)
        self.head = nn.Linear(4, 2)
        self.batch_first, self.options = batch_first, {"need_weights": asks, "average_attn_weights": averages}

    def forward(self, ids, positional=False):
        states = self.embedding(ids)
        states = states if self.batch_first else states.transpose(0, 1)
        if positional:
            mixed, self.given = self.attention(states, states, states, ids == 0, self.options["need_weights"])
        else:
            mixed, self.given = self.attention(states, states, states, key_padding_mask=ids == 0, **self.options)
        mixed = mixed if self.batch_first else mixed.transpose(0, 1)
        return self.head(mixed[:, 0])

    def by_hand(self):
        """Weights of each head, (n, heads, queries, tokens), from queries and keys."""
        states = numbers(self.embedding.weight)[IDS]
        projected = states @ numbers(self.attention.in_proj_weight).T + numbers(self.attention.in_proj_bias)
        queries, keys, _ = np.split(projected, 3, axis=-1)
        heads = [
            softmax(
                np.where(
                    REAL[:, None], np.einsum("nqd,nkd->nqk", queries[..., part], keys[..., part]) / np.sqrt(2), -np.inf
                )
            )
            for part in (slice(0, 2), slice(2, 4))
        ]
        return np.stack(heads, axis=1), states


def of_transformer(module, row, batches=BATCHES, **options):
    declared = {"attention": "attention", "hidden": "embedding", "output": Logits("head"), "mask": real, "row": row}
    return trace_torch(module, batches, **{**declared, **options})


class Recurrent(nn.Module):
    """Dot-product attention over the packed states of a bidirectional LSTM, for two classes by one logit."""

    def __init__(self, batch_first=True):
        super().__init__()
        self.embedding = nn.Embedding(9, 4)
        self.encoder = nn.LSTM(4, 3, bidirectional=True, batch_first=batch_first)
        self.score, self.weights, self.head = nn.Linear(6, 1), nn.Softmax(dim=1), nn.Linear(6, 1)
        self.sigmoid = nn.Sigmoid()

    def forward(self, ids, packs=True):
        lengths = (ids != 0).sum(dim=1)
        first = self.encoder.batch_first
        states = self.embedding(ids)
        if packs:
            packed = pack_padded_sequence(states, lengths, batch_first=True, enforce_sorted=False)
            states, _ = pad_packed_sequence(self.encoder(packed)[0], batch_first=True)
        else:
            states = self.encoder(states if first else states.transpose(0, 1))[0]
            states = states if first else states.transpose(0, 1)
        hidden = torch.arange(states.shape[1]) >= lengths[:, None]
        weights = self.weights(self.score(states)[:, :, 0].masked_fill(hidden, -torch.inf))
        logit = self.head(torch.einsum("nt,ntd->nd", weights, states))
        self.sigmoid(logit)
        return {"logit": logit[:, 0], "other": 1}


class Named(nn.Module):
    """Takes named arguments, as models of transformers do."""

    def __init__(self):
        super().__init__()
        self.inner = Additive()
        self.probabilities = nn.Softmax(dim=1)

    def forward(self, input_ids, attention_mask=None):
        assert attention_mask is not None
        return {"logits": self.inner(input_ids), "probabilities": self.probabilities(self.inner.head.weight)}
