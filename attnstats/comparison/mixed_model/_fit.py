"""Restricted maximum likelihood for crossed and nested random factors, and Kenward and Roger's standard errors.

statsmodels' MixedLM works with n × n matrices for crossed factors, and holds variances above zero, near which it often
fails to converge. Here the observations are used once, and after that the size of the problem is the number of random
levels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attnstats._validation import BoolArray, FloatArray, IntArray
from attnstats.exceptions import ConvergenceError, InvalidInputError

_MAX_ITERATIONS, _SHORTENED_STEPS, _SHORTEST_STEP = 100, 20, 1 / 64
#: Expected gain in log likelihood at which scoring stops, and at which it may stop where rounding hides the gain.
_TOLERANCE, _ROUNDING = 1e-9, 1e-6
#: Variance of a contrast, relative to those of the means, below which its error keeps fewer than three digits.
_LEAST_VARIANCE = 1e-7


@dataclass(frozen=True, eq=False)
class MixedModelFit:
    """REML estimates with the covariances that Kenward and Roger's standard error needs."""

    #: Means of the conditions, shape (p,).
    beta: FloatArray
    #: Of the residual, then of the m random factors, shape (m + 1,).
    variances: FloatArray
    #: Covariance of `beta` for known variances, (X'V⁻¹X)⁻¹, and allowing for their estimation, both of shape (p, p).
    phi: FloatArray
    adjusted: FloatArray
    #: Derivative of `phi` with respect to each variance, shape (m + 1, p, p).
    gradient: FloatArray
    #: Covariance of `variances`: the inverse of their expected information, and zero for one set to zero.
    covariance: FloatArray

    def error_and_df(self, weights: FloatArray) -> tuple[float, float]:
        """Return the standard error of a contrast and its degrees of freedom, unless its variance is but rounding."""
        variance = float(weights @ self.phi @ weights)
        if not variance > _LEAST_VARIANCE * float(abs(weights) @ abs(self.phi) @ abs(weights)):  # also where it is NaN
            raise ConvergenceError(
                f"random: must leave the difference a variance; got {variance:.3g} of that of the values: the levels of"
                " a factor agree on it to many digits, leave that factor out"
            )
        slope = self.gradient @ weights @ weights
        df = 2 * variance**2 / float(slope @ self.covariance @ slope)
        return float(np.sqrt(weights @ self.adjusted @ weights)), df


def fit_reml(y: FloatArray, condition: IntArray, factors: list[IntArray]) -> MixedModelFit:
    """Fit by Fisher scoring, shortening steps that leave the valid covariances or lower the likelihood.

    T = [X Z y] enters through T'T alone. For V = σ² I + Z D Z' and R'R = Z'Z, V⁻¹ = (I − Z A Z')/σ² with A = (D − D
    R'(σ² I + R D R')⁻¹ R D)/σ², which holds for negative variances too.
    """
    n, p, m = len(y), int(condition.max()) + 1, len(factors)
    gram, owner = _gram(y, condition, factors)
    q = len(owner)
    eigenvalues, vectors = np.linalg.eigh(gram[p : p + q, p : p + q])
    root = np.sqrt(np.maximum(eigenvalues, 0.0))[:, np.newaxis] * vectors.T
    members = (owner == np.arange(1, m + 1)[:, np.newaxis]).astype(np.float64)

    def evaluate(theta: FloatArray) -> _State | None:
        """Return the likelihood and its derivatives, or None where V is not positive definite."""
        spread = theta[owner]
        inner = theta[0] * np.eye(q) + root * spread @ root.T
        try:
            lower = np.linalg.cholesky(inner)
        except np.linalg.LinAlgError:
            return None
        half = np.linalg.solve(lower, root * spread)
        a = (np.diag(spread) - half.T @ half) / theta[0]
        h = (gram - gram[:, p : p + q] @ a @ gram[p : p + q]) / theta[0]  # T'V⁻¹T
        try:
            fixed = np.linalg.cholesky(h[:p, :p])
        except np.linalg.LinAlgError:
            return None
        beside = np.linalg.solve(fixed, h[:p, p:])
        projected = h[p:, p:] - beside.T @ beside  # [Z y]'P[Z y], with P = V⁻¹ − V⁻¹X(X'V⁻¹X)⁻¹X'V⁻¹
        logdet = (n - q) * np.log(theta[0]) + 2 * np.log(np.diag(lower)).sum() + 2 * np.log(np.diag(fixed)).sum()
        # For the residual use σ² P P = P − Σ_k θ_k P V_k P, which follows from P V P = P.
        random = theta[1:]
        traces = members @ np.diag(projected)[:q]
        squares = members @ projected[:q, q] ** 2
        cross = members @ projected[:q, :q] ** 2 @ members.T
        with_residual = (traces - cross @ random) / theta[0]
        trace = (n - p - traces @ random) / theta[0]
        score = np.r_[(projected[q, q] - squares @ random) / theta[0] - trace, squares - traces] / 2
        information = np.empty((m + 1, m + 1))
        information[0, 0] = (trace - with_residual @ random) / theta[0]
        information[0, 1:] = information[1:, 0] = with_residual
        information[1:, 1:] = cross
        return _State(theta, -(logdet + float(projected[q, q])) / 2, score, information / 2, h)

    state = evaluate(np.full(m + 1, 1 / (m + 1)))
    assert state is not None  # every variance is above zero there
    scale = np.sqrt(np.diag(state.information))
    if scale.min() == 0 or np.linalg.eigvalsh(state.information / np.outer(scale, scale))[0] < 1e-10:
        raise InvalidInputError(
            "random: must hold factors that can be told apart from each other and from the residual; got one whose "
            "levels are those of another, or single observations"
        )
    free, shortened = np.ones(m + 1, dtype=bool), 0
    for _ in range(_MAX_ITERATIONS):
        step = np.zeros(m + 1)
        try:
            step[free] = np.linalg.solve(state.information[np.ix_(free, free)], state.score[free])
        except np.linalg.LinAlgError:
            step[:] = np.nan
        slope = float(step @ state.score)
        if slope < _TOLERANCE:
            return _kenward_roger(state, p, owner, free)
        size = 1.0 if np.isfinite(step).all() and shortened < _SHORTENED_STEPS else 0.0
        while size > _SHORTEST_STEP:
            trial = evaluate(state.theta + size * step)
            if trial is None:
                shortened += 1
            elif trial.likelihood >= state.likelihood + size * slope / 4 - 1e-12 * abs(state.likelihood):
                break
            size /= 2
        else:
            if slope < _ROUNDING:
                return _kenward_roger(state, p, owner, free)
            # V is all but singular, and the maximum, if any, lies beyond
            relative = np.where(free, state.theta * scale, np.inf)
            relative[0] = np.inf
            if relative.min() >= 0:
                break
            free[relative.argmin()], shortened = False, 0
            trial = evaluate(np.where(free, state.theta, 0.0))
            if trial is None:  # rounding
                break
        state = trial
    raise ConvergenceError("random: must let the likelihood have a maximum; scoring found none, leave a factor out")


@dataclass(frozen=True, eq=False)
class _State:
    """The restricted likelihood at some variances, its derivatives, and T'V⁻¹T."""

    theta: FloatArray
    likelihood: float
    score: FloatArray
    information: FloatArray
    products: FloatArray


def _gram(y: FloatArray, condition: IntArray, factors: list[IntArray]) -> tuple[FloatArray, IntArray]:
    """Return T'T for T = [X Z y], and the factor, from 1, of each column of Z."""
    n_levels = [int(codes.max()) + 1 for codes in (condition, *factors)]
    starts = np.cumsum([0, *n_levels])
    columns = [codes + start for codes, start in zip((condition, *factors), starts[:-1], strict=True)]
    size = int(starts[-1])
    gram = np.zeros((size + 1, size + 1))
    for first in columns:
        for second in columns:
            np.add.at(gram, (first, second), 1.0)
        gram[:size, size] += np.bincount(first, weights=y, minlength=size)
    gram[size, :size] = gram[:size, size]
    gram[size, size] = y @ y
    return gram, np.repeat(np.arange(1, len(n_levels)), n_levels[1:])


def _kenward_roger(state: _State, p: int, owner: IntArray, free: BoolArray) -> MixedModelFit:
    """Return the fit with the covariance of its means, by Kenward and Roger (1997), section 2."""
    theta, h = state.theta, state.products
    q = len(owner)
    phi = np.linalg.inv(h[:p, :p])
    # X'V⁻¹ V_k V⁻¹X and X'V⁻¹ V_k V⁻¹ V_l V⁻¹X; the residual's, in front, follow from V⁻¹ V V⁻¹ = V⁻¹.
    parts = [h[:p, p : p + q] * (owner == factor) for factor in range(1, len(theta))]
    single = np.stack([part @ h[p : p + q, :p] for part in parts])
    double = np.stack([[a @ h[p : p + q, p : p + q] @ b.T for b in parts] for a in parts])
    first = (single - np.einsum("k,klij->lij", theta[1:], double)) / theta[0]
    residual = (h[:p, :p] - np.einsum("k,kij->ij", theta[1:], single)) / theta[0]
    corner = (residual - np.einsum("k,kij->ij", theta[1:], first)) / theta[0]
    single = np.concatenate([residual[np.newaxis], single])
    double = np.concatenate(
        [
            np.concatenate([corner[np.newaxis], first])[np.newaxis],
            np.concatenate([first.swapaxes(-2, -1)[:, np.newaxis], double], axis=1),
        ]
    )
    covariance = np.zeros_like(state.information)
    covariance[np.ix_(free, free)] = np.linalg.inv(state.information[np.ix_(free, free)])
    excess = double - single[:, np.newaxis] @ phi @ single
    adjusted: FloatArray = phi + 2 * phi @ np.einsum("kl,klij->ij", covariance, excess) @ phi
    return MixedModelFit(phi @ h[:p, p + q], theta, np.asarray(phi), adjusted, phi @ single @ phi, covariance)
