"""Layers below an intervention give again what they gave in the intact pass, and are not computed anew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch


class Replay:
    """What each layer of a model gave in the last recorded pass.

    Parameters
    ----------
    model : transformers.PreTrainedModel
        Where its layers are not found, or hand more on than what they return, none is ever replayed.
    """

    def __init__(self, model: torch.nn.Module) -> None:
        self._layers = _layers(model)
        self._given: dict[int, Any] = {}
        self._possible = True

    @contextmanager
    def recorded(self) -> Iterator[None]:
        """Record what the layers give in the pass that follows."""
        self._given = {}
        with ExitStack() as stack:
            for number, layer in enumerate(self._layers):
                hook = layer.register_forward_hook(partial(self._keep, number), with_kwargs=True)
                stack.callback(hook.remove)
            yield

    def upto(self, layer: int) -> int:
        """Return how many layers can be replayed below one layer: all, or none."""
        return layer if self._possible and len(self._given) == len(self._layers) >= layer else 0

    def give_up(self) -> None:
        """Never replay a layer again: the model does not come to the same output by it."""
        self._possible = False

    @contextmanager
    def replayed(self, n_layers: int) -> Iterator[None]:
        """Let the first layers give again what was recorded."""
        with ExitStack() as stack:
            for number in range(n_layers):
                own = vars(self._layers[number])
                # Libraries that move layers between devices have put a method of their own there.
                former = {"forward": own["forward"]} if "forward" in own else {}
                stack.callback(own.update, former)
                stack.callback(own.pop, "forward")
                own["forward"] = partial(_again, self._given[number])
            yield

    def _keep(self, number: int, _: object, args: tuple[Any, ...], kwargs: Mapping[str, Any], given: Any) -> None:
        if number in self._given or any(map(_is_store, (*args, *kwargs.values()))):
            self._possible = False
        self._given[number] = given


def _again(given: Any, *_: object, **__: object) -> Any:
    return given


def _is_store(argument: object) -> bool:
    """Return whether a layer may leave something there for later ones, such as keys and values that they share."""
    return isinstance(argument, list | dict) or hasattr(argument, "update")


def _layers(model: Any) -> Any:
    """Return the layers of the model, in order; none where they are not found."""
    import torch

    lists = (part for part in model.base_model.modules() if isinstance(part, torch.nn.ModuleList))
    return next((part for part in lists if len(part) == model.config.get_text_config().num_hidden_layers), [])
