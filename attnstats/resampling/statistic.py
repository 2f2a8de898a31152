"""Statistics that can be resampled without forming the resamples."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np

from attnstats._validation import FloatArray, IntArray
from attnstats.exceptions import InvalidInputError


@dataclass(frozen=True)
class FunctionOfMeans:
    """A statistic that is a function of means; resampling it costs a matrix product.

    Parameters
    ----------
    function : callable
        Takes the vector of means and returns a number. They are those of the columns, shape (n_columns,), or under
        `Crossed` those of the strata, shape (n_strata,), in C order of the leading axes; those of several samples or
        data sets stand one after the other.

    Examples
    --------
    The lead of the first of three conditions over the better of the others:

    >>> from attnstats.resampling import IID, FunctionOfMeans
    >>> lead = FunctionOfMeans(lambda means: means[0] - means[1:].max())
    >>> IID().bind([[5.0, 1.0, 2.0], [7.0, 2.0, 3.0]]).observed(lead)
    3.5
    """

    function: Callable[[FloatArray], float]

    def __post_init__(self) -> None:
        if not callable(self.function):
            raise InvalidInputError(f"function: must take the means and return a number; got {self.function!r}")


@runtime_checkable
class WeightedStatistic(Protocol):
    """A statistic with a compiled path: it takes how often each row stands in a resample, not the resample."""

    def __call__(self, data: FloatArray) -> float:
        """Return the statistic of the data, shape (n, ...)."""
        ...

    def weighted(self, data: FloatArray, counts: FloatArray) -> FloatArray:
        """Return the statistic of every resample, shape (n_resamples,).

        Row i of the data stands ``counts[b, i]`` times in resample b; counts have shape (n_resamples, n).
        """
        ...


@runtime_checkable
class PermutedStatistic(Protocol):
    """A statistic of two samples with a compiled path over pairings."""

    def __call__(self, x: FloatArray, y: FloatArray) -> float:
        """Return the statistic of both samples."""
        ...

    def permuted(self, x: FloatArray, y: FloatArray, orders: IntArray) -> FloatArray:
        """Return the statistic of x and ``y[order]`` for each row of `orders`, shape (n_orders, n)."""
        ...


Statistic: TypeAlias = Callable[[Any], float] | FunctionOfMeans | WeightedStatistic


def means_function(statistic: Statistic) -> Callable[[Any], float] | None:
    """Return the function of the means that a statistic is; None if it needs the data."""
    if isinstance(statistic, FunctionOfMeans):
        return statistic.function
    return statistic if statistic is np.mean else None


def apply(function: Callable[[Any], float], means: FloatArray) -> FloatArray:
    """Return the function of each row of means."""
    if function is np.mean:
        return np.asarray(means.mean(axis=1) if means.shape[1] > 1 else means[:, 0])
    return np.array([evaluate(function, row) for row in means])


def gradient(function: Callable[[Any], float], means: FloatArray, steps: FloatArray) -> FloatArray:
    """Return the derivative of a function with respect to each mean, by central differences."""
    if function is np.mean:
        return np.full(means.size, 1 / means.size)
    above, below = np.split(apply(function, np.concatenate([means + np.diag(steps), means - np.diag(steps)])), 2)
    return np.asarray((above - below) / (2 * steps))


def check_takes(statistic: object, n_arguments: int, which: str) -> None:
    """Raise unless a statistic is a function that takes so many arguments, which `which` names."""
    if isinstance(statistic, type) or not callable(statistic):
        raise InvalidInputError(f"statistic: must be a function of {which}; got {statistic!r}")
    try:
        signature = inspect.signature(statistic)
    except (TypeError, ValueError):  # compiled functions may have none
        return
    try:
        signature.bind(*range(n_arguments))
        if n_arguments > 1 and list(signature.parameters)[1:2] == ["axis"]:
            raise TypeError("a second sample is no axis")
    except TypeError as error:
        arguments = "1 argument" if n_arguments == 1 else f"{n_arguments} arguments"
        raise InvalidInputError(f"statistic: must take {arguments}, {which}; got one that takes {signature}") from error


def evaluate(statistic: Any, *samples: Any, name: str = "statistic") -> float:
    """Return the statistic of samples, which must be one real number; what the function raises passes through."""
    with np.errstate(all="ignore"):  # an infinity is refused by name later
        value = statistic(*samples)
    if type(value) in (float, np.float64):
        return float(value)
    return check_number(value, name, "must return one number, and a real one")


def check_number(value: Any, name: str, rule: str = "must be one real number") -> float:
    """Return `value` as a float if it is one real number of any type."""
    found = None
    if not isinstance(value, str | bytes | complex | np.complexfloating | np.datetime64 | np.timedelta64):
        with suppress(TypeError, ValueError, OverflowError, RuntimeError):
            shape = np.shape(value)
            if not np.iscomplexobj(value):
                if shape == ():
                    return float(value)
                found = f"an array of shape {shape}"
    found = found or f"{value!r} ({type(value).__name__})"[:200]
    raise InvalidInputError(f"{name}: {rule}; got {found}")
