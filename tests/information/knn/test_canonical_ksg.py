import numpy as np
import pytest

from attnstats.exceptions import ConstantInputError, InvalidInputError, TooFewSamplesError
from attnstats.information import KSG, AllColumns, CanonicalKSG, KernelProjection, LinearProjection
from attnstats.information.margins import Standardized, normal_scores


def test_all_columns_is_ksg_on_normal_scores():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 2))
    y = np.exp(x[:, :1] + rng.normal(size=(300, 1)))
    expected = KSG(5, margins=Standardized()).pointwise(normal_scores(x), normal_scores(y))
    np.testing.assert_array_equal(CanonicalKSG(AllColumns()).pointwise(x, y, rng=0), expected)


@pytest.mark.parametrize("projection", [LinearProjection(), KernelProjection()], ids=repr)
def test_one_pair_of_columns_among_forty(projection):
    # Truth 0.51 nats; KSG on all columns gives less than a tenth of it. sd about 0.04.
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(2, 1500, 20))
    y[:, 0] = 0.8 * x[:, 3] + 0.6 * y[:, 0]
    assert CanonicalKSG(projection).estimate(x, y, rng=0) == pytest.approx(0.51, abs=0.12)
    assert KSG(5).estimate(x, y) < 0.1


def test_dependence_on_a_circle():
    # y tells the distance from the origin of a point in the plane: nothing correlates.
    rng = np.random.default_rng(2)
    x = rng.normal(size=(1500, 2))
    y = np.log((x**2).sum(axis=1)) + 0.5 * rng.normal(size=1500)
    nested = CanonicalKSG(AllColumns()).estimate(x, y, rng=0)
    assert CanonicalKSG(KernelProjection()).estimate(x, y, rng=0) == pytest.approx(nested, abs=0.1)
    assert CanonicalKSG(LinearProjection()).estimate(x, y, rng=0) < nested / 2


def test_the_number_of_components_is_reported():
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(2, 600, 8))
    y[:, 0] += 2 * x[:, 0]
    assert CanonicalKSG(LinearProjection()).local_terms(x, y, rng=0).notes == ("1 component(s) of x, 1 of y",)


def test_refusals_by_name():
    with pytest.raises(InvalidInputError, match="projection: "):
        CanonicalKSG(KernelProjection)
    with pytest.raises(ConstantInputError, match="x: must vary"):
        CanonicalKSG().estimate(np.ones(100), np.arange(100.0))


def test_too_few_samples_in_a_half_are_refused_by_name():
    x, y = np.random.default_rng(0).normal(size=(2, 12))
    groups = [2, 3, 0, 3, 1, 2, 2, 1, 3, 0, 1, 1]  # the half with the two smallest groups has five rows

    def estimates():
        return [CanonicalKSG().estimate(x, y, groups=groups, rng=seed) for seed in range(20)]

    with pytest.raises(TooFewSamplesError, match="number of samples to learn from"):
        estimates()


@pytest.mark.parametrize("seed", range(5))
def test_a_flag_that_varies_in_one_half_alone_gives_no_foreign_error(seed):
    rng = np.random.default_rng(seed)
    x, y = np.zeros(20), rng.normal(size=20)
    x[:1] = 1
    assert np.isfinite(CanonicalKSG().estimate(x, y, rng=seed))
