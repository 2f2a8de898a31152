"""Attention rolled out over layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


def rolled_out(weights: torch.Tensor, before: torch.Tensor | None) -> torch.Tensor:
    """Return the attention of a layer on the tokens of the input, shape (n_texts, n_tokens, n_tokens).

    Parameters
    ----------
    weights : Tensor, shape (n_texts, n_heads, n_tokens, n_tokens)
        Attention of the layer on the one before.
    before : Tensor or None
        That of the layer before on the tokens of the input; None in the first layer.
    """
    import torch

    mean = weights.mean(dim=1)
    # Half is what the residual connection adds; a row that lost weight to a sink is made whole first.
    mean = mean / mean.sum(dim=-1, keepdim=True).clamp_min(torch.finfo(mean.dtype).tiny)
    both = 0.5 * (mean + torch.eye(mean.shape[-1], dtype=mean.dtype, device=mean.device))
    return both if before is None else both @ before
