"""The attention, hidden states and outputs of one trained model on one test set, as NumPy arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from attnstats._conversion import as_places
from attnstats._distributions import COARSEST, check_attention, check_probabilities, spacing, sum_tolerance
from attnstats._validation import BoolArray, FloatArray, IntArray, RealArray, check_flag, check_same_length
from attnstats.exceptions import InvalidInputError, TraceError
from attnstats.results import counted
from attnstats.trace._arrays import (
    Scalar,
    check_real_tokens,
    checked_metadata,
    class_array,
    encode_tokens,
    finite_states,
    output_array,
    renormalized,
)
from attnstats.trace._folder import FORMS, as_path, read_arrays, write_arrays
from attnstats.trace._padding import warn_of_padding
from attnstats.trace._texts import as_texts
from attnstats.trace.row import AttentionRow


@dataclass(frozen=True, eq=False)
class AttentionTrace:
    """Attention, hidden states and outputs of one model on one test set.

    It is built by `from_arrays`, or for Keras by `attnstats.models.trace_attention`.

    Parameters
    ----------
    attention, hidden, output, mask, label : ndarray
        As `from_arrays` takes them: attention and probabilities in float64, hidden states in their own precision.
    token_codes : ndarray of int, shape (n_examples, n_tokens), or None
        Index into `token_strings` of each token; -1 at padding.
    token_strings : ndarray of str, shape (n_distinct,), or None
        The distinct token strings.
    metadata : dict
        Scalars that describe the trace, such as `dataset`, `encoder`, `normalizer`, `layer`, `head` and `seed`.
    """

    attention: FloatArray
    hidden: RealArray
    output: NDArray[Any]
    mask: BoolArray
    label: IntArray | None = None
    token_codes: IntArray | None = None
    token_strings: NDArray[np.str_] | None = None
    metadata: Mapping[str, Scalar] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # So that no sum over weights or probabilities is ever taken in half precision.
        object.__setattr__(self, "attention", np.asarray(self.attention, dtype=np.float64))
        if self.output.dtype.kind != "i":
            object.__setattr__(self, "output", np.asarray(self.output, dtype=np.float64))

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
        row: AttentionRow | None = None,
        renormalize: bool = False,
        **metadata: Scalar,
    ) -> Self:
        """Return a trace of arrays from any framework, after checking them.

        Parameters
        ----------
        attention : array_like, shape (n_examples, n_tokens)
            Weights of one head: non-negative, zero at padding, each row with sum one, to 0.001 (0.008 in bfloat16). Of
            texts without padding also a list with one array of shape (n_tokens,) for each. With `row`, of all layers,
            heads and queries that it chooses from.
        hidden : array_like, shape (n_examples, n_tokens, dim)
            The states that the attention weighs, or a list with one array of shape (n_tokens, dim) for each text. Half
            precision is kept; computations are in float64.
        output : array_like, shape (n_examples, n_classes) or (n_examples,)
            Class probabilities (not logits), or integer predicted classes.
        mask : array_like of bool, or of 0 and 1, shape (n_examples, n_tokens), optional
            True at real tokens; by default all are real. Lists of texts need none.
        label : array_like of int, shape (n_examples,), optional
            True classes; with probabilities, the columns of `output` counted from 0.
        tokens : sequence of sequences of str, optional
            Token strings, one per real token, in order.
        row : AttentionRow, optional
            Which row to take of attention with layers, heads or queries; it joins the metadata.
        renormalize : bool
            Divide each row of attention by its sum: for weights over a part of the tokens, or rounded coarsely.
        **metadata : str, int, float or bool
            What describes the trace, for example ``dataset="imdb", layer=3, head=5, seed=3``; see also `with_metadata`.

        Raises
        ------
        InvalidInputError
            If shapes disagree, attention is negative, has another sum than one or weights at padding, outputs are no
            probabilities, a text is empty, or metadata name what `row` chose.
        NonFiniteError
            If a value at a real token is NaN or infinite.

        Warns
        -----
        UnreliableEstimateWarning
            If tokens at an end of texts look like padding, by name, state or weight, and the mask counts them as real.

        Examples
        --------
        >>> import numpy as np
        >>> rng = np.random.default_rng(0)
        >>> trace = AttentionTrace.from_arrays(
        ...     attention=rng.dirichlet(np.ones(5), size=3), hidden=rng.normal(size=(3, 5, 2)),
        ...     output=[0, 1, 1], seed=7)
        >>> trace
        AttentionTrace(3 examples, 5 tokens, 2 dimensions, 2 classes, seed=7)
        >>> trace.predicted
        array([0, 1, 1])

        Of all heads and queries, as a transformer returns them:

        >>> from attnstats.trace import AttentionRow, ClassToken
        >>> AttentionTrace.from_arrays(
        ...     attention=rng.dirichlet(np.ones(5), size=(3, 2, 5)), row=AttentionRow(head=1, query=ClassToken()),
        ...     hidden=rng.normal(size=(3, 5, 2)), output=[0, 1, 1])
        AttentionTrace(3 examples, 5 tokens, 2 dimensions, 2 classes, head=1, query='ClassToken()')
        """
        weights, states, real, precision = as_texts(attention, hidden, mask, row)
        result = output_array(output)
        classes = None if label is None else class_array(label, "label")
        if check_flag(renormalize, "renormalize"):
            weights = renormalized(weights, real)
        chosen = {} if row is None else row.metadata
        trace = cls(weights, states, result, real, classes, metadata={**chosen, **checked_metadata(metadata, chosen)})
        trace = trace._checked(precision, spacing(output))
        codes, strings = (None, None) if tokens is None else encode_tokens(tokens, real)
        warn_of_padding(trace.attention, trace.hidden, real, codes, strings)
        return replace(trace, token_codes=codes, token_strings=strings)

    @property
    def n_examples(self) -> int:
        """Number of examples."""
        return len(self.attention)

    @property
    def lengths(self) -> IntArray:
        """Number of real tokens of each example, shape (n_examples,)."""
        return np.asarray(self.mask.sum(axis=1))

    @property
    def predicted(self) -> IntArray:
        """Predicted class of each example, shape (n_examples,)."""
        return np.asarray(self.output.argmax(axis=1) if self.output.ndim == 2 else self.output)

    @property
    def context(self) -> FloatArray:
        """Attention-weighted sum of the hidden states, shape (n_examples, dim), in double precision."""
        # Cast block by block within the sum, so that half-precision states are never all copied.
        return np.asarray(np.einsum("nt,ntd->nd", self.attention, self.hidden, dtype=np.float64))

    @property
    def output_kept(self) -> bool:
        """True if the attention was replaced without recomputing the output: it is still that of the intact model."""
        return bool(self.metadata.get("output_kept", False))

    def tokens(self, example: int) -> list[str]:
        """Return the token strings of one example; raise InvalidInputError if the trace has none."""
        if self.token_codes is None or self.token_strings is None:
            raise InvalidInputError("tokens: this trace has no token strings")
        if not isinstance(example, int | np.integer) or not -self.n_examples <= example < self.n_examples:
            raise InvalidInputError(f"example: must be an index of the {self.n_examples} examples; got {example!r}")
        codes = self.token_codes[example]
        return [str(self.token_strings[code]) for code in codes[codes >= 0]]

    def with_metadata(self, metadata: Mapping[str, Scalar]) -> Self:
        """Return the trace with more metadata; keys may be names of arrays, such as ``"attention"``.

        Examples
        --------
        >>> trace = AttentionTrace.from_arrays(attention=[[1.0]], hidden=[[[0.0]]], output=[0])
        >>> trace.with_metadata({"attention": "additive", "seed": 3}).metadata
        {'attention': 'additive', 'seed': 3}
        """
        return replace(self, metadata={**self.metadata, **checked_metadata(metadata)})

    def take(self, texts: ArrayLike) -> Self:
        """Return the trace of some of the texts: their positions, or which of them as booleans.

        Weights, states, output, mask, labels and tokens follow; arrays stay as wide as they are, so that scores of the
        same tokens, such as attributions, follow by ``scores[texts]``. Counts in the metadata remain those of all
        texts, whose number is added as `taken_from`.

        Raises
        ------
        InvalidInputError, TooFewSamplesError
            If there is no such text, or none is taken.

        Examples
        --------
        >>> import numpy as np
        >>> rng = np.random.default_rng(0)
        >>> trace = AttentionTrace.from_arrays(
        ...     attention=rng.dirichlet(np.ones(5), size=3), hidden=rng.normal(size=(3, 5, 2)), output=[0, 1, 1],
        ...     label=[0, 1, 0])
        >>> trace.take(trace.predicted == trace.label)
        AttentionTrace(2 examples, 5 tokens, 2 dimensions, 2 classes, taken_from=3)
        """
        places = as_places(texts, self.n_examples, "texts")
        arrays = {name: array if name == "token_strings" else array[places] for name, array in self._arrays().items()}
        # Or what this trace was itself taken from.
        return replace(self, **arrays, metadata={"taken_from": self.n_examples, **self.metadata})

    def __repr__(self) -> str:
        n_classes = self.output.shape[1] if self.output.ndim == 2 else len(np.unique(self.output))
        sizes = (self.n_examples, "example"), (self.attention.shape[1], "token"), (self.hidden.shape[2], "dimension")
        shape = ", ".join(counted(n, unit) for n, unit in (*sizes, (n_classes, "class")))
        metadata = "".join(f", {key}={value!r}" for key, value in self.metadata.items())
        return f"AttentionTrace({shape}{metadata})"

    def save(self, directory: str | Path) -> None:
        """Write the trace as a new folder of ``.npy`` files with ``trace.json``, complete or not at all.

        Raises
        ------
        TraceError
            If the folder exists already, or cannot be written.
        InvalidInputError
            If `directory` is no path.
        """
        write_arrays(as_path(directory), self._arrays(), self.metadata)

    @classmethod
    def load(cls, directory: str | Path) -> Self:
        """Read a saved trace; arrays are memory-mapped, read-only, and compared with their checksums.

        Raises
        ------
        TraceError
            If a file is missing, truncated, changed or of another shape, or holds no attention weights or no
            probabilities; the message names the file.
        InvalidInputError
            If `directory` is no path.
        """
        source = as_path(directory)
        arrays, metadata = read_arrays(source)
        try:
            # The precision that the rows had is no longer known: they were within the tolerance of the coarsest.
            return cls(**arrays, metadata=checked_metadata(metadata))._checked(COARSEST, COARSEST)
        except (TypeError, ValueError) as error:
            raise TraceError(f"{source}: has arrays that are no trace ({error})") from error

    def _arrays(self) -> dict[str, NDArray[Any]]:
        arrays = {name: getattr(self, name) for name in FORMS}
        return {name: array for name, array in arrays.items() if array is not None}

    def _checked(self, attention_spacing: float, output_spacing: float) -> Self:
        """Return the trace if its arrays are valid, with zeros for non-finite states at padding."""
        shape = self.attention.shape
        if self.hidden.ndim != 3 or self.hidden.shape[:2] != shape or self.hidden.shape[2] == 0:
            raise InvalidInputError(f"hidden: must have shape (*{shape}, dim) like attention; got {self.hidden.shape}")
        if self.mask.dtype != np.bool_ or self.mask.shape != shape:
            raise InvalidInputError(f"mask: must be boolean of shape {shape}; got {self.mask.dtype} {self.mask.shape}")
        check_same_length(attention=self.attention, output=self.output)
        if self.label is not None:
            check_same_length(attention=self.attention, label=self.label)
        if len(self.attention) == 0:
            raise InvalidInputError(f"attention: must hold an example; got shape {shape}")
        check_real_tokens(self.mask)
        check_attention(self.attention, self.mask, "attention", sum_tolerance(attention_spacing, shape[1]))
        if self.output.ndim == 2:
            n_classes = self.output.shape[1]
            check_probabilities(self.output, "output", sum_tolerance(output_spacing, n_classes))
            if self.label is not None and (self.label.min() < 0 or self.label.max() >= n_classes):
                raise InvalidInputError(
                    f"label: must lie in 0 to {n_classes - 1}, the columns of output; got {self.label.min()} to "
                    f"{self.label.max()}"
                )
        return replace(self, hidden=finite_states(self.hidden, self.mask))


def check_trace(value: object, name: str = "trace") -> None:
    """Raise unless `value` is an AttentionTrace."""
    if not isinstance(value, AttentionTrace):
        of_heads = "; take one of its heads, by head(layer=0, head=0)" if hasattr(value, "with_units") else ""
        raise InvalidInputError(f"{name}: must be an AttentionTrace; got {type(value).__name__}{of_heads}")
