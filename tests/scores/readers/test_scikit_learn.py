import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.dummy import DummyClassifier
from sklearn.model_selection import GridSearchCV, KFold, RepeatedKFold, cross_validate
from sklearn.naive_bayes import GaussianNB
from sklearn.tree import DecisionTreeClassifier

from attnstats.exceptions import InvalidInputError
from attnstats.scores import find_design, read_cross_validate, read_cv_results, read_scores

X, Y = load_iris(return_X_y=True)


def search(**options):
    grid = {"max_depth": [1, 2], "criterion": ["gini", "entropy"]}
    return GridSearchCV(DecisionTreeClassifier(random_state=0), grid, **options).fit(X, Y).cv_results_


def test_a_search_gives_the_scores_of_its_folds():
    results = search(cv=RepeatedKFold(n_splits=3, n_repeats=2, random_state=0), return_train_score=True)
    table = read_cv_results(results)
    assert list(table) == ["candidate", "fold", "metric", "value"]
    assert len(table) == 4 * 6
    assert table.groupby("candidate", sort=False).value.mean().to_numpy() == pytest.approx(results["mean_test_score"])
    assert table.candidate[0] == "criterion='gini', max_depth=1"
    design = find_design(read_scores(table, value="value", condition="candidate", fold="fold"))
    assert (design.unit, design.complete, len(design.conditions)) == ("fold", True, 4)


def test_several_metrics_stand_below_each_other():
    results = search(cv=3, scoring=["accuracy", "f1_macro"], refit=False)
    table = read_cv_results(results)
    for metric in ("accuracy", "f1_macro"):
        means = table[table.metric == metric].groupby("candidate", sort=False).value.mean()
        assert means.to_numpy() == pytest.approx(results[f"mean_test_{metric}"])


def test_a_search_by_halving_tells_its_iterations_apart():
    # as scikit-learn 1.9 writes it: the surviving candidate once more, with more resources
    results = {
        "iter": np.array([0, 0, 1]), "n_resources": np.array([50, 50, 150]),
        "params": [{"C": 0.1}, {"C": 1}, {"C": 1}],
        "split0_test_score": np.array([0.5, 0.6, 0.8]), "split1_test_score": np.array([0.4, 0.7, 0.9]),
    }  # fmt: skip
    table = read_cv_results(results)
    assert table.iteration.tolist() == [0, 0, 1, 0, 0, 1]
    assert table.n_resources.tolist() == [50, 50, 150] * 2
    with pytest.raises(
        InvalidInputError, match=r"each row must be another cell; .*\(they differ in 'iteration': 0 and 1"
    ):
        read_scores(table, value="value", condition="candidate", fold="fold")


def test_runs_of_cross_validate():
    cv = KFold(4, shuffle=True, random_state=0)
    runs = {
        "bayes": cross_validate(GaussianNB(), X, Y, cv=cv, return_indices=True, return_train_score=True),
        "dummy": cross_validate(DummyClassifier(), X, Y, cv=cv, return_indices=True),
    }
    table = read_cross_validate(runs)
    assert list(table) == ["model", "fold", "metric", "value", "n_train", "n_test"]
    assert table.value[table.model == "bayes"].tolist() == runs["bayes"]["test_score"].tolist()
    assert (table.n_train + table.n_test == 150).all()
    assert table.n_test.tolist() == [38, 38, 37, 37] * 2
    runs["dummy"].pop("indices")
    assert list(read_cross_validate(runs)) == ["model", "fold", "metric", "value"]


def test_other_folds_under_the_same_numbers_are_refused():
    cv = KFold(4, shuffle=True)  # without random_state: new splits at each call
    runs = {name: cross_validate(GaussianNB(), X, Y, cv=cv, return_indices=True) for name in ("first", "second")}
    with pytest.raises(
        InvalidInputError, match=r"runs\['second'\]: must have the folds of runs\['first'\].* in fold 0"
    ):
        read_cross_validate(runs)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: read_cv_results({"params": []}), r"results: must be cv_results_ of a search.*; got the keys params"),
        (lambda: read_cv_results([1]), r"results: must be a mapping; got list"),
        (
            lambda: read_cv_results({"params": [{}], "split0_test_score": ["x"]}),
            r"results\['split0_test_score'\]: must be numbers; got \['x'\]",
        ),
        (
            lambda: read_cv_results({"params": [{}], "split0_test_score": [0.5, 0.6]}),
            r"results\['split0_test_score'\]: must be 1 numbers, one for each candidate; got shape \(2,\)",
        ),
        (
            lambda: read_cross_validate({"a": {"test_score": 0.5}}),
            r"runs\['a'\]\['test_score'\]: must be one number for each fold; got shape \(\)",
        ),
        (
            lambda: read_cv_results({"params": 5, "split0_test_score": [0.5]}),
            r"results\['params'\]: must be a list of parameters; got 5",
        ),
        (
            lambda: read_cv_results({"params": [{}], "iter": [0], "split0_test_score": [0.5]}),
            r"results\['n_resources'\]: must be 1 numbers, one for each candidate; got None",
        ),
        (
            lambda: read_cross_validate({"a": {"test_score": [0.5], "indices": {"test": [[1]]}}}),
            r"runs\['a'\]\['indices'\]\['train'\]: must hold the rows of 1 folds; got None",
        ),
        (
            lambda: read_cross_validate({"a": {"test_score": [0.5], "indices": {"train": [[1]], "test": [2]}}}),
            r"runs\['a'\]\['indices'\]\['test'\]: must hold the rows of 1 folds; got \[2\]",
        ),
        (lambda: read_cross_validate({}), r"runs: must have at least one run"),
        (lambda: read_cross_validate({"a": {"fit_time": [1]}}), r"runs\['a'\]: must be .*; got the keys fit_time"),
        (lambda: read_cross_validate({"a": [0.5]}), r"runs\['a'\]: must be a mapping; got list"),
    ],
)
def test_what_is_no_such_dict_is_refused(call, message):
    with pytest.raises(InvalidInputError, match=message):
        call()
