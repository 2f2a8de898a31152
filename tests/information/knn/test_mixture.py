import numpy as np
import pytest
from scipy.special import digamma

from attnstats.exceptions import ConstantInputError, TooFewSamplesError
from attnstats.information import KSG, DiscreteContinuousMixture, Ross
from attnstats.information.margins import AsMeasured


def distance(a):
    return np.abs(a[:, np.newaxis] - a[np.newaxis]).max(axis=-1)


def draw(kind, n, rng):
    x, y, z = rng.normal(size=(3, n, 1))
    if kind == "discrete":
        x, y, z = (np.round(each) + 0.5 for each in (x, x + y, z))  # not whole, which would make them classes
    elif kind == "mixed":
        x, y, z = np.where(rng.random((n, 1)) < 0.5, np.round(x), x), x + np.round(y), np.maximum(z, 0)
    elif kind == "vectors":
        x, y, z = np.hstack([x, np.round(z) + 0.5]), np.hstack([y, x]), np.hstack([z, np.round(y) + 0.5])
    return x, y, z


KINDS = pytest.mark.parametrize("kind", ["continuous", "discrete", "mixed", "vectors"])


def expected(ball_term, distances, i, k, marginals):
    """Counts of copies on an atom, else the term of the ball (Gao et al. 2017 where there are no ties)."""
    joint = np.max([each[i] for each in distances], axis=0)
    if np.sort(joint)[k] > 0:
        return ball_term(distances, i, k, marginals)
    counts = [np.all([distances[b][i] == 0 for b in of], axis=0).sum() for of, _ in marginals]
    return digamma((joint == 0).sum()) + sum(sign * digamma(c) for (_, sign), c in zip(marginals, counts, strict=True))


@KINDS
@pytest.mark.parametrize("k", [1, 4])
def test_equals_the_definition(kind, k, ball_term):
    x, y, _ = draw(kind, 120, np.random.default_rng(0))
    marginals = [((0,), -1), ((1,), -1)]
    terms = [np.log(120) + expected(ball_term, [distance(x), distance(y)], i, k, marginals) for i in range(120)]
    found = DiscreteContinuousMixture(k=k, margins=AsMeasured()).pointwise(x, y)
    np.testing.assert_allclose(found, terms, atol=1e-12)


@KINDS
@pytest.mark.parametrize("k", [1, 4])
def test_conditional_equals_the_definition(kind, k, ball_term):
    x, y, z = draw(kind, 120, np.random.default_rng(1))
    marginals = [((0, 2), -1), ((1, 2), -1), ((2,), 1)]
    terms = [expected(ball_term, [distance(x), distance(y), distance(z)], i, k, marginals) for i in range(120)]
    found = DiscreteContinuousMixture(k=k, margins=AsMeasured()).conditional_pointwise(x, y, z)
    np.testing.assert_allclose(found, terms, atol=1e-12)


def test_continuous_data_give_ksg():
    x, y, z = np.random.default_rng(2).normal(size=(3, 300))
    shift = np.log(300) - digamma(300)
    assert DiscreteContinuousMixture().estimate(x, y) == pytest.approx(KSG().estimate(x, y) + shift, abs=1e-12)
    conditional = KSG().conditional_pointwise(x, y, z)
    np.testing.assert_allclose(DiscreteContinuousMixture().conditional_pointwise(x, y, z), conditional, atol=1e-12)


def test_labels_against_a_vector_give_ross_in_one_dimension():
    rng = np.random.default_rng(3)
    y = rng.integers(3, size=300)
    x = rng.normal(size=300) + y
    y[:3] = 9  # a class with fewer than k other members uses those
    value = Ross().estimate(x, y) + np.log(300) - digamma(300)
    assert DiscreteContinuousMixture().estimate(x, y) == pytest.approx(value, abs=1e-12)
    names = np.array(["red", "green", "blue", *"defghij"])[y]
    assert DiscreteContinuousMixture().estimate(x, names) == pytest.approx(value, abs=1e-12)
    assert DiscreteContinuousMixture().estimate(names, x) == pytest.approx(value, abs=1e-12)


def test_two_labels_give_counts():
    # All samples are atoms, a lone one too: log n + psi(cell) - psi(row) - psi(column).
    x, y = np.array(list("aaaabbcc")), np.array([0, 0, 0, 1, 1, 1, 0, 1])
    cell = np.array([3, 3, 3, 1, 2, 2, 1, 1])
    row, column = np.array([4, 4, 4, 4, 2, 2, 2, 2]), 4
    truth = np.log(8) + digamma(cell) - digamma(row) - digamma(column)
    np.testing.assert_allclose(DiscreteContinuousMixture().pointwise(x, y), truth, atol=1e-12)


@pytest.mark.parametrize("m", [2, 5])
def test_truth_of_a_label_and_an_overlapping_uniform(m):
    # X uniform on m labels, Y uniform on [X, X + 2]: log m - (m - 1) / m log 2 (Gao et al. 2017, section 5).
    # 20 samples of n = 2000: the sd of the mean is about 0.004.
    rng = np.random.default_rng(4)
    values = []
    for _ in range(20):
        x = rng.integers(m, size=2000)
        values.append(DiscreteContinuousMixture().estimate(x, x + rng.uniform(0, 2, size=2000)))
    assert np.mean(values) == pytest.approx(np.log(m) - (m - 1) / m * np.log(2), abs=0.03)


def test_truth_of_a_censored_pair():
    # Half of the pairs equal atoms +-6 with the same sign in 90 %, half Gaussian with correlation 0.9; which half is
    # seen in both, so that I = log 2 + (I_atoms + I_Gaussian) / 2. 10 samples of n = 2000: sd of the mean below 0.01.
    rng = np.random.default_rng(5)
    values = []
    for _ in range(10):
        x = rng.normal(size=2000)
        y = 0.9 * x + np.sqrt(1 - 0.81) * rng.normal(size=2000)
        sign = rng.choice([-1.0, 1.0], size=2000)
        flipped = np.where(rng.random(2000) < 0.1, -sign, sign)
        atom = rng.random(2000) < 0.5
        values.append(DiscreteContinuousMixture().estimate(np.where(atom, 6 * sign, x), np.where(atom, 6 * flipped, y)))
    atoms = np.log(2) + 0.1 * np.log(0.1) + 0.9 * np.log(0.9)
    assert np.mean(values) == pytest.approx(np.log(2) + (atoms - 0.5 * np.log(1 - 0.81)) / 2, abs=0.05)


def test_conditional_independence_given_a_label():
    # x and y depend through z alone; 20 samples of n = 500: the sd of the mean is about 0.008.
    rng = np.random.default_rng(6)
    values = []
    for _ in range(20):
        z = rng.integers(3, size=500)
        x, y = z + rng.normal(size=500), z + rng.poisson(1.0, size=500)
        values.append(DiscreteContinuousMixture().conditional_pointwise(x, y * 1.0, z).mean())
    assert np.mean(values) == pytest.approx(0, abs=0.03)


def test_units_and_order_do_not_matter():
    rng = np.random.default_rng(7)
    x, y, _ = draw("mixed", 200, rng)
    value = DiscreteContinuousMixture().estimate(x, y)
    order = rng.permutation(200)
    for a, b in ((x * 1e6, y), (x * 1e-12, y * 1e-12), (y, x), (x[order], y[order])):
        assert DiscreteContinuousMixture().estimate(a, b) == pytest.approx(value, abs=1e-12)


def test_bad_input():
    x = np.arange(10.0)
    with pytest.raises(ConstantInputError, match="y: must vary"):
        DiscreteContinuousMixture().estimate(x, ["a"] * 10)
    with pytest.raises(TooFewSamplesError, match="number of samples of x and y with k=3: must be at least 4; got 3"):
        DiscreteContinuousMixture().estimate(x[:3], x[:3])


def test_labels_that_occur_once_tell_nothing_of_numbers():
    # 20 flags make every row a class of its own; the estimate was log n and more.
    rng = np.random.default_rng(9)
    x, y = rng.integers(2, size=(200, 20)), rng.normal(size=200)
    assert DiscreteContinuousMixture().estimate(x, y) == pytest.approx(0, abs=0.01)
