"""The trace of a trained Keras model, as NumPy arrays."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from attnstats._validation import check_member
from attnstats.datasets import EncodedDataset, EncodedSplit
from attnstats.models._compiled import compiled_functions
from attnstats.models._seeding import restored
from attnstats.models.classifier import AttentionClassifier
from attnstats.models.training import EVALUATION_BATCH, batches, check_fits, trimmed
from attnstats.trace import AttentionTrace


def trace_attention(
    model: AttentionClassifier,
    dataset: EncodedDataset,
    /,
    *,
    split: Literal["train", "validation", "test"] = "test",
    **metadata: str | int | float | bool,
) -> AttentionTrace:
    """Return attention, hidden states and probabilities of a trained model on one split.

    Parameters
    ----------
    model : AttentionClassifier
        A trained model; it is run in inference mode and does not change.
    dataset : EncodedDataset
        The data it was trained on.
    split : {"train", "validation", "test"}
        The texts to run it on.
    **metadata
        Scalars to store with the trace, for example ``encoder="bilstm", seed=3``.

    Returns
    -------
    AttentionTrace
        Attention (n, n_tokens), hidden states (n, n_tokens, units) in the precision of the model, and probabilities
        (n, n_classes).

    Raises
    ------
    InvalidInputError
        If `split` is another word, or the model does not fit the data set's vocabulary and classes.

    Examples
    --------
    >>> from attnstats.datasets import encode_dataset, planted
    >>> from attnstats.models import AttentionClassifier, Additive, MLP, Softmax
    >>> data = encode_dataset(planted(60, length=4))
    >>> model = AttentionClassifier(len(data.vocabulary), 2, MLP(units=8), Additive(units=4), Softmax())
    >>> trace_attention(model, data, split="validation", encoder="mlp").hidden.shape
    (5, 4, 8)
    """
    check_member(split, "split", ("train", "validation", "test"))
    check_fits(model, dataset)
    examples: EncodedSplit = getattr(dataset, split)
    shape = examples.token_ids.shape
    whole = {"output": (len(examples), model.n_classes), "attention": shape, "hidden": (*shape, model.encoder.units)}
    arrays: dict[str, NDArray[Any]] = {}
    functions = compiled_functions(model)
    # Noise drawn at inference advances the normalizer's seed; it is restored, so that a second trace is the same.
    with restored(model.normalizer):
        for rows in batches(examples, EVALUATION_BATCH):
            token_ids = trimmed(examples, rows)
            parts = dict(zip(whole, map(np.asarray, functions.forward(token_ids)), strict=True))
            # Kept in the precision of the model, which sets the tolerance for attention to sum to one.
            arrays = arrays or {name: np.zeros(whole[name], dtype=part.dtype) for name, part in parts.items()}
            width = token_ids.shape[1]
            arrays["output"][rows] = parts["output"]
            arrays["attention"][rows, :width] = parts["attention"]
            arrays["hidden"][rows, :width] = parts["hidden"]
    return AttentionTrace.from_arrays(
        attention=arrays["attention"],
        hidden=arrays["hidden"],
        output=arrays["output"],
        mask=examples.mask,
        label=examples.labels,
        tokens=examples.tokens,
    ).with_metadata({"dataset": dataset.name, **metadata})
