import numpy as np
import pytest
from keras import ops
from scipy.stats import multivariate_normal

from attnstats.exceptions import InvalidInputError
from attnstats.information import Bilinear, ConditionalMixture, Joint, Separable
from attnstats.information.variational.critics import ConditionalClasses

FOLDS = 2
CRITICS = [Separable(hidden=(8, 4), embedding=3), Separable(hidden=()), Bilinear(), Joint(hidden=(8, 4))]


def built(architecture, dim_x, dim_y, *, noise=0.0, seed=0):
    rng = np.random.default_rng(seed)
    network = architecture.network(FOLDS, dim_x, dim_y)
    network.reset(rng)
    for variable in network.trainable_variables:
        variable.assign_add(rng.normal(scale=noise, size=variable.shape))
    return network


def rows(dim, n, seed=1):
    return np.random.default_rng(seed).normal(size=(FOLDS, n, dim)).astype(np.float32)


@pytest.mark.parametrize("critic", CRITICS, ids=repr)
def test_critics_start_at_zero_and_score_each_pair_by_itself(critic):
    x, y = rows(3, 5), rows(2, 4, seed=2)
    assert not ops.convert_to_numpy(built(critic, 3, 2)(x, y)).any()
    network = built(critic, 3, 2, noise=0.5)
    scores = ops.convert_to_numpy(network(x, y))
    assert scores.shape == (FOLDS, 5, 4)
    assert scores.std() > 0.05
    one = ops.convert_to_numpy(network(x[:, 2:3], y[:, 1:2]))
    np.testing.assert_allclose(one[:, 0, 0], scores[:, 2, 1], atol=1e-5)


def test_folds_do_not_see_each_other():
    network = built(Separable(), 3, 2, noise=0.5)
    x, y = rows(3, 5), rows(2, 5, seed=2)
    before = ops.convert_to_numpy(network(x, y))
    x[1] += 1
    after = ops.convert_to_numpy(network(x, y))
    np.testing.assert_array_equal(after[0], before[0])
    assert (after[1] != before[1]).all()


def test_a_generator_decides_the_weights():
    for architecture in (*CRITICS, ConditionalMixture(), ConditionalClasses((4,))):
        weights = [built(architecture, 3, 2, seed=seed).get_weights() for seed in (0, 0, 1)]
        assert all(np.array_equal(first, second) for first, second in zip(*weights[:2], strict=True))


def test_one_component_is_a_gaussian():
    network = built(ConditionalMixture(hidden=(), n_components=1), 1, 3, noise=0.3)
    y = rows(3, 6)
    density = ops.convert_to_numpy(network.paired(np.zeros((FOLDS, 6, 1), np.float32), y))
    for fold in range(FOLDS):
        mixing = np.eye(3) + np.triu(network.mixing.kernel.numpy()[fold], 1)
        head = network.of_x.head.bias.numpy()[fold, 0]  # weight, mean, log scale
        center = network.centers.kernel.numpy()[fold, 0] + head[1:4]
        # y A is N(center, diag(variance)), and A has determinant one.
        inverse = np.linalg.inv(mixing)
        covariance = inverse.T @ np.diag(np.exp(2 * head[4:]) + 1e-6) @ inverse
        expected = multivariate_normal(center @ inverse, covariance).logpdf(y[fold])
        np.testing.assert_allclose(density[fold], expected, atol=1e-4)


def test_a_mixture_integrates_to_one_at_every_x():
    network = built(ConditionalMixture(hidden=(8,), n_components=3), 2, 1, noise=0.5)
    grid = np.linspace(-25, 25, 20001, dtype=np.float32)
    y = np.repeat(grid[None, :, None], FOLDS, axis=0)
    log_density = ops.convert_to_numpy(network(rows(2, 4), y)).astype(np.float64)
    np.testing.assert_allclose(np.exp(log_density).sum(axis=-1) * (grid[1] - grid[0]), 1, atol=2e-3)


@pytest.mark.parametrize("architecture", [ConditionalMixture(), ConditionalClasses((4,))])
def test_paired_is_the_diagonal_of_all_pairs(architecture):
    network = built(architecture, 2, 3, noise=0.3)
    x, y = rows(2, 5), np.eye(3, dtype=np.float32)[np.array([[0, 1, 2, 2, 0]] * FOLDS)]
    pairs = ops.convert_to_numpy(network(x, y))
    np.testing.assert_allclose(
        ops.convert_to_numpy(network.paired(x, y)), np.diagonal(pairs, axis1=1, axis2=2), atol=1e-5
    )


@pytest.mark.parametrize(
    ("kind", "arguments", "message"),
    [
        (Separable, {"hidden": 64}, "hidden: must be a tuple of widths; got 64"),
        (Separable, {"hidden": (0,)}, "hidden: "),
        (Separable, {"embedding": 0}, "embedding: "),
        (Joint, {"hidden": ()}, "hidden: "),
        (ConditionalMixture, {"n_components": 0}, "n_components: "),
    ],
)
def test_sizes_are_checked(kind, arguments, message):
    with pytest.raises(InvalidInputError, match=message):
        kind(**arguments)
