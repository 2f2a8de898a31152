"""What the package returns: small frozen values with a one-line repr and a summary."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import log
from typing import Self

from attnstats._validation import check_count, check_fraction, check_number
from attnstats.exceptions import InvalidInputError

__all__ = ["ConfidenceInterval", "MIEstimate", "SignificanceResult"]


@dataclass(frozen=True, slots=True)
class ConfidenceInterval:
    """An interval estimate.

    Parameters
    ----------
    low, high : float
        Ends of the interval, in the units of the quantity.
    level : float
        Nominal confidence level, in (0, 1).
    method : str
        Its name.
    n_resamples : int or None
        Resamples drawn, None for an analytic interval.
    n_missing : int
        Rows left out as incomplete (`attnstats.missing`).

    Examples
    --------
    >>> ConfidenceInterval(0.22, 0.4, level=0.95, method="BCa", n_resamples=9999)
    95 % CI [0.22, 0.4] (BCa, 9999 resamples)
    """

    low: float
    high: float
    level: float
    method: str
    n_resamples: int | None = None
    n_missing: int = 0

    def __post_init__(self) -> None:
        check_fraction(self.level, "level")
        check_count(self.n_missing, "n_missing", minimum=0)
        low, high = (check_number(getattr(self, name), name, infinite=True) for name in ("low", "high"))
        if not low <= high:
            raise InvalidInputError(f"low: must not exceed high; got low={self.low!r}, high={self.high!r}")

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high

    @property
    def described_method(self) -> str:
        """The method, with the number of resamples and of rows left out, where there are any."""
        resamples = "" if self.n_resamples is None else f", {self.n_resamples} resamples"
        return f"{self.method}{resamples}{left_out(self.n_missing)}"

    def __repr__(self) -> str:
        return f"{self} ({self.described_method})"

    def __str__(self) -> str:
        return f"{100 * self.level:g} % CI [{self.low:.3g}, {self.high:.3g}]"

    def scaled(self, factor: float) -> Self:
        """Return the interval of the quantity multiplied by a positive factor."""
        return replace(self, low=self.low * factor, high=self.high * factor)


@dataclass(frozen=True, slots=True)
class MIEstimate:
    """An estimate of mutual information.

    Parameters
    ----------
    value : float
        The estimate; never clipped, so it may be negative.
    estimator : str
        Its name, with those of its parameters that differ from the default.
    n_samples, dim_x, dim_y : int
        Size of what was estimated; ``dim_y`` is 0 for a discrete ``y``.
    interval : ConfidenceInterval or None
        Where one was asked for.
    null_floor : float or None
        Mean of the same estimator over permuted pairs, in the unit of ``value``.
    pvalue, pvalue_floor : float or None
        Permutation p-value of independence, and the smallest one that was attainable.
    unit : {"nats", "bits"}
        Of the value, its interval and the null floor.
    notes : tuple of str
        Remarks of the estimator, a phrase each.
    dim_z : int or None
        Dimension of what was conditioned on, 0 for labels; None where the information is not conditional.
    n_missing : int
        Rows left out as incomplete, which ``n_samples`` does not count.

    Examples
    --------
    >>> estimate = MIEstimate(0.5, "KSG(k=3)", n_samples=1000, dim_x=1, dim_y=1)
    >>> estimate
    MI = 0.5 nats, n = 1000, KSG(k=3)
    >>> round(estimate.to_bits().value, 4)
    0.7213
    """

    value: float
    estimator: str
    n_samples: int
    dim_x: int
    dim_y: int
    interval: ConfidenceInterval | None = None
    null_floor: float | None = None
    pvalue: float | None = None
    pvalue_floor: float | None = None
    unit: str = "nats"
    notes: tuple[str, ...] = ()
    dim_z: int | None = None
    n_missing: int = 0

    def to_bits(self) -> Self:
        """Return the same estimate in bits (1 bit = ln 2 nats)."""
        if self.unit == "bits":
            return self
        factor = 1 / log(2)
        return replace(
            self,
            value=self.value * factor,
            interval=None if self.interval is None else self.interval.scaled(factor),
            null_floor=None if self.null_floor is None else self.null_floor * factor,
            unit="bits",
        )

    def summary(self) -> str:
        """Return the estimate in one line, as for a paper."""
        parts = [f"{'MI' if self.dim_z is None else 'conditional MI'} = {self.value:.3g} {self.unit}"]
        if self.interval is not None:
            parts.append(str(self.interval))
        if self.null_floor is not None:
            parts.append(f"null floor {self.null_floor:.3g}")
        if self.pvalue is not None:
            parts.append(format_pvalue(self.pvalue))
        size = f"n = {self.n_samples}{left_out(self.n_missing)}"
        return ", ".join([*parts, size, "; ".join([self.estimator, *self.notes])])

    __repr__ = summary


@dataclass(frozen=True, slots=True)
class SignificanceResult:
    """The outcome of one hypothesis test.

    Parameters
    ----------
    test : str
        Name of the test and of its null distribution.
    statistic, pvalue : float
        Test statistic and p-value.
    alternative : {'two-sided', 'less', 'greater', 'equivalence'}
        The alternative hypothesis.
    effect_name : str
        What ``effect`` measures, for example ``"tau-b"``.
    effect : float
        Effect in its own units.
    n : int
        Number of units.
    replication_unit : str
        What was counted in ``n``, in the singular: ``"patient"``, ``"seed"``, ``"pair"``.
    pvalue_floor : float or None
        Smallest p-value that the test could have given; None for an asymptotic null.
    confidence_interval : ConfidenceInterval or None
        Interval of ``effect``, where the test comes with one.
    n_missing : int
        Units left out as incomplete, which ``n`` does not count.

    Examples
    --------
    >>> SignificanceResult(
    ...     test="sign-flip permutation (exact)", statistic=0.31, pvalue=0.0039, alternative="greater",
    ...     effect_name="difference", effect=0.31, n=8, replication_unit="patient", pvalue_floor=0.0039)
    difference = 0.31, p = .004, n = 8 patients, sign-flip permutation (exact)
    """

    test: str
    statistic: float
    pvalue: float
    alternative: str
    effect_name: str
    effect: float
    n: int
    replication_unit: str = "sample"
    pvalue_floor: float | None = None
    confidence_interval: ConfidenceInterval | None = None
    n_missing: int = 0
    _interval: Callable[[float], ConfidenceInterval] | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        check_unit(self.replication_unit)

    def interval(self, confidence_level: float = 0.95) -> ConfidenceInterval:
        """Return the interval of the effect at a confidence level, computed on request."""
        check_fraction(confidence_level, "confidence_level")
        if self.confidence_interval is not None and self.confidence_interval.level == confidence_level:
            return self.confidence_interval
        if self._interval is None:
            raise InvalidInputError(f"confidence_level: {self.test} has no interval at {confidence_level!r}")
        return self._interval(confidence_level)

    def summary(self) -> str:
        """Return the result in one line, as for a paper."""
        parts = [f"{self.effect_name} = {self.effect:.3g}"]
        if self.confidence_interval is not None:
            parts.append(str(self.confidence_interval))
        size = f"n = {counted(self.n, self.replication_unit)}{left_out(self.n_missing)}"
        return ", ".join([*parts, format_pvalue(self.pvalue), size, self.test])

    __repr__ = summary


def check_unit(unit: object, name: str = "replication_unit", example: str = "patient") -> None:
    """Raise unless it is the name of a unit of replication."""
    if not isinstance(unit, str) or not unit:
        raise InvalidInputError(f"{name}: must be a name, such as {example!r}; got {unit!r}")


def check_factors(replication_unit: object, crossed_unit: object) -> None:
    """Raise unless they are two names of units that are crossed with one another."""
    check_unit(replication_unit)
    check_unit(crossed_unit, "crossed_unit", "case")
    if replication_unit == crossed_unit:
        raise InvalidInputError(f"crossed_unit: must differ from replication_unit; got {crossed_unit!r} for both")


def plural(unit: str) -> str:
    """Return the plural of the name of a unit of replication; one that ends in a single s is taken for a plural.

    >>> plural("seed"), plural("study"), plural("batch"), plural("epoch"), plural("class"), plural("patients")
    ('seeds', 'studies', 'batches', 'epochs', 'classes', 'patients')
    """
    check_unit(unit)
    if unit.endswith("y") and unit[-2:-1] not in ("", *"aeiou"):
        return f"{unit[:-1]}ies"
    if unit.endswith("s") and not unit.endswith("ss"):
        return unit
    hissing = unit.endswith(("ss", "x", "ch", "sh")) and not unit.endswith("epoch")
    return f"{unit}es" if hissing else f"{unit}s"


def counted(n: int, unit: str) -> str:
    """Return a number of units in words.

    >>> counted(7, "patient"), counted(1, "patient")
    ('7 patients', '1 patient')
    """
    return f"{n} {unit if n == 1 else plural(unit)}"


def left_out(n_missing: int) -> str:
    """Return the part of a summary that counts the rows left out, empty where there are none."""
    return f", {n_missing} left out as incomplete" if n_missing else ""


def format_pvalue(pvalue: float) -> str:
    """Return a p-value as a paper prints it.

    >>> format_pvalue(0.0421), format_pvalue(0.00002), format_pvalue(1.0)
    ('p = .042', 'p < .001', 'p > .999')
    """
    if pvalue < 0.001:
        return "p < .001"
    return "p > .999" if pvalue > 0.999 else f"p = {pvalue:.3f}".replace("0.", ".", 1)
