"""Variational bounds of mutual information as functions of a score matrix.

Scores have shape (..., n, n), with n at least 2 (3 for `interpolated`); leading axes are separate matrices. Row i
belongs to x_i and column j to y_j: the entry f_ij = f(x_i, y_j) scores the pair. Pairs drawn together are on the
diagonal, independent pairs off it; the mean over those n (n - 1) pairs, written E_off, is unbiased for the expectation
under p(x) p(y). Each function returns the local terms of its bound, shape (..., n), in nats; their mean over the last
axis is the bound.

The functions take NumPy arrays, or tensors of a Keras backend through which gradients flow, and return the same.
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
    """Donsker–Varadhan: mean f_ii - log E_off[exp f_ij].

    In the population it is at most I(X; Y) for every f, with equality at f = log p(x, y) / (p(x) p(y)) + constant. In a
    sample the logarithm of a mean is biased upwards, by about Var(exp f) / (2 n_eff E[exp f]²), so the value is no
    lower bound in expectation, and may be far above the truth where exp f has heavy tails.

    References
    ----------
    Donsker and Varadhan (1983), Comm. Pure Appl. Math. 36. Belghazi et al. (2018), MINE, eq. 2 and 10.

    Examples
    --------
    >>> ratio = np.array([[1.5, 0.5], [0.5, 1.5]])  # p(x, y) / (p(x) p(y))
    >>> donsker_varadhan(np.log(ratio)).round(3)
    array([1.099, 1.099])
    """
    return diagonal(scores) - log_mean_exp(scores)[..., None]


def nwj(scores: Any) -> Any:
    """Nguyen–Wainwright–Jordan, the f-GAN bound of the Kullback–Leibler divergence: mean f_ii - E_off[exp(f_ij - 1)].

    A lower bound of I(X; Y) in expectation at every n, tight at f = 1 + log p(x, y) / (p(x) p(y)). For a critic T that
    estimates the log ratio itself, the value is ``nwj(T + 1)`` = 1 + mean T_ii - E_off[exp T_ij].

    References
    ----------
    Nguyen, Wainwright, Jordan (2010), IEEE Trans. Inf. Theory 56, eq. 10. Poole et al. (2019), eq. 5.

    Examples
    --------
    >>> float(nwj(np.ones((4, 4))).mean())  # a critic that does not distinguish pairs
    0.0
    """
    xp = namespace(scores)
    return diagonal(scores) - xp.exp(row_log_mean_exp(scores) - 1)


def jensen_shannon(scores: Any) -> Any:
    """Jensen–Shannon: mean[-softplus(-f_ii)] - E_off[softplus(f_ij)], an objective to train a critic with.

    At most 2 JS(p(x, y) || p(x) p(y)) - 2 log 2, which is no mutual information, with equality at the log ratio
    f = log p(x, y) / (p(x) p(y)). A critic trained with it is evaluated by ``nwj(f + 1)`` or by `smile`.

    References
    ----------
    Nowozin, Cseke, Tomioka (2016), f-GAN, table 6. Hjelm et al. (2019), Deep InfoMax, eq. 4. Poole et al. (2019),
    section 2.4 (the evaluation).

    Examples
    --------
    >>> float(jensen_shannon(np.zeros((3, 3))).mean().round(3))  # -2 log 2, of variables that are independent
    -1.386
    """
    apart = softplus(scores)
    return diagonal(scores) - diagonal(apart) - row_mean(apart)


def smile(scores: Any, clip: float) -> Any:
    """SMILE: mean f_ii - log E_off[exp clip(f_ij, -clip, clip)], with clip > 0 the tau of the paper.

    `donsker_varadhan` with clipped scores off the diagonal: less variance, and a bias that grows with the share of
    clipped pairs. Neither a lower nor an upper bound. Scores are log ratios, as `jensen_shannon` trains them.

    References
    ----------
    Song and Ermon (2020), Understanding the limitations of variational mutual information estimators, eq. 10.

    Examples
    --------
    >>> scores = np.array([[3.0, -9.0], [-9.0, 3.0]])
    >>> float(smile(scores, 2.0).mean())
    5.0
    """
    xp = namespace(scores)
    return diagonal(scores) - log_mean_exp(xp.clip(scores, -clip, clip))[..., None]


def info_nce(scores: Any) -> Any:
    """InfoNCE: mean[f_ii - log(mean_j exp f_ij)], the mean over j including i.

    A lower bound of I(X; Y) in expectation at every n, and never above log n.

    References
    ----------
    van den Oord, Li, Vinyals (2018), arXiv 1807.03748, eq. 4. Poole et al. (2019), eq. 10.

    Examples
    --------
    >>> float(info_nce(100 * np.eye(8)).mean().round(3))  # log 8
    2.079
    """
    xp = namespace(scores)
    top = xp.max(scores, axis=-1, keepdims=True)
    return diagonal(scores) - xp.log(xp.mean(xp.exp(scores - top), axis=-1)) - top[..., 0]


def interpolated(scores: Any, alpha: float) -> Any:
    """I_alpha: between NWJ (alpha near 0: little bias, much variance) and InfoNCE (alpha near 1: the reverse).

    With K independent draws of x, m(y) = mean_k exp f(x_k, y) and the baseline b(y) = alpha m(y) + (1 - alpha),

        I_alpha = 1 + E[log(exp f(x_1, y) / b(y))] - E[m(y) / b(y)],

    where y is drawn with x_1 in the first expectation and independently of all x in the second. A lower bound of
    I(X; Y) in expectation. Here K = n - 1: in the second term the draws are all x_i with i != j; in the first, x_j and
    all but one of the others, averaged over the one that is left out. The learned baseline of the paper is 1 here, its
    value for a critic that estimates log ratios.

    References
    ----------
    Poole et al. (2019), On variational bounds of mutual information, ICML, eq. 11 and 12.

    Examples
    --------
    >>> float(interpolated(np.zeros((5, 5)), 0.5).mean())
    0.0
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
    """Contrastive log-ratio upper bound: mean f_ii - E_off[f_ij], for f_ij = log q(y_j | x_i).

    At least I(X; Y) if q is the true conditional density; not necessarily so if q is fitted.

    References
    ----------
    Cheng et al. (2020), CLUB: a contrastive log-ratio upper bound of mutual information, ICML, eq. 7 and 8. Eq. 8 also
    averages over j = i, which multiplies the value by (n - 1) / n.

    Examples
    --------
    >>> club(np.array([[0.0, -2.0], [-4.0, 0.0]]))
    array([2., 4.])
    """
    return diagonal(scores) - row_mean(scores)


def log_mean_exp(scores: Any) -> Any:
    """Log of the mean of exp f_ij over all pairs off the diagonal: shape (..., n, n) to (...).

    Examples
    --------
    >>> float(log_mean_exp(np.log([[9.0, 2.0], [4.0, 9.0]])).round(3))  # log 3
    1.099
    """
    xp = namespace(scores)
    rows = row_log_mean_exp(scores)
    top = xp.max(rows, axis=-1, keepdims=True)
    return xp.log(xp.mean(xp.exp(rows - top), axis=-1)) + top[..., 0]
