"""Attention rolled out over layers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from attnstats.adapters.attributions._batch import Batch, TransformerAttribution, UnitScores
from attnstats.adapters.attributions.attention_times_gradient import check_place, chosen_layer
from attnstats.adapters.attributions.outputs import ClassOutput
from attnstats.adapters.transformers._rolled_out import rolled_out
from attnstats.exceptions import InvalidInputError
from attnstats.trace import Query


@dataclass(frozen=True)
class AttentionRollout(TransformerAttribution):
    """Attention rolled out from the first layer, whatever the class: the same as `TransformerTrace.rollout`.

    In each layer the mean over heads counts half, the residual connection the other half. Weights of the tokens of a
    word are added; what falls on units that are not shown is left out, and the rest is not divided by its sum.

    Parameters
    ----------
    layer : int, optional
        To which layer; by default the last.
    query : Query, optional
        Whose attention; by default that of the class token where there is one, else of the last token.

    References
    ----------
    Abnar & Zuidema 2020, *Quantifying Attention Flow in Transformers*, section 3.1.

    Examples
    --------
    >>> from attnstats.adapters import AttentionRollout
    >>> AttentionRollout()
    AttentionRollout(layer=None, query=None)
    """

    reads_attention: ClassVar[bool] = True

    layer: int | None = None
    query: Query | None = None

    def __post_init__(self) -> None:
        check_place(self.layer, self.query)

    def attributed(self, output: ClassOutput) -> str:  # noqa: ARG002
        """Return in words what is shared out."""
        return "whatever the output"

    def of_batch(self, batch: Batch) -> UnitScores:
        """Return the scores of the units of some texts."""
        weights, n_layers = batch.attention()
        if len(weights) < n_layers:
            raise InvalidInputError(
                "attribution: must be another than AttentionRollout(): some layers of the model have no attention"
            )
        last = chosen_layer(self.layer, tuple(weights))
        through = rolled_out(weights[0].double(), None)
        for layer in range(1, last + 1):
            through = rolled_out(weights[layer].double(), through)
        return UnitScores(batch.by_unit(batch.of_query(through, self.query)))
