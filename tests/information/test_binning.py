import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import entropy
from sklearn.metrics import mutual_info_score

from attnstats.exceptions import InvalidInputError, TooFewSamplesError
from attnstats.information import Binned, EqualWidth, MillerMadow, PlugIn, Quantile

PLUG_IN = Binned(entropy=PlugIn())


@settings(max_examples=60, deadline=None)
@given(data=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=9, max_size=200))
def test_plug_in_equals_scikit_learn(data):
    x, y = np.array(data).T
    assert PLUG_IN.estimate(x, y) == pytest.approx(mutual_info_score(x, y), abs=1e-12)


def test_binary_symmetric_channel():
    # Exact frequencies of a channel with error 1/5 and a uniform input, as counts: 40, 10, 10, 40.
    x, y = np.repeat([0, 0, 1, 1], [40, 10, 10, 40]), np.repeat([0, 1, 0, 1], [40, 10, 10, 40])
    assert PLUG_IN.estimate(x, y) == pytest.approx(np.log(2) - entropy([0.2, 0.8]), abs=1e-12)
    # Miller-Madow: (2 - 1 + 2 - 1 - (4 - 1)) / 2n off.
    assert Binned().estimate(x, y) == pytest.approx(PLUG_IN.estimate(x, y) - 1 / 200, abs=1e-12)


def test_entropies_of_counts():
    counts = np.array([3, 1, 6])
    assert PlugIn().entropy(counts) == pytest.approx(entropy(counts), abs=1e-12)
    assert MillerMadow().entropy(counts) == pytest.approx(entropy(counts) + 2 / 20, abs=1e-12)


def test_miller_madow_removes_the_bias_of_independent_data():
    # 4 x 4 cells, n = 200, 200 repeats: plug-in bias 9 / 400 = 0.0225; sd of the mean below 0.001.
    rng = np.random.default_rng(0)
    samples = [(rng.normal(size=200), rng.normal(size=200)) for _ in range(200)]
    raw = np.mean([Binned(Quantile(4), PlugIn()).estimate(*pair) for pair in samples])
    corrected = np.mean([Binned(Quantile(4), MillerMadow()).estimate(*pair) for pair in samples])
    assert raw == pytest.approx(0.0225, abs=0.004)
    assert corrected == pytest.approx(0, abs=0.004)


def test_gaussian_truth_from_many_samples():
    # 16 x 16 quantile bins lose about 0.01 nats at rho = 0.6; sd at n = 50,000 about 0.002.
    rng = np.random.default_rng(1)
    x = rng.normal(size=50_000)
    y = 0.6 * x + 0.8 * rng.normal(size=50_000)
    assert Binned(Quantile(16)).estimate(x, y) == pytest.approx(-0.5 * np.log(1 - 0.36), abs=0.02)


@settings(max_examples=40, deadline=None)
@given(values=st.lists(st.integers(-50, 50), min_size=4, max_size=100), n_bins=st.integers(1, 9))
def test_quantile_bins(values, n_bins):
    column = np.array(values, dtype=float)
    bins = Quantile(n_bins).assign(column)
    np.testing.assert_array_equal(bins, Quantile(n_bins).assign(np.exp(column / 10)))  # increasing transform
    for value in np.unique(column):
        assert len(np.unique(bins[column == value])) == 1
    if len(np.unique(column)) == len(column):
        sizes = np.bincount(bins)
        assert sizes.max() - sizes.min() <= 1


def test_equal_width_bins_equal_numpy_histogram():
    column = np.random.default_rng(2).normal(size=500)
    expected = np.histogram(column, bins=7)[0]
    np.testing.assert_array_equal(np.bincount(EqualWidth(7).assign(column), minlength=7), expected)
    np.testing.assert_array_equal(EqualWidth(2).assign(np.array([-1.7e308, 0.1, 1.7e308])), [0, 1, 1])
    np.testing.assert_array_equal(EqualWidth(2).assign(np.ones(3)), 0)


def test_several_dimensions_while_cells_allow():
    rng = np.random.default_rng(3)
    x = rng.integers(2, size=(400, 2))
    y = x[:, 0] ^ x[:, 1]  # neither column alone tells anything
    assert PLUG_IN.estimate(x, y) == pytest.approx(entropy(np.bincount(y)), abs=1e-12)
    with pytest.raises(TooFewSamplesError, match="cells must not outnumber the samples"):
        PLUG_IN.estimate(rng.normal(size=(400, 5)), y)


def test_constant_has_no_information_and_labels_stay_labels():
    y = np.array(["a", "b", "b", "a"])
    assert PLUG_IN.estimate(np.ones(4), y) == pytest.approx(0, abs=1e-15)
    assert PLUG_IN.estimate(y, y) == pytest.approx(np.log(2), abs=1e-12)


def test_bad_input():
    with pytest.raises(InvalidInputError, match="bins: must be a partition"):
        Binned(bins=8)
    with pytest.raises(InvalidInputError, match="bins: must be a partition"):
        Binned(bins=Quantile)
    with pytest.raises(InvalidInputError, match="entropy: must be an estimator"):
        Binned(entropy="miller-madow")
    with pytest.raises(InvalidInputError, match="n_bins"):
        Quantile(0)
    with pytest.raises(TooFewSamplesError, match="x: must hold samples"):
        Binned().estimate(np.empty((0, 2)), [])
