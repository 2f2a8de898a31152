"""The normal-theory interval of a held-out estimate."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from attnstats._validation import IntArray, check_at_least
from attnstats.exceptions import ConstantInputError, InvalidInputError, UnreliableEstimateWarning
from attnstats.information.interface import LocalTerms, MIEstimator
from attnstats.information.intervals.terms import TermsInterval
from attnstats.results import ConfidenceInterval

#: With fewer rows for each column, fits change with the rows they get, and the terms of two folds depend on each other.
ROWS_FOR_A_COLUMN = 20


@dataclass(frozen=True)
class HeldOutCLT(TermsInterval):
    """Normal-theory interval of a held-out estimate: value ± t · standard error, over groups.

    It takes every estimator that is `held_out`: `Probe`, and the variational ones. The standard error is that of
    independent terms (Bayle et al. 2020, for stable learners), one sum for each group, with groups - 1 degrees of
    freedom.

    The interval is for the expected estimate of the fitted models on new rows, averaged over folds; fits to another
    sample have other values, and it does not show how much they vary. For a lower bound (`Probe`, `InfoNCE`, `NWJ`,
    `BarberAgakov`, ...) its lower end is also a lower confidence bound on the mutual information, whose level holds as
    the number of groups grows; `EmpiricalBernstein` and `BettingBound` are certified at every finite number. For the
    others (`CLUB`, `DifferenceOfEntropies`, `SMILE`, `DonskerVaradhan`) the mutual information may lie on either side.

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
        If the interval is not above zero, where the terms hardly vary and it may be too narrow; or if there are fewer
        than 20 rows for each column of x, where fits depend on single rows.

    References
    ----------
    Bayle, Bayle, Janson, Mackey (2020), Cross-validation confidence intervals for test error, NeurIPS.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.information import HeldOutCLT, Probe, mutual_information
    >>> generator = np.random.default_rng(0)
    >>> y = generator.integers(2, size=1000)
    >>> x = generator.normal(size=(1000, 2)) + 2 * y[:, np.newaxis]
    >>> mutual_information(x, y, Probe(), interval=HeldOutCLT(), rng=0).interval  # truth: 0.50 nats
    95 % CI [0.488, 0.547] (held-out CLT, t)
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
        del y
        if not estimator.held_out:
            raise InvalidInputError(
                f"interval: HeldOutCLT needs an estimator whose terms are held out, such as Probe(); got {estimator!r}"
            )
        terms = local.terms
        value = float(terms.mean())
        sums = np.bincount(units, weights=terms - value)
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
                stacklevel=4,
            )
        if (n_columns := x[0].size) * ROWS_FOR_A_COLUMN > len(x):
            warnings.warn(
                f"x: should have at least {ROWS_FOR_A_COLUMN} rows for each column; got {len(x)} for {n_columns}: the"
                " interval is somewhat too narrow; its lower end still holds, and a certified one always does",
                UnreliableEstimateWarning,
                stacklevel=4,
            )
        return ConfidenceInterval(value - margin, value + margin, confidence_level, "held-out CLT, t")
