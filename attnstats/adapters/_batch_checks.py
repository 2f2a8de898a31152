"""What one batch must be, so that a run ends at the first wrong example and not after the last."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from attnstats._validation import BoolArray
from attnstats.exceptions import InvalidInputError, NonFiniteError


def check_finite(name: str, array: NDArray[Any], first: int, *, real: BoolArray | None = None, cause: str = "") -> None:
    """Raise with the example, of those numbered from `first` on, and the real token where a number is not finite."""
    if array.dtype.kind != "f":
        return
    finite = np.isfinite(array)
    if real is not None:
        finite |= ~real.reshape(*real.shape, *[1] * (array.ndim - 2))
    if finite.all():
        return
    example, *rest = np.argwhere(~finite)[0].tolist()
    where, at = ("", "") if real is None else (" at real tokens", f", token {rest[0]}")
    if array.dtype == np.float16:
        cause = "; float16 holds no number above 65504; run the model in bfloat16 or float32"
    value = array[(example, *rest)]
    raise NonFiniteError(f"{name}: must be finite{where}; got {value} in example {first + example}{at}{cause}")


def check_label(label: NDArray[Any], n_classes: int, first: int) -> None:
    """Raise if a label of a batch, of those numbered from `first` on, is no column of the output."""
    if label.ndim != 1 or label.dtype.kind not in "iuf":
        return  # which is refused as what it is
    wrong = np.flatnonzero((label < 0) | (label >= n_classes))
    if wrong.size:
        raise InvalidInputError(
            f"label: must lie in 0 to {n_classes - 1}, the columns of output; got {label[wrong[0]]} in example "
            f"{first + wrong[0]}"
        )
