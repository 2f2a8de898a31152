import numpy as np
import pytest
from scipy.stats import multivariate_normal

from attnstats import information
from attnstats.information import LeaveOneOutShrinkage, LedoitWolf, NoShrinkage, SchaferStrimmer

RULES = [LeaveOneOutShrinkage(), LedoitWolf(), SchaferStrimmer()]


def standardized(n, dim, seed, strength=0.7):
    rng = np.random.default_rng(seed)
    columns = rng.normal(size=(n, dim)) + strength * rng.normal(size=(n, 1))
    return (columns - columns.mean(axis=0)) / columns.std(axis=0)


@pytest.mark.parametrize(("n", "dim"), [(30, 5), (15, 40)])
def test_ledoit_wolf_equals_the_definition(n, dim):
    columns = standardized(n, dim, 0)
    correlations = columns.T @ columns / n
    error = sum(((np.outer(row, row) - correlations) ** 2).sum() for row in columns) / n**2
    distance = ((correlations - np.eye(dim)) ** 2).sum()
    assert LedoitWolf().weight(columns) == pytest.approx(min(error, distance) / distance, abs=1e-12)


def test_the_former_name_of_leave_one_out():
    with pytest.warns(DeprecationWarning, match=r"attnstats.information.LeaveOneOut is now LeaveOneOutShrinkage"):
        assert information.LeaveOneOut is LeaveOneOutShrinkage


def test_schafer_strimmer_equals_the_definition():
    columns = standardized(25, 4, 1)
    n = len(columns)
    unit = columns * np.sqrt((n - 1) / n)  # unit unbiased variance
    variances = squares = 0.0
    for i in range(4):
        for j in range(4):
            if i != j:
                products = unit[:, i] * unit[:, j]
                variances += n / (n - 1) ** 3 * ((products - products.mean()) ** 2).sum()
                squares += (n / (n - 1) * products.mean()) ** 2
    assert SchaferStrimmer().weight(columns) == pytest.approx(variances / squares, abs=1e-12)


@pytest.mark.parametrize(("n", "dim"), [(30, 5), (12, 20)])
def test_leave_one_out_is_the_likeliest(n, dim):
    columns = standardized(n, dim, 2)

    def likelihood(weight):
        total = 0.0
        for row in range(n):
            others = np.delete(columns, row, axis=0)
            shrunk = (1 - weight) * np.cov(others.T, bias=True) + weight * np.eye(dim)
            total += multivariate_normal(others.mean(axis=0), shrunk).logpdf(columns[row])
        return total

    weight = LeaveOneOutShrinkage().weight(columns)
    assert 0.01 < weight < 0.99
    odds = weight / (1 - weight)
    for factor in (0.9, 1.1):  # the vertex of a parabola through steps of 28 % lies within this of the optimum
        assert likelihood(weight) > likelihood(factor * odds / (1 + factor * odds))


@pytest.mark.parametrize("rule", RULES, ids=repr)
def test_weight_falls_with_n_and_is_high_without_correlation(rule):
    weights = [rule.weight(standardized(n, 10, 3)) for n in (20, 200, 2000)]
    assert 1 > weights[0] > weights[1] > weights[2] > 0
    assert rule.weight(standardized(200, 10, 4, strength=0.0)) > 0.5
    assert NoShrinkage().weight(standardized(20, 10, 3)) == 0


def test_uncorrelated_columns_are_replaced_by_the_identity():
    columns = np.sqrt(4) * np.linalg.qr(np.array([[1.0, 1, 1], [-1, 1, -1], [1, -1, -1], [-1, -1, 1]]))[0]
    assert SchaferStrimmer().weight(columns) == 1.0
