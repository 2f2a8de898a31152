"""The mean of clustered values, or of their differences: its cluster-robust interval and test."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from attnstats._conversion import read
from attnstats._validation import ALTERNATIVES, IntArray, check_fraction, check_member
from attnstats.comparison._arguments import check_equivalence_level
from attnstats.comparison._unit import ROUNDING, Scaled
from attnstats.comparison.clustered._clusters import cluster_sums, coded_clusters
from attnstats.comparison.replication import MINIMUM_REPLICATES, ReplicateMean, check_replicates, paired_differences
from attnstats.comparison.two_conditions.equivalence import Margin, check_margin, two_one_sided
from attnstats.exceptions import ConstantInputError
from attnstats.missing import CompleteCases, complete_cases
from attnstats.results import SignificanceResult, plural


def clustered_test(
    a: ArrayLike,
    b: ArrayLike = 0.0,
    *,
    clusters: ArrayLike,
    alternative: str = "two-sided",
    confidence_level: float = 0.95,
    minimum_replicates: int = MINIMUM_REPLICATES,
    replication_unit: str = "cluster",
    missing: CompleteCases | None = None,
) -> SignificanceResult:
    """Test whether condition a is higher than condition b, on units that lie in clusters.

    The questions of one document, or the items of one subject, are no independent units; the clusters are. The effect
    is the mean difference over units, in which large clusters weigh more, with the bias-reduced cluster-robust variance
    (CR2) and Satterthwaite degrees of freedom, both from independent units as working model. With n_g the size of
    cluster g, N that of all, and e_g the sum of its residuals,

        var = Σ_g e_g²/(1 − n_g/N) / N².

    For clusters of one size it is the t test over the means of the clusters. Values may be of any kind, 0 and 1 too;
    where they are skewed and the clusters few, it rejects somewhat too often.

    Parameters
    ----------
    a : array_like, shape (n,)
        One value per unit.
    b : array_like, shape (n,), or float
        The other condition on the same units, in the same order; or a number.
    clusters : array_like, shape (n,)
        Cluster of each unit.
    alternative : {'two-sided', 'less', 'greater'}
        Sign of the mean of a − b under the alternative hypothesis.
    confidence_level : float
        Level of the interval.
    minimum_replicates : int
        Fewest clusters accepted, at least 2; fewer than 8 give a `FewReplicatesWarning`.
    replication_unit : str
        What a cluster is, in the singular: ``"document"``, ``"subject"``.
    missing : CompleteCases, optional
        How to treat missing values, unit by unit; by default they raise an error.

    Returns
    -------
    SignificanceResult
        The statistic is t; ``n`` counts clusters.

    Raises
    ------
    InvalidInputError
        If the shapes differ or an option is not as above.
    NonFiniteError
        If a value is NaN or infinite or a cluster missing, and `missing` does not leave it out.
    TooFewSamplesError
        With fewer clusters than `minimum_replicates`.
    ConstantInputError
        If no difference varies, or all clusters have the same mean.

    References
    ----------
    Bell and McCaffrey (2002), Survey Methodology 28, 169-181. Pustejovsky and Tipton (2018), Journal of Business and
    Economic Statistics 36, 672-683.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.comparison import clustered_test
    >>> rng = np.random.default_rng(0)
    >>> documents = np.repeat(np.arange(12), [3, 8, 5, 5, 2, 9, 4, 6, 5, 3, 7, 3])
    >>> differences = 0.4 + rng.normal(0, 0.5, size=12)[documents] + rng.normal(size=60)
    >>> clustered_test(differences, clusters=documents, replication_unit="document")
    mean difference = 0.541, 95 % CI [0.0831, 0.998], p = .025, n = 12 documents, cluster-robust t test (CR2, df = 9.24)
    """
    check_member(alternative, "alternative", ALTERNATIVES)
    level = check_fraction(confidence_level, "confidence_level")
    mean = clustered_mean(a, b, clusters, minimum_replicates, replication_unit, missing)
    tested = mean.statistic(0.0), mean.pvalue(0.0, alternative)
    test = f"cluster-robust t test (CR2, df = {mean.df:.3g})"
    return mean.result(test, "mean difference", alternative, *tested, level)


def clustered_equivalence_test(
    a: ArrayLike,
    b: ArrayLike = 0.0,
    *,
    clusters: ArrayLike,
    margin: Margin,
    alpha: float = 0.05,
    minimum_replicates: int = MINIMUM_REPLICATES,
    replication_unit: str = "cluster",
    missing: CompleteCases | None = None,
) -> SignificanceResult:
    """Test whether the mean difference of clustered units lies within a margin, ± one number or between two (TOST).

    `equivalence_test` (Schuirmann 1987, see there) for units in clusters: the larger of the p-values of the two
    one-sided tests, below alpha exactly when the interval of level 1 − 2 alpha lies inside the margin.

    Parameters
    ----------
    a, b, clusters, minimum_replicates, replication_unit, missing
        As in `clustered_test`, with the same errors.
    margin : float, or tuple of two floats
        Smallest difference that would matter, or the two ``(low, high)`` outside of which it would, in the unit of the
        values, declared before looking.
    alpha : float
        Level of the test; the interval has level 1 − 2 alpha.

    Returns
    -------
    SignificanceResult
        The statistic is the t that is nearer to the null; the alternative is ``"equivalence"``.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.comparison import clustered_equivalence_test
    >>> differences = np.random.default_rng(0).normal(0, 0.1, size=60)
    >>> clustered_equivalence_test(differences, clusters=np.repeat(np.arange(12), 5), margin=0.05)
    mean difference = 0.00773, 90 % CI [-0.0196, 0.035], p = .009, n = 12 clusters, two one-sided cluster-robust t tests
    (TOST, CR2, df = 11)
    """
    ends = check_margin(margin)
    check_equivalence_level(alpha)
    mean = clustered_mean(a, b, clusters, minimum_replicates, replication_unit, missing)
    test = f"two one-sided cluster-robust t tests (TOST, CR2, df = {mean.df:.3g})"
    return mean.result(test, "mean difference", "equivalence", *two_one_sided(mean, ends), 1 - 2 * alpha)


def clustered_mean(
    a: ArrayLike,
    b: ArrayLike,
    clusters: ArrayLike,
    minimum_replicates: int,
    replication_unit: str,
    missing: CompleteCases | None,
) -> ReplicateMean:
    """Return the mean difference over units, with its cluster-robust error and degrees of freedom."""
    if not read(b, "b").shape:
        (first, labels), n_missing = complete_cases(missing, a=a, clusters=clusters)
        second = b
    else:
        (first, second, labels), n_missing = complete_cases(missing, a=a, b=b, clusters=clusters)
    differences = paired_differences(first, second, "take equivalence_test with paired=False")
    codes, sizes = coded_clusters(labels, len(differences.values))
    check_replicates(len(sizes), minimum_replicates=minimum_replicates, replication_unit=replication_unit)
    differences.check_varies([differences.values])
    value = float(differences.values.mean())
    return ReplicateMean(
        value,
        _robust_error(differences, value, codes, sizes, replication_unit),
        _satterthwaite(sizes),
        len(sizes),
        f"cluster-robust t over {plural(replication_unit)}",
        differences.unit,
        replication_unit,
        n_missing,
    )


def _robust_error(data: Scaled, mean: float, codes: IntArray, sizes: IntArray, unit: str) -> float:
    """Return the CR2 standard error of the mean over units."""
    residuals, n = cluster_sums(data.values - mean, codes), len(codes)
    if float(np.abs(residuals / sizes).max()) <= ROUNDING * data.largest:
        raise ConstantInputError(f"{data.unit.name}: must differ between {plural(unit)}; got the same mean in all")
    return math.sqrt(float((residuals**2 / (1 - sizes / n)).sum())) / n


def _satterthwaite(sizes: IntArray) -> float:
    """Return (Σ λ)²/Σ λ² for the eigenvalues λ of the quadratic form that the CR2 variance is of independent units.

    Its matrix has c_g c_h (δ_gh n_g − n_g n_h/N) for clusters g and h, with c_g² = 1/(N² (1 − n_g/N)); the sums are
    those of its diagonal and of its squared elements.
    """
    share = sizes / sizes.sum()
    weight = share**2 / (1 - share)
    return float(1 / ((share**2).sum() + weight.sum() ** 2 - (weight**2).sum()))
