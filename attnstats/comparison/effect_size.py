"""How large is a difference: standardised, and as a probability."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaln

from attnstats._validation import FloatArray, as_float_array, as_labels, check_at_least, check_same_length
from attnstats.comparison.seeds import check_varies, paired_differences, split_by_stratum


def hedges_g(a: ArrayLike, b: ArrayLike = 0.0, *, strata: ArrayLike | None = None) -> float:
    """Return the mean paired difference over the standard deviation of the differences, corrected for small samples.

    With d_i = a_i − b_i, g = J(m) · mean(d)/s, where s² is the variance of the differences pooled within
    strata, m its degrees of freedom (n minus the number of strata), and J(m) = Γ(m/2)/(sqrt(m/2) Γ((m −
    1)/2)). This is the g of differences ("g_z"); it grows as the pairing gets better and is not comparable
    with `hedges_g_independent`.

    Parameters
    ----------
    a : array_like, shape (n,)
        One value per seed.
    b : array_like, shape (n,), or float
        The other condition of the same seeds; or a number. Zero where `a` holds differences already.
    strata : array_like, shape (n,), optional
        Stratum of each pair; the mean is that of the strata's means.

    Returns
    -------
    float
        In standard deviations.

    Raises
    ------
    TooFewSamplesError
        With fewer than three differences, or fewer than two more differences than strata.
    ConstantInputError
        If the differences do not vary.

    References
    ----------
    Hedges (1981), Journal of Educational Statistics 6, 107-128.

    Examples
    --------
    >>> round(hedges_g([0.3, 0.1, 0.4, 0.2, 0.5, 0.2, 0.1, 0.6]), 3)
    1.439
    """
    groups = split_by_stratum(paired_differences(a, b), strata)
    df = sum(len(group) - 1 for group in groups)
    return float(_unbiased(float(np.mean([group.mean() for group in groups])), groups, df))


def hedges_g_independent(a: ArrayLike, b: ArrayLike) -> float:
    """Return the difference of two means over their pooled standard deviation, corrected for small samples.

    g = J(m) · (mean(a) − mean(b))/s, with s² the pooled variance, m = n_a + n_b − 2 its degrees of freedom,
    and J as in `hedges_g`.

    Parameters
    ----------
    a, b : array_like, shape (n_a,) and (n_b,)
        One value per seed; the seeds of a and b are not paired.

    Returns
    -------
    float
        In standard deviations.

    Raises
    ------
    TooFewSamplesError
        With fewer than four values in all.
    ConstantInputError
        If neither sample varies.

    References
    ----------
    Hedges (1981), Journal of Educational Statistics 6, 107-128.

    Examples
    --------
    >>> round(hedges_g_independent([3.0, 4.0, 5.0], [1.0, 2.0, 3.0]), 2)
    1.6
    """
    first, second = as_float_array(a, "a", ndim=1), as_float_array(b, "b", ndim=1)
    for values, name in ((first, "a"), (second, "b")):
        check_at_least(len(values), 1, f"number of values in {name}")
    return _unbiased(float(first.mean() - second.mean()), [first, second], len(first) + len(second) - 2)


def probability_of_superiority(a: ArrayLike, b: ArrayLike, *, strata: ArrayLike | None = None) -> float:
    """Return the probability that a random value of a exceeds a random value of b, ties counting one half.

    P(A > B) + P(A = B)/2 over all pairs: the Mann-Whitney U divided by n_a n_b, 1/2 if neither is higher.

    Parameters
    ----------
    a, b : array_like, shape (n_a,) and (n_b,)
        One value per seed.
    strata : array_like, shape (n,), optional
        Stratum of each element of both `a` and `b`, then of one length n. Only values of one stratum are
        compared, and the mean over strata is returned.

    Returns
    -------
    float
        In [0, 1].

    Raises
    ------
    TooFewSamplesError
        If a sample is empty.

    References
    ----------
    Vargha and Delaney (2000), Journal of Educational and Behavioral Statistics 25, 101-132.

    Examples
    --------
    >>> probability_of_superiority([3, 4], [1, 3])
    0.875
    """
    first, second = as_float_array(a, "a", ndim=1), as_float_array(b, "b", ndim=1)
    for values, name in ((first, "a"), (second, "b")):
        check_at_least(len(values), 1, f"number of values in {name}")
    if strata is not None:
        check_same_length(a=first, b=second, strata=as_labels(strata, "strata")[0])
    pairs = zip(split_by_stratum(first, strata), split_by_stratum(second, strata), strict=True)
    return float(np.mean([(1 + np.sign(np.subtract.outer(x, y)).mean()) / 2 for x, y in pairs]))


def _unbiased(difference: float, groups: list[FloatArray], df: int) -> float:
    """Return the difference over the standard deviation within groups, times Hedges' J."""
    check_at_least(df, 2, "degrees of freedom of the standard deviation")
    variance = sum(float(((group - group.mean()) ** 2).sum()) for group in groups) / df
    check_varies(groups)
    correction = np.exp(gammaln(df / 2) - gammaln((df - 1) / 2)) / np.sqrt(df / 2)
    return float(correction * difference / np.sqrt(variance))
