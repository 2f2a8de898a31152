"""Variational bounds as functions of a score matrix f_ij = f(x_i, y_j), of a NumPy array or of a tensor with gradients.

Scores have shape (..., n, n), n at least 2 (3 for `interpolated`); E_off is the mean over the n (n - 1) pairs off the
diagonal. Each function returns its local terms in nats, shape (..., n), whose mean over the last axis is the bound.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from attnstats.information.variational._score_matrix import (
    diagonal,
    n_others,
    namespace,
    row_log_mean_exp,
    row_mean,
    softplus,
)


def donsker_varadhan(scores: Any) -> Any:
    """Donsker–Varadhan (Belghazi et al. 2018, MINE, eq. 2 and 10): mean f_ii - log E_off[exp f_ij]."""
    return diagonal(scores) - log_mean_exp(scores)[..., None]


def nwj(scores: Any) -> Any:
    """Nguyen–Wainwright–Jordan (2010, eq. 10): mean f_ii - E_off[exp(f_ij - 1)], with f = 1 + the log ratio at best."""
    xp = namespace(scores)
    return diagonal(scores) - xp.exp(row_log_mean_exp(scores) - 1)


def jensen_shannon(scores: Any) -> Any:
    """Jensen–Shannon (Hjelm et al. 2019, eq. 4), to train with: mean[-softplus(-f_ii)] - E_off[softplus(f_ij)]."""
    apart = softplus(scores)
    return diagonal(scores) - diagonal(apart) - row_mean(apart)


def smile(scores: Any, clip: float) -> Any:
    """SMILE (Song and Ermon 2020, eq. 10): mean f_ii - log E_off[exp clip(f_ij, -clip, clip)]."""
    xp = namespace(scores)
    return diagonal(scores) - log_mean_exp(xp.clip(scores, -clip, clip))[..., None]


def info_nce(scores: Any) -> Any:
    """InfoNCE (van den Oord et al. 2018, eq. 4): mean[f_ii - log(mean_j exp f_ij)], the mean over j including i."""
    xp = namespace(scores)
    top = xp.max(scores, axis=-1, keepdims=True)
    return diagonal(scores) - xp.log(xp.mean(xp.exp(scores - top), axis=-1)) - top[..., 0]


def interpolated(scores: Any, alpha: float) -> Any:
    """I_alpha (Poole et al. 2019, eq. 11 and 12), from K = n - 1 independent draws of x.

    With m(y) = mean_k exp f(x_k, y) and the baseline b(y) = alpha m(y) + (1 - alpha),

        I_alpha = 1 + E[log(exp f(x_1, y) / b(y))] - E[m(y) / b(y)],

    where y is drawn with x_1 in the first expectation and independently of all x in the second: there the draws are all
    x_i with i != j, and in the first x_j and all but one of the others, averaged over the one that is left out.
    """
    xp = namespace(scores)
    log_alpha, log_rest = float(np.log(alpha)), float(np.log1p(-alpha))
    scores = xp.swapaxes(scores, -1, -2)  # rows belong to y
    top = xp.max(scores, axis=-1, keepdims=True)
    log_sum = top + xp.log(xp.sum(xp.exp(scores - top), axis=-1, keepdims=True))
    # log(sum - exp f): the left-out share is kept below 1, where rounding would give log 0.
    share = xp.minimum(scores - log_sum, -1e-6)
    log_left = log_sum + xp.log1p(-xp.exp(share)) - xp.log(n_others(scores))
    # log b = log(1 - alpha) + softplus(log m + log(alpha / (1 - alpha)))
    joint = diagonal(scores) - log_rest - row_mean(softplus(log_left + log_alpha - log_rest))
    log_mean = row_log_mean_exp(scores)
    marginal = xp.exp(log_mean - log_rest - softplus(log_mean + log_alpha - log_rest))
    return 1 + joint - marginal


def club(scores: Any) -> Any:
    """CLUB (Cheng et al. 2020, eq. 8 without j = i): mean f_ii - E_off[f_ij], for f_ij = log q(y_j | x_i)."""
    return diagonal(scores) - row_mean(scores)


def log_mean_exp(scores: Any) -> Any:
    """Log of the mean of exp f_ij over all pairs off the diagonal: shape (..., n, n) to (...)."""
    xp = namespace(scores)
    rows = row_log_mean_exp(scores)
    top = xp.max(rows, axis=-1, keepdims=True)
    return xp.log(xp.mean(xp.exp(rows - top), axis=-1)) + top[..., 0]
