"""The estimator of Kraskov, Stögbauer and Grassberger for continuous variables, and its conditional form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import digamma

from attnstats._validation import (
    FloatArray,
    IntArray,
    RNGLike,
    as_generator,
    as_permutations,
    check_at_least,
    check_count,
    check_member,
    check_samples,
)
from attnstats.exceptions import DuplicateSamplesError, InvalidInputError
from attnstats.information.interface import LocalTerms, MIEstimator
from attnstats.information.knn._ties import Counter, ball_terms, marginal_counters, rectangle_terms, tie_notes
from attnstats.information.margins import Margins, NormalScores, check_margins
from attnstats.information.neighbors._space import Balls, Neighbors, Space, common_unit, nearest_neighbors


@dataclass(frozen=True)
class KSG(MIEstimator):
    """Mutual information of two continuous variables from nearest neighbours.

    With eps_i the distance of sample i to its k-th neighbour, the larger of the distances in x and in y, algorithm 1
    takes the numbers n_x(i), n_y(i) of other samples strictly closer than eps_i in x and in y alone::

        I = psi(k) + psi(n) - mean_i [psi(n_x(i) + 1) + psi(n_y(i) + 1)].

    Algorithm 2 counts the other samples no farther than the farthest of the k neighbours, in x and in y apart::

        I = psi(k) - 1/k + psi(n) - mean_i [psi(n_x(i)) + psi(n_y(i))].

    Parameters
    ----------
    k : int, default 3
        Number of neighbours; larger means less variance and more bias.
    algorithm : {1, 2}, default 1
        The first has less variance, the second less bias in few dimensions.
    metric : {"max", "euclidean"}, default "max"
        Norm inside x and inside y, where they have several columns.
    margins : Margins, default NormalScores()
        The scale of distances along each column. `NormalScores` and `UniformRanks` keep the estimate invariant under
        increasing transforms, `Standardized` divides by the standard deviation, `AsMeasured` is as published.
    jitter : float, default 0
        Standard deviation of normal noise added to each column, in its standard deviations on the scale of the margins.
        It parts rounded measurements that coincide in x and y together; ties in one alone need none. Not for copied
        rows: these stay near each other, which is read as dependence.

    Raises
    ------
    DuplicateSamplesError
        If two samples coincide in x and y together, which a density does not allow.
    ConstantInputError, TooFewSamplesError
        If x or y does not vary; if there are not more than k samples.

    Notes
    -----
    The bias grows with the dimension and with the information itself; the estimate may be negative. Where several
    samples lie at the distance of the k-th neighbour in one variable (whole numbers, rounded values), the term of a
    sample is its mean over all orders in which infinitesimal noise could separate them, and the notes of the result
    give their number. Of neighbours that tie, algorithm 2 takes those that come first.

    References
    ----------
    Kraskov, Stögbauer, Grassberger (2004), Phys. Rev. E 69, 066138, equations 8 and 9. Frenzel, Pompe (2007), Phys.
    Rev. Lett. 99, 204101 (conditional form).

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.information import KSG
    >>> x, noise = np.random.default_rng(0).normal(size=(2, 1000))
    >>> round(KSG(k=3).estimate(x, 0.8 * x + 0.6 * noise), 1)  # truth: -log(1 - 0.8**2) / 2 = 0.51 nats
    0.5
    """

    k: int = 3
    algorithm: Literal[1, 2] = 1
    metric: Literal["max", "euclidean"] = "max"
    margins: Margins = NormalScores()  # noqa: RUF009 (frozen)
    jitter: float = 0.0

    def __post_init__(self) -> None:
        check_count(self.k, "k")
        if not isinstance(self.algorithm, int) or self.algorithm not in (1, 2):
            raise InvalidInputError(f"algorithm: must be 1 or 2; got {self.algorithm!r}")
        check_member(self.metric, "metric", ("max", "euclidean"))
        check_margins(self.margins)
        if not (isinstance(self.jitter, int | float | np.floating) and 0 <= self.jitter < np.inf):
            raise InvalidInputError(f"jitter: must be a finite number of at least 0; got {self.jitter!r}")

    def local_terms(
        self, x: ArrayLike, y: ArrayLike, *, groups: ArrayLike | None = None, rng: RNGLike = None
    ) -> LocalTerms:
        """Return psi(k) + psi(n) - psi(n_x + 1) - psi(n_y + 1) by algorithm 1, (n,), nats, and notes of ties."""
        x, y = check_samples(x, y, groups=groups)
        in_x, in_y = self._spaces(rng, x=x, y=y)
        neighbors = nearest_neighbors(in_x.joint(in_y), self.k)
        check_no_copies(neighbors, "x and y")
        terms, n_tied = self._terms((in_x, in_y), marginal_counters(in_x, in_y), neighbors)
        jitter = (f"jitter of {self.jitter:g} standard deviations",) if self.jitter else ()
        return LocalTerms(terms, (*jitter, *tie_notes(n_tied, in_x, in_y)))

    def conditional_pointwise(
        self, x: ArrayLike, y: ArrayLike, z: ArrayLike, *, groups: ArrayLike | None = None, rng: RNGLike = None
    ) -> FloatArray:
        """Return psi(k) - psi(n_xz + 1) - psi(n_yz + 1) + psi(n_z + 1) of each sample, shape (n,), nats.

        Raises
        ------
        InvalidInputError
            With algorithm 2, which has no conditional form here.
        """
        if self.algorithm != 1:
            raise InvalidInputError(f"algorithm: must be 1 for conditional information; got {self.algorithm}")
        x, y, z = check_samples(x, y, z, groups=groups)
        in_x, in_y, in_z = self._spaces(rng, x=x, y=y, z=z)
        neighbors = nearest_neighbors(in_x.joint(in_y, in_z), self.k)
        check_no_copies(neighbors, "x, y and z")
        blocks, k = (in_x, in_y, in_z), np.full(len(x), self.k)
        return ball_terms(blocks, marginal_counters(*blocks), neighbors.distances[:, -1], k, neighbors.distances)[0]

    def permuted_estimates(self, x: ArrayLike, y: ArrayLike, rows: IntArray) -> FloatArray:
        """Return the estimate of x and ``y[row]`` for each row of ``rows``, shape (n_permutations,), nats.

        Jitter is drawn once, from seed 0. Pairs that coincide by the permutation alone are taken as atoms.
        """
        x, y = check_samples(x, y)
        in_x, in_y = self._spaces(0, x=x, y=y)
        count_x, count_y = marginal_counters(in_x, in_y)
        everyone = np.arange(len(x))

        def estimate(row: IntArray) -> float:
            back = np.empty_like(everyone)
            back[row] = everyone
            moved = in_y.with_points(in_y.points[row], tuple(back[order] for order in in_y.orders))

            def count_moved(radii: FloatArray) -> Balls:
                inside, rim = count_y(radii[back])
                return Balls(inside[row], rim[row])

            neighbors = nearest_neighbors(in_x.joint(moved), self.k)
            return float(self._terms((in_x, moved), (count_x, count_moved), neighbors)[0].mean())

        return np.array([estimate(row) for row in as_permutations(rows, len(x))])

    def _spaces(self, rng: RNGLike, **variables: FloatArray) -> list[Space]:
        """Return the space of each variable, with jitter."""
        n = len(next(iter(variables.values())))
        check_at_least(n, self.k + 1, f"number of samples of {' and '.join(variables)} with k={self.k}")
        euclidean = self.metric == "euclidean"
        generator = as_generator(rng) if self.jitter else None
        spaces = []
        for name, values in variables.items():
            space = Space.of(values, name, self.margins, euclidean=euclidean)
            if generator is not None:
                points = space.points
                spread = np.ptp(points / 2, axis=0) * 2
                scale = np.where(spread > 0, np.std(points / np.where(spread > 0, spread, 1), axis=0) * spread, 0)
                space = space.with_points(points + self.jitter * scale * generator.normal(size=points.shape))
            spaces.append(space)
        return common_unit(*spaces) if euclidean else spaces

    def _terms(
        self, spaces: tuple[Space, Space], counters: Sequence[Counter], neighbors: Neighbors
    ) -> tuple[FloatArray, int]:
        """Return the local terms of I(X; Y), and how many samples had ties at the rim."""
        n, k = neighbors.distances.shape
        if self.algorithm == 2:
            terms, n_tied = rectangle_terms(*spaces, counters, neighbors)
        else:
            terms, n_tied = ball_terms(spaces, counters, neighbors.distances[:, -1], np.full(n, k), neighbors.distances)
        return terms + digamma(n), n_tied


def check_no_copies(neighbors: Neighbors, names: str) -> None:
    """Raise if a sample has another at distance zero, where there is no density."""
    repeated = int((neighbors.distances[:, 0] == 0).sum())
    if repeated:
        raise DuplicateSamplesError(
            f"{names}: continuous samples must not coincide; got {repeated} of {len(neighbors.rows)} with an exact"
            " copy. Drop copied rows; part rounded measurements with KSG(jitter=1e-10); take DiscreteContinuousMixture"
            " for variables with atoms, use Binned for discrete ones, Ross or Probe for classes y"
        )
