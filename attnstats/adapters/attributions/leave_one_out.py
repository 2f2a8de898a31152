"""Leave one word out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import softmax

from attnstats._validation import check_flag, check_object
from attnstats.adapters.attributions._attributed import AttributedTexts
from attnstats.adapters.attributions._batch import EmbeddingAttribution, UnitScores
from attnstats.adapters.attributions.outputs import ClassOutput
from attnstats.adapters.erasure._erasure import Erasure
from attnstats.adapters.erasure.deleted import Deleted
from attnstats.adapters.erasure.stand_ins import StandIn


@dataclass(frozen=True)
class LeaveOneOut(EmbeddingAttribution):
    """The change in output when a word is left out of the text, which runs the model once a word.

    By default it is the total variation distance ``½ Σ |y − y₋ₜ|`` over all classes, whatever class is attributed. All
    tokens of a word are left out together; with ``units=Tokens()`` one at a time.

    Parameters
    ----------
    erasure : Deleted, MaskToken, PadToken or ZeroEmbedding
        What stands in the place of the word.
    signed : bool
        Return the drop y − y₋ₜ in the output of the class instead.

    References
    ----------
    Jain & Wallace 2019, *Attention is not Explanation*, algorithm 1 and equation 1.

    Examples
    --------
    >>> from attnstats.adapters import Deleted, LeaveOneOut
    >>> LeaveOneOut(signed=True)
    LeaveOneOut(erasure=Deleted(), signed=True)
    """

    erasure: Erasure = Deleted()  # noqa: RUF009 (frozen)
    signed: bool = False

    def __post_init__(self) -> None:
        check_object(self.erasure, "erasure", (Deleted, StandIn), "Deleted() or MaskToken()")
        check_flag(self.signed, "signed")

    def attributed(self, output: ClassOutput) -> str:
        """Return in words what is shared out."""
        return super().attributed(output) if self.signed else "total variation of the probabilities of all classes"

    def of_batch(self, batch: AttributedTexts) -> UnitScores:
        """Return the scores of the units of some texts."""
        import torch

        places, units, logits = batch.without(self.erasure)
        if self.signed:
            changes = batch.intact[places] - batch.value(torch.as_tensor(logits), places).numpy()
        else:
            shares, moved = softmax(batch.logits, axis=1), softmax(logits, axis=1)
            changes = np.abs(shares[places] - moved).sum(axis=1) / 2
        scores = np.zeros((batch.n_texts, batch.n_units))
        scores[places, units] = changes
        return UnitScores(scores)
