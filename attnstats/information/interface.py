"""The base class of every estimator of mutual information."""

from __future__ import annotations

from abc import ABC
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from functools import cache
from inspect import Parameter, signature
from types import ModuleType
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from attnstats._validation import FloatArray, IntArray, RNGLike, as_number, as_permutations, check_same_length
from attnstats.exceptions import InvalidInputError, NonFiniteError
from attnstats.information._class_rule import as_variable


class LocalTerms(NamedTuple):
    """The local terms of an estimate, shape (n,), in nats, and notes on how they were found, a phrase each.

    Of terms that are held out, `folds` says which rows were held out together, shape (n,). Doubts are reasons why the
    estimate may be far off, of which `mutual_information` warns.
    """

    terms: FloatArray
    notes: tuple[str, ...] = ()
    folds: IntArray | None = None
    doubts: tuple[str, ...] = ()


class MIEstimator(ABC):  # noqa: B024 (one of three methods is written)
    """An estimator of the mutual information I(X; Y), in nats.

    An estimator is a frozen dataclass of its parameters that inherits from this class and writes one method:
    `pointwise`, the local terms whose mean is the estimate; or `local_terms`, which returns notes with them; or, where
    it has no local terms, `estimate`. It may replace the others, such as `conditional_pointwise`, of I(X; Y | Z).

    Attributes
    ----------
    discrete_y, continuous_y : bool
        Whether ``y`` may be classes (default False), and whether it may be measurements (default True).
    discrete_x, discrete_z : bool
        Whether columns of ``x`` and of ``z`` may be classes, default False; they may always be measurements.
    held_out : bool
        Whether each local term comes from a model that has not seen the group of its row, default False.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> import numpy as np
    >>> from attnstats.information import MIEstimator, mutual_information
    >>> @dataclass(frozen=True)
    ... class FromCorrelation(MIEstimator):
    ...     def estimate(self, x, y, *, groups=None, rng=None):
    ...         return -0.5 * np.log(1 - np.corrcoef(x, y)[0, 1] ** 2)
    >>> mutual_information([1.5, 2, 3, 4], [1.5, 3, 2, 4], FromCorrelation()).estimator
    'FromCorrelation()'
    """

    discrete_y: ClassVar[bool] = False
    continuous_y: ClassVar[bool] = True
    discrete_x: ClassVar[bool] = False
    discrete_z: ClassVar[bool] = False
    held_out: ClassVar[bool] = False

    def estimate(self, x: ArrayLike, y: ArrayLike, *, groups: ArrayLike | None = None, rng: RNGLike = None) -> float:
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
        return float(self.pointwise(x, y, groups=groups, rng=rng).mean())

    def pointwise(
        self, x: ArrayLike, y: ArrayLike, *, groups: ArrayLike | None = None, rng: RNGLike = None
    ) -> FloatArray:
        """Return the local terms i(x_j; y_j) in nats, shape (n,); parameters as in `estimate`.

        Raises
        ------
        InvalidInputError
            If the estimator has no local terms.
        """
        return self.local_terms(x, y, groups=groups, rng=rng).terms

    def local_terms(
        self, x: ArrayLike, y: ArrayLike, *, groups: ArrayLike | None = None, rng: RNGLike = None
    ) -> LocalTerms:
        """Return what `pointwise` returns, with notes on how it was found; parameters as in `estimate`."""
        if not has_local_terms(self):
            raise InvalidInputError(f"estimator: must be one with a method pointwise or local_terms; got {self!r}")
        return LocalTerms(self.pointwise(x, y, groups=groups, rng=rng))

    def permuted_estimates(self, x: ArrayLike, y: ArrayLike, rows: IntArray) -> FloatArray:
        """Return the estimates of x and ``y[row]`` for each row of ``rows``, shape (n_permutations,), nats.

        `rows` has shape (n_permutations, n). By default one after another, each from seed 0.
        """
        x, y = as_variable(x, "x"), as_variable(y, "y")  # classes are decided once, from all rows
        check_same_length(x=x, y=y)
        return np.array([self.estimate(x, y[row], rng=0) for row in as_permutations(rows, len(x))])

    def conditional_pointwise(
        self, x: ArrayLike, y: ArrayLike, z: ArrayLike, *, groups: ArrayLike | None = None, rng: RNGLike = None
    ) -> FloatArray:
        """Return the local terms i(x_j; y_j | z_j) in nats, shape (n,); z as x, the rest as in `estimate`.

        Raises
        ------
        InvalidInputError
            If the estimator has no conditional form.
        """
        del x, y, z, groups, rng
        raise InvalidInputError(
            f"estimator: must be one with a method conditional_pointwise, such as KSG(k=3) or Gaussian(); got {self!r}"
        )

    def conditional_estimate(
        self, x: ArrayLike, y: ArrayLike, z: ArrayLike, *, groups: ArrayLike | None = None, rng: RNGLike = None
    ) -> float:
        """Return the estimate of I(X; Y | Z) in nats: the mean of `conditional_pointwise`."""
        return float(self.conditional_pointwise(x, y, z, groups=groups, rng=rng).mean())


def overrides(estimator: MIEstimator, method: Callable[..., Any]) -> bool:
    """Return whether an estimator writes a method of `MIEstimator` itself."""
    return getattr(type(estimator), method.__name__) is not method


def has_local_terms(estimator: MIEstimator) -> bool:
    """Return whether an estimator is a mean of local terms."""
    return overrides(estimator, MIEstimator.pointwise) or overrides(estimator, MIEstimator.local_terms)


def check_estimator(estimator: object, name: str = "estimator") -> None:
    """Raise unless `estimator` is a dataclass that inherits from `MIEstimator` and takes groups and rng."""
    if not isinstance(estimator, MIEstimator) or not is_dataclass(type(estimator)):
        raise InvalidInputError(
            f"{name}: must be an estimator such as KSG(k=3), a frozen dataclass that inherits from"
            f" attnstats.information.MIEstimator; got {estimator!r}"
        )
    method = _without_keywords(type(estimator))
    if method is not None:
        raise InvalidInputError(f"{name}: {method} must take the keywords groups and rng; got {estimator!r}")


@cache
def _without_keywords(cls: type[MIEstimator]) -> str | None:
    """Return the name of a method of an estimator that lacks the keywords which all of them are called with."""
    for name in ("estimate", "pointwise", "local_terms"):
        kinds = {each.name: each.kind for each in signature(getattr(cls, name)).parameters.values()}
        if Parameter.VAR_KEYWORD not in kinds.values() and not {"groups", "rng"} <= kinds.keys():
            return name
    return None


def checked_terms(local: object, n: int, estimator: MIEstimator) -> LocalTerms:
    """Return what an estimator gave as its local terms, or raise unless they are n finite numbers."""
    if not isinstance(local, LocalTerms):
        raise InvalidInputError(f"estimator: local_terms must return LocalTerms; got {local!r} from {brief(estimator)}")
    terms: object = local.terms
    if not isinstance(terms, np.ndarray) or terms.shape != (n,) or terms.dtype.kind not in "fiu":
        given = f"{terms.dtype} {terms.shape}" if isinstance(terms, np.ndarray) else repr(terms)
        raise InvalidInputError(
            f"estimator: local terms must be an array of real numbers of shape ({n},); got {given} from"
            f" {brief(estimator)}"
        )
    finite = np.isfinite(terms)
    if not finite.all():
        row = int(np.argmin(finite))
        raise NonFiniteError(
            f"estimator: local terms must be finite; got {terms[row]} in row {row}, {int((~finite).sum())} such in all,"
            f" from {brief(estimator)}"
        )
    return local


def checked_estimate(value: object, estimator: MIEstimator) -> float:
    """Return what an estimator gave as its estimate, or raise unless it is a finite number."""
    number = as_number(value)
    if number is None or not np.isfinite(number):
        raise NonFiniteError(f"estimator: estimate must return a finite number; got {value!r} from {brief(estimator)}")
    return number


def exported_estimators(room: ModuleType) -> dict[str, type[MIEstimator]]:
    """Return the estimators that a module exports, by name, from its ``__all__``."""
    exports = {name: getattr(room, name) for name in room.__all__}
    return {
        name: each
        for name, each in exports.items()
        if isinstance(each, type) and issubclass(each, MIEstimator) and is_dataclass(each)
    }


def brief(estimator: object) -> str:
    """Return the repr of a dataclass without the parameters that have their default values, as ``KSG(k=5)``."""
    if not is_dataclass(estimator):
        return repr(estimator)
    values = ((each, getattr(estimator, each.name)) for each in fields(estimator) if each.repr)
    shown = [f"{each.name}={brief(value)}" for each, value in values if value != each.default]
    return f"{type(estimator).__name__}({', '.join(shown)})"
