"""How much each head adds to the stream for each token: the norms of its transformed values."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Self

from attnstats.exceptions import InvalidInputError

if TYPE_CHECKING:
    import torch

#: Names that models give to the map of states to values, to one of states to queries, keys and values in this order,
#: and to the map of all heads back to the stream. What is found by name is compared with what the model computed.
_VALUES = ("value", "v_lin", "v_proj", "value_proj")
_FUSED = ("Wqkv", "c_attn", "qkv_proj", "query_key_value", "in_proj")
_BACK = ("out_lin", "o_proj", "out_proj", "c_proj", "Wo", "dense")
#: Share of the largest number that the heads pass on by which weights times values may miss it, by precision.
_TOLERANCES = {"torch.float64": 1e-6, "torch.float32": 1e-3}


class ValueNorms:
    """Norms of the values that each head of each layer passes on, found while the model runs."""

    def __init__(self, model: torch.nn.Module) -> None:
        self._name = type(model).__name__
        self._maps = [_maps(block, self._name) for block in _blocks(model, self._name)]
        self._values: dict[int, Any] = {}
        self._passed: dict[int, Any] = {}
        self._squared: dict[int, Any] = {}
        self._hooks: list[Any] = []

    def __enter__(self) -> Self:
        for layer, (values, back) in enumerate(self._maps):
            self._hooks.append(values.register_forward_hook(partial(self._keep_values, layer)))
            self._hooks.append(back.register_forward_pre_hook(partial(self._keep_passed, layer)))
        return self

    def __exit__(self, *_: object) -> None:
        for hook in self._hooks:
            hook.remove()

    def of(self, layer: int, weights: torch.Tensor) -> torch.Tensor:
        """Return the norms of the last pass, shape (n_texts, n_heads, n_tokens).

        Parameters
        ----------
        layer : int
            Number of the layer.
        weights : Tensor, shape (n_texts, n_heads, n_tokens, n_tokens)
            Its attention.

        Raises
        ------
        InvalidInputError
            If weights times values are not what the heads of this model pass on.
        """
        values = self._by_head(layer, weights)
        if layer not in self._squared:
            self._check(layer, weights @ values)
            self._squared[layer] = self._maps_back(layer, weights.shape[1], weights.dtype)
        # |W v|² = v'(W'W)v, so that W v, as wide as the stream for every head, is never held.
        return (values @ self._squared[layer] * values).sum(dim=-1).clamp_min(0).sqrt()

    def _by_head(self, layer: int, weights: torch.Tensor) -> torch.Tensor:
        """Return the values of each head, shape (n_texts, n_heads, n_tokens, width)."""
        values, n_heads = self._values[layer], weights.shape[1]
        width = self._passed[layer].shape[-1] // n_heads
        groups = values.shape[-1] // width  # heads that share values count once
        if groups > n_heads:  # queries and keys come with them
            groups = (groups - n_heads) // 2
        values = values[..., values.shape[-1] - groups * width :]
        split = values.reshape(*values.shape[:2], groups, width).transpose(1, 2).to(weights.dtype)
        return split.repeat_interleave(n_heads // groups, dim=1)

    def _check(self, layer: int, found: torch.Tensor) -> None:
        passed = self._passed[layer].to(found.dtype)
        wrong = (found.transpose(1, 2).reshape(passed.shape) - passed).abs().max()
        if wrong > _TOLERANCES.get(str(self._passed[layer].dtype), 2e-2) * passed.abs().max():
            raise _unknown(self._name)

    def _maps_back(self, layer: int, n_heads: int, dtype: torch.dtype) -> torch.Tensor:
        """Return W'W of the map W of each head back to the stream, shape (n_heads, width, width)."""
        weight = self._maps[layer][1].weight.detach().to(dtype)
        if type(self._maps[layer][1]).__name__ == "Conv1D":  # which holds the transpose of a linear layer's
            weight = weight.T
        by_head = weight.reshape(weight.shape[0], n_heads, -1).permute(1, 0, 2)
        return by_head.transpose(1, 2) @ by_head

    def _keep_values(self, layer: int, _: object, __: object, output: Any) -> None:
        self._values[layer] = output

    def _keep_passed(self, layer: int, _: object, inputs: tuple[Any, ...]) -> None:
        self._passed[layer] = inputs[0]


def _blocks(model: torch.nn.Module, name: str) -> Any:
    """Return the layers of the model, in order."""
    import torch

    lists = [part for part in model.base_model.modules() if isinstance(part, torch.nn.ModuleList)]
    found = [part for part in lists if len(part) == model.config.num_hidden_layers]
    if not found:
        raise _unknown(name)
    return found[0]


def _maps(block: torch.nn.Module, name: str) -> tuple[Any, Any]:
    """Return the map of states to values of a layer, and the map of all heads back to the stream."""
    parts = [
        (path.rpartition(".")[2], part)
        for path, part in block.named_modules()
        if hasattr(getattr(part, "weight", None), "detach")
    ]
    values = [part for wanted in (*_VALUES, *_FUSED) for own, part in parts if own == wanted]
    back = [part for wanted in _BACK for own, part in parts if own == wanted]
    if not values or not back:
        raise _unknown(name)
    return values[0], back[0]


def _unknown(name: str) -> InvalidInputError:
    return InvalidInputError(
        f"value_norms: must be False for {name}, of whose attention the values that each head passes on are not known"
    )
