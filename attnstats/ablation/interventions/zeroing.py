"""The largest attention weights set to zero."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from attnstats._distributions import descending_ranks, share_of
from attnstats._validation import RealArray, check_count, check_fraction
from attnstats.ablation.interventions._weights import without_tokens
from attnstats.ablation.interventions.interface import OutputHead
from attnstats.exceptions import InvalidInputError
from attnstats.trace import AttentionTrace


@dataclass(frozen=True)
class Zeroed:
    """The largest weights of each example set to zero and the rest rescaled to sum to one (Serrano & Smith 2019).

    At least one token is left. Of equal weights the first in the text is zeroed first. Where the remaining tokens have
    no weight, as under sparse attention, they get equal weights.

    Parameters
    ----------
    top : int, optional
        Number of weights of each example to zero.
    share : float, optional
        Or the share of them, in (0, 1), rounded up.

    Raises
    ------
    InvalidInputError
        Unless exactly one of the two is given, in its range.
    """

    name: ClassVar[str] = "zeroed"
    holds_fixed: ClassVar[str] = "encoder, output head, proportions of the weights that are left"
    orders_tokens: ClassVar[bool] = True
    top: int | None = None
    share: float | None = None

    def __post_init__(self) -> None:
        if (self.top is None) == (self.share is None):
            raise InvalidInputError(f"top: must be given, or share, and not both; got {self.top!r} and {self.share!r}")
        if self.top is not None:
            check_count(self.top, "top")
        if self.share is not None:
            check_fraction(self.share, "share")

    def attention(self, trace: AttentionTrace, model: OutputHead | None, rng: np.random.Generator) -> RealArray:  # noqa: ARG002
        """Return the remaining weights."""
        wanted = trace.lengths if self.share is None else share_of(trace.lengths, self.share)
        if self.top is not None:
            wanted = np.minimum(wanted, min(self.top, trace.mask.shape[1]))
        counts = np.minimum(wanted, trace.lengths - 1)
        erased = descending_ranks(trace.attention, trace.mask) < counts[:, np.newaxis]
        return without_tokens(trace.attention, trace.mask, erased)
