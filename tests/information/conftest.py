import numpy as np
import pytest
from scipy.special import digamma
from scipy.stats import nhypergeom


def mean_psi(base, total, marked, order):
    """Mean of psi(base + place), place the position of the order-th marked one among `total`, all enumerated."""
    missed = np.arange(total - marked + 1)
    chances = nhypergeom.pmf(missed, total, total - marked, order) if total > marked else np.ones(1)
    return (chances * digamma(base + missed + order)).sum()


def term_by_definition(distances, i, k, marginals):
    """The term of sample i: psi(k) and the signed mean of psi of each marginal count, over all partings of ties.

    `distances` holds a matrix for each block, `marginals` pairs of blocks and sign. The rims enter block by block.
    """
    blocks = [np.delete(each[i], i) for each in distances]
    joint = np.max(blocks, axis=0)
    radius = np.sort(joint)[k - 1]
    orders = [(0, 1), (1, 0)] if len(blocks) == 2 else [(2, 0, 1), (2, 1, 0)]
    terms = []
    for order in orders:
        inside = [each < radius for each in blocks]
        for entering in order:
            at_rim = blocks[entering] == radius
            new = at_rim & np.all([inside[b] for b in range(len(blocks)) if b != entering], axis=0)
            before = np.all(inside, axis=0).sum()
            if before + new.sum() >= k:
                break
            inside[entering] = inside[entering] | at_rim
        term = digamma(k)
        for of, sign in marginals:
            base = np.all([inside[b] for b in of], axis=0).sum()
            if entering in of:
                tied = (at_rim & np.all([inside[b] for b in of if b != entering] or [at_rim], axis=0)).sum()
                term += sign * mean_psi(base, tied, new.sum(), k - before)
            else:
                term += sign * digamma(base + 1)
        terms.append(term)
    return np.mean(terms)


@pytest.fixture(scope="session")
def ball_term():
    return term_by_definition


@pytest.fixture(scope="session")
def place_mean():
    return mean_psi
