"""Counts of pairs straight from their definitions, for the tests of the compiled ones."""

import numpy as np


def plain_pair_counts(x, y):
    """Return what `pair_counts` returns, straight from the definitions; the reference of its tests."""
    n = x.size
    sign_x, sign_y = np.sign(x[:, np.newaxis] - x), np.sign(y[:, np.newaxis] - y)
    pairs = np.triu_indices(n, k=1)
    score = int((sign_x * sign_y)[pairs].sum())
    tied_x, tied_y = int((sign_x[pairs] == 0).sum()), int((sign_y[pairs] == 0).sum())
    tied_either = int(((sign_x * sign_y)[pairs] == 0).sum())
    # The variance of a sum of products over a random pairing, sum of a_ij b_ij (Daniels 1944, Kendall 1970, ch. 5).
    if n < 2:
        return score, tied_x, tied_y, tied_either, 0.0
    squares = (sign_x**2).sum() * (sign_y**2).sum() / (2 * n * (n - 1))
    if n == 2:
        return score, tied_x, tied_y, tied_either, float(squares)
    chains_x = (sign_x.sum(axis=1) ** 2).sum() - (sign_x**2).sum()
    chains_y = (sign_y.sum(axis=1) ** 2).sum() - (sign_y**2).sum()
    return score, tied_x, tied_y, tied_either, float(squares + chains_x * chains_y / (n * (n - 1) * (n - 2)))


def plain_partner_sums(x, y):
    """Return the sums of `partner_sums` straight from the definitions; the reference of its tests."""
    order = np.lexsort((y, x))
    x, y = x[order], y[order]
    sign_x, sign_y = np.sign(x[:, np.newaxis] - x), np.sign(y[:, np.newaxis] - y)
    both = sign_x * sign_y
    return np.stack([each.sum(axis=1) for each in (both, sign_x**2, sign_y**2, both**2)]).astype(np.int64)
