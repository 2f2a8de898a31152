"""The learning rate over a training, as a share of its peak."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from attnstats.exceptions import InvalidInputError


@runtime_checkable
class Schedule(Protocol):
    """The learning rate of each step."""

    def share(self, step: int, n_steps: int) -> float:
        """Return the share of the peak at a step, from 0, of a training of at most `n_steps`."""


@dataclass(frozen=True)
class Constant:
    """The same learning rate at every step.

    Examples
    --------
    >>> Constant().share(7, 10)
    1.0
    """

    def share(self, step: int, n_steps: int) -> float:  # noqa: ARG002
        """Return 1."""
        return 1.0


@dataclass(frozen=True)
class CosineDecay:
    """A linear rise over the first steps, then half a cosine down to zero (Loshchilov & Hutter 2017, equation 5).

    Parameters
    ----------
    warmup : float
        Share of the steps that rise, in [0, 1).

    Examples
    --------
    >>> [round(CosineDecay(warmup=0.2).share(step, 10), 2) for step in (0, 1, 2, 6, 9)]
    [0.5, 1.0, 1.0, 0.5, 0.04]
    """

    warmup: float = 0.0

    def __post_init__(self) -> None:
        if not isinstance(self.warmup, int | float) or not 0 <= self.warmup < 1:
            raise InvalidInputError(f"warmup: must lie in [0, 1); got {self.warmup!r}")

    def share(self, step: int, n_steps: int) -> float:
        """Return the share of the peak at a step."""
        rising = self.warmup * n_steps
        if step < rising:
            return min(1.0, (step + 1) / rising)
        return (1 + math.cos(math.pi * (step - rising) / (n_steps - rising))) / 2
