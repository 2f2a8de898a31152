import math
import warnings

import numpy as np
import pytest
from scipy import stats

from attnstats.exceptions import ConstantInputError, InvalidInputError, TooFewSamplesError, UnreliableEstimateWarning
from attnstats.information import KSG, HeldOutCLT, InfoNCE, NetworkTraining, Probe, Ross, mutual_information
from attnstats.information.interface import LocalTerms


def test_clt_is_the_t_interval_of_the_terms():
    terms = np.random.default_rng(0).normal(size=50) + 5
    found = HeldOutCLT().from_terms(Probe(), LocalTerms(terms), terms, terms, groups=None, confidence_level=0.9)
    expected = stats.ttest_1samp(terms, 0).confidence_interval(0.9)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


def test_clt_is_the_t_interval_of_the_means_of_equal_groups():
    rng = np.random.default_rng(1)
    groups = rng.permutation(np.repeat(np.arange(20), 4))
    terms = rng.normal(size=20)[groups] + rng.normal(size=80) + 5
    found = HeldOutCLT().from_terms(Probe(), LocalTerms(terms), terms, terms, groups=groups, confidence_level=0.95)
    means = np.array([terms[groups == group].mean() for group in range(20)])
    expected = stats.ttest_1samp(means, 0).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


def test_clt_counts_the_variance_of_the_plug_in_entropy():
    # The terms of the class frequencies alone, -log p(y_j), have the mean H and the standard error of its delta method.
    y = np.repeat([0, 1], [80, 20])
    terms = -np.log(np.where(y == 0, 0.8, 0.2))
    found = HeldOutCLT().from_terms(Probe(), LocalTerms(terms), y, y, groups=None, confidence_level=0.95)
    gradient = math.log(0.2 / 0.8)  # dH/dp at p = 0.8
    error = abs(gradient) * math.sqrt(0.8 * 0.2 / 99)
    assert found.high - found.low == pytest.approx(2 * error * stats.t.ppf(0.975, 99))


def test_clt_refuses_by_name_what_is_not_held_out():
    x = np.random.default_rng(2).normal(size=(100, 1))
    with pytest.raises(InvalidInputError, match=r"interval: HeldOutCLT needs .* held out.*got KSG\(k=3"):
        mutual_information(x, x[:, 0] + np.random.default_rng(3).normal(size=100), KSG(), interval=HeldOutCLT())
    with pytest.raises(InvalidInputError, match=r"HeldOutCLT needs .*got Ross\("):
        mutual_information(x, x[:, 0] > 0, Ross(), interval=HeldOutCLT())


def test_variational_bounds_are_held_out():
    keras = pytest.importorskip("keras")
    del keras
    rng = np.random.default_rng(6)
    x = rng.normal(size=200)
    y = x + 0.5 * rng.normal(size=200)
    estimator = InfoNCE(training=NetworkTraining(max_epochs=10), n_folds=2)
    found = mutual_information(x, y, estimator, interval=HeldOutCLT(), rng=0)
    expected = stats.ttest_1samp(estimator.pointwise(x, y, rng=0), 0).confidence_interval(0.95)
    assert (found.interval.low, found.interval.high) == pytest.approx((expected.low, expected.high))


def test_clt_warns_where_nothing_is_learnt():
    rng = np.random.default_rng(4)
    x, y = rng.normal(size=(300, 1)), rng.integers(2, size=300)
    with pytest.warns(UnreliableEstimateWarning, match="held-out bound of .* nats: not above zero") as caught:
        mutual_information(x, y, Probe(), interval=HeldOutCLT(), rng=0)
    assert caught[0].filename == __file__


@pytest.mark.parametrize(("n_rows", "warns"), [(199, True), (200, False)])
def test_clt_warns_of_many_columns(n_rows, warns):
    terms = np.random.default_rng(5).normal(size=n_rows) + 5
    x = np.zeros((n_rows, 10))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        HeldOutCLT().from_terms(Probe(), LocalTerms(terms), x, terms, groups=None, confidence_level=0.95)
    said = [str(each.message) for each in caught]
    assert said == (
        [
            "x: should have at least 20 rows for each column; got 199 for 10: the interval is somewhat too narrow;"
            " its lower end still holds, and a certified one always does"
        ]
        if warns
        else []
    )


def test_clt_needs_groups_that_vary():
    terms = LocalTerms(np.arange(40.0))
    with pytest.raises(TooFewSamplesError, match="number of groups: must be at least 8; got 4"):
        HeldOutCLT().from_terms(
            Probe(), terms, terms.terms, terms.terms, groups=np.arange(40) % 4, confidence_level=0.95
        )
    constant = LocalTerms(np.zeros(40))
    with pytest.raises(ConstantInputError, match="terms: must vary"):
        HeldOutCLT().from_terms(Probe(), constant, terms.terms, terms.terms, groups=None, confidence_level=0.95)


def test_as_interval_of_the_verb():
    rng = np.random.default_rng(10)
    y = rng.integers(2, size=600)
    x = rng.normal(size=(600, 2)) + 2 * y[:, np.newaxis]
    groups = np.repeat(np.arange(200), 3)
    clt = mutual_information(x, y, Probe(), interval=HeldOutCLT(), groups=groups, rng=0)
    assert clt.value in clt.interval
    assert clt.notes == ("logistic in 5 of 5 folds",)
