"""Cross-fitted probes: a held-out lower bound of the information between a vector and a class."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from attnstats._validation import (
    BoolArray,
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
from attnstats.exceptions import ConstantInputError, ConvergenceError, InvalidInputError
from attnstats.information._class_rule import as_variable, is_discrete
from attnstats.information._folds import stratified_folds
from attnstats.information.interface import LocalTerms, MIEstimator
from attnstats.information.probes.classifier import Classifier, Fitted, Predictor, PriorMixture, TrainingFold
from attnstats.information.probes.logistic import Logistic

#: Columns within 2^400 and 2^-400 keep their unit, since sums of their squares neither overflow nor vanish.
_MAX_EXPONENT = 400


class SplitHalf(NamedTuple):
    """Pointwise estimates in nats, shape (n,) each: from all training groups, and from each half of them."""

    whole: FloatArray
    first: FloatArray
    second: FloatArray


@dataclass(frozen=True)
class Probe(MIEstimator):
    """Lower bound of I(X; Y) for a class y, from a classifier evaluated on groups that it was not fitted to.

    For any conditional model q, I(X; Y) >= H(Y) - E[-log q(Y | X)]. The groups are dealt into folds; q is fitted to all
    folds but one and evaluated on that one. With p the class frequencies, the local terms are

        i(x_j; y_j) = log q(y_j | x_j) - log p(y_j),

    the pointwise V-information of Ethayarajh et al. (2022). The estimate, their mean, is slightly negative where the
    classifier learns nothing.

    Parameters
    ----------
    model : Classifier, default Logistic()
        What is fitted: `Logistic`, `BoostedTrees`, `NearestNeighbors`, `NeuralNetwork`, or the `Best` of several.
    n_folds : int, default 5
        Folds; every group is held out once.
    stratify : bool, default True
        Balance the folds over classes as far as groups allow. Such folds depend on the held-out labels, so a certified
        bound (`EmpiricalBernstein`, `BettingBound`) needs False.

    Raises
    ------
    ConstantInputError
        If x does not vary, or y holds one class only.
    TooFewSamplesError
        If there are fewer groups (or rows, without groups) than `n_folds`, or fewer than 4 for 2 folds.
    ConvergenceError
        If a fit does not converge.

    Notes
    -----
    A model makes its choices (penalties, when to stop) by predicting each of two halves of its training groups from the
    other. It is mixed with the class frequencies of its training rows, half a count added to each class, at a weight of
    one over the number of training groups plus one, so that log q is finite.

    The bound depends on the model: `Logistic` finds nothing in XOR. Rows repeated across folds make it too high; give
    copies the same group.

    References
    ----------
    Barber, Agakov (2003), The IM algorithm: a variational approach to information maximization, NeurIPS.
    Ethayarajh, Choi, Swayamdipta (2022), Understanding dataset difficulty with V-usable information, ICML.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.information import Probe
    >>> generator = np.random.default_rng(0)
    >>> y = generator.integers(2, size=1000)
    >>> x = generator.normal(size=(1000, 2)) + 4 * y[:, np.newaxis]
    >>> round(Probe().estimate(x, y, rng=0), 2)  # truth: 0.68 nats, of H(Y) = 0.69
    0.68
    """

    model: Classifier = Logistic()  # noqa: RUF009 (frozen)
    n_folds: int = 5
    stratify: bool = True

    discrete_y: ClassVar[bool] = True
    continuous_y: ClassVar[bool] = False
    discrete_z: ClassVar[bool] = True
    held_out: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if isinstance(self.model, type) or not isinstance(self.model, Classifier):
            raise InvalidInputError(f"model: must be a model such as Logistic(); got {self.model!r}")
        check_count(self.n_folds, "n_folds", minimum=2)

    def local_terms(
        self, x: ArrayLike, y: ArrayLike, *, groups: ArrayLike | None = None, rng: RNGLike = None
    ) -> LocalTerms:
        """Return log q(y_j | x_j) - log p(y_j) of each row, nats, the models taken, and the folds."""
        samples = _validate(as_samples(x, "x"), y, groups, self.n_folds)
        log_q, folds, names = self._log_q(samples, rng)
        chosen = [f"{name} in {count}" for name, count in names.most_common()]
        chosen[0] += f" of {self.n_folds} folds"
        return LocalTerms(log_q - samples.log_p, (", ".join(chosen),), folds)

    def split_half(
        self, x: ArrayLike, y: ArrayLike, *, groups: ArrayLike | None = None, rng: RNGLike = None
    ) -> SplitHalf:
        """Return three pointwise estimates of every row: from all training groups, and from each half of them.

        The agreement of the halves is the reliability of a pointwise estimate from half of the data. They share the
        choices made by predicting each from the other (standardisation, penalty).

        Parameters
        ----------
        x : array_like of shape (n,) or (n, dim)
            Feature vectors.
        y : array_like of shape (n,)
            Classes.
        groups : array_like of shape (n,), optional
            Rows of one group are on one side of every split; each row is a group of its own by default.
        rng : int, numpy.random.Generator or None
            Source of the random splits.

        Returns
        -------
        SplitHalf
            ``whole``, ``first`` and ``second``, each of shape (n,), in nats; ``whole`` is what `pointwise` returns.

        Examples
        --------
        >>> import numpy as np
        >>> from attnstats.information import Probe
        >>> generator = np.random.default_rng(0)
        >>> y = generator.integers(2, size=500)
        >>> x = generator.normal(size=(500, 8)) + y[:, np.newaxis]
        >>> halves = Probe().split_half(x, y, rng=0)
        >>> bool(np.corrcoef(halves.first, halves.second)[0, 1] > 0.8)
        True
        """
        samples = _validate(as_samples(x, "x"), y, groups, self.n_folds)
        log_q = np.empty((3, len(samples.y)))
        for test, training, fitted in self._cross_fit(samples, rng):
            parts = (training, training.part(0), training.part(1))
            models = (fitted.whole, fitted.first, fitted.second)
            for row, part, model in zip(log_q, parts, models, strict=True):
                row[test] = _log_likelihood(model, part, samples.x[test], samples.y[test])
        return SplitHalf(*(log_q - samples.log_p))

    def conditional_pointwise(
        self, x: ArrayLike, y: ArrayLike, z: ArrayLike, *, groups: ArrayLike | None = None, rng: RNGLike = None
    ) -> FloatArray:
        """Return local terms of I(X; Y | Z) by the chain rule, log q(y_j | x_j, z_j) - log q(y_j | z_j).

        The mean is a difference of two lower bounds, of I(X, Z; Y) and of I(Z; Y), so it is no bound: too high by what
        the model of z misses, too low by what the model of both misses. Give z a model flexible enough (`Best`).

        Parameters
        ----------
        x : array_like of shape (n,) or (n, dim_x)
            Feature vectors.
        y : array_like of shape (n,)
            Classes.
        z : array_like of shape (n,) or (n, dim_z)
            Conditioning variable: real numbers, or labels, which become one indicator for each label of each column.
        groups, rng
            As in `split_half`.

        Returns
        -------
        ndarray of shape (n,)
            Local terms, nats.

        Examples
        --------
        >>> import numpy as np
        >>> from attnstats.information import Probe
        >>> generator = np.random.default_rng(0)
        >>> z, x = generator.normal(size=(2, 2000))
        >>> y = x + z + 0.5 * generator.normal(size=2000) > 0
        >>> bool(Probe().estimate(x, y, rng=0) < Probe().conditional_pointwise(x, y, z, rng=0).mean())
        True
        """
        x = as_samples(x, "x")
        z = _indicators(z) if is_discrete(z, "z") else as_samples(z, "z")
        check_same_length(x=x, z=z)
        seed = as_generator(rng).integers(2**63)  # the folds of equal seeds are equal
        both = _validate(np.hstack([x, z]), y, groups, self.n_folds)
        with_x, without_x = (self._log_q(both._replace(x=each), seed)[0] for each in (both.x, both.x[:, x.shape[1] :]))
        return with_x - without_x

    def _log_q(self, samples: _Samples, rng: RNGLike) -> tuple[FloatArray, IntArray, Counter[str]]:
        """Return the held-out log q(y_j | x_j) of each row, its fold, and how often each model was chosen."""
        log_q, folds, names = np.empty(len(samples.y)), np.empty(len(samples.y), dtype=np.int64), Counter[str]()
        for fold, (test, training, fitted) in enumerate(self._cross_fit(samples, rng)):
            log_q[test] = _log_likelihood(fitted.whole, training, samples.x[test], samples.y[test])
            folds[test] = fold
            names[fitted.name] += 1
        return log_q, folds, names

    def _cross_fit(self, samples: _Samples, rng: RNGLike) -> Iterator[tuple[BoolArray, TrainingFold, Fitted]]:
        """Yield the rows of each fold with what was fitted outside it."""
        generator = as_generator(rng)
        seeds = generator.spawn(self.n_folds)
        n_classes = int(samples.y.max()) + 1
        strata = samples.y if self.stratify else np.zeros_like(samples.y)
        folds = stratified_folds(strata, samples.groups, self.n_folds, generator)
        for fold, seed in enumerate(seeds):
            test = folds == fold
            y, groups = samples.y[~test], samples.groups[~test]
            half = stratified_folds(y, groups, 2, generator)
            training = TrainingFold(samples.x[~test], y, groups, half, n_classes)
            yield test, training, self.model.fit(training, seed)


class _Samples(NamedTuple):
    x: FloatArray  # (n, dim)
    y: IntArray  # (n,) class codes
    groups: IntArray  # (n,) group codes
    log_p: FloatArray  # (n,) log frequency of each row's class


def _log_likelihood(model: Predictor, fitted_to: TrainingFold, x: FloatArray, y: IntArray) -> FloatArray:
    """Return log q(y | x) of each row: the model mixed with the class frequencies of its training rows."""
    log_model = model.log_probabilities(x)
    total = np.exp(log_model).sum(axis=1)
    if not (np.abs(total - 1) < 1e-6).all():  # also where it is NaN
        raise ConvergenceError(f"Probe: the probabilities of a model must sum to 1; got sums up to {total.max()}")
    return PriorMixture.of(fitted_to.y, fitted_to.groups, fitted_to.n_classes).log_likelihood(log_model, y)


def _validate(x: FloatArray, y: ArrayLike, groups: ArrayLike | None, n_folds: int) -> _Samples:
    codes, classes = as_labels(y, "y")
    group_codes = np.arange(len(x)) if groups is None else as_labels(groups, "groups")[0]
    check_same_length(x=x, y=codes, groups=group_codes)
    if len(classes) < 2:
        raise ConstantInputError(f"y: must hold at least two classes; got {len(classes)}")
    n_groups = int(group_codes.max()) + 1
    unit = "samples" if groups is None else "groups"
    # Outside every fold at least two groups: one to fit to, one to choose by.
    check_at_least(n_groups, 4 if n_folds == 2 else n_folds, f"number of {unit} for {n_folds} folds")
    log_p = np.log(np.bincount(codes) / len(codes))[codes]
    # Columns whose squares would overflow or vanish are rescaled by a power of two, which is exact.
    exponents = np.frexp(np.abs(x).max(axis=0))[1]
    extreme = np.abs(exponents) > _MAX_EXPONENT
    if extreme.any():
        x = np.ldexp(x, -np.where(extreme, exponents, 0))
    if not np.ptp(x / 2, axis=0).any():
        raise ConstantInputError(f"x: must vary; got the same value in all {len(x)} samples")
    return _Samples(x, codes, group_codes, log_p)


def _indicators(labels: ArrayLike) -> FloatArray:
    """Return one column for each label of each column, 1 where the row has it."""
    columns = as_variable(labels, "z", True).plain().T
    codes = [np.unique(column, return_inverse=True) for column in columns]
    return np.hstack([np.eye(len(classes))[code] for classes, code in codes])
