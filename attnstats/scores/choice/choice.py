"""A choice of `compare` with its reason, and how the method did in simulations."""

from __future__ import annotations

from dataclasses import dataclass

from attnstats._validation import check_fraction
from attnstats.results import counted


@dataclass(frozen=True)
class MeasuredValidity:
    """How often a method erred in simulations of a like design.

    Parameters
    ----------
    level : float
        Share of simulated tables without a difference in which it found one, at nominal .05.
    coverage : float
        Share in which its 95 % interval held the true difference; NaN for what has no interval.
    n_simulations : int
        Simulated tables.
    setting : str
        What was simulated: ``"5 units × 400 items, both vary"``.

    Examples
    --------
    >>> from attnstats.scores import MeasuredValidity
    >>> MeasuredValidity(0.048, 0.952, 2000, "5 units × 400 items")
    in 2000 simulations of 5 units × 400 items it rejects .048 where 5 % is promised, and covers .952
    """

    level: float
    coverage: float
    n_simulations: int
    setting: str

    def __repr__(self) -> str:
        covers = "" if self.coverage != self.coverage else f", and covers {_share(self.coverage)}"
        return (
            f"in {counted(self.n_simulations, 'simulation')} of {self.setting} it rejects {_share(self.level)} where"
            f" 5 % is promised{covers}"
        )


@dataclass(frozen=True)
class Choice:
    """What `compare` chose, or refused, and why.

    Parameters
    ----------
    question : str
        What had to be chosen: ``"differences"``, ``"several comparisons"``.
    answer : str
        What was, or what was refused.
    reason : str
        Why.
    measured : MeasuredValidity, optional
        Where it was simulated.
    refused : bool
        Whether it was refused.

    Examples
    --------
    >>> from attnstats.scores import Choice
    >>> print(Choice("differences", "paired t test over runs", "each run has one score of each condition"))
    differences: paired t test over runs, since each run has one score of each condition
    """

    question: str
    answer: str
    reason: str
    measured: MeasuredValidity | None = None
    refused: bool = False

    def __str__(self) -> str:
        measured = "" if self.measured is None else f"; {self.measured!r}"
        return f"{self.question}: {'not ' if self.refused else ''}{self.answer}, since {self.reason}{measured}"


def _share(value: float) -> str:
    return f"{check_fraction(value, 'level') if 0 < value < 1 else value:.3f}".replace("0.", ".", 1)
