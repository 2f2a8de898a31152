"""Which weights a trace takes of attention that has layers, heads and queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

import numpy as np
from numpy.typing import ArrayLike

from attnstats._validation import BoolArray, FloatArray, RealArray, check_count, check_object
from attnstats.exceptions import InvalidInputError
from attnstats.trace._arrays import Scalar, real_array, token_mask


@dataclass(frozen=True)
class First:
    """The query of the first real token of each text, as of a class token.

    Examples
    --------
    >>> from attnstats.trace import AttentionRow
    >>> AttentionRow(head=0, query=First())
    AttentionRow(layer=None, head=0, query=First())
    """


@dataclass(frozen=True)
class Last:
    """The query of the last real token of each text, from which a causal model predicts.

    Examples
    --------
    >>> from attnstats.trace import AttentionRow
    >>> AttentionRow(head=0, query=Last()).metadata
    {'head': 0, 'query': 'last'}
    """


@dataclass(frozen=True)
class Mean:
    """The mean over all heads, or over the queries of all real tokens.

    Examples
    --------
    >>> from attnstats.trace import AttentionRow
    >>> AttentionRow(head=Mean(), query=0).metadata
    {'pooling': 'mean over heads', 'query': 0}
    """


Head: TypeAlias = int | Mean | None
Query: TypeAlias = int | First | Last | Mean | None


@dataclass(frozen=True)
class AttentionRow:
    """The row of weights over tokens that a trace takes of each text: of which layer, head and query.

    Attention has an axis exactly if something is chosen of it, so that no axis is guessed: with `head` and `query`
    chosen it is (n_examples, n_heads, n_queries, n_tokens), with `head` alone (n_examples, n_heads, n_tokens).

    Parameters
    ----------
    layer : int, optional
        Which layer, from 0, of (n_layers, n_examples, ...) or of a sequence with one array for each layer.
    head : int or Mean, optional
        Which head, from 0, or the mean over all of them.
    query : int, First, Last or Mean, optional
        Whose attention it is: the token at one position, from 0, of each text, its first or last real token, or the
        mean over its real tokens.

    Raises
    ------
    InvalidInputError
        If a number is negative, or something else is chosen.

    Examples
    --------
    The attention of a class token in the second head of the last of three layers:

    >>> import numpy as np
    >>> from attnstats.trace import First
    >>> attentions = tuple(np.random.default_rng(0).dirichlet(np.ones(4), size=(5, 2, 4)) for _ in range(3))
    >>> AttentionRow(layer=2, head=1, query=First()).weights(attentions).shape
    (5, 4)
    """

    layer: int | None = None
    head: Head = None
    query: Query = None

    def __post_init__(self) -> None:
        if self.layer is not None:
            check_count(self.layer, "layer", minimum=0)
        for name, value, others, examples in (
            ("head", self.head, (Mean,), "Mean()"),
            ("query", self.query, (First, Last, Mean), "First(), Last() or Mean()"),
        ):
            if isinstance(value, int | np.integer):
                check_count(value, name, minimum=0)
            elif value is not None:
                check_object(value, name, others, f"a number from 0 or {examples}")

    @property
    def axes(self) -> tuple[str, ...]:
        """Names of the axes that attention must have."""
        chosen = {"n_layers": self.layer, "n_examples": 0, "n_heads": self.head, "n_queries": self.query, "n_tokens": 0}
        return tuple(axis for axis, choice in chosen.items() if choice is not None)

    @property
    def metadata(self) -> dict[str, Scalar]:
        """What was chosen, for the metadata of a trace: `layer`, `head` or `pooling`, and `query`."""
        found: dict[str, Scalar] = {} if self.layer is None else {"layer": int(self.layer)}
        if isinstance(self.head, Mean):
            found["pooling"] = "mean over heads"
        elif self.head is not None:
            found["head"] = int(self.head)
        if self.query is not None:
            whole = isinstance(self.query, int | np.integer)
            found["query"] = int(self.query) if whole else type(self.query).__name__.lower()  # type: ignore[arg-type]
        return found

    def weights(self, attention: ArrayLike | Sequence[ArrayLike], mask: ArrayLike | None = None) -> FloatArray:
        """Return the chosen weights of each text.

        Parameters
        ----------
        attention : array_like, or a sequence of one for each layer
            With the axes that were chosen, and n_examples and n_tokens.
        mask : array_like of bool, or of 0 and 1, shape (n_examples, n_tokens), optional
            True at real tokens; by default all are real.

        Returns
        -------
        ndarray of float64, shape (n_examples, n_tokens)

        Raises
        ------
        InvalidInputError
            If attention has other axes, or too few layers, heads or queries; if the chosen query is padding in a text;
            if `First`, `Last` or `Mean` is chosen of queries that are not the tokens.
        """
        axes, given = self.axes, cast(Any, attention)
        if self.layer is not None and _has_first_axis(given, len(axes)):
            given, axes = _one_of(given, self.layer, "layer"), axes[1:]
        array = real_array(given, "attention", axes)
        return self._of_layer(array, token_mask(mask, (len(array), array.shape[-1])))

    def _of_layer(self, array: RealArray, real: BoolArray) -> FloatArray:
        """Return the chosen weights of attention without an axis of layers."""
        if isinstance(self.head, Mean):
            array = array.mean(axis=1, dtype=np.float64)
        elif self.head is not None:
            array = _one_of(np.swapaxes(array, 0, 1), self.head, "head")
        if self.query is None:
            return array.astype(np.float64)
        n, n_queries, n_tokens = array.shape
        if not isinstance(self.query, int | np.integer):
            if n_queries != n_tokens:
                raise InvalidInputError(
                    f"query: {self.query!r} can be chosen where the queries are the tokens; got {n_queries} queries and"
                    f" {n_tokens} tokens; choose a query by its number"
                )
            if isinstance(self.query, Mean):
                summed = np.where(real[:, :, np.newaxis], array, 0).sum(axis=1, dtype=np.float64)
                return np.asarray(summed / real.sum(axis=1, keepdims=True))
            places = real.argmax(axis=1) if isinstance(self.query, First) else _last(real)
            return np.asarray(array[np.arange(n), places], dtype=np.float64)
        if n_queries == n_tokens and self.query < n_tokens and not real[:, self.query].all():
            padded = int(np.argmin(real[:, self.query]))
            raise InvalidInputError(
                f"query: must be a real token in every text; got {self.query}, which is padding in example {padded}; "
                "First() and Last() are the first and the last real token of each"
            )
        return np.asarray(_one_of(np.swapaxes(array, 0, 1), self.query, "query"), dtype=np.float64)


def _has_first_axis(attention: Any, ndim: int) -> bool:
    """Whether layers lie along the first axis: of a sequence of them, or of an array that has all the axes."""
    return isinstance(attention, list | tuple) or len(getattr(attention, "shape", ())) == ndim


def _last(real: BoolArray) -> Any:
    return real.shape[1] - 1 - real[:, ::-1].argmax(axis=1)


def _one_of(array: Any, number: Any, name: str) -> Any:
    """Return one of the entries along the first axis."""
    if number >= len(array):
        raise InvalidInputError(f"{name}: must be below {len(array)}, which is how many there are; got {number}")
    return array[number]
