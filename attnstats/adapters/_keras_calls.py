"""The calls of named layers of a Keras model during a pass: what they receive, return and mask."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple

from attnstats.adapters._layer_names import unknown_name
from attnstats.adapters._parts import argument, part_of
from attnstats.adapters.capture import Captured, Input
from attnstats.exceptions import InvalidInputError

#: The argument that asks a layer of Keras for its weights.
_ASKS = "return_attention_scores"
#: Arguments that mask what attention weighs, the most direct first.
_MASKS = ("key_mask", "value_mask", "mask")


class Taken(NamedTuple):
    """What was captured of one call, and the mask of Keras that goes with it, if there is one."""

    value: Any
    mask: Any


class Calls:
    """What layers gave in the last pass.

    Parameters
    ----------
    model : keras.Model
        The model.
    wanted : mapping of str to Output or Input
        What is captured, by its role in the trace.
    """

    def __init__(self, model: Any, wanted: Mapping[str, Captured]) -> None:
        layers = [each for each in model._flatten_layers() if each is not model]
        self._layers: dict[str, Any] = {}
        for role, captured in wanted.items():
            named = [model] if captured.name == "" else [each for each in layers if each.name == captured.name]
            if not named:
                raise unknown_name(role, captured.name, [each.name for each in layers], "layer")
            if len(named) > 1:
                raise InvalidInputError(f"{role}: {len(named)} layers have the name {captured.name!r}; rename one")
            self._layers[role] = named[0]
        self._wanted = wanted
        self._seen: dict[str, list[Taken]] = {}

    @contextmanager
    def intercepted(self) -> Iterator[None]:
        """Keep what comes while each layer calls through a function that notes it."""
        with ExitStack() as stack:
            for layer in {id(each): each for each in self._layers.values()}.values():
                roles = [role for role, each in self._layers.items() if each is layer]
                _replace(layer, "call", self._noting(layer, roles), stack)
                _replace(layer, "compute_mask", self._noting_mask(layer, roles), stack)
            yield

    def taken(self) -> dict[str, Taken]:
        """Return for each role what was captured since the last call."""
        seen, self._seen = self._seen, {}
        for role, captured in self._wanted.items():
            n = len(seen.get(role, []))
            if n != 1:
                called = f"called {n} times in one pass" if n else "not called in the pass"
                raise InvalidInputError(
                    f"{role}: a layer must be called once in a pass; {captured.name!r} was {called}"
                )
        return {role: values[0] for role, values in seen.items()}

    def _noting(self, layer: Any, roles: list[str]) -> Any:
        """Return a function to call in the place of `layer.call`."""
        call = layer.call
        signature = inspect.signature(call)
        weights_of = "attention" in roles and not isinstance(self._wanted["attention"], Input)
        asks = weights_of and _ASKS in signature.parameters and self._wanted["attention"].part is None

        def noting(*args: Any, **kwargs: Any) -> Any:
            bound = signature.bind(*args, **kwargs)
            asked = bound.arguments.get(_ASKS, False)
            if asks:
                bound.arguments[_ASKS] = True
            returned = call(*bound.args, **bound.kwargs)
            scores = None
            if asks:
                states, scores = returned
                returned = (states, scores) if asked else states
            for role in roles:
                captured = self._wanted[role]
                if isinstance(captured, Input):
                    value = argument(signature, args, kwargs, captured, role)
                elif role == "attention" and asks:
                    value = scores
                else:
                    value = part_of(states if asks else returned, captured.part, f"{role}: {captured.name!r}")
                mask = _mask_argument(bound.arguments) if role == "attention" else getattr(value, "_keras_mask", None)
                self._seen.setdefault(role, []).append(Taken(value, mask))
            return returned

        return noting

    def _noting_mask(self, layer: Any, roles: list[str]) -> Any:
        """Return a function to call in the place of `layer.compute_mask`, which comes right after the call."""
        compute_mask = layer.compute_mask

        def noting(*args: Any, **kwargs: Any) -> Any:
            mask = compute_mask(*args, **kwargs)
            taken = self._seen.get("hidden", [])
            if "hidden" in roles and taken and not isinstance(self._wanted["hidden"], Input) and hasattr(mask, "shape"):
                taken[-1] = Taken(taken[-1].value, mask if taken[-1].mask is None else taken[-1].mask)
            return mask

        return noting


def _replace(layer: Any, name: str, function: Any, stack: ExitStack) -> None:
    """Give a layer a method of its own until the stack closes; past Keras, which would track it."""
    before = vars(layer).get(name)
    object.__setattr__(layer, name, function)
    if before is None:
        stack.callback(object.__delattr__, layer, name)
    else:
        stack.callback(object.__setattr__, layer, name, before)


def _mask_argument(arguments: Mapping[str, Any]) -> Any:
    """Return the mask of what is weighed: of Attention and AdditiveAttention the second of a list."""
    for name in _MASKS:
        mask = arguments.get(name)
        if isinstance(mask, list | tuple):
            mask = mask[1] if len(mask) > 1 else None
        if len(getattr(mask, "shape", ())) == 2:  # not one of pairs of tokens
            return mask
    return None
