"""The noncentral t distribution, for effects of any size."""

import math

import numpy as np
from scipy.special import chdtrc, nctdtr

#: Values from which on SciPy's series loses digits, and beyond some 10⁷ does not end in reasonable time.
_LARGE = 30.0
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(60)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()


def noncentral_t_below(t: float, df: float, noncentrality: float) -> float:
    """Return P(T ≤ t) for a noncentral t, t not negative.

    T = (Z + δ)/S, with Z normal and df S² chi-squared, is at most t where S ≥ (Z + δ)/t. For a large t this probability
    given Z changes slowly with Z, and its mean is a Gauss-Hermite sum; elsewhere SciPy's series is taken.

    Examples
    --------
    >>> round(noncentral_t_below(40.0, 7, 38.0), 10), round(float(nctdtr(7, 38.0, 40.0)), 10)
    (0.4945617062, 0.4945617062)
    """
    if t < _LARGE or t < math.sqrt(2 * df):
        return float(nctdtr(df, noncentrality, t))
    least = np.maximum(noncentrality + _NODES, 0.0) / t
    return float(_WEIGHTS @ chdtrc(df, df * least**2))
