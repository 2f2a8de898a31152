"""Blocks of rows of a large array, to bound memory."""

from __future__ import annotations

from collections.abc import Iterator

#: Bytes of one block: with what is computed from it, some 32 MB.
BLOCK_BYTES = 2**24


def rows_per_block(row_bytes: int) -> int:
    """Return how many rows fit, at least one."""
    return max(1, BLOCK_BYTES // max(1, row_bytes))


def blocks(n_rows: int, row_bytes: int, *, multiple: int = 1) -> Iterator[int]:
    """Yield how many rows each block has: as many times `multiple` as fit, at least once, and the last the rest.

    What is drawn row by row from one generator does not depend on where a block ends.
    """
    size = multiple * rows_per_block(multiple * row_bytes)
    for start in range(0, n_rows, size):
        yield min(size, n_rows - start)
