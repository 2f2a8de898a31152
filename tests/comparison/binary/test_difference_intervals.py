from itertools import product

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import ndtri, xlogy
from statsmodels.stats.proportion import confint_proportions_2indep

from attnstats.comparison import (
    HybridScore,
    MiettinenNurminen,
    Tango,
    independent_proportions_test,
    mcnemar_test,
    proportions_equivalence_test,
)
from tests.comparison.binary.tables import pairs, sample

pytestmark = pytest.mark.filterwarnings("ignore::attnstats.exceptions.FewReplicatesWarning")

#: All tables of eight pairs.
TABLES = [(*each, 8 - sum(each)) for each in product(range(9), repeat=3) if sum(each) <= 8]
#: All pairs of samples of sizes 4 and 6.
SAMPLES = [((i, 4), (j, 6)) for i, j in product(range(5), range(7))]


def paired(table, interval, level=0.95):
    found = mcnemar_test(*pairs(*table), interval=interval, minimum_replicates=2).interval(level)
    return found.low, found.high


def independent(samples, interval, level=0.95):
    a, b = (sample(*each) for each in samples)
    found = independent_proportions_test(a, b, interval=interval, minimum_replicates=2).interval(level)
    return found.low, found.high


@pytest.mark.parametrize(
    ("table", "interval", "low", "high", "digits"),
    [
        ((20, 12, 2, 16), HybridScore(), 0.0562, 0.3292, 4),  # Newcombe 1998, method 10
        ((1, 1, 7, 12), HybridScore(), -0.507, -0.026, 3),  # Fagerland, Lydersen and Laake 2014
        ((1, 1, 7, 12), Tango(), -0.517, -0.026, 3),
        ((59, 6, 16, 80), HybridScore(), -0.1186, -0.0046, 4),
        ((59, 6, 16, 80), Tango(), -0.1240, -0.0054, 4),
    ],
)
def test_published_intervals_of_pairs(table, interval, low, high, digits):
    assert np.round(paired(table, interval), digits).tolist() == [low, high]


@pytest.mark.parametrize(
    ("samples", "low", "high"),
    [
        (((56, 70), (48, 80)), 0.0524, 0.3339),
        (((9, 10), (3, 10)), 0.1705, 0.8090),
        (((6, 7), (2, 7)), 0.0582, 0.8062),
        (((5, 56), (0, 29)), -0.0381, 0.1926),
        (((0, 10), (0, 20)), -0.1611, 0.2775),
        (((0, 10), (0, 10)), -0.2775, 0.2775),
        (((10, 10), (0, 20)), 0.6791, 1.0),
        (((10, 10), (0, 10)), 0.6075, 1.0),
    ],
)
def test_table_ii_of_newcombe(samples, low, high):
    # Statistics in Medicine 17, 873-890, examples (a) to (h), method 10.
    assert np.round(independent(samples, HybridScore()), 4).tolist() == [low, high]


def test_published_interval_of_miettinen_and_nurminen():
    # Example (d) of the same table, method 6.
    assert np.round(independent(((5, 56), (0, 29)), MiettinenNurminen()), 4).tolist() == [-0.0326, 0.1933]


@pytest.mark.parametrize("samples", [each for each in SAMPLES if 0 < each[0][0] < 4 and 0 < each[1][0] < 6])
def test_the_hybrid_score_equals_statsmodels(samples):
    (ones_a, n_a), (ones_b, n_b) = samples
    expected = confint_proportions_2indep(ones_a, n_a, ones_b, n_b, compare="diff", method="newcomb")
    assert independent(samples, HybridScore()) == pytest.approx(expected, abs=1e-9)


def likeliest(loss, low, high):
    found = minimize_scalar(loss, bounds=(low, high), method="bounded", options={"xatol": 1e-12})
    return min((low, high, found.x), key=loss)


def likeliest_variance_of_samples(samples, null):
    """The variance of Miettinen and Nurminen at the likeliest proportions, found by a search.

    The score method of statsmodels 0.15 is no reference: its cubic equation has a wrong coefficient (its issue 10269).
    """
    (ones_a, n_a), (ones_b, n_b) = samples

    def loss(p):
        in_a = xlogy(ones_a, p + null) + xlogy(n_a - ones_a, 1 - p - null)
        return -(in_a + xlogy(ones_b, p) + xlogy(n_b - ones_b, 1 - p))

    p = likeliest(loss, max(0.0, -null), min(1.0, 1 - null))
    n = n_a + n_b
    return ((p + null) * (1 - p - null) / n_a + p * (1 - p) / n_b) * n / (n - 1)


@pytest.mark.parametrize("samples", [*SAMPLES[::2], ((56, 70), (48, 80)), ((5, 56), (0, 29))])
def test_miettinen_and_nurminens_ends_are_where_the_score_test_rejects(samples):
    (ones_a, n_a), (ones_b, n_b) = samples
    estimate, z = ones_a / n_a - ones_b / n_b, ndtri(0.975)
    for end in independent(samples, MiettinenNurminen()):
        if abs(end) < 1:
            assert (estimate - end) ** 2 == pytest.approx(z**2 * likeliest_variance_of_samples(samples, end), abs=1e-5)
        else:
            assert estimate == end


def likeliest_variance(table, null):
    """Tango's variance at the likeliest discordance, found by a search."""
    both_or_neither, first, second = table[0] + table[3], table[1], table[2]

    def loss(q):  # q of pairs are 1 in the second condition alone, q + null in the first alone
        return -(xlogy(first, q + null) + xlogy(second, q) + xlogy(both_or_neither, 1 - 2 * q - null))

    q = likeliest(loss, max(0.0, -null), (1 - null) / 2)
    return (2 * q + null - null**2) / sum(table)


@pytest.mark.parametrize("table", [each for each in TABLES if each[0] <= each[3]][::3])
def test_tangos_ends_are_where_the_score_test_rejects(table):
    estimate, z = (table[1] - table[2]) / 8, ndtri(0.975)
    for end in paired(table, Tango()):
        if abs(end) < 1:
            assert (estimate - end) ** 2 == pytest.approx(z**2 * likeliest_variance(table, end), abs=1e-5)
        else:
            assert estimate == end
    if table[1] + table[2] == 0:
        assert paired(table, Tango())[1] == pytest.approx(z**2 / (8 + z**2), abs=1e-9)


@pytest.mark.parametrize("level", [0.5, 0.95, 0.999])
@pytest.mark.parametrize("interval", [HybridScore(), Tango()])
def test_every_table_of_pairs_has_an_interval_within_the_bounds(interval, level):
    for table in TABLES:
        low, high = paired(table, interval, level)
        estimate = (table[1] - table[2]) / 8
        assert -1 <= low <= estimate <= high <= 1, table
        assert high - low > 0.01, table
        mirrored = paired((table[0], table[2], table[1], table[3]), interval, level)
        assert mirrored == pytest.approx((-high, -low), abs=1e-9), table


@pytest.mark.parametrize("level", [0.5, 0.95, 0.999])
@pytest.mark.parametrize("interval", [HybridScore(), MiettinenNurminen()])
def test_any_two_samples_have_an_interval_within_the_bounds(interval, level):
    for samples in SAMPLES:
        low, high = independent(samples, interval, level)
        (ones_a, n_a), (ones_b, n_b) = samples
        assert -1 <= low <= ones_a / n_a - ones_b / n_b <= high <= 1, samples
        assert high - low > 0.01, samples
        assert independent(samples[::-1], interval, level) == pytest.approx((-high, -low), abs=1e-9), samples


def test_large_tables_are_no_wider_than_a_normal_interval():
    a, b = pairs(400_000, 50_000, 49_000, 1_000)
    expected = 1.959964 * np.sqrt(99_000 - 1_000**2 / 500_000) / 500_000
    for interval in (HybridScore(), Tango()):
        found = mcnemar_test(a, b, interval=interval).interval()
        assert (found.high - found.low) / 2 == pytest.approx(expected, rel=0.01)
    nearly_all = proportions_equivalence_test(*pairs(10**6 - 1, 1, 0, 0), margin=1e-4)
    assert nearly_all.pvalue < 1e-9
    assert nearly_all.interval(0.9).high < 1e-5
