import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import digamma
from sklearn.feature_selection import mutual_info_classif

from attnstats.exceptions import ConstantInputError, TooFewSamplesError
from attnstats.information import Ross
from attnstats.information.margins import AsMeasured, Standardized


def two_normals_truth(distance):
    """I(X; Y) of two equally likely unit normals so far apart: log 2 - E log(1 + likelihood ratio)."""

    def integrand(z):
        return np.exp(-z * z / 2) / np.sqrt(2 * np.pi) * np.log1p(np.exp(-distance * z - distance**2 / 2))

    return np.log(2) - quad(integrand, -12, 12)[0]


def two_normals(n, distance, dim, rng):
    y = rng.integers(2, size=n)
    x = rng.normal(size=(n, dim))
    x[:, 0] += distance * y
    return x, y


def by_definition(x, y, k):
    n = len(x)
    total = 0.0
    for i in range(n):
        distances = np.array([((x[j] - x[i]) ** 2).sum() for j in range(n)])
        others = np.arange(n) != i
        same = others & (y == y[i])
        k_i = min(k, same.sum())
        radius = np.sort(distances[same])[k_i - 1]
        m_i = (distances[others] < radius).sum() + 1
        total += digamma(n) + digamma(k_i) - digamma(same.sum() + 1) - digamma(m_i)
    return total / n


@pytest.mark.parametrize("dim", [1, 3, 20])
@pytest.mark.parametrize("k", [1, 3, 50])
def test_equals_the_definition(dim, k):
    x, y = two_normals(90, 1.5, dim, np.random.default_rng(dim))
    y[:4] = [7, 7, 8, 8]  # small classes use all their members
    assert Ross(k=k, margins=AsMeasured()).estimate(x, y) == pytest.approx(by_definition(x, y, k), abs=1e-12)


@pytest.mark.parametrize("dim", [1, 12])
def test_atoms_and_ties_equal_the_definition(dim, ball_term):
    rng = np.random.default_rng(0)
    x, y = two_normals(120, 1.0, dim, rng)
    x[:60] = x[rng.integers(4, size=60)]  # four words that occur again and again
    x[60:90] = np.round(x[60:90])
    in_x, of_y = ((x[:, np.newaxis] - x) ** 2).sum(axis=2), np.where(y[:, np.newaxis] == y, 0, np.inf)
    found = Ross(margins=AsMeasured()).pointwise(x, y)
    for i in range(120):
        same = y == y[i]
        if np.sort(in_x[i, same])[3] > 0:
            term = ball_term([in_x, of_y], i, 3, [((0,), -1)])
        else:
            term = digamma((in_x[i, same] == 0).sum()) - digamma((in_x[i] == 0).sum())
        assert found[i] == pytest.approx(term + digamma(120) - digamma(same.sum()), abs=1e-12)


def _balanced(rng):
    return rng.normal(size=(300, 5)), rng.integers(2, size=300)


def _pair_class(rng):
    return rng.normal(size=(40, 2)), np.repeat([0, 1], [38, 2])


def _rare_class(rng):
    return rng.normal(size=(300, 5)), np.repeat([0, 1], [290, 10])


def _atoms(rng):
    return rng.integers(3, size=(300, 1)).astype(float), rng.integers(2, size=300)


def _own_class_beyond_the_list(rng):
    return rng.random(300) + np.repeat([0, 9], [120, 180]), np.repeat([1, 0, 1], [1, 209, 90])


@pytest.mark.parametrize("case", [_balanced, _pair_class, _rare_class, _atoms, _own_class_beyond_the_list])
def test_permuted_estimates_are_those_of_permuted_samples(case):
    rng = np.random.default_rng(4)
    x, y = case(rng)
    rows = np.array([np.arange(len(x)), *(rng.permutation(len(x)) for _ in range(5))])
    expected = [Ross().estimate(x, y[row]) for row in rows]
    np.testing.assert_array_equal(Ross().permuted_estimates(x, y, rows), expected)


def test_permuted_estimates_take_the_short_way_where_lists_hold_enough(monkeypatch):
    x, y = _balanced(np.random.default_rng(5))
    rows = np.arange(300)[np.newaxis]
    monkeypatch.setattr(Ross, "_terms", None)  # the long way
    assert Ross(margins=AsMeasured()).permuted_estimates(x, y, rows) == pytest.approx(
        [by_definition(x, y, 3)], abs=1e-12
    )


def test_discrete_x_gives_the_information_of_a_channel():
    # All x are atoms. Binary symmetric channel, error 0.1: log 2 - H(0.1) = 0.368; at n = 4000 the sd is about 0.012.
    rng = np.random.default_rng(1)
    y = rng.integers(2, size=4000)
    x = np.where(rng.random(4000) < 0.1, 1 - y, y)
    truth = np.log(2) + 0.1 * np.log(0.1) + 0.9 * np.log(0.9)
    assert Ross().estimate(x, y) == pytest.approx(truth, abs=0.04)


def test_one_dimension_equals_scikit_learn():
    # mutual_info_classif adds noise of 1e-10 and clips at zero; neither matters here.
    x, y = two_normals(400, 2.0, 1, np.random.default_rng(2))
    theirs = mutual_info_classif(x, y, n_neighbors=3, random_state=0)[0]
    assert Ross(k=3, margins=Standardized()).estimate(x, y) == pytest.approx(theirs, abs=1e-6)


@pytest.mark.parametrize("distance", [0.0, 1.0, 3.0])
def test_two_normals_truth(distance):
    # 20 samples of n = 1000: the sd of the mean is below 0.007.
    rng = np.random.default_rng(3)
    mean = np.mean([Ross().estimate(*two_normals(1000, distance, 1, rng)) for _ in range(20)])
    assert mean == pytest.approx(two_normals_truth(distance), abs=0.025)


def test_string_classes_scaling_and_constant_columns():
    x, y = two_normals(300, 2.0, 10, np.random.default_rng(4))
    value = Ross().estimate(x, y)
    assert Ross().estimate(x, np.where(y == 0, "neg", "pos")) == value
    assert Ross().estimate(x * 10.0 ** np.arange(-5, 5), y) == pytest.approx(value, abs=1e-12)
    assert Ross().estimate(np.hstack([x, np.full((300, 1), 3.0)]), y) == pytest.approx(value, abs=1e-12)
    assert Ross(margins=AsMeasured()).estimate(x * 2.0**600, y) == Ross(margins=AsMeasured()).estimate(x, y)


def test_bad_input():
    x, y = two_normals(50, 1.0, 2, np.random.default_rng(5))
    with pytest.raises(ConstantInputError, match="y: must hold at least two classes; got 1"):
        Ross().estimate(x, np.zeros(50, int))
    with pytest.raises(ConstantInputError, match="x: must vary"):
        Ross().estimate(np.ones((50, 2)), y)
    y[0] = 9
    with pytest.raises(TooFewSamplesError, match="y: every class must have at least 2 members; got 1 of class"):
        Ross().estimate(x, y)
