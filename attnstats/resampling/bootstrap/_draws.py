"""Compiled draws of random units. Numba's cache watches only the file of the kernel that is called: hence one file."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

from attnstats._validation import FloatArray, IntArray

Words: TypeAlias = NDArray[np.uint64]
Units: TypeAlias = NDArray[np.uint32]

_HALF, _LOW, _LARGEST = np.uint64(32), np.uint64(2**32 - 1), np.uint64(2**64 - 1)
_THREE, _ELEVEN, _ROTATION, _REST = (np.uint64(number) for number in (3, 11, 24, 40))


def seeded(generator: np.random.Generator) -> Words:
    """Return the state of an SFC64 that the generator seeds: three words and a counter."""
    state = np.empty(4, dtype=np.uint64)
    state[:3] = generator.integers(_LARGEST, size=3, dtype=np.uint64, endpoint=True)
    state[3] = 1
    sfc64(state, np.empty(12, dtype=np.uint64))  # the seed needs twelve rounds to spread
    return state


def random_words(generator: np.random.Generator, n_rows: int, n_draws: int) -> Words:
    """Return 64-bit words for `n_draws` draws in each row, two draws a word, by an SFC64 that the generator seeds."""
    words = np.empty((n_rows, -(-n_draws // 2)), dtype=np.uint64)
    sfc64(seeded(generator), words.reshape(-1))
    return words


@njit(cache=True)
def sfc64(state: Words, out: Words) -> None:
    """Fill `out` with the next numbers of the generator in `state`."""
    a, b, c, counter = state[0], state[1], state[2], state[3]  # local copies stay in registers
    for i in range(out.size):
        out[i] = counter + np.uint64(i)
    for i in range(out.size):
        out[i], a, b, c = _mixed(a, b, c, out[i])
    state[0], state[1], state[2], state[3] = a, b, c, counter + np.uint64(out.size)


@njit(cache=True)
def _mixed(a: np.uint64, b: np.uint64, c: np.uint64, counter: np.uint64) -> tuple[np.uint64, ...]:
    """Return the next number of an SFC64 and its next three words, mixed by shifts and one rotation."""
    # Give it counters that lie in an array: from those of a loop the compiler makes code that is a third slower.
    word = a + b + counter  # the counter rules out short cycles
    return word, b ^ (b >> _ELEVEN), c + (c << _THREE), ((c << _ROTATION) | (c >> _REST)) + word


def draw(n_units: int, n_resamples: int, generator: np.random.Generator) -> Units:
    """Return units drawn with replacement, shape (n_resamples, n_units)."""
    sizes = np.full(n_units, n_units, dtype=np.uint64)
    return np.asarray(scale(random_words(generator, n_resamples, n_units), sizes, np.zeros_like(sizes)))


@njit(cache=True)
def scale(words: Words, sizes: Words, starts: Words) -> Units:
    """Return draw j of each row as one of the units starts[j], ..., starts[j] + sizes[j] - 1."""
    # The high half of sizes[j] times 32 random bits has probabilities within 2^-32 of 1/sizes[j].
    drawn = np.empty((words.shape[0], sizes.size), dtype=np.uint32)
    for resample in range(words.shape[0]):
        for j in range(sizes.size):
            word = words[resample, j // 2]
            bits = word >> _HALF if j % 2 else word & _LOW  # odd draws take the high half of the word
            drawn[resample, j] = starts[j] + (bits * sizes[j] >> _HALF)
    return drawn


@njit(cache=True)
def tally(drawn: Units, n_units: int) -> FloatArray:
    """Return how often each resample drew each unit, shape (n_resamples, n_units)."""
    counts = np.zeros((drawn.shape[0], n_units))
    for resample in range(drawn.shape[0]):
        for j in range(drawn.shape[1]):
            counts[resample, drawn[resample, j]] += 1.0
    return counts


@njit(cache=True)
def drawn_sums(state: Words, n_resamples: int, values: FloatArray) -> FloatArray:
    """Return the sum of `values`, shape (n,), over the next n draws of the generator in each resample."""
    # The draws are those that `scale` takes from `random_words`. Used as they come, the words cost no memory, and the
    # processor looks up values while it mixes the next word.
    n, half = np.uint64(values.size), values.size // 2
    a, b, c = state[0], state[1], state[2]
    counters = state[3] + np.arange(half + values.size % 2).astype(np.uint64)
    sums = np.empty(n_resamples)
    for resample in range(n_resamples):
        low, high = 0.0, 0.0  # two sums, since one would wait for itself
        for j in range(half):
            word, a, b, c = _mixed(a, b, c, counters[j])
            low += values[(word & _LOW) * n >> _HALF]
            high += values[(word >> _HALF) * n >> _HALF]
        if values.size % 2:
            word, a, b, c = _mixed(a, b, c, counters[half])
            low += values[(word & _LOW) * n >> _HALF]
        counters += np.uint64(counters.size)
        sums[resample] = low + high
    state[0], state[1], state[2], state[3] = a, b, c, counters[0]
    return sums


@njit(cache=True)
def drawn_means(words: Words, values: FloatArray) -> FloatArray:
    """Return the mean of n draws of `values`, centred, shape (n,), in each row of words and its error s/sqrt(n)."""
    n = np.uint64(values.size)
    found = np.empty((words.shape[0], 2))
    for resample in range(words.shape[0]):
        low, high, low_square, high_square = 0.0, 0.0, 0.0, 0.0  # two sums each, since one would wait for itself
        for j in range(values.size // 2):
            word = words[resample, j]
            first, second = values[(word & _LOW) * n >> _HALF], values[(word >> _HALF) * n >> _HALF]
            low += first
            high += second
            low_square += first * first
            high_square += second * second
        if values.size % 2:
            first = values[(words[resample, values.size // 2] & _LOW) * n >> _HALF]
            low += first
            low_square += first * first
        mean = (low + high) / values.size
        total = low_square + high_square
        squares = total - mean * mean * values.size
        if squares <= 1e-6 * total:  # cancelled: draw the same units again, for their squares about the mean
            squares = 0.0
            for j in range(values.size):
                word = words[resample, j // 2]
                bits = word >> _HALF if j % 2 else word & _LOW
                squares += (values[bits * n >> _HALF] - mean) ** 2
        found[resample, 0] = mean
        found[resample, 1] = np.sqrt(squares / (values.size - 1) / values.size)
    return found


@njit(cache=True)
def drawn_errors(
    drawn: Units, sums: FloatArray, sizes: FloatArray, strata: IntArray, stratum_sizes: IntArray
) -> FloatArray:
    """Return the mean of the drawn units in every resample and its standard error, shape (n_resamples, 2)."""
    # Units have sums and sizes, shape (n_units,); place j of a resample holds a unit of stratum strata[j].
    found = np.empty((drawn.shape[0], 2))
    residual = np.empty(drawn.shape[1])
    for resample in range(drawn.shape[0]):
        total, size = 0.0, 0.0  # of what was drawn; their ratio is the mean
        for j in range(residual.size):
            total += sums[drawn[resample, j]]
            size += sizes[drawn[resample, j]]
        mean = total / size
        centre = np.zeros(stratum_sizes.size)
        for j in range(residual.size):
            residual[j] = sums[drawn[resample, j]] - mean * sizes[drawn[resample, j]]
            centre[strata[j]] += residual[j]
        centre /= stratum_sizes  # mean residual of each stratum: expanded squares would cancel where units are alike
        squares = np.zeros(stratum_sizes.size)
        for j in range(residual.size):
            squares[strata[j]] += (residual[j] - centre[strata[j]]) ** 2
        found[resample, 0] = mean
        found[resample, 1] = np.sqrt((squares * stratum_sizes / (stratum_sizes - 1)).sum()) / size
    return found


@njit(cache=True)
def nested_rows(groups: Units, words: Words, sizes: Words, starts: Words) -> IntArray:
    """Return the rows drawn within the drawn groups, shape (n_resamples, n_groups * largest); -1 fills up."""
    # Words have shape (n_resamples, n_groups, ceil(largest / 2)), and group g has the rows from starts[g] on.
    n_resamples, n_groups = groups.shape
    rows = np.full((n_resamples, n_groups, int(sizes.max())), -1)
    for resample in range(n_resamples):
        for k in range(n_groups):
            size, start = sizes[groups[resample, k]], starts[groups[resample, k]]
            for j in range(int(size)):
                word = words[resample, k, j // 2]
                bits = word >> _HALF if j % 2 else word & _LOW
                rows[resample, k, j] = start + (bits * size >> _HALF)
    return rows.reshape(n_resamples, -1)


@njit(cache=True)
def nested_sums(groups: Units, state: Words, sizes: Words, starts: Words, values: FloatArray) -> FloatArray:
    """Return the sum of `values` over the rows that `nested_rows` draws, and their number; shape (n_resamples, 2)."""
    # The words are those of `random_words`, used as they come: see `drawn_sums`.
    n_words = (int(sizes.max()) + 1) // 2  # of every drawn group
    a, b, c = state[0], state[1], state[2]
    counters = state[3] + np.arange(n_words).astype(np.uint64)
    sums = np.zeros((groups.shape[0], 2))
    for resample in range(groups.shape[0]):
        low, high = 0.0, 0.0
        for k in range(groups.shape[1]):
            size, start = sizes[groups[resample, k]], int(starts[groups[resample, k]])
            count = int(size)
            drawn = values[start : start + count]
            for j in range(count // 2):
                word, a, b, c = _mixed(a, b, c, counters[j])
                low += drawn[(word & _LOW) * size >> _HALF]
                high += drawn[(word >> _HALF) * size >> _HALF]
            for j in range(count // 2, n_words):  # the odd draw, and words that a larger group would use
                word, a, b, c = _mixed(a, b, c, counters[j])
                if 2 * j < count:
                    low += drawn[(word & _LOW) * size >> _HALF]
            counters += np.uint64(n_words)
            sums[resample, 1] += count
        sums[resample, 0] = low + high
    state[0], state[1], state[2], state[3] = a, b, c, counters[0]
    return sums
