import dataclasses
import warnings

import numpy as np
import pytest

from attnstats import information
from attnstats.exceptions import InvalidInputError, NonFiniteError
from attnstats.information import (
    KSG,
    BestBound,
    Binned,
    MIEstimator,
    NeighborJackknife,
    PlugIn,
    Probe,
    Quantile,
    Ross,
    conditional_mutual_information,
    mutual_information,
    pointwise_mutual_information,
)
from attnstats.information.interface import LocalTerms
from attnstats.resampling import BCa, DeleteD, HalfSampling, HolmesNemenman, Permutation, PolitisRomano


@pytest.fixture
def pair():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 2))
    return x, x[:, 0] + rng.normal(size=300)


def test_result_says_what_was_estimated(pair):
    x, y = pair
    result = mutual_information(x, y, KSG())
    assert mutual_information(x, y, rng=0) == mutual_information(x, y, BestBound(), rng=0)
    assert (result.estimator, result.n_samples, result.dim_x, result.dim_y) == ("KSG()", 300, 2, 1)
    assert result.value == KSG().estimate(x, y)
    assert (result.interval, result.null_floor, result.pvalue, result.pvalue_floor) == (None, None, None, None)
    assert mutual_information(x, y > 0, Ross()).dim_y == 0
    assert mutual_information(x[:, 0], y > 0, Binned()).dim_y == 0
    assert mutual_information(x[:, 0], y, Binned()).dim_y == 1


@pytest.mark.filterwarnings("ignore:estimate of .* its bias")  # of 0.43 standard errors
def test_interval_covers_and_null_lies_below(pair):
    x, y = pair
    result = mutual_information(x, y, KSG(k=5), interval=HalfSampling(50), null=Permutation(99), rng=1)
    assert result.value in result.interval
    assert -0.5 * np.log(0.5) in result.interval  # truth, rho^2 = 1/2
    assert abs(result.null_floor) < 0.05
    assert result.pvalue == result.pvalue_floor == 0.01


@pytest.mark.slow
@pytest.mark.parametrize("estimator", [KSG(), Probe(n_folds=3)])
def test_numbers_do_not_depend_on_workers(pair, estimator):
    x, y = pair
    y = y if estimator == KSG() else y > 0
    settings = {"interval": HalfSampling(8), "null": Permutation(5), "rng": 2}
    one, two = (mutual_information(x, y, estimator, n_jobs=n, **settings) for n in (1, 2))
    assert one == two


def test_pointwise_has_the_mean_of_the_estimate(pair):
    x, y = pair
    local = pointwise_mutual_information(x, y > 0, Probe(), rng=3)
    assert local.shape == (300,)
    assert local.mean() == mutual_information(x, y > 0, Probe(), rng=3, null=Permutation(1)).value


def test_permutation_pvalue_is_valid_under_independence():
    # 100 data sets, p <= 0.1 with B = 19: 10 expected, sd 3.
    rng = np.random.default_rng(4)
    rejected = sum(
        mutual_information(*rng.normal(size=(2, 60)), KSG(), null=Permutation(19), rng=rng).pvalue <= 0.1
        for _ in range(100)
    )
    assert 1 <= rejected <= 20


def test_grouped_null_exchanges_whole_groups():
    # 30 groups of 10 copies of one independent pair: rows look dependent, groups do not. 40 data sets at 0.1.
    rng = np.random.default_rng(5)
    groups = np.repeat(np.arange(30), 10)
    rejected, warned = {"rows": 0, "groups": 0}, {"rows": 0, "groups": 0}
    for _ in range(40):
        x, y = rng.integers(2, size=(2, 30))[:, groups]
        for key, labels in (("rows", None), ("groups", groups)):
            with warnings.catch_warnings(record=True) as said:
                warnings.simplefilter("always")
                result = mutual_information(
                    x, y, Binned(entropy=PlugIn()), null=Permutation(19), groups=labels, rng=rng
                )
            rejected[key] += result.pvalue <= 0.1
            warned[key] += any("or groups= where they belong together" in str(each.message) for each in said)
    assert rejected["groups"] <= 10  # 4 expected, sd 2
    assert rejected["rows"] >= 12  # 4 sd above
    assert warned == {"rows": 40, "groups": 0}


def test_grouped_null_of_unequal_groups_needs_one_y_per_group():
    rng = np.random.default_rng(6)
    groups = np.repeat(np.arange(20), rng.integers(1, 6, size=20))
    x, y = rng.normal(size=len(groups)), rng.integers(2, size=20)[groups]
    settings = {"null": Permutation(9), "groups": groups, "rng": 0}
    assert mutual_information(x, y, Binned(Quantile(2)), **settings).pvalue_floor == 0.1
    with pytest.raises(InvalidInputError, match=r"groups: must be of equal size, or y constant within each"):
        mutual_information(x, rng.normal(size=len(groups)), KSG(), **settings)


def test_grouped_null_of_equal_groups_moves_blocks():
    """Within a group y runs 0, 1, 2: blocks keep the order, so x = place in the group stays fully informed."""
    groups = np.repeat(np.arange(10), 3)
    x = np.tile([0, 1, 2], 10)
    result = mutual_information(x, x, Binned(entropy=PlugIn()), null=Permutation(19), groups=groups, rng=0)
    assert result.null_floor == pytest.approx(np.log(3), abs=1e-12)
    assert result.pvalue == 1


@pytest.mark.filterwarnings("ignore:estimate of .* its bias")
@pytest.mark.parametrize(
    "interval", [HalfSampling(8), DeleteD(n_resamples=8), HolmesNemenman(n_partitions=1), PolitisRomano(n_resamples=20)]
)
def test_every_subsampling_interval_is_taken(pair, interval):
    x, y = pair
    groups = np.repeat(np.arange(100), 3)
    result = mutual_information(x, y, KSG(k=5), interval=interval, groups=groups, confidence_level=0.9, rng=1)
    seed = int(np.random.default_rng(1).integers(2**63, size=2)[0])
    expected = interval.interval(
        lambda rows: KSG(k=5).estimate(x[rows], y[rows]),
        result.value,
        300,
        groups=groups,
        confidence_level=0.9,
        rng=seed,
    )
    assert result.interval == expected


@dataclasses.dataclass(frozen=True)
class Covariance(MIEstimator):
    """An estimator in short, that may know a quick way and may have something to say."""

    def pointwise(self, x, y, *, groups=None, rng=None):  # noqa: ARG002
        return (x - x.mean()) * (y - y.mean())


class QuickCovariance(Covariance):
    def permuted_estimates(self, x, y, rows):
        assert rows.dtype == np.int64
        assert rows.shape[1] == len(x)
        return (y - y.mean())[rows] @ (x - x.mean()) / len(x)


class TalkingCovariance(Covariance):
    def local_terms(self, x, y, *, groups=None, rng=None):  # noqa: ARG002
        return LocalTerms(self.pointwise(x, y), ("a product of deviations",))


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_quick_permutations_give_the_numbers_of_the_slow_ones(n_jobs):
    x, y = np.random.default_rng(7).normal(size=(2, 40))
    slow = mutual_information(x, y, Covariance(), null=Permutation(60), rng=3)
    quick = mutual_information(x, y, QuickCovariance(), null=Permutation(60), n_jobs=n_jobs, rng=3)
    assert quick.null_floor == pytest.approx(slow.null_floor, abs=1e-14)
    assert quick.pvalue == slow.pvalue
    rows = [
        generator.permutation(40)
        for generator in np.random.default_rng(int(np.random.default_rng(3).integers(2**63, size=2)[1])).spawn(60)
    ]
    values = [np.mean((x - x.mean()) * (y[row] - y.mean())) for row in rows]
    assert slow.null_floor == pytest.approx(np.mean(values), abs=1e-14)
    assert slow.pvalue == (1 + sum(value >= slow.value for value in values)) / 61


def test_grouped_null_does_not_take_the_quick_way():
    class Refusing(Covariance):
        def permuted_estimates(self, x, y, rows):  # noqa: ARG002
            raise AssertionError

    x, y = np.random.default_rng(8).normal(size=(2, 40))
    groups = np.arange(40) // 4
    plain = mutual_information(x, y, Covariance(), null=Permutation(9), groups=groups, rng=0)
    assert mutual_information(x, y, Refusing(), null=Permutation(9), groups=groups, rng=0).pvalue == plain.pvalue


def test_notes_of_the_estimator_stand_in_the_result():
    x, y = np.random.default_rng(9).normal(size=(2, 40))
    result = mutual_information(x, y, TalkingCovariance())
    assert result.notes == ("a product of deviations",)
    assert result.value == Covariance().estimate(x, y)
    assert "a product of deviations" in repr(result)
    assert mutual_information(x, y, Covariance()).notes == ()


@dataclasses.dataclass(frozen=True)
class Foreign:
    """What has the methods of an estimator and is none."""

    def estimate(self, x, y, *, groups=None, rng=None):  # noqa: ARG002
        raise AssertionError

    pointwise = estimate


@dataclasses.dataclass(frozen=True)
class Correlation(MIEstimator):
    """An estimator without local terms."""

    def estimate(self, x, y, *, groups=None, rng=None):  # noqa: ARG002
        return float(-np.log1p(-(np.corrcoef(np.ravel(x), np.ravel(y))[0, 1] ** 2)) / 2)


def test_an_estimator_without_local_terms(pair):
    x, y = pair[0][:, 0], pair[1]
    result = mutual_information(x, y, Correlation(), interval=HalfSampling(20), null=Permutation(9), rng=0)
    assert result.value == Correlation().estimate(x, y)
    assert result.value in result.interval
    assert result.pvalue == 0.1
    with pytest.raises(InvalidInputError, match=r"must be one with a method pointwise or local_terms; got Correlation"):
        pointwise_mutual_information(x, y, Correlation())
    with pytest.raises(InvalidInputError, match=r"must be one with a method pointwise or local_terms; got Correlation"):
        mutual_information(x, y, Correlation(), interval=NeighborJackknife())
    with pytest.raises(InvalidInputError, match="estimator: must be one with a method conditional_pointwise"):
        conditional_mutual_information(x, y, y, Correlation())


def test_former_names():
    for former, new in (("LocalVariance", "NeighborJackknife"), ("Jackknife", "JackknifeEntropy")):
        with pytest.warns(DeprecationWarning, match=f"information.{former} is now {new}"):
            assert getattr(information, former) is getattr(information, new)


def test_bad_input(pair):
    x, y = pair
    with pytest.raises(InvalidInputError, match="estimator: must be an estimator such as KSG"):
        mutual_information(x, y, KSG)
    with pytest.raises(InvalidInputError, match=r"inherits from attnstats\.information\.MIEstimator; got Foreign"):
        mutual_information(x, y, Foreign())
    with pytest.raises(InvalidInputError, match="estimator: must be an estimator"):
        pointwise_mutual_information(x, y, "ksg")
    for wrong in (BCa(), HalfSampling, NeighborJackknife):
        with pytest.raises(
            InvalidInputError, match=r"interval: must be a SubsampleInterval, such as HalfSampling\(\), .*; a bootstrap"
        ):
            mutual_information(x, y, interval=wrong)
    with pytest.raises(InvalidInputError, match="null: must be a Permutation"):
        mutual_information(x, y, null=199)
    with pytest.raises(InvalidInputError, match="x has 300, y has 299"):
        mutual_information(x, y[:-1])
    with pytest.raises(InvalidInputError, match="groups"):
        mutual_information(x, y, groups=[1, 2])
    with pytest.raises(InvalidInputError, match="confidence_level"):
        mutual_information(x, y, confidence_level=95)
    with pytest.raises(InvalidInputError, match=r"x: must have shape"):
        mutual_information(x[np.newaxis], y)
    y[0] = np.nan
    with pytest.raises(NonFiniteError, match="y: must be finite"):
        mutual_information(x, y)
