"""Rows of tokens for compiled code."""

from __future__ import annotations

import numpy as np

from attnstats._validation import FloatArray


def writable(rows: FloatArray) -> FloatArray:
    """Return rows as an array of the one kind that is compiled for."""
    return np.require(rows, requirements=["C", "W"])
