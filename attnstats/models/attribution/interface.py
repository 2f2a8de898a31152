"""The protocol of attributions, and the loop over batches that they share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Literal, NamedTuple, Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from attnstats._validation import BoolArray, FloatArray, IntArray, as_targets, check_member
from attnstats.datasets import EncodedDataset, EncodedSplit
from attnstats.models._compiled import compiled_functions
from attnstats.models.classifier import AttentionClassifier, Forward
from attnstats.models.training import EVALUATION_BATCH, batches, check_fits, trimmed

Split: TypeAlias = Literal["train", "validation", "test"]


@runtime_checkable
class Attribution(Protocol):
    """A way to share the output of a model out among the tokens of its input, with its `name` in configurations."""

    name: ClassVar[str]

    def scores(
        self,
        model: AttentionClassifier,
        dataset: EncodedDataset,
        *,
        split: Split = "test",
        target: int | ArrayLike | None = None,
    ) -> FloatArray:
        """Return the contribution of each token of a split, shape (n, n_tokens), zero at padding.

        Parameters
        ----------
        model : AttentionClassifier
            A trained model; it does not change.
        dataset : EncodedDataset
            The data it was trained on.
        split : {"train", "validation", "test"}
            The texts.
        target : int or array_like of int, shape (n,), optional
            Class whose probability is attributed, one for all texts or one for each; the predicted one by default.

        Raises
        ------
        InvalidInputError
            If the model does not fit the data set, `split` is another word, or `target` names no class.
        """
        ...


class Batch(NamedTuple):
    """Some texts and the model's output: NumPy arrays of shape (batch, ...), real numbers in float64."""

    token_ids: NDArray[np.int32]
    mask: BoolArray
    classes: IntArray
    forward: Forward

    @property
    def of_class(self) -> FloatArray:
        """Probability of the attributed class, shape (batch,)."""
        of_class: FloatArray = np.take_along_axis(self.forward.probabilities, self.classes[:, np.newaxis], axis=1)[:, 0]
        return of_class


class BatchedAttribution(ABC):
    """An attribution that scores one batch of texts at a time."""

    def scores(
        self,
        model: AttentionClassifier,
        dataset: EncodedDataset,
        *,
        split: Split = "test",
        target: int | ArrayLike | None = None,
    ) -> FloatArray:
        """Return the contribution of each token, shape (n, n_tokens), zero at padding; see `Attribution`."""
        check_member(split, "split", ("train", "validation", "test"))
        check_fits(model, dataset)
        examples: EncodedSplit = getattr(dataset, split)
        targets = None if target is None else as_targets(target, len(examples), model.n_classes)
        forward = compiled_functions(model).noiseless_forward
        scores = np.zeros(examples.token_ids.shape)
        for rows in batches(examples, EVALUATION_BATCH):
            token_ids = trimmed(examples, rows)
            # In double precision, whatever the model's: norms and sums follow.
            passed = Forward(*(np.asarray(part).astype(np.float64) for part in forward(token_ids)))
            classes = passed.probabilities.argmax(axis=1) if targets is None else targets[rows]
            batch = Batch(token_ids, token_ids != 0, classes, passed)
            scores[rows, : token_ids.shape[1]] = np.where(batch.mask, self.of_batch(model, batch), 0)
        return scores

    @abstractmethod
    def of_batch(self, model: AttentionClassifier, batch: Batch) -> NDArray[np.floating[Any]]:
        """Return scores of shape (batch, tokens); values at padding are ignored."""
