"""The attention of a running model, taken where weights have weighed values, and given back changed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Self, TypeAlias

from attnstats.exceptions import InvalidInputError

if TYPE_CHECKING:
    import torch

#: Name that each file of the transformers library gives to its attention without a fused kernel, with whatever the
#: architecture adds to it, such as soft caps and sinks. A module looks it up when it runs.
_EAGER = "eager_attention_forward"
#: Share of the largest output by which weights times values may miss it, by precision.
_TOLERANCES = {"torch.float64": 1e-9, "torch.float32": 1e-4}


@dataclass(frozen=True, eq=False)
class Call:
    """One call of the attention of one layer.

    Parameters
    ----------
    output : Tensor, shape (n_texts, n_tokens, n_heads, width)
        Weights times values.
    weights : Tensor, shape (n_texts, n_heads, n_tokens, n_tokens)
        Attention of each token, the last axis but one, to each.
    shared : Tensor, shape (n_texts, n_groups, n_tokens, width)
        Values, of which heads that follow each other may share one.
    mask : Tensor or None
        What was added to the scores, or which tokens may be seen; all where there is none.
    """

    output: torch.Tensor
    weights: torch.Tensor
    shared: torch.Tensor
    mask: torch.Tensor | None

    @property
    def values(self) -> torch.Tensor:
        """Values of each head, shape (n_texts, n_heads, n_tokens, width)."""
        return self.shared.repeat_interleave(self.weights.shape[1] // self.shared.shape[1], dim=1)

    @property
    def allowed(self) -> torch.Tensor:
        """Which tokens a token may see, with the shape of the weights."""
        import torch

        if self.mask is None:
            return torch.ones_like(self.weights, dtype=torch.bool)
        mask = self.mask[..., : self.weights.shape[-1]]
        # What is hidden has the lowest number; half of it leaves room for a bias of position that was added.
        seen = mask if mask.dtype == torch.bool else mask > torch.finfo(mask.dtype).min / 2
        return seen.expand(self.weights.shape)


#: What is done with the call of each number, counted from 0 in a pass: None leaves it, a tensor replaces its output.
Handler: TypeAlias = Callable[[int, Call], Any]


class AttentionCalls:
    """The calls of attention of one model, while this is entered; calls of other models pass.

    Parameters
    ----------
    model : transformers.PreTrainedModel
        It must run without a fused kernel.
    """

    def __init__(self, model: torch.nn.Module) -> None:
        self._parts = set(model.modules())
        kinds = {kind for part in self._parts for kind in type(part).__mro__}
        files = [sys.modules[name] for name in sorted({kind.__module__ for kind in kinds}) if name in sys.modules]
        self._files = [file for file in files if hasattr(file, _EAGER)]
        self._name = type(model).__name__
        self._handler: Handler | None = None
        self._number = 0
        self._entered = ExitStack()

    def __enter__(self) -> Self:
        for file in self._files:
            computed = getattr(file, _EAGER)
            self._entered.callback(setattr, file, _EAGER, computed)
            setattr(file, _EAGER, partial(self._computed, computed))
        return self

    def __exit__(self, *_: object) -> None:
        self._entered.close()

    @contextmanager
    def handled(self, handler: Handler, first: int = 0) -> Iterator[None]:
        """Give the calls of one pass to a handler, the first of which has this number."""
        self._handler, self._number = handler, first
        try:
            yield
        finally:
            self._handler = None

    def unknown(self) -> InvalidInputError:
        """Return the error of a model whose attention is not computed in a way that is known."""
        return InvalidInputError(
            "model: must compute attention by the interface of the transformers library, as weights times values; "
            f"{self._name} does not"
        )

    def check(self, call: Call) -> None:
        """Raise unless the output of a call, if it is finite, is weights times values."""
        if not call.output.isfinite().all():
            return  # which is told of the output of the model, by the layer where it began
        expected, found = _by_token(call.weights.to(call.shared.dtype) @ call.values), call.output
        tolerance = _TOLERANCES.get(str(found.dtype), 2e-2)
        if expected.shape != found.shape or not (expected - found).abs().max() <= tolerance * found.abs().max():
            raise self.unknown()

    def _computed(
        self, computed: Any, module: Any, query: Any, key: Any, value: Any, attention_mask: Any = None, *args: Any,
        **kwargs: Any,
    ) -> Any:  # fmt: skip
        output, weights = computed(module, query, key, value, attention_mask, *args, **kwargs)
        if self._handler is None or module not in self._parts:
            return output, weights
        number, self._number = self._number, self._number + 1
        changed = self._handler(number, Call(output, weights, value, attention_mask))
        return (output if changed is None else changed), weights


def replaced(output: torch.Tensor, heads: list[int], by: torch.Tensor, name: str) -> torch.Tensor:
    """Return the output of a call with that of some heads replaced, shape (n_texts, n_heads, n_tokens, width)."""
    found, output = _by_token(by), output.clone()
    if found.shape != output[:, :, heads].shape:
        raise InvalidInputError(
            f"interventions: {name} must give shape {tuple(_by_token(output[:, :, heads]).shape)}, of texts, heads, "
            f"tokens and width; got {tuple(by.shape)}"
        )
    output[:, :, heads] = found.to(output.dtype)
    return output


def _by_token(by_head: torch.Tensor) -> torch.Tensor:
    return by_head.transpose(1, 2)
