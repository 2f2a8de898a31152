"""Ranked columns against single estimates, scikit-learn, and what is known of made-up data."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.feature_selection import mutual_info_regression

from attnstats.exceptions import InvalidInputError, NonFiniteError, TooFewSamplesError
from attnstats.information import (
    KSG,
    ByKind,
    Gaussian,
    LocalPermutation,
    NeighborJackknife,
    Standardized,
    conditional_mutual_information,
    mutual_information,
    rank_features,
)
from attnstats.missing import CompleteCases
from attnstats.resampling import HalfSampling, Permutation


def table(n, seed=0):
    rng = np.random.default_rng(seed)
    a, b, noise = rng.normal(size=(3, n))
    frame = pd.DataFrame({"noise": noise, "a": a, "b": b, "group": np.where(rng.random(n) < 0.5, "x", "y")})
    return frame.assign(target=a + 0.5 * b + (frame["group"] == "x") + 0.5 * rng.normal(size=n))


def test_each_value_is_that_of_the_pair_and_they_descend():
    frame = table(400)
    ranked = rank_features(frame, "target")
    assert ranked["feature"][0] == "a"
    assert ranked["value"].is_monotonic_decreasing
    for row in ranked.itertuples():
        expected = mutual_information(frame[row.feature], frame["target"], ByKind()).value
        assert row.value == pytest.approx(expected, abs=1e-12)
    assert dict(zip(ranked["feature"], ranked["kind"], strict=True))["group"] == "mixed"


@pytest.mark.parametrize("as_class", [False, True])
def test_a_target_may_stand_alone(as_class):
    frame = table(300)
    target = frame.pop("target")
    target = np.where(target > 0, "up", "down") if as_class else target.to_numpy()
    alone, inside = rank_features(pl.from_pandas(frame), target), rank_features(frame.assign(target=target), "target")
    pd.testing.assert_frame_equal(alone, inside)


def test_it_agrees_with_scikit_learn():
    frame = table(1000).drop(columns="group")
    theirs = mutual_info_regression(frame[["noise", "a", "b"]], frame["target"], random_state=0)
    ours = rank_features(frame, "target", KSG(margins=Standardized())).set_index("feature")["value"]
    # Theirs counts by x +- radius, which rounds otherwise, and does not let an estimate fall below zero.
    np.testing.assert_allclose(ours[["a", "b"]], theirs[1:], atol=0.01)


def test_given_columns_the_rest_is_ranked_by_what_remains():
    frame = table(400)
    frame["copy"] = frame["a"] + 0.1 * np.random.default_rng(9).normal(size=400)
    frame = frame.drop(columns="group")
    assert rank_features(frame, "target", Gaussian())["feature"].tolist()[:2] == ["a", "copy"]
    ranked = rank_features(frame, "target", Gaussian(), given=["a"])
    assert ranked["feature"][0] == "b"
    for row in ranked.itertuples():
        expected = conditional_mutual_information(frame[row.feature], frame["target"], frame["a"], Gaussian()).value
        assert row.value == pytest.approx(expected, abs=1e-12)
    assert "normalized" not in ranked


def test_kinds_may_be_mixed_given_columns():
    frame = table(300)
    found = rank_features(frame, "target", given=["a", "group"]).set_index("feature")
    expected = conditional_mutual_information(frame["b"], frame["target"], frame[["a", "group"]], ByKind()).value
    assert found.loc["b", "value"] == pytest.approx(expected, abs=1e-12)
    found = rank_features(frame, "target", given=["a"], null=LocalPermutation(39), rng=0).set_index("feature")
    assert found.loc["group", "pvalue_adjusted"] == 1 / 40
    assert found.loc["noise", "pvalue_adjusted"] > 0.1


def test_the_null_moves_the_target_alike_against_all_columns():
    frame = table(150)
    ranked = rank_features(frame, "target", null=Permutation(99), rng=1).set_index("feature")
    assert (ranked.loc[["a", "group"], "pvalue_adjusted"] <= 0.05).all()
    assert ranked.loc["noise", "pvalue"] > 0.05
    # By hand: the same permutations, each estimated by the public function.
    generator = np.random.default_rng(int(np.random.default_rng(1).integers(2**63, size=2)[1]))
    rows = [Permutation(99).arrangement(150, generator) for _ in range(99)]
    moved = [mutual_information(frame["a"], frame["target"].to_numpy()[each], KSG()).value for each in rows]
    assert ranked.loc["a", "null_floor"] == pytest.approx(np.mean(moved), abs=1e-12)
    pd.testing.assert_frame_equal(
        ranked, rank_features(frame, "target", null=Permutation(99), rng=1).set_index("feature")
    )


def test_intervals():
    frame = table(200).drop(columns="group")
    ranked = rank_features(frame, "target", KSG(), interval=NeighborJackknife()).set_index("feature")
    expected = mutual_information(
        frame["b"], frame["target"], KSG(), interval=NeighborJackknife(), bias_warning=False
    ).interval
    assert (ranked.loc["b", "ci_low"], ranked.loc["b", "ci_high"]) == pytest.approx((expected.low, expected.high))
    halves = rank_features(table(200), "target", interval=HalfSampling(20), rng=0)
    assert (halves["ci_low"] < halves["value"]).all()
    assert (halves["value"] < halves["ci_high"]).all()


def test_missing_values_follow_the_policy():
    frame = table(100)
    frame.loc[4, "b"] = np.nan
    target = frame.pop("target").to_numpy().copy()
    target[9] = np.nan
    with pytest.raises(NonFiniteError):
        rank_features(frame, target)
    ranked = rank_features(frame, target, missing=CompleteCases())
    assert set(ranked["n_samples"]) == {98}
    assert set(ranked["n_missing"]) == {2}
    whole = rank_features(frame.drop(index=[4, 9]), np.delete(target, [4, 9]))
    np.testing.assert_allclose(ranked["value"], whole["value"], atol=1e-12)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"target": "nobody"}, "target: must be the name of a column"),
        ({"given": ["nobody"]}, "given: must be the name of a column"),
        ({"given": "a"}, "given: must be names"),
        ({"target": np.zeros((100, 2))}, "target: must have shape"),
        ({"target": np.zeros(99)}, "same length"),
        ({"null": LocalPermutation(9)}, "null"),
        ({"null": Permutation(9), "given": ["a"]}, "null"),
        ({"interval": NeighborJackknife(), "given": ["a"]}, "interval"),
    ],
)
def test_wrong_arguments_are_named(options, words):
    with pytest.raises(InvalidInputError, match=words):
        rank_features(**{"frame": table(100), "target": "target", **options})


def test_something_must_be_left_to_rank():
    with pytest.raises(TooFewSamplesError, match="to rank"):
        rank_features(table(50)[["a", "target"]], "target", given=["a"])


def test_the_caller_may_say_what_the_target_is():
    frame = table(200)
    frame["target"] = np.resize([1.0, 2.0, 3.0], 200)
    kinds = {
        wish: rank_features(frame[["a", "target"]], "target", discrete_target=wish)["kind"][0]
        for wish in (None, True, False)
    }
    assert kinds == {None: "mixed", True: "mixed", False: "measurements"}
    with pytest.raises(InvalidInputError, match="discrete_target"):
        rank_features(frame[["a", "target"]], "target", discrete_target="yes")


def test_errors_of_parts_name_the_columns_once():
    frame = table(60)
    frame["group"] = np.where(np.arange(60) < 3, "few", "many")
    with pytest.raises(TooFewSamplesError) as caught:
        rank_features(frame[["group", "target"]], "target", interval=HalfSampling(20), rng=0)
    assert str(caught.value).startswith("frame: with x = 'group' and y = 'target', ")
    assert str(caught.value).count("frame: ") == 1
