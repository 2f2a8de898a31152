"""The entropy of a discrete variable from the counts of its possible values; `JamesStein` and `NSB` use the zeros."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import digamma, entr

from attnstats._validation import IntArray, check_at_least
from attnstats.exceptions import InvalidInputError, TooFewSamplesError


@runtime_checkable
class EntropyEstimator(Protocol):
    """An estimator of the entropy of a discrete variable from its counts."""

    def entropy(self, counts: ArrayLike) -> float:
        """Return the entropy in nats.

        Parameters
        ----------
        counts : array_like of int, shape (n_cells,)
            Count of each possible value, zeros included.

        Raises
        ------
        InvalidInputError, TooFewSamplesError
            If the counts are no one-dimensional array of non-negative integers; if they sum to less than is needed.
        """
        ...


@dataclass(frozen=True)
class PlugIn:
    """The entropy of the observed frequencies (maximum likelihood), with a bias of about -(occupied cells - 1) / 2n.

    Examples
    --------
    >>> from attnstats.information import PlugIn
    >>> round(PlugIn().entropy([2, 2]), 4)
    0.6931
    """

    def entropy(self, counts: ArrayLike) -> float:
        """Return the entropy in nats."""
        return _plug_in(_occupied(counts))


@dataclass(frozen=True)
class MillerMadow:
    """The plug-in entropy plus (occupied cells - 1) / 2n, its bias to first order.

    References
    ----------
    Miller (1955), Note on the bias of information estimates, in Information Theory in Psychology. Paninski (2003),
    Neural Computation 15, section 4.

    Examples
    --------
    >>> from attnstats.information import MillerMadow
    >>> round(MillerMadow().entropy([2, 2]), 4)
    0.8181
    """

    def entropy(self, counts: ArrayLike) -> float:
        """Return the entropy in nats."""
        counts = _occupied(counts)
        return _plug_in(counts) + (len(counts) - 1) / (2 * int(counts.sum()))


@dataclass(frozen=True)
class JackknifeEntropy:
    """The plug-in entropy with its bias removed by leaving out each of two or more samples in turn.

    References
    ----------
    Zahl (1977), Jackknifing an index of diversity, Ecology 58, 907-913.

    Examples
    --------
    >>> from attnstats.information import JackknifeEntropy
    >>> round(JackknifeEntropy().entropy([2, 2]), 4)
    0.863
    """

    def entropy(self, counts: ArrayLike) -> float:
        """Return the entropy in nats."""
        counts = _occupied(counts, minimum=2)
        n = int(counts.sum())
        # Samples of one value give the same entropy when left out, so one term for each occupied cell is exact.
        with_all = counts * np.log(counts)
        less_one = counts - 1
        without = less_one * np.log(np.maximum(less_one, 1))
        left_out = np.log(n - 1) - (with_all.sum() - with_all + without) / (n - 1)
        return float(n * _plug_in(counts) - (n - 1) * (counts / n * left_out).sum())


@dataclass(frozen=True)
class Grassberger:
    """The entropy log n - mean over samples of G(c), c the count of the sample's value, less biased than with log c.

    G(c) = psi(c) + (-1)^c [psi((c + 1) / 2) - psi(c / 2)] / 2. The bias averages out between even and odd counts. It
    does not where the counts are fixed, as those of `Quantile` bins are: use another estimator there.

    References
    ----------
    Grassberger (2003), Entropy estimates from insufficient samplings, arXiv physics/0307138.

    Examples
    --------
    >>> from attnstats.information import Grassberger
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
    """The coverage-adjusted entropy, a Horvitz-Thompson estimate.

    With f the number of values seen once, C = 1 - f / n estimates the probability of all values seen, and with
    p = c / n for a count c, H = - sum over seen values of C p log(C p) / (1 - (1 - C p)^n).

    Raises
    ------
    TooFewSamplesError
        If no value was seen twice: the estimated coverage is zero.

    References
    ----------
    Chao, Shen (2003), Environmental and Ecological Statistics 10, 429-443.

    Examples
    --------
    >>> from attnstats.information import ChaoShen
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

    The weight, at most 1, minimises the estimated mean squared error of the frequencies. Needs two samples and the
    zeros among the counts.

    References
    ----------
    Hausser, Strimmer (2009), Journal of Machine Learning Research 10, 1469-1484, section 2.

    Examples
    --------
    >>> from attnstats.information import JamesStein
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
    """Return counts as int64, shape (n_cells,), zeros included, if they sum to at least `minimum`."""
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
