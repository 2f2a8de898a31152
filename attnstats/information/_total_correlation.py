"""Total correlation: the information that several variables share."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from numpy.typing import ArrayLike

from attnstats._validation import RNGLike, as_generator, as_labels, check_same_length
from attnstats._variable import Variable
from attnstats.exceptions import InvalidInputError
from attnstats.information._class_rule import as_variable
from attnstats.information._parts import of_parameter
from attnstats.information.interface import MIEstimator, check_estimator
from attnstats.information.knn.ksg import KSG


def total_correlation(
    variables: Sequence[ArrayLike],
    estimator: MIEstimator = KSG(),  # noqa: B008 (frozen)
    *,
    groups: ArrayLike | None = None,
    rng: RNGLike = None,
) -> float:
    """Estimate the total correlation of several variables, the sum of their entropies less that of all together.

    It is 0 where all are independent, the mutual information of two, and by the chain rule

        TC(X_1, ..., X_d) = I(X_2; X_1) + I(X_3; X_1, X_2) + ... + I(X_d; X_1, ..., X_{d-1}),

    each term of which is estimated. The terms depend on the order of the variables, and so does what an estimator
    misses of them; its error adds up.

    Parameters
    ----------
    variables : sequence of array_like, each of shape (n,) or (n, dim)
        Two or more; the columns of a table are ``[table[name] for name in table]``.
    estimator : MIEstimator, default KSG()
        One that takes variables of several columns, and classes where there are any.
    groups : array_like of shape (n,), optional
        Rows that belong together; see `mutual_information`.
    rng : int, numpy.random.Generator or None
        Source of randomness.

    Returns
    -------
    float
        Nats, never clipped.

    Raises
    ------
    InvalidInputError
        If there are fewer than two variables, or they differ in length.
    AttnstatsError
        Whatever the estimator raises; see there.

    References
    ----------
    Watanabe (1960), Information theoretical analysis of multivariate correlation, IBM Journal 4, 66-82.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.information import Gaussian, total_correlation
    >>> common, *own = np.random.default_rng(0).normal(size=(4, 2000))
    >>> round(total_correlation([common + each for each in own], Gaussian()), 1)  # truth: log(8 / 4) / 2 = 0.35 nats
    0.3
    """
    check_estimator(estimator)
    if isinstance(variables, str) or not isinstance(variables, Sequence) or len(variables) < 2:
        raise InvalidInputError(f"variables: must be a sequence of two variables or more; got {variables!r:.80}")
    judged = [as_variable(each, f"variables[{place}]") for place, each in enumerate(variables)]
    check_same_length(**{f"variables[{place}]": each for place, each in enumerate(judged)})
    codes = None if groups is None else as_labels(groups, "groups")[0]
    total, generator = 0.0, as_generator(rng)
    for place in range(1, len(judged)):
        before = reduce(Variable.beside, [each.as_columns() for each in judged[:place]])
        with of_parameter("variables"):
            total += estimator.estimate(before, judged[place], groups=codes, rng=generator)
    return total
