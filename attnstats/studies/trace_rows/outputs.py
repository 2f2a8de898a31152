"""Which output the information is about: the predicted class, the true label, or a probability in bins.

Information about a continuous output would be infinite or an artefact (Amjad and Geiger 2019), so it is cut.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from attnstats._validation import IntArray, check_count
from attnstats.exceptions import ConstantInputError, InvalidInputError
from attnstats.trace import AttentionTrace


class Output(Protocol):
    """A class for each example of a trace."""

    def codes(self, trace: AttentionTrace) -> IntArray:
        """Return the class of each example, shape (n_examples,)."""
        ...

    def __str__(self) -> str:
        """Return the name in the ``output`` column of the results frame."""
        ...


@dataclass(frozen=True)
class PredictedClass:
    """The class that the model predicts."""

    def codes(self, trace: AttentionTrace) -> IntArray:
        """Return the predicted class of each example."""
        return trace.predicted

    def __str__(self) -> str:
        return "class"


@dataclass(frozen=True)
class TrueLabel:
    """The true class."""

    def codes(self, trace: AttentionTrace) -> IntArray:
        """Return the label of each example; InvalidInputError if the trace has none."""
        if trace.label is None:
            raise InvalidInputError("label: TrueLabel needs a trace with labels; got None")
        return trace.label

    def __str__(self) -> str:
        return "label"


@dataclass(frozen=True)
class BinnedProbability:
    """The probability of the second of two classes, or of the predicted one of several, cut at its quantiles.

    Parameters
    ----------
    bins : int, at least 2
        Bins that hold equally many examples, fewer where probabilities are tied.
    """

    bins: int = 4

    def __post_init__(self) -> None:
        check_count(self.bins, "bins", minimum=2)

    def codes(self, trace: AttentionTrace) -> IntArray:
        """Return the bin of each example; an error if the trace has no probabilities or they do not vary."""
        if trace.output.ndim != 2:
            raise InvalidInputError("output: BinnedProbability needs class probabilities; got predicted classes")
        probability = trace.output[:, 1] if trace.output.shape[1] == 2 else trace.output.max(axis=1)
        edges = np.quantile(probability, np.arange(1, self.bins) / self.bins)
        codes = np.searchsorted(edges, probability, side="left").astype(np.int64)
        if len(np.unique(codes)) < 2:
            raise ConstantInputError("output: probabilities must vary over the examples; their quantiles are all equal")
        return codes

    def __str__(self) -> str:
        return f"probability(bins={self.bins})"
