"""Logistic regression with a penalty chosen inside the training folds."""

from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from attnstats._validation import FloatArray
from attnstats.exceptions import ConvergenceError
from attnstats.information.classifiers.interface import Fitted, PriorMixture, Training

__all__ = ["Logistic"]

#: L2 penalties tried, strong to weak, in units of the mean log loss of one standardised feature.
_PENALTIES = 10.0 ** np.append(1, np.arange(0, -6.5, -0.5))
_MAX_ITERATIONS = 2000
#: Relative gain of an iteration at which a fit ends, above the rounding of a mean of single-precision terms.
_TOLERANCE = 1e-8

Float32Array: TypeAlias = NDArray[np.float32]


@dataclass(frozen=True)
class Logistic:
    """Multinomial logistic regression with an L2 penalty: a linear boundary, for any number of dimensions.

    Features are standardised on the training folds. The first minimum of the loss of each half of the training groups
    predicted from the other, from strong to weak penalties, sets the penalty.

    Raises
    ------
    ConvergenceError
        If a fit does not converge.

    References
    ----------
    Böhning, Lindsay (1988), Monotonicity of quadratic-approximation algorithms, Ann. Inst. Stat. Math. 40 (the bound on
    the curvature that scales the fit).

    Examples
    --------
    >>> from attnstats.information import Probe
    >>> generator = np.random.default_rng(0)
    >>> y = generator.integers(2, size=1000)
    >>> x = generator.normal(size=(1000, 2)) + 4 * y[:, np.newaxis]
    >>> round(Probe(Logistic()).estimate(x, y, rng=0), 2)  # truth: 0.68 nats, of H(Y) = 0.69
    0.68
    """

    def fit(self, training: Training, rng: np.random.Generator) -> Fitted:
        """Return the fits to all rows and to each half."""
        del rng  # deterministic
        design = _Design(training)
        loss, penalty, first, second = design.select()
        whole = design.fit(slice(None), penalty, (first.weights + second.weights) / 2)
        return Fitted(whole, first, second, loss, "logistic")


class _Model(NamedTuple):
    """Softmax of log prior + features @ weights @ contrasts'."""

    design: "_Design"
    weights: FloatArray  # (dim + 1, n_classes - 1)
    log_prior: FloatArray  # (n_classes,)

    def log_probabilities(self, x: FloatArray) -> FloatArray:
        """Return the log probability of every class."""
        features: FloatArray = self.design.features(x).T
        log_q: FloatArray = _log_softmax(features, self.weights, self.design.contrasts, self.log_prior).T
        return log_q


class _Design:
    """Training rows in coordinates where the loss is close to round, the first half before the second.

    Features are standardised, rotated to the principal axes, and given a column of ones. Classes are coded by
    orthonormal contrasts that sum to zero, so that the penalty treats all classes alike and two classes need one column
    of weights.

    The rows are kept in single precision, one feature after the other in memory: a fit reads all of them some ten times
    for each penalty, and the rounding, 1e-7 of a logit, is far below what the data can tell.
    """

    def __init__(self, training: Training) -> None:
        order = np.argsort(training.half, kind="stable")
        x, self.y, self.groups = training.x[order], training.y[order], training.groups[order]
        self.n_classes, self.size = training.n_classes, int((training.half == 0).sum())
        # Columns of the orthonormal basis after the constant one: the contrasts.
        ones = np.ones(self.n_classes)
        self.contrasts = np.linalg.qr(np.column_stack([ones, np.eye(self.n_classes)[:, 1:]]))[0][:, 1:]
        self.mean = x.mean(axis=0)
        deviation = x.std(axis=0)
        varies = np.ptp(x, axis=0) > 0
        standardised = (x - self.mean) / np.where(varies, deviation, np.inf)
        variances, axes = np.linalg.eigh(standardised.T @ standardised / len(x))
        self.variances = np.append(np.maximum(variances, 0), 1)
        self.projection = axes / np.where(varies, deviation, np.inf)[:, np.newaxis]
        self.x: Float32Array = np.ascontiguousarray(self.features(x).T, dtype=np.float32)  # (dim + 1, n)

    def features(self, x: FloatArray) -> FloatArray:
        """Return rows in the coordinates of the fit, shape (n, dim + 1)."""
        features = np.ones((len(x), x.shape[1] + 1))
        np.matmul(x - self.mean, self.projection, out=features[:, :-1])
        return features

    def select(self) -> tuple[float, float, _Model, _Model]:
        """Return the penalty with which each half predicts the other best, after its loss and before the two fits."""
        first_start = second_start = np.zeros((len(self.x), self.n_classes - 1))
        best: tuple[float, float, _Model, _Model] | None = None
        for penalty in _PENALTIES:
            first = self.fit(slice(self.size), penalty, first_start)
            second = self.fit(slice(self.size, None), penalty, second_start)
            loss = (
                self._loss(first, slice(self.size), slice(self.size, None))
                + self._loss(second, slice(self.size, None), slice(self.size))
            ) / len(self.y)
            if best is not None and loss >= best[0]:
                break
            best = loss, float(penalty), first, second
            first_start, second_start = first.weights, second.weights
        assert best is not None
        return best

    def _loss(self, model: _Model, fitted: slice, held_out: slice) -> float:
        log_model = self._log_softmax(held_out, model.weights, model.log_prior).T.astype(np.float64)
        mixture = PriorMixture.of(self.y[fitted], self.groups[fitted], self.n_classes)
        return -float(mixture.log_likelihood(log_model, self.y[held_out]).sum())

    def fit(self, rows: slice, penalty: float, start: FloatArray) -> _Model:
        """Return the fit to some rows; `penalty` times the number of all training rows is the prior precision."""
        x, y = self.x[:, rows], self.y[rows]
        n = len(y)
        log_prior = PriorMixture.of(y, self.groups[rows], self.n_classes).log_prior
        # The intercept has a prior of its own, one unit around the class frequencies: finite for a missing class.
        precision = np.append(np.full(len(x) - 1, penalty * len(self.y)), 1.0)[:, np.newaxis] / n
        # The curvature of the mean loss is at most half the variance (Böhning and Lindsay): scale it to about one.
        scale = 1 / np.sqrt(self.variances[:, np.newaxis] / 2 + precision)
        index = np.arange(n)
        contrasts = self.contrasts.T.astype(np.float32)

        def loss_and_gradient(flat: FloatArray) -> tuple[float, FloatArray]:
            weights = flat.reshape(start.shape) * scale
            log_q = self._log_softmax(rows, weights, log_prior)
            residual = np.exp(log_q)
            residual[y, index] -= 1
            gradient = np.stack([x @ each for each in contrasts @ residual], axis=1) / n + precision * weights
            loss = -log_q[y, index].mean(dtype=np.float64) + float((precision * weights**2).sum()) / 2
            return loss, (gradient * scale).ravel()

        result = minimize(
            loss_and_gradient,
            (start / scale).ravel(),
            jac=True,
            method="L-BFGS-B",
            options={"maxiter": _MAX_ITERATIONS, "ftol": _TOLERANCE, "gtol": 3e-4},
        )
        if not result.success:
            raise ConvergenceError(f"Probe: the logistic fit did not converge; {result.message}")
        return _Model(self, result.x.reshape(start.shape) * scale, log_prior)

    def _log_softmax(self, rows: slice, weights: FloatArray, log_prior: FloatArray) -> Float32Array:
        single = (each.astype(np.float32) for each in (weights, self.contrasts, log_prior))
        log_q: Float32Array = _log_softmax(self.x[:, rows], *single)
        return log_q


def _log_softmax(features: Any, weights: Any, contrasts: Any, log_prior: Any) -> Any:
    """Return the log probabilities of the classes, shape (n_classes, n), of features of shape (dim + 1, n).

    A product with one vector at a time is faster than one with a few: libraries block for wide matrices.
    """
    logits = contrasts @ np.stack([each @ features for each in weights.T])
    logits += log_prior[:, np.newaxis]
    logits -= logits.max(axis=0)
    logits -= np.log(np.exp(logits).sum(axis=0))
    return logits
