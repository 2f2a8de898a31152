"""The Gaussian copula estimator: normal scores of the ranks, then Gaussian mutual information."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from attnstats._validation import (
    FloatArray,
    IntArray,
    RNGLike,
    as_labels,
    as_permutations,
    as_samples,
    check_same_length,
    check_samples,
)
from attnstats.information._class_rule import as_variable, is_discrete
from attnstats.information._strata import strata_of, within_strata
from attnstats.information.interface import LocalTerms
from attnstats.information.margins import normal_scores
from attnstats.information.parametric._class_gaussians import class_terms
from attnstats.information.parametric._tied_columns import TiedPair, check_few_ties, tied_pair, ties_note
from attnstats.information.parametric.gaussian import gaussian_terms, orthonormal_basis, permuted_gaussian
from attnstats.information.projections._moments import column_correlations
from attnstats.information.projections.canonical import held_out_components
from attnstats.information.projections.critic import CriticEstimator, Evidence, HeldOutPairs, gaussian_log_ratio


@dataclass(frozen=True)
class GaussianCopula(CriticEstimator):
    """Mutual information under a Gaussian copula (GCMI), for two vectors, or for a vector and a class.

    Each column is replaced by its normal scores Phi^-1(rank / (n + 1)), so increasing transforms of a column change
    nothing. The model depends on the data:

    - two vectors: the estimate of `Gaussian` on the scores, bias correction included;
    - one column against one with repeated values (counts, ratings): the copula is fitted by maximum likelihood to the
      contingency table of the values; the information is that of the discrete columns;
    - a class y: a Gaussian of the scores for each class, and the mean of log q(y | x) / p(y) under Bayes' rule.

    Raises
    ------
    TooFewSamplesError
        If there are no more samples than columns in all; or a class has fewer than dim_x + 2 members.
    ConstantInputError
        If a variable does not vary, or its scores are a linear function of those of z.
    InvalidInputError
        If the scores of x and y determine each other and no value repeats: the information is infinite. Or if x or y is
        a vector, or z is continuous, and x and y each hold a column that loses more than 0.001 of the variance of its
        ranks to ties, as with fewer than 32 equally frequent values.

    Notes
    -----
    In the population the value is a lower bound of the information for one column against one, for one column without
    ties against a vector, and for a class, where it never exceeds H(Y). For two vectors it is one if the columns of y
    have a Gaussian copula, and not in general; conditional estimates are no bound. Dependence that leaves the scores
    uncorrelated (XOR, a circle) is not seen.

    For a class the bound is loose, and may be negative, where the classes have few members for the
    dim_x (dim_x + 3) / 2 parameters of each. It is not the difference of Gaussian entropies ("gcmi_model_cd" of Ince et
    al.), which can exceed H(Y). In vectors, and given a continuous z, equal values share their mean rank. Labels z
    split the sample into strata, each ranked on its own.

    References
    ----------
    Ince, Giordano, Kayser, Rousselet, Gross, Schyns (2017), Human Brain Mapping 38, 1541-1573.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.information import GaussianCopula
    >>> x, noise = np.random.default_rng(0).normal(size=(2, 1000))
    >>> y = np.exp(0.8 * x + 0.6 * noise)
    >>> round(GaussianCopula().estimate(x, y), 2)  # truth: -log(1 - 0.8**2) / 2 = 0.51 nats
    0.5
    """

    discrete_y: ClassVar[bool] = True
    discrete_z: ClassVar[bool] = True

    def pointwise(
        self, x: ArrayLike, y: ArrayLike, *, groups: ArrayLike | None = None, rng: RNGLike = None
    ) -> FloatArray:
        """Return the local terms of the fitted Gaussians, shape (n,), nats."""
        del rng  # deterministic
        if _is_class(x, y):
            x, codes = _against_labels(x, y, groups)
            return class_terms(_class_basis(x, "x"), codes)
        x, y = check_samples(x, y, groups=groups)
        pair = _pair(x, y)
        return gaussian_terms(normal_scores(x), normal_scores(y)) if pair is None else pair.gaussian_terms()

    def local_terms(
        self, x: ArrayLike, y: ArrayLike, *, groups: ArrayLike | None = None, rng: RNGLike = None
    ) -> LocalTerms:
        """Return what `pointwise` returns, and what was done about equal values."""
        terms = self.pointwise(x, y, groups=groups, rng=rng)
        return LocalTerms(terms, () if _is_class(x, y) else ties_note(x, y))

    def conditional_pointwise(
        self, x: ArrayLike, y: ArrayLike, z: ArrayLike, *, groups: ArrayLike | None = None, rng: RNGLike = None
    ) -> FloatArray:
        """Return the local terms i(x; y | z), shape (n,), nats: for labels y, those of i(x, z; y) - i(z; y)."""
        if is_discrete(z, "z"):
            return within_strata(self.pointwise, x, y, z, groups=groups, rng=rng)
        if is_discrete(y, "y"):
            x, codes = _against_labels(x, y, groups)
            z = as_samples(z, "z")
            check_same_length(x=x, z=z)
            terms: FloatArray = class_terms(_class_basis(np.hstack([x, z]), "x and z"), codes)
            return terms - class_terms(_class_basis(z, "z"), codes) if np.ptp(z / 2, axis=0).any() else terms
        x, y, z = check_samples(x, y, z, groups=groups)
        check_few_ties("GaussianCopula given a continuous z", x=x, y=y)
        return gaussian_terms(normal_scores(x), normal_scores(y), normal_scores(z))

    def evidence(self, x: FloatArray, y: FloatArray, pairs: HeldOutPairs, rng: np.random.Generator) -> Evidence:
        """Judge the Gaussian of canonical components by the pairs; parameters as in `CriticEstimator`."""
        fits = held_out_components(x, y, pairs.fold, rng)
        rho = [column_correlations(*(side[pairs.rows] for side in fit)) for fit in fits]
        half, whole = pairs.bounds(
            lambda fold: np.array([gaussian_log_ratio(*fit, fold, of) for fit, of in zip(fits, rho, strict=True)])
        )
        terms = self.local_terms(x, y)
        return Evidence(pairs.corrected(half, whole, float(terms.terms.mean())), lambda: terms)

    def permuted_estimates(self, x: ArrayLike, y: ArrayLike, rows: IntArray) -> FloatArray:
        """Return the estimate of x and ``y[row]`` for each row of ``rows``, shape (n_permutations,), nats."""
        if _is_class(x, y):
            x, codes = _against_labels(x, y, None)
            basis = _class_basis(x, "x")
            return np.array([class_terms(basis, codes[row]).mean() for row in as_permutations(rows, len(codes))])
        x, y = check_samples(x, y)
        if _pair(x, y) is not None:
            return np.array([self.estimate(x, y[row]) for row in as_permutations(rows, len(x))])
        return permuted_gaussian(normal_scores(x), normal_scores(y), rows)


def _is_class(x: ArrayLike, y: ArrayLike) -> bool:
    """Whether y is a class. Two columns of whole numbers are not: they are cross-tabulated."""
    if not is_discrete(y, "y"):
        return False
    x, y = as_variable(x, "x"), as_variable(y, "y")
    return not all(each.plain().shape[1] == 1 and all(each.discrete) and not each.coded() for each in (x, y))


def _pair(x: FloatArray, y: FloatArray) -> TiedPair | None:
    """Return the contingency table of one column against one with ties; refuse vectors with many ties in x and in y."""
    pair = tied_pair(x, y)
    if pair is None:
        check_few_ties("GaussianCopula of vectors", x=x, y=y)
    return pair


def _against_labels(x: ArrayLike, y: ArrayLike, groups: ArrayLike | None) -> tuple[FloatArray, IntArray]:
    samples, codes = as_samples(x, "x"), strata_of(y, "y")[0]
    check_same_length(x=samples, y=codes)
    if groups is not None:
        check_same_length(x=samples, groups=as_labels(groups, "groups")[0])
    return samples, codes


def _class_basis(values: FloatArray, name: str) -> FloatArray:
    """Return linearly independent combinations of the scores, of equal size; the classes' Gaussians do not change."""
    basis: FloatArray = orthonormal_basis(normal_scores(values), name) * np.sqrt(len(values))
    return basis
