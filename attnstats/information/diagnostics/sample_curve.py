"""An estimate against the sample size, extrapolated to an infinite one: a diagnosis of bias."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from attnstats._parallel import parallel_map
from attnstats._validation import (
    FloatArray,
    IntArray,
    RNGLike,
    as_float_array,
    as_generator,
    as_labels,
    check_count,
    check_positive,
)
from attnstats.exceptions import AttnstatsError, ConstantInputError
from attnstats.information._class_rule import Discrete
from attnstats.information._mutual_information import mutual_information
from attnstats.information._parts import estimate_rows
from attnstats.information._variables import variables_for
from attnstats.information.diagnostics._power_law_bias import PowerLawBias
from attnstats.information.interface import MIEstimator
from attnstats.information.knn.ksg import KSG
from attnstats.missing import CompleteCases, complete_cases
from attnstats.resampling.subsampling.interface import as_units
from attnstats.results import left_out

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class SampleSizeCurve:
    """An estimate of mutual information against the sample size, with its extrapolation: see `sample_size_curve`.

    Parameters
    ----------
    estimator, unit : str
        Estimator with its parameters, and what the sizes count: ``"rows"`` or ``"groups"``.
    sizes : tuple of int
        Sample sizes in ascending order; the last one is the whole sample.
    estimates : tuple of float
        Mean estimate at each size, in nats; the last one is the estimate itself.
    resampling_errors : tuple of float
        Standard error of each mean over the random parts, given the sample; 0 at the whole sample.
    sampling_error : float
        Standard error of the estimate from the whole sample, by half-sampling; the points of the curve share it.
    n_repeats : int
        How often the sample was cut into parts.
    rate : float
        Exponent of the bias, which is taken to be proportional to size^(-rate).
    rate_was_fitted : bool
        Whether the rate was fitted rather than assumed.
    bias, bias_error : float
        Estimated bias at the whole sample, and its standard error at this rate.
    n_missing : int
        Rows that were left out because something in them was missing.
    """

    estimator: str
    unit: str
    sizes: tuple[int, ...]
    estimates: tuple[float, ...]
    resampling_errors: tuple[float, ...]
    sampling_error: float
    n_repeats: int
    rate: float
    rate_was_fitted: bool
    bias: float
    bias_error: float
    n_missing: int = 0

    @property
    def value(self) -> float:
        """Estimate from the whole sample."""
        return self.estimates[-1]

    @property
    def extrapolated(self) -> float:
        """Estimate less its bias: where the curve ends at infinite size."""
        return self.value - self.bias

    @property
    def extrapolated_error(self) -> float:
        """Standard error of the extrapolated value: sampling error and error of the bias."""
        return sqrt(self.sampling_error**2 + self.bias_error**2)

    @property
    def bias_warning(self) -> bool:
        """Whether the bias is larger than the sampling error, and more than twice its own error.

        The first is a quarter of the width of a 95 % interval: from there on the interval misses too often.
        """
        return abs(self.bias) > max(self.sampling_error, 2 * self.bias_error)

    def summary(self) -> str:
        """Return the finding as a sentence."""
        size = f"n = {self.sizes[-1]} {self.unit}{left_out(self.n_missing)}"
        rate = f"{'fitted' if self.rate_was_fitted else 'assumed'} rate n^-{self.rate:.2g}"
        verdict = "exceeds" if self.bias_warning else "is within"
        return (
            f"{self.estimator}: MI = {self.value:.3g} nats at {size}, {self.extrapolated:.3g} ±"
            f" {self.extrapolated_error:.2g} extrapolated ({rate}); the bias of {self.bias:.2g} ±"
            f" {self.bias_error:.2g} {verdict} the sampling error of {self.sampling_error:.2g}"
        )

    def __repr__(self) -> str:
        return self.summary()

    def to_frame(self) -> pd.DataFrame:
        """Return a row for each size, and one for the extrapolation with an infinite size.

        The columns are ``estimator``, ``size``, ``value`` in nats, ``standard_error`` of that value as an estimate of
        its expectation, and ``resampling_error``, the part of it that the rows do not share.
        """
        import pandas as pd

        own_errors = np.array([*self.resampling_errors, self.bias_error])
        return pd.DataFrame(
            {
                "estimator": self.estimator,
                "size": [*map(float, self.sizes), np.inf],
                "value": [*self.estimates, self.extrapolated],
                "standard_error": np.hypot(own_errors, self.sampling_error),
                "resampling_error": own_errors,
            }
        )


def sample_size_curve(
    x: ArrayLike,
    y: ArrayLike,
    estimator: MIEstimator = KSG(),  # noqa: B008 (frozen)
    *,
    n_halvings: int = 3,
    rate: float | None = None,
    n_repeats: int = 10,
    groups: ArrayLike | None = None,
    discrete_x: Discrete = None,
    discrete_y: Discrete = None,
    missing: CompleteCases | None = None,
    n_jobs: int | None = None,
    rng: RNGLike = None,
) -> SampleSizeCurve:
    """Estimate mutual information at several sample sizes, and extrapolate to an infinite one.

    The sample is cut at random into halves, quarters, eighths, ..., and the estimates at each size are averaged,
    ``n_repeats`` times. Their differences to the estimate from the whole sample show its bias b; they are fitted by
    weighted least squares to

        mean at n / 2^l - estimate at n = b (2^(l rate) - 1),    l = 1, ..., n_halvings.

    Parameters
    ----------
    x, y, estimator, discrete_x, discrete_y, missing
        As in `mutual_information`; whether a variable is a class is decided from the whole sample.
    n_halvings : int, default 3
        How often the sample is halved, at least 2.
    rate : float or None
        Exponent of the bias: 1 for plug-in, parametric and held-out estimates in large samples, and for nearest
        neighbours the smaller, the more dimensions there are. By default it is fitted, from 0.25 to 2, where the curve
        moves by more than three standard errors; else 1 is taken.
    n_repeats : int, default 10
        How often the sample is cut, at least 5.
    groups : array_like of shape (n,), optional
        Rows that belong together; parts are made of whole groups, and sizes count groups.
    n_jobs : int, optional
        Workers; the numbers do not depend on it.
    rng : int, numpy.random.Generator or None
        Source of randomness.

    Returns
    -------
    SampleSizeCurve
        Its `bias_warning` is True where the bias is larger than the sampling error.

    Raises
    ------
    InvalidInputError
        If a parameter is outside its range.
    TooFewSamplesError
        If the smallest parts would have fewer than two rows or groups.
    AttnstatsError
        Whatever the estimator raises, with a note of the size at which it did.
    ConstantInputError
        If the estimate does not vary over parts of the sample.
    NonFiniteError
        If an estimate is not finite.

    Notes
    -----
    The extrapolation holds as far as the power law does, and its error does not include that of a fitted rate. Where
    the warning is True, take more samples, fewer dimensions or another estimator.

    References
    ----------
    Strong, Koberle, de Ruyter van Steveninck, Bialek (1998), Entropy and information in neural spike trains, Phys. Rev.
    Lett. 80, 197-200 (extrapolation in 1/n). Holmes and Nemenman (2019), Estimation of mutual information for
    real-valued data with error bars and controlled bias, Phys. Rev. E 100, 022404 (disjoint parts).

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.information import Binned, PlugIn, sample_size_curve
    >>> generator = np.random.default_rng(0)
    >>> x, y = generator.integers(5, size=(2, 1000))  # independent: the truth is 0, the bias 4 * 4 / (2 * 1000)
    >>> curve = sample_size_curve(x, y, Binned(entropy=PlugIn()), rate=1, rng=1)
    >>> curve.bias_warning, round(curve.bias, 3)
    (True, 0.009)
    """
    check_count(n_halvings, "n_halvings", minimum=2)
    check_count(n_repeats, "n_repeats", minimum=5)
    if rate is not None:
        check_positive(rate, "rate")
    generator = as_generator(rng)
    (x, y, groups), n_missing = complete_cases(missing, x=x, y=y, groups=groups)
    x, y = variables_for(estimator, x=(x, discrete_x), y=(y, discrete_y))
    whole = mutual_information(x, y, estimator, groups=groups, rng=generator)
    codes = None if groups is None else as_labels(groups, "groups")[0]
    units, n_units = as_units(whole.n_samples, codes, minimum=2 * 2**n_halvings)

    seed, cut_seed = (int(each) for each in generator.integers(2**63, size=2))
    estimate = partial(_estimate_part, partial(estimate_rows, estimator.estimate, (x, y), codes, seed), len(x))
    halve = partial(_estimate_halvings, estimate, units, n_units, n_halvings)
    levels = list(zip(*parallel_map(halve, range(n_repeats), rng=cut_seed, n_jobs=n_jobs), strict=True))
    parts = [as_float_array(level, "estimates from parts of the sample") for level in levels]  # (n_repeats, 2^level)

    # Given the sample, halves vary as much as the whole sample does between samples (`HalfSampling`).
    sampling_error = float(parts[0].std(ddof=1))
    if sampling_error == 0:
        same = float(parts[0][0, 0])
        raise ConstantInputError(f"estimate: must vary over parts of the sample; got {same!r} on each half")
    own_error = max(_own_error(parts), 1e-6 * sampling_error)  # a plain mean has none but rounding
    differences = np.column_stack([level.mean(axis=1) for level in parts]) - whole.value
    errors = differences.std(axis=0, ddof=1) / sqrt(n_repeats)
    if rate is None:
        law, fitted = PowerLawBias.seen_in(differences, own_error)
    else:
        law, fitted = PowerLawBias.at(rate, differences, own_error), False
    return SampleSizeCurve(
        estimator=whole.estimator,
        unit="rows" if groups is None else "groups",
        sizes=(*(n_units // 2**level for level in range(n_halvings, 0, -1)), n_units),
        estimates=(*(whole.value + differences.mean(axis=0)[::-1]).tolist(), whole.value),
        resampling_errors=(*errors[::-1].tolist(), 0.0),
        sampling_error=sampling_error,
        n_repeats=n_repeats,
        rate=law.rate,
        rate_was_fitted=fitted,
        bias=law.bias,
        bias_error=law.error,
        n_missing=n_missing,
    )


def _own_error(parts: list[FloatArray]) -> float:
    """Return the standard error of what the whole estimate does not share with those of its halves.

    Let it have variance v at n/2. The mean of the two quarters of a half has it too, so the difference has 2 v, and the
    whole sample v/2: a quarter of that. Halves of one sample show half of a variance (`HalfSampling`): twice that.
    """
    halves, quarters = parts[:2]
    return float((quarters.reshape(*halves.shape, 2).mean(axis=2) - halves).std(ddof=1)) / sqrt(2)


def _estimate_halvings(
    estimate: Callable[[IntArray], float],
    units: IntArray,
    n_units: int,
    n_halvings: int,
    _: int,
    generator: np.random.Generator,
) -> list[FloatArray]:
    """Return the estimates from both halves, from the four quarters, ...; the parts of a part are its neighbours."""
    place = generator.permutation(n_units)
    found = []
    for level in range(1, n_halvings + 1):
        part = (place // (n_units / 2**level)).astype(np.int64)[units]
        found.append(np.array([estimate(np.flatnonzero(part == each)) for each in range(2**level)]))
    return found


def _estimate_part(estimate: Callable[[IntArray], float], n: int, rows: IntArray) -> float:
    try:
        return estimate(rows)
    except AttnstatsError as error:
        error.add_note(f"while estimating from {len(rows)} of {n} rows: take fewer halvings")
        raise
