"""Whose attention is meant: of the tokens of a text, the one that asks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from attnstats._validation import BoolArray, FloatArray
from attnstats.exceptions import InvalidInputError


class Query(ABC):
    """Which rows of a text's attention matrix are read."""

    @abstractmethod
    def weights(self, special: BoolArray, class_at: int) -> FloatArray:
        """Return how much each token counts as the one that asks, shape (n_tokens,), summing to one.

        Parameters
        ----------
        special : ndarray of bool, shape (n_tokens,)
            Tokens that the tokenizer added to the text.
        class_at : int
            Position of the class token, -1 where there is none.
        """


@dataclass(frozen=True)
class ClassToken(Query):
    """The class token, on which encoders such as BERT rest their output.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.trace import ClassToken
    >>> ClassToken().weights(np.array([True, False, False, True]), class_at=0)
    array([1., 0., 0., 0.])
    """

    def weights(self, special: BoolArray, class_at: int) -> FloatArray:
        """Return one at the class token."""
        if class_at < 0:
            raise InvalidInputError(
                "queries: ClassToken() needs a tokenizer that adds a class token; take LastToken() for a causal model"
            )
        return np.asarray(np.eye(1, len(special), class_at)[0])


@dataclass(frozen=True)
class LastToken(Query):
    """The last token of each text, on which causal models rest their output.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.trace import LastToken
    >>> LastToken().weights(np.array([False, False, False]), class_at=-1)
    array([0., 0., 1.])
    """

    def weights(self, special: BoolArray, class_at: int) -> FloatArray:  # noqa: ARG002
        """Return one at the last token."""
        return np.asarray(np.eye(1, len(special), len(special) - 1)[0])


@dataclass(frozen=True)
class MeanQuery(Query):
    """The mean over all tokens of the text that are not special.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.trace import MeanQuery
    >>> MeanQuery().weights(np.array([True, False, False, True]), class_at=0)
    array([0. , 0.5, 0.5, 0. ])
    """

    def weights(self, special: BoolArray, class_at: int) -> FloatArray:  # noqa: ARG002
        """Return the same weight for all tokens of the text."""
        return np.asarray(~special / (~special).sum())


@dataclass(frozen=True)
class Position(Query):
    """The token at one position, counted from 0, or from the end where it is negative.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.trace import Position
    >>> Position(-2).weights(np.array([True, False, False, True]), class_at=0)
    array([0., 0., 1., 0.])
    """

    index: int

    def __post_init__(self) -> None:
        if isinstance(self.index, bool) or not isinstance(self.index, int | np.integer):
            raise InvalidInputError(f"index: must be an integer; got {self.index!r}")
        object.__setattr__(self, "index", int(self.index))

    def weights(self, special: BoolArray, class_at: int) -> FloatArray:  # noqa: ARG002
        """Return one at the position."""
        if not -len(special) <= self.index < len(special):
            raise InvalidInputError(f"queries: {self!r} must lie within each text; got one of {len(special)} tokens")
        return np.asarray(np.eye(1, len(special), self.index % len(special))[0])


def as_fields(query: Query) -> dict[str, Any]:
    """Return a query as the index of a folder holds it."""
    return {"kind": type(query).__name__, **asdict(query)}  # type: ignore[call-overload]


def from_fields(fields: dict[str, Any]) -> Query:
    """Return the query of an index; KeyError or TypeError where there is none of that kind."""
    kinds: dict[str, type[Query]] = {each.__name__: each for each in (ClassToken, LastToken, MeanQuery, Position)}
    return kinds[fields["kind"]](**{name: value for name, value in fields.items() if name != "kind"})
