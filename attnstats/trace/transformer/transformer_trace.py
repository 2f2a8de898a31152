"""The attention of every layer and head of a transformer on one test set, on disk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from attnstats._conversion import as_places
from attnstats._validation import BoolArray, FloatArray, IntArray, RealArray, check_object
from attnstats.exceptions import InvalidInputError
from attnstats.results import counted
from attnstats.trace._arrays import Scalar, checked_metadata, real_array
from attnstats.trace._folder import as_path
from attnstats.trace._names import listed
from attnstats.trace.attention_trace import AttentionTrace
from attnstats.trace.transformer._stored import read_transformer
from attnstats.trace.transformer._taken import of_texts
from attnstats.trace.transformer.queries import Query
from attnstats.trace.transformer.units import Units, Words, added, averaged


@dataclass(frozen=True, eq=False)
class TransformerTrace:
    """Attention of all layers and heads, hidden states and outputs of one transformer on one test set.

    It is written by `attnstats.adapters.trace_transformer` and read by `load`. Whatever it gives has the words of the
    texts, or the tokens, that `units` names. Layers and heads are counted from 0, and the hidden states of a layer are
    those that its attention weighs, which the layer before gave.

    Parameters
    ----------
    arrays : mapping of str to ndarray
        Memory-mapped arrays by name, as `load` finds them.
    layers, heads : tuple of int
        Numbers of the traced layers and heads.
    queries : tuple of Query
        Whose attention was kept.
    units : Words or Tokens
        What is shown of a text.
    metadata : dict
        Scalars that describe the model and the texts.
    """

    arrays: Mapping[str, NDArray[Any]]
    layers: tuple[int, ...]
    heads: tuple[int, ...]
    queries: tuple[Query, ...]
    units: Units
    metadata: Mapping[str, Scalar]

    @classmethod
    def load(cls, directory: str | Path, units: Units = Words()) -> Self:  # noqa: B008 (frozen)
        """Read a trace that `trace_transformer` wrote; arrays are memory-mapped and compared with their checksums.

        Parameters
        ----------
        directory : str or Path
            The folder.
        units : Words or Tokens
            What is shown of a text.

        Raises
        ------
        TraceError
            If a file is missing, truncated or changed; the message names it.
        InvalidInputError
            If `directory` is no path, or `units` something else.
        """
        check_object(units, "units", Units, "Words() or Tokens()")
        return cls(**read_transformer(as_path(directory)), units=units)

    def with_units(self, units: Units) -> Self:
        """Return the trace with its texts shown by other units, such as ``Tokens(special=True)``."""
        check_object(units, "units", Units, "Words() or Tokens()")
        return replace(self, units=units)

    def take(self, texts: ArrayLike) -> Self:
        """Return the trace of some of the texts: their positions, or which of them as booleans.

        Texts that are evenly spaced, such as ``numpy.arange(100)``, stay on disk; others are copied into memory. Arrays
        are as wide as the longest of the texts. Counts in the metadata, such as `texts_cut`, remain those of all texts,
        whose number is added as `taken_from`.

        Raises
        ------
        InvalidInputError, TooFewSamplesError
            If there is no such text, or none is taken.
        """
        places = as_places(texts, self.n_examples, "texts")
        metadata = {"taken_from": self.n_examples, **self.metadata}  # or what this trace was itself taken from
        return replace(self, arrays=of_texts(self.arrays, places), metadata=metadata)

    @property
    def n_examples(self) -> int:
        """Number of texts."""
        return len(self.arrays["mask"])

    @property
    def output(self) -> FloatArray:
        """Class probabilities, shape (n_examples, n_classes)."""
        return np.asarray(self.arrays["output"])

    @property
    def predicted(self) -> IntArray:
        """Predicted class of each text, shape (n_examples,)."""
        return np.asarray(self.output.argmax(axis=1))

    @property
    def label(self) -> IntArray | None:
        """True class of each text, shape (n_examples,), where labels were given."""
        return np.asarray(self.arrays["label"]) if "label" in self.arrays else None

    @cached_property
    def mask(self) -> BoolArray:
        """Which units are real, shape (n_examples, n_units)."""
        numbers = self._numbers
        return np.asarray(np.arange(self._n_units) <= numbers.max(axis=1, keepdims=True))

    @cached_property
    def tokens(self) -> tuple[tuple[str, ...], ...]:
        """The units of each text as strings."""
        words, codes = self.arrays["word_strings"], self.arrays["word_codes"]
        strings = self.arrays["token_strings"][self.arrays["token_codes"]]
        if not isinstance(self.units, Words):
            return tuple(tuple(map(str, row[shown])) for row, shown in zip(strings, self._numbers >= 0, strict=True))
        return tuple(
            tuple(
                str(strings[text, at] if word[at] < 0 else words[codes[text, word[at]]])
                for at in np.flatnonzero(np.diff(numbers, prepend=-1) * (numbers >= 0) > 0)
            )
            for text, (numbers, word) in enumerate(zip(self._numbers, self.arrays["word"], strict=True))
        )

    def attention(self, layer: int, head: int, query: Query | None = None) -> FloatArray:
        """Return the weights of one head, shape (n_examples, n_units), each row with sum one.

        Parameters
        ----------
        layer, head : int
            Their numbers.
        query : Query, optional
            Whose attention; by default the first that was kept.

        Returns
        -------
        ndarray
            Zero at padding; NaN in the row of a text of which no weight falls on what is shown.

        Raises
        ------
        InvalidInputError
            If layer, head or query were not traced.
        """
        return self._shares(self._weights(layer, head, query))

    def value_weighted(self, layer: int, head: int, query: Query | None = None) -> FloatArray:
        """Return the weights of one head times the norms of what it adds for each token, like `attention`.

        Kobayashi, Kuribayashi, Yokoi and Inui (2020), Attention is not only a weight, EMNLP, equation 4.

        Raises
        ------
        InvalidInputError
            If layer, head or query were not traced, or value norms were not.
        """
        if "value_norms" not in self.arrays:
            raise InvalidInputError("value_norms: were not traced; pass value_norms=True to trace_transformer")
        norms = self.arrays["value_norms"][self._place(layer, "layer"), self._place(head, "head")]
        return self._shares(self._weights(layer, head, query) * norms)

    def mean_attention(self, layer: int, query: Query | None = None) -> FloatArray:
        """Return the mean weights over the traced heads of a layer, like `attention`."""
        weights = self.arrays["attention"][self._query(query), self._place(layer, "layer")]
        return self._shares(np.asarray(weights, dtype=np.float64).mean(axis=0))

    def rollout(self, layer: int | None = None, query: Query | None = None) -> FloatArray:
        """Return the attention rolled out from the first layer to this one, by default the last, like `attention`.

        In each layer the mean over all heads counts half, the residual connection the other half. Abnar and Zuidema
        (2020), Quantifying attention flow in transformers, ACL, section 3.1.

        Raises
        ------
        InvalidInputError
            If layer or query were not traced, or a layer of the model does not attend to what the one before gave.
        """
        if "rollout" not in self.arrays:
            lacks = (
                "its decoder also attends to its encoder"
                if "decoder_from" in self.metadata
                else "some layers have none"
            )
            raise InvalidInputError(f"layer: attention of this model cannot be rolled out, since {lacks}")
        place = self._place(self.layers[-1] if layer is None else layer, "layer")
        return self._shares(np.asarray(self.arrays["rollout"][self._query(query), place], dtype=np.float64))

    def left_out(self, layer: int, head: int, query: Query | None = None) -> FloatArray:
        """Return the share of each text's weight that is not shown, shape (n_examples,).

        It falls on special tokens, or on the sink of a model whose weights do not sum to one.
        """
        weights = self._weights(layer, head, query)
        return np.asarray(1 - np.where(self._numbers >= 0, weights, 0).sum(axis=1))

    def hidden(self, layer: int) -> RealArray:
        """Return the states that the attention of a layer weighs, shape (n_examples, n_units, dim), float32."""
        self._place(layer, "layer")
        return averaged(self.arrays[f"hidden_{layer}"], self._numbers, self._n_units)

    def head(self, layer: int, head: int, query: Query | None = None) -> AttentionTrace:
        """Return the trace of one head; texts without weight on what is shown are left out and counted.

        Raises
        ------
        InvalidInputError
            If layer, head or query were not traced, or no text has weight on what is shown.
        """
        left_out = float(self.left_out(layer, head, query).mean())
        weights, asked = self.attention(layer, head, query), repr(self.queries[self._query(query)])
        return self.with_attention(weights, layer, layer=layer, head=head, query=asked, left_out=left_out)

    def with_attention(self, attention: ArrayLike, states_of: int, **metadata: Scalar) -> AttentionTrace:
        """Return a trace of any weights of these units, such as a rollout, with the hidden states of a layer.

        Parameters
        ----------
        attention : array_like, shape (n_examples, n_units)
            Rows with sum one and zeros at padding; texts whose row is NaN are left out.
        states_of : int
            Layer whose hidden states they weigh.
        **metadata : str, int, float or bool
            What describes the weights.

        Raises
        ------
        InvalidInputError
            If the weights do not fit, no row has any, or metadata have the name of what is added here.

        Examples
        --------
        >>> from attnstats.trace import TransformerTrace
        >>> trace = TransformerTrace.load("trace")  # doctest: +SKIP
        >>> trace.with_attention(trace.rollout(), states_of=1, reading="rollout")  # doctest: +SKIP
        AttentionTrace(300 examples, 11 tokens, 32 dimensions, 2 classes, ..., reading='rollout')
        """
        described = checked_metadata(metadata, found_here=("units", "texts_left_out"))
        attention = real_array(attention, "attention", ("n_examples", "n_units"))
        if attention.shape != self.mask.shape:
            raise InvalidInputError(
                f"attention: must have shape {self.mask.shape}, of texts and {self.units!r}; got {attention.shape}"
            )
        kept = np.asarray(np.isfinite(attention).all(axis=1))
        if not kept.any():
            raise InvalidInputError(f"units: no text has weight on {self.units!r}; special tokens have all of it")
        trace = AttentionTrace.from_arrays(
            attention=attention[kept],
            hidden=self.hidden(states_of)[kept],
            output=self.output[kept],
            mask=self.mask[kept],
            label=None if self.label is None else self.label[kept],
            tokens=[tokens for tokens, keep in zip(self.tokens, kept, strict=True) if keep],
        )
        lost = {} if kept.all() else {"texts_left_out": int((~kept).sum())}
        return trace.with_metadata({**self.metadata, "units": repr(self.units), **lost, **described})

    def __repr__(self) -> str:
        metadata = "".join(f", {key}={value!r}" for key, value in self.metadata.items())
        asked = ", ".join(map(repr, self.queries))
        of_heads = f"{counted(len(self.layers), 'layer')} of {counted(len(self.heads), 'head')}"
        texts = counted(self.n_examples, "text")
        return f"TransformerTrace({texts}, {of_heads}, {asked}, {self.units!r}{metadata})"

    @cached_property
    def _numbers(self) -> IntArray:
        return self.units.numbers(*(np.asarray(self.arrays[name]) for name in ("word", "special", "mask")))

    @property
    def _n_units(self) -> int:
        return int(self._numbers.max()) + 1

    def _weights(self, layer: int, head: int, query: Query | None) -> FloatArray:
        """Return the raw weights of a head over tokens."""
        places = self._query(query), self._place(layer, "layer"), self._place(head, "head")
        return np.asarray(self.arrays["attention"][places], dtype=np.float64)

    def _shares(self, weights: FloatArray) -> FloatArray:
        """Return weights over tokens as shares of the units."""
        sums = added(weights, self._numbers, self._n_units)
        totals = sums.sum(axis=1, keepdims=True)
        return np.asarray(np.divide(sums, totals, out=np.full_like(sums, np.nan), where=totals > 0))

    def _place(self, number: int, kind: str) -> int:
        numbers = self.layers if kind == "layer" else self.heads
        if isinstance(number, bool) or number not in numbers:
            raise InvalidInputError(f"{kind}: must be one of those traced, {listed(numbers)}; got {number!r}")
        return numbers.index(number)

    def _query(self, query: Query | None) -> int:
        if query is not None and query not in self.queries:
            raise InvalidInputError(f"query: must be one of those kept, {list(self.queries)!r}; got {query!r}")
        return 0 if query is None else self.queries.index(query)
