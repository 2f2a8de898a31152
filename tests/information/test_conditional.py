from dataclasses import dataclass, field

import numpy as np
import pytest

from attnstats.exceptions import InvalidInputError, NonFiniteError
from attnstats.information import (
    Gaussian,
    GaussianCopula,
    LocalPermutation,
    MIEstimator,
    Ross,
    conditional_mutual_information,
)
from attnstats.resampling import BCa, HalfSampling, Permutation


def common_cause(n, rng, link=0.0):
    """x and y are driven by z, and y by x besides where there is a link."""
    z = rng.normal(size=n)
    x = np.tanh(z) + 0.5 * rng.normal(size=n)
    return x, z + link * x + 0.5 * rng.normal(size=n), z


@pytest.fixture
def triple():
    return common_cause(200, np.random.default_rng(0), link=0.5)


def test_result_says_what_was_estimated(triple):
    x, y, z = triple
    result = conditional_mutual_information(x, y, np.column_stack([z, z**2]), Gaussian())
    assert (result.estimator, result.n_samples, result.dim_x, result.dim_y, result.dim_z) == (
        "Gaussian()",
        200,
        1,
        1,
        2,
    )
    assert result.value == Gaussian().conditional_pointwise(x, y, np.column_stack([z, z**2])).mean()
    assert (result.interval, result.null_floor, result.pvalue, result.pvalue_floor) == (None, None, None, None)
    assert str(result).startswith("conditional MI = ")
    labelled = conditional_mutual_information(x, y > 0, z > 0, GaussianCopula())
    assert (labelled.dim_y, labelled.dim_z) == (0, 0)


def test_interval_and_null(triple):
    x, y, z = triple
    result = conditional_mutual_information(
        x, y, z, Gaussian(), interval=HalfSampling(50), null=LocalPermutation(99), rng=1
    )
    assert result.value in result.interval
    assert -0.5 * np.log(1 - 0.2) in result.interval  # truth: partial correlation^2 0.25^2 / (0.25^2 + 0.25) about 0.2
    assert result.pvalue == result.pvalue_floor == 0.01
    assert result.null_floor < 0.3 * result.value


def test_numbers_do_not_depend_on_workers(triple):
    settings = {"interval": HalfSampling(8), "null": LocalPermutation(5), "rng": 2}
    one, two = (conditional_mutual_information(*triple, Gaussian(), n_jobs=n, **settings) for n in (1, 2))
    assert one == two


def test_groups_reach_estimator_and_interval(triple):
    x, y, z = (np.repeat(each[:40], 5) for each in triple)
    groups = np.repeat(np.arange(40), 5)
    interval = {"interval": HalfSampling(100), "rng": 3}
    rows = conditional_mutual_information(x, y, z, Gaussian(), **interval).interval
    whole = conditional_mutual_information(x, y, z, Gaussian(), groups=groups, **interval).interval
    assert whole.high - whole.low > 1.5 * (rows.high - rows.low)  # five copies count once: sqrt(5) in theory


def pvalues(n_sims, link, seed):
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(n_sims):
        x, y, z = common_cause(150, rng, link)
        null = LocalPermutation(19)
        found.append(conditional_mutual_information(x, y, z, Gaussian(), null=null, rng=rng).pvalue)
    return np.array(found)


@pytest.mark.slow
def test_local_permutation_keeps_its_level_under_a_common_cause():
    # 100 samples at level 0.1: 10 expected, sd 3. x depends on z by a tanh, which the Gaussian statistic alone would
    # take for information; x and y correlate so that a free permutation would reject them all.
    assert 2 <= (pvalues(100, 0.0, 4) <= 0.1).sum() <= 19
    rng = np.random.default_rng(4)
    free = [np.corrcoef(*common_cause(150, rng)[:2])[0, 1] for _ in range(20)]
    assert min(free) > 0.5


def test_local_permutation_has_power():
    assert (pvalues(40, 0.6, 5) <= 0.1).sum() >= 36


@pytest.mark.slow
def test_strata_keep_the_level_too():
    # z in {0, 1} moves both x and y by 2. 100 samples at level 0.1: 10 expected, sd 3.
    rng = np.random.default_rng(6)
    rejected = 0
    for _ in range(100):
        z = rng.integers(2, size=60)
        x, y = 2 * z + rng.normal(size=(2, 60))
        result = conditional_mutual_information(x, y, z, Gaussian(), null=LocalPermutation(19), rng=rng)
        rejected += result.pvalue <= 0.1
    assert 2 <= rejected <= 19


@pytest.mark.slow
@pytest.mark.parametrize("label", [False, True])
def test_grouped_null_keeps_its_level(label):
    # 24 groups of 6 rows share z, by which x and y move together, and most of their noise, which is independent. 60
    # samples at level 0.1: 6 expected, sd 2.3. Rows that are exchanged one by one look too informative.
    rng = np.random.default_rng(7)
    groups = np.repeat(np.arange(24), 6)
    rejected = {"rows": 0, "groups": 0}
    for _ in range(60):
        z = rng.integers(2, size=24) if label else rng.normal(size=24)
        x, y = (z + 0.5 * rng.normal(size=(2, 24)))[:, groups] + 0.2 * rng.normal(size=(2, 144))
        for key, labels in (("rows", None), ("groups", groups)):
            null = LocalPermutation(19, n_neighbors=8)
            result = conditional_mutual_information(x, y, z[groups], Gaussian(), null=null, groups=labels, rng=rng)
            rejected[key] += result.pvalue <= 0.1
    assert 1 <= rejected["groups"] <= 14 < rejected["rows"]


@dataclass(frozen=True)
class Recorder(MIEstimator):
    """Records the x and the groups that it is shown."""

    shown: list = field(default_factory=list)

    def conditional_pointwise(self, x, y, z, *, groups=None, rng=None):  # noqa: ARG002
        self.shown.append((x, groups))
        return np.zeros(len(x))


def test_grouped_null_hands_whole_blocks_to_groups_of_near_z():
    rng = np.random.default_rng(8)
    groups = rng.permutation(np.repeat(np.arange(40), 3))
    z = rng.normal(size=40)
    estimator = Recorder()
    null = LocalPermutation(50, n_neighbors=4)
    conditional_mutual_information(
        np.arange(120), rng.normal(size=120), z[groups], estimator, null=null, groups=groups, rng=0
    )
    assert len(estimator.shown) == 51
    blocks = [np.flatnonzero(groups == group).tolist() for group in range(40)]
    for x, told in estimator.shown[1:]:
        np.testing.assert_array_equal(told, groups)
        givers = [blocks.index(x[block].tolist()) for block in blocks]  # whole, in order, or no block at all
        for group, giver in enumerate(givers):
            assert giver in np.argsort(np.abs(z - z[group]))[:5]
        assert len(set(givers)) > 25


def test_grouped_null_of_single_rows_is_the_null_of_rows(triple):
    settings = {"null": LocalPermutation(19), "rng": 9}
    rows = conditional_mutual_information(*triple, Gaussian(), **settings)
    assert conditional_mutual_information(*triple, Gaussian(), groups=np.arange(200), **settings) == rows


def test_grouped_null_of_unequal_groups_needs_one_x_per_group(triple):
    groups = np.random.default_rng(10).integers(20, size=200)
    x, y, z = triple
    settings = {"null": LocalPermutation(19), "groups": groups, "rng": 0}
    assert conditional_mutual_information(x[groups], y, z[groups], Gaussian(), **settings).pvalue >= 0.05
    with pytest.raises(InvalidInputError, match=r"groups: must be of equal size, or x constant within each"):
        conditional_mutual_information(x, y, z[groups], Gaussian(), **settings)
    with pytest.raises(InvalidInputError, match=r"z: must be constant within each group"):
        conditional_mutual_information(x[groups], y, z, Gaussian(), **settings)


def test_bad_input(triple):
    x, y, z = triple
    verb = conditional_mutual_information
    with pytest.raises(InvalidInputError, match="estimator: must be an estimator such as KSG"):
        verb(x, y, z, Gaussian)
    with pytest.raises(InvalidInputError, match="estimator: must be one with a method conditional_pointwise"):
        verb(x, y, z, Ross())
    with pytest.raises(InvalidInputError, match="interval: must estimate again on parts of the sample"):
        verb(x, y, z, Gaussian(), interval=BCa())
    with pytest.raises(InvalidInputError, match=r"interval: must estimate again .* Got <class .*HalfSampling"):
        verb(x, y, z, Gaussian(), interval=HalfSampling)
    with pytest.raises(InvalidInputError, match="null: must be a LocalPermutation"):
        verb(x, y, z, Gaussian(), null=Permutation())
    with pytest.raises(InvalidInputError, match="z has 199"):
        verb(x, y, z[1:], Gaussian())
    with pytest.raises(InvalidInputError, match="same length"):
        verb(x, y, z, Gaussian(), groups=[1, 2])
    with pytest.raises(InvalidInputError, match="confidence_level"):
        verb(x, y, z, Gaussian(), confidence_level=95)
    with pytest.raises(InvalidInputError, match=r"z: must have shape \(n,\) or \(n, dim\)"):
        verb(x, y, z[np.newaxis, np.newaxis], Gaussian())
    with pytest.raises(NonFiniteError, match="z: must be finite"):
        verb(x, y, np.full(200, np.nan), Gaussian())
