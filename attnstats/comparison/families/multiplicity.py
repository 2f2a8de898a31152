"""P-values adjusted for the size of the family that they belong to."""

from __future__ import annotations

import sys
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Protocol

import numpy as np
from numpy.typing import ArrayLike

from attnstats._validation import FloatArray, as_float_array, check_at_least
from attnstats.comparison._arguments import check_object
from attnstats.exceptions import FrameError, InvalidInputError, UnreliableEstimateWarning
from attnstats.missing import CompleteCases, complete_cases

if TYPE_CHECKING:
    import pandas as pd


class Correction(Protocol):
    """A way to adjust p-values; `name` is its word in the results frame."""

    name: str

    def adjust(self, pvalues: FloatArray) -> FloatArray:
        """Return the adjusted p-values of a family, in its order."""


@dataclass(frozen=True)
class Holm:
    """Step-down Bonferroni: controls the family-wise error rate under any dependence (Holm 1979).

    Examples
    --------
    >>> from attnstats.comparison import Holm, adjust_pvalues
    >>> adjust_pvalues([0.01, 0.04, 0.03], Holm())
    array([0.03, 0.06, 0.06])
    """

    name = "holm"

    def adjust(self, pvalues: FloatArray) -> FloatArray:
        """Return the adjusted p-values of a family, in its order."""
        # statsmodels' collects the garbage of the whole process at each call.
        order = np.argsort(pvalues)
        adjusted = np.maximum.accumulate(pvalues[order] * np.arange(len(pvalues), 0, -1))
        return np.minimum(adjusted, 1.0)[np.argsort(order)]


@dataclass(frozen=True)
class Bonferroni:
    """Every p-value n times as large: family-wise error rate under any dependence (Dunn 1961).

    Never smaller than Holm's p-values, which hold as generally; it is for where all hypotheses must be judged alike, as
    by the intervals of level 1 − alpha/n that agree with it. As a combination, n times the smallest p-value is that of
    the hypothesis that no effect holds (`partial_conjunction_test`).

    Examples
    --------
    >>> from attnstats.comparison import Bonferroni, adjust_pvalues, partial_conjunction_test
    >>> adjust_pvalues([0.01, 0.04, 0.03], Bonferroni())
    array([0.03, 0.12, 0.09])
    >>> round(partial_conjunction_test([0.02, 0.03, 0.04], Bonferroni()).pvalue(1), 5)
    0.06
    """

    name = "bonferroni"
    label = "Bonferroni"

    def adjust(self, pvalues: FloatArray) -> FloatArray:
        """Return the adjusted p-values of a family, in its order."""
        return np.minimum(pvalues * len(pvalues), 1.0)

    def combine(self, pvalues: FloatArray) -> float:
        """Return one p-value of sorted ones."""
        return float(len(pvalues) * pvalues[0])


class _Statsmodels:
    """A correction of statsmodels."""

    _method: ClassVar[str]

    def adjust(self, pvalues: FloatArray) -> FloatArray:
        """Return the adjusted p-values of a family, in its order."""
        from statsmodels.stats.multitest import multipletests

        return np.asarray(multipletests(pvalues, method=self._method)[1])


@dataclass(frozen=True)
class Hochberg(_Statsmodels):
    """Step-up Bonferroni: family-wise error rate of independent or positively dependent (MTP2) tests (1988).

    Never larger than Holm's p-values, which need no such dependence.

    Examples
    --------
    >>> from attnstats.comparison import Hochberg, adjust_pvalues
    >>> adjust_pvalues([0.01, 0.04, 0.03], Hochberg())
    array([0.03, 0.04, 0.04])
    """

    name = "hochberg"
    _method = "simes-hochberg"


@dataclass(frozen=True)
class Hommel(_Statsmodels):
    """Closed tests by Simes: family-wise error rate of independent or positively dependent tests (Hommel 1988).

    Never larger than Hochberg's p-values, under the same assumption; the gain is small.

    Examples
    --------
    >>> from attnstats.comparison import Hommel, adjust_pvalues
    >>> adjust_pvalues([0.01, 0.02, 0.022, 0.09], Hommel())
    array([0.03 , 0.04 , 0.044, 0.09 ])
    """

    name = "hommel"
    _method = "hommel"


@dataclass(frozen=True)
class BenjaminiHochberg(_Statsmodels):
    """Step-up: controls the false discovery rate for independent or positively dependent tests (1995).

    Examples
    --------
    >>> from attnstats.comparison import BenjaminiHochberg, adjust_pvalues
    >>> adjust_pvalues([0.01, 0.04, 0.03], BenjaminiHochberg())
    array([0.03, 0.04, 0.04])
    """

    name = "benjamini_hochberg"
    _method = "fdr_bh"


@dataclass(frozen=True)
class BenjaminiYekutieli(_Statsmodels):
    """Step-up: controls the false discovery rate under any dependence, at a factor 1 + 1/2 + ... + 1/n (2001).

    Examples
    --------
    >>> from attnstats.comparison import BenjaminiYekutieli, adjust_pvalues
    >>> adjust_pvalues([0.01, 0.04, 0.03], BenjaminiYekutieli())
    array([0.055     , 0.07333333, 0.07333333])
    """

    name = "benjamini_yekutieli"
    _method = "fdr_by"


def adjust_pvalues(
    pvalues: ArrayLike, method: Correction = Holm(), *, missing: CompleteCases | None = None
) -> FloatArray:
    """Return p-values adjusted within their family.

    An adjusted p-value is the smallest level of the whole family at which its hypothesis is rejected.

    Parameters
    ----------
    pvalues : array_like, shape (n,)
        P-values of all tests of one declared family. One of 0 is taken for the smallest normal float, 2.2e-308, with an
        `UnreliableEstimateWarning`: right for a tail that underflowed, but a permutation p-value should be (b + 1)/(B +
        1).
    method : Holm, Hochberg, Hommel, Bonferroni, BenjaminiHochberg or BenjaminiYekutieli
        What to control, under which dependence.
    missing : CompleteCases, optional
        What to do about a test that could not be made, whose p-value is NaN or missing: by default raise an error; with
        `CompleteCases` it is no member of the family, and stays NaN. Where a test may have failed because its effect
        was large or absent, count it with a p-value of 1 instead.

    Returns
    -------
    ndarray, shape (n,)
        At most 1, in the order given; NaN for a test that could not be made.

    Raises
    ------
    InvalidInputError, NonFiniteError
        If a p-value is not in [0, 1]; if one is missing and `missing` is not given.

    References
    ----------
    Holm (1979), Scandinavian Journal of Statistics 6, 65-70. Hochberg (1988), Biometrika 75, 800-802. Hommel (1988),
    Biometrika 75, 383-386. Dunn (1961), Journal of the American Statistical Association 56, 52-64. Benjamini and
    Hochberg (1995), Journal of the Royal Statistical Society B 57, 289-300. Benjamini and Yekutieli (2001), Annals of
    Statistics 29, 1165-1188.

    Examples
    --------
    >>> from attnstats.comparison import adjust_pvalues
    >>> from attnstats.missing import CompleteCases
    >>> adjust_pvalues([0.01, float("nan"), 0.03], missing=CompleteCases())
    array([0.02,  nan, 0.03])
    """
    known = "Holm(), Hochberg(), Hommel(), Bonferroni(), BenjaminiHochberg() or BenjaminiYekutieli()"
    check_object(method, "method", "adjust", known)
    (given,), n_missing = complete_cases(missing, pvalues=pvalues)
    adjusted = method.adjust(as_pvalues(given))
    if not n_missing:
        return adjusted
    everywhere = np.full(len(adjusted) + n_missing, np.nan)
    everywhere[given.rows] = adjusted
    return everywhere


def adjust_families(frame: pd.DataFrame, method: Correction = Holm()) -> pd.DataFrame:
    """Return a results frame whose p-values are adjusted within the families that it declares.

    A family is the rows of one study with the same ``family`` and a p-value. Their ``pvalue_adjusted`` and
    ``correction`` are set; other rows, and the verdicts, which a study fixes beforehand, stay as they are.

    Parameters
    ----------
    frame : DataFrame
        A results frame (`attnstats.frame`).
    method
        As in `adjust_pvalues`.

    Returns
    -------
    DataFrame
        A new frame.

    Raises
    ------
    FrameError
        If `frame` is no results frame, or declares no family.

    Examples
    --------
    >>> from attnstats.comparison import adjust_families
    >>> from attnstats.frame import Row, to_frame
    >>> rows = [Row(quantity="contrast", family="i", pvalue=pvalue) for pvalue in (0.01, 0.04, 0.03)]
    >>> adjust_families(to_frame(rows))["pvalue_adjusted"].tolist()
    [0.03, 0.06, 0.06]
    """
    from attnstats.frame import check_frame  # loads pandas

    adjusted = check_frame(frame).reset_index(drop=True)
    tested = adjusted[adjusted["family"].notna() & adjusted["pvalue"].notna()]
    if tested.empty:
        raise FrameError("frame: must hold p-values with a family; got none")
    outside = tested.loc[~tested["pvalue"].between(0, 1), "pvalue"]
    if len(outside):
        raise FrameError(f"frame: the column pvalue must lie in [0, 1]; got {outside.iloc[0]!r}")
    for _, family in tested.groupby(["study", "family"], dropna=False, sort=False):
        adjusted.loc[family.index, "pvalue_adjusted"] = adjust_pvalues(family["pvalue"].to_numpy(), method)
    adjusted.loc[tested.index, "correction"] = method.name
    return adjusted.set_axis(frame.index)


def as_pvalues(pvalues: ArrayLike) -> FloatArray:
    """Return p-values above 0 and at most 1, of which there is at least one; warn where one was 0."""
    values = as_float_array(pvalues, "pvalues", ndim=1)
    check_at_least(len(values), 1, "number of p-values")
    outside = values[(values < 0) | (values > 1)]
    if len(outside):
        raise InvalidInputError(f"pvalues: must be from 0 to 1; got {float(outside[0])!r}")
    zeros = int(np.count_nonzero(values == 0))
    if zeros:
        warnings.warn(
            f"pvalues: should be above 0; got 0 in {zeros} of {len(values)}, taken for {sys.float_info.min:.2g}, the"
            " smallest normal float (a permutation p-value of 0 should be (b + 1)/(B + 1))",
            UnreliableEstimateWarning,
            stacklevel=3,
        )
    return np.maximum(values, sys.float_info.min)
