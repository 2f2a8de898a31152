"""Gradient times input."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attnstats._validation import check_flag
from attnstats.adapters.attributions._attributed import AttributedTexts
from attnstats.adapters.attributions._batch import EmbeddingAttribution, UnitScores


@dataclass(frozen=True)
class GradientTimesInput(EmbeddingAttribution):
    """Gradient times input ``|x_t · ∂y/∂x_t|``: to first order the change in output when the embedding x_t is removed.

    The gradient is that of the whole model, attention included. Those of the tokens of a word are added before the sign
    is dropped.

    Parameters
    ----------
    signed : bool
        Keep the sign.

    References
    ----------
    Jain & Wallace 2019, *Attention is not Explanation*, algorithm 1; there at fixed attention.

    Examples
    --------
    >>> from attnstats.adapters import GradientTimesInput
    >>> GradientTimesInput(signed=True)
    GradientTimesInput(signed=True)
    """

    signed: bool = False

    def __post_init__(self) -> None:
        check_flag(self.signed, "signed")

    def of_batch(self, batch: AttributedTexts) -> UnitScores:
        """Return the scores of the units of some texts."""
        slopes = batch.slopes(np.arange(batch.n_texts), batch.embedded)[1]
        scores = batch.by_unit((batch.embedded.double() * slopes.double()).sum(dim=-1))
        return UnitScores(scores if self.signed else np.abs(scores))
