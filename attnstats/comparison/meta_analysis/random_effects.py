"""Random-effects meta-analysis: the mean of true effects over studies, and their variance."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc, ndtr, ndtri, stdtr, stdtrit

from attnstats._validation import (
    ALTERNATIVES,
    FloatArray,
    as_float_array,
    check_at_least,
    check_fraction,
    check_member,
    check_same_length,
)
from attnstats.comparison._arguments import check_object
from attnstats.comparison._unit import Unit
from attnstats.comparison.correlations.coefficients import PEARSON, CorrelationCoefficient, check_coefficient
from attnstats.comparison.meta_analysis._prediction import prediction_interval, tau2_interval
from attnstats.comparison.meta_analysis.heterogeneity import REML, HeterogeneityEstimator, cochran_q, sum_of_products
from attnstats.comparison.meta_analysis.mean_error import KnappHartung, MeanTest
from attnstats.exceptions import InvalidInputError
from attnstats.missing import CompleteCases, complete_cases
from attnstats.results import ConfidenceInterval, SignificanceResult

#: Sampling error, as a share of the largest effect, that is below the rounding of floats.
_LEAST_ERROR = 1e-16
#: Sampling error, as a share of the largest one, whose weight squared is still a float.
_LEAST_SHARE = 1e-60


@dataclass(frozen=True)
class MetaAnalysis:
    """The mean effect over studies with its test, and the heterogeneity of the studies.

    Parameters
    ----------
    mean : SignificanceResult
        Mean of the true effects, its interval, and the test that it is zero.
    tau2, tau2_interval : float, ConfidenceInterval
        Variance of the true effects between studies, for correlations of Fisher's z, and its Q-profile interval.
    q, q_pvalue : float
        Cochran's Q and its chi-squared p-value under equal effects.
    i2 : float
        Share of the variance of the estimates that is between studies: tau²/(tau² + s²), with s² the typical sampling
        variance of Higgins and Thompson (2002).
    prediction_interval : ConfidenceInterval or None
        Interval of the true effect of another such study; None with fewer than three studies.
    weights : tuple of float
        Share of each study in the mean.
    """

    mean: SignificanceResult
    tau2: float
    tau2_interval: ConfidenceInterval
    q: float
    q_pvalue: float
    i2: float
    prediction_interval: ConfidenceInterval | None
    weights: tuple[float, ...]

    def summary(self) -> str:
        """Return the analysis in one line, as for a paper."""
        parts = [self.mean.summary(), f"tau² = {self.tau2:.3g}, I² = {100 * self.i2:.0f} %"]
        if self.prediction_interval is not None:
            interval = self.prediction_interval
            parts.append(f"{100 * interval.level:g} % prediction interval [{interval.low:.3g}, {interval.high:.3g}]")
        return "; ".join(parts)

    __repr__ = summary


def meta_analysis(
    effects: ArrayLike,
    variances: ArrayLike,
    *,
    heterogeneity: HeterogeneityEstimator = REML(),  # noqa: B008 (frozen)
    test: MeanTest = KnappHartung(),  # noqa: B008 (frozen)
    alternative: str = "two-sided",
    confidence_level: float = 0.95,
    replication_unit: str = "data set",
    missing: CompleteCases | None = None,
) -> MetaAnalysis:
    """Estimate the mean of true effects over studies, by a random-effects model.

    Study i estimates its own effect θ_i with variance v_i, and θ_i varies around the mean with variance tau²; its
    weight is 1/(v_i + tau²). The prediction interval, for the true effect of another study, allows for the uncertainty
    of tau².

    Parameters
    ----------
    effects, variances : array_like, shape (n_studies,)
        One estimate per study, for example per data set, and their sampling variances, taken for known.
    heterogeneity : REML, PauleMandel or DerSimonianLaird
        Estimator of tau².
    test : KnappHartung or Wald
        Error of the mean.
    alternative, confidence_level, missing
        As in `paired_test`, for the mean effect and study by study; the level is that of both intervals.
    replication_unit : str
        What a study is, in the singular: ``"trial"``, ``"data set"``.

    Returns
    -------
    MetaAnalysis
        ``mean`` holds the test, whose statistic is mean/se.

    Raises
    ------
    TooFewSamplesError, InvalidInputError
        With fewer than two studies; if a variance is not above zero, or all effects are the same and the Knapp-Hartung
        error with them zero.

    References
    ----------
    Higgins and Thompson (2002), Statistics in Medicine 21, 1539-1558. Hartung and Knapp (2001), same journal 20,
    3875-3889. Viechtbauer (2007), same journal 26, 37-52 (interval of tau²). Nagashima, Noma and Furukawa (2019),
    Statistical Methods in Medical Research 28, 1689-1702 (prediction).

    Examples
    --------
    >>> from attnstats.comparison import meta_analysis
    >>> meta_analysis([0.12, 0.31, 0.25, 0.08, 0.19], [0.004, 0.006, 0.003, 0.005, 0.004])
    mean effect = 0.189, 95 % CI [0.0781, 0.301], p = .009, n = 5 data sets, random effects (REML, Knapp-Hartung);
    tau² = 0.00328, I² = 44 %; 95 % prediction interval [-0.0653, 0.444]
    """
    (effects, variances), n_missing = complete_cases(missing, effects=effects, variances=variances)
    y, v = as_float_array(effects, "effects", ndim=1), as_float_array(variances, "variances", ndim=1)
    check_same_length(effects=y, variances=v)
    check_at_least(len(y), 2, "number of studies")
    if (v <= 0).any():
        raise InvalidInputError(f"variances: must be above 0; got {float(v.min())!r}")
    found = _pooled(y, v, "effects", heterogeneity, test, alternative, confidence_level, replication_unit)
    return replace(found, mean=replace(found.mean, n_missing=n_missing))


def _pooled(
    y: FloatArray,
    v: FloatArray,
    name: str,
    heterogeneity: HeterogeneityEstimator,
    test: MeanTest,
    alternative: str,
    confidence_level: float,
    replication_unit: str,
) -> MetaAnalysis:
    """Return the meta-analysis of effects, called `name` in messages, with their variances."""
    check_object(heterogeneity, "heterogeneity", "tau2", "REML(), PauleMandel() or DerSimonianLaird()")
    check_object(test, "test", "error", "KnappHartung() or Wald()")
    check_member(alternative, "alternative", ALTERNATIVES)
    check_fraction(confidence_level, "confidence_level")
    errors = np.sqrt(v)
    if errors.min() < max(_LEAST_ERROR * np.abs(y).max(), _LEAST_SHARE * errors.max()):
        raise InvalidInputError(
            "variances: must leave each effect an error above the rounding of the largest, and of a size that can be"
            f" compared with that of the others; got {float(v.min())!r}"
        )
    # A common offset would cost digits in every square; halved, no difference overflows.
    halves, half_errors = y / 2 - y[0] / 2, errors / 2
    half = Unit.of(halves, half_errors, name=name)
    unit = replace(half, exponent=half.exponent + 1)
    centred, v = 2 * unit.divide(halves), np.ldexp(v, -2 * unit.exponent)
    y, centre = unit.divide(y), float(unit.divide(y)[0])
    n, tau2 = len(y), heterogeneity.tau2(centred, v)
    weights = 1 / (v + tau2)
    total = float(weights.sum())
    lead = float(weights @ centred / total)
    mean = centre + lead
    error = test.error(float(weights @ (centred - lead) ** 2), total, n)
    if error <= 1e-12 * float(np.abs(y).max()):
        got = unit.restore(centre)
        raise InvalidInputError(f"{name}: must differ for {test!r} to have an error; got {got!r} for each")
    predicted = prediction_interval(centred, v, confidence_level) if n > 2 else None
    if predicted is not None:
        predicted = replace(predicted, low=predicted.low + centre, high=predicted.high + centre)
    df, tail = test.degrees_of_freedom(n), (1 + confidence_level) / 2
    half_width = float(ndtri(tail) if np.isinf(df) else stdtrit(df, tail)) * error
    q = cochran_q(centred, v)
    typical = float((n - 1) * (1 / v).sum() / sum_of_products(1 / v))  # sampling variance
    return MetaAnalysis(
        mean=unit.restore_result(
            SignificanceResult(
                test=f"random effects ({heterogeneity.label}, {test.label})",
                statistic=mean / error,
                pvalue=_pvalue(mean / error, df, alternative),
                alternative=alternative,
                effect_name="mean effect",
                effect=mean,
                n=n,
                replication_unit=replication_unit,
                confidence_interval=ConfidenceInterval(
                    mean - half_width, mean + half_width, confidence_level, test.label
                ),
            )
        ),
        tau2=unit.restore(tau2, 2),
        tau2_interval=unit.restore_interval(tau2_interval(centred, v, confidence_level), 2),
        q=q,
        q_pvalue=max(float(chdtrc(n - 1, q)), float(np.finfo(float).tiny)),
        i2=tau2 / (tau2 + typical),
        prediction_interval=None if predicted is None else unit.restore_interval(predicted),
        weights=tuple((weights / total).tolist()),
    )


def meta_analysis_of_correlations(
    correlations: ArrayLike,
    sizes: ArrayLike,
    *,
    coefficient: CorrelationCoefficient = PEARSON,
    heterogeneity: HeterogeneityEstimator = REML(),  # noqa: B008 (frozen)
    test: MeanTest = KnappHartung(),  # noqa: B008 (frozen)
    alternative: str = "two-sided",
    confidence_level: float = 0.95,
    replication_unit: str = "data set",
    missing: CompleteCases | None = None,
) -> MetaAnalysis:
    """Estimate the mean correlation over studies, by a random-effects model of Fisher's z.

    Mean and intervals are brought back by tanh: the mean is the correlation at the mean z (Hedges and Olkin 1985,
    Statistical Methods for Meta-Analysis, chapter 11).

    Parameters
    ----------
    correlations : array_like, shape (n_studies,)
        One per study, strictly between −1 and 1.
    sizes : array_like of int, shape (n_studies,)
        Samples behind each, at least 4.
    coefficient : Pearson or Spearman
        Which coefficient they are; it gives the variances.
    heterogeneity, test, alternative, confidence_level, replication_unit, missing
        As for `meta_analysis`.

    Returns
    -------
    MetaAnalysis
        Correlations, but for ``tau2``, which is the variance of z.

    Raises
    ------
    TooFewSamplesError, InvalidInputError
        With fewer than two studies; if a correlation or a size is out of range.

    Examples
    --------
    >>> from attnstats.comparison import meta_analysis_of_correlations
    >>> meta_analysis_of_correlations([0.31, 0.12, 0.25, 0.40], [50, 60, 40, 80])
    mean r = 0.283, 95 % CI [0.0739, 0.468], p = .024, n = 4 data sets, random effects (REML, Knapp-Hartung);
    tau² = 0.00344, I² = 15 %; 95 % prediction interval [-0.118, 0.595]
    """
    check_coefficient(coefficient)
    (correlations, sizes), n_missing = complete_cases(missing, correlations=correlations, sizes=sizes)
    r, n = as_float_array(correlations, "correlations", ndim=1), as_float_array(sizes, "sizes", ndim=1)
    check_same_length(correlations=r, sizes=n)
    outside = r[np.abs(r) >= 1]
    if len(outside):
        raise InvalidInputError(f"correlations: must lie strictly between -1 and 1; got {float(outside[0])!r}")
    if ((n < 4) | (n % 1 != 0)).any():
        raise InvalidInputError(f"sizes: must be integers of at least 4; got {float(n[(n < 4) | (n % 1 != 0)][0])!r}")
    check_at_least(len(r), 2, "number of studies")
    variances = np.array([coefficient.fisher_variance(float(each), int(size)) for each, size in zip(r, n, strict=True)])
    found = _pooled(
        np.arctanh(r), variances, "correlations", heterogeneity, test, alternative, confidence_level, replication_unit
    )
    assert found.mean.confidence_interval is not None
    mean = replace(
        found.mean,
        effect_name=f"mean {coefficient.symbol}",
        effect=float(np.tanh(found.mean.effect)),
        confidence_interval=_from_z(found.mean.confidence_interval),
        n_missing=n_missing,
    )
    prediction = None if found.prediction_interval is None else _from_z(found.prediction_interval)
    return replace(found, mean=mean, prediction_interval=prediction)


def _pvalue(statistic: float, df: float, alternative: str) -> float:
    def tail(value: float) -> float:  # an upper bound where it underflows
        return max(float(ndtr(value) if np.isinf(df) else stdtr(df, value)), float(np.finfo(float).tiny))

    above, below = tail(-statistic), tail(statistic)
    return {"greater": above, "less": below, "two-sided": min(1.0, 2 * min(above, below))}[alternative]


def _from_z(interval: ConfidenceInterval) -> ConfidenceInterval:
    return replace(interval, low=float(np.tanh(interval.low)), high=float(np.tanh(interval.high)))
