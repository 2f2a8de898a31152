"""Nearest neighbours on canonical components: KSG where the dimension is too high for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from attnstats._validation import (
    FloatArray,
    IntArray,
    RNGLike,
    as_generator,
    as_labels,
    check_at_least,
    check_count,
    check_samples,
)
from attnstats.exceptions import ConstantInputError, InvalidInputError
from attnstats.information._folds import random_folds
from attnstats.information.interface import LocalTerms
from attnstats.information.knn.ksg import KSG
from attnstats.information.margins import Standardized, normal_scores
from attnstats.information.projections.canonical import AllColumns, CrossFit, KernelProjection, Projection
from attnstats.information.projections.critic import (
    Critic,
    CriticEstimator,
    GaussianCritic,
    NeighborCritic,
    bound,
    independent_pairs,
)

#: Shares of neighbours tried in a log ratio that is a compromise between theirs and a Gaussian one.
_SHARES = (1.0, 0.5)
_N_PERMUTATIONS = 8
#: Each half has more rows than the neighbours that a critic looks at.
_FEWEST_ROWS = 12


@dataclass(frozen=True)
class CanonicalKSG(CriticEstimator):
    """KSG on a few components of x and of y that were learned on other rows.

    The projection finds the components of the columns' normal scores that depend most on the other variable, with
    directions for each row from the folds that do not hold its group. `KSG` is applied to the leading ones; their
    number has the largest held-out Donsker-Varadhan bound of a nearest-neighbour critic.

    Directions differ a little between folds, which makes the fold a common cause of both components: the mean estimate
    over pairs permuted within folds is subtracted. Errs on the low side where more than ``max_components`` directions
    matter. Invariant under increasing transforms of the columns.

    Parameters
    ----------
    projection : Projection, default KernelProjection()
        How the components are found: `AllColumns`, `LinearProjection` or `KernelProjection`.
    k : int, default 5
        Number of neighbours.

    Raises
    ------
    DuplicateSamplesError, ConstantInputError, TooFewSamplesError
        As `KSG` does, of the components.

    References
    ----------
    Kraskov, Stögbauer, Grassberger (2004), Phys. Rev. E 69, 066138. Goldfeld, Greenewald (2021), Sliced mutual
    information, NeurIPS (information of projections). See the projections for theirs.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.information import CanonicalKSG
    >>> generator = np.random.default_rng(0)
    >>> x = generator.normal(size=(1000, 20))
    >>> y = 0.8 * x[:, ::-1] + 0.6 * generator.normal(size=(1000, 20))
    >>> y[:, 1:] = generator.normal(size=(1000, 19))  # one column of 20 depends on one other: 0.51 nats
    >>> round(CanonicalKSG().estimate(x, y, rng=0), 1)
    0.5
    """

    projection: Projection = KernelProjection()  # noqa: RUF009 (frozen)
    k: int = 5

    def __post_init__(self) -> None:
        check_count(self.k, "k")
        if isinstance(self.projection, type) or not isinstance(self.projection, Projection):
            raise InvalidInputError(f"projection: must be one such as KernelProjection(); got {self.projection!r}")

    def local_terms(
        self, x: ArrayLike, y: ArrayLike, *, groups: ArrayLike | None = None, rng: RNGLike = None
    ) -> LocalTerms:
        """Return the local terms of `KSG` on the components, shape (n,), nats, and how many components were taken."""
        x, y = check_samples(x, y, groups=groups)
        for values, name in ((x, "x"), (y, "y")):
            if not len(values) or not np.ptp(values / 2, axis=0).any():
                raise ConstantInputError(f"{name}: must vary; got the same value in all {len(values)} samples")
        codes = np.arange(len(x)) if groups is None else as_labels(groups, "groups")[0]
        if not isinstance(self.projection, AllColumns):
            check_at_least(len(x), _FEWEST_ROWS, "number of samples of x and y, of whose halves one judges the other")
            check_at_least(int(codes.max()) + 1, 4, "number of groups" if groups is not None else "number of samples")
        generator = as_generator(rng)
        fit = self.projection.cross_fit(normal_scores(x), normal_scores(y), codes, generator)
        size_x, size_y, _ = _choose(fit, codes, generator) if len(fit.sizes) > 1 else (*fit.sizes[0], None)
        components = fit.x[:, :size_x], fit.y[:, :size_y]
        neighbours = KSG(self.k, margins=Standardized())
        terms = neighbours.pointwise(*components)
        if fit.folds is not None:
            rows = _permuted_within(fit.folds, generator)
            terms = terms - neighbours.permuted_estimates(*components, rows).mean()
        return LocalTerms(terms, (f"{size_x} component(s) of x, {size_y} of y",))

    def fit_critic(self, x: FloatArray, y: FloatArray, groups: IntArray, rng: np.random.Generator) -> Critic:
        """Return the log density ratio learned from rows of normal scores."""
        fit = self.projection.cross_fit(x, y, groups, rng)
        choice = _choose(fit, groups, rng)
        known = choice.critic(fit.x, fit.y)
        return lambda new_x, new_y: known(fit.reference.x(new_x), fit.reference.y(new_y))


def _permuted_within(folds: IntArray, rng: np.random.Generator) -> IntArray:
    """Return rows in random order within each fold, several times, shape (n_permutations, n)."""
    order = np.argsort(folds, kind="stable")
    rows = np.empty((_N_PERMUTATIONS, len(folds)), dtype=np.int64)
    for row in rows:
        row[order] = np.lexsort((rng.random(len(folds)), folds))
    return rows


class _Choice(NamedTuple):
    """How many components are taken, and the share of neighbours in the log ratio; the rest is a Gaussian's."""

    size_x: int
    size_y: int
    share: float

    def critic(self, known_x: FloatArray, known_y: FloatArray) -> Critic:
        """Return the log ratio that components of known rows suggest."""
        size_x, size_y, share = self
        neighbors = NeighborCritic(known_x[:, :size_x], known_y[:, :size_y])
        if share == 1:
            return lambda x, y: neighbors(x[:, :size_x], y[:, :size_y])
        gaussian = GaussianCritic(known_x[:, :size_x], known_y[:, :size_y])
        return lambda x, y: (
            share * neighbors(x[:, :size_x], y[:, :size_y]) + (1 - share) * gaussian(x[:, :size_x], y[:, :size_y])
        )


def _choose(fit: CrossFit, groups: IntArray, rng: np.random.Generator) -> _Choice:
    """Return the choice whose critic, learned on one half of the rows, has the largest bound on the other."""
    half = random_folds(groups, 2, rng)
    known, test = np.flatnonzero(half == 0), np.flatnonzero(half == 1)
    left, right = independent_pairs(test, groups, rng)
    choices, bounds = [], []
    for size_x, size_y in fit.sizes:
        shares = _SHARES if size_x == size_y else (1.0,)  # a Gaussian critic takes its components in pairs
        for share in shares:
            choices.append(_Choice(size_x, size_y, share))
            critic = choices[-1].critic(fit.x[known], fit.y[known])
            bounds.append(bound(critic(fit.x[test], fit.y[test]), critic(fit.x[left], fit.y[right])))
    return choices[int(np.argmax(bounds))]
