import importlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.neighbors import KNeighborsClassifier

from attnstats import information
from attnstats.exceptions import ConvergenceError, InvalidInputError
from attnstats.information import Best, BoostedTrees, Logistic, NearestNeighbors, NeuralNetwork, Probe, probes
from attnstats.information.probes import Fitted, TrainingFold, boosted_trees, neural_network

MODELS = [
    Logistic(),
    BoostedTrees(max_iterations=40),
    NearestNeighbors(),
    NeuralNetwork(max_epochs=30),
    Best((Logistic(), NearestNeighbors())),
]
every_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)


def training(n, n_classes, rng, dim=3):
    y = rng.integers(n_classes, size=n)
    x = rng.normal(size=(n, dim))
    x[np.arange(n), y % dim] += 2
    return TrainingFold(x, y, np.arange(n), rng.integers(2, size=n), n_classes)


def noisy_xor(n, dim, rng):
    """Classes with log 2 - h(0.1) = 0.368 nats of information."""
    x = rng.normal(size=(n, dim))
    return x, ((x[:, 0] > 0) ^ (x[:, 1] > 0) ^ (rng.random(n) < 0.1)).astype(int)


@every_model
def test_probabilities_are_finite_and_sum_to_one_for_a_class_never_seen(model):
    rng = np.random.default_rng(0)
    sample = training(120, 3, rng)._replace(n_classes=4)  # the fourth class is in the other folds only
    fitted = model.fit(sample, rng)
    x = rng.normal(size=(50, 3)) * 10
    for predictor in (fitted.whole, fitted.first, fitted.second):
        log_q = predictor.log_probabilities(x)
        assert log_q.shape == (50, 4)
        np.testing.assert_allclose(np.exp(log_q).sum(axis=1), 1, atol=1e-9)
    assert np.isfinite(Probe(model).pointwise(sample.x, np.append(sample.y[:-1], 3), rng=0)).all()


@every_model
def test_a_half_is_fitted_without_the_other(model):
    # The labels of the other half may change choices, but these are forced: only the fit to the half itself counts.
    rng = np.random.default_rng(1)
    sample = training(80, 2, rng)
    if isinstance(model, Best):
        model = Best((Logistic(),))
    fitted = model.fit(sample, np.random.default_rng(0))
    x = sample.x[sample.half == 1]
    log_q = fitted.first.log_probabilities(x)[np.arange(len(x)), sample.y[sample.half == 1]]
    other = fitted.second.log_probabilities(sample.x[sample.half == 0])
    log_q = np.append(log_q, other[np.arange(len(other)), sample.y[sample.half == 0]])
    # The loss that a fit reports is the loss of these predictions, but for the mixture with the prior.
    assert -log_q.mean() == pytest.approx(fitted.loss, abs=0.05)


@every_model
def test_tiny_and_constant_training_sets(model):
    rng = np.random.default_rng(2)
    y = np.array([0, 1, 0, 1, 1, 0])
    x = np.column_stack([rng.normal(size=6), np.ones(6)])
    assert np.isfinite(Probe(model, n_folds=3).pointwise(x, y, rng=0)).all()
    assert np.isfinite(Probe(model, n_folds=2).pointwise(x[:4], [0, 0, 0, 1], rng=0)).all()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "least"),
    [(BoostedTrees(), 0.25), (NearestNeighbors(), 0.2), (NeuralNetwork(), 0.2), (Logistic(), -0.01)],
    ids=lambda value: type(value).__name__,
)
def test_interactions_are_found_below_the_truth(model, least):
    # Truth 0.368; the sd of the estimate at n = 1500 is 0.017. Neighbours lose most in 3 dimensions.
    x, y = noisy_xor(1500, 3, np.random.default_rng(3))
    value = Probe(model).estimate(x, y, rng=0)
    assert least < value < 0.368 + 0.05
    if isinstance(model, Logistic):
        assert value < 0.01


def test_trees_reach_scikit_learn():
    # Same family and size of trees, on the same rows; bins and growth differ, hence the tolerance.
    rng = np.random.default_rng(4)
    x, y = noisy_xor(3000, 6, rng)
    x[:, 2] = np.exp(3 * x[:, 2])  # trees do not mind
    sample = TrainingFold(x[:2000], y[:2000], np.arange(2000), np.arange(2000) % 2, 2)
    fitted = BoostedTrees().fit(sample, rng)
    ours = fitted.whole.log_probabilities(x[2000:])[np.arange(1000), y[2000:]].mean()
    peer = HistGradientBoostingClassifier(
        max_iter=len(fitted.whole.trees), max_leaf_nodes=32, max_depth=5, max_bins=32, l2_regularization=5.0
    ).fit(x[:2000], y[:2000])
    theirs = np.log(peer.predict_proba(x[2000:]))[np.arange(1000), y[2000:]].mean()
    assert ours > theirs - 0.03
    assert np.log(2) + ours > 0.25


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**31), st.integers(1, 4), st.integers(1, 6))
def test_a_tree_takes_the_split_of_largest_gain_everywhere(seed, depth, min_samples_leaf):
    rng = np.random.default_rng(seed)
    dim, n, l2 = 3, 40, 0.5
    cells = rng.integers(32, size=(dim, n)).astype(np.uint8)
    gradient, curvature = rng.normal(size=n), rng.random(n)
    n_nodes = 2 ** (depth + 1) - 1
    feature, cut, value = np.full(n_nodes, -1, np.int32), np.zeros(n_nodes, np.int32), np.zeros(n_nodes)
    boosted_trees._grow(cells, gradient, curvature, depth, min_samples_leaf, l2, feature, cut, value)

    def score(rows):
        return gradient[rows].sum() ** 2 / (curvature[rows].sum() + l2)

    def check(node, rows, level):
        found = [
            (score(left) + score(right) - score(rows), each, last)
            for each in range(dim)
            for last in range(31)
            for left, right in [(rows[cells[each, rows] <= last], rows[cells[each, rows] > last])]
            if min(len(left), len(right)) >= min_samples_leaf
        ]
        best = max(found, default=(0.0, -1, 0))
        if level == depth or best[0] <= 1e-9:
            assert feature[node] == -1
            assert value[node] == pytest.approx(-gradient[rows].sum() / (curvature[rows].sum() + l2))
            return
        gain = next(gain for gain, each, last in found if (each, last) == (feature[node], cut[node]))
        assert gain == pytest.approx(best[0])
        left = cells[feature[node], rows] <= cut[node]
        check(2 * node + 1, rows[left], level + 1)
        check(2 * node + 2, rows[~left], level + 1)

    check(0, np.arange(n), 0)
    out = np.zeros((n, 1))
    boosted_trees._add(cells, (feature[np.newaxis], cut[np.newaxis], value[np.newaxis]), out)
    for row in range(n):
        node = 0
        while feature[node] >= 0:
            node = 2 * node + (1 if cells[feature[node], row] <= cut[node] else 2)
        assert out[row, 0] == value[node]


def test_trees_do_not_change_under_monotone_transforms():
    rng = np.random.default_rng(5)
    x, y = noisy_xor(400, 2, rng)
    model = Probe(BoostedTrees(max_iterations=30))
    np.testing.assert_array_equal(model.pointwise(x, y, rng=0), model.pointwise(np.exp(3 * x), y, rng=0))


def test_gradients_of_the_network_are_those_of_differences():
    rng = np.random.default_rng(6)
    weights = [rng.normal(size=shape) for shape in ((4, 5), (6, 5), (6, 4))]  # no unit sits at its kink
    network = neural_network._Network(weights, np.log([0.4, 0.3, 0.2, 0.1]), np.zeros(3), np.ones(3))
    x, y = rng.normal(size=(7, 3)), rng.integers(4, size=7)

    def loss():
        return -network.log_probabilities(x)[np.arange(7), y].mean()

    for layer, gradient in zip(network.weights, network.gradients(x, np.eye(4)[y]), strict=True):
        for index in np.ndindex(layer.shape):
            kept = layer[index]
            layer[index] = kept + 1e-6
            above = loss()
            layer[index] = kept - 1e-6
            below = loss()
            layer[index] = kept
            assert gradient[index] == pytest.approx((above - below) / 2e-6, abs=1e-6)


def test_a_network_that_diverges_is_an_error():
    rng = np.random.default_rng(7)
    with np.errstate(all="ignore"), pytest.raises(ConvergenceError, match="NeuralNetwork"):
        NeuralNetwork(learning_rate=1e200).fit(training(100, 2, rng), rng)


def test_neighbours_are_counted_as_scikit_learn_counts_them():
    rng = np.random.default_rng(8)
    sample = training(200, 3, rng)
    fitted = NearestNeighbors(k=(7,)).fit(sample, rng)
    x = rng.normal(size=(30, 3))
    scale = sample.x.std(axis=0)
    share = KNeighborsClassifier(7).fit(sample.x / scale, sample.y).predict_proba(x / scale)
    prior = (np.bincount(sample.y) + 0.5) / (200 + 1.5)
    np.testing.assert_allclose(np.exp(fitted.whole.log_probabilities(x)), (7 * share + 3 * prior) / 10)


def test_neighbours_choose_their_number_inside():
    # Without information the largest number is the best; with fine structure it is not.
    rng = np.random.default_rng(9)
    x = rng.random(size=(600, 1))
    stripes = (np.floor(8 * x[:, 0]) % 2).astype(int)
    for y, few in ((stripes, True), (rng.integers(2, size=600), False)):
        fitted = NearestNeighbors(k=(4, 128)).fit(TrainingFold(x, y, np.arange(600), np.arange(600) % 2, 2), rng)
        assert (fitted.whole.search.n_neighbors == 4) == few


class Spy:
    """Predicts the prior, and keeps what it was shown."""

    def __init__(self):
        self.seen = []

    def fit(self, training, _):
        self.seen.append(training)
        return Fitted(self, self, self, 1e9, "spy")


def test_best_takes_the_least_loss_and_its_models_see_training_folds_only():
    rng = np.random.default_rng(10)
    groups = np.repeat(np.arange(40), 5)
    x, y = noisy_xor(200, 2, rng)
    spy = Spy()
    local = Probe(Best((spy, Logistic(), NearestNeighbors()))).local_terms(x, y, groups=groups, rng=0)
    assert local.notes == ("nearest neighbours in 5 of 5 folds",)
    np.testing.assert_array_equal(local.terms, Probe(NearestNeighbors()).pointwise(x, y, groups=groups, rng=0))
    for fold, sample in enumerate(spy.seen):
        np.testing.assert_array_equal(sample.x, x[local.folds != fold])
        assert not set(sample.groups) & set(groups[local.folds == fold])
        assert not set(sample.groups[sample.half == 0]) & set(sample.groups[sample.half == 1])


def test_who_speaks_may_differ_between_folds():
    rng = np.random.default_rng(11)
    x, y = rng.normal(size=(100, 2)), rng.integers(2, size=100)
    (note,) = Probe(Best((Logistic(), NearestNeighbors()))).local_terms(x, y, rng=0).notes
    counts = [int(part.split(" in ")[1].split()[0]) for part in note.split(", ")]
    assert sum(counts) == 5


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Best(()), "models: must be a tuple of models"),
        (lambda: Best((Logistic,)), "models: must be a tuple of models"),
        (lambda: NearestNeighbors(()), "k: must be a tuple"),
        (lambda: NearestNeighbors((0,)), "k: must be an integer of at least 1; got 0"),
        (lambda: BoostedTrees(depth=0), "depth: must be an integer of at least 1; got 0"),
        (lambda: BoostedTrees(learning_rate=-1), "learning_rate: must be a finite number above 0; got -1"),
        (lambda: NeuralNetwork(width=0), "width: must be an integer of at least 1; got 0"),
        (lambda: Probe(Logistic), "model: must be a model such as"),
    ],
)
def test_bad_parameters(make, message):
    with pytest.raises(InvalidInputError, match=message):
        make()


@pytest.mark.parametrize("rare", [0, 1])
def test_trees_see_a_rare_value_at_either_end(rare):
    y = np.repeat([rare, 1 - rare], [45, 1955])
    sample = TrainingFold(y[:, np.newaxis].astype(float), y, np.arange(2000), np.arange(2000) % 2, 2)
    fitted = BoostedTrees().fit(sample, np.random.default_rng(0))
    log_q = fitted.whole.log_probabilities(np.array([[0.0], [1.0]]))
    assert np.exp(log_q).diagonal().min() > 0.9


def test_a_column_whose_squares_vanish_in_a_fold_counts_as_constant_there():
    # Without the first row, which is in no training half of one fold, the second column is below 1e-170.
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(60, 2)) * [1.0, 1e-170], rng.integers(2, size=60)
    x[0, 1] = 1.0
    assert np.isfinite(Probe(Logistic()).pointwise(x, y, rng=0)).all()


def test_the_former_name_of_the_training_folds():
    with pytest.warns(DeprecationWarning, match=r"attnstats.information.probes.Training is now TrainingFold"):
        assert probes.Training is TrainingFold


def test_the_former_place_warns_once_and_names_the_new_one():
    with pytest.warns(DeprecationWarning, match="information.classifiers is now probes"):
        assert information.__getattr__("classifiers") is probes  # what is seen before that file is imported
    former = importlib.import_module("attnstats.information.classifiers")
    for name in former.__all__:
        with pytest.warns(DeprecationWarning, match=r"is now attnstats\.information\.probes\.") as caught:
            found = getattr(former, name)
        assert len(caught) == 1
        assert found.__name__ in probes.__all__
