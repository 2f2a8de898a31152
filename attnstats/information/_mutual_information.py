"""Mutual information of two variables, with interval, null floor and p-value where asked."""

from __future__ import annotations

import warnings
from functools import partial
from math import log
from typing import cast

import numpy as np
from numpy.typing import ArrayLike

from attnstats._parallel import parallel_map, spawn
from attnstats._validation import (
    FloatArray,
    IntArray,
    RNGLike,
    as_generator,
    as_labels,
    check_flag,
    check_fraction,
    check_same_length,
)
from attnstats._variable import Variable
from attnstats.exceptions import InvalidInputError, UnreliableEstimateWarning
from attnstats.information._class_rule import Discrete
from attnstats.information._parts import estimate_rows
from attnstats.information._variables import reading_notes, reads_classes, variables_for
from attnstats.information.best_bound import BestBound
from attnstats.information.interface import (
    LocalTerms,
    MIEstimator,
    brief,
    checked_estimate,
    checked_terms,
    has_local_terms,
    overrides,
)
from attnstats.information.intervals._bias_warning import warn_of_bias
from attnstats.information.intervals.terms import TermsInterval
from attnstats.information.nulls._whole_groups import WholeGroups
from attnstats.information.series._autocorrelation import variance_factor
from attnstats.information.series.interface import SeriesNull
from attnstats.missing import CompleteCases, complete_cases
from attnstats.resampling import Permutation, SubsampleInterval, permutation_pvalue
from attnstats.results import ConfidenceInterval, MIEstimate

#: Permutations that an estimator with a faster way of its own takes at once, and rows in all (80 MB).
_PERMUTATIONS, _ROWS = 100, 10**7


def mutual_information(
    x: ArrayLike,
    y: ArrayLike,
    estimator: MIEstimator = BestBound(),  # noqa: B008 (frozen)
    *,
    interval: SubsampleInterval | TermsInterval | None = None,
    null: Permutation | SeriesNull | None = None,
    groups: ArrayLike | None = None,
    discrete_x: Discrete = None,
    discrete_y: Discrete = None,
    missing: CompleteCases | None = None,
    confidence_level: float = 0.95,
    bias_warning: bool = True,
    n_jobs: int | None = None,
    rng: RNGLike = None,
) -> MIEstimate:
    """Estimate the mutual information of two variables.

    Parameters
    ----------
    x : array_like of shape (n,) or (n, dim_x)
        Samples of the first variable: arrays of any type, masked arrays, series and frames of pandas, polars and
        pyarrow, tensors; times are numbers of seconds.
    y : array_like of shape (n,) or (n, dim_y), or labels of shape (n,)
        Samples of the second one, row by row.
    estimator : MIEstimator, default BestBound()
        The estimator with its parameters. `KSG` takes a tenth of the time of the default, which counts with a null or
        an interval, since these estimate again.
    interval : SubsampleInterval or TermsInterval, optional
        How the interval is computed. By estimating again on parts of the sample: `HalfSampling`, `DeleteD`,
        `HolmesNemenman`, `PolitisRomano` of `attnstats.resampling`. From the local terms of the one estimate:
        `NeighborJackknife` of `KSG`; `HeldOutCLT` of estimators that hold rows out (`Probe`, the variational ones);
        `EmpiricalBernstein` and `BettingBound`, certified lower bounds, of `Probe`. A bootstrap with replacement is
        refused: it repeats samples, which look like information. Of series, the first kind in `TimeBlocks`.
    null : attnstats.resampling.Permutation or SeriesNull, optional
        Estimate again on permuted pairs, or where rows are steps of time with y in an order that keeps what it owes to
        its past: `CircularShift`, `BlockPermutation`, `PhaseSurrogate`. Their mean is the null floor, and the one-sided
        p-value of independence is (1 + #{I* >= I}) / (B + 1).
    groups : array_like of shape (n,), optional
        Rows that belong together (the tokens of one example). Parts are made of whole groups, and estimators that train
        keep a group on one side. The null gives the y of one group to another: row by row where all have the same
        size, else as the one value that y has in each.
    discrete_x, discrete_y : bool, sequence of bool, or None
        Whether the variable is a class or a measurement, for all columns or for each. By default the values decide:
        text, truth values and categories are classes; numbers are classes if they are whole and take at most max(2,
        sqrt(n)) different values, else measurements. The notes of the result state how whole numbers were read.
    missing : CompleteCases, optional
        What to do about missing values. By default the first one raises an error; `CompleteCases()` leaves out the
        rows that are incomplete, and `n_missing` of the result counts them.
    confidence_level : float, default 0.95
        Level of the interval.
    bias_warning : bool, default True
        Whether the bias is compared with the interval, see Warns; it takes up to 40 further estimates.
    n_jobs : int, optional
        Workers for resamples; the numbers do not depend on it.
    rng : int, numpy.random.Generator or None
        Source of randomness.

    Returns
    -------
    MIEstimate
        Value in nats, never clipped.

    Raises
    ------
    InvalidInputError
        If an argument has the wrong type or shape; or if the null of grouped rows is asked for, the groups differ in
        size and y varies within them, so that they cannot be exchanged.
    AttnstatsError
        Whatever the estimator raises; see there.

    Warns
    -----
    UnreliableEstimateWarning
        If the estimate exceeds log n, which no sample of size n can show without assumptions on the distribution
        (McAllester and Stratos 2020). If the estimator doubts its estimate, as `BestBound` does where halves of the
        sample show less. With an interval, and an estimator that does not hold rows out, also if the bias
        is likely to exceed a third of the standard error. The bias is the mean error on 40 samples with the margins of
        x and y, a Gaussian dependence and this information; or where values recur, the mean of 20 estimates from halves
        of the sample minus the estimate from all of it. With a `Permutation` of rows without groups, if the rows of
        both variables depend on their neighbours, as those of time series (Bartlett's formula).

    References
    ----------
    McAllester, Stratos (2020), Formal limitations on the measurement of mutual information, AISTATS.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.information import KSG, mutual_information
    >>> from attnstats.resampling import Permutation
    >>> generator = np.random.default_rng(0)
    >>> x = generator.normal(size=500)
    >>> y = 0.6 * x + 0.8 * generator.normal(size=500)  # truth: 0.22 nats
    >>> mutual_information(x, y, KSG(k=5), null=Permutation(99), rng=0).pvalue
    0.01
    """
    check_fraction(confidence_level, "confidence_level")
    check_flag(bias_warning, "bias_warning")
    # The protocol is also met by the class itself.
    if isinstance(interval, type) or not isinstance(interval, SubsampleInterval | TermsInterval | None):
        raise InvalidInputError(
            "interval: must be a SubsampleInterval, such as HalfSampling(), or a TermsInterval, such as"
            " NeighborJackknife(); a bootstrap with replacement repeats samples, which an estimate of mutual"
            f" information reads as dependence. Got {interval!r}"
        )
    if null is not None and not isinstance(null, Permutation | SeriesNull):
        raise InvalidInputError(
            f"null: must be a Permutation, or a CircularShift or another null of series; got {null!r}"
        )
    if groups is not None and isinstance(null, SeriesNull):
        raise InvalidInputError(
            f"groups: must be None under {type(null).__name__}, which takes all rows as one series; got {groups!r:.80}"
        )
    (x, y, groups), n_missing = complete_cases(missing, x=x, y=y, groups=groups)
    x, y = variables_for(estimator, x=(x, discrete_x), y=(y, discrete_y))
    codes = None if groups is None else as_labels(groups, "groups")[0]
    n = check_same_length(x=x, y=y)
    if isinstance(null, SeriesNull):
        null.rearranged(y, np.random.default_rng(0))  # says before any work where the series does not do
    generator = as_generator(rng)
    # Before the generator is spawned from: the numbers are those of `pointwise`.
    local = None
    if has_local_terms(estimator) or isinstance(interval, TermsInterval):
        local = checked_terms(estimator.local_terms(x, y, groups=codes, rng=generator), n, estimator)
        value = float(local.terms.mean())
    else:
        value = checked_estimate(estimator.estimate(x, y, groups=codes, rng=generator), estimator)
    if value > log(n):
        warnings.warn(
            f"estimate of {value:.3g} nats: exceeds log n = {log(n):.3g}; without assumptions on the distribution no"
            f" {n} samples can show more than about that (McAllester and Stratos 2020)",
            UnreliableEstimateWarning,
            stacklevel=2,
        )
    for doubt in local.doubts if local else ():
        message = f"estimate of {value:.3g} nats: may be far off, since {doubt}"
        warnings.warn(message, UnreliableEstimateWarning, stacklevel=2)

    seed, null_seed = (int(each) for each in generator.integers(2**63, size=2))
    confidence_interval: ConfidenceInterval | None = None
    null_floor = pvalue = pvalue_floor = None
    if isinstance(interval, TermsInterval):
        confidence_interval = interval.from_terms(
            estimator, cast(LocalTerms, local), x, y, groups=codes, confidence_level=confidence_level
        )
    elif interval is not None:
        part = partial(estimate_rows, estimator.estimate, (x, y), codes, seed)
        confidence_interval = interval.interval(
            part, value, n, groups=codes, confidence_level=confidence_level, n_jobs=n_jobs, rng=seed
        )
    # A held-out bound is low by what its models have not learned, which is no bias of the bound.
    if bias_warning and confidence_interval is not None and not estimator.held_out:
        warn_of_bias(estimator, x, y, value, confidence_interval, groups=codes, n_jobs=n_jobs, rng=seed, stacklevel=2)
    if null is not None:
        if isinstance(null, Permutation) and codes is None and (factor := variance_factor(x, y)) > 1:
            warnings.warn(
                "null=Permutation: presumes that rows can be exchanged, but those of x and y depend on their"
                f" neighbours: their autocorrelation multiplies the variance of a correlation by {factor:.2g}, so that"
                " p-values of independent series are too small. Take null=CircularShift() where rows are steps of time,"
                " or groups= where they belong together; shuffle rows that were merely sorted by another column",
                UnreliableEstimateWarning,
                stacklevel=2,
            )
        generators = spawn(null_seed, null.n_resamples)
        at_once = codes is None and overrides(estimator, MIEstimator.permuted_estimates)
        size = max(1, min(_PERMUTATIONS, _ROWS // n)) if at_once else 1
        chunks = [generators[start : start + size] for start in range(0, null.n_resamples, size)]
        permuted = partial(_estimate_permuted, estimator, x, y, codes, WholeGroups.of(y, codes, "y"), null)
        values = np.concatenate(parallel_map(permuted, chunks, rng=null_seed, n_jobs=n_jobs))
        null_floor = float(values.mean())
        pvalue, pvalue_floor = permutation_pvalue(value, values, alternative="greater"), null.floor
    return MIEstimate(
        value,
        brief(estimator),
        n_samples=n,
        dim_x=len(x.discrete),
        dim_y=0 if reads_classes(estimator, y) else len(y.discrete),
        interval=confidence_interval,
        null_floor=null_floor,
        pvalue=pvalue,
        pvalue_floor=pvalue_floor,
        notes=(*(() if local is None else local.notes), *reading_notes(estimator, x=x, y=y)),
        n_missing=n_missing,
    )


def pointwise_mutual_information(
    x: ArrayLike,
    y: ArrayLike,
    estimator: MIEstimator,
    *,
    groups: ArrayLike | None = None,
    discrete_x: Discrete = None,
    discrete_y: Discrete = None,
    missing: CompleteCases | None = None,
    rng: RNGLike = None,
) -> FloatArray:
    """Return the local terms i(x_j; y_j) of an estimate of mutual information; their mean is the estimate.

    Parameters
    ----------
    x, y, estimator, groups, discrete_x, discrete_y, missing, rng
        As in `mutual_information`; the same seed gives the same estimate.

    Returns
    -------
    ndarray of shape (n,)
        Nats; negative where the pair occurs less often than by chance, and NaN in the rows that `missing` left out.

    Examples
    --------
    >>> from attnstats.information import Binned, PlugIn, pointwise_mutual_information
    >>> pointwise_mutual_information([0, 0, 1, 1], [0, 0, 0, 1], Binned(entropy=PlugIn())).round(2)
    array([ 0.29,  0.29, -0.41,  0.69])
    """
    (x, y, groups), n_missing = complete_cases(missing, x=x, y=y, groups=groups)
    rows = getattr(x, "rows", None)
    x, y = variables_for(estimator, x=(x, discrete_x), y=(y, discrete_y))
    codes = None if groups is None else as_labels(groups, "groups")[0]
    terms = estimator.pointwise(x, y, groups=codes, rng=as_generator(rng))
    checked_terms(LocalTerms(terms), len(x), estimator)
    if not n_missing:
        return terms
    of_all = np.full(len(terms) + n_missing, np.nan)
    of_all[rows] = terms
    return of_all


def _estimate_permuted(
    estimator: MIEstimator,
    x: Variable,
    y: Variable,
    groups: IntArray | None,
    whole: WholeGroups,
    null: Permutation | SeriesNull,
    generators: list[np.random.Generator],
    _: np.random.Generator,
) -> FloatArray:
    """Return the estimate under one permutation for each generator."""
    if isinstance(null, SeriesNull):
        rows = np.array([null.rearranged(y, generator) for generator in generators])
    else:
        n_units = len(whole.rows)
        rows = np.array([whole.received(null.arrangement(n_units, generator)) for generator in generators])
    if groups is None and overrides(estimator, MIEstimator.permuted_estimates):
        return estimator.permuted_estimates(x, y, rows)
    pairs = zip(rows, generators, strict=True)
    return np.array([estimator.estimate(x, y[row], groups=groups, rng=generator) for row, generator in pairs])
