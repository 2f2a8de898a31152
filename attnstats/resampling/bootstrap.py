"""Bootstrap intervals: percentile, basic and BCa, over independent, clustered or crossed data."""

import warnings
from dataclasses import dataclass
from functools import partial
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri

from attnstats._parallel import parallel_map
from attnstats._validation import FloatArray, RNGLike, check_count, check_fraction
from attnstats.exceptions import ConstantInputError, FewReplicatesWarning, InvalidInputError, NonFiniteError
from attnstats.resampling.designs import IID, Clustered, Crossed
from attnstats.resampling.samples import Sample, Statistic
from attnstats.results import ConfidenceInterval

#: Below this number of units of a factor a bootstrap interval is known to be too short.
MIN_UNITS = 8
#: Units that one task draws: its weights, 1 MiB, stay in the processor's cache.
DRAWS_PER_TASK = 2**17


class BootstrapMethod(Protocol):
    """How a bootstrap distribution becomes an interval."""

    name: ClassVar[str]

    @property
    def n_resamples(self) -> int:
        """Number of resamples."""
        ...

    def limits(self, values: FloatArray, sample: Sample, statistic: Statistic, level: float) -> tuple[float, float]:
        """Return both ends from the bootstrap distribution `values`, shape (n_resamples,)."""
        ...


@dataclass(frozen=True)
class Percentile:
    """Quantiles of the bootstrap distribution (Efron 1979).

    With few units it is too short, since a resample of n units has variance (n - 1)/n of what it should:
    below 20 clusters or seeds it covers less than it claims. Under `Crossed` the excess in the interaction
    component offsets part of that.

    Examples
    --------
    >>> Percentile()
    Percentile(n_resamples=9999)
    """

    name: ClassVar[str] = "percentile bootstrap"
    n_resamples: int = 9_999

    def __post_init__(self) -> None:
        check_count(self.n_resamples, "n_resamples", minimum=2)

    def limits(self, values: FloatArray, sample: Sample, statistic: Statistic, level: float) -> tuple[float, float]:  # noqa: ARG002
        """Return both ends from the bootstrap distribution `values`, shape (n_resamples,)."""
        low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
        return float(low), float(high)


@dataclass(frozen=True)
class Basic:
    """The percentile interval reflected about the estimate (Davison and Hinkley 1997, equation 5.6).

    Examples
    --------
    >>> Basic(999)
    Basic(n_resamples=999)
    """

    name: ClassVar[str] = "basic bootstrap"
    n_resamples: int = 9_999

    def __post_init__(self) -> None:
        check_count(self.n_resamples, "n_resamples", minimum=2)

    def limits(self, values: FloatArray, sample: Sample, statistic: Statistic, level: float) -> tuple[float, float]:
        """Return both ends from the bootstrap distribution `values`, shape (n_resamples,)."""
        low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
        centre = sample.observed(statistic)
        return float(2 * centre - high), float(2 * centre - low)


@dataclass(frozen=True)
class BCa:
    """Percentile interval corrected for bias and acceleration (Efron 1987).

    With z0 the normal quantile of the share of resamples below the estimate and a the acceleration from the
    jackknife, the ends are the quantiles at Φ(z0 + (z0 + z)/(1 − a (z0 + z))). Under `Clustered` the
    jackknife leaves out one cluster; under `Crossed` it is not defined, and the interval is refused.

    References
    ----------
    Efron (1987), Better bootstrap confidence intervals, Journal of the American
    Statistical Association 82, 171-185.

    Examples
    --------
    >>> BCa()
    BCa(n_resamples=9999)
    """

    name: ClassVar[str] = "BCa bootstrap"
    n_resamples: int = 9_999

    def __post_init__(self) -> None:
        check_count(self.n_resamples, "n_resamples", minimum=2)

    def limits(self, values: FloatArray, sample: Sample, statistic: Statistic, level: float) -> tuple[float, float]:
        """Return both ends from the bootstrap distribution `values`, shape (n_resamples,)."""
        centre = sample.observed(statistic)
        below = (np.count_nonzero(values < centre) + np.count_nonzero(values <= centre)) / (2 * len(values))
        if not 0 < below < 1:
            raise InvalidInputError(
                f"statistic: must lie inside its bootstrap distribution for BCa; got {centre!r} outside "
                f"[{values.min()!r}, {values.max()!r}]"
            )
        jackknife = sample.leave_one_out(statistic)
        _check_statistics(jackknife, "with one unit left out")
        deviations = jackknife.mean() - jackknife
        spread = float((deviations**2).sum())
        if spread == 0:
            raise ConstantInputError("statistic: must vary when one unit is left out; got the same value each time")
        acceleration = float((deviations**3).sum()) / (6 * spread**1.5)
        z0 = ndtri(below)
        z = z0 + ndtri(np.array([(1 - level) / 2, (1 + level) / 2]))
        denominator = 1 - acceleration * z
        if (denominator <= 0).any():
            raise InvalidInputError(f"data: are too skewed for BCa; the acceleration is {acceleration:.3g}")
        low, high = np.quantile(values, ndtr(z0 + z / denominator))
        return float(low), float(high)


def bootstrap_interval(
    data: ArrayLike | tuple[ArrayLike, ...],
    statistic: Statistic,
    *,
    method: BootstrapMethod = BCa(),
    design: IID | Clustered | Crossed = IID(),  # noqa: B008 (frozen)
    confidence_level: float = 0.95,
    n_jobs: int | None = None,
    rng: RNGLike = None,
) -> ConfidenceInterval:
    """Return a bootstrap confidence interval of a statistic.

    Parameters
    ----------
    data : array_like
        Shape (n, ...) under `IID` and `Clustered`, (..., n_seeds, n_examples) under `Crossed`, which also
        takes a tuple of such arrays, one for each data set.
    statistic : callable or FunctionOfMeans
        Takes data of the same layout and returns a number. `numpy.mean` and `FunctionOfMeans` are computed by
        matrix products, without forming the resamples.
    method : BCa, Percentile or Basic
        How the interval is made from the bootstrap distribution. `BCa` needs a jackknife, which `Crossed` has
        not.
    design : IID, Clustered or Crossed
        What is drawn together.
    confidence_level : float
        Nominal level, in (0, 1).
    n_jobs : int, optional
        Workers; the numbers do not depend on it.
    rng : seed or Generator, optional
        Source of randomness.

    Returns
    -------
    ConfidenceInterval
        In the unit of the statistic.

    Raises
    ------
    InvalidInputError
        If the layout does not fit the design, or the method does not.
    NonFiniteError
        If the data, or the statistic of a resample, are not finite.
    ConstantInputError
        If the statistic is the same on every resample.

    Warns
    -----
    FewReplicatesWarning
        With fewer than 8 rows, clusters, seeds or examples.

    References
    ----------
    Efron and Tibshirani (1993), An Introduction to the Bootstrap. Owen (2007), Annals
    of Applied Statistics 1, 386-411.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.random.default_rng(0).normal(size=100)
    >>> bootstrap_interval(x, np.mean, rng=1)
    95 % CI [-0.113, 0.266] (BCa bootstrap, 9999 resamples)

    Ten trained models on the same 50 examples:

    >>> values = np.random.default_rng(0).normal(size=(10, 50))
    >>> bootstrap_interval(values, np.mean, design=Crossed(), method=Percentile(), rng=1)
    95 % CI [-0.17, 0.113] (crossed percentile bootstrap, 9999 resamples)
    """
    level = check_fraction(confidence_level, "confidence_level")
    sample = design.bind(data)  # type: ignore[arg-type]
    if isinstance(design, Crossed) and isinstance(method, BCa):
        sample.leave_one_out(statistic)  # refuses before the work is done
    for factor, count in sample.factors.items():
        if count < MIN_UNITS:
            warnings.warn(
                f"data: must have {MIN_UNITS} {factor} for the interval to keep its level; got {count}",
                FewReplicatesWarning,
                stacklevel=2,
            )
    size = max(1, DRAWS_PER_TASK // sum(sample.factors.values()))
    tasks = [min(size, method.n_resamples - start) for start in range(0, method.n_resamples, size)]
    values = np.concatenate(parallel_map(partial(sample.resampled, statistic), tasks, rng=rng, n_jobs=n_jobs))
    _check_statistics(values, "of a resample")
    if values.min() == values.max():
        raise ConstantInputError(f"statistic: must vary over resamples; got {values[0]!r} each time")
    low, high = method.limits(values, sample, statistic, level)
    prefix = {Clustered: "cluster ", Crossed: "crossed "}.get(type(design), "")
    return ConfidenceInterval(low, high, level, prefix + method.name, method.n_resamples)


def _check_statistics(values: FloatArray, where: str) -> None:
    undefined = int((~np.isfinite(values)).sum())
    if undefined:
        raise NonFiniteError(f"statistic: must be finite; got {undefined} NaN or infinite value(s) {where}")
