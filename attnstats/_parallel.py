"""Map a function over tasks, each with a generator of its own, through joblib.

The numbers do not depend on the number of workers: generators are spawned before the work is shared out.
"""

from collections.abc import Callable, Iterable
from typing import TypeVar

import numpy as np
from joblib import Parallel, delayed

from attnstats._validation import RNGLike, as_generator
from attnstats.exceptions import InvalidInputError

Task = TypeVar("Task")
Result = TypeVar("Result")


def spawn(rng: RNGLike, n: int) -> list[np.random.Generator]:
    """Return `n` independent generators."""
    return list(as_generator(rng).spawn(n))


def parallel_map(
    function: Callable[[Task, np.random.Generator], Result],
    tasks: Iterable[Task],
    *,
    rng: RNGLike,
    n_jobs: int | None = None,
) -> list[Result]:
    """Return ``[function(task, generator), ...]`` in the order of the tasks, the same for any `n_jobs`."""
    if n_jobs is not None and (isinstance(n_jobs, bool) or not isinstance(n_jobs, int | np.integer) or n_jobs == 0):
        raise InvalidInputError(f"n_jobs: must be None or an integer other than 0; got {n_jobs!r}")
    tasks = list(tasks)
    generators = spawn(rng, len(tasks))
    if n_jobs in (None, 1):
        return [function(task, generator) for task, generator in zip(tasks, generators, strict=True)]
    jobs = (delayed(function)(task, generator) for task, generator in zip(tasks, generators, strict=True))
    return list(Parallel(n_jobs=n_jobs)(jobs))
