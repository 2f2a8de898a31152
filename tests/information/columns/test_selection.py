"""Columns chosen one by one against the definition by brute force, and the selector inside scikit-learn."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator

from attnstats.exceptions import InvalidInputError
from attnstats.information import (
    ByKind,
    InformationScore,
    InformationSelector,
    mutual_information,
    rank_features,
    select_features,
)


def table(n=300, seed=0):
    rng = np.random.default_rng(seed)
    a, b, c = rng.normal(size=(3, n))
    frame = pd.DataFrame({"noise": c, "a": a, "nearly a": a + 0.1 * c, "b": b})
    return frame.assign(group=np.where(b > 1, "x", "y")), a + 0.6 * b


def test_each_choice_is_the_best_by_the_definition():
    frame, target = table()
    found = select_features(frame, target, 4)
    relevance = {name: mutual_information(frame[name], target, ByKind()).value for name in frame}
    chosen = []
    for row in found.itertuples():
        score = {
            name: relevance[name]
            - np.mean([mutual_information(frame[name], frame[each], ByKind()).value for each in chosen] or [0.0])
            for name in frame
            if name not in chosen
        }
        best = max(score, key=score.get)
        assert row.feature == best
        assert (row.relevance, row.score) == pytest.approx((relevance[best], score[best]), abs=1e-12)
        assert row.redundancy == pytest.approx(relevance[best] - score[best], abs=1e-12)
        chosen.append(best)
    assert chosen[1] == "b"


@pytest.mark.parametrize("n_features", [0, 6, 1.5, "all"])
def test_wrong_numbers_of_columns_are_named(n_features):
    frame, target = table(50)
    with pytest.raises(InvalidInputError, match="n_features"):
        select_features(frame, target, n_features)
    with pytest.raises(InvalidInputError, match="n_features"):
        InformationSelector(n_features).fit(frame, target)


@pytest.mark.slow
@pytest.mark.parametrize(
    "estimator",
    [InformationSelector(), InformationSelector(minimal_redundancy=True), SelectKBest(InformationScore(), k=1)],
    ids=["selector", "redundancy", "score"],
)
def test_scikit_learn_finds_nothing_wrong(estimator):
    found = check_estimator(estimator, on_skip=None)
    assert {each["status"] for each in found} <= {"passed", "skipped"}


def test_the_selector_keeps_what_is_ranked_first_with_names():
    frame, target = table()
    selector = InformationSelector(3).fit(frame, target)
    ranked = rank_features(frame, target)
    names = np.array(list(frame))
    assert list(names[selector.chosen_]) == list(ranked["feature"][:3])
    assert list(selector.get_feature_names_out()) == [name for name in frame if name in set(ranked["feature"][:3])]
    np.testing.assert_allclose(np.sort(selector.scores_)[::-1], ranked["value"])
    of_frame = selector.set_output(transform="pandas").transform(frame)
    pd.testing.assert_frame_equal(of_frame, frame[selector.get_feature_names_out()])
    assert clone(selector).n_features == 3


def test_the_selector_may_avoid_redundancy():
    frame, target = table()
    kept = InformationSelector(2, minimal_redundancy=True).fit(frame, target).get_feature_names_out()
    assert set(kept) == {"nearly a", "b"}  # either of two that are nearly one, and the other
    assert set(InformationSelector(2).fit(frame, target).get_feature_names_out()) == {"a", "nearly a"}


def test_polars_goes_in_and_comes_out():
    pl = pytest.importorskip("polars")
    frame, target = table(100)
    frame = frame.drop(columns="group")
    selector = InformationSelector(2).set_output(transform="polars")
    out = selector.fit_transform(pl.from_pandas(frame), target)
    assert isinstance(out, pl.DataFrame)
    assert out.columns == list(selector.get_feature_names_out())


def test_constant_columns_tell_nothing():
    frame, target = table(100)
    frame = frame[["a", "noise"]].assign(same=1.0)
    scores = InformationScore()(frame, target)
    assert scores[2] == 0
    assert scores[0] > 0.1
    selector = InformationSelector(3, minimal_redundancy=True).fit(frame, target)
    assert selector.chosen_[-1] == 2


def test_a_grid_search_over_a_pipeline():
    X, y = load_iris(return_X_y=True, as_frame=True)
    steps = make_pipeline(InformationSelector(), StandardScaler(), LogisticRegression())
    grid = {"informationselector__n_features": [1, 2], "informationselector__minimal_redundancy": [False, True]}
    search = GridSearchCV(steps, grid, cv=3).fit(X, y)
    assert search.best_score_ > 0.9
    first = search.best_estimator_[0]
    assert set(first.get_feature_names_out()) <= set(X.columns)
