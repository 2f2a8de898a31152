"""Data bound to their units: a statistic of the data, of random resamples, and without one unit.

Statistics that depend on means alone go through matrix products of resampling weights; any other gets
resampled arrays.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

from attnstats._validation import FloatArray, IntArray
from attnstats.exceptions import InvalidInputError


@dataclass(frozen=True)
class FunctionOfMeans:
    """A statistic that depends on the data through means alone, so that resampling it costs a matrix product.

    Parameters
    ----------
    function : callable
        Takes the vector of means and returns a number. The means are those of the columns under `IID` and
        `Clustered`, shape (n_columns,), and those of the strata under `Crossed`, shape (n_strata,), in C
        order of the leading axes, one data set after the other.

    Examples
    --------
    The lead of the first of three conditions over the better of the others:

    >>> from attnstats.resampling import IID
    >>> lead = FunctionOfMeans(lambda means: means[0] - means[1:].max())
    >>> IID().bind([[5.0, 1.0, 2.0], [7.0, 2.0, 3.0]]).observed(lead)
    3.5
    """

    function: Callable[[FloatArray], float]


Statistic: TypeAlias = Callable[[Any], float] | FunctionOfMeans


class Sample(Protocol):
    """Data with the units that are resampled."""

    @property
    def factors(self) -> dict[str, int]:
        """Number of units of each resampled factor, by the factor's name."""
        ...

    def observed(self, statistic: Statistic) -> float:
        """Return the statistic of the data."""
        ...

    def resampled(self, statistic: Statistic, n_resamples: int, generator: np.random.Generator) -> FloatArray:
        """Return the statistic of random resamples, shape (n_resamples,)."""
        ...

    def leave_one_out(self, statistic: Statistic) -> FloatArray:
        """Return the statistic without each unit in turn, shape (n_units,)."""
        ...


class GroupedSample:
    """Rows in groups that are drawn whole; an independent row is a group of one.

    Parameters
    ----------
    data : ndarray, shape (n, ...)
        Rows.
    codes : ndarray, shape (n,)
        Group of each row, 0 to n_units - 1.
    unit : str
        What a group is called.
    """

    def __init__(self, data: FloatArray, codes: IntArray, unit: str) -> None:
        sizes = np.bincount(codes)
        self.data = data
        self.n_units = len(sizes)
        self.factors = {unit: self.n_units}
        self._members = None if np.array_equal(codes, np.arange(len(data))) else _members(codes, sizes)
        self._sizes = sizes[:, np.newaxis].astype(np.float64)
        self._sums = np.zeros((self.n_units, data.size // len(data)))
        np.add.at(self._sums, codes, data.reshape(len(data), -1))

    def observed(self, statistic: Statistic) -> float:
        """Return the statistic of the data."""
        if (function := _of_means(statistic)) is None:
            return _call(statistic, self.data)
        return float(_apply(function, self._sums.sum(0, keepdims=True) / self._sizes.sum())[0])

    def resampled(self, statistic: Statistic, n_resamples: int, generator: np.random.Generator) -> FloatArray:
        """Return the statistic of random resamples, shape (n_resamples,)."""
        drawn = _draw(self.n_units, n_resamples, generator)
        if (function := _of_means(statistic)) is None:
            return np.array([_call(statistic, self._rows(units)) for units in drawn])
        weights: FloatArray = tally(drawn, self.n_units)
        means: FloatArray = (weights @ self._sums) / (weights @ self._sizes)
        return _apply(function, means)

    def leave_one_out(self, statistic: Statistic) -> FloatArray:
        """Return the statistic without each unit in turn, shape (n_units,)."""
        if (function := _of_means(statistic)) is None:
            others = (np.delete(np.arange(self.n_units), unit) for unit in range(self.n_units))
            return np.array([_call(statistic, self._rows(units)) for units in others])
        means: FloatArray = (self._sums.sum(0) - self._sums) / (self._sizes.sum() - self._sizes)
        return _apply(function, means)

    def _rows(self, units: NDArray[np.integer[Any]]) -> FloatArray:
        rows = units if self._members is None else np.concatenate([self._members[unit] for unit in units])
        return np.take(self.data, rows, axis=0)


def _members(codes: IntArray, sizes: IntArray) -> list[IntArray]:
    return np.split(np.argsort(codes, kind="stable"), np.cumsum(sizes)[:-1])


class CrossedSample:
    """Data sets of shape (..., n_seeds, n_examples), in which seeds and examples are drawn independently.

    Parameters
    ----------
    blocks : list of ndarray, shape (..., n_seeds, n_examples)
        Data sets; NaN where an example is undefined for a seed.
    paired_seeds : bool
        Whether one draw of seeds serves all strata of a block.
    as_tuple : bool
        Whether callables get a tuple of arrays.
    """

    def __init__(self, blocks: list[FloatArray], *, paired_seeds: bool, as_tuple: bool) -> None:
        self.blocks = blocks
        self.paired_seeds = paired_seeds
        self.as_tuple = as_tuple
        self.factors = {
            "seeds": min(block.shape[-2] for block in blocks),
            "examples": min(block.shape[-1] for block in blocks),
        }

    def observed(self, statistic: Statistic) -> float:
        """Return the statistic of the data."""
        if (function := _of_means(statistic)) is None:
            return self._evaluate(statistic, self.blocks)
        means = [np.nanmean(block, axis=-1).mean(axis=-1).ravel() for block in self.blocks]
        return float(_apply(function, np.concatenate(means)[np.newaxis])[0])

    def resampled(self, statistic: Statistic, n_resamples: int, generator: np.random.Generator) -> FloatArray:
        """Return the statistic of random resamples, shape (n_resamples,)."""
        draws = [self._draw(block, n_resamples, generator) for block in self.blocks]
        if (function := _of_means(statistic)) is None:
            return np.array([self._evaluate(statistic, blocks) for blocks in self._arrays(draws, n_resamples)])
        means = [
            _crossed_means(block, seeds, examples) for block, (seeds, examples) in zip(self.blocks, draws, strict=True)
        ]
        return _apply(function, np.concatenate(means, axis=1))

    def leave_one_out(self, statistic: Statistic) -> FloatArray:  # noqa: ARG002
        """Refuse: with two crossed factors there is no one unit to leave out."""
        raise InvalidInputError(
            "method: must be Percentile() or Basic() for a Crossed design, whose two factors have no common unit "
            "to leave out; got BCa"
        )

    def _draw(
        self, block: FloatArray, n_resamples: int, generator: np.random.Generator
    ) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
        """Return seeds, shape (n_resamples, n_strata, n_seeds), and examples, shape (n_resamples, n_examples)."""
        n_strata, n_seeds, n_examples = _flat(block).shape
        n_draws = 1 if self.paired_seeds else n_strata
        seeds = _draw(n_seeds, n_resamples * n_draws, generator).reshape(n_resamples, n_draws, n_seeds)
        return np.broadcast_to(seeds, (n_resamples, n_strata, n_seeds)), _draw(n_examples, n_resamples, generator)

    def _arrays(
        self, draws: list[tuple[NDArray[np.uint32], NDArray[np.uint32]]], n_resamples: int
    ) -> Iterator[list[FloatArray]]:
        for resample in range(n_resamples):
            yield [
                _flat(block)[
                    np.arange(seeds.shape[1])[:, np.newaxis, np.newaxis],
                    seeds[resample][:, :, np.newaxis],
                    examples[resample],
                ].reshape(block.shape)
                for block, (seeds, examples) in zip(self.blocks, draws, strict=True)
            ]

    def _evaluate(self, statistic: Statistic, blocks: list[FloatArray]) -> float:
        return _call(statistic, tuple(blocks) if self.as_tuple else blocks[0])


def _crossed_means(block: FloatArray, seeds: NDArray[np.uint32], examples: NDArray[np.uint32]) -> FloatArray:
    """Return the mean of every stratum in every resample, shape (n_resamples, n_strata)."""
    n_strata, n_seeds, n_examples = _flat(block).shape
    rows = block.reshape(n_strata * n_seeds, n_examples)
    defined = ~np.isnan(rows)
    weights = tally(examples, n_examples)
    with np.errstate(invalid="ignore"):  # a seed left without a defined example gives NaN, refused by the caller
        if defined.all():
            row_means = weights @ rows.T / n_examples
        else:
            row_means = (weights @ np.where(defined, rows, 0.0).T) / (weights @ defined.T.astype(np.float64))
    by_stratum = row_means.reshape(-1, n_strata, n_seeds)
    return np.asarray(np.take_along_axis(by_stratum, seeds.astype(np.int64), axis=2).mean(axis=2))


def _flat(block: FloatArray) -> FloatArray:
    return block.reshape(-1, *block.shape[-2:])


def _draw(n_units: int, n_resamples: int, generator: np.random.Generator) -> NDArray[np.uint32]:
    """Return units drawn with replacement, shape (n_resamples, n_units).

    Each is the high half of n_units times 32 random bits. Its probability is 1/n_units within 2^-32;
    rejection would make it exact and take twice as long.
    """
    words = generator.integers(0, 2**64, size=(n_resamples, -(-n_units // 2)), dtype=np.uint64)
    drawn: NDArray[np.uint32] = _scale(words.view(np.uint32)[:, :n_units], n_units)
    return drawn


@njit(cache=True)
def _scale(bits: NDArray[np.uint32], n_units: int) -> NDArray[np.uint32]:
    drawn = np.empty(bits.shape, dtype=np.uint32)
    for resample in range(bits.shape[0]):
        for draw in range(bits.shape[1]):
            drawn[resample, draw] = np.uint64(bits[resample, draw]) * np.uint64(n_units) >> np.uint64(32)
    return drawn


@njit(cache=True)
def tally(drawn: NDArray[np.uint32], n_units: int) -> FloatArray:
    """Return how often each resample drew each unit, shape (n_resamples, n_units)."""
    counts = np.zeros((drawn.shape[0], n_units))
    for resample in range(drawn.shape[0]):
        for draw in range(drawn.shape[1]):
            counts[resample, drawn[resample, draw]] += 1.0
    return counts


def _of_means(statistic: Statistic) -> Callable[[Any], float] | None:
    """Return the function of the means that a statistic is; None if it needs the data."""
    if isinstance(statistic, FunctionOfMeans):
        return statistic.function
    return statistic if statistic is np.mean else None


def _apply(function: Callable[[Any], float], means: FloatArray) -> FloatArray:
    """Return the function of each row of means."""
    if function is np.mean:
        return np.asarray(means.mean(axis=1))
    return np.array([_call(function, row) for row in means])


def _call(statistic: Any, data: Any) -> float:
    value = statistic(data)
    if np.ndim(value) != 0:
        raise InvalidInputError(f"statistic: must return one number; got an array of shape {np.shape(value)}")
    return float(value)
