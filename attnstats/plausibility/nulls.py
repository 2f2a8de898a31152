"""Where the marks of a text could as well have been: anywhere, or anywhere in runs of the same lengths."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, TypeAlias

import numpy as np

from attnstats._validation import BoolArray, IntArray


@dataclass(frozen=True)
class RandomTokens:
    """Tokens anywhere: a rationale of the same number of tokens, and a random order of all.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.plausibility import RandomTokens
    >>> marked = np.array([True, True, False, False])
    >>> int(marked[RandomTokens().orders(marked, 1, np.random.default_rng(0))].sum())
    2
    """

    label: ClassVar[str] = "random tokens"

    def orders(self, marked: BoolArray, n: int, rng: np.random.Generator) -> IntArray:
        """Return n random orders of the tokens, shape (n, n_tokens)."""
        return np.argsort(rng.random((n, len(marked))), axis=1)


@dataclass(frozen=True)
class RandomSpans:
    """The runs of marked tokens, whole, anywhere in the text, in any order, without one touching another.

    People mark phrases. A score that is smooth over the text meets many tokens of one phrase or none, so that by chance
    its agreement varies more than with single tokens, and p-values that move single tokens are too small.

    Every arrangement has the same probability: u unmarked tokens leave u + 1 places for a run, and the r runs take r of
    them in random order.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.plausibility import RandomSpans
    >>> marked = np.array([True, True, False, False, False, True])
    >>> marked[RandomSpans().orders(marked, 3, np.random.default_rng(0))].astype(int)
    array([[0, 0, 1, 0, 1, 1],
           [0, 0, 1, 1, 0, 1],
           [1, 0, 0, 0, 1, 1]])
    """

    label: ClassVar[str] = "random spans"

    def orders(self, marked: BoolArray, n: int, rng: np.random.Generator) -> IntArray:
        """Return n random orders of the tokens that keep each run of marked ones together, shape (n, n_tokens)."""
        starts = marked & ~np.concatenate(([False], marked[:-1]))
        n_runs, n_unmarked = int(starts.sum()), int((~marked).sum())
        places = np.argsort(rng.random((n, n_unmarked + 1)), axis=1)[:, :n_runs]
        keys = np.broadcast_to(np.cumsum(~marked) - 0.5, (n, len(marked))).copy()
        # Unmarked token u has the key u + 0.5, and a run that stands before it the key u.
        keys[:, marked] = places[:, (np.cumsum(starts) - 1)[marked]]
        return np.argsort(keys, axis=1, kind="stable")


#: What is moved in a text by chance.
Null: TypeAlias = RandomTokens | RandomSpans
