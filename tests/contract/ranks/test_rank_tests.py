"""What every rank test promises: each function of `attnstats.ranks` that returns a `SignificanceResult`."""

import inspect
import pickle
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attnstats import CompleteCases, ranks
from attnstats.exceptions import ConstantInputError, InvalidInputError, NonFiniteError, TooFewSamplesError
from attnstats.ranks import BonettWright, Fieller, JackknifeInterval, ScoreInterval
from attnstats.resampling import BCa, Percentile, Permutation

#: Those that take two vectors and no more; `kendall_w` and the partial taus have tests of their own.
RANK_TESTS = [
    function
    for name in ranks.__all__
    if inspect.isfunction(function := getattr(ranks, name))
    and (signature := inspect.signature(function)).return_annotation == "SignificanceResult"
    and [each for each, of in signature.parameters.items() if of.kind is of.POSITIONAL_OR_KEYWORD] == ["x", "y"]
]
#: Of these, the ones whose null can be exact.
EXACT_TESTS = [function for function in RANK_TESTS if "exact" in inspect.signature(function).parameters]
#: Those of a dependent and an independent variable.
ASYMMETRIC = {"ap_correlation", "somers_d"}

rank_test = pytest.fixture(params=RANK_TESTS, ids=lambda function: function.__name__)(lambda request: request.param)
exact_test = pytest.fixture(params=EXACT_TESTS, ids=lambda function: function.__name__)(lambda request: request.param)


def draw(n, seed=0):
    x, noise = np.random.default_rng(seed).normal(size=(2, n))
    return x, 0.5 * x + noise


def test_the_rank_tests_are_found():
    assert {function.__name__ for function in RANK_TESTS} >= {
        "kendall",
        "spearman",
        "somers_d",
        "goodman_kruskal_gamma",
    }


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", ["x", "y"])
def test_nan_and_infinity_raise(rank_test, bad, name):
    arrays = {"x": np.arange(5.0), "y": np.array([1.0, 3.0, 2.0, 5.0, 4.0])}
    arrays[name][2] = bad
    with pytest.raises(NonFiniteError, match=f"{name}: must be finite; got 1"):
        rank_test(**arrays)


def test_unequal_lengths_raise(rank_test):
    with pytest.raises(InvalidInputError, match="x and y: must have the same length; x has 5, y has 4"):
        rank_test(np.arange(5), np.arange(4))


@pytest.mark.parametrize("name", ["x", "y"])
def test_constants_raise(rank_test, name):
    arrays = {"x": np.arange(5.0), "y": np.arange(5.0), name: np.full(5, 0.2)}
    with pytest.raises(ConstantInputError, match=f"{name}: must hold at least two different values; got 0.2"):
        rank_test(**arrays)


@pytest.mark.parametrize("n", [0, 1, 2])
def test_too_few_samples_raise(rank_test, n):
    with pytest.raises(TooFewSamplesError, match=f"number of samples: must be at least 3; got {n}"):
        rank_test(np.arange(n), np.arange(n))


@pytest.mark.parametrize("bad", [np.ones((3, 2)), "abc", [["a", "b"]], None])
def test_what_is_no_vector_of_numbers_raises(rank_test, bad):
    with pytest.raises(InvalidInputError, match="x: must"):
        rank_test(bad, np.arange(3))


@pytest.mark.parametrize("word", ["two_sided", "equivalence", "", None])
def test_unknown_alternatives_raise(rank_test, word):
    with pytest.raises(InvalidInputError, match="alternative: must be one of two-sided, less, greater; got"):
        rank_test(*draw(9), alternative=word)


def test_exact_takes_three_values(exact_test):
    with pytest.raises(InvalidInputError, match="exact: must be None, True or False; got 'auto'"):
        exact_test(*draw(9), exact="auto")


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("alternative", ["two-sided", "less", "greater"])
def test_symmetric_in_its_arguments(exact_test, exact, alternative):
    x, y = draw(9)
    x[:2] = x[0]
    forth, back = (exact_test(*pair, alternative=alternative, exact=exact) for pair in ((x, y), (y, x)))
    assert back.statistic == forth.statistic or exact_test.__name__ in ASYMMETRIC
    assert back.pvalue == pytest.approx(forth.pvalue, rel=1e-12)


@pytest.mark.parametrize("exact", [True, False])
def test_alternatives_fit_together(exact_test, exact):
    x, y = draw(9)
    two, less, greater = (exact_test(x, y, alternative=word, exact=exact) for word in ("two-sided", "less", "greater"))
    assert two.statistic > 0
    assert greater.pvalue < less.pvalue
    assert two.pvalue == pytest.approx(2 * greater.pvalue)  # without ties the null is symmetric
    assert [result.alternative for result in (two, less, greater)] == ["two-sided", "less", "greater"]


@pytest.mark.parametrize("exact", [True, False])
def test_the_result_is_complete(exact_test, exact):
    x, y = draw(9)
    result = exact_test(x, y, exact=exact)
    assert result.n == 9
    assert result.replication_unit == "pair"
    assert result.effect == result.statistic
    assert ("exact" in result.test) is exact
    assert (result.pvalue_floor is not None) is exact
    assert not exact or 0 < result.pvalue_floor <= result.pvalue
    assert result.interval(0.9).level == 0.9
    assert result.effect in result.interval(0.9)
    assert pickle.loads(pickle.dumps(result)).interval(0.9) == result.interval(0.9)
    with pytest.raises(InvalidInputError, match="confidence_level"):
        result.interval(1.5)


@pytest.mark.parametrize("exact", [True, False])
def test_the_level_holds_under_independence(exact_test, exact):
    """Type-I error at 5 %, 600 draws: Monte Carlo error 0.009; an exact test of 8 samples may fall below."""
    rng, n = np.random.default_rng(2), 8 if exact else 30
    rejected = sum(exact_test(*rng.normal(size=(2, n)), exact=exact).pvalue <= 0.05 for _ in range(600))
    assert 0.01 < rejected / 600 < 0.08


def test_permutations_give_a_pvalue_and_its_floor(exact_test):
    x, y = draw(20)
    results = [exact_test(x, y, null=Permutation(99), rng=1) for _ in range(2)]
    assert results[0] == results[1]
    assert "99 permutations" in results[0].test
    assert results[0].pvalue_floor == 0.01 <= results[0].pvalue
    assert results[0].pvalue == pytest.approx(exact_test(x, y, exact=False).pvalue, abs=0.15)
    with pytest.raises(InvalidInputError, match="null: must be None or Permutation"):
        exact_test(x, y, null=99)
    with pytest.raises(InvalidInputError, match="exact: must be False or None with a null of random permutations"):
        exact_test(x, y, null=Permutation(99), exact=True)


@pytest.mark.parametrize("method", [JackknifeInterval(), BCa(199), Percentile(199)])
def test_intervals_of_every_method_hold_the_effect_and_repeat(rank_test, method):
    x, y = draw(30)
    result = rank_test(x, y, interval=method, rng=1)
    assert result.effect in result.confidence_interval
    assert str(result.confidence_interval) in result.summary()
    assert result.interval(0.8) == result.interval(0.8)
    assert result.interval(0.8).low > result.interval(0.95).low
    assert result == rank_test(x, y, interval=method, rng=1)


def test_what_is_no_interval_raises(rank_test):
    with pytest.raises(InvalidInputError, match=r"interval: must be ScoreInterval\(\), JackknifeInterval"):
        rank_test(*draw(9), interval="jackknife")


def test_reversal_of_y_changes_the_sign(rank_test):
    x, y = draw(7)
    plus, minus = rank_test(x, y, alternative="greater"), rank_test(x, -y, alternative="less")
    if rank_test.__name__ not in ("weighted_tau",):  # the top of -y is the bottom of y
        assert minus.effect == pytest.approx(-plus.effect)
        assert minus.pvalue == pytest.approx(plus.pvalue)


def test_monotone_transforms_do_not_matter(rank_test):
    x, y = draw(12)
    before, after = rank_test(x, y, rng=0), rank_test(np.exp(x), y**3 - 7, rng=0)
    assert after.effect == before.effect
    assert after.pvalue == before.pvalue


@settings(max_examples=15, deadline=None)
@given(
    values=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=4, max_size=7), seed=st.integers(0, 99)
)
@pytest.mark.parametrize("function", RANK_TESTS, ids=lambda function: function.__name__)
def test_the_order_of_the_samples_does_not_matter(function, values, seed):
    x, y = np.array(values, dtype=float).T
    order = np.random.default_rng(seed).permutation(len(x))
    try:
        before = function(x, y)
    except ConstantInputError:
        with pytest.raises(ConstantInputError):
            function(x[order], y[order])
        return
    after = function(x[order], y[order])
    assert after.effect == pytest.approx(before.effect, rel=1e-12, abs=1e-12)
    assert after.pvalue == pytest.approx(before.pvalue, rel=1e-9)  # exact, so that no seed enters
    assert (before.confidence_interval is None) == (after.confidence_interval is None)
    if before.confidence_interval is not None:
        ends = [(each.confidence_interval.low, each.confidence_interval.high) for each in (before, after)]
        assert ends[1] == pytest.approx(ends[0], rel=1e-9)


def test_intervals_are_refused_where_they_do_not_fit():
    x, y = draw(9)
    for function in (ranks.somers_d, ranks.goodman_kruskal_gamma):
        with pytest.raises(InvalidInputError, match=r"interval: must not be Fieller\(\) for"):
            function(x, y, interval=Fieller())
    for function in (ranks.partial_kendall, ranks.semipartial_kendall):
        with pytest.raises(InvalidInputError, match=r"interval: must not be ScoreInterval\(\) for"):
            function(x, y, x * y, interval=ScoreInterval())
    with pytest.raises(InvalidInputError, match=r"interval: must not be BonettWright\(\) for tau-b"):
        ranks.kendall(x, y, interval=BonettWright())


def test_lists_and_integers_are_taken(rank_test):
    assert rank_test([1, 2, 3, 4], [1, 3, 2, 4]) == rank_test(np.arange(4.0), np.array([1.0, 3.0, 2.0, 4.0]))


@pytest.mark.parametrize("dtype", [np.int16, np.uint64, np.float16, object, "Int64", "Float64", "int64[pyarrow]"])
def test_equal_values_give_equal_results(rank_test, dtype):
    x, y = np.random.default_rng(3).integers(0, 9, size=(2, 30))
    expected = rank_test(x, y, rng=0)
    assert rank_test(pd.Series(x, dtype=dtype), y, rng=0) == expected
    assert rank_test(x, pd.Series(y, dtype=dtype), rng=0) == expected


def test_what_float64_cannot_hold_keeps_its_order(rank_test):
    # Only the order counts: these are the orders of x and y themselves.
    x, y = np.random.default_rng(4).integers(0, 9, size=(2, 30))
    expected = rank_test(x, y, rng=0)
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(x, unit="ns")
    for same in (2**60 + x, (2**63 + x.astype(np.uint64)), [2**80 + int(each) for each in x], days, pd.Series(days)):
        result = rank_test(same, y, rng=0)
        assert (result.statistic, result.pvalue) == (expected.statistic, expected.pvalue)


def test_incomplete_samples_are_left_out_when_asked(rank_test):
    x, y = np.random.default_rng(5).integers(0, 9, size=(2, 30)).astype(float)
    x[4], y[7] = np.nan, np.nan
    complete = ~np.isnan(x + y)
    result = rank_test(x, np.ma.masked_invalid(y), missing=CompleteCases(), rng=0)
    assert replace(result, n_missing=0) == rank_test(x[complete], y[complete], rng=0)
    assert (result.n, result.n_missing) == (28, 2)
    assert "n = 28 pairs, 2 left out as incomplete" in result.summary()
    with pytest.raises(NonFiniteError, match="row 4"):
        rank_test(x, y)
