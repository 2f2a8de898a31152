"""Logistic regression with a penalty chosen inside the training folds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import log_softmax

from attnstats._validation import FloatArray, IntArray
from attnstats.exceptions import ConvergenceError
from attnstats.information.probes.classifier import Fitted, PriorMixture, TrainingFold

#: L2 penalties tried, strong to weak, in units of the mean log loss of one standardised feature.
_PENALTIES = 10.0 ** np.append(1, np.arange(0, -6.5, -0.5))
_MAX_ITERATIONS = 2000
#: Relative gain of an iteration at which a fit ends, above the rounding of a mean of single-precision terms.
_TOLERANCE = 1e-8

Float32Array: TypeAlias = NDArray[np.float32]
#: From scores, shape (n_classes - 1, n), to the mean loss and n times its gradient by the scores.
_Loss: TypeAlias = Callable[[NDArray[Any]], tuple[float, NDArray[Any]]]


@dataclass(frozen=True)
class Logistic:
    """Multinomial logistic regression with an L2 penalty: a linear boundary, for any number of dimensions.

    Features are standardised on the training folds. The penalty is that with which the halves of the training groups
    predict each other best, the first minimum from strong to weak. (scikit-learn's `LogisticRegression` refuses rows of
    one class, and finds the scale of correlated features anew for each penalty.)

    Raises
    ------
    ConvergenceError
        If a fit does not converge.

    References
    ----------
    Böhning, Lindsay (1988), Monotonicity of quadratic-approximation algorithms, Ann. Inst. Stat. Math. 40 (the bound
    on the curvature that scales the fit).

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.information import Logistic, Probe
    >>> generator = np.random.default_rng(0)
    >>> y = generator.integers(2, size=1000)
    >>> x = generator.normal(size=(1000, 2)) + 4 * y[:, np.newaxis]
    >>> round(Probe(Logistic()).estimate(x, y, rng=0), 2)  # truth: 0.68 nats, of H(Y) = 0.69
    0.68
    """

    def fit(self, training: TrainingFold, rng: np.random.Generator) -> Fitted:
        """Return the fits to all rows and to each half."""
        del rng  # deterministic
        design = _Design(training)
        loss, penalty, first, second = design.select()
        whole = design.fit(design.whole, penalty, (first.weights + second.weights) / 2)
        return Fitted(whole, first, second, loss, "logistic")


class _Model(NamedTuple):
    """Softmax of log prior + features @ weights @ contrasts'."""

    design: _Design
    weights: FloatArray  # (dim + 1, n_classes - 1)
    log_prior: FloatArray  # (n_classes,)

    def log_probabilities(self, x: FloatArray) -> FloatArray:
        by_feature = self.design.projection @ self.weights[:-1]  # of x itself: rotating every row would cost more
        scores = (x - self.design.mean) @ by_feature + self.weights[-1]
        log_q: FloatArray = log_softmax(scores @ self.design.contrasts.T + self.log_prior, axis=1)
        return log_q


class _Rows(NamedTuple):
    """Rows that a model is fitted to or evaluated on, one feature after the other in memory.

    In single precision: a fit reads them often, and the rounding, 1e-7 of a logit, is far below what data can tell.
    """

    x: Float32Array  # (dim + 1, n)
    y: IntArray  # (n,)
    mixture: PriorMixture

    @classmethod
    def of(cls, features: Float32Array, training: TrainingFold, chosen: IntArray) -> Self:
        """Return some of the rows of the training folds."""
        y, groups = training.y[chosen], training.groups[chosen]
        return cls(np.take(features, chosen, axis=1), y, PriorMixture.of(y, groups, training.n_classes))


class _Design:
    """Training rows in coordinates where the loss is close to round.

    Features are standardised, rotated to the principal axes, and given a column of ones. Orthonormal contrasts code the
    classes and sum to zero, so the penalty treats all alike and two classes need one column.
    """

    def __init__(self, training: TrainingFold) -> None:
        x = training.x
        # Columns of the orthonormal basis after the constant one: the contrasts.
        ones = np.ones(training.n_classes)
        self.contrasts = np.linalg.qr(np.column_stack([ones, np.eye(training.n_classes)[:, 1:]]))[0][:, 1:]
        self.mean = x.mean(axis=0)
        centred = x - self.mean
        covariance = centred.T @ centred / len(x)
        deviations = np.sqrt(np.diag(covariance))
        # A column may be constant here but for rounding, or vary so little that its squares vanish.
        varies = (np.ptp(x, axis=0) > 0) & (deviations > 0)
        inverse = 1 / np.where(varies, deviations, np.inf)
        variances, axes = np.linalg.eigh(covariance * inverse[:, np.newaxis] * inverse)
        self.variances = np.append(np.maximum(variances, 0), 1)
        self.projection = axes * inverse[:, np.newaxis]
        features = np.ones((x.shape[1] + 1, len(x)), dtype=np.float32)
        features[:-1] = self.projection.T @ centred.T
        parts = (np.arange(len(x)), *(np.flatnonzero(training.half == half) for half in (0, 1)))
        self.whole, self.first, self.second = (_Rows.of(features, training, chosen) for chosen in parts)

    def select(self) -> tuple[float, float, _Model, _Model]:
        """Return the penalty with which each half predicts the other best, after its loss and before the two fits."""
        first_start = second_start = np.zeros((len(self.variances), self.contrasts.shape[1]))
        best: tuple[float, float, _Model, _Model] | None = None
        for penalty in _PENALTIES:
            first = self.fit(self.first, penalty, first_start)
            second = self.fit(self.second, penalty, second_start)
            losses = self._loss(first, self.first, self.second) + self._loss(second, self.second, self.first)
            loss = losses / len(self.whole.y)
            if best is not None and loss >= best[0]:
                break
            best = loss, float(penalty), first, second
            first_start, second_start = first.weights, second.weights
        assert best is not None
        return best

    def _loss(self, model: _Model, fitted: _Rows, held_out: _Rows) -> float:
        scores = _scores(held_out.x, model.weights).T.astype(np.float64)
        log_q = log_softmax(scores @ self.contrasts.T + model.log_prior, axis=1)
        return -float(fitted.mixture.log_likelihood(log_q, held_out.y).sum())

    def fit(self, rows: _Rows, penalty: float, start: FloatArray) -> _Model:
        """Return the fit to some rows; `penalty` times the number of all training rows is the prior precision."""
        n, log_prior = len(rows.y), rows.mixture.log_prior
        # The intercept has a prior of its own, one unit around the class frequencies: finite for a missing class.
        precision = np.append(np.full(len(start) - 1, penalty * len(self.whole.y)), 1.0)[:, np.newaxis] / n
        # The curvature of the mean loss is at most half the variance (Böhning and Lindsay): scale it to about one.
        scale = 1 / np.sqrt(self.variances[:, np.newaxis] / 2 + precision)
        softmax_loss = _two_class_loss if len(self.contrasts) == 2 else _many_class_loss

        def loss_and_gradient(flat: FloatArray, x: NDArray[Any], of_scores: _Loss) -> tuple[float, FloatArray]:
            weights = flat.reshape(start.shape) * scale
            loss, residual = of_scores(_scores(x, weights))
            loss += float((precision * weights**2).sum()) / 2
            gradient = np.stack([x @ each for each in residual], axis=1) / n + precision * weights
            return loss, (gradient * scale).ravel()

        found = (start / scale).ravel()
        for dtype in (np.float32, np.float64):  # double where a line search cannot tell one single from the next
            of_scores = softmax_loss(rows.y, self.contrasts.astype(dtype), log_prior.astype(dtype))
            result = minimize(
                loss_and_gradient,
                found,
                args=(rows.x.astype(dtype, copy=False), of_scores),
                jac=True,
                method="L-BFGS-B",
                options={"maxiter": _MAX_ITERATIONS, "ftol": _TOLERANCE, "gtol": 3e-4},
            )
            found = result.x
            if result.success:
                break
        else:
            raise ConvergenceError(f"Probe: the logistic fit did not converge; {result.message}")
        return _Model(self, found.reshape(start.shape) * scale, log_prior)


def _scores(x: NDArray[Any], weights: FloatArray) -> NDArray[Any]:
    """Return weights' x, shape (n_classes - 1, n): one vector at a time, faster than one product with a few."""
    return np.stack([each @ x for each in weights.T.astype(x.dtype)])


def _many_class_loss(y: IntArray, contrasts: NDArray[Any], log_prior: NDArray[Any]) -> _Loss:
    """Return the function of scores with the mean of -log q(y), and its gradient times n, contrasts' (q - 1_y)."""
    index = np.arange(len(y))

    def loss(scores: NDArray[Any]) -> tuple[float, NDArray[Any]]:
        logits = contrasts @ scores
        logits += log_prior[:, np.newaxis]
        logits -= logits.max(axis=0)
        of_class = logits[y, index]
        residual = np.exp(logits, out=logits)
        total = residual.sum(axis=0)
        mean = np.log(total).mean(dtype=np.float64) - of_class.mean(dtype=np.float64)
        residual /= total
        residual[y, index] -= 1
        return float(mean), contrasts.T @ residual

    return loss


def _two_class_loss(y: IntArray, contrasts: NDArray[Any], log_prior: NDArray[Any]) -> _Loss:
    """Return the same for two classes, with one exponential a row."""
    slope = (contrasts - contrasts[::-1])[y, 0]
    prior_odds = (log_prior - log_prior[::-1])[y]

    def loss(scores: NDArray[Any]) -> tuple[float, NDArray[Any]]:
        log_odds = slope * scores[0]
        log_odds += prior_odds  # of the class that the row has
        smaller = np.exp(-np.abs(log_odds))
        total = 1 + smaller
        mean = (np.log(total) - np.minimum(log_odds, 0)).mean(dtype=np.float64)
        of_other = np.where(log_odds > 0, smaller, 1) / total
        return float(mean), (-slope * of_other)[np.newaxis]

    return loss
