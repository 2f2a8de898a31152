"""The normal-theory interval of a held-out bound."""

import warnings
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from attnstats._validation import IntArray, check_at_least, check_fraction
from attnstats.exceptions import ConstantInputError, InvalidInputError, UnreliableEstimateWarning
from attnstats.information.interface import LocalTerms, MIEstimator
from attnstats.results import ConfidenceInterval

__all__ = ["HeldOutCLT", "HeldOutEstimator"]

#: With fewer rows for each column, fits change with the rows they get, and the terms of two folds depend on each other.
ROWS_FOR_A_COLUMN = 20


@runtime_checkable
class HeldOutEstimator(MIEstimator, Protocol):
    """An estimator whose local terms come from models that have not seen the row's group."""

    held_out: ClassVar[bool]


@dataclass(frozen=True)
class HeldOutCLT:
    """Normal-theory interval of a held-out bound: value ± t · standard error, over groups.

    The local terms log q(y_j | x_j) - log p(y_j) are their own influence values, the plug-in entropy included: that of
    the entropy is -log p(y_j) - H. So the standard error of their mean is that of independent terms (Bayle et al. 2020,
    for stable learners), one sum for each group, with groups - 1 degrees of freedom.

    The interval is about the bound of the models that were fitted, H(Y) - E[-log q_k(Y | X)] averaged over folds. That
    lies below the mutual information, so the lower end is a lower confidence bound on both, but an *approximate* one:
    its level holds as the number of groups grows. `EmpiricalBernstein` and `BettingBound` are *certified*, at every
    finite number of groups and for every distribution; they pay for it with a lower bound.

    Nominal 95 % intervals cover the bound of the fits in .93 to .95 of samples where the probe learns something and has
    20 rows for each column. With fewer, as a row's fold teaches the fits that judge the other folds, they cover .89 to
    .94, and a warning comes. The expected bound, over fits to other samples, is covered in .88 to .93: one set of fits
    does not show how it varies. Where there is nothing to learn, the terms hardly vary and the interval, around a value
    of no more than zero, is too narrow (.73 to .83). An interval that reaches zero comes with a warning. The lower end
    exceeded the information in less than 5 % of samples of every setting, and never where that is zero
    (``analysis/validity/results/coverage_held_out.csv``, with the rate of the warnings).

    References
    ----------
    Bayle, Bayle, Janson, Mackey (2020), Cross-validation confidence intervals for test error, NeurIPS.

    Examples
    --------
    >>> from attnstats.information import Probe, mutual_information
    >>> generator = np.random.default_rng(0)
    >>> y = generator.integers(2, size=1000)
    >>> x = generator.normal(size=(1000, 2)) + 2 * y[:, np.newaxis]
    >>> mutual_information(x, y, Probe(), interval=HeldOutCLT(), rng=0).interval  # truth: 0.50 nats
    95 % CI [0.488, 0.547] (held-out CLT, t)
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
        """Return the interval of the mean of held-out terms; parameters as in `TermsInterval`.

        Raises
        ------
        InvalidInputError
            If the terms of the estimator are not held out.
        TooFewSamplesError
            With fewer than 8 groups, or rows without groups.
        ConstantInputError
            If the terms do not vary.

        Warns
        -----
        UnreliableEstimateWarning
            If the interval is not above zero, or there are fewer than 20 rows for each column of x.
        """
        del y
        check_fraction(confidence_level, "confidence_level")
        if not (isinstance(estimator, HeldOutEstimator) and estimator.held_out):
            raise InvalidInputError(
                f"interval: HeldOutCLT needs an estimator whose terms are held out, such as Probe(); got {estimator!r}"
            )
        terms = local.terms
        groups = np.arange(len(terms)) if groups is None else groups
        value = float(terms.mean())
        sums = np.bincount(groups, weights=terms - value)
        check_at_least(len(sums), 8, "number of groups")
        error = float(np.sqrt(len(sums) / (len(sums) - 1) * (sums**2).sum()) / len(terms))
        if error == 0:
            raise ConstantInputError(f"terms: must vary for an interval; got {value!r} in every group")
        margin = error * float(stdtrit(len(sums) - 1, (1 + confidence_level) / 2))
        if value <= margin:
            warnings.warn(
                f"held-out bound of {value:.3g} nats: not above zero by its interval, where its terms hardly vary and"
                " the interval can be too narrow; its lower end still holds. Test independence with null=Permutation()",
                UnreliableEstimateWarning,
                stacklevel=3,
            )
        if (n_columns := x[0].size) * ROWS_FOR_A_COLUMN > len(x):
            warnings.warn(
                f"x: should have at least {ROWS_FOR_A_COLUMN} rows for each column; got {len(x)} for {n_columns}: the"
                " interval is somewhat too narrow; its lower end still holds, and a certified one always does",
                UnreliableEstimateWarning,
                stacklevel=3,
            )
        return ConfidenceInterval(value - margin, value + margin, confidence_level, "held-out CLT, t")
