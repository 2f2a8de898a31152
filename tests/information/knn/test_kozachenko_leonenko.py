import numpy as np
import pytest
from scipy.special import digamma

from attnstats.exceptions import ConstantInputError, DuplicateSamplesError, InvalidInputError, TooFewSamplesError
from attnstats.information import KozachenkoLeonenko
from attnstats.information.margins import AsMeasured, Standardized

METRICS = pytest.mark.parametrize("metric", ["max", "euclidean"])


@METRICS
@pytest.mark.parametrize("margins", [AsMeasured(), Standardized()])
@pytest.mark.parametrize("dim", [1, 2, 3])
def test_entropy_of_a_gaussian(metric, margins, dim):
    # 10 samples of n = 4000: the sd of the mean is below 0.01, the bias in 3 dimensions below 0.02.
    rng = np.random.default_rng(0)
    mix = rng.normal(size=(dim, dim)) + 2 * np.eye(dim)
    truth = dim / 2 * np.log(2 * np.pi * np.e) + np.linalg.slogdet(mix)[1]
    estimator = KozachenkoLeonenko(metric=metric, margins=margins)
    mean = np.mean([estimator.entropy(rng.normal(size=(4000, dim)) @ mix) for _ in range(10)])
    assert mean == pytest.approx(truth, abs=0.05)


@METRICS
def test_entropy_of_a_uniform(metric):
    # log of the volume; n = 8000, sd about 0.01, and the edges of the square add about 0.01.
    x = np.random.default_rng(1).uniform(size=(8000, 2)) * [3, 1e-3]
    assert KozachenkoLeonenko(metric=metric).entropy(x) == pytest.approx(np.log(3e-3), abs=0.05)


def test_entropy_by_hand():
    # Points 0, 1, 3: nearest distances 1, 1, 2, so psi(3) - psi(1) + log 2 + log(2) / 3.
    truth = digamma(3) - digamma(1) + np.log(2) + np.log(2) / 3
    for estimator in (KozachenkoLeonenko(k=1, margins=AsMeasured()), KozachenkoLeonenko(k=1, metric="euclidean")):
        assert estimator.entropy([0, 1, 3]) == pytest.approx(truth, abs=1e-12)


@METRICS
@pytest.mark.parametrize("rho", [0.0, 0.8])
def test_gaussian_truth(metric, rho):
    # 20 samples of n = 2000: sd of the mean below 0.01, the bias of the joint entropy about 0.01.
    rng = np.random.default_rng(2)
    estimator = KozachenkoLeonenko(metric=metric)
    values = []
    for _ in range(20):
        x, noise = rng.normal(size=(2, 2000))
        values.append(estimator.estimate(x, rho * x + np.sqrt(1 - rho**2) * noise))
    assert np.mean(values) == pytest.approx(-0.5 * np.log(1 - rho**2), abs=0.04)


@METRICS
def test_information_is_the_sum_of_three_entropies(metric):
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(200, 2)), rng.normal(size=(200, 1))
    estimator = KozachenkoLeonenko(metric=metric)
    entropies = estimator.entropy(x) + estimator.entropy(y) - estimator.entropy(np.hstack([x, y]))
    assert estimator.estimate(x, y) == pytest.approx(entropies, abs=1e-12)


@METRICS
def test_units_and_constant_columns_do_not_matter(metric):
    rng = np.random.default_rng(4)
    x, y = rng.normal(size=(2, 300))
    estimator = KozachenkoLeonenko(metric=metric)
    value = estimator.estimate(x, y)
    for scaled in ((x * 1e6, y), (x * 1e-12, y * 1e-12), (np.column_stack([x, np.ones(300)]), y)):
        assert estimator.estimate(*scaled) == pytest.approx(value, abs=1e-9)
    assert estimator.entropy(x * 1e6) == pytest.approx(estimator.entropy(x) + 6 * np.log(10), abs=1e-9)


def test_bad_input():
    x = np.random.default_rng(5).normal(size=30)
    with pytest.raises(DuplicateSamplesError, match="x: continuous samples must not coincide; got 20 of 40"):
        KozachenkoLeonenko().entropy(np.append(x, x[:10]))
    with pytest.raises(DuplicateSamplesError, match="y: "):
        KozachenkoLeonenko().estimate(x, np.round(x))
    with pytest.raises(ConstantInputError, match="x: must vary"):
        KozachenkoLeonenko().entropy(np.ones(30))
    with pytest.raises(TooFewSamplesError, match="number of samples of x with k=3: must be at least 4; got 3"):
        KozachenkoLeonenko().entropy(x[:3])
    with pytest.raises(InvalidInputError, match="metric"):
        KozachenkoLeonenko(metric="l1")


@pytest.mark.parametrize("unit", [1.0, 0.1, 86_400.0])
def test_values_at_equal_steps_are_refused(unit):
    # The entropy of n equal steps would be log(n) - psi(n) + psi(3) - log(2) or so: 0.46 nats too little.
    y = np.random.default_rng(0).normal(size=500)
    for k in (1, 2, 3, 6):
        with pytest.raises(InvalidInputError, match=r"x: must be random samples of a density; got .* at equal steps"):
            KozachenkoLeonenko(k=k).estimate(unit * np.arange(500), y)


def test_a_repeated_column_has_no_density():
    rng = np.random.default_rng(1)
    u, v = rng.normal(size=(2, 300))
    estimator = KozachenkoLeonenko()
    with pytest.raises(InvalidInputError, match="x: columns must not be linear functions of each other"):
        estimator.estimate(np.c_[u, u], v)
    with pytest.raises(InvalidInputError, match="x and y: columns must not be linear functions"):
        estimator.estimate(u, 2 * u + 1)
    assert np.isfinite(estimator.estimate(np.c_[u, u + 1e-3 * v], rng.normal(size=300)))  # nearly
