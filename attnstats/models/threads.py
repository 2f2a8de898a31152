"""The number of threads that TensorFlow uses, and its messages at start."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from attnstats._validation import check_count
from attnstats.exceptions import InvalidInputError, MissingExtraError


def limit_threads(n: int = 1) -> None:
    """Let TensorFlow use `n` threads in this process, and start it without its messages about absent GPUs.

    Call it before anything imports Keras; with one thread, equal seeds give bit-identical weights.

    Parameters
    ----------
    n : int
        Threads within an operation, and operations at a time.

    Raises
    ------
    InvalidInputError
        If `n` is not an integer of at least 1, or TensorFlow is already running with another number.
    MissingExtraError
        If TensorFlow is not installed.

    Examples
    --------
    >>> limit_threads(0)
    Traceback (most recent call last):
    attnstats.exceptions.InvalidInputError: n: must be an integer of at least 1; got 0
    """
    check_count(n, "n")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    with _startup_messages_filtered():
        try:
            import tensorflow as tf
        except ModuleNotFoundError as error:
            raise MissingExtraError("tensorflow", "models") from error
        threading = tf.config.threading
        if (threading.get_intra_op_parallelism_threads(), threading.get_inter_op_parallelism_threads()) == (n, n):
            return
        try:
            threading.set_intra_op_parallelism_threads(n)
            threading.set_inter_op_parallelism_threads(n)
        except RuntimeError as error:
            raise InvalidInputError(
                f"n: must be set before TensorFlow's first operation; got {n} after it started"
            ) from error
        tf.config.list_logical_devices()


@contextmanager
def _startup_messages_filtered() -> Iterator[None]:
    # TensorFlow's C++ code writes to the file descriptor before its own log level applies. Errors are passed on, except
    # the one about a missing GPU.
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as messages:
        os.dup2(messages.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            messages.seek(0)
            for line in messages:
                if line.startswith((b"E", b"F")) and b"cuInit" not in line:
                    os.write(2, line)
