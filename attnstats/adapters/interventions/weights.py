"""Heads whose weights no longer depend on the text: equal, or shuffled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from attnstats._validation import check_flag
from attnstats.adapters.interventions.interface import HeadIntervention, HeadPass

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class UniformWeights(HeadIntervention):
    """The same weight for every token that a token may see (Wiegreffe & Pinter 2019).

    What a causal mask or a window hides stays hidden, and a row keeps its sum: a sink keeps its part.

    References
    ----------
    Wiegreffe and Pinter (2019), Attention is not not explanation.

    Examples
    --------
    >>> from attnstats.adapters import UniformWeights
    >>> UniformWeights().label
    'uniform'
    """

    name: ClassVar[str] = "uniform"
    holds_fixed: ClassVar[str] = "all other heads, values"

    def output(self, heads: HeadPass, rng: np.random.Generator) -> torch.Tensor:  # noqa: ARG002
        """Return the mean of the values that each token may see, times the sum of its weights."""
        shares = heads.weights.sum(dim=-1, keepdim=True) / heads.allowed.sum(dim=-1, keepdim=True)
        return heads.weighed(heads.allowed * shares)


@dataclass(frozen=True)
class PermutedWeights(HeadIntervention):
    """The weights of each row, shuffled among the tokens that it may see (Jain & Wallace 2019).

    Parameters
    ----------
    each_row : bool
        Whether each row of a head is shuffled anew. By default there is one random order of the tokens for each text
        and head, which all rows follow as far as they see them: without a mask every row gets the same permutation, and
        a token that all look at is traded for another that all look at.

    Raises
    ------
    InvalidInputError
        If `each_row` is no truth value.

    References
    ----------
    Jain and Wallace (2019), Attention is not explanation.

    Examples
    --------
    >>> from attnstats.adapters import PermutedWeights
    >>> PermutedWeights(each_row=True).label
    'permuted(each_row=True)'
    """

    name: ClassVar[str] = "permuted"
    holds_fixed: ClassVar[str] = "all other heads, values, the weights of each row as a set"
    each_row: bool = False

    def __post_init__(self) -> None:
        check_flag(self.each_row, "each_row")

    def output(self, heads: HeadPass, rng: np.random.Generator) -> torch.Tensor:
        """Return the values weighed by shuffled weights."""
        import torch

        *of_heads, n_queries, n_keys = heads.weights.shape
        # Texts come first, so that numbers are drawn text by text, however many run together.
        drawn = torch.as_tensor(rng.random((*of_heads, n_queries if self.each_row else 1, n_keys)))
        keys = drawn.to(heads.weights.device).expand(heads.weights.shape)
        shuffled = keys.masked_fill(~heads.allowed, torch.inf).argsort(dim=-1)
        places = (~heads.allowed).to(torch.uint8).argsort(dim=-1, stable=True)
        weights = torch.zeros_like(heads.weights).scatter(-1, places, heads.weights.gather(-1, shuffled))
        return heads.weighed(weights)
