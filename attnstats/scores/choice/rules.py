"""What the caller declared before looking, and how much there is to look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from attnstats._validation import FloatArray
from attnstats.comparison import adjust_pvalues
from attnstats.comparison.families.multiplicity import Correction


@dataclass(frozen=True)
class Rules:
    """What the caller declared before looking.

    Parameters
    ----------
    level : float
        Confidence level; verdicts are at one less it.
    correction : Correction
        How p-values are adjusted.
    margin : float or None
        Smallest difference that would matter.
    lower_is_better : bool
        Whether a low score is a good one.

    Examples
    --------
    >>> from attnstats.comparison import Holm
    >>> from attnstats.scores import Rules
    >>> Rules(0.95, Holm()).adjusted([0.01, 0.04])
    array([0.02, 0.04])
    """

    level: float
    correction: Correction
    margin: float | None = None
    lower_is_better: bool = False

    @property
    def alpha(self) -> float:
        """Level of the tests."""
        return round(1 - self.level, 15)

    @property
    def interval_name(self) -> str:
        """What the intervals are called in tables."""
        return f"{100 * self.level:g} % CI"

    @property
    def correction_name(self) -> str:
        """What the correction is called."""
        return type(self.correction).__name__

    def adjusted(self, pvalues: Sequence[float]) -> FloatArray:
        """Return p-values adjusted as one family, in which a difference without a test counts too, and stays NaN."""
        given = np.asarray(pvalues, dtype=np.float64)
        adjusted = adjust_pvalues(np.nan_to_num(given, nan=1.0), self.correction)
        return np.where(np.isnan(given), np.nan, adjusted)


@dataclass(frozen=True)
class Sizes:
    """How much there is to look at.

    Parameters
    ----------
    units : int
        Units of each condition, in the smallest data set.
    unit : str
        What one is.
    items : int or None
        Items of each unit there; None where units have no items.
    item : str or None
        What one is.
    shared : bool
        Whether the units are the same in all data sets.
    more_help : bool
        Whether more units tell more; more folds of the same rows do not.

    Examples
    --------
    >>> from attnstats.scores import Sizes
    >>> Sizes(5, "run", 400, "question").items
    400
    """

    units: int
    unit: str
    items: int | None = None
    item: str | None = None
    shared: bool = False
    more_help: bool = True
