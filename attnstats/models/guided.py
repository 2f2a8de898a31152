"""A classifier trained under given attention weights, the diagnostic of Wiegreffe & Pinter 2019."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from attnstats._validation import IntArray
from attnstats.datasets import EncodedDataset, EncodedSplit
from attnstats.exceptions import InvalidInputError, NonFiniteError
from attnstats.models._compiled import compiled_functions
from attnstats.models._seeding import restored
from attnstats.models.classifier import AttentionClassifier
from attnstats.models.recipe.settings import Training, TrainingHistory
from attnstats.models.tracing import traced
from attnstats.models.training import EVALUATION_BATCH, batches, check_fits, fit, start, trimmed
from attnstats.trace import AttentionTrace

#: Tolerance for weights to sum to one, wide enough for half precision over some hundred tokens.
_SUM_TOLERANCE = 5e-3


@dataclass(frozen=True, eq=False)
class GivenAttention:
    """Attention weights for every text of a data set.

    Parameters
    ----------
    train, validation, test : array_like, shape (n, n_tokens)
        Weights of the texts of each split: non-negative, zero at padding, each row summing to one.

    Examples
    --------
    >>> from attnstats.datasets import encode_dataset, planted
    >>> data = encode_dataset(planted(50, length=4))
    >>> GivenAttention.uniform(data).test[0].tolist()
    [0.25, 0.25, 0.25, 0.25]
    """

    train: ArrayLike
    validation: ArrayLike
    test: ArrayLike

    @classmethod
    def uniform(cls, dataset: EncodedDataset) -> Self:
        """Return equal weights for all tokens of a text."""
        return cls(*(split.mask / split.lengths[:, np.newaxis] for split in _splits(dataset).values()))

    @classmethod
    def of_model(cls, model: AttentionClassifier, dataset: EncodedDataset) -> Self:
        """Return the weights of a trained model; InvalidInputError if it does not fit the vocabulary and classes."""
        check_fits(model, dataset)
        return cls(*(_attention(model, split) for split in _splits(dataset).values()))


@dataclass(frozen=True, eq=False)
class GuidedModel:
    """A model trained under given attention.

    Parameters
    ----------
    history : TrainingHistory
        Its training.
    trace : AttentionTrace
        The given attention of the test texts, and the hidden states and probabilities under it.
    """

    history: TrainingHistory
    trace: AttentionTrace

    @property
    def accuracy(self) -> float:
        """Share of test texts classified correctly."""
        return float((self.trace.predicted == self.trace.label).mean())

    def __repr__(self) -> str:
        return f"GuidedModel(accuracy={self.accuracy:.3f}, seed={self.history.seed}, {self.trace!r})"

    def summary(self) -> str:
        """Return the test accuracy in a sentence."""
        return (
            f"Under given attention the model classified {self.accuracy:.1%} of {self.trace.n_examples} test texts "
            f"right (seed {self.history.seed}, {self.history.best_epoch + 1} epoch(s))."
        )


def train_guided(
    model: AttentionClassifier,
    dataset: EncodedDataset,
    attention: GivenAttention,
    *,
    seed: int,
    training: Training | None = None,
) -> GuidedModel:
    """Train all of a model but its scorer under fixed attention weights, from the initial weights of the seed.

    With the context-free `MLP` encoder the weights alone can carry context, so the accuracy shows how useful they are.
    Wiegreffe & Pinter compare the attention of a trained contextual model with uniform weights and with what the MLP
    learns itself (`train`).

    Parameters
    ----------
    model : AttentionClassifier
        Its weights change in place.
    dataset : EncodedDataset
        Trained on the training split, selected by the validation split, tested on the test split.
    attention : GivenAttention
        Weights for all its texts.
    seed : int
        At least 0.
    training : Training, optional
        How to train.

    Raises
    ------
    InvalidInputError
        If the seed is negative, the model does not fit the data set, or the weights do not fit the texts.
    NonFiniteError
        If a weight is NaN or infinite.

    References
    ----------
    Wiegreffe & Pinter 2019, *Attention is not not Explanation*, section 3.4.

    Examples
    --------
    >>> from attnstats.datasets import encode_dataset, planted
    >>> from attnstats.models import Additive, AttentionClassifier, MLP, Softmax
    >>> data = encode_dataset(planted(60, length=4))
    >>> model = AttentionClassifier(len(data.vocabulary), 2, MLP(units=8), Additive(units=4), Softmax())
    >>> guided = train_guided(model, data, GivenAttention.uniform(data), seed=1, training=Training(epochs=1))
    >>> guided.trace.attention[0].tolist()
    [0.25, 0.25, 0.25, 0.25]
    """
    check_fits(model, dataset)
    weights = {name: _checked(getattr(attention, name), split, name) for name, split in _splits(dataset).items()}
    functions, training = compiled_functions(model), training or Training()

    def given(name: str, rows: IntArray) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        token_ids = trimmed(getattr(dataset, name), rows)
        return token_ids, weights[name][rows, : token_ids.shape[1]]

    history = fit(
        model,
        dataset,
        part=model,
        step=lambda rows: functions.guided_step(*given("train", rows), dataset.train.labels[rows]),
        predict=lambda rows: functions.guided_forward(*given("validation", rows)).probabilities,
        training=training,
        seed=seed,
        order=start(model, dataset, seed, training),
    )
    trace = traced(model, dataset.test, lambda _, rows: functions.guided_forward(*given("test", rows)))
    return GuidedModel(history, trace.with_metadata({"dataset": dataset.name, "seed": seed}))


def _attention(model: AttentionClassifier, split: EncodedSplit) -> NDArray[np.float32]:
    attention = np.zeros(split.token_ids.shape, dtype=np.float32)
    with restored(model.normalizer):
        for rows in batches(split, EVALUATION_BATCH):
            token_ids = trimmed(split, rows)
            attention[rows, : token_ids.shape[1]] = compiled_functions(model).forward(token_ids).attention
    return attention


def _splits(dataset: EncodedDataset) -> dict[str, EncodedSplit]:
    return {"train": dataset.train, "validation": dataset.validation, "test": dataset.test}


def _checked(values: ArrayLike, split: EncodedSplit, name: str) -> NDArray[np.float32]:
    weights: NDArray[np.float32] = np.asarray(values, dtype=np.float32)
    if weights.shape != split.mask.shape:
        raise InvalidInputError(f"attention.{name}: must have shape {split.mask.shape}; got {weights.shape}")
    if not np.isfinite(weights).all():
        raise NonFiniteError(f"attention.{name}: must be finite; got NaN or infinity")
    if (weights < 0).any() or (weights[~split.mask] != 0).any():
        raise InvalidInputError(
            f"attention.{name}: must be non-negative and zero at padding; got a minimum of {weights.min():.3g} and "
            f"{int((weights[~split.mask] != 0).sum())} weight(s) at padding"
        )
    sums = weights.sum(axis=1)
    worst = int(np.abs(sums - 1).argmax())
    if abs(sums[worst] - 1) > _SUM_TOLERANCE:
        raise InvalidInputError(f"attention.{name}: each row must sum to 1; got {sums[worst]:.6g} in example {worst}")
    return weights
