"""A new estimator is a class and its export: everything that lists estimators finds it."""

import dataclasses
import inspect

import numpy as np
import pytest

from attnstats import information
from attnstats._validation import check_samples
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
