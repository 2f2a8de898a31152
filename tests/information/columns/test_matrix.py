"""The matrix of all pairs against a loop of `mutual_information`, scikit-learn and closed forms."""

from itertools import combinations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.feature_selection import mutual_info_classif

from attnstats.exceptions import ConstantInputError, DuplicateSamplesError, InvalidInputError, NonFiniteError
from attnstats.information import (
    KSG,
    AsMeasured,
    Binned,
    ByKind,
    DiscreteContinuousMixture,
    GaussianCopula,
    NeighborJackknife,
    PlugIn,
    Ross,
    Standardized,
    UniformRanks,
    entropy_share,
    informational_correlation,
    mutual_information,
    mutual_information_matrix,
)
from attnstats.missing import CompleteCases
from attnstats.resampling import HalfSampling, Permutation


def table(n, seed=0):
    rng = np.random.default_rng(seed)
    a, b, c = rng.normal(size=(3, n))
    return pd.DataFrame(
        {
            "a": a,
            "sum": a + b,
            "skewed": np.exp(3 * (b + 0.1 * c)),
            "rounded": np.round(a + c, 2),
            "group": np.where(a + 0.5 * c > 0, "high", "low"),
            "count": rng.integers(4, size=n),
        }
    )


def looped(frame, estimator):
    square = np.full((frame.shape[1],) * 2, np.nan)
    for i, j in combinations(range(frame.shape[1]), 2):
        found = mutual_information(frame.iloc[:, i], frame.iloc[:, j], estimator, rng=0).value
        square[i, j] = square[j, i] = found
    return square


@pytest.mark.parametrize("n", [10, 17, 40, 100, 1000, 3001])
def test_it_equals_a_loop_over_pairs_of_any_kind(n):
    frame = table(n, seed=n)
    if n < 40:
        frame = frame.drop(columns=["count", "group", "rounded"])
    matrix = mutual_information_matrix(frame)
    np.testing.assert_allclose(matrix.estimates, looped(frame, ByKind()), rtol=0, atol=1e-12)


@pytest.mark.parametrize("margins", [AsMeasured(), Standardized(), UniformRanks()])
@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_it_equals_a_loop_with_other_margins_and_neighbours(margins, k):
    frame, estimator = table(500, seed=k)[["a", "sum", "skewed"]], KSG(k=k, margins=margins)
    matrix = mutual_information_matrix(frame, estimator)
    np.testing.assert_allclose(matrix.estimates, looped(frame, estimator), rtol=0, atol=1e-12)


@pytest.mark.parametrize("shape", ["line", "circle", "far", "cluster", "whole", "heavy"])
def test_it_equals_a_loop_where_points_lie_oddly(shape):
    rng = np.random.default_rng(7)
    x = rng.normal(size=700)
    y = {
        "line": x + 1e-9 * rng.normal(size=700),
        "circle": np.sqrt(np.abs(4 - x**2)) * rng.choice([-1, 1], 700) + 1e-3 * rng.normal(size=700),
        "far": np.where(rng.random(700) < 0.02, 1e12, 1) * rng.normal(size=700),
        "cluster": np.where(x > 0, 1e-6, 1) * rng.normal(size=700),
        "whole": rng.permutation(700).astype(float),
        "heavy": rng.standard_cauchy(700) ** 3,
    }[shape]
    x = np.arange(700.0) if shape == "whole" else x
    for estimator in (KSG(), KSG(margins=AsMeasured())):
        found = mutual_information_matrix({"x": x, "y": y}, estimator).estimates.iloc[0, 1]
        assert found == pytest.approx(mutual_information(x, y, estimator).value, abs=1e-12)


def test_threads_change_no_number(monkeypatch):
    frame = table(400)[["a", "sum", "skewed"]]
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    alone = mutual_information_matrix(frame).estimates
    monkeypatch.delenv("OMP_NUM_THREADS")
    pd.testing.assert_frame_equal(alone, mutual_information_matrix(frame).estimates, check_exact=True)


def test_gaussian_pairs_have_the_information_of_their_correlation():
    covariance = np.array([[1, 0.8, 0.3], [0.8, 1, 0.5], [0.3, 0.5, 1]])
    values = np.random.default_rng(1).multivariate_normal(np.zeros(3), covariance, size=20_000)
    matrix = mutual_information_matrix(values)
    truth = -0.5 * np.log(1 - covariance[np.triu_indices(3, 1)] ** 2)
    np.testing.assert_allclose(matrix.pairs["value"], truth, atol=0.02)
    np.testing.assert_allclose(matrix.pairs["normalized"], covariance[np.triu_indices(3, 1)], atol=0.03)


def test_classes_have_the_information_of_their_table():
    first = np.repeat(["a", "a", "b", "b", "b"], 20)
    second = np.tile(np.repeat([True, False], 5), 10)
    counts = pd.crosstab(first, second).to_numpy() / 100
    expected = (counts * np.log(counts / np.outer(counts.sum(1), counts.sum(0)))).sum()
    matrix = mutual_information_matrix({"first": first, "second": second}, ByKind(classes=Binned(entropy=PlugIn())))
    assert matrix.estimates.loc["first", "second"] == pytest.approx(expected, abs=1e-12)
    copied = mutual_information_matrix({"first": first, "copy": first}, Binned(entropy=PlugIn()))
    assert copied.normalized.loc["first", "copy"] == pytest.approx(1, abs=1e-12)


def test_mixed_pairs_agree_with_scikit_learn():
    frame = table(2000)
    theirs = mutual_info_classif(frame[["a", "sum"]], frame["group"], n_neighbors=3, random_state=0)
    ours = mutual_information_matrix(frame[["a", "sum", "group"]], ByKind(mixed=Ross(margins=Standardized())))
    np.testing.assert_allclose(ours.estimates["group"][:2], theirs, atol=1e-3)


def test_names_and_kinds_are_kept_whatever_the_library():
    frame = table(100)
    ours = mutual_information_matrix(frame)
    theirs = mutual_information_matrix(pl.from_pandas(frame))
    assert list(ours.estimates.columns) == list(ours.estimates.index) == list(frame.columns)
    pd.testing.assert_frame_equal(ours.estimates, theirs.estimates)
    kinds = ours.pairs.set_index(["x", "y"])["kind"]
    assert kinds["a", "sum"] == "measurements"
    assert kinds["a", "group"] == kinds["rounded", "count"] == "mixed"
    assert kinds["group", "count"] == "classes"
    assert list(mutual_information_matrix(frame[["a", "sum"]].to_numpy()).estimates) == ["0", "1"]


def test_any_estimator_will_do():
    frame = table(200)[["a", "sum"]]
    found = mutual_information_matrix(frame, GaussianCopula()).estimates.loc["a", "sum"]
    assert found == pytest.approx(mutual_information(frame["a"], frame["sum"], GaussianCopula()).value, abs=1e-12)


def test_incomplete_rows_are_left_out_where_that_is_asked_for():
    frame = table(100)
    frame.loc[[3, 50], "a"] = np.nan
    frame.loc[7, "group"] = None
    with pytest.raises(NonFiniteError, match="'a'"):
        mutual_information_matrix(frame)
    matrix = mutual_information_matrix(frame, missing=CompleteCases())
    assert (matrix.n_samples, matrix.n_missing) == (97, 3)
    expected = mutual_information_matrix(frame.drop(index=[3, 7, 50]))
    pd.testing.assert_frame_equal(matrix.estimates, expected.estimates)


@pytest.mark.parametrize("interval", [HalfSampling(20), NeighborJackknife()])
def test_intervals_are_those_of_each_pair(interval):
    frame = table(300)[["a", "sum", "skewed"]]
    matrix = mutual_information_matrix(frame, KSG(), interval=interval, rng=3)
    seed = int(np.random.default_rng(3).integers(2**63, size=2)[0])
    for (x, y), row in matrix.pairs.set_index(["x", "y"]).iterrows():
        if isinstance(interval, NeighborJackknife):
            expected = mutual_information(frame[x], frame[y], KSG(), interval=interval, bias_warning=False).interval
        else:
            expected = interval.interval(
                lambda rows, x=x, y=y: KSG().estimate(frame[x].iloc[rows], frame[y].iloc[rows]),
                row["value"], 300, rng=seed,
            )  # fmt: skip
        assert (row["ci_low"], row["ci_high"]) == pytest.approx((expected.low, expected.high), abs=1e-10)


def test_permuted_columns_give_floors_and_adjusted_pvalues():
    frame = table(150, seed=5)
    matrix = mutual_information_matrix(frame.drop(columns="rounded"), null=Permutation(99), rng=0)
    pairs = matrix.pairs.set_index(["x", "y"])
    assert pairs.loc[("a", "sum"), "pvalue_adjusted"] == pairs.loc[("a", "group"), "pvalue_adjusted"] == 0.01
    assert pairs.loc[("a", "count"), "pvalue_adjusted"] > 0.05
    assert (pairs["pvalue"] <= pairs["pvalue_adjusted"]).all()
    assert pairs["null_floor"].abs().max() < 0.1
    again = mutual_information_matrix(frame.drop(columns="rounded"), null=Permutation(99), rng=0)
    pd.testing.assert_frame_equal(matrix.pairs, again.pairs)


def test_a_permuted_fast_pair_is_the_estimate_of_the_permuted_columns():
    from attnstats.information.columns._pairs import Columns
    from attnstats.information.columns.matrix import read_columns

    frame = table(300)[["a", "sum", "group", "count"]]
    columns = Columns(*read_columns(frame, "frame", None, None)[:2], ByKind())
    rng = np.random.default_rng(0)
    moved = {each: rng.permutation(300) for each in (1, 2, 3)}
    shuffled = pd.DataFrame(
        {name: frame[name].to_numpy()[moved.get(i, np.arange(300))] for i, name in enumerate(frame)}
    )
    pairs = list(combinations(range(4), 2))
    expected = [looped(shuffled, ByKind())[pair] for pair in pairs]
    np.testing.assert_allclose(columns.permuted(moved).estimates(pairs), expected, atol=1e-12)


def test_errors_name_the_columns():
    frame = table(50)
    with pytest.raises(ConstantInputError, match="frame: with x = 'a' and y = 'same', "):
        mutual_information_matrix(frame[["a", "sum"]].assign(same=1.5))
    frame["whole"] = np.round(frame["a"], 1)
    frame["rounded"] = np.round(frame["rounded"], 1)
    with pytest.raises(DuplicateSamplesError, match="frame: with x = 'rounded' and y = 'whole', "):
        mutual_information_matrix(frame[["rounded", "whole"]], KSG())


def test_rounded_measurements_that_coincide_are_a_mixture():
    frame = pd.DataFrame(np.round(np.random.default_rng(2).normal(size=(200, 3)), 1), columns=list("abc"))
    frame["b"] += frame["a"]
    matrix = mutual_information_matrix(frame, null=Permutation(19), rng=0)
    np.testing.assert_allclose(matrix.estimates, looped(frame, DiscreteContinuousMixture()), atol=1e-12)
    assert set(matrix.pairs["estimator"]) == {"DiscreteContinuousMixture()"}
    alone = mutual_information(frame["a"], frame["b"], ByKind())
    assert alone.value == matrix.estimates.loc["a", "b"]
    assert alone.notes[0] == "samples coincide: DiscreteContinuousMixture()"
    order = np.random.default_rng(0).permutation(200)
    permuted = ByKind().permuted_estimates(frame["a"], frame["b"], order[np.newaxis])
    assert permuted[0] == DiscreteContinuousMixture().estimate(frame["a"], frame["b"].to_numpy()[order])


@pytest.mark.parametrize(
    ("frame", "options", "words"),
    [
        ([1.0, 2.0, 3.0], {}, "must have shape"),
        (np.zeros((5, 1)), {}, "number of columns"),
        (pd.DataFrame(np.eye(4), columns=list("aabc")), {}, "must differ"),
        (np.eye(4), {"estimator": "ksg"}, "must be an estimator"),
        (np.eye(4), {"null": 99}, "null"),
        (np.eye(4), {"interval": HalfSampling}, "interval"),
    ],
)
def test_wrong_arguments_are_named(frame, options, words):
    with pytest.raises(InvalidInputError, match=words):
        mutual_information_matrix(frame, **options)


def test_normalized_forms():
    r = np.array([0.0, 0.3, -0.9])
    np.testing.assert_allclose(informational_correlation(-0.5 * np.log(1 - r**2)), np.abs(r), atol=1e-12)
    assert informational_correlation(-0.02) == -informational_correlation(0.02)
    np.testing.assert_allclose(entropy_share([0.1, np.log(2)], np.log(2)), [0.1 / np.log(2), 1])
    for entropy in (0.0, [0.1, 0.2, 0.3]):
        with pytest.raises(InvalidInputError, match="entropy"):
            entropy_share([0.1, 0.2], entropy)
