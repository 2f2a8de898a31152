"""Rank stability: do models that differ only in their seed attend to the same tokens of the same texts?"""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from attnstats._validation import FloatArray, check_at_least
from attnstats.ranks import kendall_batch


def stability_values(attention: NDArray[np.float32]) -> FloatArray:
    """Return one number per seed whose mean is the rank stability, and whose spread gives its standard error.

    Rank stability is the mean over pairs of seeds of the mean over texts of tau-b between the attention of the two
    models: a U-statistic U of degree 2 in the n seeds. Pairs share seeds and are no independent values; the numbers are
    Tukey's jackknife pseudo-values n U − (n − 1) U_(−i), with U_(−i) the stability without seed i. Their mean is U
    exactly, and their variance over n the jackknife variance of U, which is too large rather than too small on average
    (Efron and Stein 1981).

    Parameters
    ----------
    attention : ndarray, shape (n_seeds, n_examples, n_tokens)
        Attention of each model on the same texts, NaN at padding; at least three seeds.

    Returns
    -------
    ndarray, shape (n_seeds,)
        The difference of two conditions that share their seeds has the difference of these as its pseudo-values.

    Raises
    ------
    TooFewSamplesError
        With fewer than three seeds, or if tau-b of a pair is defined for no text.

    References
    ----------
    Arvesen (1969), Jackknifing U-statistics, Annals of Mathematical Statistics 40, 2076-2100. Efron and Stein (1981),
    Annals of Statistics 9, 586-596.

    Examples
    --------
    >>> scores = np.random.default_rng(0).normal(size=(4, 50, 6)) + np.random.default_rng(1).normal(size=(50, 6))
    >>> stability_values(scores.astype(np.float32)).round(2).tolist()
    [0.25, 0.35, 0.48, 0.3]
    """
    n = len(attention)
    check_at_least(n, 3, "number of seeds")
    mask = np.isfinite(attention[0])
    agreement = np.zeros((n, n))
    for first, second in combinations(range(n), 2):
        mean = kendall_batch(attention[first], attention[second], mask=mask, exact=False).mean()
        agreement[first, second] = agreement[second, first] = mean
    by_seed = agreement.sum(axis=1) / (n - 1)
    return np.asarray((2 * (n - 1) * by_seed - n * by_seed.mean()) / (n - 2))
