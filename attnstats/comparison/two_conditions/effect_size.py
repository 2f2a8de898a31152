"""Effect sizes: standardised differences and the probability of superiority."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaln

from attnstats._validation import FloatArray, IntArray, as_float_array, as_labels, check_at_least, check_same_length
from attnstats.comparison._unit import Scaled
from attnstats.comparison.replication import paired_differences, split_by_stratum


def hedges_g(a: ArrayLike, b: ArrayLike = 0.0, *, strata: ArrayLike | None = None) -> float:
    """Return the mean paired difference over the standard deviation of the differences, corrected for small samples.

    With d_i = a_i − b_i, g = J(m) · mean(d)/s, where s² is the variance of the differences pooled within strata, m its
    degrees of freedom (n minus the number of strata), and J(m) = Γ(m/2)/(sqrt(m/2) Γ((m − 1)/2)). The source is Hedges
    (1981), Journal of Educational Statistics 6, 107-128. This g of differences ("g_z") grows as the pairing gets better
    and is not comparable with `hedges_g_independent`.

    Parameters
    ----------
    a : array_like, shape (n,)
        One value per replicate.
    b : array_like, shape (n,), or float
        The other condition of the same replicates, or a number: zero where `a` holds differences already.
    strata : array_like, shape (n,), optional
        Stratum of each pair; the mean is that of the strata's means.

    Returns
    -------
    float
        In standard deviations.

    Raises
    ------
    TooFewSamplesError, ConstantInputError
        With fewer than two degrees of freedom m; if the differences do not vary.

    Examples
    --------
    >>> from attnstats.comparison import hedges_g
    >>> round(hedges_g([0.3, 0.1, 0.4, 0.2, 0.5, 0.2, 0.1, 0.6]), 3)
    1.439
    """
    return standardised_difference(a, b, strata).unbiased


def hedges_g_independent(a: ArrayLike, b: ArrayLike) -> float:
    """Return the difference of two means over their pooled standard deviation, corrected for small samples.

    g = J(m) · (mean(a) − mean(b))/s, with s² the pooled variance, m = n_a + n_b − 2, and J and the source as in
    `hedges_g`.

    Parameters
    ----------
    a, b : array_like, shape (n_a,) and (n_b,)
        One value per replicate; not paired.

    Returns
    -------
    float
        In standard deviations.

    Raises
    ------
    TooFewSamplesError, ConstantInputError
        With fewer than four values in all; if neither sample varies.

    Examples
    --------
    >>> from attnstats.comparison import hedges_g_independent
    >>> round(hedges_g_independent([3.0, 4.0, 5.0], [1.0, 2.0, 3.0]), 2)
    1.6
    """
    return standardised_difference_of_means(a, b).unbiased


def probability_of_superiority(a: ArrayLike, b: ArrayLike, *, strata: ArrayLike | None = None) -> float:
    """Return the probability that a random value of a exceeds a random value of b, ties counting one half.

    P(A > B) + P(A = B)/2 over all pairs, the Mann-Whitney U divided by n_a n_b (Vargha and Delaney 2000, J. Educ.
    Behav. Stat. 25, 101-132).

    Parameters
    ----------
    a, b : array_like, shape (n_a,) and (n_b,)
        One value per replicate.
    strata : array_like, shape (n,), optional
        Stratum of each element of both `a` and `b`, then of one length n: values are compared within strata, and the
        mean over strata is returned.

    Returns
    -------
    float
        In [0, 1].

    Raises
    ------
    TooFewSamplesError
        If a sample is empty.

    Examples
    --------
    >>> from attnstats.comparison import probability_of_superiority
    >>> probability_of_superiority([3, 4], [1, 3])
    0.875
    """
    first, second = two_samples(a, b)
    if strata is not None:
        check_same_length(a=first, b=second, strata=as_labels(strata, "strata")[0])
    pairs = zip(split_by_stratum(first, strata), split_by_stratum(second, strata), strict=True)
    return float(np.mean([float(doubled_placements(x, y).sum()) / (2 * len(x) * len(y)) for x, y in pairs]))


def two_samples(a: ArrayLike, b: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return two samples that are not paired, neither of them empty."""
    first, second = as_float_array(a, "a", ndim=1), as_float_array(b, "b", ndim=1)
    for values, name in ((first, "a"), (second, "b")):
        check_at_least(len(values), 1, f"number of values in {name}")
    return first, second


def scaled_samples(a: ArrayLike, b: ArrayLike) -> tuple[Scaled, list[FloatArray]]:
    """Return two samples that are not paired, one after the other in their common unit, and each of them there."""
    first, second = two_samples(a, b)
    data = Scaled.of(np.concatenate([first, second]), "a and b")
    return data, np.split(data.values, [len(first)])


def doubled_placements(a: FloatArray, b: FloatArray) -> IntArray:
    """Return for each value of a twice the number of values of b that it exceeds, ties counting one half."""
    ordered = np.sort(b)
    return np.searchsorted(ordered, a, side="left") + np.searchsorted(ordered, a, side="right")


@dataclass(frozen=True)
class StandardisedDifference:
    """A difference over a standard deviation with `df` degrees of freedom, from `n` values."""

    value: float
    df: int
    n: int

    @property
    def unbiased(self) -> float:
        """Hedges' g: the value times J(df)."""
        correction = np.exp(gammaln(self.df / 2) - gammaln((self.df - 1) / 2)) / np.sqrt(self.df / 2)
        return float(correction * self.value)


def standardised_difference(a: ArrayLike, b: ArrayLike, strata: ArrayLike | None = None) -> StandardisedDifference:
    """Return the mean paired difference over the standard deviation of the differences within strata."""
    data = paired_differences(a, b, "take hedges_g_independent or IndependentG()")
    groups = split_by_stratum(data.values, strata)
    return _standardise(data, groups, np.full(len(groups), 1 / len(groups)))


def standardised_difference_of_means(a: ArrayLike, b: ArrayLike) -> StandardisedDifference:
    """Return the difference of the means of independent samples over their pooled standard deviation."""
    data, groups = scaled_samples(a, b)
    return _standardise(data, groups, np.array([1.0, -1.0]))


def _standardise(data: Scaled, groups: list[FloatArray], weights: FloatArray) -> StandardisedDifference:
    n = len(data.values)
    df = n - len(groups)
    check_at_least(df, 2, "degrees of freedom of the standard deviation")
    data.check_varies(groups)
    variance = sum(float(((group - group.mean()) ** 2).sum()) for group in groups) / df
    return StandardisedDifference(float(weights @ [group.mean() for group in groups] / np.sqrt(variance)), df, n)
