"""Two samples of different size, each resampled on its own."""

import joblib
import numpy as np
import pytest
import scipy.stats

from attnstats.exceptions import FewReplicatesWarning, InvalidInputError, TooFewSamplesError
from attnstats.missing import CompleteCases
from attnstats.resampling import (
    Basic,
    BCa,
    DoubleBootstrap,
    FunctionOfMeans,
    IndependentSamples,
    Percentile,
    Studentized,
    bootstrap_interval,
)

RNG = np.random.default_rng(0)
A, B = RNG.exponential(size=45), RNG.exponential(2.0, size=31)
DIFFERENCE_OF_MEANS = FunctionOfMeans(lambda means: means[0] - means[1])


def difference(a, b):
    return float(a.mean() - b.mean())


def ends(interval):
    return interval.low, interval.high


@pytest.mark.parametrize(("name", "method"), [("percentile", Percentile), ("basic", Basic), ("BCa", BCa)])
def test_agrees_with_scipy(name, method):
    # Both draw 20,000 resamples; an end's Monte Carlo error is about 0.02 standard errors, .008 here: five of the
    # difference of two.
    ours = bootstrap_interval((A, B), DIFFERENCE_OF_MEANS, method=method(20_000), rng=0)
    theirs = scipy.stats.bootstrap(
        (A, B), lambda a, b, axis: a.mean(axis=axis) - b.mean(axis=axis), n_resamples=20_000, method=name, rng=1
    )
    assert ends(ours) == pytest.approx(tuple(theirs.confidence_interval), abs=0.055)
    assert ours.method == f"independent-samples {method.name}"


@pytest.mark.parametrize("method", [Percentile(300), Basic(300), BCa(300), Studentized(99), DoubleBootstrap(49, 49)])
def test_compiled_means_equal_the_function(method):
    fast = bootstrap_interval((A, B), DIFFERENCE_OF_MEANS, method=method, rng=3)
    plain = bootstrap_interval((A, B), difference, method=method, rng=3)
    assert ends(fast) == pytest.approx(ends(plain), rel=1e-8)


def test_standard_error_is_welchs():
    # sqrt(s_a²/n_a + s_b²/n_b), by the delta method and by the jackknife.
    expected = np.hypot(scipy.stats.sem(A), scipy.stats.sem(B))
    sample = IndependentSamples().bind((A, B))
    assert sample.standard_error(DIFFERENCE_OF_MEANS) == pytest.approx(expected)
    assert sample.standard_error(difference) == pytest.approx(expected)


def test_large_normal_samples_give_welchs_interval():
    # The studentized bootstrap differs from t by O(1/n); an end's Monte Carlo error is about 0.03 standard errors.
    rng = np.random.default_rng(5)
    a, b = rng.normal(size=400), rng.normal(1, 3, size=250)
    welch = scipy.stats.ttest_ind(a, b, equal_var=False)
    expected = welch.confidence_interval()
    error = (a.mean() - b.mean()) / welch.statistic
    for method in (Studentized(4_000), BCa(20_000)):
        found = bootstrap_interval((a, b), DIFFERENCE_OF_MEANS, method=method, rng=0)
        assert ends(found) == pytest.approx((expected.low, expected.high), abs=0.12 * error)


def test_influence_leaves_out_one_row_of_each_sample():
    sample = IndependentSamples().bind((A, B))

    def ratio(a, b):
        return np.median(a) / b.mean()

    without_a = np.array([ratio(np.delete(A, i), B) for i in range(len(A))])
    without_b = np.array([ratio(A, np.delete(B, i)) for i in range(len(B))])
    expected = [(each.mean() - each) * (len(each) - 1) / len(each) for each in (without_a, without_b)]
    assert sample.influence(ratio) == pytest.approx(np.concatenate(expected))


def test_three_samples_and_rows_of_several_shapes():
    interval = bootstrap_interval(
        (A, B, RNG.normal(size=(33, 2))), lambda a, b, c: a.mean() + b.mean() + c[:, 1].mean(), rng=0
    )
    assert interval.low < interval.high


def test_a_tuple_of_numbers_is_one_sample():
    x = tuple(A.tolist())
    assert bootstrap_interval(x, np.mean, rng=0) == bootstrap_interval(A, np.mean, rng=0)


def test_same_seed_same_numbers_for_any_number_of_workers():
    one = bootstrap_interval((A, B), difference, rng=7, method=BCa(3_000))
    with joblib.parallel_config(backend="threading"):
        assert one == bootstrap_interval((A, B), difference, rng=7, method=BCa(3_000), n_jobs=2)


def test_complete_cases_are_taken_from_each_sample():
    found = bootstrap_interval(([*A, np.nan, None], [np.nan, *B]), difference, missing=CompleteCases(), rng=0)
    expected = bootstrap_interval((A, B), difference, rng=0)
    assert (ends(found), found.n_missing) == (ends(expected), 3)


def test_what_is_no_two_samples_is_refused():
    with pytest.raises(InvalidInputError, match="statistic: must take every sample"):
        bootstrap_interval((A, B), np.mean)
    with pytest.raises(InvalidInputError, match="statistic: must take 2 arguments"):
        bootstrap_interval((A, B), np.median)
    with pytest.raises(InvalidInputError, match="statistic: must take 2 arguments"):
        bootstrap_interval((A, B), lambda a: a.mean())
    with pytest.raises(InvalidInputError, match="statistic: must take 1 argument"):
        bootstrap_interval(A, difference)
    with pytest.raises(TooFewSamplesError, match=r"number of rows in data\[1\]"):
        bootstrap_interval((A, [1.0]), difference)
    with pytest.raises(TooFewSamplesError, match="number of samples"):
        bootstrap_interval((A,), difference)
    with pytest.raises(InvalidInputError, match=r"data\[1\]"):
        bootstrap_interval((A, ["a", "b"]), difference)
    with pytest.raises(InvalidInputError, match="data: must be a tuple"):
        bootstrap_interval(A, difference, design=IndependentSamples())


def test_few_rows_of_the_smallest_sample_warn():
    with pytest.warns(FewReplicatesWarning, match="rows in the smallest sample.*got 5"):
        bootstrap_interval((A, B[:5]), difference, method=Percentile(99), rng=0)
