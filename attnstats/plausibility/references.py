"""What scores are compared with where several people marked a text: each of them, all, most, or how many."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, TypeAlias

import numpy as np

from attnstats._column import shown
from attnstats._validation import BoolArray, FloatArray, check_count, check_object
from attnstats.exceptions import InvalidInputError


@dataclass(frozen=True)
class EachAnnotator:
    """Each annotator in turn: a value for each, which are averaged within the text.

    Examples
    --------
    >>> from attnstats.plausibility import EachAnnotator
    >>> EachAnnotator()
    EachAnnotator()
    """

    label: ClassVar[str] = "each annotator"
    counts: ClassVar[bool] = False

    def slots(self, marks: BoolArray) -> list[FloatArray]:
        """Return one slot for each annotator."""
        return [marks[row : row + 1].astype(np.float64) for row in range(len(marks))]


@dataclass(frozen=True)
class OneAnnotator:
    """One annotator; a text that has too few is left out. Only where annotators are the same persons throughout.

    Parameters
    ----------
    index : int
        Which of the rows of the marks, from 0.

    Examples
    --------
    >>> from attnstats.plausibility import OneAnnotator
    >>> OneAnnotator(2).label
    'annotator 2'
    """

    counts: ClassVar[bool] = False
    index: int

    def __post_init__(self) -> None:
        check_count(self.index, "index", minimum=0)

    @property
    def label(self) -> str:
        """What it is called in a sentence."""
        return f"annotator {self.index}"

    def slots(self, marks: BoolArray) -> list[FloatArray]:
        """Return one slot."""
        return [marks[self.index : self.index + 1].astype(np.float64)]


@dataclass(frozen=True)
class Union:
    """The tokens that at least one annotator marked.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.plausibility import Union
    >>> Union().slots(np.array([[True, False, False], [True, True, False]]))
    [array([[1., 1., 0.]])]
    """

    label: ClassVar[str] = "the union of the annotators"
    counts: ClassVar[bool] = False

    def slots(self, marks: BoolArray) -> list[FloatArray]:
        """Return one slot."""
        return [np.logical_or.reduce(marks, axis=0, keepdims=True).astype(np.float64)]


@dataclass(frozen=True)
class Majority:
    """The tokens that more than half of the annotators marked.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.plausibility import Majority
    >>> Majority().slots(np.array([[True, False, False], [True, True, False]]))
    [array([[1., 0., 0.]])]
    """

    label: ClassVar[str] = "the majority of the annotators"
    counts: ClassVar[bool] = False

    def slots(self, marks: BoolArray) -> list[FloatArray]:
        """Return one slot."""
        return [(2 * marks.sum(axis=0, keepdims=True) > len(marks)).astype(np.float64)]


@dataclass(frozen=True)
class MarkCounts:
    """The number of annotators that marked a token, which `RankCorrelation` takes.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.plausibility import MarkCounts
    >>> MarkCounts().slots(np.array([[True, False, False], [True, True, False]]))
    [array([[2., 1., 0.]])]
    """

    label: ClassVar[str] = "the number of annotators"
    counts: ClassVar[bool] = True

    def slots(self, marks: BoolArray) -> list[FloatArray]:
        """Return one slot."""
        return [marks.sum(axis=0, keepdims=True).astype(np.float64)]


@dataclass(frozen=True)
class LeaveOneOut:
    """All annotators but one, for each in turn: what `human_ceiling` compares the marks of that one with.

    A model compared with the same is compared like with like: most of two and most of three are not the same.

    Parameters
    ----------
    of : EachAnnotator, Union, Majority or MarkCounts
        How the others are taken together; with the first each in turn, averaged.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.plausibility import LeaveOneOut, Union
    >>> LeaveOneOut(Union()).slots(np.array([[True, False, False], [False, True, False]]))
    [array([[0., 1., 0.]]), array([[1., 0., 0.]])]
    """

    of: EachAnnotator | Union | Majority | MarkCounts

    def __post_init__(self) -> None:
        check_object(self.of, "of", (EachAnnotator, Union, Majority, MarkCounts), "Union() or MarkCounts()")

    @property
    def label(self) -> str:
        """What it is called in a sentence."""
        return f"{self.of.label} but one in turn"

    @property
    def counts(self) -> bool:
        """Whether they are numbers of annotators."""
        return self.of.counts

    def slots(self, marks: BoolArray) -> list[FloatArray]:
        """Return one slot for each annotator, with the references that the others make, none without others."""
        nobody = np.empty((0, marks.shape[1]))
        others = (np.delete(marks, one, axis=0) for one in range(len(marks)))
        return [np.concatenate(self.of.slots(each)) if len(each) else nobody for each in others]


#: What scores are compared with.
Reference: TypeAlias = EachAnnotator | OneAnnotator | Union | Majority | MarkCounts | LeaveOneOut
_KINDS = (EachAnnotator, OneAnnotator, Union, Majority, MarkCounts, LeaveOneOut)


def check_reference(value: object, takes_counts: bool, measure: str) -> None:
    """Raise unless it is a reference that the measure takes."""
    check_object(value, "against", _KINDS, "EachAnnotator() or Majority()")
    if getattr(value, "counts", False) and not takes_counts:
        raise InvalidInputError(f"against: must be marks of yes and no for {measure}; got {shown(value)}")
