"""Mutual information of variables that are partly discrete and partly continuous."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from attnstats._validation import FloatArray, RNGLike, as_labels, check_at_least, check_count, check_same_length
from attnstats.information._class_rule import as_columns
from attnstats.information.interface import LocalTerms, MIEstimator
from attnstats.information.knn._ties import ball_terms, marginal_counters, tie_notes
from attnstats.information.margins import Margins, NormalScores, check_margins
from attnstats.information.neighbors._space import Space, nearest_neighbors

#: Distance of neighbouring label codes; a million times this is still finite.
_APART = 2.0**1000


@dataclass(frozen=True)
class DiscreteContinuousMixture(MIEstimator):
    """Mutual information from nearest neighbours, of variables that may have atoms, a density, or both.

    With rho_i the distance of sample i to its k-th neighbour in the joint space (max-norm), n_x(i) and n_y(i) the
    numbers of samples closer than rho_i in x and in y alone, itself included, and k_i = k,

        I = log(n) + mean_i [psi(k_i) - psi(n_x(i)) - psi(n_y(i))].

    Where rho_i is zero the sample lies on an atom, and k_i, n_x(i), n_y(i) are the numbers of its copies, itself
    included. On continuous data this is algorithm 1 of `KSG`, on discrete data a plug-in estimate with psi for the
    logarithm.

    Parameters
    ----------
    k : int, default 3
        Number of neighbours.
    margins : Margins, default NormalScores()
        The scale on which distances are taken along each numerical column, as for `KSG`.

    Raises
    ------
    ConstantInputError, TooFewSamplesError
        If a variable does not vary; if there are not more than k samples.

    Notes
    -----
    Columns may be of mixed kinds (`mutual_information` states which are classes); different classes are farther apart
    than any numbers. A sample with fewer than k neighbours of its classes uses those that there are, k_i of them. Ties
    at the distance rho_i are treated as in `KSG`.

    Rows that were merely copied, as by a bootstrap with replacement, look like atoms and inflate the estimate. The
    paper has log(n_x + 1) for psi(n_x); with psi the estimate agrees with that of KSG where there are no atoms.

    References
    ----------
    Gao, Kannan, Oh, Viswanath (2017), Estimating mutual information for discrete-continuous mixtures, NeurIPS,
    algorithm 1. Mesner, Shalizi (2020), IEEE Trans. Inf. Theory 67, 464-484, algorithm 1 (conditional form).

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.information import DiscreteContinuousMixture
    >>> generator = np.random.default_rng(1)
    >>> x = generator.integers(4, size=1000)
    >>> y = x + generator.uniform(0, 2, size=1000)  # truth: log(4) - 3 / 4 log(2) = 0.87 nats
    >>> round(DiscreteContinuousMixture().estimate(x, y), 2)
    0.84
    """

    k: int = 3
    margins: Margins = NormalScores()  # noqa: RUF009 (frozen)

    discrete_y: ClassVar[bool] = True
    discrete_x: ClassVar[bool] = True
    discrete_z: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_count(self.k, "k")
        check_margins(self.margins)

    def local_terms(
        self, x: ArrayLike, y: ArrayLike, *, groups: ArrayLike | None = None, rng: RNGLike = None
    ) -> LocalTerms:
        """Return log(n) + psi(k_i) - psi(n_x) - psi(n_y) of each sample, shape (n,), nats, with a note of ties."""
        del rng  # deterministic
        in_x, in_y = self._spaces(groups, x=x, y=y)
        terms, n_tied = self._terms(in_x, in_y)
        return LocalTerms(terms + np.log(len(terms)), tie_notes(n_tied, in_x, in_y))

    def conditional_pointwise(
        self, x: ArrayLike, y: ArrayLike, z: ArrayLike, *, groups: ArrayLike | None = None, rng: RNGLike = None
    ) -> FloatArray:
        """Return psi(k_i) - psi(n_xz) - psi(n_yz) + psi(n_z) of each sample, shape (n,), nats."""
        del rng  # deterministic
        return self._terms(*self._spaces(groups, x=x, y=y, z=z))[0]

    def _spaces(self, groups: ArrayLike | None, **variables: ArrayLike) -> list[Space]:
        """Return the space of each variable; different labels are farther apart than any numbers."""
        columns = {name: as_columns(values, name) for name, values in variables.items()}
        n = check_same_length(**{name: each.samples for name, each in columns.items()})
        if groups is not None:
            check_same_length(x=columns["x"].samples, groups=as_labels(groups, "groups")[0])
        check_at_least(n, self.k + 1, f"number of samples of {' and '.join(variables)} with k={self.k}")
        spaces = []
        for name, (samples, labels) in columns.items():
            space = Space.of(samples, name, self.margins)
            if labels.any():
                points = np.where(labels, samples, space.points)
                space = space._replace(points=points, weights=np.where(labels, _APART, space.weights))
            spaces.append(space)
        return spaces

    def _terms(self, x: Space, *others: Space) -> tuple[FloatArray, int]:
        """Return the local terms without log(n), and how many samples had ties at the rim."""
        distances = nearest_neighbors(x.joint(*others), self.k).distances
        counts = (distances < _APART).sum(axis=1)
        radii = distances[np.arange(len(counts)), counts - 1]
        alone = counts == 0  # no other has its classes: the ball reaches over all numbers, and to no other class
        radii[alone], counts[alone] = np.nextafter(_APART, 0), 1
        return ball_terms((x, *others), marginal_counters(x, *others), radii, counts, distances)
