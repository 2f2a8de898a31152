"""From what submodules of PyTorch gave to arrays with the examples first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attnstats.adapters._collecting import Batch
from attnstats.exceptions import InvalidInputError


def batch_of(taken: Mapping[str, tuple[Any, Any]], mask: NDArray[Any] | None, label: NDArray[Any] | None) -> Batch:
    """Return the arrays of one batch, and the mask of packed sequences."""
    tensors, lengths = {}, None
    for role, (value, submodule) in taken.items():
        packed = hasattr(value, "batch_sizes")
        if packed:
            value, lengths = _padded(value)
        tensors[role] = checked_tensor(value, role)
        if role == "hidden" and not packed and value.dim() == 3 and not _has_batch_first(submodule):
            tensors[role] = value.transpose(0, 1)
    halves = frozenset(role for role, tensor in tensors.items() if "bfloat16" in str(tensor.dtype))
    arrays = {role: array_of(tensor) for role, tensor in tensors.items()}
    if lengths is not None:
        width = max(arrays["attention"].shape[-1], arrays["hidden"].shape[1])
        arrays = {role: array if role == "output" else _widened(array, width, role) for role, array in arrays.items()}
        mask = _packed_mask(lengths, width, mask)
    return Batch(**arrays, mask=mask, label=label, halves=halves)


def _padded(packed: Any) -> tuple[Any, NDArray[np.int64]]:
    """Return a packed sequence with the examples first and in their order, and their lengths."""
    from torch.nn.utils.rnn import pad_packed_sequence

    padded, lengths = pad_packed_sequence(packed, batch_first=True)
    return padded, lengths.numpy()


def checked_tensor(value: Any, role: str) -> Any:
    import torch

    if not isinstance(value, torch.Tensor):
        raise InvalidInputError(
            f"{role}: must be a tensor or a packed sequence; got a {type(value).__name__}; choose another part"
        )
    return torch.nested.to_padded_tensor(value, 0.0) if value.is_nested else value


def _has_batch_first(submodule: Any) -> bool:
    """Whether a submodule has the examples along its first axis; PyTorch's own layers say so."""
    from torch import nn

    if isinstance(submodule, nn.TransformerEncoder | nn.TransformerDecoder):
        submodule = submodule.layers[0]
    if isinstance(submodule, nn.TransformerEncoderLayer | nn.TransformerDecoderLayer):
        submodule = submodule.self_attn
    return bool(getattr(submodule, "batch_first", True))


def array_of(tensor: Any) -> NDArray[Any]:
    tensor = tensor.detach().cpu()
    array: NDArray[Any] = (tensor.float() if "bfloat16" in str(tensor.dtype) else tensor).numpy()
    return array


def _widened(array: NDArray[Any], width: int, role: str) -> NDArray[Any]:
    """Return an array padded at the end of its tokens, which packed sequences leave out."""
    axis = 1 if role == "hidden" else array.ndim - 1
    return np.pad(array, [(0, width - array.shape[each] if each == axis else 0) for each in range(array.ndim)])


def _packed_mask(lengths: NDArray[np.int64], width: int, declared: NDArray[Any] | None) -> NDArray[Any]:
    """Return the mask of packed sequences, which a declared one must agree with."""
    real = np.arange(width) < lengths[:, np.newaxis]
    if declared is not None and declared.ndim == 2:
        differ = np.flatnonzero((declared != 0).sum(axis=1) != lengths)
        if len(declared) != len(lengths) or differ.size:
            raise InvalidInputError(
                f"mask: must agree with the packed sequence; got {int((declared[differ[0]] != 0).sum())} real tokens in"
                f" example {differ[0]}, where {lengths[differ[0]]} are packed"
            )
    return real
