"""Nearest neighbours on canonical components: KSG where the dimension is too high for it."""

from __future__ import annotations

from dataclasses import dataclass

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
from attnstats.information.interface import LocalTerms
from attnstats.information.knn.ksg import KSG
from attnstats.information.margins import Standardized, normal_scores
from attnstats.information.projections.canonical import AllColumns, CrossFit, KernelProjection, Projection
from attnstats.information.projections.critic import (
    CriticEstimator,
    Evidence,
    HeldOutFold,
    HeldOutPairs,
    gaussian_log_ratio,
    neighbor_log_ratios,
)

_N_PERMUTATIONS = 8
#: In a half there are more rows than the neighbours that a critic looks at.
_FEWEST_ROWS = 12
#: Rows by which the number of components is chosen.
_MAX_EVIDENCE = 4000
#: Bounds that differ by less, in nats times the root of the rows, do so by chance: the smallest size is taken.
_SLACK = 0.5
#: Growth from half of the rows to all of them, in nats and as a share of the estimate, beyond which it is in doubt.
_GROWTH, _SHARE = 0.06, 0.08


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
        check_at_least(len(x), _FEWEST_ROWS, "number of samples of x and y, of which some judge the others")
        check_at_least(int(codes.max()) + 1, 4, "number of groups" if groups is not None else "number of samples")
        generator = as_generator(rng)
        pairs = HeldOutPairs.draw(codes, generator, _MAX_EVIDENCE)
        return self.evidence(normal_scores(x), normal_scores(y), pairs, generator).terms()

    def evidence(self, x: FloatArray, y: FloatArray, pairs: HeldOutPairs, rng: np.random.Generator) -> Evidence:
        """Judge every number of components by the pairs; parameters as in `CriticEstimator`."""
        fit = self.projection.cross_fit(x, y, pairs.fold, rng)
        bounds = pairs.bounds(lambda fold: np.vstack(_log_ratios(fit, fold)))
        of_size = bounds.reshape(-1, len(fit.sizes)).max(axis=0)
        as_large = of_size >= bounds.max() - _SLACK / np.sqrt(len(pairs.rows))
        size = fit.sizes[int(as_large.argmax())]

        def terms() -> LocalTerms:
            values = self._terms(fit, size, pairs.fold, rng)
            notes = (f"{size[0]} component(s) of x, {size[1]} of y",)
            return LocalTerms(values, notes, doubts=self._doubts(fit, size, x, y, pairs, float(values.mean()), rng))

        return Evidence(float(bounds.max()), terms)

    def _terms(self, fit: CrossFit, size: tuple[int, int], folds: IntArray, rng: np.random.Generator) -> FloatArray:
        """Return the local terms of so many components, less what the folds have in common."""
        components = fit.x[:, : size[0]], fit.y[:, : size[1]]
        neighbours = KSG(self.k, margins=Standardized())
        terms = neighbours.pointwise(*components)
        if not isinstance(self.projection, AllColumns):
            terms = terms - neighbours.permuted_estimates(*components, _permuted_within(folds, rng)).mean()
        return terms

    def _doubts(
        self,
        fit: CrossFit,
        size: tuple[int, int],
        x: FloatArray,
        y: FloatArray,
        pairs: HeldOutPairs,
        value: float,
        rng: np.random.Generator,
    ) -> tuple[str, ...]:
        """Return whether the estimate still grows with the rows: whether halves of them show less on average."""
        halves = [np.flatnonzero(pairs.fold % 2 == side) for side in (0, 1)]
        if len(x) > _MAX_EVIDENCE or pairs.fold.max() < 3:
            return ()
        found = []
        for rows in halves:
            if not all(np.ptp(values[rows] / 2, axis=0).any() for values in (x, y)):
                found.append(0.0)  # what is constant in a half, as a rare flag is, tells nothing there
                continue
            folds = pairs.fold[rows] // 2
            of_half = fit.settled.cross_fit(x[rows], y[rows], folds, rng)
            found.append(self._terms(of_half, size, folds, rng).mean())
        growth = value - float(np.mean(found))
        if growth <= max(_GROWTH, _SHARE * value):
            return ()
        return (f"halves of the sample show {growth:.2g} nats less, so more would show more",)


def _log_ratios(fit: CrossFit, fold: HeldOutFold) -> tuple[FloatArray, ...]:
    """Return the log ratios of neighbours for each number of components, and compromises with Gaussian ones."""
    of_neighbors = neighbor_log_ratios(fit.x, fit.y, fold, fit.sizes)
    if len(fit.sizes) == 1:
        return (of_neighbors,)
    of_gaussians = [gaussian_log_ratio(fit.x[:, :size], fit.y[:, :size], fold) for size, _ in fit.sizes]
    return of_neighbors, (of_neighbors + of_gaussians) / 2


def _permuted_within(folds: IntArray, rng: np.random.Generator) -> IntArray:
    """Return rows in random order within each fold, several times, shape (n_permutations, n)."""
    order = np.argsort(folds, kind="stable")
    n_permutations = max(1, min(_N_PERMUTATIONS, _N_PERMUTATIONS * _MAX_EVIDENCE // len(folds)))  # many rows need fewer
    rows = np.empty((n_permutations, len(folds)), dtype=np.int64)
    for row in rows:
        row[order] = np.lexsort((rng.random(len(folds)), folds))
    return rows
