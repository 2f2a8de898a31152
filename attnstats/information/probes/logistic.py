"""Logistic regression with a penalty chosen inside the training folds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax

from attnstats._validation import FloatArray, IntArray
from attnstats.exceptions import ConvergenceError
from attnstats.information.probes._penalized_fit import fitted_weights, loss_and_probabilities
from attnstats.information.probes.classifier import Fitted, PriorMixture, TrainingFold

#: L2 penalties tried, strong to weak, in units of the mean log loss of one standardised feature.
_PENALTIES = 10.0 ** np.append(1, np.arange(0, -6.5, -0.5))
_MAX_ITERATIONS = 2000
#: Gain in nats, of an iteration, at which a fit ends, above the rounding of a mean of single-precision terms.
_TOLERANCE = 1e-7

Float32Array: TypeAlias = NDArray[np.float32]


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
    Nocedal, Wright (2006), Numerical optimization, algorithm 7.5 (the fit). Böhning (1992), Multinomial logistic
    regression algorithm, Ann. Inst. Stat. Math. 44 (the curvature that it begins with).

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
        by_feature = self.design.inverse[:, np.newaxis] * self.weights[:-1]
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
    """Training rows as a fit reads them, and their covariance, which tells how curved the loss is.

    Features are standardised and given a column of ones. Orthonormal contrasts code the classes and sum to zero, so the
    penalty treats all alike and two classes need one column.
    """

    def __init__(self, training: TrainingFold) -> None:
        x = training.x
        # Columns of the orthonormal basis after the constant one: the contrasts.
        ones = np.ones(training.n_classes)
        basis = np.linalg.qr(np.column_stack([ones, np.eye(training.n_classes)[:, 1:]]))[0]
        self.contrasts = np.ascontiguousarray(basis[:, 1:])
        features = np.ones((x.shape[1] + 1, len(x)))
        centred = features[:-1]  # a view
        centred[:] = x.T
        varies = np.ptp(centred, axis=1) > 0
        self.mean = centred.mean(axis=1)
        centred -= self.mean[:, np.newaxis]
        deviations = np.sqrt(np.einsum("dn,dn->d", centred, centred) / len(x))
        # A column may be constant here but for rounding, or vary so little that its squares vanish.
        self.inverse = 1 / np.where(varies & (deviations > 0), deviations, np.inf)
        centred *= self.inverse[:, np.newaxis]
        self.covariance = features @ features.T / len(x)  # with that of the ones
        rounded = features.astype(np.float32)
        parts = (np.arange(len(x)), *(np.flatnonzero(training.half == half) for half in (0, 1)))
        self.whole, self.first, self.second = (_Rows.of(rounded, training, chosen) for chosen in parts)

    def select(self) -> tuple[float, float, _Model, _Model]:
        """Return the penalty with which each half predicts the other best, after its loss and before the two fits."""
        first_start = second_start = np.zeros((len(self.covariance), self.contrasts.shape[1]))
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
        weights = np.ascontiguousarray(model.weights.T)
        contrasts, log_prior = self.contrasts.astype(np.float32), model.log_prior.astype(np.float32)
        _, q = loss_and_probabilities(weights, held_out.x, held_out.y, contrasts, log_prior)
        log_q = np.log(np.maximum(q.T, np.finfo(np.float32).tiny))  # the mixture is far above
        return -float(fitted.mixture.log_likelihood(log_q, held_out.y).sum())

    def fit(self, rows: _Rows, penalty: float, start: FloatArray) -> _Model:
        """Return the fit to some rows; `penalty` times the number of all training rows is the prior precision."""
        n, log_prior = len(rows.y), rows.mixture.log_prior
        # The intercept has a prior of its own, one unit around the class frequencies: finite for a missing class.
        precision = np.append(np.full(len(start) - 1, penalty * len(self.whole.y)), 1.0) / n
        weights = np.ascontiguousarray(start.T)
        for dtype in (np.float32, np.float64):  # double where a line search cannot tell one single from the next
            weights, converged = fitted_weights(
                rows.x.astype(dtype, copy=False),
                rows.y,
                self.contrasts.astype(dtype),
                log_prior.astype(dtype),
                precision,
                self.covariance,
                weights,
                _TOLERANCE,
                _MAX_ITERATIONS,
            )
            if converged:
                return _Model(self, weights.T, log_prior)
        raise ConvergenceError(f"Probe: the logistic fit did not converge in {_MAX_ITERATIONS} iterations")
