"""Standard errors of the mean over studies: Knapp-Hartung and Wald."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from attnstats.exceptions import FewReplicatesWarning

#: Fewest studies for which an interval that takes tau² for known keeps its level nearly.
ENOUGH_STUDIES = 20


class MeanTest(Protocol):
    """A standard error of the mean effect, with its degrees of freedom."""

    label: str

    def error(self, squares: float, total_weight: float, n: int) -> float:
        """Return the standard error, from Σ w (y − mean)², Σ w and the number of studies."""

    def degrees_of_freedom(self, n: int) -> float:
        """Return the degrees of freedom of t; infinite for a normal deviate."""


@dataclass(frozen=True)
class KnappHartung:
    """The error estimated from the weighted squares about the mean, with t of n − 1 degrees of freedom.

    se² = q/Σ w, q = Σ w (y − mean)²/(n − 1) (Knapp and Hartung 2003, Statistics in Medicine 22, 2693-2710; Sidik and
    Jonkman 2002, same journal 21, 3153-3159). With `truncate`, max(1, q) stands for q: never narrower than with a known
    error.

    Examples
    --------
    >>> from attnstats.comparison import KnappHartung
    >>> KnappHartung().error(squares=4.0, total_weight=25.0, n=5)
    0.2
    """

    truncate: bool = False

    label = "Knapp-Hartung"

    def error(self, squares: float, total_weight: float, n: int) -> float:
        """Return the standard error, from Σ w (y − mean)², Σ w and the number of studies."""
        q = squares / (n - 1)
        return float(np.sqrt((max(1.0, q) if self.truncate else q) / total_weight))

    def degrees_of_freedom(self, n: int) -> float:
        """Return n − 1."""
        return n - 1


@dataclass(frozen=True)
class Wald:
    """The error 1/sqrt(Σ w) taken for known, with a normal deviate: too short, with a warning, below 20 studies.

    Examples
    --------
    >>> from attnstats.comparison import Wald
    >>> Wald().error(squares=20.0, total_weight=25.0, n=20)
    0.2
    """

    label = "Wald"

    def error(self, squares: float, total_weight: float, n: int) -> float:  # noqa: ARG002
        """Return the standard error, from Σ w (y − mean)², Σ w and the number of studies."""
        if n < ENOUGH_STUDIES:
            warnings.warn(
                f"number of studies: should be at least {ENOUGH_STUDIES} for Wald(); got {n} (take KnappHartung())",
                FewReplicatesWarning,
                stacklevel=4,
            )
        return float(1 / np.sqrt(total_weight))

    def degrees_of_freedom(self, n: int) -> float:  # noqa: ARG002
        """Return infinity."""
        return np.inf
