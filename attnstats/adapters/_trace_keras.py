"""The trace of a Keras model, by the calls of its layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from attnstats._conversion import read
from attnstats._validation import check_count
from attnstats.adapters._collecting import Batch, Collection
from attnstats.adapters._keras_calls import Calls, Taken
from attnstats.adapters.capture import Captured, Logits, PositiveProbability, as_captured
from attnstats.exceptions import InvalidInputError, require
from attnstats.trace import AttentionRow, AttentionTrace

Layer: TypeAlias = str | Captured
ModelOutput: TypeAlias = Layer | Logits | PositiveProbability


def trace_keras(
    model: Any,
    inputs: Any,
    /,
    *,
    attention: Layer,
    hidden: Layer,
    output: ModelOutput = "",
    row: AttentionRow | None = None,
    mask: ArrayLike | None = None,
    label: ArrayLike | None = None,
    tokens: Sequence[Sequence[str]] | None = None,
    batch_size: int = 32,
    renormalize: bool = False,
    **metadata: str | int | float | bool,
) -> AttentionTrace:
    """Return the trace of a Keras model on inputs.

    The model runs in inference mode, and its layers are left as they were. A layer that can return its weights, such as
    `keras.layers.MultiHeadAttention`, is asked for them during the pass, and returns to the model what that asked for.

    Parameters
    ----------
    model : keras.Model
        A trained model: functional, sequential or a class of its own.
    inputs : array_like, or a list or mapping of them
        What the model is called with, the examples along the first axis.
    attention : str, Output or Input
        Name of the layer that gives the weights, also inside another: MultiHeadAttention or GroupQueryAttention, whose
        `row` has a head and a query; Attention or AdditiveAttention, whose `row` has a query; or any layer that returns
        weights of shape (n_examples, n_tokens) or (n_examples, n_tokens, 1), or with the axes that `row` chooses from.
    hidden : str, Output or Input
        The layer that returns the states which the attention weighs, shape (n_examples, n_tokens, dim), or
        ``Input(name, "value")`` of the attention itself.
    output : str, Output, Input, Logits or PositiveProbability
        Where the class probabilities are, by default what the model returns; ``Logits("name")`` of scores before the
        softmax, ``PositiveProbability("name")`` of one column after a sigmoid, ``PositiveProbability()`` if it is the
        model's.
    row : AttentionRow, optional
        Which head and query are taken, where the weights have such axes; it joins the metadata.
    mask : array_like of bool, or of 0 and 1, shape (n_examples, n_tokens), optional
        True at real tokens. By default the mask that Keras passes to the attention, or else that of the states, as of
        ``Embedding(mask_zero=True)``; without one all tokens are real.
    label : array_like of int, shape (n_examples,), optional
        True classes.
    tokens : sequence of sequences of str, optional
        Token strings, one for each real token.
    batch_size : int
        Examples in a pass.
    renormalize : bool
        Divide each row of attention by its sum, as in `AttentionTrace.from_arrays`.
    **metadata : str, int, float or bool
        As in `AttentionTrace.from_arrays`, for example ``dataset="imdb", layer=0, seed=3``.

    Raises
    ------
    InvalidInputError
        If a name is that of no layer (the near ones are listed), a layer is called never or more than once in a pass,
        or its values have not the shapes above or are no trace.
    MissingExtraError
        If Keras is not installed.

    Examples
    --------
    >>> import keras
    >>> import numpy as np
    >>> from attnstats.trace import AttentionRow, ClassToken
    >>> ids = keras.Input((None,), dtype="int32")
    >>> states = keras.layers.Embedding(9, 4, mask_zero=True, name="embedding")(ids)
    >>> mixed = keras.layers.MultiHeadAttention(2, 2, name="attention")(states, states)
    >>> output = keras.layers.Dense(2, activation="softmax")(keras.layers.GlobalAveragePooling1D()(mixed))
    >>> trace_keras(
    ...     keras.Model(ids, output), np.array([[1, 2, 3], [4, 5, 0]]), attention="attention", hidden="embedding",
    ...     row=AttentionRow(head=1, query=ClassToken()))
    AttentionTrace(2 examples, 3 tokens, 4 dimensions, 2 classes, head=1, query='ClassToken()')
    """
    require("keras", "models")
    import keras

    if not isinstance(model, keras.Model):
        raise InvalidInputError(f"model: must be a keras.Model; got {type(model).__name__}")
    check_count(batch_size, "batch_size")
    n = _n_examples(inputs)
    real, classes = _by_example(mask, "mask", n), _by_example(label, "label", n)
    declared = output.of if isinstance(output, Logits | PositiveProbability) else output
    layers = {"attention": attention, "hidden": hidden, "output": declared}
    calls = Calls(model, {role: as_captured(layer, role) for role, layer in layers.items()})
    collection = Collection(row, output, renormalize)
    with calls.intercepted():
        for start in range(0, n, batch_size):
            rows = slice(start, start + batch_size)
            model(_taken(inputs, rows), training=False)
            collection.add(_batch(calls.taken(), None if real is None else real[rows], classes, rows))
    return collection.trace(tokens, metadata)


def _batch(taken: Mapping[str, Taken], mask: Any, classes: Any, rows: slice) -> Batch:
    arrays, halves = {}, set()
    for role, (value, _) in taken.items():
        arrays[role] = _array(value, role)
        if "bfloat16" in str(arrays[role].dtype):
            arrays[role] = arrays[role].astype(np.float32)
            halves.add(role)
    if mask is None:
        found = next((each.mask for each in (taken["attention"], taken["hidden"]) if each.mask is not None), None)
        mask = None if found is None else _array(found, "mask")
    return Batch(**arrays, mask=mask, label=None if classes is None else classes[rows], halves=frozenset(halves))


def _array(value: Any, role: str) -> NDArray[Any]:
    from keras import ops

    if not hasattr(value, "shape"):
        raise InvalidInputError(
            f"{role}: must be a tensor; got a {type(value).__name__}; choose by Output(name, part=...)"
        )
    return np.asarray(ops.convert_to_numpy(value))


def _parts(inputs: Any) -> list[Any]:
    if isinstance(inputs, Mapping):
        return list(inputs.values())
    return list(inputs) if isinstance(inputs, list | tuple) else [inputs]


def _n_examples(inputs: Any) -> int:
    """Return the number of examples, the same in all inputs."""
    shapes = [getattr(each, "shape", None) for each in _parts(inputs)]
    if not shapes or any(shape is None or len(shape) == 0 for shape in shapes):
        raise InvalidInputError(
            f"inputs: must be an array, or a list or mapping of arrays; got a {type(inputs).__name__}; of a list of "
            "numbers pass np.array(inputs)"
        )
    lengths = {int(shape[0]) for shape in shapes if shape is not None}
    if len(lengths) > 1 or 0 in lengths:
        raise InvalidInputError(f"inputs: must hold the same examples, one or more; got lengths {sorted(lengths)}")
    return lengths.pop()


def _taken(inputs: Any, rows: slice) -> Any:
    if isinstance(inputs, Mapping):
        return {name: each[rows] for name, each in inputs.items()}
    return [each[rows] for each in inputs] if isinstance(inputs, list | tuple) else inputs[rows]


def _by_example(values: ArrayLike | None, name: str, n: int) -> NDArray[Any] | None:
    if values is None:
        return None
    array = read(values, name).array
    if array.shape[:1] != (n,):
        raise InvalidInputError(f"{name}: must have one entry for each of {n} examples; got shape {array.shape}")
    return array
