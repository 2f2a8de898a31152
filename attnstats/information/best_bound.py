"""Several families of estimators, of which the one with the largest lower bound on held-out rows is taken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from attnstats._validation import (
    FloatArray,
    IntArray,
    RNGLike,
    as_generator,
    as_labels,
    as_samples,
    check_at_least,
    check_count,
    check_same_length,
)
from attnstats.exceptions import ConstantInputError, ConvergenceError, DuplicateSamplesError, InvalidInputError
from attnstats.information._class_rule import as_variable, is_whole
from attnstats.information._strata import strata_of
from attnstats.information.discrete.binned import Binned
from attnstats.information.discrete.nsb import NSB
from attnstats.information.interface import LocalTerms, MIEstimator, brief
from attnstats.information.knn.canonical_ksg import CanonicalKSG
from attnstats.information.margins import normal_scores
from attnstats.information.parametric._tied_columns import ties_note
from attnstats.information.parametric.gaussian_copula import GaussianCopula
from attnstats.information.parametric.student_copula import StudentCopula
from attnstats.information.probes.best import Best
from attnstats.information.probes.probe import Probe
from attnstats.information.projections.canonical import AllColumns, KernelProjection, LinearProjection
from attnstats.information.projections.critic import CriticEstimator, HeldOutPairs

#: Groups from which on two folds do for classes.
_MANY_GROUPS = 10_000
#: Fewer rows a column leave any estimate in doubt.
_ROWS_A_COLUMN = 20
_FEWEST_GROUPS = 50
#: Neighbours that show so many nats more than another family make it doubtful, and wrong if by so many standard errors.
_MORE, _ERRORS = 0.05, 4.0


@dataclass(frozen=True, repr=False)
class BestBound(MIEstimator):
    """Mutual information by the family of estimators with the largest lower bound on held-out rows.

    Gaussian copulas miss what does not correlate, nearest neighbours lose information with every dimension. Each family
    also gives a log density ratio T (a critic), and whatever it assumes, the Donsker-Varadhan value of T on other rows
    is a lower bound of the information. The estimate is that of the family with the largest bound, from all rows. The
    bounds of the copulas are corrected for the cost of their correlations, as their estimates are.

    Where one variable is a class and the other a measurement, the estimate is the held-out bound of classifiers, chosen
    inside each training fold; where both are classes, contingency tables are used. A variable with columns of both
    kinds is a measurement.

    Parameters
    ----------
    families : tuple of CriticEstimator
        The candidates for two continuous variables.
    probe : Probe, optional
        The estimator for a continuous variable against a class; ``Probe(Best())`` by default, with two folds where
        there are more than 10,000 groups, of which half are plenty to learn from.
    cells : Binned, default Binned(entropy=NSB())
        The estimator for two discrete variables.
    max_evidence : int, default 4000
        Rows, drawn at random by groups where there are more, from which the family is chosen.

    Raises
    ------
    TooFewSamplesError
        If there are fewer than 50 groups (or rows, without groups) and x and y are not both classes.
    ConstantInputError
        If x or y does not vary.
    DuplicateSamplesError
        If rows of different groups are copies, which would stand in a training fold and in the fold under test. Values
        that repeat in x and in y apart, as whole numbers do, are not taken for copies.

    Notes
    -----
    The notes of the result name the family, its bound and the runner-up, and the families that refused the sample. The
    estimate errs where the chosen family does, mostly on the low side, where strong dependence winds through many
    dimensions. Neighbours in all columns err low too: where they show clearly more than the copula chosen, their
    estimate is taken, and where they show .05 nats more, the estimate is doubted, and `mutual_information` warns. So it
    does where `CanonicalKSG` finds less in halves of the sample, or there are fewer than 20 samples a column. Of one
    column against one nothing is projected.

    References
    ----------
    Donsker, Varadhan (1983), Asymptotic evaluation of certain Markov process expectations for large time IV, Comm. Pure
    Appl. Math. 36. Czyż, Grabowski, Vogt, Beerenwinkel, Marx (2023), Beyond normal: on the evaluation of mutual
    information estimators, NeurIPS.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.information import BestBound, mutual_information
    >>> generator = np.random.default_rng(0)
    >>> x = generator.normal(size=(1000, 5))
    >>> y = 0.6 * x + 0.8 * generator.normal(size=(1000, 5))
    >>> estimate = mutual_information(x, y, BestBound(), rng=0)
    >>> round(estimate.value, 1)  # truth: 5 * 0.22 = 1.12 nats
    1.1
    """

    families: tuple[CriticEstimator, ...] = (
        GaussianCopula(),
        StudentCopula(),
        CanonicalKSG(AllColumns()),
        CanonicalKSG(LinearProjection()),
        CanonicalKSG(KernelProjection()),
    )
    probe: Probe | None = None
    cells: Binned = Binned(entropy=NSB())  # noqa: RUF009 (frozen)
    max_evidence: int = 4000

    discrete_y: ClassVar[bool] = True
    discrete_x: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_count(self.max_evidence, "max_evidence", minimum=50)
        if not isinstance(self.families, tuple) or not self.families:
            raise InvalidInputError(f"families: must be a tuple of estimators; got {self.families!r}")
        for name, value, kind in (("probe", self.probe or Probe(), Probe), ("cells", self.cells, Binned)):
            if not isinstance(value, kind):
                raise InvalidInputError(f"{name}: must be a {kind.__name__}; got {value!r}")
        for family in self.families:
            if not isinstance(family, CriticEstimator):
                raise InvalidInputError(f"families: each must be a CriticEstimator; got {family!r}")

    def __repr__(self) -> str:
        return brief(self)  # all families by default are not told one by one

    def local_terms(
        self, x: ArrayLike, y: ArrayLike, *, groups: ArrayLike | None = None, rng: RNGLike = None
    ) -> LocalTerms:
        """Return the local terms of the family chosen, shape (n,), nats, and why it was chosen."""
        x, y = as_variable(x, "x"), as_variable(y, "y")
        if all(x.discrete) and all(y.discrete):
            return LocalTerms(self.cells.pointwise(x, y, groups=groups), (f"both discrete: {brief(self.cells)}",))
        classes = {name: strata_of(each, name)[0] for name, each in (("x", x), ("y", y)) if all(each.discrete)}
        samples = {name: _continuous(each, name) for name, each in (("x", x), ("y", y)) if name not in classes}
        for name, of in classes.items():
            if not of.any():
                raise ConstantInputError(f"{name}: must vary; got the same class in all {len(of)} samples")
        columns = {name: of[:, np.newaxis].astype(np.float64) for name, of in classes.items()} | samples
        codes = np.arange(len(x)) if groups is None else as_labels(groups, "groups")[0]
        check_same_length(x=x, y=y, groups=codes)
        check_at_least(
            int(codes.max(initial=-1)) + 1, _FEWEST_GROUPS, f"number of {'samples' if groups is None else 'groups'}"
        )
        _check_no_copies(columns["x"], columns["y"], codes)
        generator = as_generator(rng)
        if not classes:
            return self._compete(samples["x"], samples["y"], codes, generator)
        (measured,), (labels,) = samples.values(), classes.values()
        probe = self.probe or Probe(Best(), n_folds=2 if codes.max() >= _MANY_GROUPS else 5)
        return probe.local_terms(measured, labels, groups=groups, rng=generator)

    def _compete(self, x: FloatArray, y: FloatArray, codes: IntArray, generator: np.random.Generator) -> LocalTerms:
        scores_x, scores_y = _varying(normal_scores(x)), _varying(normal_scores(y))
        pairs = HeldOutPairs.draw(codes, generator, self.max_evidence)
        found, refusals = [], []
        families = self._families_of(scores_x, scores_y)
        for family, seed in zip(families, generator.spawn(len(families)), strict=True):
            try:
                evidence = family.evidence(scores_x, scores_y, pairs, seed)
                found.append((evidence.bound, family, evidence.terms))
            except (
                InvalidInputError,
                ConvergenceError,
            ) as error:  # many equal values: another family may know what to do with them
                refusals.append((f"{brief(family)} left out: {error}", error))
        found.sort(key=lambda each: -each[0])
        for place, (value, family, terms_of) in enumerate(found):
            try:
                terms = terms_of()
            except (InvalidInputError, ConvergenceError) as error:
                refusals.append((f"{brief(family)} with {value:.3g} left out: {error}", error))
                continue
            chosen = f"{brief(family)} chosen: held-out bound {value:.3g} nats"
            following = tuple(f"next {brief(other)} with {its:.3g}" for its, other, _ in found[place + 1 :][:1])
            terms, more = _neighbors_if_more(terms, family, found[place + 1 :])
            notes = (chosen, *following, *more, *(note for note, _ in refusals), *ties_note(x, y))
            n, dim = len(x), x.shape[1] + y.shape[1]
            few = (f"{n} samples are few for {dim} columns",) if n < _ROWS_A_COLUMN * dim else ()
            return LocalTerms(terms.terms, notes, doubts=few or terms.doubts)
        raise refusals[-1][1]

    def _families_of(self, x: FloatArray, y: FloatArray) -> tuple[CriticEstimator, ...]:
        """Return the families that compete for so many columns."""
        if x.shape[1] > 1 or y.shape[1] > 1:
            return self.families
        # There is nothing to project in one column; in strong dependence what differs between folds would show on both
        # sides, and be taken for information.
        plain = tuple(each for each in self.families if not isinstance(each, CanonicalKSG) or _of_all_columns(each))
        return plain or self.families


def _of_all_columns(family: CriticEstimator) -> bool:
    return isinstance(family, CanonicalKSG) and isinstance(family.projection, AllColumns)


def _neighbors_if_more(
    terms: LocalTerms, family: CriticEstimator, others: list[tuple[float, CriticEstimator, Callable[[], LocalTerms]]]
) -> tuple[LocalTerms, tuple[str, ...]]:
    """Return the terms of neighbours in all columns where they show clearly more than the family chosen, and a note.

    The critic of neighbours needs many more rows than their estimate, which errs on the low side. A copula that fits
    badly may so win the competition, and yet be further off.
    """
    if isinstance(family, CanonicalKSG):
        return terms, ()
    for _, other, terms_of in others:
        if _of_all_columns(other):
            of_neighbors = terms_of()
            more = of_neighbors.terms - terms.terms
            shown = float(more.mean())
            if shown > _MORE and shown > _ERRORS * more.std() / np.sqrt(len(more)):
                return of_neighbors, (f"{brief(other)} taken: it errs low, and shows {shown:.2g} nats more",)
            if shown > _MORE:
                return terms._replace(doubts=(f"{brief(other)}, which errs low, shows {shown:.2g} nats more",)), ()
    return terms, ()


def _continuous(values: ArrayLike, name: str) -> FloatArray:
    samples = as_samples(values, name)
    if not np.ptp(samples / 2, axis=0).any():  # halved: the range of finite numbers need not be finite
        raise ConstantInputError(f"{name}: must vary; got the same value in all {len(samples)} samples")
    return samples


def _check_no_copies(x: FloatArray, y: FloatArray, groups: IntArray) -> None:
    """Raise if rows of different groups look like copies: more repeat a whole pair than share x, or y, with another.

    Rows that take few values, a quarter of their number at most, cannot but repeat; a row that makes a tenth of all is
    an atom of both, such as two zeros, and no copy.
    """
    n = len(x)
    in_x, in_y = _rows_of(x), _rows_of(y)
    in_both = _rows_of(np.column_stack([in_x, in_y]))
    if in_both.max() < n / 4 and all(is_whole(column) for column in np.hstack([x, y]).T):
        return
    in_groups = np.bincount(np.unique(np.column_stack([in_both, groups]), axis=0)[:, 0])
    copied = (in_groups > 1) & (np.bincount(in_both) < n / 10)
    extra = int(copied[in_both].sum() - copied.sum())
    if extra > min(_in_common(in_x, in_both), _in_common(in_y, in_both)):
        raise DuplicateSamplesError(
            "x and y: rows of different groups must not be copies; got"
            f" {extra} of {n} rows that repeat another one. Give copies one group, or"
            " drop them; use Binned where one variable is a function of the few values of the other"
        )


def _rows_of(values: IntArray | FloatArray) -> IntArray:
    """Return the number of each row among the different ones."""
    return np.unique(values, axis=0, return_inverse=True)[1].ravel().astype(np.int64)


def _in_common(side: IntArray, both: IntArray) -> int:
    """Return how many rows share the value of one side with a row that differs in the other."""
    _, first = np.unique(both, return_index=True)
    partners = np.bincount(side[first])
    return int((partners[side] > 1).sum())


def _varying(values: FloatArray) -> FloatArray:
    return values[:, np.ptp(values, axis=0) > 0]
