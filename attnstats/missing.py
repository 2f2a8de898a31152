"""Missing values: they raise an error unless complete cases are asked for, and are counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from attnstats._conversion import Given, read
from attnstats._validation import check_same_length
from attnstats.exceptions import InvalidInputError, TooFewSamplesError

__all__ = ["CompleteCases", "complete_cases"]


@dataclass(frozen=True)
class CompleteCases:
    """Leave out every row in which any of the variables is missing.

    NaN, NaT, None, `pandas.NA`, nulls and masked values are missing; infinity is not, and raises an error. The result's
    `n_missing` counts the rows left out. The others represent the population only if values are missing completely at
    random.

    References
    ----------
    Little, Rubin (2019), Statistical analysis with missing data, 3rd ed., Wiley, section 3.2.

    Examples
    --------
    >>> from attnstats import kendall
    >>> result = kendall([1, 2, None, 4, 5], [2, 1, 3, float("nan"), 5], missing=CompleteCases())
    >>> result.n, result.n_missing
    (3, 2)
    """


def complete_cases(missing: CompleteCases | None, **arrays: ArrayLike | Given | None) -> tuple[tuple[Any, ...], int]:
    """Return the variables, shape (n, ...), without the rows in which any is missing, and how many rows were left out.

    They go on to `as_float_array`, `as_samples`, `as_order` or `as_labels`, whose messages still number rows as the
    caller does. Without a policy the variables are returned as they are, and a missing value is an error there.

    Raises
    ------
    InvalidInputError
        If the policy is no policy, or the variables differ in length.
    TooFewSamplesError
        If no row is complete.

    Examples
    --------
    >>> import numpy as np
    >>> (x, y), n_missing = complete_cases(CompleteCases(), x=[1.0, None, 3.0], y=["a", "b", "c"])
    >>> np.asarray(x).tolist(), np.asarray(y).tolist(), n_missing
    ([1.0, 3.0], ['a', 'c'], 1)
    """
    if missing is None:
        return tuple(arrays.values()), 0
    if not isinstance(missing, CompleteCases):
        raise InvalidInputError(f"missing: must be None or CompleteCases(); got {missing!r}")
    given = {name: read(values, name) for name, values in arrays.items() if values is not None}
    if not given:
        return tuple(arrays.values()), 0
    for name, each in given.items():
        if each.array.ndim == 0:
            raise InvalidInputError(f"{name}: must have shape (n,) or (n, ...); got a single value")
    n = check_same_length(**{name: each.array for name, each in given.items()})
    incomplete: NDArray[np.bool_] = np.zeros(n, dtype=np.bool_)
    for each in given.values():
        incomplete |= each.absent().any(axis=tuple(range(1, each.array.ndim)))
    if not incomplete.any():
        return tuple(given.get(name) for name in arrays), 0
    kept = np.flatnonzero(~incomplete)
    if not len(kept):
        raise TooFewSamplesError(f"{' and '.join(given)}: must have at least one complete row; got none of {n}")
    return tuple(given[name].taken(kept) if name in given else None for name in arrays), int(incomplete.sum())
