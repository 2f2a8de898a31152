"""The interval of a nearest-neighbour estimate by a jackknife over neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import polygamma, stdtrit

from attnstats._validation import IntArray, as_samples, check_at_least
from attnstats.exceptions import InvalidInputError
from attnstats.information.interface import LocalTerms, MIEstimator
from attnstats.information.intervals._pseudo_values import ksg_pseudo_values
from attnstats.information.intervals.terms import TermsInterval
from attnstats.information.knn.ksg import KSG
from attnstats.information.neighbors._space import Space
from attnstats.results import ConfidenceInterval


@dataclass(frozen=True)
class NeighborJackknife(TermsInterval):
    """Interval of `KSG` from a jackknife over neighbours, without estimating again.

    The local terms of KSG are dependent, so their variance over n understates that of their mean. The pseudo-values of
    the jackknife hold the whole influence of a sample, and their variance J is on average too large (Efron and Stein
    1981), by components in which neighbouring samples act together: the logarithm of the random volume of a ball that
    holds k samples has variance psi'(k) whatever the density. So the variance is taken to be

        max(J - 2 psi'(k), psi'(k)) / n,

    where the constant 2 and the lower limit were found by simulation. The interval is value ± t · sqrt(variance), with
    units - 1 degrees of freedom; the bias of the estimate is not part of it. It takes O(n²) time.

    Raises
    ------
    InvalidInputError
        If the estimator is not ``KSG(k=..., margins=...)``: algorithm 1, max-norm, no jitter.
    TooFewSamplesError
        With fewer than 8 rows or groups, or fewer than k + 2 rows.

    References
    ----------
    Efron and Stein (1981), The jackknife estimate of variance, Annals of Statistics 9, 586-596.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.information import KSG, NeighborJackknife, mutual_information
    >>> generator = np.random.default_rng(0)
    >>> x = generator.normal(size=500)
    >>> y = 0.6 * x + 0.8 * generator.normal(size=500)  # truth: 0.22 nats
    >>> mutual_information(x, y, KSG(k=5), interval=NeighborJackknife(), rng=0).interval
    95 % CI [0.192, 0.377] (neighbour jackknife, t)
    """

    def of_units(
        self,
        estimator: MIEstimator,
        local: LocalTerms,
        x: NDArray[Any],
        y: NDArray[Any],
        units: IntArray,
        confidence_level: float,
    ) -> ConfidenceInterval:
        """Return value ± t · standard error; see `TermsInterval`."""
        if not isinstance(estimator, KSG) or estimator != KSG(k=estimator.k, margins=estimator.margins):
            raise InvalidInputError(
                "interval: NeighborJackknife must be used with KSG of algorithm=1, metric='max' and jitter=0, whose"
                f" neighbour dependence it corrects; take HalfSampling for {estimator!r}"
            )
        x, y = as_samples(x, "x"), as_samples(y, "y")
        n = len(x)
        check_at_least(n, estimator.k + 2, f"number of samples for a jackknife with k={estimator.k}")
        n_units = int(units.max()) + 1
        check_at_least(n_units, 8, "number of rows" if n_units == n else "number of groups")
        in_x, in_y = Space.of(x, "x", estimator.margins), Space.of(y, "y", estimator.margins)
        pseudo_values = ksg_pseudo_values(in_x, in_y, estimator.k)
        sums = np.bincount(units, pseudo_values - pseudo_values.mean())
        jackknife = float((sums**2).sum()) * n_units / (n_units - 1) / n
        of_volumes = float(polygamma(1, estimator.k))
        variance = max(jackknife - 2 * of_volumes, of_volumes) / n
        value = float(local.terms.mean())
        margin = float(np.sqrt(variance) * stdtrit(n_units - 1, (1 + confidence_level) / 2))
        return ConfidenceInterval(value - margin, value + margin, confidence_level, "neighbour jackknife, t")
