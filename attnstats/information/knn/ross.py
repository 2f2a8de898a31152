"""Nearest-neighbour estimators for a continuous vector and a class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from attnstats._column import shown
from attnstats._validation import (
    BoolArray,
    FloatArray,
    IntArray,
    RNGLike,
    as_labels,
    as_permutations,
    as_samples,
    check_count,
    check_same_length,
)
from attnstats.exceptions import ConstantInputError, TooFewSamplesError
from attnstats.information.interface import LocalTerms, MIEstimator
from attnstats.information.knn._tie_kernels import places
from attnstats.information.knn._ties import psi_table, tie_notes
from attnstats.information.margins import Margins, NormalScores, check_margins
from attnstats.information.neighbors._space import ATOM, Neighbors, Space, common_unit, count_balls, nearest_neighbors

#: Lists of more neighbours than this take longer to find than they save.
_LONGEST_LIST = 128


@dataclass(frozen=True)
class Ross(MIEstimator):
    """Mutual information of a continuous vector x and a class y, from Euclidean nearest neighbours.

    With d_i the distance of sample i to its k-th neighbour of the same class, m_i the number of neighbours in the whole
    sample up to and including that one, and n_i the size of its class,

        I = psi(n) + mean_i [psi(k_i) - psi(n_i) - psi(m_i)].

    In many dimensions the estimate falls well below the truth; compare it with `Probe`. Repeated rows of x are atoms:
    where d_i is zero, k_i and m_i are the numbers of copies in the class and in the whole sample, the sample itself
    included. Rows that were merely copied, as by a bootstrap with replacement, look like atoms and inflate the
    estimate. Other ties at the distance d_i are treated as in `KSG`.

    Parameters
    ----------
    k : int, default 3
        Number of neighbours within the class; in a class of k members or fewer all others, k_i = min(k, n_i - 1).
    margins : Margins, default NormalScores()
        The scale on which distances are taken along each column, as for `KSG`.

    Raises
    ------
    ConstantInputError, TooFewSamplesError
        If x does not vary or y holds one class only; if a class has a single member.

    References
    ----------
    Ross (2014), PLoS ONE 9(2), e87357, equation 2. Gao, Kannan, Oh, Viswanath (2017), Estimating mutual information for
    discrete-continuous mixtures, NeurIPS, algorithm 1.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.information import Ross
    >>> generator = np.random.default_rng(0)
    >>> y = generator.integers(2, size=1000)
    >>> x = generator.normal(size=1000) + 4 * y
    >>> round(Ross(k=3).estimate(x, y), 2)  # truth: 0.63 nats, of H(Y) = 0.69
    0.65
    """

    k: int = 3
    margins: Margins = NormalScores()  # noqa: RUF009 (frozen)

    discrete_y: ClassVar[bool] = True
    continuous_y: ClassVar[bool] = False

    def __post_init__(self) -> None:
        check_count(self.k, "k")
        check_margins(self.margins)

    def local_terms(
        self, x: ArrayLike, y: ArrayLike, *, groups: ArrayLike | None = None, rng: RNGLike = None
    ) -> LocalTerms:
        """Return psi(n) + psi(k_i) - psi(n_i) - psi(m_i) of each sample, shape (n,), nats, with a note of ties."""
        del rng  # deterministic
        space, codes = self._validate(x, y, groups)
        terms, n_tied = self._terms(space, codes, np.bincount(codes))
        return LocalTerms(terms, tie_notes(n_tied, space))

    def permuted_estimates(self, x: ArrayLike, y: ArrayLike, rows: IntArray) -> FloatArray:
        """Return the estimate of x and ``y[row]`` for each row of ``rows``, shape (n_permutations,), nats."""
        space, codes = self._validate(x, y, None)
        sizes, n = np.bincount(codes), len(codes)
        # The neighbours in the whole sample are found once, so many that nearly always k of them are of the class.
        length = min(-(-6 * self.k * n // int(sizes.min())), n - 1)
        near = nearest_neighbors(space, length) if length <= _LONGEST_LIST else None

        def estimate(permuted: IntArray) -> float:
            found = None if near is None else self._terms_from_list(near, permuted, sizes)
            return float((self._terms(space, permuted, sizes)[0] if found is None else found).mean())

        return np.array([estimate(codes[row]) for row in as_permutations(rows, n)])

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
            single = shown(classes[sizes.argmin()])
            raise TooFewSamplesError(
                f"y: every class must have at least 2 members; got 1 of class {single}. Drop or merge rare classes"
            )
        (space,) = common_unit(Space.of(x, "x", self.margins, euclidean=True))
        return space, codes

    def _terms(self, space: Space, codes: IntArray, sizes: IntArray) -> tuple[FloatArray, int]:
        """Return the local terms and how many had ties, by a search in each class and a count in the whole sample."""
        n = len(codes)
        radii = np.empty(n)
        k, nearer, marked = np.ones((3, n), dtype=np.int64)
        members = np.split(np.argsort(codes, kind="stable"), np.cumsum(sizes)[:-1])
        classes = [(rows, space.with_points(space.points[rows])) for rows in members]
        for rows, of_class in classes:
            neighbors = nearest_neighbors(of_class, min(self.k, len(rows) - 1))
            radii[rows] = radius = neighbors.distances[:, -1]
            k[rows], nearer[rows] = neighbors.distances.shape[1], (radius > neighbors.distances.T).sum(axis=0)
            atoms = radius == 0
            if atoms.any():
                radii[rows[atoms]] = ATOM
                k[rows[atoms]] = count_balls(of_class, np.where(atoms, ATOM, 0.0)).inside[atoms]
        balls = count_balls(space, radii)
        asked = np.where(balls.rim > 1, radii, 0.0)
        for rows, of_class in classes:
            if asked[rows].any():
                marked[rows] = count_balls(of_class, asked[rows]).rim
        # The strict count includes the sample itself, which stands for the k-th neighbour left out at the rim. On an
        # atom k_i and the count are both the copies, the sample included.
        terms, tied = class_ball_terms(psi_table(n), k, sizes[codes], *balls, marked, nearer)
        return terms, int(tied.sum())

    def _terms_from_list(self, near: Neighbors, codes: IntArray, sizes: IntArray) -> FloatArray | None:
        """Return the local terms if the lists of neighbours hold enough of each class and no copies, else None."""
        k = np.minimum(self.k, sizes[codes] - 1)
        same = codes[near.rows] == codes[:, np.newaxis]
        of_class = np.cumsum(same, axis=1)
        if (of_class[:, -1] < k).any():
            return None
        last = (of_class < k[:, np.newaxis]).sum(axis=1)
        radii = near.distances[np.arange(len(codes)), last]
        if (radii == 0).any() or (radii == near.distances[:, -1]).any():  # a tie may go on beyond the list
            return None
        inside, rim = near.distances < radii[:, np.newaxis], near.distances == radii[:, np.newaxis]
        marked, nearer = (rim & same).sum(axis=1), (inside & same).sum(axis=1)
        psi = psi_table(len(codes))
        return class_ball_terms(psi, k, sizes[codes], inside.sum(axis=1) + 1, rim.sum(axis=1), marked, nearer)[0]


def class_ball_terms(
    psi: FloatArray,
    k: IntArray,
    of_class: IntArray,
    inside: IntArray,
    rim: IntArray,
    marked: IntArray,
    nearer: IntArray,
) -> tuple[FloatArray, BoolArray]:
    """Return psi(n) + psi(k_i) - psi(n_i) - psi(m_i) of each sample, and whether it had ties at the rim.

    The ball of a sample reaches to its k_i-th neighbour in its class of n_i; it holds `inside` of all samples, itself
    included, and `rim` at its radius, `marked` of which are of its class, where `nearer` lie inside.
    """
    tied = rim > 1
    local = psi[-1] + psi[k] - psi[of_class]
    local -= np.where(tied, 0.0, psi[inside])
    local[tied] -= places(psi, inside[tied] - 1, rim[tied], marked[tied], k[tied] - nearer[tied])
    return local, tied
