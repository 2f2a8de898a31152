"""The null of independent series: one of them put in an order with the same values and nearly the same spectrum."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attnstats._validation import IntArray, check_at_least, check_count
from attnstats._variable import Variable
from attnstats.exceptions import InvalidInputError
from attnstats.information.series.interface import SeriesNull

_FEWEST = 16


@dataclass(frozen=True)
class PhaseSurrogate(SeriesNull):
    """Series with the values and the autocorrelation of one of two, and random phases (iterated amplitude adjustment).

    From a random order of the values two steps alternate: the amplitudes of the Fourier transform are set to those of
    the series while the phases stay, and the values are put back in the order of the result. Such series are those of a
    Gaussian process seen through a monotone function; what a series owes to its past otherwise is lost. Where its end
    lies far from its start, that jump stands in the spectrum as noise: take a stretch that ends where it began.

    Parameters
    ----------
    n_resamples : int, default 199
        Series drawn; the smallest attainable p-value is 1 / (n_resamples + 1).
    n_iterations : int, default 100
        Most rounds of the two steps; they end when the order stays as it is.

    Raises
    ------
    InvalidInputError
        If the series that is put in another order is no single column of measurements.

    References
    ----------
    Schreiber and Schmitz (1996), Improved surrogate data for nonlinearity tests, Phys. Rev. Lett. 77, 635.

    Examples
    --------
    >>> from attnstats.information import PhaseSurrogate
    >>> PhaseSurrogate(99).floor
    0.01
    """

    n_resamples: int = 199
    n_iterations: int = 100

    def __post_init__(self) -> None:
        super().__post_init__()
        check_count(self.n_iterations, "n_iterations")

    def rearranged(self, series: Variable, generator: np.random.Generator) -> IntArray:
        """Return for each row of a series the row whose value it receives, shape (n,)."""
        if series.discrete != (False,):
            raise InvalidInputError(
                f"null: must be CircularShift() or BlockPermutation() for a series of classes or of several columns; "
                f"got {self!r}"
            )
        values = series.plain()[:, 0].astype(np.float64)
        n = len(values)
        check_at_least(n, _FEWEST, "number of rows for PhaseSurrogate")
        # A value of any unit has the same surrogates, and its transform neither overflows nor vanishes.
        scaled = values - values.mean()
        scaled /= np.abs(scaled).max() or 1.0
        order = np.argsort(scaled, kind="stable")
        ascending, amplitudes = scaled[order], np.abs(np.fft.rfft(scaled))
        ranks = generator.permutation(n)
        for _ in range(self.n_iterations):
            transform = np.fft.rfft(ascending[ranks])
            size = np.abs(transform)
            phases = np.divide(transform, size, out=np.ones_like(transform), where=size > 0)
            following = np.empty(n, dtype=np.int64)
            following[np.argsort(np.fft.irfft(phases * amplitudes, n), kind="stable")] = np.arange(n)
            if (following == ranks).all():
                break
            ranks = following
        return order[ranks]
