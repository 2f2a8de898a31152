"""The compiled passes over sorted columns against the definitions by brute force, on the rounded differences."""

import numpy as np
import pytest
from scipy.special import digamma

from attnstats.information import KSG, AsMeasured, NormalScores, Ross, Standardized
from attnstats.information.columns._sorted import SortedColumn, is_fast, ksg_estimate, ross_estimate
from attnstats.information.knn._ties import psi_table


def scaled(column):
    return column.space.points[:, 0], column.space.weights[0]


def brute_ksg(x, y, k):
    """Equation 8 of Kraskov et al. (2004) from all pairs; None where a ball has more than one sample at its rim."""
    (x, by_x), (y, by_y) = scaled(x), scaled(y)
    across, along = np.abs(x[:, np.newaxis] - x) * by_x, np.abs(y[:, np.newaxis] - y) * by_y
    both = np.maximum(across, along)
    np.fill_diagonal(both, np.inf)
    radius = np.sort(both, axis=1)[:, k - 1 : k]
    if (((across == radius).sum(axis=1) + (along == radius).sum(axis=1)) > 1).any():
        return None
    inside = digamma((across < radius).sum(axis=1)) + digamma((along < radius).sum(axis=1))
    return digamma(k) + digamma(len(x)) - inside.mean()


def brute_ross(x, codes, k):
    """Equation 2 of Ross (2014) from all pairs, where no two distances are equal."""
    values, weight = scaled(x)
    distances = np.abs(values[:, np.newaxis] - values) * weight
    total = 0.0
    for row, of_row in enumerate(distances):
        same = np.sort(np.delete(of_row, row)[np.delete(codes, row) == codes[row]])
        used = min(k, len(same))
        count = (np.delete(of_row, row) <= same[used - 1]).sum()
        total += digamma(used) - digamma((codes == codes[row]).sum()) - digamma(count)
    return digamma(len(codes)) + total / len(codes)


@pytest.mark.parametrize("margins", [AsMeasured(), Standardized()])
@pytest.mark.parametrize("k", [1, 2, 3])
@pytest.mark.parametrize("n", [4, 15, 16, 17, 33, 64, 150, 400])
def test_ksg_is_its_definition(n, k, margins):
    rng = np.random.default_rng(n)
    for spread in (0.01, 1.0):
        x = rng.standard_t(3, size=n)
        y = x + spread * rng.normal(size=n)
        columns = [SortedColumn.of(each, "x", margins) for each in (x, y)]
        expected = brute_ksg(*columns, k)
        assert expected is not None
        assert ksg_estimate(*columns, k, psi_table(n)) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("n_classes", [2, 5, 30])
@pytest.mark.parametrize("k", [1, 3, 8])
def test_ross_is_its_definition(n_classes, k):
    rng = np.random.default_rng(k)
    codes = np.resize(np.repeat(np.arange(n_classes), 2), 240)
    x = rng.standard_cauchy(240) + codes
    column = SortedColumn.of(x, "x", AsMeasured())
    found = ross_estimate(column, codes, np.bincount(codes), k, psi_table(240))
    assert found == pytest.approx(brute_ross(column, codes, k), abs=1e-12)


@pytest.mark.parametrize("step", [0.0001, 0.001, 0.01, 0.1, 0.5])
@pytest.mark.parametrize("margins", [AsMeasured(), NormalScores()])
def test_ties_are_parted_as_by_the_estimators(step, margins):
    rng = np.random.default_rng(3)
    x = np.round(rng.normal(size=600) / step) * step
    y, codes = x + 0.3 * rng.normal(size=600), (x + rng.normal(size=600) > 0).astype(np.int64)
    first, second = (SortedColumn.of(each, "x", margins) for each in (x, y))
    found = ksg_estimate(first, second, 3, psi_table(600))
    assert found is None or found == pytest.approx(KSG(margins=margins).estimate(x, y), abs=1e-12)
    assert found is not None or step > 0.0001
    found = ross_estimate(first, codes, np.bincount(codes), 3, psi_table(600))
    assert found is None or found == pytest.approx(Ross(margins=margins).estimate(x, codes), abs=1e-12)


def test_what_they_are_not_for_is_left_to_the_estimators():
    assert is_fast(KSG(k=3))
    assert is_fast(Ross(k=10))
    slow = KSG(k=4), KSG(algorithm=2), KSG(metric="euclidean"), KSG(jitter=1e-10)
    assert not any(map(is_fast, slow))
    x = np.repeat(np.arange(10.0), 3)
    column = SortedColumn.of(x, "x", AsMeasured())
    assert ksg_estimate(column, column, 1, psi_table(30)) is None  # samples coincide
    assert ross_estimate(column, np.zeros(30, dtype=np.int64), np.array([30]), 1, psi_table(30)) is None
    short = SortedColumn.of(np.array([1.0, 2.0, 4.0]), "x", AsMeasured())
    assert ksg_estimate(short, short, 3, psi_table(3)) is None


@pytest.mark.parametrize("unit", [1e-300, 1e-306, 1e290])
def test_any_unit_will_do(unit):
    x, noise = np.random.default_rng(0).normal(size=(2, 300))
    y = (x + noise) * unit
    columns = [SortedColumn.of(each, "x", Standardized()) for each in (x, y)]
    expected = KSG(margins=Standardized()).estimate(x, y)
    assert ksg_estimate(*columns, 3, psi_table(300)) == pytest.approx(expected, abs=1e-12)
