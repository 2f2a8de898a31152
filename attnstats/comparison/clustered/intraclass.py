"""How alike the values of one cluster are: intraclass correlation and design effect."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.special import fdtri

from attnstats._validation import FloatArray, IntArray, as_float_array, check_at_least, check_fraction
from attnstats.comparison._unit import ROUNDING, Scaled
from attnstats.comparison.clustered._clusters import cluster_sums, coded_clusters
from attnstats.comparison.replication import MINIMUM_REPLICATES, check_replicates
from attnstats.exceptions import ConstantInputError
from attnstats.missing import CompleteCases, complete_cases
from attnstats.results import ConfidenceInterval, check_unit, counted, left_out


@dataclass(frozen=True, slots=True)
class IntraclassCorrelation:
    """How alike the values of one cluster are, and what that costs.

    Parameters
    ----------
    value : float
        The correlation of two values of one cluster; never clipped, so it may be negative.
    interval : ConfidenceInterval
        Of the correlation.
    n : int
        Number of clusters.
    mean_size : float
        Size of the cluster of a random value, Σ n_g²/Σ n_g.
    replication_unit, n_missing : str, int
        What a cluster is, and how many values were left out as incomplete.

    Examples
    --------
    >>> from attnstats.comparison import IntraclassCorrelation
    >>> from attnstats.results import ConfidenceInterval
    >>> IntraclassCorrelation(0.2, ConfidenceInterval(0.1, 0.4, level=0.95, method="F"), n=20, mean_size=6)
    ICC = 0.2, 95 % CI [0.1, 0.4], design effect 2, n = 20 clusters, F
    """

    value: float
    interval: ConfidenceInterval
    n: int
    mean_size: float
    replication_unit: str = "cluster"
    n_missing: int = 0

    def __post_init__(self) -> None:
        check_unit(self.replication_unit)

    @property
    def design_effect(self) -> float:
        """How many times as large the variance of the mean over values is as it would be if they were independent."""
        return 1 + (self.mean_size - 1) * self.value

    def summary(self) -> str:
        """Return the correlation in one line, as for a paper."""
        size = f"n = {counted(self.n, self.replication_unit)}{left_out(self.n_missing)}"
        cost = f"design effect {self.design_effect:.3g}"
        return f"ICC = {self.value:.3g}, {self.interval}, {cost}, {size}, {self.interval.method}"

    __repr__ = summary


def intraclass_correlation(
    values: ArrayLike,
    *,
    clusters: ArrayLike,
    confidence_level: float = 0.95,
    minimum_replicates: int = MINIMUM_REPLICATES,
    replication_unit: str = "cluster",
    missing: CompleteCases | None = None,
) -> IntraclassCorrelation:
    """Return the intraclass correlation of clustered values, with its interval and the design effect.

    The estimator from the one-way analysis of variance, with mean squares between and within clusters,

        (MS_between − MS_within) / (MS_between + (n_0 − 1) MS_within),  n_0 = (N − Σ n_g²/N)/(G − 1).

    The interval holds the correlations at which the weighted sum of squares of the cluster means over MS_within, an F
    variable for normal values in clusters of any sizes, is not extreme. The design effect is 1 + (Σ n_g²/N − 1) ICC
    (Kish 1965, Survey Sampling).

    Parameters
    ----------
    values : array_like, shape (n,)
        One value per unit; for two conditions on the same units their differences.
    clusters : array_like, shape (n,)
        Cluster of each unit; one of them at least must have two.
    confidence_level : float
        Level of the interval.
    minimum_replicates, replication_unit, missing
        As in `clustered_test`.

    Returns
    -------
    IntraclassCorrelation
        With its interval and the design effect.

    Raises
    ------
    TooFewSamplesError
        With fewer clusters than `minimum_replicates`, or no cluster of two.
    ConstantInputError
        If the values do not vary within clusters.

    References
    ----------
    Donner and Koval (1980), Biometrics 36, 19-25 (the estimator). Wald (1940), Annals of Mathematical Statistics 11,
    96-100 (the interval).

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.comparison import intraclass_correlation
    >>> rng = np.random.default_rng(0)
    >>> documents = np.repeat(np.arange(30), 5)
    >>> scores = rng.normal(0, 0.5, size=30)[documents] + rng.normal(size=150)
    >>> intraclass_correlation(scores, clusters=documents, replication_unit="document")
    ICC = 0.178, 95 % CI [0.0429, 0.369], design effect 1.71, n = 30 documents, F of a one-way analysis of variance
    """
    level = check_fraction(confidence_level, "confidence_level")
    (given, labels), n_missing = complete_cases(missing, values=values, clusters=clusters)
    data = Scaled.of(as_float_array(given, "values", ndim=1))
    codes, sizes = coded_clusters(labels, len(data.values))
    check_replicates(len(sizes), minimum_replicates=minimum_replicates, replication_unit=replication_unit)
    check_at_least(int(sizes.max()), 2, "number of values in the largest cluster")
    return IntraclassCorrelation(
        *_correlation(data, codes, sizes, level),
        n=len(sizes),
        mean_size=float((sizes**2).sum() / sizes.sum()),
        replication_unit=replication_unit,
        n_missing=n_missing,
    )


def _correlation(data: Scaled, codes: IntArray, sizes: IntArray, level: float) -> tuple[float, ConfidenceInterval]:
    """Return the estimate and its interval."""
    means = cluster_sums(data.values, codes) / sizes
    residuals = data.values - means[codes]
    if float(np.abs(residuals).max()) <= ROUNDING * data.largest:
        raise ConstantInputError(f"{data.unit.name}: must vary within a cluster; got equal ones in each")
    n, n_clusters = len(codes), len(sizes)
    within = float((residuals**2).sum()) / (n - n_clusters)
    between = float((sizes * (means - data.values.mean()) ** 2).sum()) / (n_clusters - 1)
    size = (n - float((sizes**2).sum()) / n) / (n_clusters - 1)
    value = (between - within) / (between + (size - 1) * within)
    low, high = (_at_quantile(means, sizes, within, n - n_clusters, (1 + sign * level) / 2) for sign in (1, -1))
    return value, ConfidenceInterval(low, high, level, "F of a one-way analysis of variance")


def _at_quantile(means: FloatArray, sizes: IntArray, within: float, df: int, probability: float) -> float:
    """Return the correlation at which the F ratio is a quantile of its distribution; it falls as they grow."""
    quantile = float(fdtri(len(sizes) - 1, df, probability))

    def excess(correlation: float) -> float:
        weights = sizes / (1 + (sizes - 1) * correlation)
        distances = means - weights @ means / weights.sum()
        ratio = (1 - correlation) * float(weights @ distances**2) / ((len(sizes) - 1) * within)
        return ratio - quantile

    smallest = -1 / (int(sizes.max()) - 1)
    inside = smallest + 1e-9 * abs(smallest)  # at the smallest correlation there is, the largest cluster weighs all
    return smallest if excess(inside) <= 0 else float(brentq(excess, inside, 1.0, xtol=1e-12))
