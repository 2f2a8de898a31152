import itertools

import numpy as np
import pytest

from attnstats.exceptions import InvalidInputError
from attnstats.ranks import ap_correlation
from attnstats.resampling import Permutation

QUICK = Permutation(1)


def tau_ap(ranking, reference):
    """Yilmaz, Aslam and Robertson (2008), equation 3: 2/(n − 1) Σ C(i)/(i − 1) − 1; without ties."""
    order = np.argsort(-np.asarray(ranking))
    values = np.asarray(reference)[order]
    correct = [(values[:i] > values[i]).sum() / i for i in range(1, len(values))]
    return 2 * np.mean(correct) - 1


@pytest.mark.parametrize("variant", ["a", "b"])
def test_without_ties_it_is_the_printed_formula(variant):
    for seed in range(5):
        x, y = np.random.default_rng(seed).normal(size=(2, 12))
        expected = tau_ap(x, y) if variant == "a" else (tau_ap(x, y) + tau_ap(y, x)) / 2
        assert ap_correlation(x, y, variant=variant, null=QUICK).effect == pytest.approx(expected)


def test_variant_a_is_the_mean_over_all_ways_to_break_ties():
    x, y = np.array([3, 1, 1, 2, 3, 1, 0]), np.array([6, 3, 4, 0, 5, 2, 1])
    broken = []
    for order in itertools.permutations(range(7)):
        if all(x[a] >= x[b] for a, b in itertools.pairwise(order)):
            ranking = np.empty(7)
            ranking[list(order)] = np.arange(7, 0, -1)
            broken.append(tau_ap(ranking, y))
    assert len(broken) == 2 * 6
    assert ap_correlation(x, y, null=QUICK).effect == pytest.approx(np.mean(broken))


def test_variant_b_is_symmetric_and_one_with_itself():
    x, y = np.random.default_rng(1).integers(0, 5, (2, 15))
    one, two = (ap_correlation(*pair, variant="b", null=QUICK).effect for pair in ((x, y), (y, x)))
    assert one == pytest.approx(two)
    assert ap_correlation(x, x, variant="b", null=QUICK).effect == pytest.approx(1)
    assert ap_correlation(x, x, variant="a", null=QUICK).effect < 1


def test_unknown_variant_raises():
    with pytest.raises(InvalidInputError, match="variant: must be one of a, b; got 'c'"):
        ap_correlation([1, 2, 3], [1, 2, 3], variant="c")
