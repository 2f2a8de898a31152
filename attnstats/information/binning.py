"""Mutual information of discrete variables, and of continuous ones cut into bins.

A partition object (`attnstats.information.partition`) says how a continuous column is cut, an entropy object
(`attnstats.information.entropy`) how the entropy of a discrete variable is estimated; `Binned` joins one of each.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from attnstats._validation import (
    FloatArray,
    RNGLike,
    as_labels,
    as_samples,
    check_at_least,
    check_same_length,
)
from attnstats.exceptions import InvalidInputError, TooFewSamplesError
from attnstats.information.cells import Cells
from attnstats.information.entropy import EntropyEstimator, MillerMadow
from attnstats.information.interface import is_discrete
from attnstats.information.partition import Partition, Quantile

__all__ = ["Binned"]


@dataclass(frozen=True)
class Binned:
    """Mutual information as H(X) + H(Y) - H(X, Y) of discrete or binned variables.

    Columns of floating point are cut by ``bins``, each on its own; integers, booleans and strings are taken as they are
    (`attnstats.information.interface.is_discrete`). In an array of objects with two dimensions each column is judged by
    its own values, so that kinds can be mixed. The cell of a sample is the combination of its columns.

    Parameters
    ----------
    bins : EqualWidth, Quantile or FreedmanDiaconis, default Quantile(n_bins=8)
        How a continuous column is cut.
    entropy : EntropyEstimator, default MillerMadow()
        How each entropy is estimated. The possible values of X, Y and Z are those that occur; of a pair, all
        combinations.

    Raises
    ------
    TooFewSamplesError
        If the occupied cells of x times those of y (times those of z) outnumber the samples: the estimate would be
        mostly bias. Also what the partition and the entropy raise.

    Notes
    -----
    Binning loses information, so this estimates a lower bound of the mutual information of continuous variables.
    A variable that does not vary carries none, and the estimate is 0 (with `Grassberger`, within 1 / n of it). The
    local terms are those of the plug-in estimate, all shifted by the same amount where the entropy corrects its bias.

    The conditional information is I(X; Y | Z) = H(X, Z) + H(Y, Z) - H(X, Y, Z) - H(Z) (Cover and Thomas 2006, Elements
    of information theory, section 2.5). Where z is continuous, what varies within its bins still confounds.

    Examples
    --------
    >>> from attnstats.information import PlugIn
    >>> x = [0, 0, 1, 1, 0, 0, 1, 1]
    >>> round(Binned(entropy=PlugIn()).estimate(x, x), 4)
    0.6931
    >>> Binned(bins=Quantile(4))
    Binned(bins=Quantile(n_bins=4), entropy=MillerMadow())
    """

    bins: Partition = Quantile()  # noqa: RUF009 (frozen)
    entropy: EntropyEstimator = MillerMadow()  # noqa: RUF009 (frozen)

    allows_duplicates: ClassVar[bool] = True
    discrete_y: ClassVar[bool] = True
    continuous_y: ClassVar[bool] = True

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
        self,
        x: ArrayLike,
        y: ArrayLike,
        z: ArrayLike,
        *,
        groups: ArrayLike | None = None,
        rng: RNGLike = None,
    ) -> FloatArray:
        """Return log p(x, y | z) / (p(x | z) p(y | z)) of each cell, shifted as in `pointwise`, shape (n,), nats."""
        del rng  # deterministic
        in_x, in_y, in_z = self._variables(groups, x=x, y=y, z=z)
        in_xz, in_yz = in_x.paired(in_z), in_y.paired(in_z)
        in_xyz = in_x.paired(in_yz)
        local = in_xyz.log_counts() + in_z.log_counts() - in_xz.log_counts() - in_yz.log_counts()
        information = self._entropy(in_xz) + self._entropy(in_yz) - self._entropy(in_xyz) - self._entropy(in_z)
        return _shifted(local, information)

    def permuted_estimates(self, x: ArrayLike, y: ArrayLike, rows: NDArray[np.int64]) -> FloatArray:
        """Return the estimate of x and ``y[row]`` for each row of ``rows``, shape (n_permutations, n).

        A permutation changes neither the cells of x and y nor their entropies, so only the pairs are counted again. A
        row that repeats some samples and leaves out others is estimated afresh.
        """
        in_x, in_y = self._variables(None, x=x, y=y)
        n, values = len(in_x.of), np.asarray(y)
        rows = np.asarray(rows)
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
                estimates[b] = self.estimate(x, values[row])
        return estimates

    def _information(self, x: Cells, y: Cells) -> float:
        return self._entropy(x) + self._entropy(y) - self._entropy(x.paired(y))

    def _entropy(self, variable: Cells) -> float:
        return self.entropy.entropy(variable.counts())

    def _variables(self, groups: ArrayLike | None, **values: ArrayLike) -> list[Cells]:
        """Return the checked variables."""
        variables = {name: self._variable(array, name) for name, array in values.items()}
        n = check_same_length(**{name: variable.of for name, variable in variables.items()})
        if groups is not None:
            check_same_length(x=variables["x"].of, groups=as_labels(groups, "groups")[0])
        check_at_least(n, 2, f"number of samples of {' and '.join(values)}")
        if np.prod([float(variable.n_cells) for variable in variables.values()]) > n:
            cells = " times ".join(f"{variable.n_cells} cells of {name}" for name, variable in variables.items())
            raise TooFewSamplesError(
                f"{' and '.join(values)}: the cells must not outnumber the samples; got {cells} for {n} samples."
                " Use fewer bins or dimensions"
            )
        return list(variables.values())

    def _variable(self, values: ArrayLike, name: str) -> Cells:
        """Return the cell of each sample, numbered from 0 without gaps."""
        array: NDArray[Any] = np.asarray(values)
        if array.ndim == 2 and array.dtype == object:
            columns = [np.asarray(column.tolist()) for column in array.T]
        elif array.ndim == 2:
            columns = list(array.T)
        else:
            columns = [array]
        if not columns or not array.size:
            raise TooFewSamplesError(f"{name}: must hold samples; got shape {array.shape}")
        codes = [self._codes(column, name) for column in columns]
        variable = codes[0]
        for code in codes[1:]:
            variable = variable.paired(code).without_gaps()
        return variable

    def _codes(self, column: NDArray[Any], name: str) -> Cells:
        """Return the cells of one column."""
        if column.ndim == 1 and np.can_cast(column.dtype, np.int64):
            integers = column.astype(np.int64)
            low, high = int(integers.min()), int(integers.max())
            if high - low < 4 * len(integers):  # a table is faster than the sort behind `as_labels`
                return Cells(integers - low, high - low + 1).without_gaps()
        if is_discrete(column):
            labels, classes = as_labels(column, name)
            return Cells(labels, len(classes))
        bins = self.bins.assign(as_samples(column, name)[:, 0])
        return Cells(bins, int(bins.max()) + 1).without_gaps()


def _shifted(local: FloatArray, mean: float) -> FloatArray:
    shifted: FloatArray = local + (mean - local.mean())
    return shifted
