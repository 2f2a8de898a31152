"""Training of one model from one seed; equal seeds give equal weights."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from keras import layers
from numpy.typing import NDArray

from attnstats._validation import FloatArray, IntArray, check_count
from attnstats.datasets import EncodedDataset, EncodedSplit
from attnstats.exceptions import InvalidInputError
from attnstats.models._compiled import compiled_functions
from attnstats.models._seeding import initialize
from attnstats.models.classifier import AttentionClassifier
from attnstats.models.recipe.selection import cross_entropy
from attnstats.models.recipe.settings import Training, TrainingHistory

#: Examples per forward pass; at evaluation nothing but memory depends on it.
EVALUATION_BATCH = 256


def train(
    model: AttentionClassifier,
    dataset: EncodedDataset,
    *,
    seed: int,
    training: Training | None = None,
    visits: Mapping[int, Callable[[], object]] | None = None,
) -> TrainingHistory:
    """Train a model from new initial weights, and leave it with the weights of the selected epoch.

    The order of the data and the initial weights of each layer depend on the seed alone, so models that differ in the
    scorer start with the same encoder and see the same batches.

    Parameters
    ----------
    model : AttentionClassifier
        Its weights change in place.
    dataset : EncodedDataset
        Trained on the training split; the validation split selects the epoch.
    seed : int
        At least 0. Equal seeds give bit-identical weights on one machine with one thread (`limit_threads`).
    training : Training, optional
        How to train.
    visits : mapping of int to callable, optional
        What is done after that many updates, 0 being the initial weights, as long as the training lasts. It may run the
        model and must not change it.

    Raises
    ------
    InvalidInputError
        If the seed is negative, or the model does not fit the data set's vocabulary and classes.

    Examples
    --------
    >>> from attnstats.datasets import encode_dataset, planted
    >>> from attnstats.models import AttentionClassifier, Additive, MLP, Softmax
    >>> data = encode_dataset(planted(60, length=4))
    >>> model = AttentionClassifier(len(data.vocabulary), 2, MLP(units=8), Additive(units=4), Softmax())
    >>> visits = {0: lambda: print("initial weights"), 1: lambda: print("after one update")}
    >>> len(train(model, data, seed=1, training=Training(epochs=2), visits=visits).validation_loss)
    initial weights
    after one update
    2
    """
    training = training or Training()
    order = start(model, dataset, seed, training)
    functions = compiled_functions(model)
    return fit(
        model,
        dataset,
        part=model,
        step=lambda rows: functions.step(trimmed(dataset.train, rows), dataset.train.labels[rows]),
        predict=lambda rows: functions.forward(trimmed(dataset.validation, rows)).probabilities,
        training=training,
        seed=seed,
        order=order,
        visits=visits or {},
    )


def start(model: AttentionClassifier, dataset: EncodedDataset, seed: int, training: Training) -> np.random.Generator:
    """Give a model the initial weights of a seed, and return the generator of the order of the data."""
    check_count(seed, "seed", minimum=0)
    check_fits(model, dataset)
    initialize(model, np.random.SeedSequence(seed).spawn(2)[0])
    (embeddings,) = model.embedding.get_weights()
    model.embedding.set_weights([training.embeddings.initial(embeddings, dataset.vocabulary)])
    return data_order(seed)


def data_order(seed: int) -> np.random.Generator:
    """Return the generator of the order in which a training from this seed sees the data."""
    return np.random.default_rng(np.random.SeedSequence(seed).spawn(2)[1])


def fit(
    model: AttentionClassifier,
    dataset: EncodedDataset,
    *,
    part: layers.Layer,
    step: Callable[[IntArray], Any],
    predict: Callable[[IntArray], Any],
    training: Training,
    seed: int,
    order: np.random.Generator,
    visits: Mapping[int, Callable[[], object]] = MappingProxyType({}),
) -> TrainingHistory:
    """Train, and leave `part` (the model or a layer) with the weights of the selected epoch.

    `step` maps rows of the training split to their loss in nats, `predict` rows of the validation split to
    probabilities. `visits` are done after so many updates.
    """
    started = time.perf_counter()
    functions = compiled_functions(model)
    functions.restart(training.learning_rate, training.weight_decay)
    n_batches = -(-len(dataset.train.labels) // training.batch_size)
    labels = dataset.validation.labels
    train_loss, validation_loss, accuracy, scores = [], [], [], []
    share = 1.0
    kept: list[NDArray[np.float32]] = []
    if 0 in visits:
        visits[0]()
    for epoch in range(training.epochs):
        total = 0.0
        for place, rows in enumerate(batches(dataset.train, training.batch_size, order), start=epoch * n_batches):
            before, share = share, training.schedule.share(place, training.epochs * n_batches)
            if share != before:
                functions.optimizer.learning_rate = share * training.learning_rate
            total += len(rows) * float(step(rows))
            if place + 1 in visits:
                visits[place + 1]()
        train_loss.append(total / len(dataset.train.labels))
        probabilities = _probabilities(dataset.validation, predict)
        validation_loss.append(cross_entropy(labels, probabilities))
        accuracy.append(float((probabilities.argmax(axis=1) == labels).mean()))
        scores.append(training.selection.score(labels, probabilities))
        selected = training.selection.best(scores)
        if selected == epoch:
            kept = part.get_weights()
        if training.selection.gives_up(scores):
            break
    part.set_weights(kept)
    return TrainingHistory(
        seed,
        tuple(train_loss),
        tuple(validation_loss),
        tuple(accuracy),
        selected,
        (selected + 1) * n_batches,
        time.perf_counter() - started,
    )


def batches(
    split: EncodedSplit, batch_size: int, rng: np.random.Generator | None = None
) -> Iterator[NDArray[np.int64]]:
    """Yield the rows of each batch, with texts of similar length together; `rng` shuffles equal lengths and batches."""
    order = np.arange(len(split.labels)) if rng is None else rng.permutation(len(split.labels))
    order = order[np.argsort(split.lengths[order], kind="stable")]
    starts = np.arange(0, len(order), batch_size)
    for start in starts if rng is None else rng.permutation(starts):
        yield order[start : start + batch_size]


def trimmed(split: EncodedSplit, rows: NDArray[np.int64]) -> NDArray[np.int32]:
    """Return the token ids of some texts, as wide as the longest of them."""
    return split.token_ids[rows, : int(split.lengths[rows].max())]


def _probabilities(split: EncodedSplit, predict: Callable[[IntArray], Any]) -> FloatArray:
    found = [(rows, np.asarray(predict(rows), dtype=np.float64)) for rows in batches(split, EVALUATION_BATCH)]
    probabilities = np.empty((len(split.labels), found[0][1].shape[1]))
    for rows, values in found:
        probabilities[rows] = values
    return probabilities


def check_fits(model: AttentionClassifier, dataset: EncodedDataset) -> None:
    """Raise unless the model was made for this vocabulary and these classes."""
    if model.vocabulary_size != len(dataset.vocabulary) or model.n_classes != len(dataset.class_names):
        raise InvalidInputError(
            f"model: must have {len(dataset.vocabulary)} token ids and {len(dataset.class_names)} classes like "
            f"{dataset.name}; got {model.vocabulary_size} and {model.n_classes}"
        )
