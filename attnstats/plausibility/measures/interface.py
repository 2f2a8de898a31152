"""What a measure of agreement is."""

from __future__ import annotations

from typing import ClassVar, Protocol, Self, runtime_checkable

from attnstats._validation import FloatArray, IntArray


@runtime_checkable
class Measure(Protocol):
    """How far the scores of the tokens of one text agree with marks.

    The methods take arrays that `plausibility` has checked, of one text: scores of shape (1, n_tokens) or (n,
    n_tokens), and references of shape (n, n_tokens), marks as 0 and 1 or numbers of annotators.
    """

    #: What it is called in a table.
    label: ClassVar[str]
    #: Whether it takes the number of annotators that marked a token, not only marks of yes and no.
    takes_counts: ClassVar[bool]
    #: Whether it hangs on which tokens stand beside each other, not only on their order by score.
    sees_neighbours: ClassVar[bool]

    def values(self, scores: FloatArray, references: FloatArray, noise: FloatArray) -> FloatArray:
        """Return the agreement with each reference, shape (n,), NaN where undefined; `noise` breaks ties."""

    def expected(self, n_tokens: int, n_marked: IntArray) -> FloatArray | None:
        """Return the mean over random orders, for numbers of marked tokens; None if no formula is known."""

    def of_sets(self) -> Self:
        """Return the measure for a set of tokens: scores of 1 in it and 0 outside."""
