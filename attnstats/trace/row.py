"""Which weights a trace takes of attention that has layers, heads and queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike

from attnstats._validation import BoolArray, FloatArray, RealArray, check_count, check_object
from attnstats.exceptions import InvalidInputError
from attnstats.trace._arrays import Scalar, real_array, token_mask
from attnstats.trace.transformer.queries import Query


@dataclass(frozen=True)
class MeanHead:
    """The mean over all heads.

    Examples
    --------
    >>> from attnstats.trace import AttentionRow, ClassToken
    >>> AttentionRow(head=MeanHead(), query=ClassToken()).metadata
    {'pooling': 'mean over heads', 'query': 'ClassToken()'}
    """


@dataclass(frozen=True)
class AttentionRow:
    """The row of weights over tokens that a trace takes of each text: of which layer, head and query.

    Attention has an axis exactly if something is chosen of it, so that no axis is guessed: with `head` and `query`
    chosen it is (n_examples, n_heads, n_queries, n_tokens), with `head` alone (n_examples, n_heads, n_tokens).

    Parameters
    ----------
    layer : int, optional
        Which layer, from 0, of (n_layers, n_examples, ...) or of a sequence with one array for each layer.
    head : int or MeanHead, optional
        Which head, from 0, or the mean over all of them.
    query : Query, optional
        Whose attention it is, of the real tokens of each text: ``ClassToken()`` is the first of them, ``LastToken()``
        the last, ``Position(3)`` the one with that number, ``MeanQuery()`` the mean over all.

    Raises
    ------
    InvalidInputError
        If a number is negative, or something else is chosen.

    Examples
    --------
    The attention of a class token in the second head of the last of three layers:

    >>> import numpy as np
    >>> from attnstats.trace import ClassToken
    >>> attentions = tuple(np.random.default_rng(0).dirichlet(np.ones(4), size=(5, 2, 4)) for _ in range(3))
    >>> AttentionRow(layer=2, head=1, query=ClassToken()).weights(attentions).shape
    (5, 4)
    """

    layer: int | None = None
    head: int | MeanHead | None = None
    query: Query | None = None

    def __post_init__(self) -> None:
        if self.layer is not None:
            check_count(self.layer, "layer", minimum=0)
        if isinstance(self.head, int | np.integer):
            check_count(self.head, "head", minimum=0)
        elif self.head is not None:
            check_object(self.head, "head", MeanHead, "a number from 0 or MeanHead()")
        if self.query is not None:
            check_object(self.query, "query", Query, "ClassToken(), LastToken(), MeanQuery() or Position(0)")

    @property
    def axes(self) -> tuple[str, ...]:
        """Names of the axes that attention must have."""
        chosen = {"n_layers": self.layer, "n_examples": 0, "n_heads": self.head, "n_queries": self.query, "n_tokens": 0}
        return tuple(axis for axis, choice in chosen.items() if choice is not None)

    @property
    def metadata(self) -> dict[str, Scalar]:
        """What was chosen, for the metadata of a trace: `layer`, `head` or `pooling`, and `query`."""
        found: dict[str, Scalar] = {} if self.layer is None else {"layer": int(self.layer)}
        if isinstance(self.head, MeanHead):
            found["pooling"] = "mean over heads"
        elif self.head is not None:
            found["head"] = int(self.head)
        return found if self.query is None else {**found, "query": repr(self.query)}

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
            If attention has other axes, or too few layers, heads or tokens, or if several queries are not the tokens.
        """
        axes, given = self.axes, cast(Any, attention)
        if self.layer is not None and _has_first_axis(given, len(axes)):
            given, axes = _one_of(given, self.layer, "layer"), axes[1:]
        array = real_array(given, "attention", axes)
        return self._of_layer(array, token_mask(mask, (len(array), array.shape[-1])))

    def _of_layer(self, array: RealArray, real: BoolArray) -> FloatArray:
        """Return the chosen weights of attention without an axis of layers."""
        if isinstance(self.head, MeanHead):
            array = array.mean(axis=1, dtype=np.float64)
        elif self.head is not None:
            array = _one_of(np.swapaxes(array, 0, 1), self.head, "head")
        if self.query is None:
            return array.astype(np.float64)
        n, n_queries, n_tokens = array.shape
        if n_queries == 1:
            self.query.weights(np.zeros(1, dtype=np.bool_), class_at=0)  # or says that it is not there
            return np.asarray(array[:, 0], dtype=np.float64)
        if n_queries != n_tokens:
            raise InvalidInputError(
                f"query: must be one of the tokens of a text; got {n_queries} queries and {n_tokens} tokens; take one "
                "of these queries yourself, as attention[..., number, :]"
            )
        rows = np.empty((n, n_tokens))
        for text, (matrix, mask) in enumerate(zip(array, real, strict=True)):
            places = np.flatnonzero(mask)
            asking = self.query.weights(np.zeros(len(places), dtype=np.bool_), class_at=0)
            used = np.flatnonzero(asking)  # others may hold anything
            rows[text] = asking[used] @ matrix[places[used]].astype(np.float64)
        return rows


def _has_first_axis(attention: Any, ndim: int) -> bool:
    """Whether layers lie along the first axis: of a sequence of them, or of an array that has all the axes."""
    return isinstance(attention, list | tuple) or len(getattr(attention, "shape", ())) == ndim


def _one_of(array: Any, number: Any, name: str) -> Any:
    """Return one of the entries along the first axis."""
    if number >= len(array):
        raise InvalidInputError(f"{name}: must be below {len(array)}, which is how many there are; got {number}")
    return array[number]
