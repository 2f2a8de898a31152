"""Sample-size curves, self-consistency and the table of estimators, against estimators whose faults are known."""

import warnings
from dataclasses import dataclass

import numpy as np
import pytest
from joblib import parallel_config

from attnstats import information
from attnstats.datasets import ClassConditionalGaussians, GaussianJoint
from attnstats.exceptions import (
    ConstantInputError,
    DuplicateSamplesError,
    InvalidInputError,
    NonFiniteError,
    TooFewSamplesError,
)
from attnstats.information import (
    KSG,
    Binned,
    ConsistencyCheck,
    Gaussian,
    MIEstimator,
    PlugIn,
    Ross,
    compare_estimators,
    mutual_information,
    sample_size_curve,
    self_consistency,
)
from attnstats.information.interface import brief, exported_estimators
from attnstats.resampling import HalfSampling, Permutation


@dataclass(frozen=True)
class Planted(MIEstimator):
    """The mean of x y, and a planted bias: size / n^rate, and excess for each column of y."""

    size: float = 0.0
    rate: float = 1.0
    per_column: float = 0.0
    slope: float = 1.0

    def pointwise(self, x, y, **_):
        y = np.asarray(y).reshape(len(y), -1)
        local = np.asarray(x).reshape(len(x), -1)[:, 0] * y[:, 0]
        return self.slope * local + self.size / len(x) ** self.rate + self.per_column * y.shape[1]


def gaussian_pair(n, seed, correlation=0.75):
    return GaussianJoint.dense(1, 1, correlation).sample(n, rng=seed)


# --- sample_size_curve ---


@pytest.mark.parametrize("rate", [0.5, 1.0, 1.5])
def test_curve_recovers_a_planted_bias(rate):
    # A mean has the same linear part at all sizes, so with 512 rows only the planted bias is left.
    x, y = gaussian_pair(512, 0)
    estimator = Planted(size=10 * 512**rate / 512, rate=rate)
    bias = 10 / 512
    curve = sample_size_curve(x, y, estimator, rng=0)
    assert curve.rate_was_fitted
    assert curve.rate == pytest.approx(rate, abs=1e-9)
    assert curve.bias == pytest.approx(bias, rel=1e-6)
    assert curve.value == estimator.estimate(x, y)
    assert curve.extrapolated == pytest.approx(Planted().estimate(x, y), abs=1e-6)
    assert curve.sizes == (64, 128, 256, 512)
    unbiased = np.mean(x * y)
    expected = [unbiased + estimator.size / size**rate for size in curve.sizes]
    np.testing.assert_allclose(curve.estimates, expected, rtol=1e-9)
    given = sample_size_curve(x, y, estimator, rate=rate, rng=0)
    assert (given.rate, given.rate_was_fitted) == (rate, False)
    assert given.bias == pytest.approx(bias, rel=1e-6)


def test_curve_warns_where_the_bias_exceeds_the_sampling_error():
    # The sampling error of mean(x y) at n = 512 is sqrt(1 + 0.75²) / sqrt(512) = 0.055.
    x, y = gaussian_pair(512, 1)
    large, small, none = (sample_size_curve(x, y, Planted(size=512 * b), rng=0) for b in (0.1, 0.02, 0.0))
    assert (large.bias_warning, small.bias_warning, none.bias_warning) == (True, False, False)
    assert large.sampling_error == pytest.approx(0.055, rel=0.35)  # ten repeats: relative error about 1/sqrt(20)
    assert not none.rate_was_fitted  # a flat curve shows no rate
    assert "exceeds the sampling error" in large.summary()
    assert "is within the sampling error" in repr(small)
    assert "(fitted rate n^-1)" in large.summary()
    assert "assumed rate" in none.summary()


def test_curve_finds_the_bias_of_the_plug_in():
    # Independent, 5 x 5 cells: bias 4 * 4 / 2n = 0.008 to first order; the second order adds about a tenth.
    rng = np.random.default_rng(2)
    curves = [
        sample_size_curve(*rng.integers(5, size=(2, 1000)), Binned(entropy=PlugIn()), rate=1, rng=rng)
        for _ in range(20)
    ]
    assert np.mean([curve.bias for curve in curves]) == pytest.approx(0.008, rel=0.2)
    extrapolated = np.array([curve.extrapolated for curve in curves])
    assert abs(extrapolated.mean()) < 3 * extrapolated.std(ddof=1) / np.sqrt(20) + 0.001
    assert np.mean([curve.bias_warning for curve in curves]) > 0.8


@pytest.mark.slow
def test_curve_tells_biased_from_unbiased_neighbours():
    """KSG: -0.15 nats at n = 500 in 5 + 5 dimensions is 10 sampling errors, and none to speak of in 1 + 1."""
    many = GaussianJoint.sparse(5, 5, n_pairs=2, correlation=0.8)
    for seed in range(4):
        assert sample_size_curve(*many.sample(500, rng=seed), KSG(), rng=seed).bias_warning
    warned = [sample_size_curve(*gaussian_pair(500, seed), KSG(), rng=seed).bias_warning for seed in range(8)]
    assert sum(warned) <= 1  # 3 in 100 measured


@pytest.mark.slow
def test_error_of_the_bias_is_its_spread_over_samples():
    # sd of 30 z-values: within 1 ± 0.13 * 3 for a calibrated error, and the error of a spread is rough.
    curves = [sample_size_curve(*gaussian_pair(400, seed, 0.5), KSG(), rate=1, rng=seed) for seed in range(30)]
    bias, error = (np.array([getattr(curve, name) for curve in curves]) for name in ("bias", "bias_error"))
    assert 0.6 < bias.std(ddof=1) / error.mean() < 1.5
    assert np.mean([curve.sampling_error for curve in curves]) == pytest.approx(
        np.std([curve.value for curve in curves], ddof=1), rel=0.5
    )


def test_curve_keeps_groups_together_and_does_not_depend_on_workers():
    x, y = gaussian_pair(120, 3)
    x, y, groups = np.repeat(x, 4, axis=0), np.repeat(y, 4, axis=0), np.repeat(np.arange(120), 4)
    settings = {"groups": groups, "n_repeats": 5, "rng": 7}
    one = sample_size_curve(x, y, Planted(), **settings)
    with parallel_config(backend="threading"):  # processes would take seconds to start
        assert sample_size_curve(x, y, Planted(), n_jobs=2, **settings) == one
    assert one.unit == "groups"
    assert one.sizes == (15, 30, 60, 120)
    # The sampling error is that of 120 independent pairs, not of 480: as if each stood once.
    once = sample_size_curve(x[::4], y[::4], Planted(), n_repeats=5, rng=7)
    assert one.sampling_error == pytest.approx(once.sampling_error, rel=1e-9)


def test_curve_as_a_frame():
    curve = sample_size_curve(*gaussian_pair(200, 4), KSG(), rng=0)
    frame = curve.to_frame()
    assert list(frame.columns) == ["estimator", "size", "value", "standard_error", "resampling_error"]
    assert frame["size"].tolist() == [25, 50, 100, 200, np.inf]
    assert frame["value"].tolist() == [*curve.estimates, curve.extrapolated]
    assert frame["standard_error"].iloc[-2] == curve.sampling_error
    assert frame["standard_error"].iloc[-1] == pytest.approx(curve.extrapolated_error)
    assert set(frame["estimator"]) == {"KSG()"}


def test_curve_starts_from_the_estimate_of_the_public_verb():
    x, y = gaussian_pair(200, 5)
    assert sample_size_curve(x, y, KSG(), rng=1).value == mutual_information(x, y, KSG(), rng=1).value


def test_curve_refuses_what_it_cannot_do():
    x, y = gaussian_pair(100, 6)
    with pytest.raises(InvalidInputError, match="n_halvings: must be an integer of at least 2"):
        sample_size_curve(x, y, n_halvings=1)
    with pytest.raises(InvalidInputError, match="n_repeats: must be"):
        sample_size_curve(x, y, n_repeats=2)
    with pytest.raises(InvalidInputError, match="rate: must be"):
        sample_size_curve(x, y, rate=0)
    with pytest.raises(InvalidInputError, match="estimator: must be"):
        sample_size_curve(x, y, KSG)
    with pytest.raises(TooFewSamplesError, match="number of rows: must be at least 16"):
        sample_size_curve(x[:15], y[:15])
    with pytest.raises(ConstantInputError, match="estimate: must vary"):
        sample_size_curve(x, y, Planted(slope=0))
    with pytest.raises(NonFiniteError, match="local terms must be finite; got -inf"):
        sample_size_curve(x, y, Planted(size=-np.inf))
    with pytest.raises(TooFewSamplesError, match="cells must not outnumber") as caught:
        sample_size_curve(x, y, Binned())
    assert "from 50 of 100 rows: take fewer halvings" in caught.value.__notes__[0]


# --- self_consistency ---


def by_rule(checks):
    return {check.rule: check for check in checks}


def test_a_right_estimator_passes():
    joint = GaussianJoint.sparse(4, 4, n_pairs=2, correlation=0.7)
    for seed in range(3):
        checks = self_consistency(*joint.sample(400, rng=seed), Gaussian(), rng=seed)
        assert [check.passed for check in checks] == [True] * 4


def test_each_rule_is_broken_by_the_estimator_that_breaks_it():
    x, y = gaussian_pair(400, 0)
    plug_in = by_rule(self_consistency(x, y, Binned(entropy=PlugIn()), rng=0))
    assert plug_in["independence"].passed is False
    # 8 x 8 bins, n = 200: the first-order bias is 49 / 400.
    assert plug_in["independence"].value == pytest.approx(49 / 400, rel=0.25)

    two = np.hstack([y, y])
    per_column = by_rule(self_consistency(x, two, Planted(per_column=-0.5), rng=0))
    assert per_column["data processing, columns of y dropped"].value == pytest.approx(-0.5, abs=1e-9)
    assert per_column["data processing, columns of y dropped"].passed is False
    assert per_column["data processing, half of y exchanged"].passed is True
    # x1 y1 of the first pair alone is seen: half of what it should be.
    lost = by_rule(self_consistency(x, y, Planted(), rng=0))["additivity"]
    assert lost.value == pytest.approx(-np.mean(x * y), abs=0.1)
    assert lost.passed is False

    upside_down = by_rule(self_consistency(x, y, Planted(slope=-1), rng=0))
    assert upside_down["data processing, half of y exchanged"].passed is False


def test_neighbours_in_many_dimensions_break_additivity():
    joint = GaussianJoint.sparse(5, 5, n_pairs=2, correlation=0.8)
    assert by_rule(self_consistency(*joint.sample(400, rng=0), KSG(), rng=0))["additivity"].passed is False


def test_labels_are_paired_and_exchanged():
    x, y = ClassConditionalGaussians([[0.0], [3.0], [6.0]]).sample(400, rng=1)
    numbers = self_consistency(x, y, Ross(), rng=1)
    names = self_consistency(x, np.array(["a", "b", "c"])[y], Ross(), rng=1)
    assert [check.rule for check in numbers] == ["independence", "data processing, half of y exchanged", "additivity"]
    assert all(check.passed for check in numbers)
    assert numbers == names


def test_a_refusal_is_said_and_not_counted():
    x, y = gaussian_pair(300, 2)
    check = by_rule(self_consistency(x, y, Binned(), rng=0))["additivity"]
    assert (check.passed, check.value, check.tolerance) == (None, None, None)
    assert check.refusal.startswith("TooFewSamplesError: x and y: the cells")
    assert "refused, not checked (TooFewSamplesError" in repr(check)


def test_consistency_does_not_depend_on_workers():
    x, y = gaussian_pair(100, 3)
    one = self_consistency(x, y, KSG(), n_repeats=5, rng=3)
    with parallel_config(backend="threading"):
        assert self_consistency(x, y, KSG(), n_repeats=5, n_jobs=2, rng=3) == one


def test_groups_stay_whole_in_every_rule():
    class Recorder(Planted):
        def estimate(self, x, y, *, groups=None, rng=None):
            seen.append((np.asarray(x), np.asarray(y), groups))
            return super().estimate(x, y, groups=groups, rng=rng)

    seen = []
    groups = np.repeat(np.arange(20), 3)
    order = np.random.default_rng(0).permutation(60)  # rows of a group need not stand together
    row = np.arange(60.0)[order, np.newaxis]  # both variables say which row they are: 3 group + place
    self_consistency(row, row, Recorder(slope=1e-6), groups=groups[order], n_repeats=5, rng=0)
    assert len(seen) == 5 * (1 + 2 + 3)
    for x, y, each in seen:
        assert len(x) == 30
        np.testing.assert_array_equal(np.bincount(each)[np.unique(each)], 3)
        np.testing.assert_array_equal(x[:, 0] // 3, each)
        # Where y of another group came in, it came whole: three rows of one group, with the place that x has.
        for group in np.unique(each):
            assert len(set(y[each == group, 0] // 3)) == 1
        np.testing.assert_array_equal(np.sort(y[:, 0] % 3), np.sort(x[:, 0] % 3))
    assert any((x != y).any() for x, y, _ in seen)

    x, y = gaussian_pair(100, 5)
    one_each = self_consistency(x, y, Gaussian(), groups=np.arange(100), n_repeats=5, rng=1)
    assert one_each == self_consistency(x, y, Gaussian(), n_repeats=5, rng=1)


def test_one_sided_rules_forgive_a_margin():
    settings = {"rule": "r", "estimator": "e", "tolerance": 0.1, "n_repeats": 5}
    passed = {
        (value, one_sided): ConsistencyCheck(value=value, one_sided=one_sided, **settings).passed
        for value in (-0.2, -0.05, 0.2)
        for one_sided in (True, False)
    }
    assert passed == {
        (-0.2, True): False,
        (-0.05, True): True,
        (0.2, True): True,
        (-0.2, False): False,
        (-0.05, False): True,
        (0.2, False): False,
    }


def test_consistency_refuses_what_it_cannot_do():
    x, y = gaussian_pair(100, 4)
    with pytest.raises(InvalidInputError, match="n_repeats: must be an integer of at least 5"):
        self_consistency(x, y, n_repeats=4)
    with pytest.raises(TooFewSamplesError, match="number of samples of x and y: must be at least 16"):
        self_consistency(x[:15], y[:15])
    with pytest.raises(DuplicateSamplesError):
        self_consistency(np.repeat(x, 2), np.repeat(y, 2))
    with pytest.raises(InvalidInputError, match="groups: must be of equal size; got sizes 4 to 6"):
        self_consistency(x, y, groups=[0] * 4 + [1] * 6 + [2 + i // 5 for i in range(90)])
    with pytest.raises(TooFewSamplesError, match="number of groups: must be at least 16; got 10"):
        self_consistency(x, y, groups=np.arange(100) // 10)


# --- compare_estimators ---


def test_a_row_is_what_the_public_verb_says():
    x, y = gaussian_pair(200, 0)
    settings = {"interval": HalfSampling(20), "null": Permutation(19)}
    table = compare_estimators(x, y, [KSG(k=5), Gaussian()], rng=3, **settings)
    seed = int(np.random.default_rng(3).integers(2**63))
    for (_, row), estimator in zip(table.iterrows(), [KSG(k=5), Gaussian()], strict=True):
        result = mutual_information(x, y, estimator, rng=seed, **settings)
        assert row["estimator"] == brief(estimator)
        for column, expected in {
            "value": result.value,
            "unit": "nats",
            "ci_low": result.interval.low,
            "ci_high": result.interval.high,
            "ci_level": 0.95,
            "ci_method": result.interval.method,
            "null_floor": result.null_floor,
            "pvalue": 0.05,
            "pvalue_floor": 0.05,
            "n": 200,
            "dim_x": 1,
            "dim_y": 1,
        }.items():
            assert row[column] == expected, column
        assert row["seconds"] > 0
    assert table[["warnings", "refusal"]].isna().all(axis=None)
    alone = compare_estimators(x, y, [Gaussian()], rng=3, **settings)
    assert alone["pvalue"].tolist() == table["pvalue"].tolist()[1:]


def test_columns_have_the_same_types_whatever_is_asked():
    x, y = gaussian_pair(100, 1)
    bare = compare_estimators(x, y, [KSG()], rng=0)
    refused = compare_estimators(np.repeat(x, 2), np.repeat(y, 2), [KSG()], rng=0)
    assert bare.dtypes.equals(refused.dtypes)
    assert bare[["ci_low", "ci_high", "ci_method", "null_floor", "pvalue"]].isna().all(axis=None)


def test_refusals_and_warnings_stand_in_the_table():
    x = np.repeat(np.random.default_rng(2).normal(size=50), 2)
    table = compare_estimators(x, x, [KSG(), Binned()], rng=0)
    assert table["refusal"][0].startswith("DuplicateSamplesError: x and y: continuous samples must not coincide")
    assert table.loc[0, ["value", "n"]].isna().all()
    assert table["value"].notna()[1]

    @dataclass(frozen=True)
    class Loud(Planted):
        def pointwise(self, x, y, **_):
            warnings.warn("hear, hear", UserWarning, stacklevel=1)
            return super().pointwise(x, y)

    assert compare_estimators(x, x, [Loud()], rng=0)["warnings"][0] == "UserWarning: hear, hear"


@pytest.mark.parametrize("discrete", [True, False])
def test_the_default_is_every_export_that_fits_and_needs_no_keras(discrete):
    x, y = gaussian_pair(100, 3)
    x, y = x[:, 0], (y[:, 0] > 0) if discrete else y[:, 0]
    table = compare_estimators(x, y, rng=0)
    expected = {
        brief(kind())
        for kind in exported_estimators(information).values()
        if (kind.discrete_y if discrete else kind.continuous_y) and "variational" not in kind.__module__
    }
    assert set(table["estimator"]) == expected
    assert ("Ross()" if discrete else "KSG()") in expected
    assert ("Probe()" in expected) == discrete
    assert table["value"].notna().sum() + table["refusal"].notna().sum() == len(table)


def test_groups_reach_the_estimators():
    x, y = gaussian_pair(100, 4)
    table = compare_estimators(x, y > 0, [Ross()], groups=np.repeat(np.arange(50), 2), null=Permutation(9), rng=0)
    assert table["refusal"].isna()[0]
    assert table["pvalue_floor"][0] == 0.1


def test_bad_input_is_refused_at_the_door():
    x, y = gaussian_pair(50, 5)
    with pytest.raises(InvalidInputError, match="estimators: must hold at least one"):
        compare_estimators(x, y, [])
    with pytest.raises(InvalidInputError, match="estimators: must be an estimator such as KSG"):
        compare_estimators(x, y, [KSG])
    for single in (KSG(), 1.0):  # an estimator alone, and what is no list of anything
        with pytest.raises(
            InvalidInputError, match=r"estimators: must be a list such as \[KSG\(\), Gaussian\(\)\]; got"
        ):
            compare_estimators(x, y, single)
    with pytest.raises(InvalidInputError, match="same length"):
        compare_estimators(x, y[:-1], [KSG()])
    y[3] = np.nan
    with pytest.raises(NonFiniteError, match="y: must be finite"):
        compare_estimators(x, y, [KSG()])


@pytest.mark.parametrize("verb", [self_consistency, sample_size_curve, mutual_information])
@pytest.mark.parametrize("estimator", [0.5, KSG, "ksg", np.zeros(3)], ids=str)
def test_what_is_no_estimator_is_refused_by_name(verb, estimator):
    x, y = np.random.default_rng(0).normal(size=(2, 40))
    with pytest.raises(InvalidInputError, match="estimator: must be an estimator such as KSG"):
        verb(x, y, estimator)
