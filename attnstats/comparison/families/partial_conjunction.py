"""Partial conjunction tests: in at least how many of n data sets an effect holds (Benjamini and Heller)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc, ndtr, ndtri

from attnstats._validation import FloatArray, check_fraction
from attnstats.comparison._arguments import check_object
from attnstats.comparison.families.multiplicity import Bonferroni, as_pvalues
from attnstats.exceptions import InvalidInputError
from attnstats.results import check_unit, counted, format_pvalue


class Combination(Protocol):
    """A way to combine the p-values of a global null."""

    label: str

    def combine(self, pvalues: FloatArray) -> float:
        """Return one p-value of sorted ones."""


@dataclass(frozen=True)
class Simes:
    """min_i n p_(i)/i: valid for independent and positively dependent tests (Simes 1986).

    Examples
    --------
    >>> from attnstats.comparison import Simes, partial_conjunction_test
    >>> round(partial_conjunction_test([0.02, 0.03, 0.04], Simes()).pvalue(1), 5)
    0.04
    """

    label = "Simes"

    def combine(self, pvalues: FloatArray) -> float:
        """Return one p-value of sorted ones."""
        n = len(pvalues)
        return float((n * pvalues / np.arange(1, n + 1)).min())


@dataclass(frozen=True)
class Fisher:
    """−2 Σ log p against chi-squared with 2 n degrees of freedom: independent tests only.

    Examples
    --------
    >>> from attnstats.comparison import Fisher, partial_conjunction_test
    >>> round(partial_conjunction_test([0.02, 0.03, 0.04], Fisher()).pvalue(1), 5)
    0.00164
    """

    label = "Fisher"

    def combine(self, pvalues: FloatArray) -> float:
        """Return one p-value of sorted ones."""
        return float(chdtrc(2 * len(pvalues), -2 * np.log(pvalues).sum()))


@dataclass(frozen=True)
class Stouffer:
    """Σ z/sqrt(n) with z the normal deviates of the p-values: independent tests only.

    Examples
    --------
    >>> from attnstats.comparison import Stouffer, partial_conjunction_test
    >>> round(partial_conjunction_test([0.02, 0.03, 0.04], Stouffer()).pvalue(1), 5)
    0.00051
    """

    label = "Stouffer"

    def combine(self, pvalues: FloatArray) -> float:
        """Return one p-value of sorted ones."""
        return float(ndtr(ndtri(pvalues).sum() / np.sqrt(len(pvalues))))


@dataclass(frozen=True)
class PartialConjunction:
    """Tests that an effect holds in at least k of n data sets, for every k.

    Parameters
    ----------
    pvalues : tuple of float
        Of the null that fewer than k data sets have the effect, for k = 1, ..., n, made monotone.
    method, replication_unit : str
        Name of the combination, and what the p-values belong to.
    """

    pvalues: tuple[float, ...]
    method: str
    replication_unit: str = "data set"

    def __post_init__(self) -> None:
        check_unit(self.replication_unit)

    @property
    def n(self) -> int:
        """Number of data sets."""
        return len(self.pvalues)

    def lower_bound(self, confidence_level: float = 0.95) -> int:
        """Return the largest k supported: with this confidence the effect holds in at least k data sets.

        Testing in the order k = 1, 2, ... stops at the first claim that fails, so no correction is needed.
        """
        alpha = 1 - check_fraction(confidence_level, "confidence_level")
        return sum(pvalue <= alpha for pvalue in self.pvalues)

    def pvalue(self, k: int) -> float:
        """Return the p-value of the claim that the effect holds in at least k data sets."""
        if isinstance(k, bool) or not isinstance(k, int | np.integer) or not 1 <= k <= self.n:
            raise InvalidInputError(f"k: must be an integer from 1 to {self.n}; got {k!r}")
        return self.pvalues[k - 1]

    def summary(self) -> str:
        """Return the result in one line, as for a paper."""
        bound = self.lower_bound()
        tested = f", partial conjunction {format_pvalue(self.pvalue(bound))}" if bound else ""
        return (
            f"the effect holds in at least {bound} of {counted(self.n, self.replication_unit)} with 95 % confidence"
            f"{tested} ({self.method})"
        )

    __repr__ = summary


def partial_conjunction_test(
    pvalues: ArrayLike,
    method: Combination = Bonferroni(),  # noqa: B008 (frozen)
    *,
    replication_unit: str = "data set",
) -> PartialConjunction:
    """Test in at least how many data sets an effect holds.

    The null for k is that fewer than k of the n effects exist. Then at least n − k + 1 nulls are true, and the p-value
    combines the n − k + 1 largest p-values (Benjamini and Heller 2008, Biometrics 64, 1215-1222, equation 2). A p-value
    below that of a smaller k is raised to it.

    Parameters
    ----------
    pvalues : array_like, shape (n,)
        One for each data set, valid and one-sided: two-sided ones would count effects of opposite sign together.
    method : Bonferroni, Simes, Fisher or Stouffer
        How to combine. The last two assume data sets without a sample or a model in common.
    replication_unit : str
        What the p-values belong to, in the singular: ``"data set"``.

    Returns
    -------
    PartialConjunction
        The p-value for each k, and the lower confidence bound of k.

    Raises
    ------
    InvalidInputError
        If a p-value is not in [0, 1]; one of 0 gives a warning, as in `adjust_pvalues`.

    Examples
    --------
    >>> from attnstats.comparison import partial_conjunction_test
    >>> partial_conjunction_test([0.001, 0.004, 0.012, 0.2])
    the effect holds in at least 3 of 4 data sets with 95 % confidence, partial conjunction p = .024 (Bonferroni)
    """
    check_object(method, "method", "combine", "Bonferroni(), Simes(), Fisher() or Stouffer()")
    values = np.sort(as_pvalues(pvalues))
    combined = [method.combine(values[k:]) for k in range(len(values))]
    smallest = float(np.finfo(float).tiny)  # an upper bound where a combination underflows
    monotone = np.maximum.accumulate(np.clip(combined, smallest, 1.0))
    return PartialConjunction(tuple(monotone.tolist()), method.label, replication_unit)
