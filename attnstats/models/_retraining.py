"""Scorers trained apart: on shuffled labels, or after an encoder trained under uniform attention."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from attnstats._validation import BoolArray, IntArray, RealArray, RNGLike, as_generator
from attnstats.datasets import EncodedDataset, EncodedSplit
from attnstats.models._compiled import compiled_functions
from attnstats.models._seeding import refresh, restored
from attnstats.models.classifier import AttentionClassifier
from attnstats.models.guided import GivenAttention, train_guided
from attnstats.models.recipe.settings import Training
from attnstats.models.tracing import trace_attention
from attnstats.models.training import EVALUATION_BATCH, batches, check_fits, data_order, fit, trimmed
from attnstats.trace import AttentionTrace

#: Most bytes of hidden states of a split to keep; more are recomputed for each batch.
_STORED_BYTES = 2**30


def shuffled_label_attention(
    model: AttentionClassifier,
    dataset: EncodedDataset,
    hidden: RealArray,
    mask: BoolArray,
    *,
    training: Training | None = None,
    rng: RNGLike = None,
) -> NDArray[np.float32]:
    """Return the attention of a new scorer trained on shuffled labels, shape (n, n_tokens).

    Encoder and head are those of the trained model; weights and noise are restored afterwards.
    """
    check_fits(model, dataset)
    model.check_hidden(hidden, mask, "mask")
    shuffle, weights, order = as_generator(rng).spawn(3)
    shuffled = replace(
        dataset,
        train=replace(dataset.train, labels=shuffle.permutation(dataset.train.labels)),
        validation=replace(dataset.validation, labels=shuffle.permutation(dataset.validation.labels)),
    )
    parts = (model.attention, model.normalizer, model.dropout)
    with restored(*parts):
        for part in parts:
            refresh(part, weights)
        _train_scorer(model, shuffled, training or Training(), seed=0, order=order)
        attention = np.zeros(mask.shape, dtype=np.float32)
        for first in range(0, len(mask), EVALUATION_BATCH):
            rows = slice(first, first + EVALUATION_BATCH)
            attention[rows] = compiled_functions(model).scorer_forward(hidden[rows], mask[rows]).attention
    return attention


def separate_scorer_trace(
    model: AttentionClassifier,
    dataset: EncodedDataset,
    *,
    seed: int,
    training: Training | None = None,
    split: Literal["train", "validation", "test"] = "test",
) -> AttentionTrace:
    """Return the trace of a model whose scorer was trained after its encoder, and that under uniform attention.

    The frozen encoder's hidden states are computed once; weights and noise are restored afterwards.
    """
    training = training or Training()
    with restored(model):
        train_guided(model, dataset, GivenAttention.uniform(dataset), seed=seed, training=training)
        # Training under given attention does not change the scorer, so it still has the initial weights of this seed.
        _train_scorer(model, dataset, training, seed=seed, order=data_order(seed))
        return trace_attention(model, dataset, split=split)


def _train_scorer(
    model: AttentionClassifier, dataset: EncodedDataset, training: Training, *, seed: int, order: np.random.Generator
) -> None:
    """Train the scorer of a model on the hidden states of its encoder, from the weights that it has."""
    functions = compiled_functions(model)
    train, validation = _States(model, dataset.train), _States(model, dataset.validation)
    fit(
        model,
        dataset,
        part=model.attention,
        step=lambda rows: functions.scorer_step(*train.batch(rows), dataset.train.labels[rows]),
        predict=lambda rows: functions.scorer_forward(*validation.batch(rows)).probabilities,
        training=training,
        seed=seed,
        order=order,
    )


class _States:
    """Hidden states of a split under a frozen encoder, concatenated without padding."""

    def __init__(self, model: AttentionClassifier, split: EncodedSplit) -> None:
        self.encode, self.split = compiled_functions(model).encode, split
        self.lengths = split.lengths
        self.starts = np.cumsum(self.lengths) - self.lengths
        self.stored: NDArray[np.float32] | None = None
        if 4 * int(self.lengths.sum()) * model.encoder.units <= _STORED_BYTES:
            self.stored = np.empty((int(self.lengths.sum()), model.encoder.units), dtype=np.float32)
            for rows in batches(split, EVALUATION_BATCH):
                real = split.mask[rows, : int(self.lengths[rows].max())]
                self.stored[self._places(rows)[real]] = np.asarray(self.encode(trimmed(split, rows)))[real]

    def batch(self, rows: IntArray) -> tuple[NDArray[np.float32], BoolArray]:
        """Return hidden states (batch, tokens, units) and mask of some texts."""
        mask = self.split.mask[rows, : int(self.lengths[rows].max())]
        if self.stored is None:
            return np.asarray(self.encode(trimmed(self.split, rows))), mask
        return self.stored[np.where(mask, self._places(rows), 0)] * mask[..., np.newaxis], mask

    def _places(self, rows: IntArray) -> IntArray:
        places: IntArray = self.starts[rows][:, np.newaxis] + np.arange(int(self.lengths[rows].max()))
        return places
