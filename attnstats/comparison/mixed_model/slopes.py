"""Contrasts of conditions in a linear mixed model, with finite degrees of freedom (Kenward-Roger)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from attnstats._renamed import former_parameters
from attnstats._validation import (
    ALTERNATIVES,
    FloatArray,
    as_float_array,
    as_labels,
    check_at_least,
    check_fraction,
    check_member,
    check_same_length,
)
from attnstats.comparison._unit import ROUNDING, Unit
from attnstats.comparison.mixed_model._fit import fit_reml
from attnstats.comparison.replication import MINIMUM_REPLICATES, ReplicateMean, check_replicates
from attnstats.exceptions import ConstantInputError, InvalidInputError
from attnstats.missing import CompleteCases, complete_cases
from attnstats.results import SignificanceResult

#: Levels of all random factors, for which the tables take some 5 GB.
_MOST_LEVELS = 10_000


@former_parameters(minimum_seeds="minimum_replicates")
def mixed_model_test(
    values: ArrayLike,
    condition: ArrayLike,
    *,
    random: Mapping[str, ArrayLike],
    contrast: ArrayLike | None = None,
    alternative: str = "two-sided",
    confidence_level: float = 0.95,
    minimum_replicates: int = MINIMUM_REPLICATES,
    missing: CompleteCases | None = None,
) -> SignificanceResult:
    """Test a difference between conditions in a linear mixed model with crossed, nested or unbalanced random factors.

    The model is y = X β + Σ_k Z_k u_k + e, one mean β per condition and one variance per random factor, fitted by
    restricted maximum likelihood (REML; Patterson and Thompson 1971, Biometrika 58, 545-554). The contrast c'β is
    divided by the standard error of Kenward and Roger (1997, Biometrics 53, 983-997), which allows for the variances
    being estimated, and compared with t on their degrees of freedom (for one contrast the same as Satterthwaite's).

    Variances are not held above zero, so that for balanced designs the fit is the analysis of variance: with paired
    replicates and one value each, the paired t test. Only where the likelihood has no maximum at a valid covariance is
    the most negative variance set to zero, and given as 0.

    Parameters
    ----------
    values, condition : array_like, shape (n,)
        Observations, and the condition of each.
    random : mapping of str to array_like, shape (n,)
        Random factors by name, each the label of every observation; the first one is the unit of replication, such as
        the patient. A label means the same level wherever it stands, so different replicates need different labels; an
        interaction is a factor of joint labels. Give everything that another experiment would draw anew, and its
        interaction with the condition wherever there are several values for it: without the factor "patient by
        condition", several values of a patient in one condition count as independent replications of the difference.
    contrast : array_like, shape (n_conditions,), optional
        Weight of each condition, in sorted order of the labels, summing to zero for a difference. By default, for two
        conditions, second minus first.
    alternative, confidence_level, missing
        As in `paired_test`, for the contrast and observation by observation.
    minimum_replicates : int
        Fewest levels of the first random factor accepted, at least 2; fewer than 8 give a `FewReplicatesWarning`.

    Returns
    -------
    SignificanceResult
        The statistic is t; ``n`` counts the levels of the first random factor; `test` gives df and variances.

    Raises
    ------
    InvalidInputError
        If the lengths differ, the contrast is zero or missing, two factors cannot be told apart, or there are more than
        10,000 levels.
    TooFewSamplesError
        With fewer than two conditions, two levels of a factor, or `minimum_replicates` levels of the first.
    ConstantInputError
        If the conditions explain every value exactly.
    ConvergenceError
        If the likelihood has no maximum, or the error of the contrast is lost in rounding.

    Examples
    --------
    Two attentions on the same 8 seeds, 20 examples seen by all:

    >>> import numpy as np
    >>> from attnstats.comparison import mixed_model_test
    >>> rng = np.random.default_rng(0)
    >>> attention, seed, example = (axis.ravel() for axis in np.indices((2, 8, 20)))
    >>> both = seed + 8 * attention
    >>> tau = 0.3 + 0.1 * attention + 0.05 * rng.normal(size=8)[seed] + 0.1 * rng.normal(size=20)[example]
    >>> tau = tau + 0.05 * rng.normal(size=16)[both] + 0.1 * rng.normal(size=320)
    >>> mixed_model_test(tau, attention, random={"seed": seed, "example": example, "seed by attention": both})
    difference = 0.12, 95 % CI [0.057, 0.182], p = .003, n = 8 seeds, linear mixed model (REML, Kenward-Roger,
    df = 7; variances: seed 0.00196, example 0.00927, seed by attention 0.00228, residual 0.0107)
    """
    level = check_fraction(confidence_level, "confidence_level")
    check_member(alternative, "alternative", ALTERNATIVES)
    if not isinstance(random, Mapping) or not random:
        raise InvalidInputError(f"random: must map at least one name to the labels of a factor; got {random!r}")
    given = {f"random[{name!r}]": labels for name, labels in random.items()}
    (values, condition, *labelled), n_missing = complete_cases(missing, values=values, condition=condition, **given)
    y = as_float_array(values, "values", ndim=1)
    codes, conditions = as_labels(condition, "condition")
    check_same_length(values=y, condition=codes)
    check_at_least(len(conditions), 2, "number of conditions")
    factors = []
    for name, labels in zip(random, labelled, strict=True):
        factor, levels = as_labels(labels, f"random[{name!r}]")
        check_same_length(values=y, **{f"random[{name!r}]": factor})
        check_at_least(len(levels), 2, f"number of levels of {name}")
        factors.append(factor)
    n_levels = sum(int(factor.max()) + 1 for factor in factors)
    if n_levels > _MOST_LEVELS:
        raise InvalidInputError(
            f"random: must have at most {_MOST_LEVELS} levels in all, since tables of levels by levels are formed; got"
            f" {n_levels} (for a complete table of two crossed factors take anova_test)"
        )
    replication_unit, n_units = next(iter(random)), int(factors[0].max()) + 1
    check_replicates(n_units, minimum_replicates=minimum_replicates, replication_unit=replication_unit)
    weights = _contrast(contrast, len(conditions))
    unit = Unit.of(y)
    y = unit.divide(y)
    within = y - np.bincount(codes, weights=y)[codes] / np.bincount(codes)[codes]
    centre, scale = float(y.mean()), float(np.sqrt(np.mean(within**2)))
    if scale <= ROUNDING * np.abs(y).max():
        raise ConstantInputError("values: must vary within a condition; got the same value for each, but for rounding")
    unit_of_weights = Unit.of(weights)
    weights = unit_of_weights.divide(weights)
    fit = fit_reml((y - centre) / scale, codes, factors)
    error, df = fit.error_and_df(weights)
    mean = ReplicateMean(
        value=centre * float(weights.sum()) + scale * float(weights @ fit.beta),
        error=error * scale,
        df=df,
        n=n_units,
        method="Kenward-Roger t",
        unit=Unit(unit.exponent + unit_of_weights.exponent),
        replication_unit=replication_unit,
        n_missing=n_missing,
    )
    variances = [unit.restore(float(each), 2) for each in scale**2 * np.roll(fit.variances, -1)]
    listed = ", ".join(f"{name} {size:.3g}" for name, size in zip([*random, "residual"], variances, strict=True))
    test = f"linear mixed model (REML, Kenward-Roger, df = {df:.3g}; variances: {listed})"
    return mean.result(test, "difference", alternative, mean.statistic(0.0), mean.pvalue(0.0, alternative), level)


def _contrast(contrast: ArrayLike | None, n_conditions: int) -> FloatArray:
    if contrast is None:
        if n_conditions != 2:
            raise InvalidInputError(f"contrast: must be given for more than two conditions; got {n_conditions} of them")
        return np.array([-1.0, 1.0])
    weights = as_float_array(contrast, "contrast", ndim=1)
    if weights.shape != (n_conditions,) or not weights.any():
        raise InvalidInputError(
            f"contrast: must hold one weight per condition, {n_conditions}, not all zero; got {contrast!r}"
        )
    return weights
