"""The estimator that takes another one for each pair of kinds: measurements, classes, or one of each."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from attnstats._validation import FloatArray, IntArray, RNGLike, as_permutations, check_same_length
from attnstats._variable import Variable
from attnstats.exceptions import DuplicateSamplesError, InvalidInputError
from attnstats.information._class_rule import as_variable
from attnstats.information.discrete.binned import Binned
from attnstats.information.interface import LocalTerms, MIEstimator, brief, check_estimator
from attnstats.information.knn.ksg import KSG
from attnstats.information.knn.mixture import DiscreteContinuousMixture
from attnstats.information.knn.ross import Ross


@dataclass(frozen=True)
class ByKind(MIEstimator):
    """Mutual information of variables of any kind, by the estimator that their kinds ask for.

    `mutual_information` states which columns are classes. Estimators of different kinds have different biases: compare
    what they find of pairs of different kinds with care, and with the null floors beside them.

    Parameters
    ----------
    measurements : MIEstimator, default KSG()
        Of two variables that are measured.
    mixed : MIEstimator, default Ross()
        Of one that is measured, its x, and a class, its y.
    classes : MIEstimator, default Binned()
        Of two classes; by default the counts with the correction of Miller and Madow.
    mixture : MIEstimator, default DiscreteContinuousMixture()
        Where a variable has columns of both kinds; given a condition, unless all are of one kind; and of two
        measurements where samples coincide in both, as rounded ones do and those of a density do not.

    Raises
    ------
    AttnstatsError
        Whatever the estimator of the kinds at hand raises; see there.

    References
    ----------
    Those of the estimators.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.information import KSG, ByKind
    >>> generator = np.random.default_rng(0)
    >>> x = generator.normal(size=500)
    >>> y, group = x + generator.normal(size=500), np.where(x > 0, "high", "low")
    >>> ByKind().estimate(x, y) == KSG().estimate(x, y), round(ByKind().estimate(group, x), 2)
    (True, 0.69)
    """

    measurements: MIEstimator = KSG()  # noqa: RUF009 (frozen)
    mixed: MIEstimator = Ross()  # noqa: RUF009 (frozen)
    classes: MIEstimator = Binned()  # noqa: RUF009 (frozen)
    mixture: MIEstimator = DiscreteContinuousMixture()  # noqa: RUF009 (frozen)

    discrete_y: ClassVar[bool] = True
    discrete_x: ClassVar[bool] = True
    discrete_z: ClassVar[bool] = True

    def __post_init__(self) -> None:
        for field in fields(self):
            check_estimator(getattr(self, field.name), field.name)
        if not self.mixed.discrete_y:
            raise InvalidInputError(f"mixed: must take classes y, as Ross(); got {self.mixed!r}")
        for name, estimator in (("classes", self.classes), ("mixture", self.mixture)):
            if not (estimator.discrete_x and estimator.discrete_y):
                raise InvalidInputError(f"{name}: must take classes x and y, as Binned(); got {estimator!r}")

    def local_terms(
        self, x: ArrayLike, y: ArrayLike, *, groups: ArrayLike | None = None, rng: RNGLike = None
    ) -> LocalTerms:
        """Return the local terms of the estimator of these kinds, shape (n,), nats, with its notes."""
        estimator, x, y, _ = self.ordered(as_variable(x, "x"), as_variable(y, "y"))
        try:
            return estimator.local_terms(x, y, groups=groups, rng=rng)
        except DuplicateSamplesError:
            local = self.mixture.local_terms(x, y, groups=groups, rng=rng)
            return local._replace(notes=(f"samples coincide: {brief(self.mixture)}", *local.notes))

    def conditional_pointwise(
        self, x: ArrayLike, y: ArrayLike, z: ArrayLike, *, groups: ArrayLike | None = None, rng: RNGLike = None
    ) -> FloatArray:
        """Return the local terms i(x_j; y_j | z_j) of the estimator of these kinds, shape (n,), nats."""
        x, y, z = as_variable(x, "x"), as_variable(y, "y"), as_variable(z, "z")
        flags = {*x.discrete, *y.discrete, *z.discrete}
        estimator = self.mixture if len(flags) > 1 else self.classes if True in flags else self.measurements
        return estimator.conditional_pointwise(x, y, z, groups=groups, rng=rng)

    def permuted_estimates(self, x: ArrayLike, y: ArrayLike, rows: IntArray) -> FloatArray:
        """Return the estimate of x and ``y[row]`` for each row of ``rows``, shape (n_permutations,), nats."""
        x, y = as_variable(x, "x"), as_variable(y, "y")
        rows = as_permutations(rows, check_same_length(x=x, y=y))
        estimator, first, second, swapped = self.ordered(x, y)
        if estimator is self.measurements and _coincide(x.plain(), y.plain()):
            estimator = self.mixture
        return estimator.permuted_estimates(first, second, np.argsort(rows, axis=1) if swapped else rows)

    def ordered(self, x: Variable, y: Variable) -> tuple[MIEstimator, Variable, Variable, bool]:
        """Return the estimator of these kinds, its two variables in the order it wants, and whether they are swapped.

        Parameters
        ----------
        x, y : Variable
            Samples with the decision which columns are classes.
        """
        kinds = {*x.discrete}, {*y.discrete}
        if len(kinds[0]) > 1 or len(kinds[1]) > 1:
            return self.mixture, x, y, False
        if kinds[0] == kinds[1]:
            return self.classes if True in kinds[0] else self.measurements, x, y, False
        swapped = True in kinds[0]
        return (self.mixed, y, x, True) if swapped else (self.mixed, x, y, False)


def _coincide(x: FloatArray, y: FloatArray) -> bool:
    """Whether two samples are equal in all columns."""
    both = np.hstack([x, y])
    both = both[np.lexsort(both.T)]
    return bool((both[1:] == both[:-1]).all(axis=1).any())
