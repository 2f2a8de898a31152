"""Batches as a PyTorch module takes them, on its device, and what in them is mask or label."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from numpy.typing import NDArray

from attnstats._conversion import read
from attnstats.adapters._evaluation_mode import check_evaluated
from attnstats.adapters._layer_names import near_names
from attnstats.exceptions import InvalidInputError

#: Where something stands in a batch: its key, its number, or a function of the batch.
Key: TypeAlias = str | int | Callable[[Any], Any] | None


class Pass:
    """How a module runs on a batch.

    Parameters
    ----------
    module : torch.nn.Module
        The model, in evaluation mode.
    mask, label : str, int, callable or None
        Where they stand in a batch.
    forward : callable or None
        What runs the module on a batch instead of a call.
    """

    def __init__(self, module: Any, mask: Key, label: Key, forward: Callable[[Any, Any], Any] | None) -> None:
        self.module = _evaluated(module)
        for name, key in (("mask", mask), ("label", label)):
            if isinstance(key, bool) or not (isinstance(key, str | int | None) or callable(key)):
                raise InvalidInputError(f"{name}: must be a key, a number or a function of the batch; got {key!r:.40}")
        if forward is not None and not callable(forward):
            raise InvalidInputError(f"forward: must be a function of the module and a batch; got {forward!r:.40}")
        self._mask, self._label, self._forward = mask, label, forward
        parameters = inspect.signature(self.module.forward).parameters.values()
        self._takes = {each.name for each in parameters}
        self._takes_all = any(each.kind is each.VAR_KEYWORD for each in parameters)

    def on_device(self, batches: Iterable[Any]) -> Iterator[Any]:
        """Return each batch on the device of the module."""
        import torch

        if isinstance(batches, torch.Tensor | Mapping | str) or not isinstance(batches, Iterable):
            kind = type(batches).__name__
            raise InvalidInputError(f"batches: must be an iterable of batches; got a {kind}; pass [batch] of one batch")
        first = next(self.module.parameters(), None)
        for batch in batches:
            yield batch if first is None else _moved(batch, first.device)

    def run(self, batch: Any) -> None:
        """Run the module on a batch."""
        if self._forward is not None:
            self._forward(self.module, batch)
        elif isinstance(batch, Mapping):
            self.module(**self._arguments(batch))
        elif isinstance(batch, list | tuple) and not _is_packed(batch):
            self.module(*(each for place, each in enumerate(batch) if place != self._label))
        else:
            self.module(batch)

    def mask_of(self, batch: Any) -> NDArray[Any] | None:
        """Return the mask of a batch."""
        return _entry(batch, self._mask, "mask")

    def label_of(self, batch: Any) -> NDArray[Any] | None:
        """Return the labels of a batch."""
        return _entry(batch, self._label, "label")

    def _arguments(self, batch: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the module takes of a batch: not its labels, nor a mask that it has no parameter for."""
        left_out = {self._label} if self._takes_all or self._mask in self._takes else {self._label, self._mask}
        given = {name: value for name, value in batch.items() if name not in left_out}
        unknown = [] if self._takes_all else [name for name in given if name not in self._takes]
        if unknown:
            raise InvalidInputError(
                f"batches: must hold what the module takes, {', '.join(sorted(self._takes))}; got "
                f"{', '.join(unknown)}; leave it out, or pass forward=lambda module, batch: module(...)"
            )
        return given


def _evaluated(module: Any) -> Any:
    import torch

    module = getattr(module, "_orig_mod", module)  # as it was before torch.compile, whose graphs call no hooks
    if not isinstance(module, torch.nn.Module) or isinstance(module, torch.jit.ScriptModule):
        raise InvalidInputError(f"module: must be a torch.nn.Module that is not scripted; got {type(module).__name__}")
    check_evaluated(module, "module")
    return module


def _entry(batch: Any, key: Key, name: str) -> NDArray[Any] | None:
    if key is None:
        return None
    if callable(key):
        return read(key(batch), name).array
    try:
        return read(batch[key], name).array
    except (KeyError, IndexError, TypeError) as error:
        known = near_names(str(key), map(str, batch)) if isinstance(batch, Mapping) else f"a {type(batch).__name__}"
        raise InvalidInputError(f"{name}: must be an entry of every batch; got {key!r}; {known}") from error


def _moved(batch: Any, device: Any) -> Any:
    if isinstance(batch, Mapping):
        return {name: _moved(value, device) for name, value in batch.items()}
    if isinstance(batch, list | tuple) and not _is_packed(batch):
        return [_moved(each, device) for each in batch]
    return batch.to(device) if hasattr(batch, "to") else batch


def _is_packed(batch: Any) -> bool:
    return hasattr(batch, "batch_sizes")
