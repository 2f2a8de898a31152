"""The interface of an analysis: means of conditions, and differences between two of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

from attnstats._validation import FloatArray
from attnstats.comparison.replication import ReplicateMean
from attnstats.results import SignificanceResult
from attnstats.scores.analyses.blocks import Block, Blocks
from attnstats.scores.analyses.contrast import Contrast


@dataclass(frozen=True)
class Analysis(ABC):
    """How conditions are compared over units of replication.

    Parameters
    ----------
    unit : str
        What a unit is, in the singular and the caller's word: ``"run"``.
    shared : bool
        Whether the units are the same in all data sets, as a training run is that is tested on several.

    Examples
    --------
    >>> from attnstats.scores import Analysis, PairedT
    >>> isinstance(PairedT("run"), Analysis), PairedT("run").name
    (True, 'paired t test over runs')
    """

    unit: str
    shared: bool = False

    @property
    def paired(self) -> bool:
        """Whether rows of two conditions are the same units."""
        return True

    @property
    @abstractmethod
    def name(self) -> str:
        """What it is called in a paper."""

    def name_over(self, n_datasets: int) -> str:  # noqa: ARG002
        """Return what it is called for so many data sets."""
        return self.name

    @property
    @abstractmethod
    def reason(self) -> str:
        """Why it fits the design."""

    @abstractmethod
    def mean(self, blocks: Blocks) -> ReplicateMean:
        """Return the mean of a condition over its data sets, each weighing the same."""

    @abstractmethod
    def difference(self, a: Blocks, b: Blocks) -> Contrast:
        """Return the mean of condition a less that of b."""

    def beside(self, a: Blocks, b: Blocks, rng: np.random.Generator) -> tuple[SignificanceResult, ...]:  # noqa: ARG002
        """Return other tests of the same hypothesis, for whoever would have taken one of them."""
        return ()


def present(values: FloatArray) -> FloatArray:
    """Return values without those that are missing."""
    return values[~np.isnan(values)]


def complete_pairs(a: Block, b: Block) -> tuple[FloatArray, FloatArray]:
    """Return the means of the units that both conditions have."""
    first, second = a.unit_means, b.unit_means
    both = ~(np.isnan(first) | np.isnan(second))
    return first[both], second[both]
