"""Lower confidence bounds on mutual information that hold for every n, from a probe's held-out terms."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import kl_div, logsumexp

from attnstats._validation import FloatArray, IntArray, as_labels, check_at_least
from attnstats.exceptions import InvalidInputError
from attnstats.information.interface import LocalTerms, MIEstimator
from attnstats.information.intervals.terms import TermsInterval
from attnstats.information.probes import PriorMixture
from attnstats.information.probes.probe import Probe
from attnstats.results import ConfidenceInterval

#: Share of the error probability that goes to the class frequencies.
_SHARE_OF_FREQUENCIES = 0.1
#: Shares of the stake that are bet on the mean, equally weighted.
_BETS = 0.5 ** np.arange(6)


class _Fold(NamedTuple):
    terms: FloatArray  # (n_groups of the fold,), the mean term of each group
    lowest: float  # below every term, whatever the data
    highest: float
    divergence: float  # above KL(P_Y || r_k), with confidence


class _Certified(TermsInterval):
    """A lower bound from the folds of a probe, each with terms of known limits."""

    method: ClassVar[str]

    def of_units(
        self,
        estimator: MIEstimator,
        local: LocalTerms,
        x: NDArray[Any],
        y: NDArray[Any],
        units: IntArray,
        confidence_level: float,
    ) -> ConfidenceInterval:
        """Return [certified lower bound, inf]; see `TermsInterval`."""
        del x
        name = type(self).__name__
        if not isinstance(estimator, Probe) or local.folds is None:
            raise InvalidInputError(f"interval: {name} needs the held-out terms of a Probe; got {estimator!r}")
        if estimator.stratify:
            raise InvalidInputError(
                f"interval: {name} needs folds dealt without regard to y, Probe(..., stratify=False); got {estimator!r}"
            )
        alpha = 1 - confidence_level
        folds = _folds(local.terms, local.folds, y, units, _SHARE_OF_FREQUENCIES * alpha)
        low = self._low(folds, (1 - _SHARE_OF_FREQUENCIES) * alpha)
        return ConfidenceInterval(low, np.inf, confidence_level, f"certified, {self.method}")

    @abstractmethod
    def _low(self, folds: list[_Fold], alpha: float) -> float:
        """Return the bound, where the means of the terms may fail with probability alpha."""


@dataclass(frozen=True)
class EmpiricalBernstein(_Certified):
    """Certified lower confidence bound on I(X; Y) from a probe: its level holds at every n and for every distribution.

    For independent groups of rows, and folds dealt without regard to y, the bound exceeds I(X; Y) with probability at
    most 1 - level, whatever the model. (`HeldOutCLT` approximates a bound as groups grow.)

    Given its training folds, the probe q_k is fixed and the groups of fold k are new draws, so for any r_k that those
    folds fix, I(X; Y) >= E[log q_k(Y | X) / r_k(Y)] - KL(P_Y || r_k). The terms t_j = log q_k(y_j | x_j) / r_k(y_j) lie
    in [a_k, b_k]. With m_k groups in the fold, mean t̄_k and sample variance V_k, and d = 0.9 α / (number of folds),

        L_k = t̄_k - sqrt(2 V_k ln(2 / d) / m_k) - 7 (b_k - a_k) ln(2 / d) / (3 (m_k - 1))

    is below their expectation with probability 1 - d (Maurer and Pontil 2009, theorem 4). With probability 1 - 0.1 α
    the class probabilities P_Y lie in a box, and D_k is at least KL(P_Y || r_k) everywhere in it. Hence, with
    probability 1 - α, I(X; Y) >= max_k (L_k - D_k).

    Raises
    ------
    InvalidInputError
        If the estimator is not a `Probe` with ``stratify=False``: balanced folds hold out labels that the training
        folds predict.
    TooFewSamplesError
        If a fold holds fewer than 2 groups.

    Notes
    -----
    *Terms.* r_k are the class frequencies of the training rows, half a count added. The probe is mixed with them at the
    weight e_k = 1 / sqrt(m_k), and a mixture is a conditional model too. Then a_k = log e_k and b_k = -log min r_k.

    *Box.* The mean f of m variables in [0, 1] satisfies m · kl(f, p) > ln(2 C / (0.1 α)) with probability below 0.1 α /
    C (Hoeffding 1963, the Chernoff form, either side); two classes need one such interval, C classes C. D_k sums over
    classes the larger value of p log(p / r) - p + r at the ends of the interval, which is convex in p.

    *Groups.* The unit is the group, with the mean of its terms: the bound is about a row drawn from a random group.

    The classes are taken to be those that occur in y. Few folds leave more rows in each, which often certifies more.

    References
    ----------
    Maurer, Pontil (2009), Empirical Bernstein bounds and sample variance penalization, COLT, theorem 4.
    Hoeffding (1963), Probability inequalities for sums of bounded random variables, JASA 58, theorem 1.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.information import EmpiricalBernstein, Probe, mutual_information
    >>> generator = np.random.default_rng(0)
    >>> y = generator.integers(2, size=4000)
    >>> x = generator.normal(size=(4000, 2)) + 2 * y[:, np.newaxis]
    >>> probe = Probe(n_folds=2, stratify=False)
    >>> mutual_information(x, y, probe, interval=EmpiricalBernstein(), rng=0).interval  # truth: 0.50 nats
    95 % CI [0.436, inf] (certified, empirical Bernstein)
    """

    method: ClassVar[str] = "empirical Bernstein"

    def _low(self, folds: list[_Fold], alpha: float) -> float:
        log_term = np.log(2 * len(folds) / alpha)
        bounds = [
            fold.terms.mean()
            - np.sqrt(2 * fold.terms.var(ddof=1) * log_term / len(fold.terms))
            - 7 * (fold.highest - fold.lowest) * log_term / (3 * (len(fold.terms) - 1))
            - fold.divergence
            for fold in folds
        ]
        return float(max(bounds))


@dataclass(frozen=True)
class BettingBound(_Certified):
    """Certified lower confidence bound on I(X; Y) by betting, as `EmpiricalBernstein` and tighter.

    Folds, terms t_j >= a_k and D_k are those of `EmpiricalBernstein`. Were the expectation of the terms of fold k no
    more than m, the gain of one unit of money that stakes a share c on each term in turn,

        W_k(m) = prod_j [1 - c + c (t_j - a_k) / (m - a_k)],

    would be non-negative with an expectation of at most one, and so would its average W over folds and over shares
    c = 1, 1/2, ..., 1/32, however the folds depend on each other. By Markov's inequality W exceeds 1 / (0.9 α) with
    probability at most 0.9 α. W falls with m, so with probability 1 - α, I(X; Y) is at least the v where the average of
    W_k(v + D_k) is 1 / (0.9 α).

    Raises
    ------
    InvalidInputError, TooFewSamplesError
        As `EmpiricalBernstein`.

    References
    ----------
    Waudby-Smith, Ramdas (2024), Estimating means of bounded random variables by betting, JRSS B 86 (constant bets,
    mixed). Vovk, Wang (2021), E-values: calibration, combination and applications, Annals of Statistics 49
    (averages of dependent e-values).

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.information import BettingBound, Probe, mutual_information
    >>> generator = np.random.default_rng(0)
    >>> y = generator.integers(2, size=4000)
    >>> x = generator.normal(size=(4000, 2)) + 2 * y[:, np.newaxis]
    >>> probe = Probe(n_folds=2, stratify=False)
    >>> mutual_information(x, y, probe, interval=BettingBound(), rng=0).interval  # truth: 0.50 nats
    95 % CI [0.455, inf] (certified, betting)
    """

    method: ClassVar[str] = "betting"

    def _low(self, folds: list[_Fold], alpha: float) -> float:

        def log_gain(value: float) -> float:
            gains = []
            for fold in folds:
                ratio = (fold.terms - fold.lowest) / (value + fold.divergence - fold.lowest)
                with np.errstate(divide="ignore"):  # all is lost where all was staked on a term at its lowest
                    gains.append(np.log1p(_BETS[:, np.newaxis] * (ratio - 1)).sum(axis=1))
            return float(logsumexp(gains) - np.log(len(folds) * len(_BETS) / alpha))

        highest = max(float(fold.terms.max()) - fold.divergence for fold in folds)
        lowest = max(fold.lowest - fold.divergence for fold in folds)
        # The gain is unlimited towards the lowest value, and at most one at the highest: the root lies between.
        return float(brentq(log_gain, lowest + 1e-9 * (highest - lowest), highest, xtol=1e-9))


def _folds(
    terms_of_rows: FloatArray, fold_of_rows: IntArray, y: NDArray[Any], groups: IntArray, alpha: float
) -> list[_Fold]:
    """Return the bounded terms of every fold; its divergence may be too low with probability alpha."""
    codes, classes = as_labels(y, "y")
    n_classes = len(classes)
    lower, upper = _frequency_box(codes, groups, n_classes, alpha)
    log_q = terms_of_rows + np.log(np.bincount(codes) / len(codes))[codes]
    found = []
    for fold in range(int(fold_of_rows.max()) + 1):
        test = fold_of_rows == fold
        log_r = PriorMixture.of(codes[~test], groups[~test], n_classes).log_prior
        members, unit = np.unique(groups[test], return_inverse=True)
        check_at_least(len(members), 2, "number of groups in a fold")
        weight = len(members) ** -0.5
        terms = np.logaddexp(np.log1p(-weight) + log_q[test] - log_r[codes[test]], np.log(weight))
        means = np.bincount(unit, weights=terms) / np.bincount(unit)
        r = np.exp(log_r)
        divergence = np.maximum(kl_div(lower, r), kl_div(upper, r)).sum()
        found.append(_Fold(means, float(np.log(weight)), float(-log_r.min()), float(divergence)))
    return found


def _frequency_box(codes: IntArray, groups: IntArray, n_classes: int, alpha: float) -> tuple[FloatArray, FloatArray]:
    """Return bounds that hold all class probabilities of a row of a random group with probability 1 - alpha."""
    counts = np.zeros((int(groups.max()) + 1, n_classes))
    np.add.at(counts, (groups, codes), 1)
    frequency = (counts / counts.sum(axis=1, keepdims=True)).mean(axis=0)
    n_intervals = 1 if n_classes == 2 else n_classes
    radius = np.log(2 * n_intervals / alpha) / len(counts)
    # Bisection for the largest p with kl(frequency, p) <= radius, on either side.
    bounds = []
    for outside in (0.0, 1.0):
        inside, out = frequency.copy(), np.full(n_classes, outside)
        for _ in range(60):
            middle = (inside + out) / 2
            near = kl_div(frequency, middle) + kl_div(1 - frequency, 1 - middle) <= radius
            inside, out = np.where(near, middle, inside), np.where(near, out, middle)
        bounds.append(out)
    return bounds[0], bounds[1]
