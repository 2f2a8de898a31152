"""Heads whose output no longer depends on the text: zero, or its mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from attnstats.adapters.interventions.interface import HeadIntervention, HeadPass

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class ZeroedOutput(HeadIntervention):
    """Nothing in place of the head's output (Michel et al. 2019).

    Later layers were not trained on what then reaches them; `MeanOutput` keeps it nearer to what they know.

    References
    ----------
    Michel, Levy and Neubig (2019), Are sixteen heads really better than one?

    Examples
    --------
    >>> from attnstats.adapters import ZeroedOutput
    >>> ZeroedOutput().label
    'zeroed'
    """

    name: ClassVar[str] = "zeroed"
    holds_fixed: ClassVar[str] = "all other heads"

    def output(self, heads: HeadPass, rng: np.random.Generator) -> torch.Tensor:  # noqa: ARG002
        """Return zeros."""
        return heads.values.new_zeros((*heads.weights.shape[:-1], heads.values.shape[-1]))


@dataclass(frozen=True)
class MeanOutput(HeadIntervention):
    """The head's output replaced by its mean over all tokens of all texts, special ones too (mean ablation).

    What the head adds to every token alike stays; what it tells of this text and this place is gone. Each token of the
    texts that are given counts once.

    References
    ----------
    Wang et al. (2023), Interpretability in the wild: a circuit for indirect object identification in GPT-2 small.

    Examples
    --------
    >>> from attnstats.adapters import MeanOutput
    >>> MeanOutput().label
    'mean'
    """

    name: ClassVar[str] = "mean"
    holds_fixed: ClassVar[str] = "all other heads, the mean output of the head"
    needs_mean: ClassVar[bool] = True

    def output(self, heads: HeadPass, rng: np.random.Generator) -> torch.Tensor:  # noqa: ARG002
        """Return the mean output at every token."""
        assert heads.mean is not None
        n_texts, _, n_tokens, _ = heads.weights.shape
        return heads.mean.to(heads.values).expand(n_texts, -1, n_tokens, -1)
