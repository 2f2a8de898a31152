"""Hooks that keep what submodules of PyTorch receive and return during a pass, and leave nothing behind."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

from attnstats.adapters._layer_names import unknown_name
from attnstats.adapters._parts import argument, part_of
from attnstats.adapters.capture import Captured, Input, Output
from attnstats.exceptions import InvalidInputError


class Hooked:
    """What the submodules gave in the last pass.

    Parameters
    ----------
    module : torch.nn.Module
        The model.
    wanted : mapping of str to Output or Input
        What is captured, by its role in the trace.
    """

    def __init__(self, module: Any, wanted: Mapping[str, Captured]) -> None:
        known = dict(module.named_modules())
        for role, captured in wanted.items():
            if captured.name not in known:
                raise unknown_name(role, captured.name, known, "submodule")
        self._submodules = {role: known[captured.name] for role, captured in wanted.items()}
        self._wanted = wanted
        self._seen: dict[str, list[Any]] = {}

    @contextmanager
    def hooks(self) -> Iterator[None]:
        """Keep what comes while the hooks are attached: no gradients, and no path that leaves submodules out."""
        import torch

        with ExitStack() as stack:
            for role, submodule in self._submodules.items():
                if role == "attention" and _returns_weights(submodule, self._wanted[role]):
                    _ask_for_weights(submodule, stack)
                stack.callback(self._attached(role, submodule).remove)
            stack.callback(torch.backends.mha.set_fastpath_enabled, torch.backends.mha.get_fastpath_enabled())
            torch.backends.mha.set_fastpath_enabled(False)
            stack.enter_context(torch.no_grad())
            yield

    def taken(self) -> dict[str, tuple[Any, Any]]:
        """Return for each role what was captured since the last call, and the submodule."""
        seen, self._seen = self._seen, {}
        return {role: (self._only(role, seen.get(role, [])), self._submodules[role]) for role in self._wanted}

    def _only(self, role: str, values: list[Any]) -> Any:
        name = self._wanted[role].name
        if len(values) != 1:
            called = f"called {len(values)} times in one pass" if values else "not called in the pass"
            raise InvalidInputError(
                f"{role}: a submodule must be called once in a pass; {name!r} was {called}; an nn.Identity of its own "
                "marks a place in the forward pass that can be named"
            )
        return values[0]

    def _attached(self, role: str, submodule: Any) -> Any:
        """Attach the hook that keeps what a submodule receives or returns, before operations in place change it."""
        captured = self._wanted[role]

        def keep(found: Any) -> None:
            self._seen.setdefault(role, []).append(_copied(found))

        def before(_: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
            keep(argument(inspect.signature(submodule.forward), args, kwargs, captured, role))

        def after(_: Any, __: Any, returned: Any) -> None:
            keep(part_of(returned, _default_part(submodule, captured, role), f"{role}: {captured.name!r}"))

        if isinstance(captured, Input):
            return submodule.register_forward_pre_hook(before, with_kwargs=True)
        return submodule.register_forward_hook(after, prepend=True)


def _copied(value: Any) -> Any:
    """Return a value that operations in place, later in the pass, do not reach."""
    if hasattr(value, "batch_sizes"):
        return value._replace(data=value.data.clone())
    return value.clone() if hasattr(value, "clone") else value


def _returns_weights(submodule: Any, captured: Captured) -> bool:
    from torch import nn

    return isinstance(submodule, nn.MultiheadAttention) and isinstance(captured, Output) and captured.part in (None, 1)


def _default_part(submodule: Any, captured: Captured, role: str) -> int | str | None:
    """Return the part that is meant of PyTorch's own layers with several: states, or of attention its weights."""
    from torch import nn

    if captured.part is None and isinstance(submodule, nn.MultiheadAttention):
        return 1 if role == "attention" else 0
    if captured.part is None and isinstance(submodule, nn.RNNBase):
        return 0
    return captured.part


def _ask_for_weights(attention: Any, stack: ExitStack) -> None:
    """Let an nn.MultiheadAttention compute the weights of each head, and return to the model what it asked for."""
    asked: list[tuple[bool, bool]] = []

    def before(submodule: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        bound = inspect.signature(submodule.forward).bind(*args, **kwargs)
        bound.apply_defaults()
        asked.append((bound.arguments["need_weights"], bound.arguments["average_attn_weights"]))
        bound.arguments |= {"need_weights": True, "average_attn_weights": False}
        return bound.args, bound.kwargs

    def after(_: Any, __: Any, returned: Any) -> Any:
        states, weights = returned
        needed, averaged = asked.pop()
        if not needed:
            return states, None
        return states, weights.mean(dim=-3) if averaged else weights

    for hook in (attention.register_forward_pre_hook(before, with_kwargs=True), attention.register_forward_hook(after)):
        stack.callback(hook.remove)
