"""Another model's attention over this model's hidden states."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from attnstats._validation import RealArray
from attnstats.ablation.interventions.interface import OutputHead
from attnstats.exceptions import InvalidInputError
from attnstats.trace import AttentionTrace, check_trace


@dataclass(frozen=True)
class Transplanted:
    """The attention weights of another model on the same texts.

    The diagnostic of Wiegreffe & Pinter (2019) trains a model under the given weights; here they are used at inference.

    Parameters
    ----------
    donor : AttentionTrace
        The other model's trace on the same texts: another seed, encoder or scorer.

    Raises
    ------
    InvalidInputError
        When applied to a trace of other texts: the masks, and the tokens if both traces have them, must be the same.
    """

    name: ClassVar[str] = "transplanted"
    holds_fixed: ClassVar[str] = "encoder, output head, texts"
    orders_tokens: ClassVar[bool] = True
    donor: AttentionTrace

    def __post_init__(self) -> None:
        check_trace(self.donor, "donor")

    def attention(self, trace: AttentionTrace, model: OutputHead | None, rng: np.random.Generator) -> RealArray:  # noqa: ARG002
        """Return the donor's weights."""
        if not np.array_equal(self.donor.mask, trace.mask):
            raise InvalidInputError(
                f"donor: must be traced on the same texts, with the same mask; got shapes {self.donor.mask.shape} and "
                f"{trace.mask.shape}"
            )
        if not _same_tokens(self.donor, trace):
            raise InvalidInputError("donor: must be traced on the same texts; got other tokens")
        return self.donor.attention


def _same_tokens(first: AttentionTrace, second: AttentionTrace) -> bool:
    """Return whether the tokens are the same, as they are taken to be where a trace has none."""
    tokens = []
    for trace in (first, second):
        if trace.token_codes is None or trace.token_strings is None:
            return True
        tokens.append(trace.token_strings[trace.token_codes[trace.mask]])
    return np.array_equal(tokens[0], tokens[1])
