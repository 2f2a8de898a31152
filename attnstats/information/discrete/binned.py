"""Mutual information of discrete variables, and of continuous ones cut into bins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from attnstats._conversion import read
from attnstats._validation import FloatArray, RNGLike, as_labels, check_at_least, check_same_length
from attnstats._variable import Variable
from attnstats.exceptions import InvalidInputError, TooFewSamplesError
from attnstats.information._class_rule import as_variable, is_whole
from attnstats.information.discrete._contingency import Cells
from attnstats.information.discrete.entropy import EntropyEstimator, MillerMadow
from attnstats.information.discrete.partition import Partition, Quantile
from attnstats.information.interface import MIEstimator


@dataclass(frozen=True)
class Binned(MIEstimator):
    """Mutual information H(X) + H(Y) - H(X, Y) of discrete or binned variables.

    In each column measurements are cut into bins and classes taken as they are; the value of a vector is the
    combination of its columns. Given continuous z, conditioning is on its bin, and dependence within a bin remains.
    Binning loses information, so for continuous variables this estimates a lower bound. A variable that does not vary
    gives 0 (with `Grassberger`, within 1 / n of it).

    Parameters
    ----------
    bins : EqualWidth, Quantile or FreedmanDiaconis, default Quantile(n_bins=8)
        How a column of measurements is cut.
    entropy : EntropyEstimator, default MillerMadow()
        Estimates each entropy. The possible values of X, Y and Z are those that occur, and of a pair all combinations.

    Raises
    ------
    TooFewSamplesError
        If the numbers of occupied cells of x and y (and z), multiplied, exceed the number of samples: the estimate
        would be mostly bias. Also what the bins and the entropy raise.

    References
    ----------
    Cover, Thomas (2006), Elements of information theory, theorem 2.4.1, and section 2.5 for I(X; Y | Z) = H(X, Z) +
    H(Y, Z) - H(X, Y, Z) - H(Z).

    Examples
    --------
    >>> from attnstats.information import Binned, PlugIn, Quantile
    >>> x = [0, 0, 1, 1, 0, 0, 1, 1]
    >>> round(Binned(Quantile(4), PlugIn()).estimate(x, x), 4)  # log 2: two classes, which are not cut
    0.6931
    """

    bins: Partition = Quantile()  # noqa: RUF009 (frozen)
    entropy: EntropyEstimator = MillerMadow()  # noqa: RUF009 (frozen)

    discrete_y: ClassVar[bool] = True
    discrete_x: ClassVar[bool] = True
    discrete_z: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if isinstance(self.bins, type) or not isinstance(self.bins, Partition):
            raise InvalidInputError(f"bins: must be a partition such as Quantile(8); got {self.bins!r}")
        if isinstance(self.entropy, type) or not isinstance(self.entropy, EntropyEstimator):
            raise InvalidInputError(f"entropy: must be an estimator such as MillerMadow(); got {self.entropy!r}")

    def estimate(self, x: ArrayLike, y: ArrayLike, *, groups: ArrayLike | None = None, rng: RNGLike = None) -> float:
        """Return the estimate in nats."""
        del rng  # deterministic
        return self._information(*self._variables(groups, x=x, y=y))

    def pointwise(
        self, x: ArrayLike, y: ArrayLike, *, groups: ArrayLike | None = None, rng: RNGLike = None
    ) -> FloatArray:
        """Return log p(x, y) / (p(x) p(y)) of each sample's cell, shifted by the bias correction, shape (n,), nats."""
        del rng  # deterministic
        in_x, in_y = self._variables(groups, x=x, y=y)
        local = in_x.paired(in_y).log_counts() + np.log(len(in_x.of)) - in_x.log_counts() - in_y.log_counts()
        return _shifted(local, self._information(in_x, in_y))

    def conditional_pointwise(
        self, x: ArrayLike, y: ArrayLike, z: ArrayLike, *, groups: ArrayLike | None = None, rng: RNGLike = None
    ) -> FloatArray:
        """Return log p(x, y | z) / (p(x | z) p(y | z)) of each sample, shifted to the estimate, shape (n,), nats."""
        del rng  # deterministic
        in_x, in_y, in_z = self._variables(groups, x=x, y=y, z=z)
        in_xz, in_yz = in_x.paired(in_z), in_y.paired(in_z)
        in_xyz = in_x.paired(in_yz)
        local = in_xyz.log_counts() + in_z.log_counts() - in_xz.log_counts() - in_yz.log_counts()
        information = self._entropy(in_xz) + self._entropy(in_yz) - self._entropy(in_xyz) - self._entropy(in_z)
        return _shifted(local, information)

    def permuted_estimates(self, x: ArrayLike, y: ArrayLike, rows: NDArray[np.int64]) -> FloatArray:
        """Return the estimate of x and ``y[row]`` for each row of ``rows``, shape (n_permutations,), nats.

        A row of `rows`, shape (n_permutations, n), may also repeat some samples and leave out others.
        """
        y = as_variable(y, "y")
        in_x, in_y = self._variables(None, x=x, y=y)
        n = len(in_x.of)
        rows = read(rows, "rows").array
        if rows.ndim != 2 or rows.shape[1] != n or rows.dtype.kind not in "iu":
            raise InvalidInputError(
                f"rows: must be integers of shape (n_permutations, {n}); got {rows.dtype} {rows.shape}"
            )
        if rows.size and not 0 <= rows.min() <= rows.max() < n:
            raise InvalidInputError(f"rows: must lie between 0 and {n - 1}; got {rows.min()} to {rows.max()}")
        margins = self._entropy(in_x) + self._entropy(in_y)
        estimates = np.empty(len(rows))
        for b, row in enumerate(rows):
            if np.bincount(row, minlength=n).all():
                estimates[b] = margins - self._entropy(in_x.paired(in_y.taken(row)))
            else:
                estimates[b] = self.estimate(x, y[row])
        return estimates

    def _information(self, x: Cells, y: Cells) -> float:
        return self._entropy(x) + self._entropy(y) - self._entropy(x.paired(y))

    def _entropy(self, variable: Cells) -> float:
        return self.entropy.entropy(variable.counts())

    def _variables(self, groups: ArrayLike | None, **values: ArrayLike) -> list[Cells]:
        """Return the checked variables as cells."""
        given = {name: as_variable(array, name) for name, array in values.items()}
        variables = {name: self._cells(variable, name) for name, variable in given.items()}
        n = check_same_length(**{name: variable.of for name, variable in variables.items()})
        if groups is not None:
            check_same_length(x=variables["x"].of, groups=as_labels(groups, "groups")[0])
        check_at_least(n, 2, f"number of samples of {' and '.join(values)}")
        if np.prod([float(variable.n_cells) for variable in variables.values()]) > n:
            cells = " times ".join(f"{variable.n_cells} cells of {name}" for name, variable in variables.items())
            binned = not all(all(variable.discrete) for variable in given.values())
            remedy = "Use fewer bins or dimensions" if binned else "Merge classes, or use fewer columns"
            raise TooFewSamplesError(
                f"{' and '.join(values)}: the cells must not outnumber the samples; got {cells} for {n} samples."
                f" {remedy}"
            )
        return list(variables.values())

    def _cells(self, values: Variable, name: str) -> Cells:
        """Return the cell of each sample, numbered from 0 without gaps."""
        if not values.size:
            raise TooFewSamplesError(f"{name}: must hold samples; got shape {values.shape}")
        codes = [
            _of_classes(column) if discrete else self._of_bins(column)
            for column, discrete in zip(values.plain().T, values.discrete, strict=True)
        ]
        variable = codes[0]
        for code in codes[1:]:
            variable = variable.paired(code).without_gaps()
        return variable

    def _of_bins(self, column: FloatArray) -> Cells:
        bins = self.bins.assign(np.ascontiguousarray(column))
        return Cells(bins, int(bins.max()) + 1).without_gaps()


def _of_classes(column: FloatArray) -> Cells:
    """Return the cells of one column of classes."""
    low, high = column.min(), column.max()
    if low > high - 4 * len(column) and is_whole(column):  # a table is faster than a sort
        integers = (column - low).astype(np.int64)
        return Cells(integers, int(high - low) + 1).without_gaps()
    classes, codes = np.unique(column, return_inverse=True)
    return Cells(codes, len(classes))


def _shifted(local: FloatArray, mean: float) -> FloatArray:
    shifted: FloatArray = local + (mean - local.mean())
    return shifted
