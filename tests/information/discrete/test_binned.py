import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import entropy
from sklearn.metrics import mutual_info_score

from attnstats import information
from attnstats.exceptions import InvalidInputError, NonFiniteError, TooFewSamplesError
from attnstats.information import (
    NSB,
    Binned,
    ChaoShen,
    EqualWidth,
    FreedmanDiaconis,
    Grassberger,
    Jackknife,
    JamesStein,
    MillerMadow,
    PlugIn,
    Quantile,
)
from attnstats.information.interface import ConditionalMIEstimator, PermutableEstimator

PLUG_IN = Binned(entropy=PlugIn())
ENTROPIES = [PlugIn(), MillerMadow(), Jackknife(), Grassberger(), ChaoShen(), JamesStein(), NSB()]
COMBINATIONS = [Binned(bins, each) for bins in (EqualWidth(4), Quantile(4), FreedmanDiaconis()) for each in ENTROPIES]
every_combination = pytest.mark.parametrize("estimator", COMBINATIONS, ids=repr)
every_entropy = pytest.mark.parametrize("estimator", [Binned(Quantile(4), each) for each in ENTROPIES], ids=repr)


def noisy_copy(n, rng):
    x = rng.normal(size=n)
    return x, x + 0.5 * rng.normal(size=n)


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


@every_entropy
def test_three_entropies_of_full_tables(estimator):
    # One pair never occurs: its zero belongs to the joint table.
    x, y = np.repeat([0, 0, 1, 1], [6, 3, 4, 0]), np.repeat([0, 1, 0, 1], [6, 3, 4, 0])
    of = estimator.entropy.entropy
    expected = of([9, 4]) + of([10, 3]) - of([6, 3, 4, 0])
    assert estimator.estimate(x, y) == pytest.approx(expected, abs=1e-12)


@every_combination
def test_every_combination_keeps_the_contract(estimator):
    x, y = noisy_copy(600, np.random.default_rng(0))
    value = estimator.estimate(x, y)
    assert 0.3 < value < 0.81 + 0.15  # truth 0.80; 600 samples in up to 20 x 20 cells bias it by up to 0.15
    local = estimator.pointwise(x, y)
    assert local.shape == (600,)
    assert local.mean() == pytest.approx(value, abs=1e-12)
    assert estimator.estimate(y, x) == pytest.approx(value, abs=1e-12)
    order = np.random.default_rng(1).permutation(600)
    assert estimator.estimate(x[order], y[order]) == pytest.approx(value, abs=1e-12)
    assert estimator.estimate(3 * x + 1, y) == pytest.approx(value, abs=1e-12)
    assert eval(repr(estimator), vars(information)) == estimator


@every_entropy
def test_independent_data_average_to_zero(estimator):
    # 4 x 4 values, n = 400, 60 samples: the plug-in bias is 9 / 800 = 0.011, and Chao and Shen, for whom nothing is
    # missing, hardly change it; sd of the mean below 0.001.
    rng = np.random.default_rng(2)
    values = [estimator.estimate(*rng.integers(4, size=(2, 400))) for _ in range(60)]
    assert np.mean(values) == pytest.approx(0, abs=0.014 if isinstance(estimator.entropy, PlugIn | ChaoShen) else 0.004)


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


def test_several_dimensions_while_cells_allow():
    rng = np.random.default_rng(3)
    x = rng.integers(2, size=(400, 2))
    y = x[:, 0] ^ x[:, 1]  # neither column alone tells anything
    assert PLUG_IN.estimate(x, y) == pytest.approx(entropy(np.bincount(y)), abs=1e-12)
    assert PLUG_IN.estimate(10**12 * x, y) == pytest.approx(entropy(np.bincount(y)), abs=1e-12)
    with pytest.raises(TooFewSamplesError, match="cells must not outnumber the samples"):
        PLUG_IN.estimate(rng.normal(size=(400, 5)), y)


def test_many_columns_with_few_rows_of_them_occupied():
    rng = np.random.default_rng(4)
    rows = rng.normal(size=(3, 40))  # three vectors of 40 columns: 8^40 possible cells would overflow
    which = rng.integers(3, size=300)
    assert PLUG_IN.estimate(rows[which], which) == pytest.approx(entropy(np.bincount(which)), abs=1e-12)


def test_constant_has_no_information_and_labels_stay_labels():
    y = np.array(["a", "b", "b", "a"])
    assert PLUG_IN.estimate(np.ones(4), y) == pytest.approx(0, abs=1e-15)
    assert PLUG_IN.estimate(y, y) == pytest.approx(np.log(2), abs=1e-12)
    for kind in (np.int8, np.uint64, bool):
        codes = np.array([0, 1, 1, 0]).astype(kind)
        assert PLUG_IN.estimate(codes, y) == pytest.approx(np.log(2), abs=1e-12)
    assert PLUG_IN.estimate(np.array([-128, 127, 127, -128], np.int8), y) == pytest.approx(np.log(2), abs=1e-12)


def test_columns_of_objects_are_judged_each_on_its_own():
    rng = np.random.default_rng(5)
    number, label = rng.normal(size=500), rng.choice(["a", "b"], size=500)
    mixed = np.empty((500, 2), dtype=object)
    mixed[:, 0], mixed[:, 1] = number, label
    cells = Quantile(4).assign(number) * 2 + (label == "b")
    y = rng.integers(3, size=500)
    estimator = Binned(Quantile(4))
    assert estimator.estimate(mixed, y) == pytest.approx(estimator.estimate(cells, y), abs=1e-12)
    assert estimator.estimate(y, mixed) == pytest.approx(estimator.estimate(y, cells), abs=1e-12)
    mixed[7, 0] = np.nan
    with pytest.raises(NonFiniteError, match="z: "):
        estimator.conditional_pointwise(y, y, mixed)


def by_strata(x, y, z):
    """I(X; Y | Z) as the mean of the plug-in information within the values of z."""
    return sum((z == value).mean() * mutual_info_score(x[z == value], y[z == value]) for value in np.unique(z))


def test_conditional_information_is_that_within_strata():
    rng = np.random.default_rng(6)
    z = rng.integers(3, size=500)
    x = (z + rng.integers(2, size=500)) % 4
    y = (x * (z > 0) + rng.integers(2, size=500)) % 3
    local = PLUG_IN.conditional_pointwise(x, y, z)
    assert local.mean() == pytest.approx(by_strata(x, y, z), abs=1e-12)
    # Each term is that of its own stratum.
    inside = z == 1
    np.testing.assert_allclose(local[inside], PLUG_IN.pointwise(x[inside], y[inside]), atol=1e-12)
    assert isinstance(PLUG_IN, ConditionalMIEstimator)


@every_entropy
def test_conditional_information_is_four_entropies(estimator):
    rng = np.random.default_rng(7)
    x, y, z = rng.integers(2, size=(3, 60))
    of = estimator.entropy.entropy
    tables = [np.bincount(code, minlength=size) for code, size in ((2 * x + z, 4), (2 * y + z, 4))]
    joint = np.bincount(4 * x + 2 * y + z, minlength=8)
    expected = of(tables[0]) + of(tables[1]) - of(joint) - of(np.bincount(z))
    assert estimator.conditional_pointwise(x, y, z).mean() == pytest.approx(expected, abs=1e-12)


def test_chain_rule_and_mixed_kinds_of_z():
    rng = np.random.default_rng(8)
    label, number = rng.integers(2, size=2000), rng.normal(size=2000)
    z = np.empty((2000, 2), dtype=object)
    z[:, 0], z[:, 1] = label, number
    x = (number > 0) ^ (rng.random(2000) < 0.2)
    y = x ^ (label == 1) ^ (rng.random(2000) < 0.1)
    given_z = PLUG_IN.conditional_pointwise(x, y, z).mean()
    x_and_z = np.column_stack([x.astype(object), z])
    assert given_z + PLUG_IN.estimate(z, y) == pytest.approx(PLUG_IN.estimate(x_and_z, y), abs=1e-12)
    # Given the label, y is x through a channel with error 0.1, and x is the sign of z's number with error 0.2.
    assert given_z == pytest.approx(entropy([0.26, 0.74]) - entropy([0.1, 0.9]), abs=0.03)  # 16 cells of z; sd 0.01


def test_cells_of_the_condition_count_too():
    rng = np.random.default_rng(9)
    x, y, z = rng.normal(size=(3, 400))
    with pytest.raises(TooFewSamplesError, match=r"x and y and z: .* got 8 cells of x times 8 cells of y times"):
        Binned().conditional_pointwise(x, y, z)


@every_entropy
def test_permuted_estimates_equal_estimates(estimator):
    rng = np.random.default_rng(10)
    x, y = noisy_copy(120, rng)
    rows = np.array([rng.permutation(120) for _ in range(5)] + [rng.integers(120, size=120)])
    expected = [estimator.estimate(x, y[row]) for row in rows]
    np.testing.assert_allclose(estimator.permuted_estimates(x, y, rows), expected, atol=1e-12)
    assert isinstance(estimator, PermutableEstimator)


@pytest.mark.parametrize("rows", [np.arange(4), np.zeros((2, 3), int), np.zeros((2, 4)), np.full((1, 4), 4)])
def test_rows_of_permutations_are_checked(rows):
    with pytest.raises(InvalidInputError, match="rows: must"):
        PLUG_IN.permuted_estimates([0, 0, 1, 1], [0, 1, 0, 1], rows)


def test_bad_input():
    with pytest.raises(InvalidInputError, match="bins: must be a partition"):
        Binned(bins=8)
    with pytest.raises(InvalidInputError, match="bins: must be a partition"):
        Binned(bins=Quantile)
    with pytest.raises(InvalidInputError, match="entropy: must be an estimator"):
        Binned(entropy="miller-madow")
    with pytest.raises(InvalidInputError, match="x: must have shape"):
        Binned().estimate(np.empty((4, 0)), [0, 1, 0, 1])
    for empty in (np.empty((0, 2)), []):
        with pytest.raises(TooFewSamplesError, match="x: must hold samples"):
            Binned().estimate(empty, [0, 1, 0, 1])
    with pytest.raises(InvalidInputError, match="x: "):
        Binned().estimate(np.zeros((4, 2, 2)), [0, 1, 0, 1])


def test_rows_that_are_no_orders_are_refused_by_name():
    nested = [0]
    for _ in range(70):
        nested = [nested]
    values = np.random.default_rng(0).integers(3, size=80)
    with pytest.raises(InvalidInputError, match="rows: "):
        Binned().permuted_estimates(values, values, nested)
