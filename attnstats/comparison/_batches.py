"""Resamples in batches, so that many of them need little memory."""

from __future__ import annotations

from collections.abc import Iterator

#: Numbers in one batch: 8 MB of floats.
BATCH = 2**20


def batches(n: int, width: int) -> Iterator[range]:
    """Yield ranges that make up n resamples, each of `width` numbers, no more than `BATCH` numbers at a time."""
    size = max(1, BATCH // width)
    for start in range(0, n, size):
        yield range(start, min(start + size, n))
