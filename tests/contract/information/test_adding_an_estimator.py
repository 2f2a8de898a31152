"""A new estimator is a class and its export: everything that lists estimators finds it."""

import dataclasses
import inspect

import numpy as np
import pytest

from attnstats import information
from attnstats._validation import check_samples
from attnstats.exceptions import AttnstatsError
from attnstats.information import MIEstimator, compare_estimators, mutual_information
from attnstats.resampling import HalfSampling, Permutation
from attnstats.studies.config.component import Component
from attnstats.studies.run._cells import make_estimator
from tests.contract.information import test_estimators as contract


@dataclasses.dataclass(frozen=True)
class Toy(MIEstimator):
    """The information of two columns that are jointly normal: their first ones."""

    def pointwise(self, x, y, *, groups=None, rng=None):
        del rng
        x, y = (values[:, 0] - values[:, 0].mean() for values in check_samples(x, y, groups=groups))
        x, y = x / x.std(), y / y.std()
        r = (x * y).mean()
        return (2 * r * x * y - r**2 * (x**2 + y**2)) / (2 * (1 - r**2)) - np.log1p(-(r**2)) / 2 - 1 / (2 * len(x))


@pytest.fixture
def exported(monkeypatch):
    monkeypatch.setattr(information, "Toy", Toy, raising=False)
    monkeypatch.setattr(information, "__all__", [*information.__all__, "Toy"])


@pytest.fixture
def pair():
    rng = np.random.default_rng(0)
    x = rng.normal(size=200)
    return x, x + rng.normal(size=200)


@pytest.mark.usefixtures("exported")
def test_the_contract_tests_find_it_and_it_keeps_the_rules():
    assert contract.exported_estimators(information)["Toy"] is Toy
    rules = [
        function
        for name, function in vars(contract).items()
        if name.startswith("test_") and list(inspect.signature(function).parameters) == ["kind"]
    ]
    assert len(rules) > 10
    for rule in rules:
        if rule is not contract.test_equal_classes_give_equal_numbers:  # of those that take classes
            rule(Toy)


@pytest.mark.usefixtures("exported")
def test_the_table_of_estimators_and_the_configuration_find_it(pair):
    table = compare_estimators(*pair, rng=0).set_index("estimator")
    assert table["value"]["Toy()"] == Toy().estimate(*pair)
    assert make_estimator(Component("toy"), any_output=True) == Toy()


def test_the_functions_take_it(pair):
    result = mutual_information(
        *pair, Toy(), interval=HalfSampling(20), null=Permutation(19), bias_warning=False, rng=0
    )
    assert result.value == pytest.approx(np.log(2) / 2, abs=0.1)
    assert result.value in result.interval
    assert result.pvalue == 0.05


def returning(method, value):
    """An estimator whose method returns a value."""

    def give(self, x, y, *, groups=None, rng=None):
        return value(len(x))

    return dataclasses.dataclass(frozen=True)(type("Made", (MIEstimator,), {method: give}))()


@pytest.mark.parametrize(
    ("method", "value", "message"),
    [
        ("pointwise", lambda n: np.full(n, np.nan), "local terms must be finite; got nan in row 0"),
        ("pointwise", lambda n: np.r_[np.zeros(n - 1), np.inf], f"local terms must be finite; got inf in row {39}"),
        ("pointwise", lambda n: np.zeros(n - 1), r"local terms must be an array of real numbers of shape \(40,\)"),
        ("pointwise", lambda n: np.zeros((n, 1)), r"local terms must be an array of real numbers of shape \(40,\)"),
        ("pointwise", lambda n: np.zeros(n, complex), "local terms must be an array of real numbers"),
        ("pointwise", lambda n: 0.5, "local terms must be an array of real numbers.*got 0.5 from"),  # noqa: ARG005
        ("local_terms", lambda n: np.zeros(n), "local_terms must return LocalTerms"),
        ("estimate", lambda n: np.nan, "estimate must return a finite number; got nan"),  # noqa: ARG005
        ("estimate", lambda n: np.zeros(1), "estimate must return a finite number"),  # noqa: ARG005
        ("estimate", lambda n: None, "estimate must return a finite number; got None"),  # noqa: ARG005
    ],
)
def test_what_an_estimator_returns_is_checked_by_name(method, value, message):
    x, y = np.random.default_rng(0).normal(size=(2, 40))
    with pytest.raises(AttnstatsError, match=f"^estimator: {message}"):
        mutual_information(x, y, returning(method, value))


def test_an_estimator_takes_groups_and_rng_and_is_a_dataclass():
    class Plain(MIEstimator):
        def pointwise(self, x, y):  # noqa: ARG002
            return np.zeros(len(x))

    with pytest.raises(AttnstatsError, match=r"estimator: must be .* a frozen dataclass"):
        mutual_information([1.5, 2, 3], [1.5, 3, 2], Plain())
    with pytest.raises(AttnstatsError, match="estimator: pointwise must take the keywords groups and rng"):
        mutual_information([1.5, 2, 3], [1.5, 3, 2], dataclasses.dataclass(frozen=True)(Plain)())


def test_an_estimator_of_measurements_is_given_no_labels():
    x = np.random.default_rng(0).normal(size=40)
    with pytest.raises(AttnstatsError, match=r"^y: "):
        mutual_information(x, ["a", "b"] * 20, returning("pointwise", np.zeros))
