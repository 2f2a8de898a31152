"""The trace of a trained Keras model, as NumPy arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from attnstats._validation import IntArray, check_member
from attnstats.datasets import EncodedDataset, EncodedSplit
from attnstats.models._compiled import compiled_functions
from attnstats.models._seeding import restored
from attnstats.models.classifier import AttentionClassifier, Forward
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
        With hidden states (n, n_tokens, units) in the precision of the model, and probabilities (n, n_classes).

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
    functions = compiled_functions(model)
    # Noise drawn at inference advances the normalizer's seed; it is restored, so that a second trace is the same.
    with restored(model.normalizer):
        trace = traced(model, getattr(dataset, split), lambda token_ids, _: functions.forward(token_ids))
    return trace.with_metadata({"dataset": dataset.name, **metadata})


def traced(
    model: AttentionClassifier, examples: EncodedSplit, forward: Callable[[NDArray[np.int32], IntArray], Forward]
) -> AttentionTrace:
    """Return the trace of a pass from the token ids of some rows, and the rows."""
    shape = examples.token_ids.shape
    whole = {"output": (len(examples), model.n_classes), "attention": shape, "hidden": (*shape, model.encoder.units)}
    arrays: dict[str, Any] = {}
    for rows in batches(examples, EVALUATION_BATCH):
        token_ids = trimmed(examples, rows)
        parts = dict(zip(whole, map(np.asarray, forward(token_ids, rows)), strict=True))
        # Kept in the precision of the model, which sets the tolerance for attention to sum to one.
        arrays = arrays or {name: np.zeros(whole[name], dtype=part.dtype) for name, part in parts.items()}
        arrays["output"][rows] = parts["output"]
        for name in ("attention", "hidden"):
            arrays[name][rows, : token_ids.shape[1]] = parts[name]
    return AttentionTrace.from_arrays(**arrays, mask=examples.mask, label=examples.labels, tokens=examples.tokens)
