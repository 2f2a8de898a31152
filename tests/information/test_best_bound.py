import numpy as np
import pytest
from scipy.stats import poisson, t

from attnstats.datasets import AdditiveNoise
from attnstats.exceptions import (
    ConstantInputError,
    DuplicateSamplesError,
    InvalidInputError,
    TooFewSamplesError,
    UnreliableEstimateWarning,
)
from attnstats.information import (
    KSG,
    NSB,
    AllColumns,
    Best,
    BestBound,
    Binned,
    BoostedTrees,
    CanonicalKSG,
    GaussianCopula,
    KernelProjection,
    LinearProjection,
    Logistic,
    Probe,
    StudentCopula,
    mutual_information,
)
from attnstats.information.probes.classifier import TrainingFold

QUICK = BestBound((GaussianCopula(), StudentCopula(), CanonicalKSG(LinearProjection())))


def chosen(notes):
    return notes[0].split("(")[0]


@pytest.mark.slow
def test_student_vectors_are_the_student_copulas():
    # Uncorrelated, 2 + 2 columns, one degree of freedom: 0.432 nats (Czyz et al. 2023). sd 0.01.
    rng = np.random.default_rng(0)
    values = rng.normal(size=(1500, 4)) / np.sqrt(rng.chisquare(1, size=(1500, 1)))
    local = BestBound().local_terms(values[:, :2], values[:, 2:], rng=0)
    assert chosen(local.notes) == "StudentCopula"
    assert local.terms.mean() == pytest.approx(0.432, abs=0.05)


@pytest.mark.slow
def test_a_bent_plane_is_the_kernels():
    # Both columns of x turn by an angle that grows with their distance from the origin: 2 * 0.51 = 1.02 nats.
    rng = np.random.default_rng(1)
    x = rng.normal(size=(2000, 2))
    y = 0.8 * x + 0.6 * rng.normal(size=(2000, 2))
    angle = (x**2).sum(axis=1) / 3
    turned = np.column_stack(
        [x[:, 0] * np.cos(angle) - x[:, 1] * np.sin(angle), x[:, 0] * np.sin(angle) + x[:, 1] * np.cos(angle)]
    )
    local = BestBound().local_terms(turned, y, rng=0)
    assert chosen(local.notes) == "CanonicalKSG"
    assert local.terms.mean() == pytest.approx(1.02, abs=0.15)
    assert GaussianCopula().estimate(turned, y) < 0.6


@pytest.mark.slow
def test_high_dimension():
    # Two pairs among 25 + 25 columns: 1.02 nats. sd 0.03.
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(2, 2000, 25))
    y[:, :2] = 0.8 * x[:, :2] + 0.6 * y[:, :2]
    assert QUICK.estimate(x, y, rng=0) == pytest.approx(1.02, abs=0.12)


@pytest.mark.slow
def test_independent_columns():
    rng = np.random.default_rng(3)
    values = [QUICK.estimate(*rng.normal(size=(2, 300, 3)), rng=rng) for _ in range(20)]
    assert abs(np.mean(values)) < 0.03


def test_a_class_is_the_probes_and_either_may_be_the_class():
    rng = np.random.default_rng(4)
    x = rng.normal(size=(600, 2))
    label = (x[:, 0] + 0.5 * rng.normal(size=600) > 0).astype(int)
    estimator = BestBound()
    local = estimator.local_terms(x, label, rng=0)
    np.testing.assert_array_equal(local.terms, Probe(Best()).pointwise(x, label, rng=0))
    assert "folds" in local.notes[0]
    np.testing.assert_array_equal(local.terms, estimator.pointwise(label, x, rng=0))


def test_two_discrete_variables_are_counted():
    rng = np.random.default_rng(5)
    x = rng.integers(3, size=200)
    y = np.where(rng.random(200) < 0.5, x, rng.integers(3, size=200))
    local = BestBound().local_terms(x, y.astype(str))
    np.testing.assert_array_equal(local.terms, Binned(entropy=NSB()).pointwise(x, y))
    assert "Binned" in local.notes[0]


def test_the_result_says_which_was_chosen_and_why():
    rng = np.random.default_rng(6)
    x = rng.normal(size=(300, 2))
    y = x + rng.normal(size=(300, 2))
    estimate = mutual_information(x, y, QUICK, rng=0)
    assert "chosen: held-out bound" in estimate.notes[0]
    assert estimate.notes[1].startswith("next ")
    assert estimate.notes[0] in estimate.summary()


def test_invariant_under_increasing_transforms():
    rng = np.random.default_rng(7)
    x = rng.normal(size=(300, 2))
    y = x + rng.normal(size=(300, 2))
    assert QUICK.estimate(np.exp(x), y**3 * 1e6, rng=0) == pytest.approx(QUICK.estimate(x, y, rng=0), abs=1e-12)


def test_evidence_is_drawn_by_groups():
    rng = np.random.default_rng(8)
    x = rng.normal(size=(800, 1))
    y = x + rng.normal(size=(800, 1))
    groups = np.repeat(np.arange(200), 4)
    small = BestBound(QUICK.families, max_evidence=400)
    assert small.estimate(x, y, groups=groups, rng=0) == pytest.approx(0.35, abs=0.1)  # truth log(2) / 2


def test_a_repeated_row_is_refused_unless_in_one_group():
    rng = np.random.default_rng(9)
    x = np.repeat(rng.normal(size=(100, 1)), 2, axis=0)
    y = x + 0.5
    y = np.repeat(rng.normal(size=(100, 1)), 2, axis=0)
    with pytest.raises(DuplicateSamplesError, match="100 of 200"):
        QUICK.estimate(x, y, rng=0)
    assert np.isfinite(BestBound((GaussianCopula(),)).estimate(x, y, groups=np.repeat(np.arange(100), 2), rng=0))


def correlated(n, rng):
    x, noise = rng.normal(size=(2, n))
    return x, 0.6 * x + 0.8 * noise


@pytest.mark.parametrize("digits", [None, 3])
def test_a_bootstrap_sample_is_refused_rounded_too(digits):
    rng = np.random.default_rng(11)
    pairs = np.column_stack(correlated(500, rng))[rng.integers(500, size=500)]
    x, y = (pairs if digits is None else pairs.round(digits)).T
    with pytest.raises(DuplicateSamplesError, match="must not be copies"):
        QUICK.estimate(x, y, rng=0)
    with pytest.raises(DuplicateSamplesError, match="must not be copies"):
        BestBound().estimate(x, np.where(y > 0, "pos", "neg"), rng=0)


def information(table):
    shares = [table.sum(axis=0), table.sum(axis=1), table.ravel()]
    first, second, both = (-(p[p > 0] * np.log(p[p > 0])).sum() for p in shares)
    return first + second - both


def shared_poisson(shared, own):
    """Probabilities of (s + a, s + b), Poisson variables of means `shared` and `own`, up to where nothing is left."""
    last = 8 * (shared + own) + 20
    alone, table = poisson.pmf(np.arange(last + 1), own), np.zeros((last + 1, last + 1))
    for both, weight in enumerate(poisson.pmf(np.arange(last + 1), shared)):
        table[both:, both:] += weight * np.outer(alone[: last + 1 - both], alone[: last + 1 - both])
    return table


@pytest.mark.parametrize(("shared", "own", "n"), [(2, 1, 1000), (15, 5, 400)])
def test_counts(shared, own, n):
    # Truth by enumeration: 0.291 and 0.413. Few levels are cells, and many go to the copulas. sd of a mean 0.02.
    rng = np.random.default_rng(12)
    values = []
    for _ in range(4):
        both = rng.poisson(shared, size=n)
        x, y = both + rng.poisson(own, size=(2, n))
        values.append(QUICK.estimate(x, y, rng=rng))
    assert np.mean(values) == pytest.approx(information(shared_poisson(shared, own)), abs=0.06)


def test_independent_counts_with_few_samples_a_cell():
    # Truth 0; Miller and Madow's correction leaves 0.16 nats. The 20 means have an sd of about 0.01.
    rng = np.random.default_rng(13)
    values = [BestBound().estimate(*rng.poisson(3, size=(2, 100)), rng=0) for _ in range(20)]
    assert abs(np.mean(values)) < 0.03


def test_zeros_in_both_and_rounding_are_no_copies():
    # Truth: cut at zero from the left both share less than the 0.223 of the normals, and not much less: 0.18.
    rng = np.random.default_rng(14)
    x, y = (np.maximum(values, -0.5) for values in correlated(600, rng))
    local = QUICK.local_terms(x, y, rng=0)
    assert 0.1 < local.terms.mean() < 0.26
    assert any("equal values" in note for note in local.notes)
    rounded = QUICK.estimate(*(values.round(1) for values in correlated(600, rng)), rng=0)
    assert rounded == pytest.approx(0.223, abs=0.1)


def test_a_family_that_refuses_is_left_out_with_a_word():
    # Uncorrelated Student columns, those of x cut into 12 levels: the Student copula proves most, and has no estimate.
    rng = np.random.default_rng(15)
    values = rng.normal(size=(1000, 4)) / np.sqrt(rng.chisquare(1, size=(1000, 1)))
    x, y = np.floor(12 * t.cdf(values[:, :2], 1)) / 3, values[:, 2:]
    notes = BestBound((StudentCopula(), GaussianCopula())).local_terms(x, y, rng=0).notes
    assert notes[0].startswith("GaussianCopula() chosen")
    assert notes[1].startswith("StudentCopula() with 0.")
    assert "left out: x and y: in StudentCopula of vectors" in notes[1]
    with pytest.raises(InvalidInputError, match="StudentCopula of vectors"):
        BestBound((StudentCopula(),)).estimate(x, y, rng=0)


def test_refusals_by_name():
    rng = np.random.default_rng(10)
    x = rng.normal(size=(60, 2))
    with pytest.raises(TooFewSamplesError, match="number of samples: must be at least 50; got 40"):
        QUICK.estimate(x[:40], x[:40, 0] + 1, rng=0)
    with pytest.raises(ConstantInputError, match="y: must vary"):
        QUICK.estimate(x, np.ones(60), rng=0)
    with pytest.raises(InvalidInputError, match="families: each"):
        BestBound((KSG(),))
    with pytest.raises(InvalidInputError, match="probe: must be a Probe; got 1"):
        BestBound(probe=1)
    with pytest.raises(InvalidInputError, match="cells: must be a Binned; got 1"):
        BestBound(cells=1)
    with pytest.raises(InvalidInputError, match="families: must be a tuple"):
        BestBound(())
    with pytest.raises(InvalidInputError, match="families: each"):
        BestBound((CanonicalKSG(KernelProjection()), StudentCopula))


@pytest.mark.parametrize("n", [400, 4_000])
def test_an_age_beside_a_class_is_no_sample_of_copies(n):
    rng = np.random.default_rng(11)
    age = rng.integers(18, 80, size=n)
    assert BestBound().estimate(age, rng.choice(["f", "m"], size=n), rng=0) == pytest.approx(0, abs=0.03)
    retired = np.where(rng.random(n) < 0.02, age <= 65, age > 65)
    share = retired.mean()
    entropy = -share * np.log(share) - (1 - share) * np.log(1 - share)
    noise = -0.02 * np.log(0.02) - 0.98 * np.log(0.98)  # I = H(Y) - H(Y | X)
    assert BestBound().estimate(age, retired, rng=0) == pytest.approx(entropy - noise, abs=0.05)


def test_an_estimate_that_still_grows_is_doubted():
    # A spiral of three columns at n = 500: the estimate is about 0.4 nats short of the truth, 1.02.
    rng = np.random.default_rng(0)
    x, noise = rng.normal(size=(2, 500, 3))
    y = np.column_stack([0.8 * x[:, :2] + 0.6 * noise[:, :2], noise[:, 2]])
    angle = 2 * np.linalg.norm(x, axis=1)
    turned = x.copy()
    turned[:, 0] = np.cos(angle) * x[:, 0] - np.sin(angle) * x[:, 1]
    turned[:, 1] = np.sin(angle) * x[:, 0] + np.cos(angle) * x[:, 1]
    with pytest.warns(UnreliableEstimateWarning, match="halves of the sample show 0.* nats less"):
        mutual_information(turned, y, CanonicalKSG(), rng=0)


def test_neighbours_that_show_clearly_more_than_a_copula_are_taken():
    joint = AdditiveNoise(0.005)  # 4.61 nats, of which the best copula with elliptical dependence shows 3.9
    x, y = joint.sample(3000, rng=0)
    copulas = BestBound((GaussianCopula(), StudentCopula()))
    with_neighbours = BestBound((GaussianCopula(), StudentCopula(), CanonicalKSG(AllColumns())))
    assert copulas.estimate(x, y, rng=0) < joint.mutual_information - 0.6
    local = with_neighbours.local_terms(x, y, rng=0)
    assert chosen(local.notes) == "StudentCopula"
    assert any("taken: it errs low, and shows " in note for note in local.notes)
    assert local.terms.mean() == pytest.approx(joint.mutual_information, abs=0.3)


def test_a_copula_is_doubted_where_neighbours_show_somewhat_more():
    joint = AdditiveNoise(0.1)  # 1.71 nats
    x, y = joint.sample(100, rng=1)
    with pytest.warns(UnreliableEstimateWarning, match="which errs low, shows 0.0[0-9]+ nats more"):
        estimate = mutual_information(x, y, BestBound(), rng=0)
    assert estimate.value < joint.mutual_information - 0.3
    assert "StudentCopula() chosen" in estimate.notes[0]


def test_one_column_is_not_projected():
    # 55 levels that x determines: no more than log 55. What differs between folds would show in both projections.
    x = np.random.default_rng(0).random(4000)
    y = np.floor(55 * x) / 55
    local = BestBound().local_terms(x, y, rng=0)
    assert "Projection" not in str(local.notes)
    assert local.terms.mean() == pytest.approx(np.log(55), abs=0.05)


def test_few_rows_for_many_columns_are_doubted():
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(2, 100, 5))
    with pytest.warns(UnreliableEstimateWarning, match="100 samples are few for 10 columns"):
        mutual_information(x, y, QUICK, rng=0)


def test_classes_of_many_groups_are_predicted_from_halves():
    rng = np.random.default_rng(2)
    x = rng.normal(size=12_000)
    y = np.where(x + rng.normal(size=12_000) > 0, "up", "down")
    local = BestBound().local_terms(x, y, rng=0)
    assert set(local.folds) == {0, 1}
    assert "of 2 folds" in local.notes[0]


def test_the_best_model_is_chosen_from_some_rows_and_fitted_to_all():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(3000, 2))
    y = ((x[:, 0] > 0) ^ (x[:, 1] > 0)).astype(np.int64)
    training = TrainingFold(x, y, np.arange(3000), np.arange(3000) % 2, 2)
    found = Best((Logistic(), BoostedTrees()), max_rows=500).fit(training, rng)
    assert found.name == "boosted trees"
    assert found.loss == BoostedTrees().fit(training, rng).loss


@pytest.mark.parametrize("n_groups", [6, 300])
def test_the_rows_that_choose_a_model_are_whole_groups_of_both_halves(n_groups):
    # Six groups of 500 rows are each larger than what is asked for: one of each half is taken all the same.
    rng = np.random.default_rng(4)
    groups = np.arange(3000) % n_groups
    training = TrainingFold(rng.normal(size=(3000, 1)), rng.integers(2, size=3000), groups, groups % 2, 2)
    some = training.some(600, rng)
    assert set(some.half) == {0, 1}
    assert all((some.groups == group).sum() == (groups == group).sum() for group in set(some.groups))
    assert len(some.y) == (1000 if n_groups == 6 else 600)
    assert np.isfinite(Probe(Best(max_rows=600), n_folds=3).estimate(training.x, training.y, groups=groups, rng=0))
