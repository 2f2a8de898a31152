import numpy as np
import pytest

from attnstats.exceptions import (
    FewReplicatesWarning,
    InvalidInputError,
    NonFiniteError,
    TooFewSamplesError,
    UndercoverageWarning,
)
from attnstats.resampling import (
    IID,
    Basic,
    BCa,
    Clustered,
    Crossed,
    FunctionOfMeans,
    Nested,
    Percentile,
    Stratified,
    Studentized,
    bootstrap_interval,
)

VALUES = np.array([3.1, 2.7, 4.4, 3.9, 5.6, 1.2, 2.7, 3.0, 2.2, 1.9, 7.1, 0.4])
STRATA = np.repeat([0, 1], [5, 7])


LABELLED = np.column_stack([VALUES, STRATA])


def difference(rows):
    values, stratum = rows.T
    return float(values[stratum == 0].mean() - values[stratum == 1].mean())


def mean_by_python(x):
    return float(np.mean(x))


class Mean:
    """The mean as a `WeightedStatistic`."""

    def __call__(self, data):
        return float(data.mean())

    def weighted(self, data, counts):
        return counts @ data / counts.sum(axis=1)


def test_strata_keep_their_places():
    rng = np.random.default_rng(0)
    strata = rng.permutation(np.repeat(["a", "b", "c"], [4, 5, 9]))
    values = rng.normal(size=18)
    seen = []
    sample = Stratified(strata).bind(values)
    sample.resampled(lambda x: seen.append(np.array(x)) or 0.0, 200, rng)
    for name in "abc":
        own = set(values[strata == name])
        drawn = [set(resample[strata == name]) for resample in seen]
        assert set.union(*drawn) == own
    fast = sample.resampled(np.mean, 300, np.random.default_rng(5))
    plain = sample.resampled(mean_by_python, 300, np.random.default_rng(5))
    weighted = sample.resampled(Mean(), 300, np.random.default_rng(5))
    assert fast == pytest.approx(plain)
    assert weighted == pytest.approx(plain)


def test_stratified_influence_is_that_of_boot():
    # R 4.2.2, boot 1.3-28.1: empinf(data = x, statistic = f, stype = "w", strata = st, type = "jack"), with f the
    # difference of the weighted means of the strata; n times our influence.
    boot = [-0.84, -1.24, 0.46, -0.04, 1.66]
    boot += [1.44285714286, -0.05714285714, -0.35714285714, 0.44285714286, 0.74285714286, -4.45714285714, 2.24285714286]
    sample = Stratified(STRATA).bind(LABELLED)
    assert sample.influence(difference) * np.bincount(STRATA)[STRATA] == pytest.approx(boot)
    influence = sample.influence(difference)
    # sum(L^3 / n^3) / (6 * sum(L^2 / n^2)^1.5)
    assert (influence**3).sum() / (6 * (influence**2).sum() ** 1.5) == pytest.approx(-0.04813568261)
    welch = np.sqrt(VALUES[:5].var(ddof=1) / 5 + VALUES[5:].var(ddof=1) / 7)
    assert sample.standard_error(difference) == pytest.approx(welch)


def test_stratified_variance_is_that_of_the_strata():
    drawn = Stratified(STRATA).bind(LABELLED).resampled(difference, 20_000, np.random.default_rng(0))
    exact = VALUES[:5].var() / 5 + VALUES[5:].var() / 7
    # The variance of 20,000 draws has relative error sqrt(2 / 20,000) = 1 %; four of them.
    assert drawn.var() == pytest.approx(exact, rel=0.04)


def test_nested_variance_is_that_of_both_levels():
    # var* of the mean: the variance of the group means over K, and the mean variance within groups over K b.
    values = np.random.default_rng(1).normal(size=(9, 6)) + np.arange(9.0)[:, np.newaxis]
    sample = Nested(np.repeat(np.arange(9), 6)).bind(values.ravel())
    drawn = sample.resampled(np.mean, 20_000, np.random.default_rng(0))
    exact = values.mean(axis=1).var() / 9 + values.var(axis=1).mean() / 54
    assert drawn.var() == pytest.approx(exact, rel=0.04)  # as above
    assert drawn.mean() == pytest.approx(values.mean(), abs=4 * np.sqrt(exact / 20_000))


@pytest.mark.parametrize("groups", [np.arange(40) // 5, np.arange(40) % 9])
def test_nested_paths_agree(groups):
    values = np.random.default_rng(2).normal(size=40)
    sample = Nested(groups).bind(values)
    same = [
        sample.resampled(statistic, 200, np.random.default_rng(4))
        for statistic in (np.mean, mean_by_python, FunctionOfMeans(lambda means: means[0]), Mean())
    ]
    for other in same[1:]:
        assert other == pytest.approx(same[0])
    columns = Nested(groups).bind(np.column_stack([values, 2 * values]))
    second = columns.resampled(FunctionOfMeans(lambda means: means[1] / 2), 200, np.random.default_rng(4))
    assert second == pytest.approx(same[0])


@pytest.mark.parametrize(
    "design", [IID(), Clustered(np.arange(24) % 5), Stratified(np.arange(24) % 3), Nested(np.arange(24) // 4)]
)
def test_weights_equal_resamples(design):
    sample = design.bind(np.random.default_rng(0).normal(size=24))
    plain = sample.resampled(mean_by_python, 300, np.random.default_rng(1))
    assert sample.resampled(Mean(), 300, np.random.default_rng(1)) == pytest.approx(plain)
    assert sample.leave_one_out(Mean()) == pytest.approx(sample.leave_one_out(mean_by_python))
    assert sample.leave_one_out(np.mean) == pytest.approx(sample.leave_one_out(mean_by_python))


@pytest.mark.parametrize(
    "design", [IID(), Clustered(np.arange(24) % 5), Stratified(np.arange(24) % 3), Nested(np.arange(24) // 4)]
)
def test_a_resample_is_a_sample(design):
    sample = design.bind(np.random.default_rng(0).normal(size=24))
    generator = np.random.default_rng(1)
    drawn = [sample.resample(generator) for _ in range(400)]
    assert {each.factors[name] for each in drawn for name in each.factors} == set(sample.factors.values())
    assert {type(each) for each in drawn} == {type(sample)}
    assert set(np.concatenate([each.data for each in drawn])) == set(sample.data)
    means = np.array([each.observed(np.mean) for each in drawn])
    # Two estimates of one standard deviation, from 400 and from 4,000: relative error 4 %; four of them.
    assert means.std() == pytest.approx(sample.resampled(np.mean, 4_000, generator).std(), rel=0.16)


def test_a_resample_of_a_crossed_sample_is_one():
    table = np.add.outer(10.0 * np.arange(4), np.arange(5))
    drawn = Crossed().bind(table).resample(np.random.default_rng(0)).data
    assert drawn.shape == table.shape
    assert len(np.unique(np.diff(drawn, axis=1), axis=0)) == 1  # all seeds have the same examples
    assert set(np.unique(drawn)) <= set(table.ravel())


@pytest.mark.parametrize("method", [Percentile(99), Basic(99), BCa(99)])
def test_few_clusters_warn_of_short_intervals(method):
    values = np.random.default_rng(0).normal(size=(19, 30))
    groups = np.repeat(np.arange(19), 30)
    for design in (Clustered(groups), Nested(groups)):
        with pytest.warns(UndercoverageWarning, match=r"30 clusters .*; got 19"):
            bootstrap_interval(values.ravel(), np.mean, method=method, design=design, rng=0)
    if not isinstance(method, BCa):
        with pytest.warns(UndercoverageWarning, match=r"30 replicates .*; got 19"):
            bootstrap_interval(values, np.mean, method=method, design=Crossed(), rng=0)
    more = np.random.default_rng(0).normal(size=(30, 30))
    bootstrap_interval(more.ravel(), np.mean, method=method, design=Clustered(np.repeat(np.arange(30), 30)), rng=0)


def test_a_studentized_interval_needs_fewer_clusters():
    values = np.random.default_rng(0).normal(size=80)
    bootstrap_interval(values, np.mean, method=Studentized(99), design=Clustered(np.arange(80) // 10), rng=0)
    with pytest.warns(FewReplicatesWarning, match="data: should have at least 8 clusters for the interval"):
        bootstrap_interval(values, np.mean, method=Studentized(99), design=Clustered(np.arange(80) // 16), rng=0)


@pytest.mark.parametrize(
    ("design", "error", "message"),
    [
        (Stratified([0, 1]), InvalidInputError, "same length"),
        (Stratified([0] * 9 + [1]), TooFewSamplesError, "smallest stratum"),
        (Nested([0, 1]), InvalidInputError, "same length"),
        (Nested([0] * 10), TooFewSamplesError, "number of groups"),
    ],
)
def test_bad_designs_are_refused_by_name(design, error, message):
    with pytest.raises(error, match=message):
        bootstrap_interval(np.arange(10.0), np.mean, design=design)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"replication_unit": 3}, "replication_unit: must be a name, such as 'patient'; got 3"),
        ({"crossed_unit": ""}, "crossed_unit: must be a name, such as 'case'; got ''"),
        (
            {"replication_unit": "patient", "crossed_unit": "patient"},
            "crossed_unit: must differ from replication_unit; got 'patient' for both",
        ),
        ({"paired_replicates": "yes"}, "paired_replicates: must be True or False; got 'yes'"),
    ],
)
def test_a_crossed_design_is_checked_when_it_is_made(options, message):
    with pytest.raises(InvalidInputError, match=message):
        Crossed(**options)


def test_undefined_items_of_a_crossed_design_are_sent_to_its_own_option():
    with pytest.raises(NonFiniteError, match=r"data: must be finite; .* Take Crossed\(missing='omit'\)$"):
        bootstrap_interval([[1.0, np.nan], [2.0, 4.0]], np.mean, design=Crossed())
