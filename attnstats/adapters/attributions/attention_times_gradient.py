"""Attention times its gradient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from attnstats._validation import check_count, check_object
from attnstats.adapters.attributions._batch import Batch, TransformerAttribution, UnitScores
from attnstats.exceptions import InvalidInputError
from attnstats.trace import Query


@dataclass(frozen=True)
class AttentionTimesGradient(TransformerAttribution):
    """Attention times gradient a_t ∂y/∂a_t: to first order the change in output when the weight on token t is removed.

    Parameters
    ----------
    layer : int, optional
        Its number, counted from 0; by default the last that has attention.
    head : int, optional
        Its number; by default the sum over all heads.
    query : Query, optional
        Whose attention; by default that of the class token where there is one, else of the last token. In layers before
        the last the attention of other tokens counts too, and that of one query is a part of the change.

    References
    ----------
    Serrano & Smith 2019, *Is Attention Interpretable?*.

    Examples
    --------
    >>> from attnstats.adapters import AttentionTimesGradient
    >>> AttentionTimesGradient(layer=5, head=3)
    AttentionTimesGradient(layer=5, head=3, query=None)
    """

    reads_attention: ClassVar[bool] = True

    layer: int | None = None
    head: int | None = None
    query: Query | None = None

    def __post_init__(self) -> None:
        check_place(self.layer, self.query)
        if self.head is not None:
            check_count(self.head, "head", minimum=0)

    def of_batch(self, batch: Batch) -> UnitScores:
        """Return the scores of the units of some texts."""
        found = batch.attention_and_slopes()
        weights, slopes = found[chosen_layer(self.layer, tuple(found))]
        n_heads = weights.shape[1]
        if self.head is not None and self.head >= n_heads:
            raise InvalidInputError(f"head: must be one of 0 to {n_heads - 1}; got {self.head}")
        heads = slice(None) if self.head is None else slice(self.head, self.head + 1)
        products = (weights.double() * slopes.double())[:, heads].sum(dim=1)
        return UnitScores(batch.by_unit(batch.of_query(products, self.query)))


def check_place(layer: int | None, query: Query | None) -> None:
    """Raise unless these can be a layer and a query."""
    if layer is not None:
        check_count(layer, "layer", minimum=0)
    if query is not None:
        check_object(query, "query", Query, "ClassToken() or LastToken()")


def chosen_layer(layer: int | None, layers: tuple[int, ...]) -> int:
    """Return the layer that is meant of those with attention, by default the last."""
    if layer is not None and layer not in layers:
        raise InvalidInputError(f"layer: must be one of those with attention, {list(layers)}; got {layer}")
    return layers[-1] if layer is None else layer
