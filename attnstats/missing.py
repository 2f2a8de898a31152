"""What to do about missing values: nothing is left out unless it is asked for, and then it is counted."""

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

    NaN, NaT, None, `pandas.NA`, nulls and what a mask hides are missing. Infinity is not: it raises an error. The
    result says in `n_missing` how many rows were left out. What remains is a sample of the population only if the
    values are missing completely at random (Little and Rubin 2019).

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
    """Return the named variables without the rows in which any of them is missing, and how many rows were left out.

    For the door of a function with the keyword `missing`: each variable that comes back is taken by `as_float_array`,
    `as_samples`, `as_order` and `as_labels` of `attnstats._validation`, whose messages go on naming rows as the caller
    counts them. Without a policy the variables come back as they are, and the first missing value raises there.

    Parameters
    ----------
    missing : CompleteCases or None
        The policy.
    **arrays : array_like of shape (n, ...), or None
        The variables by their names, row by row; None for one that was not given.

    Returns
    -------
    arrays : tuple
        In the order of the names.
    n_missing : int
        Rows that were left out.

    Raises
    ------
    InvalidInputError
        If the policy is none, or the variables differ in length.
    TooFewSamplesError
        If no row is complete.

    Examples
    --------
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
        absent = each.absent()
        incomplete |= absent.any(axis=tuple(range(1, absent.ndim)))
    if not incomplete.any():
        return tuple(given.get(name) for name in arrays), 0
    kept = np.flatnonzero(~incomplete)
    if not len(kept):
        raise TooFewSamplesError(f"{' and '.join(given)}: must have a complete row; got none among {n}")
    return tuple(given[name].taken(kept) if name in given else None for name in arrays), int(incomplete.sum())
