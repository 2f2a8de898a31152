"""How far a sample correlation matrix is drawn towards the identity, from formulas instead of tuning."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from scipy.special import expit

from attnstats._validation import FloatArray

#: Where the leave-one-out likelihood is evaluated, as log w / (1 - w).
_LOGITS = np.linspace(-np.log(1e5), np.log(1e5), 93)


@runtime_checkable
class Shrinkage(Protocol):
    """A rule for the weight of the identity in (1 - weight) R + weight * identity, R the sample correlations."""

    def weight(self, standardized: FloatArray) -> float:
        """Return the weight in [0, 1], from columns of mean zero and mean square one, shape (n, dim)."""
        ...


@dataclass(frozen=True)
class NoShrinkage:
    """The sample correlations as they are.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.information import NoShrinkage
    >>> NoShrinkage().weight(np.eye(3))
    0.0
    """

    def weight(self, standardized: FloatArray) -> float:  # noqa: ARG002
        """Return 0."""
        return 0.0


@dataclass(frozen=True)
class LedoitWolf:
    """The weight of least expected squared (Frobenius) error, consistent without assumptions on the distribution.

    References
    ----------
    Ledoit and Wolf (2004), J. Multivariate Analysis 88, 365-411.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.information import LedoitWolf
    >>> x = np.random.default_rng(0).normal(size=(50, 10)) @ np.tri(10)
    >>> round(LedoitWolf().weight((x - x.mean(axis=0)) / x.std(axis=0)), 3)
    0.087
    """

    def weight(self, standardized: FloatArray) -> float:
        """Return ``min(b², d²) / d²``, with ``d² = |R - 1|²`` and ``b² = sum_k |z_k z_k' - R|² / n²``."""
        from sklearn.covariance import ledoit_wolf_shrinkage

        return max(0.0, float(ledoit_wolf_shrinkage(standardized, assume_centered=True)))  # not below 0 by rounding


@dataclass(frozen=True)
class SchaferStrimmer:
    """The weight of least expected squared error where the unit diagonal is known: sum var(r_ij) / sum r_ij^2.

    References
    ----------
    Schäfer and Strimmer (2005), Stat. Appl. Genet. Mol. Biol. 4, 32, target "D" for correlations.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.information import SchaferStrimmer
    >>> x = np.random.default_rng(0).normal(size=(50, 10)) @ np.tri(10)
    >>> round(SchaferStrimmer().weight((x - x.mean(axis=0)) / x.std(axis=0)), 3)
    0.078
    """

    def weight(self, standardized: FloatArray) -> float:
        """Return the ratio of the sums over i != j, at most 1."""
        n = len(standardized)
        correlations = standardized.T @ standardized / n
        squares = standardized**2
        # sum_k (z_ki z_kj - r_ij)^2, scaled for columns of unit *unbiased* variance as in the paper's appendix.
        variances = (squares.T @ squares / n - correlations**2) / (n - 1)
        error, distance = _off_diagonal(variances), _off_diagonal(correlations**2)
        return 1.0 if error >= distance else max(0.0, error / distance)


@dataclass(frozen=True)
class LeaveOneOutShrinkage:
    """The weight under which each sample is likeliest given the others, as a Gaussian.

    Squared error is dominated by many small correlations; likelihood heeds the few strong ones that carry information.

    References
    ----------
    Theiler (2012), The incredible shrinking covariance estimator, Proc. SPIE 8391.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.information import LeaveOneOutShrinkage
    >>> x = np.random.default_rng(0).normal(size=(50, 10)) @ np.tri(10)
    >>> round(LeaveOneOutShrinkage().weight((x - x.mean(axis=0)) / x.std(axis=0)), 3)
    0.022
    """

    def weight(self, standardized: FloatArray) -> float:
        """Return the weight that maximises the leave-one-out likelihood, between 1e-5 and 1 - 1e-5."""
        n = len(standardized)
        # One eigendecomposition serves every weight and every sample left out.
        eigenvalues, squares = principal_squares(standardized)
        weights = expit(_LOGITS)
        # Without a sample of distance d from the mean, the mean moves by d / (n - 1) and the scatter loses a rank.
        ratio = n / (n - 1)
        spectra = ratio * np.maximum(eigenvalues, 0)[:, np.newaxis] * (1 - weights) + weights
        distances = squares @ (1 / spectra)
        left = np.maximum(1 - ratio / (n - 1) * (1 - weights) * distances, 1e-200)  # not above 0 by rounding alone
        absent = standardized.shape[1] - len(eigenvalues)
        determinants = np.log(spectra).sum(axis=0) + absent * np.log(weights)
        losses = (np.log(left) + ratio**2 * distances / left).mean(axis=0) + determinants
        best = int(losses.argmin())
        if best in (0, len(losses) - 1):
            return float(weights[best])
        before, here, after = losses[best - 1 : best + 2]  # the vertex of the parabola through three
        step = (before - after) / (before - 2 * here + after) / 2
        return float(expit(_LOGITS[best] + step * (_LOGITS[1] - _LOGITS[0])))


def principal_squares(columns: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the eigenvalues of columns' columns / n, ascending, and the squared scores on their axes, shape (n, r).

    r is the lesser of n and the number of columns; the eigenvalues left out, and the scores on their axes, are zero.
    """
    n, dim = columns.shape
    if dim <= n:
        eigenvalues, axes = np.linalg.eigh(columns.T @ columns / n)
        return eigenvalues, (columns @ axes) ** 2
    eigenvalues, axes = np.linalg.eigh(columns @ columns.T / n)  # of rows, whose number does not grow with the columns
    return eigenvalues, n * np.maximum(eigenvalues, 0) * axes**2


def _off_diagonal(matrix: FloatArray) -> float:
    return float(matrix.sum() - np.trace(matrix))
