"""Two conditions on five repetitions of two-fold cross-validation: the combined F test."""

from __future__ import annotations

import sys

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import fdtrc

from attnstats._validation import as_float_array
from attnstats.comparison._unit import ROUNDING, Scaled
from attnstats.exceptions import ConstantInputError, InvalidInputError
from attnstats.results import SignificanceResult

_SHAPE = (5, 2)


def five_by_two_cv_test(a: ArrayLike, b: ArrayLike = 0.0, *, replication_unit: str = "fold") -> SignificanceResult:
    """Test whether two conditions differ over five repetitions of two-fold cross-validation (combined 5 × 2 cv F test).

    With p_ij the difference in fold j of repetition i and s_i² = Σ_j (p_ij − p̄_i)²,

        F = Σ_ij p_ij² / (2 Σ_i s_i²)

    is compared with F of 10 and 5 degrees of freedom. The two folds of a repetition share no training data, so only the
    repetitions overlap; half of the data are left to train on. It rejects far too often where the learners are hardly
    better than chance, and has neither side nor interval: the means that it does not reject may be none.
    `corrected_resampled_t_test` has both, and keeps its level there.

    Parameters
    ----------
    a : array_like, shape (5, 2)
        Score of each repetition and fold.
    b : array_like, shape (5, 2), or float
        The other condition on the same folds; or a number.
    replication_unit : str
        What a score belongs to, in the singular.

    Returns
    -------
    SignificanceResult
        The statistic is F, the effect the mean difference; ``n`` counts the ten folds, which are no independent units.

    Raises
    ------
    InvalidInputError
        If the scores are not those of five repetitions of two folds.
    NonFiniteError
        If a value is NaN or infinite.
    ConstantInputError
        If the two folds of every repetition have the same difference.

    References
    ----------
    Alpaydin (1999), Neural Computation 11, 1885-1892. Dietterich (1998), Neural Computation 10, 1895-1923 (the t test
    that it replaces, which uses one of the ten differences in its numerator).

    Examples
    --------
    >>> from attnstats.comparison import five_by_two_cv_test
    >>> forest = [[0.84, 0.81], [0.86, 0.83], [0.82, 0.86], [0.85, 0.84], [0.83, 0.87]]
    >>> linear = [[0.79, 0.80], [0.80, 0.81], [0.80, 0.80], [0.82, 0.79], [0.81, 0.82]]
    >>> five_by_two_cv_test(forest, linear)
    mean difference = 0.037, p = .136, n = 10 folds, combined 5 × 2 cv F test
    """
    first, second = as_float_array(a, "a"), as_float_array(b, "b")
    if first.shape != _SHAPE:
        raise InvalidInputError(f"a: must have shape {_SHAPE}, five repetitions of two folds; got {first.shape}")
    if second.ndim and second.shape != _SHAPE:
        raise InvalidInputError(f"b: must be a number or have the shape of a, {_SHAPE}; got {second.shape}")
    scaled = Scaled.difference(first, second)
    scaled.check_varies([scaled.values.ravel()])
    within = scaled.values - scaled.values.mean(axis=1, keepdims=True)
    if float(np.abs(within).max()) <= ROUNDING * scaled.largest:
        raise ConstantInputError(
            f"{scaled.unit.name}: must differ between the two folds of some repetition; got the same in all five"
        )
    statistic = float((scaled.values**2).sum() / (2 * (within**2).sum()))
    return SignificanceResult(
        test="combined 5 × 2 cv F test",
        statistic=statistic,
        pvalue=max(float(fdtrc(10, 5, statistic)), sys.float_info.min),
        alternative="two-sided",
        effect_name="mean difference",
        effect=scaled.unit.restore(float(scaled.values.mean())),
        n=first.size,
        replication_unit=replication_unit,
    )
