"""Map a function over tasks, each with a generator of its own, through joblib.

The numbers do not depend on the number of workers: generators are spawned before the work is shared out.
"""

from collections.abc import Callable, Iterable
from typing import TypeVar

import numpy as np
from joblib import Parallel, delayed

from attnstats._validation import RNGLike, as_generator

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
    tasks = list(tasks)
    generators = spawn(rng, len(tasks))
    if n_jobs in (None, 1):
        return [function(task, generator) for task, generator in zip(tasks, generators, strict=True)]
    jobs = (delayed(function)(task, generator) for task, generator in zip(tasks, generators, strict=True))
    return list(Parallel(n_jobs=n_jobs)(jobs))
