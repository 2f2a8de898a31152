"""The entropy of a discrete variable, estimated from its counts.

The counts are those of *all possible* values: a value that may occur and did not has count zero. The plug-in entropy
and its corrections do not heed zeros; `JamesStein` and `NSB` spread probability over them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import digamma, entr

from attnstats._validation import IntArray, check_at_least
from attnstats.exceptions import InvalidInputError, TooFewSamplesError

__all__ = [
    "ChaoShen",
    "EntropyEstimator",
    "Grassberger",
    "JackknifeEntropy",
    "JamesStein",
    "MillerMadow",
    "PlugIn",
    "check_counts",
]


@runtime_checkable
class EntropyEstimator(Protocol):
    """How an entropy is estimated from the counts of a discrete variable."""

    def entropy(self, counts: ArrayLike) -> float:
        """Return the entropy in nats.

        Parameters
        ----------
        counts : array_like of int, shape (n_cells,)
            How often each possible value was seen, zero for those that were not.

        Raises
        ------
        InvalidInputError
            If the counts are not integers of at least 0 in one dimension.
        TooFewSamplesError
            If they sum to less than the estimator needs.
        """
        ...


@dataclass(frozen=True)
class PlugIn:
    """The entropy of the observed frequencies (maximum likelihood), biased low by about (cells - 1) / 2n.

    Examples
    --------
    >>> round(PlugIn().entropy([2, 2]), 4)
    0.6931
    """

    def entropy(self, counts: ArrayLike) -> float:
        """Return the entropy in nats."""
        return _plug_in(_occupied(counts))


@dataclass(frozen=True)
class MillerMadow:
    """The plug-in entropy plus its first-order bias, (occupied cells - 1) / 2n.

    References
    ----------
    Miller (1955), Note on the bias of information estimates, in Information Theory in Psychology.
    Paninski (2003), Estimation of entropy and mutual information, Neural Computation 15, section 4.

    Examples
    --------
    >>> round(MillerMadow().entropy([2, 2]), 4)
    0.8181
    """

    def entropy(self, counts: ArrayLike) -> float:
        """Return the entropy in nats."""
        counts = _occupied(counts)
        return _plug_in(counts) + (len(counts) - 1) / (2 * int(counts.sum()))


@dataclass(frozen=True)
class JackknifeEntropy:
    """The plug-in entropy with its bias removed by leaving out each sample in turn.

    n H - (n - 1) times the mean of the plug-in entropies of n - 1 samples. Samples of one value give the same entropy,
    so a term for each occupied cell is exact. Needs two samples.

    References
    ----------
    Zahl (1977), Jackknifing an index of diversity, Ecology 58, 907-913.

    Examples
    --------
    >>> round(JackknifeEntropy().entropy([2, 2]), 4)
    0.863
    """

    def entropy(self, counts: ArrayLike) -> float:
        """Return the entropy in nats."""
        counts = _occupied(counts, minimum=2)
        n = int(counts.sum())
        with_all = counts * np.log(counts)
        less_one = counts - 1
        without = less_one * np.log(np.maximum(less_one, 1))
        left_out = np.log(n - 1) - (with_all.sum() - with_all + without) / (n - 1)
        return float(n * _plug_in(counts) - (n - 1) * (counts / n * left_out).sum())


@dataclass(frozen=True)
class Grassberger:
    """The entropy with log c of each count replaced by a function of the count that leaves less bias.

    H = log n - mean over samples of G(c), with G(c) = psi(c) + (-1)^c [psi((c + 1) / 2) - psi(c / 2)] / 2 and c the
    count of the sample's value.

    Notes
    -----
    The bias falls out between even and odd counts, so it stays where the counts are fixed, as they are of `Quantile`
    bins: take another correction there.

    References
    ----------
    Grassberger (2003), Entropy estimates from insufficient samplings, arXiv physics/0307138.

    Examples
    --------
    >>> round(Grassberger().entropy([2, 2]), 4)
    0.6567
    """

    def entropy(self, counts: ArrayLike) -> float:
        """Return the entropy in nats."""
        counts = _occupied(counts)
        n = int(counts.sum())
        parity = 1 - 2 * (counts % 2)
        g = digamma(counts) + parity / 2 * (digamma((counts + 1) / 2) - digamma(counts / 2))
        return float(np.log(n) - (counts * g).sum() / n)


@dataclass(frozen=True)
class ChaoShen:
    """The coverage-adjusted entropy: a value that may have been missed weighs more (Horvitz and Thompson).

    With f the number of values seen once, C = 1 - f / n estimates the share of probability that was seen, and

        H = - sum over seen values of C p log(C p) / (1 - (1 - C p)^n).

    Raises
    ------
    TooFewSamplesError
        If no value was seen twice: the estimated coverage is zero and the estimate undefined.

    References
    ----------
    Chao and Shen (2003), Nonparametric estimation of Shannon's index of diversity when there are unseen species in
    sample, Environmental and Ecological Statistics 10, 429-443.

    Examples
    --------
    >>> round(ChaoShen().entropy([2, 2]), 4)
    0.7394
    """

    def entropy(self, counts: ArrayLike) -> float:
        """Return the entropy in nats."""
        counts = _occupied(counts)
        n, once = int(counts.sum()), int((counts == 1).sum())
        if once == n:
            raise TooFewSamplesError(
                f"counts: at least one value must have been seen twice, or the coverage is zero; got {n} seen once"
            )
        p = (1 - once / n) * counts / n
        return float((entr(p) / (1 - (1 - p) ** n)).sum())


@dataclass(frozen=True)
class JamesStein:
    """The entropy of frequencies shrunk towards the uniform distribution over all possible values.

    The weight of the uniform distribution minimises the estimated mean squared error of the frequencies, and is at most
    1 as in the definition. Needs two samples, and the zeros among the counts.

    References
    ----------
    Hausser and Strimmer (2009), Entropy inference and the James-Stein estimator, with application to nonlinear gene
    association networks, Journal of Machine Learning Research 10, 1469-1484, section 2.

    Examples
    --------
    >>> round(JamesStein().entropy([4, 2, 3, 0, 2, 4, 0, 0, 2, 1, 1]), 4)
    2.3796
    """

    def entropy(self, counts: ArrayLike) -> float:
        """Return the entropy in nats."""
        counts = check_counts(counts, minimum=2)
        n, uniform = int(counts.sum()), 1 / len(counts)
        p = counts / n
        distance = float(((p - uniform) ** 2).sum())
        variance = float((p * (1 - p)).sum()) / (n - 1)
        weight = 1.0 if variance >= distance else variance / distance
        return float(entr(weight * uniform + (1 - weight) * p).sum())


def check_counts(counts: ArrayLike, minimum: int = 1) -> IntArray:
    """Return counts as int64, shape (n_cells,), zeros included, if they are counts and sum to at least `minimum`."""
    array = np.asarray(counts)
    if array.ndim != 1 or array.dtype.kind not in "iu" or (array.size and array.min() < 0):
        raise InvalidInputError(f"counts: must be integers of at least 0, shape (n_cells,); got {counts!r}")
    check_at_least(int(array.sum()), minimum, "sum of counts")
    return array.astype(np.int64)


def _occupied(counts: ArrayLike, minimum: int = 1) -> IntArray:
    """Return checked counts, without the zeros."""
    array = check_counts(counts, minimum)
    return array[array > 0]


def _plug_in(counts: IntArray) -> float:
    total = counts.sum()
    return float(np.log(total) - (counts * np.log(counts)).sum() / total)
