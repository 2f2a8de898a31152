"""Cross-fitted logistic probes: a held-out lower bound of the information that a vector has about a class."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import minimize

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
from attnstats.exceptions import ConstantInputError, ConvergenceError

__all__ = ["Probe", "SplitHalf"]

#: L2 penalties tried, strong to weak, in units of the mean log loss of one standardised feature.
_PENALTIES = 10.0 ** np.append(1, np.arange(0, -6.5, -0.5))
_MAX_ITERATIONS = 2000


class SplitHalf(NamedTuple):
    """Pointwise estimates in nats, shape (n,) each: from all training groups, and from two halves of them."""

    whole: FloatArray
    first: FloatArray
    second: FloatArray


@dataclass(frozen=True)
class Probe:
    """Lower bound of I(X; Y) for a class y, from logistic regression evaluated on groups that it has not seen.

    For any conditional model q, I(X; Y) >= H(Y) - E[-log q(Y | X)] (Barber and Agakov 2003). The groups are dealt into
    folds; q is fitted on all folds but one and evaluated on that one. The local terms are

        i(x_j; y_j) = log q(y_j | x_j) - log p(y_j),

    with p the class frequencies of the sample, so their mean is the plug-in entropy minus the held-out cross-entropy.
    It is not clipped: where the probe learns nothing it is slightly negative. Pointwise it is the V-information of
    Ethayarajh et al. (2022) with logistic models for V.

    Parameters
    ----------
    n_folds : int, default 5
        Folds; every group is held out once.

    Raises
    ------
    ConstantInputError
        If x does not vary, or y holds one class only.
    TooFewSamplesError
        If there are fewer than 3 groups (or rows, without groups), or fewer than `n_folds`.
    ConvergenceError
        If a fit does not converge.

    Notes
    -----
    Folds are balanced over classes as far as groups allow. Features are standardised on the training folds. The penalty
    of the squared weights is chosen within the training folds alone: these are cut into two halves by groups, each half
    is predicted from the other, and the first minimum of that loss from strong to weak penalties is taken; then the
    model is fitted to all training folds. The fitted model is mixed with the class frequencies of its training rows
    (half a count added to each class), at a weight of one over the number of training groups plus one, which keeps
    log q finite for a class that a training fold lacks.

    The bound is that of a linear boundary: XOR has none. Rows that repeat across folds make it optimistic; give copies
    the same group.

    References
    ----------
    Barber, Agakov (2003), The IM algorithm: a variational approach to information maximization, NeurIPS.
    Ethayarajh, Choi, Swayamdipta (2022), Understanding dataset difficulty with V-usable information, ICML.
    Böhning, Lindsay (1988), Monotonicity of quadratic-approximation algorithms, Ann. Inst. Stat. Math. 40 (the bound on
    the curvature that scales the fit).

    Examples
    --------
    >>> generator = np.random.default_rng(0)
    >>> y = generator.integers(2, size=1000)
    >>> x = generator.normal(size=(1000, 2)) + 4 * y[:, np.newaxis]
    >>> round(Probe().estimate(x, y, rng=0), 2)  # truth: 0.68 nats, of H(Y) = 0.69
    0.68
    """

    n_folds: int = 5

    allows_duplicates: ClassVar[bool] = True
    discrete_y: ClassVar[bool] = True
    continuous_y: ClassVar[bool] = False

    def __post_init__(self) -> None:
        check_count(self.n_folds, "n_folds", minimum=2)

    def estimate(self, x: ArrayLike, y: ArrayLike, *, groups: ArrayLike | None = None, rng: RNGLike = None) -> float:
        """Return the held-out bound in nats."""
        return float(self.pointwise(x, y, groups=groups, rng=rng).mean())

    def pointwise(
        self, x: ArrayLike, y: ArrayLike, *, groups: ArrayLike | None = None, rng: RNGLike = None
    ) -> FloatArray:
        """Return log q(y_j | x_j) - log p(y_j) of each row, held out, shape (n,), nats."""
        return self.split_half(x, y, groups=groups, rng=rng).whole

    def split_half(
        self, x: ArrayLike, y: ArrayLike, *, groups: ArrayLike | None = None, rng: RNGLike = None
    ) -> SplitHalf:
        """Return three pointwise estimates of every row: from all training groups, and from two halves of them.

        For each fold, the groups outside it are dealt into two halves; a probe is fitted to each, and one to both, and
        all three evaluate the fold. None has seen the row's own group. The agreement of the halves is the reliability
        of a pointwise estimate from half of the data. They share the standardisation of the features and the strength
        of the penalty.

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
        >>> generator = np.random.default_rng(0)
        >>> y = generator.integers(2, size=500)
        >>> x = generator.normal(size=(500, 8)) + y[:, np.newaxis]
        >>> halves = Probe().split_half(x, y, rng=0)
        >>> bool(np.corrcoef(halves.first, halves.second)[0, 1] > 0.8)
        True
        """
        samples = _validate(x, y, groups, self.n_folds)
        log_q = np.empty((3, len(samples.y)))
        for test, training in _cross_fit(samples, self.n_folds, as_generator(rng)):
            features = training.features(samples.x[test])
            start = (training.first.weights + training.second.weights) / 2
            whole = training.fit(slice(None), training.penalty, start)
            for row, model in zip(log_q, (whole, training.first, training.second), strict=True):
                row[test] = model.log_likelihood(features, samples.y[test])
        return SplitHalf(*(log_q - samples.log_p))


class _Samples(NamedTuple):
    x: FloatArray  # (n, dim)
    y: IntArray  # (n,) class codes
    groups: IntArray  # (n,) group codes
    log_p: FloatArray  # (n,) log frequency of each row's class


class _Model(NamedTuple):
    """A fitted probe: softmax of prior + features @ weights @ contrasts', mixed with the prior."""

    weights: FloatArray  # (dim + 1, n_classes - 1)
    contrasts: FloatArray  # (n_classes, n_classes - 1)
    log_prior: FloatArray  # (n_classes,)
    mixture: float

    def log_likelihood(self, features: FloatArray, y: IntArray) -> FloatArray:
        """Return log q(y | x) of each row."""
        log_model = _log_softmax(features, self.weights, self.contrasts, self.log_prior)[y, np.arange(len(y))]
        mixed: FloatArray = np.logaddexp(np.log1p(-self.mixture) + log_model, np.log(self.mixture) + self.log_prior[y])
        return mixed


class _Training:
    """The training folds of one test fold, in coordinates where the loss is close to round.

    Features are standardised, rotated to the principal axes, and given a column of ones. Classes are coded by
    orthonormal contrasts that sum to zero, so that the penalty treats all classes alike and two classes need one column
    of weights.
    """

    def __init__(self, x: FloatArray, y: IntArray, groups: IntArray, n_classes: int, rng: np.random.Generator) -> None:
        half = _deal(y, groups, 2, rng)
        order = np.argsort(half, kind="stable")  # the first half first
        x, self.y, self.groups, self.n_classes = x[order], y[order], groups[order], n_classes
        # Columns of the orthonormal basis after the constant one: the contrasts.
        self.contrasts = np.linalg.qr(np.column_stack([np.ones(n_classes), np.eye(n_classes)[:, 1:]]))[0][:, 1:]
        self.mean = x.mean(axis=0)
        deviation = x.std(axis=0)
        varies = np.ptp(x, axis=0) > 0
        standardised = (x - self.mean) / np.where(varies, deviation, np.inf)
        variances, axes = np.linalg.eigh(standardised.T @ standardised / len(x))
        self.variances = np.append(np.maximum(variances, 0), 1)
        self.projection = axes / np.where(varies, deviation, np.inf)[:, np.newaxis]
        self.x = self.features(x)
        self._select(int((half == 0).sum()))

    def features(self, x: FloatArray) -> FloatArray:
        """Return rows in the coordinates of the fit, shape (n, dim + 1)."""
        features = np.ones((len(x), x.shape[1] + 1))
        np.matmul(x - self.mean, self.projection, out=features[:, :-1])
        return features

    def _select(self, size: int) -> None:
        """Choose the penalty with which each half predicts the other best, and keep the two fits."""
        in_first, in_second = slice(size), slice(size, None)
        first_start = second_start = np.zeros((self.x.shape[1], self.n_classes - 1))
        lowest = np.inf
        for penalty in _PENALTIES:
            first = self.fit(in_first, penalty, first_start)
            second = self.fit(in_second, penalty, second_start)
            loss = -(
                first.log_likelihood(self.x[in_second], self.y[in_second]).sum()
                + second.log_likelihood(self.x[in_first], self.y[in_first]).sum()
            )
            if loss >= lowest:
                break
            lowest, self.penalty, self.first, self.second = loss, float(penalty), first, second
            first_start, second_start = first.weights, second.weights

    def fit(self, rows: slice, penalty: float, start: FloatArray) -> _Model:
        """Return the probe of some rows; `penalty` times the number of all training rows is the prior precision."""
        x, y = self.x[rows], self.y[rows]
        n, n_groups = len(y), len(np.unique(self.groups[rows]))
        counts = np.bincount(y, minlength=self.n_classes) + 0.5
        log_prior = np.log(counts / counts.sum())
        # The intercept has a prior of its own, one unit around the class frequencies: finite for a missing class.
        precision = np.append(np.full(x.shape[1] - 1, penalty * len(self.y)), 1.0)[:, np.newaxis] / n
        # The curvature of the mean loss is at most half the variance (Böhning and Lindsay): scale it to about one.
        scale = 1 / np.sqrt(self.variances[:, np.newaxis] / 2 + precision)
        index = np.arange(n)

        def loss_and_gradient(flat: FloatArray) -> tuple[float, FloatArray]:
            weights = flat.reshape(start.shape) * scale
            log_q = _log_softmax(x, weights, self.contrasts, log_prior)
            residual = np.exp(log_q)
            residual[y, index] -= 1
            gradient = (self.contrasts.T @ residual @ x).T / n + precision * weights
            loss = -log_q[y, index].mean() + float((precision * weights**2).sum()) / 2
            return loss, (gradient * scale).ravel()

        result = minimize(
            loss_and_gradient,
            (start / scale).ravel(),
            jac=True,
            method="L-BFGS-B",
            options={"maxiter": _MAX_ITERATIONS, "ftol": 1e-9, "gtol": 3e-4},
        )
        if not result.success:
            raise ConvergenceError(f"Probe: the logistic fit did not converge; {result.message}")
        weights = result.x.reshape(start.shape) * scale
        return _Model(weights, self.contrasts, log_prior, 1 / (n_groups + 1))


def _log_softmax(features: FloatArray, weights: FloatArray, contrasts: FloatArray, log_prior: FloatArray) -> FloatArray:
    """Return the log probabilities of the classes, shape (n_classes, n): reductions then run along memory."""
    logits = contrasts @ (features @ weights).T
    logits += log_prior[:, np.newaxis]
    logits -= logits.max(axis=0)
    logits -= np.log(np.exp(logits).sum(axis=0))
    return logits


def _validate(x: ArrayLike, y: ArrayLike, groups: ArrayLike | None, n_folds: int) -> _Samples:
    x = as_samples(x, "x")
    codes, classes = as_labels(y, "y")
    group_codes = np.arange(len(x)) if groups is None else as_labels(groups, "groups")[0]
    check_same_length(x=x, y=codes, groups=group_codes)
    if len(classes) < 2:
        raise ConstantInputError(f"y: must hold at least two classes; got {len(classes)}")
    if not np.ptp(x / 2, axis=0).any():
        raise ConstantInputError(f"x: must vary; got the same value in all {len(x)} samples")
    n_groups = int(group_codes.max()) + 1
    unit = "samples" if groups is None else "groups"
    check_at_least(n_groups, max(3, n_folds), f"number of {unit} for {n_folds} folds")
    log_p = np.log(np.bincount(codes) / len(codes))[codes]
    return _Samples(x, codes, group_codes, log_p)


def _deal(y: IntArray, groups: IntArray, n_parts: int, rng: np.random.Generator) -> IntArray:
    """Return the part of each row: whole groups, dealt in turn within their commonest class, in random order."""
    _, row_group = np.unique(groups, return_inverse=True)
    votes = np.zeros((row_group.max() + 1, y.max() + 1), dtype=np.int64)
    np.add.at(votes, (row_group, y), 1)
    order = np.lexsort((rng.random(len(votes)), votes.argmax(axis=1)))
    part = np.empty(len(votes), dtype=np.int64)
    part[order] = np.arange(len(votes)) % n_parts
    return part[row_group]


def _cross_fit(samples: _Samples, n_folds: int, rng: np.random.Generator) -> Iterator[tuple[BoolArray, _Training]]:
    """Yield the rows of each fold with what was learned outside it."""
    n_classes = int(samples.y.max()) + 1
    folds = _deal(samples.y, samples.groups, n_folds, rng)
    for fold in range(n_folds):
        test = folds == fold
        yield test, _Training(samples.x[~test], samples.y[~test], samples.groups[~test], n_classes, rng)
