"""Rows of a large array a block at a time, so that memory does not grow with their number."""

from collections.abc import Iterator

#: Bytes of one block: with what is computed from it, some 32 MB.
BLOCK_BYTES = 2**24


def blocks(n_rows: int, row_bytes: int, *, multiple: int = 1) -> Iterator[int]:
    """Yield how many rows each block has: as many as fit, at least `multiple`, a multiple of it but for the last.

    What is drawn row by row from one generator does not depend on where one block ends.

    Examples
    --------
    >>> list(blocks(10, 2**22))
    [4, 4, 2]
    """
    size = multiple * max(1, BLOCK_BYTES // (multiple * max(1, row_bytes)))
    for start in range(0, n_rows, size):
        yield min(size, n_rows - start)
