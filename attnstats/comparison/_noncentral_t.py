"""The noncentral t distribution, for effects of any size; SciPy's loses digits, or does not end, for large ones."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import chdtr, chdtrc, nctdtr
from scipy.stats import nct

#: Values from which on SciPy's series loses digits, and beyond some 10⁷ does not end in reasonable time.
_LARGE = 30.0
#: Ratio of the noncentrality to a value at which no probability is left on the other side.
_FAR = 1e6
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(60)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()


def noncentral_t_below(t: float, df: float, noncentrality: float) -> float:
    """Return P(T ≤ t) for a noncentral t, t not negative."""
    if not _is_large(t, df):
        return float(nctdtr(df, noncentrality, t))
    least = np.maximum(noncentrality + _NODES, 0.0) / t
    return float(_WEIGHTS @ chdtrc(df, df * least**2))


def noncentral_t_above(t: float, df: float, noncentrality: float) -> float:
    if abs(noncentrality) > _FAR * (1 + abs(t)):  # S would have to reach a million, or Z
        return 1.0 if noncentrality > 0 else 0.0
    if not _is_large(t, df):
        return float(nct.sf(t, df, noncentrality))
    most = np.maximum(noncentrality + _NODES, 0.0) / t
    return float(_WEIGHTS @ chdtr(df, df * most**2))


def _is_large(t: float, df: float) -> bool:
    return t >= _LARGE and t >= math.sqrt(2 * df)
