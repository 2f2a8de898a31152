import numpy as np
import pytest

from attnstats.exceptions import ConstantInputError, ConvergenceError, InvalidInputError, TooFewSamplesError
from attnstats.information import (
    CLUB,
    NWJ,
    SMILE,
    BarberAgakov,
    Bilinear,
    ConditionalMixture,
    DifferenceOfEntropies,
    DonskerVaradhan,
    InfoNCE,
    InterpolatedBound,
    JensenShannon,
    Joint,
    NetworkTraining,
    Separable,
    Standardized,
)

RHO = 0.75
TRUTH = -np.log(1 - RHO**2) / 2  # 0.413 nats
ESTIMATES = [
    (DonskerVaradhan(), TRUTH),
    (NWJ(), TRUTH),
    (JensenShannon(), TRUTH),
    (SMILE(), TRUTH),
    (InfoNCE(), TRUTH),
    (InterpolatedBound(), TRUTH),
    (BarberAgakov(), TRUTH),
    (DifferenceOfEntropies(), TRUTH),
    (CLUB(), RHO**2 / (1 - RHO**2)),
]
SHORT = NetworkTraining(max_epochs=3, patience=3)
names = [type(estimator).__name__ for estimator, _ in ESTIMATES]


def gaussian(n, seed, dim=1):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, dim))
    return x, RHO * x + np.sqrt(1 - RHO**2) * rng.normal(size=(n, dim))


@pytest.mark.slow
@pytest.mark.parametrize(("estimator", "truth"), ESTIMATES, ids=names)
def test_a_gaussian_pair(estimator, truth):
    # The sample's own mean log ratio varies by 0.75 / sqrt(600) = 0.03 around the truth, CLUB by five times as much;
    # what a critic misses and the training rows it lacks cost up to 0.06.
    value = estimator.estimate(*gaussian(600, seed=0), rng=0)
    assert value == pytest.approx(truth, abs=0.35 if isinstance(estimator, CLUB) else 0.09)


@pytest.mark.slow
@pytest.mark.parametrize("kind", [DonskerVaradhan, NWJ, InfoNCE, BarberAgakov])
def test_bounds_of_independent_data_are_not_above_zero(kind):
    estimator = kind(training=NetworkTraining(max_epochs=12, patience=4))
    rng = np.random.default_rng(1)
    values = np.array([estimator.estimate(*rng.normal(size=(2, 150, 2)), rng=rng) for _ in range(8)])
    assert values.mean() < 3 * values.std(ddof=1) / np.sqrt(8) + 0.003  # three standard errors, rounding aside
    assert values.mean() > -0.1


@pytest.mark.parametrize("critic", [Joint(hidden=(16,)), Bilinear()], ids=repr)
def test_every_critic_learns(critic):
    estimator = InfoNCE(critic=critic, training=NetworkTraining(batch_size=64))
    assert 0.2 < estimator.estimate(*gaussian(400, seed=2), rng=0) < 0.55


@pytest.mark.parametrize("estimator", [InfoNCE(), BarberAgakov()], ids=repr)
def test_labels(estimator):
    # Two classes at distance 2 on one axis: I = log 2 - E log(1 + exp(-2 z - 2)) = 0.337 nats, z standard normal.
    z, weights = np.polynomial.hermite_e.hermegauss(60)
    truth = np.log(2) - np.average(np.log1p(np.exp(-2 * z - 2)), weights=weights)
    rng = np.random.default_rng(3)
    y = rng.permutation(np.repeat(["neg", "pos"], 500))
    x = rng.normal(size=(1000, 3)) + np.where(y == "pos", 2.0, 0.0)[:, np.newaxis] * np.eye(3)[0]
    # The local terms have standard deviation 0.4, so the sample's value varies by 0.013; learning costs up to 0.04.
    assert estimator.estimate(x, y, rng=0) == pytest.approx(truth, abs=0.06)


def test_barber_agakov_of_labels_is_the_entropy_less_the_cross_entropy():
    # A network that stays at its start knows the class frequencies of its training rows alone.
    y = np.repeat([0, 1, 2], [50, 30, 20])
    x = np.random.default_rng(4).normal(size=100)
    estimator = BarberAgakov(training=NetworkTraining(max_epochs=1, learning_rate=1e-12))
    local = estimator.local_terms(x, y, rng=0)
    # Each term is log q - log p of its class; the q of five folds are frequencies among 64 rows.
    assert len(np.unique(local.terms.round(6))) <= 15
    assert -0.05 < local.terms.mean() < 0.01


def test_differences_of_entropies_and_the_corrected_bound_agree_where_the_fit_is_good():
    x, y = gaussian(1000, seed=5)
    bound, difference = (kind().estimate(x, y, rng=0) for kind in (BarberAgakov, DifferenceOfEntropies))
    assert bound <= difference + 0.05  # one fit; the correction 1 - E_off[exp f] is about zero
    assert bound == pytest.approx(difference, abs=0.05)


def test_groups_are_kept_on_one_side():
    # Copies of 40 independent rows: with their groups, nothing can be carried from one copy to another.
    rng = np.random.default_rng(6)
    groups = np.repeat(np.arange(40), 10)
    x, y = rng.normal(size=(2, 40, 2))[:, groups]
    local = InfoNCE().local_terms(x, y, groups=groups, rng=0)
    assert local.terms.mean() < 0.05
    assert InfoNCE().estimate(x, y, rng=0) > 0.3  # without them, it can
    assert local.folds is not None
    for group in range(40):
        assert len(set(local.folds[groups == group])) == 1


def test_unequal_folds_and_many_blocks_give_each_row_its_term():
    groups = np.r_[np.repeat(np.arange(3), 400), np.arange(3, 63)]
    x, y = gaussian(len(groups), seed=7)
    estimator = InfoNCE(training=SHORT, n_folds=2)  # folds of over 512 rows
    local = estimator.local_terms(x, y, groups=groups, rng=0)
    assert local.terms.shape == (len(groups),)
    assert np.corrcoef(local.terms, x[:, 0] * y[:, 0])[0, 1] > 0.3


def test_increasing_transforms_change_nothing_with_normal_scores():
    x, y = gaussian(120, seed=8)
    estimator = NWJ(training=SHORT)
    assert estimator.estimate(np.exp(2 * x), y**3 * 1e9, rng=0) == estimator.estimate(x, y, rng=0)


def test_the_notes_say_how_training_went():
    rng = np.random.default_rng(9)
    notes = NWJ(training=SHORT).local_terms(*gaussian(200, seed=9), rng=0).notes
    assert notes[0].startswith("critic kept from epochs ")
    assert any("ended at max_epochs" in note for note in notes)
    independent = InfoNCE().local_terms(*rng.normal(size=(2, 200)), rng=0).notes
    assert any("no epoch beat the start" in note for note in independent)


def test_a_diverging_fit_is_an_error():
    estimator = NWJ(margins=Standardized(), training=NetworkTraining(learning_rate=1e4))
    with pytest.raises(ConvergenceError, match=r"training: must stay finite; got .* in epoch"):
        estimator.estimate(*gaussian(200, seed=10), rng=0)


def test_global_generators_are_left_alone():
    import random

    before = random.getstate()
    InfoNCE(critic=Separable(hidden=(5,)), training=SHORT).estimate(*gaussian(60, seed=11), rng=0)
    assert random.getstate() == before


def test_refusals():
    x, y = gaussian(60, seed=12)
    with pytest.raises(ConstantInputError, match="x: must vary"):
        InfoNCE().estimate(np.ones(60), y)
    with pytest.raises(ConstantInputError, match="y: must vary"):
        BarberAgakov().estimate(x, np.zeros(60, dtype=int))
    with pytest.raises(TooFewSamplesError, match="number of groups for 5 folds: must be at least 15; got 10"):
        InfoNCE().estimate(x, y, groups=np.arange(60) % 10)
    for wrong in (lambda: InfoNCE(n_folds=1), lambda: SMILE(clip=0.0), lambda: InterpolatedBound(alpha=1.0)):
        with pytest.raises(InvalidInputError, match=r"n_folds: |clip: |alpha: "):
            wrong()
    with pytest.raises(InvalidInputError, match="rate: "):
        DonskerVaradhan(rate=1.5)
    with pytest.raises(InvalidInputError, match="batch_size: "):
        NetworkTraining(batch_size=1)
    with pytest.raises(InvalidInputError, match="n_components: "):
        ConditionalMixture(n_components=0)


@pytest.mark.parametrize("estimator", [DifferenceOfEntropies(), BarberAgakov(), CLUB()])
def test_columns_of_few_values_have_no_density(estimator):
    # Independent, of three values each: DifferenceOfEntropies said 1.9 nats where the entropy of y is 1.1.
    x, y = np.random.default_rng(11).integers(3, size=(2, 300)) / 3
    with pytest.raises(InvalidInputError, match=r"y: .* fits a density.*got 0.11\. Pass y as classes"):
        estimator.estimate(x, y, rng=0)
