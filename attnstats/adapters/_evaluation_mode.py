"""Whether a PyTorch module is in evaluation mode, in all its parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnstats.exceptions import InvalidInputError

if TYPE_CHECKING:
    import torch

#: Modules of PyTorch, of which but few ask for the mode; those of the second kind are made in training mode.
_PLAIN = ("torch.nn.modules.", "torch.ao.nn.quantized.")


def check_evaluated(module: torch.nn.Module, name: str) -> None:
    """Raise if a module, or a submodule that acts otherwise in training, is in training mode."""
    for path, part in module.named_modules():
        if part.training and (part is module or _differs(part)):
            where = f" in its submodule {path!r}, a {type(part).__name__}" if path else ""
            raise InvalidInputError(
                f"{name}: must be in evaluation mode, where dropout is off; got training mode{where}; call "
                f"{name}.eval()"
            )


def _differs(part: torch.nn.Module) -> bool:
    """Whether a submodule in training mode may give something else than in evaluation."""
    from torch import nn

    if not type(part).__module__.startswith(_PLAIN):
        return True  # whose own code may ask for the mode, as attention that calls dropout as a function
    if isinstance(part, nn.modules.batchnorm._NormBase | nn.RReLU):
        return True
    p = getattr(part, "p", 0) if isinstance(part, nn.modules.dropout._DropoutNd) else getattr(part, "dropout", 0)
    return isinstance(p, int | float) and p > 0
