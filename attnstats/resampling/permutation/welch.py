"""The studentized difference of two means, to be permuted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attnstats._validation import FloatArray, as_float_array, check_at_least
from attnstats.exceptions import ConstantInputError
from attnstats.resampling._scale import Scale


@dataclass(frozen=True)
class WelchT:
    """The difference of two means over its standard error, as the statistic of a two-sample permutation test.

    t = (x̄ − ȳ)/sqrt(s_x²/n_x + s_y²/n_y). Under `Independent` a test is exact where both samples have one distribution.
    Where they share the mean alone, that of the bare difference rejects too often if the smaller sample is the more
    spread, too seldom if the larger is; that of t keeps its level for large samples (Janssen 1997).

    Raises
    ------
    ConstantInputError
        When called, if neither sample varies, as may happen in a random arrangement of values with many ties.

    References
    ----------
    Janssen (1997), Statistics and Probability Letters 36, 9-21. Chung and Romano (2013), Annals of Statistics 41,
    484-507.

    Examples
    --------
    >>> from attnstats.resampling import Independent, WelchT, permutation_test
    >>> permutation_test([1, 2, 3, 4, 9], [5, 6, 7, 8], WelchT(), kind=Independent())
    statistic = -1.76, p = .127, n = 9 observations, two-sample permutation (exact)
    """

    def __call__(self, x: FloatArray, y: FloatArray) -> float:
        """Return t of two samples, shape (n_x,) and (n_y,)."""
        x, y = as_float_array(x, "x", ndim=1), as_float_array(y, "y", ndim=1)
        check_at_least(min(x.size, y.size), 2, "number of values in the smaller of x and y")
        if x.min() == x.max() and y.min() == y.max():
            raise ConstantInputError("x and y: must vary within one of the samples for Welch's t; got two constants")
        scale = Scale.of(x, y)
        difference = scale.stretch(float(scale.down(x).mean() - scale.down(y).mean()))
        return difference / float(np.hypot(_standard_error(x), _standard_error(y)))


def _standard_error(values: FloatArray) -> float:
    scale = Scale.of(values)
    return scale.stretch(float(scale.down(values).std(ddof=1) / np.sqrt(values.size)))
