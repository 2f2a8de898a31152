"""Compiled loops over large samples, in as many threads as the process may use; each row has its own result."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from numba import config

#: Steps of a loop, each some twenty points or more, below which threads would not pay.
_FEW = 2000
#: Parts for each thread: where one part is slow, the others go on.
_PARTS = 8


def n_threads() -> int:
    """Return how many threads numba and OMP_NUM_THREADS allow; joblib sets both in its workers."""
    allowed = os.environ.get("OMP_NUM_THREADS", "")
    most = int(config.NUMBA_NUM_THREADS)
    return max(1, min(most, int(allowed))) if allowed.isdigit() else most


def in_threads(loop: Callable[[int, int], None], n_steps: int, few: int = _FEW) -> None:
    """Call a compiled loop, which gives the lock of the interpreter back, on ranges that make up all its steps."""
    threads = n_threads()
    if threads == 1 or n_steps < few:
        loop(0, n_steps)
        return
    bounds = [n_steps * part // (threads * _PARTS) for part in range(threads * _PARTS + 1)]
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(loop, bounds[:-1], bounds[1:]))
