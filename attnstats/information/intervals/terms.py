"""Intervals from the local terms of one estimate, without estimating again."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attnstats._validation import IntArray, check_fraction
from attnstats.information.interface import LocalTerms, MIEstimator
from attnstats.results import ConfidenceInterval


class TermsInterval(ABC):
    """An interval from the local terms i(x_j; y_j) of an estimate.

    A method of one's own is a frozen dataclass that inherits from this class and writes `of_units`.
    """

    def from_terms(
        self,
        estimator: MIEstimator,
        local: LocalTerms,
        x: NDArray[Any],
        y: NDArray[Any],
        *,
        groups: IntArray | None,
        confidence_level: float,
    ) -> ConfidenceInterval:
        """Return the interval of the mean of the terms.

        Parameters
        ----------
        estimator : MIEstimator
            What the terms come from.
        local : LocalTerms
            Local terms of shape (n,), nats, with the folds of those that are held out.
        x, y : ndarray of shape (n,) or (n, dim)
            The samples that the terms belong to, row by row, as `mutual_information` got them.
        groups : ndarray of int, shape (n,), or None
            Group of each row, 0..n_groups-1: rows of one group are dependent, and the groups are the units.
        confidence_level : float
            Nominal level, in (0, 1).

        Raises
        ------
        InvalidInputError
            If the interval does not hold for this estimator.
        TooFewSamplesError
            If there are too few rows, or groups.
        """
        check_fraction(confidence_level, "confidence_level")
        units = np.arange(len(local.terms)) if groups is None else groups
        return self.of_units(estimator, local, x, y, units, confidence_level)

    @abstractmethod
    def of_units(
        self,
        estimator: MIEstimator,
        local: LocalTerms,
        x: NDArray[Any],
        y: NDArray[Any],
        units: IntArray,
        confidence_level: float,
    ) -> ConfidenceInterval:
        """Return the interval; `units` are the groups, or the rows where there are none, shape (n,)."""
