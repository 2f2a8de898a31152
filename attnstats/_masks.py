"""Masks that say which places count, and what to do with one of another form."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from attnstats._conversion import read
from attnstats._validation import BoolArray, check_present
from attnstats.exceptions import InvalidInputError


def as_mask(mask: ArrayLike | None, shape: tuple[int, ...]) -> BoolArray:
    """Return a boolean mask of a shape, by default True throughout."""
    if mask is None:
        return np.ones(shape, dtype=np.bool_)
    given = read(mask, "mask")
    column = given.whole()
    check_present(column.absent.ravel(), "mask")
    if column.values.dtype.kind != "b" or given.shape != shape:
        remedy = mask_remedy(column.values.reshape(given.shape), shape)
        raise InvalidInputError(
            f"mask: must be boolean of shape {shape}; got dtype {column.values.dtype} and shape {given.shape}"
            + (f". {remedy}" if remedy else "")
        )
    return np.ascontiguousarray(column.values)


def mask_remedy(mask: NDArray[Any], shape: tuple[int, ...]) -> str:
    """Return what to pass in place of a mask of another kind or shape, empty where that cannot be told."""
    if mask.dtype.kind not in "biuf" or not mask.size:
        return ""
    n, width = shape if len(shape) == 2 else (0, 0)
    if mask.shape == (n,) and mask.min() >= 1 and mask.max() <= width and (mask == mask.round()).all():
        return f"These look like lengths: pass np.arange({width}) < mask[:, np.newaxis]"
    additive = mask.dtype.kind != "b" and mask.min() < 0 and mask.max() == 0
    if not additive and not np.isin(mask, (0, 1)).all():
        return ""
    seen = "(mask == 0)" if additive else "mask" if mask.dtype.kind == "b" else "mask.astype(bool)"
    why = "It is added to scores, with 0 at what is seen" if additive else ""
    if mask.shape == shape:
        passed = "mask == 0" if additive else seen
    elif mask.ndim > len(shape) == 2 and (mask.shape[0], mask.shape[-1]) == shape:
        why += f"{' and it' if why else 'It'} has axes of heads or queries"
        axes = ", ".join(map(str, range(1, mask.ndim - 1)))
        passed = f"{seen}.any(axis={axes if mask.ndim == 3 else f'({axes})'})"
    elif mask.shape == shape[::-1]:
        why += f"{' and its' if why else 'Its'} axes are swapped"
        passed = f"{seen}.T"
    elif len(shape) == 2 and mask.shape == (width,):
        why += f"{' and it' if why else 'It'} has no axis of texts"
        passed = f"np.tile({seen}, ({n}, 1)) if it is the same for all"
    elif mask.ndim == 2 and len(shape) == 2:
        rows = "" if len(mask) == n else f" one row for each of {n} texts"
        columns = "" if mask.shape[1] == width else f" {width} columns, as many as there are tokens, False at padding"
        return f"Give it{' and'.join(part for part in (rows, columns) if part)}"
    else:
        return ""
    return f"{why}: pass {passed}" if why else f"Pass {passed}"
