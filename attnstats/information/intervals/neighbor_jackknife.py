"""Intervals of mutual information from the local terms of one estimate, without estimating again."""

from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from scipy.special import polygamma, stdtrit

from attnstats._validation import IntArray, as_samples, check_at_least
from attnstats.exceptions import InvalidInputError
from attnstats.information.interface import LocalTerms, MIEstimator
from attnstats.information.intervals._pseudo_values import ksg_pseudo_values
from attnstats.information.knn.ksg import KSG
from attnstats.information.neighbors._space import Space
from attnstats.results import ConfidenceInterval

__all__ = ["LocalVariance", "TermsInterval"]


@runtime_checkable
class TermsInterval(Protocol):
    """An interval computed from the local terms i(x_j; y_j) whose mean is the estimate."""

    def from_terms(
        self,
        estimator: MIEstimator,
        local: LocalTerms,
        x: NDArray[Any],
        y: NDArray[Any],
        *,
        groups: IntArray | None,
        confidence_level: float,
    ) -> ConfidenceInterval:
        """Return the interval of the mean of the terms.

        Parameters
        ----------
        estimator : MIEstimator
            What the terms come from; an object that holds for some estimators only refuses the others by name.
        local : LocalTerms
            Local terms of shape (n,), nats, with the folds of those that are held out.
        x, y : ndarray
            The samples that the terms belong to, row by row, as `mutual_information` got them.
        groups : ndarray of int, shape (n,), or None
            Group of each row, 0..n_groups-1: rows of one group are dependent, and the groups are the units.
        confidence_level : float
            Nominal level, in (0, 1), already checked.
        """
        ...


@dataclass(frozen=True)
class LocalVariance:
    """Interval of a nearest-neighbour estimate from an analytic variance, without estimating again.

    The local terms of KSG are dependent: neighbours share neighbours, and a term levels out what the density does
    inside its ball. The variance of the terms over n therefore understates that of their mean by a third to a half. The
    pseudo-values of the jackknife hold the whole influence of a sample, on its own term and on those of its neighbours.
    Their variance J overstates (Efron and Stein 1981), and for a reason that does not depend on the data: a component
    of the estimate in which r neighbouring samples act together counts r times, and such components come from the
    random volume of a ball that holds k samples, whose logarithm has variance psi'(k) whatever the density. So take

        (J - 2 psi'(k)) / n,

    as the variance. Under independence all of it comes from those volumes and J - 2 psi'(k) is a small difference of
    large numbers, negative at times; so it is never taken to be less than psi'(k). By simulation (1 to 5 columns a
    side; normal, uniform and Student margins) n times the true variance is 0.9 to 1.6 times psi'(k) there for k up to 5
    and n of 200 or more, and grows with the information. The constant 2 too is found by simulation: over k = 1..20, 2
    to 10 dimensions and information 0 to 1, the excess of J over n times the true variance is 1.4 to 2.3 times psi'(k),
    less in more dimensions. The interval is value ± t · sqrt(variance), with units - 1 degrees of freedom.

    It holds for ``KSG`` as published (algorithm 1, max-norm, no jitter), on any margins, with ties or without, and
    refuses other estimators; it takes O(n²) time, as much as some ten estimates at n = 1000, and no random numbers. The
    bias of the estimate is not part of it. Where that is small, nominal 95 % intervals cover about that, somewhat less
    with 2 + 2 columns and little information, where 2 psi'(k) is a little too much
    (``analysis/validity/coverage_information.py``).

    References
    ----------
    Efron and Stein (1981), The jackknife estimate of variance, Annals of Statistics 9, 586-596.

    Examples
    --------
    >>> from attnstats.information import mutual_information
    >>> generator = np.random.default_rng(0)
    >>> x = generator.normal(size=500)
    >>> y = 0.6 * x + 0.8 * generator.normal(size=500)  # truth: 0.22 nats
    >>> mutual_information(x, y, KSG(k=5), interval=LocalVariance(), rng=0).interval
    95 % CI [0.192, 0.377] (neighbour jackknife, t)
    """

    def from_terms(
        self,
        estimator: MIEstimator,
        local: LocalTerms,
        x: NDArray[Any],
        y: NDArray[Any],
        *,
        groups: IntArray | None,
        confidence_level: float,
    ) -> ConfidenceInterval:
        """Return the interval of the mean of the terms; parameters as in `TermsInterval.from_terms`.

        Raises
        ------
        InvalidInputError
            If the estimator is not KSG as published.
        TooFewSamplesError
            With fewer than 8 rows or groups.
        """
        if not isinstance(estimator, KSG) or estimator != KSG(k=estimator.k, margins=estimator.margins):
            raise InvalidInputError(
                "interval: LocalVariance must be used with KSG(k=..., margins=...), whose neighbour dependence it"
                f" corrects; take HalfSampling for {estimator!r}"
            )
        x, y = as_samples(x, "x"), as_samples(y, "y")
        n = len(x)
        check_at_least(n, estimator.k + 2, f"number of samples for a jackknife with k={estimator.k}")
        units = np.arange(n) if groups is None else groups
        n_units = int(units.max()) + 1
        check_at_least(n_units, 8, "number of rows" if groups is None else "number of groups")
        in_x, in_y = Space.of(x, "x", estimator.margins), Space.of(y, "y", estimator.margins)
        pseudo_values = ksg_pseudo_values(in_x.points, in_x.weights, in_y.points, in_y.weights, estimator.k)
        sums = np.bincount(units, pseudo_values - pseudo_values.mean())
        jackknife = float((sums**2).sum()) * n_units / (n_units - 1) / n
        of_volumes = float(polygamma(1, estimator.k))
        variance = max(jackknife - 2 * of_volumes, of_volumes) / n
        value = float(local.terms.mean())
        margin = float(np.sqrt(variance) * stdtrit(n_units - 1, (1 + confidence_level) / 2))
        return ConfidenceInterval(value - margin, value + margin, confidence_level, "neighbour jackknife, t")
