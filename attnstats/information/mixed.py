"""Nearest-neighbour estimators for a continuous vector and a class."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import digamma

from attnstats._validation import (
    FloatArray,
    IntArray,
    RNGLike,
    as_labels,
    as_samples,
    check_count,
    check_same_length,
)
from attnstats.exceptions import ConstantInputError, TooFewSamplesError
from attnstats.information.neighbors import ATOM, Neighbors, Space, common_unit, nearest_neighbors, strict_counts

__all__ = ["Ross"]

#: Lists of more neighbours than this take longer to find than they save.
_LONGEST_LIST = 128


@dataclass(frozen=True)
class Ross:
    """Mutual information of a continuous vector x and a class y, from Euclidean nearest neighbours.

    With d_i the distance of sample i to its k-th neighbour of the same class, m_i the number of neighbours in the whole
    sample up to and including that one, and n_i the size of its class,

        I = psi(n) + mean_i [psi(k_i) - psi(n_i) - psi(m_i)].

    Parameters
    ----------
    k : int, default 3
        Number of neighbours within the class. A class of no more than k members uses all its other members:
        k_i = min(k, n_i - 1).
    standardize : bool, default True
        Divide distances along each column by its standard deviation. A constant column among others adds no distance.

    Raises
    ------
    ConstantInputError
        If x does not vary, or y holds one class only.
    TooFewSamplesError
        If a class has a single member, which has no neighbour in its class.

    Notes
    -----
    Repeated rows of x are taken as atoms of its distribution: where the k-th neighbour of the class lies at distance
    zero, k_i and m_i are the numbers of copies in the class and in the whole sample (Gao et al. 2017). A context-free
    encoder gives such rows. Rows that were merely copied, as a bootstrap with replacement does, look the same and
    inflate the estimate.

    In many dimensions neighbours are far and the estimate falls well below the truth; set `Probe` beside it.

    References
    ----------
    Ross (2014), Mutual information between discrete and continuous data sets, PLoS ONE 9(2), e87357, equation 2.
    Gao, Kannan, Oh, Viswanath (2017), Estimating mutual information for discrete-continuous mixtures, NeurIPS,
    algorithm 1.

    Examples
    --------
    >>> generator = np.random.default_rng(0)
    >>> y = generator.integers(2, size=1000)
    >>> x = generator.normal(size=1000) + 4 * y
    >>> round(Ross(k=3).estimate(x, y), 2)  # truth: 0.63 nats, of H(Y) = 0.69
    0.65
    """

    k: int = 3
    standardize: bool = True

    allows_duplicates: ClassVar[bool] = True
    discrete_y: ClassVar[bool] = True
    continuous_y: ClassVar[bool] = False

    def __post_init__(self) -> None:
        check_count(self.k, "k")

    def estimate(self, x: ArrayLike, y: ArrayLike, *, groups: ArrayLike | None = None, rng: RNGLike = None) -> float:
        """Return the estimate in nats."""
        return float(self.pointwise(x, y, groups=groups, rng=rng).mean())

    def pointwise(
        self, x: ArrayLike, y: ArrayLike, *, groups: ArrayLike | None = None, rng: RNGLike = None
    ) -> FloatArray:
        """Return psi(n) + psi(k_i) - psi(n_i) - psi(m_i) of each sample, shape (n,), nats."""
        del rng  # deterministic
        space, codes = self._validate(x, y, groups)
        return self._terms(space, codes, np.bincount(codes))

    def permuted_estimates(self, x: ArrayLike, y: ArrayLike, rows: IntArray) -> FloatArray:
        """Return the estimate of x and ``y[row]`` for each row of ``rows``, shape (n_permutations,), nats.

        The neighbours of x in the whole sample are found once, so many that nearly always k of them are of the class.
        """
        space, codes = self._validate(x, y, None)
        sizes, n = np.bincount(codes), len(codes)
        length = min(-(-6 * self.k * n // int(sizes.min())), n - 1)
        near = nearest_neighbors(space, length) if length <= _LONGEST_LIST else None

        def estimate(permuted: IntArray) -> float:
            found = None if near is None else self._terms_from_list(near, permuted, sizes)
            return float((self._terms(space, permuted, sizes) if found is None else found).mean())

        return np.array([estimate(codes[row]) for row in np.asarray(rows)])

    def _validate(self, x: ArrayLike, y: ArrayLike, groups: ArrayLike | None) -> tuple[Space, IntArray]:
        """Return the space of x and the class of each sample."""
        x = as_samples(x, "x")
        codes, classes = as_labels(y, "y")
        check_same_length(x=x, y=codes)
        if groups is not None:
            check_same_length(x=x, groups=as_labels(groups, "groups")[0])
        sizes = np.bincount(codes)
        if len(classes) < 2:
            raise ConstantInputError(f"y: must hold at least two classes; got {len(classes)}")
        if sizes.min() < 2:
            single = classes[sizes.argmin()]
            raise TooFewSamplesError(
                f"y: every class must have at least 2 members; got 1 of class {single!r}. Drop or merge rare classes"
            )
        (space,) = common_unit(Space.of(x, "x", standardize=self.standardize, euclidean=True))
        return space, codes

    def _terms(self, space: Space, codes: IntArray, sizes: IntArray) -> FloatArray:
        """Return the local terms, by a search in each class and a count in the whole sample."""
        radii = np.empty(len(codes))
        neighbours = np.empty(len(codes), dtype=np.int64)
        for code, size in enumerate(sizes):
            members = np.flatnonzero(codes == code)
            of_class = space.with_points(space.points[members])
            neighbours[members] = k = min(self.k, int(size) - 1)
            radii[members] = nearest_neighbors(of_class, k).distances[:, -1]
            atoms = radii[members] == 0
            if atoms.any():
                copies = strict_counts(of_class, np.where(atoms, ATOM, 0.0))
                neighbours[members[atoms]] = copies[atoms] - 1
                radii[members[atoms]] = ATOM
        # The strict count includes the sample itself, which stands for the k-th neighbour left out at the rim;
        # the copies on an atom are all strictly inside, and there the sample itself does not count.
        return _local(neighbours, sizes[codes], strict_counts(space, radii) - (radii == ATOM))

    def _terms_from_list(self, near: Neighbors, codes: IntArray, sizes: IntArray) -> FloatArray | None:
        """Return the local terms if the lists of neighbours hold enough of each class and no copies, else None."""
        neighbours = np.minimum(self.k, sizes[codes] - 1)
        of_class = np.cumsum(codes[near.rows] == codes[:, np.newaxis], axis=1)
        if (of_class[:, -1] < neighbours).any():
            return None
        rim = (of_class < neighbours[:, np.newaxis]).sum(axis=1)
        radii = near.distances[np.arange(len(codes)), rim]
        if (radii == 0).any():
            return None
        return _local(neighbours, sizes[codes], (near.distances < radii[:, np.newaxis]).sum(axis=1) + 1)


def _local(neighbours: IntArray, of_class: IntArray, counts: IntArray) -> FloatArray:
    """Return psi(n) + psi(k_i) - psi(n_i) - psi(m_i) of each sample."""
    n = len(counts)
    psi = digamma(np.arange(1, n + 1))
    local: FloatArray = psi[n - 1] + psi[neighbours - 1] - psi[of_class - 1] - psi[counts - 1]
    return local
