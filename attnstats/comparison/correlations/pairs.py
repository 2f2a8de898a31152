"""Pairs of correlations: of independent samples, with a variable in common, or with none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from attnstats.comparison.correlations.coefficients import (
    PEARSON,
    Correlation,
    CorrelationCoefficient,
    CorrelationPair,
    check_fields,
    correlate,
)
from attnstats.exceptions import InvalidInputError


@dataclass(frozen=True)
class IndependentCorrelations(CorrelationPair):
    """Two correlations of samples that have nothing in common.

    Parameters
    ----------
    r_1, r_2 : float
        The correlations, strictly between −1 and 1.
    n_1, n_2 : int
        Samples behind each, at least 4.
    coefficient : Pearson or Spearman

    Examples
    --------
    >>> from attnstats.comparison import IndependentCorrelations
    >>> IndependentCorrelations(r_1=0.49, n_1=145, r_2=0.36, n_2=87).interval()
    95 % CI [-0.0872, 0.359] (Zou)
    """

    r_1: float
    n_1: int
    r_2: float
    n_2: int
    coefficient: CorrelationCoefficient = PEARSON

    def __post_init__(self) -> None:
        check_fields(self, ("r_1", "r_2"), ("n_1", "n_2"))

    @classmethod
    def from_arrays(
        cls,
        x_1: ArrayLike,
        y_1: ArrayLike,
        x_2: ArrayLike,
        y_2: ArrayLike,
        *,
        coefficient: CorrelationCoefficient = PEARSON,
    ) -> Self:
        """Return the correlations of x_1 with y_1, each of shape (n_1,), and of x_2 with y_2, each of shape (n_2,)."""
        first, n_1 = correlate(coefficient, x_1=x_1, y_1=y_1)
        second, n_2 = correlate(coefficient, x_2=x_2, y_2=y_2)
        return cls(float(first[0, 1]), n_1, float(second[0, 1]), n_2, coefficient)

    @property
    def parts(self) -> tuple[Correlation, Correlation]:
        """The two correlations."""
        return Correlation(self.r_1, self.n_1, self.coefficient), Correlation(self.r_2, self.n_2, self.coefficient)

    @property
    def n_samples(self) -> int:
        """Samples in all."""
        return self.n_1 + self.n_2

    def dependence(self, first: float, second: float) -> float:  # noqa: ARG002
        """Return zero: the samples are independent."""
        return 0.0


@dataclass(frozen=True)
class OverlappingCorrelations(CorrelationPair):
    """Correlations of j with k and of j with h in one sample.

    Parameters
    ----------
    r_jk, r_jh : float
        The correlations to compare, strictly between −1 and 1.
    r_kh : float
        Correlation of the two variables that they do not share.
    n : int
        Samples, at least 4.
    coefficient : Pearson or Spearman

    Raises
    ------
    InvalidInputError
        If no three variables can have these correlations.

    Examples
    --------
    >>> from attnstats.comparison import OverlappingCorrelations
    >>> OverlappingCorrelations(r_jk=0.396, r_jh=0.179, r_kh=0.088, n=66).interval()
    95 % CI [-0.0929, 0.517] (Zou)
    """

    r_jk: float
    r_jh: float
    r_kh: float
    n: int
    coefficient: CorrelationCoefficient = PEARSON

    def __post_init__(self) -> None:
        check_fields(self, ("r_jk", "r_jh", "r_kh"))
        if self.determinant <= 0:
            raise InvalidInputError(
                f"r_kh: must make a positive definite matrix with r_jk={self.r_jk!r} and r_jh={self.r_jh!r};"
                f" got {self.r_kh!r}"
            )

    @classmethod
    def from_arrays(
        cls, j: ArrayLike, k: ArrayLike, h: ArrayLike, *, coefficient: CorrelationCoefficient = PEARSON
    ) -> Self:
        """Return the correlations of j with k and of j with h, each of shape (n,)."""
        matrix, n = correlate(coefficient, j=j, k=k, h=h)
        return cls(float(matrix[0, 1]), float(matrix[0, 2]), float(matrix[1, 2]), n, coefficient)

    @property
    def determinant(self) -> float:
        """Determinant of the correlation matrix of j, k and h."""
        squares = self.r_jk**2 + self.r_jh**2 + self.r_kh**2
        return 1 - squares + 2 * self.r_jk * self.r_jh * self.r_kh

    @property
    def parts(self) -> tuple[Correlation, Correlation]:
        """The two correlations."""
        return Correlation(self.r_jk, self.n, self.coefficient), Correlation(self.r_jh, self.n, self.coefficient)

    def dependence(self, first: float, second: float) -> float:
        """Return the correlation of the estimates (Pearson and Filon 1898; Steiger 1980, equation 3)."""
        explained = first**2 + second**2
        covariance = self.r_kh * (1 - explained) - first * second * (1 - explained - self.r_kh**2) / 2
        return float(covariance / ((1 - first**2) * (1 - second**2)))


@dataclass(frozen=True)
class NonOverlappingCorrelations(CorrelationPair):
    """Correlations of j with k and of h with m in one sample.

    Parameters
    ----------
    r_jk, r_hm : float
        The correlations to compare, strictly between −1 and 1.
    r_jh, r_jm, r_kh, r_km : float
        Correlations across the pairs.
    n, coefficient
        As in `OverlappingCorrelations`.

    Raises
    ------
    InvalidInputError
        If no four variables can have these correlations.

    Examples
    --------
    >>> from attnstats.comparison import NonOverlappingCorrelations
    >>> NonOverlappingCorrelations(
    ...     r_jk=0.396, r_hm=0.189, r_jh=0.208, r_jm=0.143, r_kh=0.023, r_km=0.423, n=66).interval()
    95 % CI [-0.096, 0.501] (Zou)
    """

    r_jk: float
    r_hm: float
    r_jh: float
    r_jm: float
    r_kh: float
    r_km: float
    n: int
    coefficient: CorrelationCoefficient = PEARSON

    def __post_init__(self) -> None:
        check_fields(self, ("r_jk", "r_hm", "r_jh", "r_jm", "r_kh", "r_km"))
        matrix = np.eye(4)
        matrix[np.triu_indices(4, 1)] = self.r_jk, self.r_jh, self.r_jm, self.r_kh, self.r_km, self.r_hm
        smallest = float(np.linalg.eigvalsh(matrix, UPLO="U")[0])
        if smallest <= 0:
            raise InvalidInputError(
                f"r_jk, ..., r_hm: must make a positive definite matrix; got smallest eigenvalue {smallest!r}"
            )

    @classmethod
    def from_arrays(
        cls, j: ArrayLike, k: ArrayLike, h: ArrayLike, m: ArrayLike, *, coefficient: CorrelationCoefficient = PEARSON
    ) -> Self:
        """Return the correlations of j with k and of h with m, each of shape (n,)."""
        matrix, n = correlate(coefficient, j=j, k=k, h=h, m=m)
        jk, hm, jh, jm, kh, km = (float(matrix[at]) for at in ((0, 1), (2, 3), (0, 2), (0, 3), (1, 2), (1, 3)))
        return cls(jk, hm, jh, jm, kh, km, n, coefficient)

    @property
    def parts(self) -> tuple[Correlation, Correlation]:
        """The two correlations."""
        return Correlation(self.r_jk, self.n, self.coefficient), Correlation(self.r_hm, self.n, self.coefficient)

    def dependence(self, first: float, second: float) -> float:
        """Return the correlation of the estimates (Pearson and Filon 1898; Steiger 1980, equation 2)."""
        jh, jm, kh, km = self.r_jh, self.r_jm, self.r_kh, self.r_km
        covariance = (
            (jh - first * kh) * (km - kh * second)
            + (jm - jh * second) * (kh - first * jh)
            + (jh - jm * second) * (km - first * jm)
            + (jm - first * km) * (kh - km * second)
        ) / 2
        return float(covariance / ((1 - first**2) * (1 - second**2)))
