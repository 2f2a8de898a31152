"""What one trained model did on one test set: attention, hidden states, outputs.

A trace is where deep learning ends: NumPy arrays only, from Keras through `attnstats.models.trace_attention` or from
any framework through `AttentionTrace.from_arrays`.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from attnstats._validation import BoolArray, IntArray, as_labels, check_same_length
from attnstats.exceptions import InvalidInputError, NonFiniteError, TraceError

__all__ = ["AttentionTrace"]

RealArray: TypeAlias = NDArray[np.floating[Any]]
Scalar: TypeAlias = str | int | float | bool

_FORMAT = {"format": "attnstats-trace", "version": 1}
_INDEX = "trace.json"
#: Attention must sum to one; half-precision weights over some hundred tokens still do within this.
_SUM_TOLERANCE = 5e-3


@dataclass(frozen=True, eq=False)
class AttentionTrace:
    """Attention, hidden states and outputs of one model on one test set; build it with `from_arrays`.

    Parameters
    ----------
    attention : ndarray, shape (n_examples, n_tokens)
        Attention weights: non-negative, zero at padding, each row summing to one.
    hidden : ndarray, shape (n_examples, n_tokens, dim)
        Hidden states that the attention weighs.
    output : ndarray, shape (n_examples, n_classes) or (n_examples,)
        Class probabilities, or the predicted classes themselves as integers.
    mask : ndarray of bool, shape (n_examples, n_tokens)
        True at real tokens, False at padding.
    label : ndarray of int, shape (n_examples,), or None
        True classes.
    token_codes : ndarray of int, shape (n_examples, n_tokens), or None
        Index into `token_strings` of each token; -1 at padding.
    token_strings : ndarray of str, shape (n_distinct,), or None
        The distinct token strings.
    metadata : dict
        Scalars that say where the trace comes from: dataset, encoder, attention, normalizer, seed, ...
    """

    attention: RealArray
    hidden: RealArray
    output: NDArray[Any]
    mask: BoolArray
    label: IntArray | None = None
    token_codes: IntArray | None = None
    token_strings: NDArray[np.str_] | None = None
    metadata: Mapping[str, Scalar] = field(default_factory=dict)

    @classmethod
    def from_arrays(
        cls,
        *,
        attention: ArrayLike,
        hidden: ArrayLike,
        output: ArrayLike,
        mask: ArrayLike | None = None,
        label: ArrayLike | None = None,
        tokens: Sequence[Sequence[str]] | None = None,
        **metadata: Scalar,
    ) -> Self:
        """Return a trace of arrays from any framework, checked once and for all.

        Parameters
        ----------
        attention : array_like, shape (n_examples, n_tokens)
            Weights of one head: non-negative, zero at padding, each row summing to one.
        hidden : array_like, shape (n_examples, n_tokens, dim)
            The states that the attention weighs.
        output : array_like, shape (n_examples, n_classes) or (n_examples,)
            Class probabilities, or integer predicted classes.
        mask : array_like of bool, shape (n_examples, n_tokens), optional
            True at real tokens; all real by default.
        label : array_like of int, shape (n_examples,), optional
            True classes.
        tokens : sequence of sequences of str, optional
            Token strings, one per real token, in order.
        **metadata : str, int, float or bool
            Where the trace comes from, for example ``dataset="imdb", seed=3``; see also `with_metadata`.

        Raises
        ------
        InvalidInputError
            If shapes disagree, attention is negative, does not sum to one or weighs padding, or a text is empty.
        NonFiniteError
            If a value at a real token is NaN or infinite.

        Examples
        --------
        >>> rng = np.random.default_rng(0)
        >>> trace = AttentionTrace.from_arrays(
        ...     attention=rng.dirichlet(np.ones(5), size=3), hidden=rng.normal(size=(3, 5, 2)),
        ...     output=[0, 1, 1], seed=7)
        >>> trace
        AttentionTrace(3 examples, 5 tokens, 2 dimensions, 2 classes, seed=7)
        >>> trace.predicted
        array([0, 1, 1])
        """
        weights = _real(attention, "attention", 2)
        states = _real(hidden, "hidden", 3)
        real = np.ones(weights.shape, dtype=bool) if mask is None else np.asarray(mask)
        if real.dtype != np.bool_ or real.shape != weights.shape:
            raise InvalidInputError(
                f"mask: must be boolean with attention's shape {weights.shape}; got {real.dtype} {real.shape}"
            )
        if states.shape[:2] != weights.shape:
            raise InvalidInputError(
                f"hidden: must have shape (*{weights.shape}, dim) like attention; got {states.shape}"
            )
        result = _output(output)
        check_same_length(attention=weights, output=result)
        codes = None if label is None else _classes(label, "label")
        if codes is not None:
            check_same_length(attention=weights, label=codes)
        _check_attention(weights, real)
        if not np.isfinite(states[real]).all():
            raise NonFiniteError("hidden: must be finite at real tokens; got NaN or infinity")
        token_codes, token_strings = (None, None) if tokens is None else _encode_tokens(tokens, real)
        _check_metadata(metadata)
        return cls(weights, states, result, real, codes, token_codes, token_strings, dict(metadata))

    @property
    def n_examples(self) -> int:
        """Number of examples."""
        return len(self.attention)

    @property
    def lengths(self) -> IntArray:
        """Number of real tokens of each example, shape (n_examples,)."""
        lengths: IntArray = self.mask.sum(axis=1)
        return lengths

    @property
    def predicted(self) -> IntArray:
        """Predicted class of each example, shape (n_examples,)."""
        classes: IntArray = self.output.argmax(axis=1) if self.output.ndim == 2 else self.output
        return classes

    @property
    def context(self) -> RealArray:
        """Attention-weighted mean of the hidden states, shape (n_examples, dim)."""
        weights = np.where(self.mask, self.attention, 0)
        states = np.where(self.mask[:, :, np.newaxis], self.hidden, 0)
        return np.asarray(np.einsum("nt,ntd->nd", weights, states))

    def tokens(self, example: int) -> list[str]:
        """Return the token strings of one example; InvalidInputError if the trace holds none."""
        if self.token_codes is None or self.token_strings is None:
            raise InvalidInputError("tokens: this trace was made without token strings")
        codes = self.token_codes[example]
        return [str(self.token_strings[code]) for code in codes[codes >= 0]]

    def with_metadata(self, metadata: Mapping[str, Scalar]) -> Self:
        """Return the same trace with more metadata, under any key, ``"attention"`` and other array names included.

        Examples
        --------
        >>> trace = AttentionTrace.from_arrays(attention=[[1.0]], hidden=[[[0.0]]], output=[0])
        >>> trace.with_metadata({"attention": "additive", "seed": 3}).metadata
        {'attention': 'additive', 'seed': 3}
        """
        _check_metadata(metadata)
        return replace(self, metadata={**self.metadata, **metadata})

    def __repr__(self) -> str:
        n_classes = self.output.shape[1] if self.output.ndim == 2 else len(np.unique(self.output))
        shape = f"{self.n_examples} examples, {self.attention.shape[1]} tokens, {self.hidden.shape[2]} dimensions"
        metadata = "".join(f", {key}={value!r}" for key, value in self.metadata.items())
        return f"AttentionTrace({shape}, {n_classes} classes{metadata})"

    def save(self, directory: str | Path) -> None:
        """Write the trace as a new folder of ``.npy`` files with ``trace.json``; it appears whole or not at all.

        Raises
        ------
        TraceError
            If the folder exists already, or cannot be written.
        """
        target = Path(directory)
        if target.exists():
            raise TraceError(f"{target}: must not exist yet, a trace is never overwritten")
        partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
        try:
            partial.mkdir(parents=True)
            index: dict[str, Any] = {**_FORMAT, "metadata": dict(self.metadata), "arrays": {}}
            for name, array in self._arrays().items():
                np.save(partial / f"{name}.npy", array, allow_pickle=False)
                index["arrays"][name] = {
                    "shape": list(array.shape),
                    "dtype": str(array.dtype),
                    "sha256": _sha256(partial / f"{name}.npy"),
                }
            (partial / _INDEX).write_text(json.dumps(index, indent=2), encoding="utf-8")
            os.rename(partial, target)
        except OSError as error:
            raise TraceError(f"{target}: cannot be written ({error})") from error
        finally:
            shutil.rmtree(partial, ignore_errors=True)

    @classmethod
    def load(cls, directory: str | Path) -> Self:
        """Read a saved trace; arrays are memory-mapped, read-only, and checked against their checksums.

        Raises
        ------
        TraceError
            If a file is missing, truncated, changed or of another shape; the message names the file and the fault.
        """
        source = Path(directory)
        index = _read_index(source / _INDEX)
        arrays = {name: _read_array(source / f"{name}.npy", entry) for name, entry in index["arrays"].items()}
        try:
            trace = cls(**arrays, metadata=index["metadata"])
        except TypeError as error:
            raise TraceError(f"{source / _INDEX}: lists arrays that make no trace ({error})") from error
        trace._check_shapes(source)
        return trace

    def _arrays(self) -> dict[str, NDArray[Any]]:
        arrays = {
            "attention": self.attention,
            "hidden": self.hidden,
            "output": self.output,
            "mask": self.mask,
            "label": self.label,
            "token_codes": self.token_codes,
            "token_strings": self.token_strings,
        }
        return {name: array for name, array in arrays.items() if array is not None}

    def _check_shapes(self, source: Path) -> None:
        expected = self.attention.shape
        for name, array in self._arrays().items():
            depth = {"attention": 2, "hidden": 2, "mask": 2, "token_codes": 2, "output": 1, "label": 1}.get(name, 0)
            if array.shape[:depth] != expected[:depth]:
                raise TraceError(f"{source / name}.npy: shape {array.shape} does not match attention's {expected}")


def _real(values: ArrayLike, name: str, ndim: int) -> RealArray:
    array = np.asarray(values)
    if array.dtype.kind not in "fiub" or array.ndim != ndim:
        raise InvalidInputError(f"{name}: must be real with {ndim} dimensions; got {array.dtype} {array.shape}")
    return array if array.dtype.kind == "f" else array.astype(np.float64)


def _classes(values: ArrayLike, name: str) -> IntArray:
    array = np.asarray(values)
    if array.ndim != 1 or array.dtype.kind not in "iub":
        raise InvalidInputError(f"{name}: must be integer classes of shape (n,); got {array.dtype} {array.shape}")
    return array.astype(np.int64)


def _output(values: ArrayLike) -> NDArray[Any]:
    array = np.asarray(values)
    if array.ndim == 1:
        return _classes(array, "output")
    probabilities = _real(array, "output", 2)
    if probabilities.shape[1] < 2:
        raise InvalidInputError(f"output: must have a probability for 2 or more classes; got shape {array.shape}")
    if not np.isfinite(probabilities).all():
        raise NonFiniteError("output: must be finite; got NaN or infinity")
    return probabilities


def _check_attention(weights: RealArray, real: BoolArray) -> None:
    if len(weights) == 0 or not real.any(axis=1).all():
        empty = np.flatnonzero(~real.any(axis=1))
        raise InvalidInputError(f"mask: every example must have a real token; got none in example(s) {empty[:5]}")
    if not np.isfinite(weights[real]).all():
        raise NonFiniteError("attention: must be finite at real tokens; got NaN or infinity")
    if (weights[real] < 0).any():
        raise InvalidInputError(f"attention: must be non-negative; got a minimum of {weights[real].min():.3g}")
    if np.any(weights[~real] != 0):
        raise InvalidInputError("attention: must be exactly zero at padding; got weight where mask is False")
    sums = weights.sum(axis=1, dtype=np.float64)
    worst = int(np.abs(sums - 1).argmax())
    if abs(sums[worst] - 1) > _SUM_TOLERANCE:
        raise InvalidInputError(f"attention: each row must sum to 1; got {sums[worst]:.6g} in example {worst}")


def _encode_tokens(tokens: Sequence[Sequence[str]], real: BoolArray) -> tuple[IntArray, NDArray[np.str_]]:
    lengths = real.sum(axis=1)
    if [len(text) for text in tokens] != lengths.tolist():
        raise InvalidInputError("tokens: must hold one string per real token of each example; lengths differ from mask")
    codes, strings = as_labels(np.array([str(token) for text in tokens for token in text], dtype=np.str_), "tokens")
    matrix = np.full(real.shape, -1, dtype=np.int64)
    matrix[real] = codes
    return matrix, strings


def _check_metadata(metadata: Mapping[str, object]) -> None:
    for key, value in metadata.items():
        if not isinstance(value, str | int | float | bool):
            raise InvalidInputError(f"{key}: metadata must be a string, number or boolean; got {type(value).__name__}")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read_index(path: Path) -> dict[str, Any]:
    try:
        index = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TraceError(f"{path}: cannot be read ({error})") from error
    if not isinstance(index, dict) or {key: index.get(key) for key in _FORMAT} != _FORMAT:
        raise TraceError(f"{path}: is not the index of a trace of format version {_FORMAT['version']}")
    entries = index.get("arrays")
    complete = isinstance(entries, dict) and all(
        isinstance(entry, dict) and {"shape", "dtype", "sha256"} <= entry.keys() for entry in entries.values()
    )
    missing = {"attention", "hidden", "output", "mask"} - set(entries or ())
    if not complete or missing or not isinstance(index.get("metadata"), dict):
        raise TraceError(f"{path}: is incomplete; missing arrays {sorted(missing)}")
    return index


def _read_array(path: Path, entry: Mapping[str, Any]) -> NDArray[Any]:
    try:
        if _sha256(path) != entry["sha256"]:
            raise TraceError(f"{path}: checksum does not match {_INDEX}; the file is truncated or was changed")
        array: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError) as error:
        raise TraceError(f"{path}: cannot be read ({error})") from error
    if list(array.shape) != entry["shape"] or str(array.dtype) != entry["dtype"]:
        raise TraceError(
            f"{path}: holds {array.dtype} {array.shape}, but {_INDEX} says {entry['dtype']} {entry['shape']}"
        )
    return array
