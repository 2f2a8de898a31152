"""Rank stability: do models that differ only in their seed attend to the same tokens of the same texts?"""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from attnstats._validation import FloatArray, check_at_least
from attnstats.ranks import kendall_batch


def stability_values(attention: NDArray[np.float32]) -> FloatArray:
    """Return one number per seed, whose mean is the rank stability and whose spread gives its standard error.

    Rank stability is the mean tau-b between the `attention` (n_seeds, n_examples, n_tokens) of two models on one text,
    a U-statistic of degree 2 in the seeds. The numbers are Tukey's jackknife pseudo-values n U − (n − 1) U_(−i)
    (Arvesen 1969), whose variance over n is too large rather than too small on average (Efron and Stein 1981).
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
