import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import minimize
from scipy.special import log_softmax
from sklearn.linear_model import LogisticRegression

from attnstats.exceptions import ConstantInputError, ConvergenceError, InvalidInputError, TooFewSamplesError
from attnstats.information import Probe
from attnstats.information.probes import BoostedTrees, Fitted, Logistic, NearestNeighbors, NeuralNetwork, TrainingFold
from attnstats.information.probes import logistic as logistic_file
from attnstats.information.probes._penalized_fit import fitted_weights


def logistic(n, dim, scale, rng):
    """Classes drawn from a logistic model of normal features, whose logit has standard deviation `scale`."""
    x = rng.normal(size=(n, dim))
    weights = rng.normal(size=dim)
    logit = x @ weights * scale / np.linalg.norm(weights)
    return x, (rng.random(n) < 1 / (1 + np.exp(-logit))).astype(int)


def logistic_truth(scale):
    def integrand(z):
        p = 1 / (1 + np.exp(-scale * z))
        return np.exp(-z * z / 2) / np.sqrt(2 * np.pi) * -(p * np.log(p) + (1 - p) * np.log(1 - p))

    return np.log(2) - quad(integrand, -10, 10)[0]


def test_logistic_truth_in_few_dimensions():
    # The sd of the estimate at n = 5000 is about 0.006; the cost of 4 fitted weights is below 0.001.
    x, y = logistic(5000, 3, 2.0, np.random.default_rng(0))
    assert Probe().estimate(x, y, rng=0) == pytest.approx(logistic_truth(2.0), abs=0.02)


def test_bound_in_64_dimensions_is_close_and_not_above():
    # The sd is about 0.005 nats, and the cost of 64 fitted weights about 64 / 2n = 0.004.
    x, y = logistic(10_000, 64, 2.0, np.random.default_rng(1))
    truth = logistic_truth(2.0)
    assert 0.9 * truth < Probe().estimate(x, y, rng=0) < truth + 0.01


def test_many_dimensions_and_few_samples_do_not_overfit():
    # An unregularised fit in 100 of 400 dimensions gives about -0.2 nats here.
    x, y = logistic(400, 100, 2.0, np.random.default_rng(2))
    assert 0.02 < Probe().estimate(x, y, rng=0) < logistic_truth(2.0)


@pytest.mark.parametrize(("n_classes", "factor"), [(2, 2), (4, 1)])
def test_fit_equals_scikit_learn(n_classes, factor):
    # Two classes: the penalty of orthonormal contrasts is half that of one logit, hence the factor.
    # The prior of our intercept has precision 1, a share of 1/1200 of the data; hence the tolerance.
    rng = np.random.default_rng(3)
    y = np.arange(1200) % n_classes
    x = rng.normal(size=(1200, 5)) @ rng.normal(size=(5, 5)) + 3
    x[np.arange(1200), y] += 1
    training = TrainingFold(x, y, np.arange(1200), rng.integers(2, size=1200), n_classes)
    design = logistic_file._Design(training)
    model = design.fit(design.whole, 0.01, np.zeros((6, n_classes - 1)))
    standardised = (x - x.mean(axis=0)) / x.std(axis=0)
    theirs = LogisticRegression(C=factor / (0.01 * 1200), tol=1e-8).fit(standardised, y)
    np.testing.assert_allclose(np.exp(model.log_probabilities(x)), theirs.predict_proba(standardised), atol=2e-3)


@pytest.mark.parametrize("n_classes", [2, 4])
@pytest.mark.parametrize("penalty", [1e-1, 1e-6])
def test_fit_is_the_minimum_of_the_penalised_loss(n_classes, penalty):
    # The classes are unequal and, at the weak penalty, all but separated: the curvature is far from that at the start.
    rng = np.random.default_rng(5)
    x = rng.normal(size=(300, 20))
    y = (3 * x[:, :n_classes] - np.arange(n_classes) + rng.gumbel(size=(300, n_classes))).argmax(axis=1)
    log_prior = np.log(np.bincount(y) / 300)
    basis = np.linalg.qr(np.column_stack([np.ones(n_classes), np.eye(n_classes)[:, 1:]]))[0]
    contrasts = np.ascontiguousarray(basis[:, 1:])
    start = np.zeros((n_classes - 1, 20))

    def loss(flat):
        weights = flat.reshape(start.shape)
        log_q = log_softmax(x @ weights.T @ contrasts.T + log_prior, axis=1)
        return -log_q[np.arange(300), y].mean() + penalty * (weights**2).sum() / 2

    given = np.ascontiguousarray(x.T), y, contrasts, log_prior, np.full(20, penalty), np.cov(x.T)
    weights, converged = fitted_weights(*given, start, 1e-12, 1000)
    least = minimize(loss, weights.ravel(), method="BFGS", options={"gtol": 1e-9})
    assert converged
    assert loss(weights.ravel()) < least.fun + 1e-10
    assert loss(weights.ravel()) < loss(start.ravel()) - 0.1


@pytest.mark.parametrize("model", [Logistic(), NearestNeighbors(), NeuralNetwork(), BoostedTrees()])
def test_units_of_a_column_do_not_matter_even_beyond_the_range_of_squares(model):
    x, y = logistic(200, 2, 2.0, np.random.default_rng(6))
    expected = Probe(model, n_folds=2).pointwise(x, y, rng=0)
    for exponents in ([0, -700], [900, 0], [-900, 900]):
        assert (Probe(model, n_folds=2).pointwise(np.ldexp(x, exponents), y, rng=0) == expected).all()


def test_groups_keep_an_example_on_one_side():
    # Every group has its own place in 20 dimensions and a random class: known places would tell the class.
    rng = np.random.default_rng(4)
    groups = np.repeat(np.arange(60), 10)
    x = 5 * rng.normal(size=(60, 20))[groups] + 0.1 * rng.normal(size=(600, 20))
    y = rng.integers(2, size=60)[groups]
    assert Probe().estimate(x, y, rng=0) > 0.1
    assert Probe().estimate(x, y, groups=groups, rng=0) < 0.05


def test_xor_and_independence_have_no_linear_bound():
    rng = np.random.default_rng(5)
    x = rng.normal(size=(2000, 2))
    assert abs(Probe().estimate(x, (x[:, 0] > 0) ^ (x[:, 1] > 0), rng=0)) < 0.01
    assert abs(Probe().estimate(x, rng.integers(2, size=2000), rng=0)) < 0.01


def test_separable_classes_reach_the_entropy_from_below():
    y = np.repeat(["neg", "pos"], 200)
    x = np.where(y == "pos", 1.0, -1.0)[:, np.newaxis] * [1, 1e6] + [0, 1e6]
    assert 0.68 < Probe().estimate(x, y, rng=0) < np.log(2)


def test_rare_classes_stay_finite():
    rng = np.random.default_rng(6)
    y = np.repeat(np.arange(8), [200, 100, 50, 20, 5, 2, 1, 1])
    x = rng.normal(size=(len(y), 8))
    x[np.arange(len(y)), y] += 3
    local = Probe().pointwise(x, y, rng=0)
    assert np.isfinite(local).all()
    assert local.mean() > 0.3


def test_pointwise_is_the_definition(monkeypatch):
    # Five groups, each a fold. An infinite penalty leaves the class frequencies of the four others as the probe, up to
    # the prior of the intercept (one unit in 80 rows).
    share = np.array([2, 4, 6, 8, 9])
    groups = np.repeat(np.arange(5), 20)
    y = (np.tile(np.arange(20), 5) < share[groups]).astype(int)
    monkeypatch.setattr(logistic_file, "_PENALTIES", np.array([1e9]))
    local = Probe().pointwise(np.random.default_rng(7).normal(size=(100, 2)), y, groups=groups, rng=0)
    q, p = (share.sum() - share[groups]) / 80, share.sum() / 100
    expected = np.where(y == 1, np.log(q / p), np.log((1 - q) / (1 - p)))
    np.testing.assert_allclose(local, expected, atol=0.01)
    assert np.ptp(expected) > 0.3


def test_split_half_probes_share_no_group(monkeypatch):
    rng = np.random.default_rng(8)
    groups = np.repeat(np.arange(50), 4)
    y = rng.integers(2, size=50)[groups]
    x = rng.normal(size=(200, 3)) + y[:, np.newaxis]
    used = []
    rows_of = logistic_file._Rows.of

    def spy(features, training, chosen):
        used.append(set(training.groups[chosen].tolist()))
        return rows_of(features, training, chosen)

    monkeypatch.setattr(logistic_file._Rows, "of", spy)
    whole, first, second = Probe(n_folds=5).split_half(x, y, groups=groups, rng=0)
    assert [len(members) for members in used] == [40, 20, 20] * 5  # of 50; the 10 others are the fold under test
    for both, one, other in zip(used[::3], used[1::3], used[2::3], strict=True):
        assert not one & other
        assert one | other == both
    assert first.shape == second.shape == (200,)
    assert np.corrcoef(first, second)[0, 1] > 0.5
    np.testing.assert_array_equal(whole, Probe(n_folds=5).pointwise(x, y, groups=groups, rng=0))


def test_no_convergence_is_an_error(monkeypatch):
    x, y = logistic(200, 10, 3.0, np.random.default_rng(10))
    monkeypatch.setattr(logistic_file, "_MAX_ITERATIONS", 1)
    with pytest.raises(ConvergenceError, match="did not converge"):
        Probe().estimate(x, y, rng=0)


def test_bad_input():
    x, y = logistic(30, 2, 1.0, np.random.default_rng(11))
    with pytest.raises(ConstantInputError, match="y: must hold at least two classes; got 1"):
        Probe().estimate(x, np.zeros(30, int))
    with pytest.raises(ConstantInputError, match="x: must vary"):
        Probe().estimate(np.ones((30, 2)), y)
    with pytest.raises(TooFewSamplesError, match="number of groups for 5 folds: must be at least 5; got 3"):
        Probe().estimate(x, y, groups=np.arange(30) % 3)
    with pytest.raises(InvalidInputError, match="n_folds: must be an integer of at least 2; got 1"):
        Probe(n_folds=1)


def test_local_terms_say_which_model_was_chosen_and_in_which_fold():
    x, y = logistic(100, 2, 2.0, np.random.default_rng(12))
    local = Probe().local_terms(x, y, rng=0)
    assert local.notes == ("logistic in 5 of 5 folds",)
    assert np.bincount(local.folds).tolist() == [20] * 5
    np.testing.assert_array_equal(local.terms, Probe().pointwise(x, y, rng=0))


def test_folds_without_stratification_do_not_look_at_the_labels():
    x, y = logistic(200, 2, 2.0, np.random.default_rng(13))
    blind = Probe(stratify=False)
    folds = blind.local_terms(x, y, rng=0).folds
    np.testing.assert_array_equal(folds, blind.local_terms(x, 1 - y[::-1], rng=0).folds)
    shares = np.array([y[folds == fold].mean() for fold in range(5)])
    balanced = Probe().local_terms(x, y, rng=0).folds
    assert np.ptp([y[balanced == fold].sum() for fold in range(5)]) <= 1 < np.ptp(shares) * 40


@pytest.fixture
def channel():
    """Binary x, z and y with p(y = 1 | x, z) from a table: all informations are sums over eight cells."""
    rng = np.random.default_rng(14)
    x, z = rng.integers(2, size=(2, 4000))
    p = np.array([[0.1, 0.4], [0.3, 0.9]])[x, z]
    return x, (rng.random(4000) < p).astype(int), z


def test_conditional_information_of_a_channel(channel):
    # I(X; Y | Z) of the empirical table; both models hold it up to the missing interaction, which costs below 0.01.
    x, y, z = channel
    truth = 0.0
    for code in (0, 1):
        table = np.array([[np.mean((x == a) & (y == b) & (z == code)) for b in (0, 1)] for a in (0, 1)])
        share = table.sum()
        truth += (table * np.log(table * share / np.outer(table.sum(axis=1), table.sum(axis=0)))).sum()
    value = Probe().conditional_pointwise(x.astype(float), y, z, rng=0).mean()
    assert truth > 0.07
    assert value == pytest.approx(truth, abs=0.01)


def test_conditional_terms_are_the_chain_rule_on_the_same_folds(channel):
    x, y, z = (each[:400] for each in channel)
    x = x + np.random.default_rng(0).normal(size=400)
    half = z / 2  # halves are measurements; z itself, two whole numbers, is a class
    seed = int(np.random.default_rng(5).integers(2**63))
    both, alone = (Probe().pointwise(each, y, rng=seed) for each in (np.column_stack([x, half]), half))
    np.testing.assert_allclose(Probe().conditional_pointwise(x, y, half, rng=5), both - alone)
    coded = np.column_stack([z == 0, z == 1]) / 2
    by_label = Probe().conditional_pointwise(x, y, np.where(z == 1, "b", "a"), rng=5)
    np.testing.assert_allclose(by_label, Probe().conditional_pointwise(x, y, coded, rng=5))
    for same in (z, z.astype(float), z.astype(bool), z.astype(object)):
        np.testing.assert_array_equal(by_label, Probe().conditional_pointwise(x, y, same, rng=5))


def test_conditional_on_a_constant_or_on_a_copy():
    x, y = logistic(500, 2, 2.0, np.random.default_rng(15))
    marginal = Probe().estimate(x, y, rng=0)
    assert Probe().conditional_pointwise(x, y, np.zeros(500), rng=0).mean() == pytest.approx(marginal, abs=0.02)
    assert Probe().conditional_pointwise(x, y, x, rng=0).mean() == pytest.approx(0, abs=0.01)


def test_conditional_bad_input():
    x, y = logistic(30, 2, 1.0, np.random.default_rng(16))
    with pytest.raises(InvalidInputError, match="same length"):
        Probe().conditional_pointwise(x, y, np.zeros(29))
    with pytest.raises(InvalidInputError, match=r"z: must be finite"):
        Probe().conditional_pointwise(x, y, np.full(30, np.nan))
    with pytest.raises(InvalidInputError, match=r"z: must have shape"):
        Probe().conditional_pointwise(x, y, np.zeros((30, 1, 1), int))


class Careless:
    """A model whose probabilities do not sum to one."""

    def fit(self, training, rng):
        del training, rng
        return Fitted(self, self, self, 0.0, "careless")

    def log_probabilities(self, x):
        return np.zeros((len(x), 2))


def test_a_model_must_give_probabilities():
    # More than one in all would be information from nothing.
    x, y = logistic(30, 2, 1.0, np.random.default_rng(17))
    with pytest.raises(ConvergenceError, match="must sum to 1; got sums up to 2"):
        Probe(Careless()).estimate(x, y)
