"""The contract that every estimator of mutual information keeps.

An estimator is a frozen dataclass that holds parameters and nothing else, so its repr says all there is to say about
it and two equal reprs give equal numbers. It declares what it accepts through class variables, and offers two verbs:
one number, and the local terms whose mean that number is. Three further protocols are optional: an estimator that has
something to say about how it came to its number, one that estimates conditional information too, and one that knows a
short way to its values under permutation.
"""

from dataclasses import fields, is_dataclass
from typing import Any, ClassVar, NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "ConditionalMIEstimator",
    "LocalTerms",
    "MIEstimator",
    "PermutableEstimator",
    "ReportingEstimator",
    "brief",
    "is_discrete",
    "offers",
]


@runtime_checkable
class MIEstimator(Protocol):
    """What an estimator of the mutual information I(X; Y), in nats, offers.

    Attributes
    ----------
    allows_duplicates : bool
        Whether the estimate is defined where samples repeat. An estimator without a meaning for them raises
        `attnstats.exceptions.DuplicateSamplesError`.
    discrete_y, continuous_y : bool
        Whether ``y`` may be class labels, and whether it may be real numbers or vectors. Where both hold,
        `is_discrete` decides by the dtype.
    """

    allows_duplicates: ClassVar[bool]
    discrete_y: ClassVar[bool]
    continuous_y: ClassVar[bool]

    def estimate(
        self,
        x: ArrayLike,
        y: ArrayLike,
        *,
        groups: ArrayLike | None = None,
        rng: int | np.random.Generator | None = None,
    ) -> float:
        """Return the estimate in nats, never clipped: the mean of `pointwise`.

        Parameters
        ----------
        x : array_like of shape (n,) or (n, dim_x)
            Samples of the first variable.
        y : array_like of shape (n,) or (n, dim_y)
            Samples of the second one, row by row.
        groups : array_like of shape (n,), optional
            Which rows belong together (the tokens of one example). Estimators that train on some rows and evaluate on
            others keep a group on one side; the rest only check the length.
        rng : int, numpy.random.Generator or None
            Source of randomness; a deterministic estimator does not draw from it.
        """
        ...

    def pointwise(
        self,
        x: ArrayLike,
        y: ArrayLike,
        *,
        groups: ArrayLike | None = None,
        rng: int | np.random.Generator | None = None,
    ) -> NDArray[np.float64]:
        """Return the local terms i(x_j; y_j) in nats, shape (n,); parameters as in `estimate`."""
        ...


class LocalTerms(NamedTuple):
    """The local terms of an estimate, shape (n,), in nats, and what there is to say about them, a phrase each.

    Of terms that are held out, `folds` says which rows were held out together, shape (n,).
    """

    terms: NDArray[np.float64]
    notes: tuple[str, ...] = ()
    folds: NDArray[np.int64] | None = None


@runtime_checkable
class ReportingEstimator(MIEstimator, Protocol):
    """An estimator that makes choices along the way and says which: its notes stand in the result."""

    def local_terms(
        self,
        x: ArrayLike,
        y: ArrayLike,
        *,
        groups: ArrayLike | None = None,
        rng: int | np.random.Generator | None = None,
    ) -> LocalTerms:
        """Return what `pointwise` returns, with the notes; parameters as in `estimate`."""
        ...


@runtime_checkable
class ConditionalMIEstimator(Protocol):
    """What an estimator of the conditional mutual information I(X; Y | Z), in nats, offers."""

    def conditional_pointwise(
        self,
        x: ArrayLike,
        y: ArrayLike,
        z: ArrayLike,
        *,
        groups: ArrayLike | None = None,
        rng: int | np.random.Generator | None = None,
    ) -> NDArray[np.float64]:
        """Return the local terms i(x_j; y_j | z_j) in nats, shape (n,); z as x, the rest as in `MIEstimator`."""
        ...


@runtime_checkable
class PermutableEstimator(MIEstimator, Protocol):
    """An estimator that reuses what it knows of x and y alone where only their pairing changes."""

    def permuted_estimates(self, x: ArrayLike, y: ArrayLike, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the estimate of x and ``y[row]`` for each row of ``rows``, shape (n_permutations, n)."""
        ...


_OFFERED: dict[tuple[type, type], bool] = {}


def offers(estimator: object, protocol: type) -> bool:
    """Return ``isinstance(estimator, protocol)``, remembered for each class: Python 3.11 takes 50 µs for every look.

    Examples
    --------
    >>> from attnstats.information import KSG
    >>> offers(KSG(), MIEstimator), offers(3, MIEstimator)
    (True, False)
    """
    key = (type(estimator), protocol)
    if key not in _OFFERED:
        _OFFERED[key] = isinstance(estimator, protocol)
    return _OFFERED[key]


def brief(estimator: object) -> str:
    """Return the repr of a dataclass without the parameters that have their default values.

    Examples
    --------
    >>> from attnstats.information import KSG
    >>> brief(KSG()), brief(KSG(k=5))
    ('KSG()', 'KSG(k=5)')
    """
    if not is_dataclass(estimator):
        return repr(estimator)
    values = ((each, getattr(estimator, each.name)) for each in fields(estimator) if each.repr)
    shown = [f"{each.name}={brief(value)}" for each, value in values if value != each.default]
    return f"{type(estimator).__name__}({', '.join(shown)})"


def is_discrete(values: ArrayLike) -> bool:
    """Whether an array counts as labels: integers, booleans, strings or objects, as opposed to floating point.

    Examples
    --------
    >>> is_discrete([0, 1, 1]), is_discrete(["pos", "neg"]), is_discrete([0.0, 1.0])
    (True, True, False)
    """
    array: NDArray[Any] = np.asarray(values)
    return array.dtype.kind not in "fc"
