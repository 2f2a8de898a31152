import numpy as np
import pandas as pd
import polars as pl
import pytest

import attnstats
from attnstats import CompleteCases, conditional_mutual_information, mutual_information, pointwise_mutual_information
from attnstats._validation import as_float_array, as_labels
from attnstats.exceptions import InvalidInputError, NonFiniteError, TooFewSamplesError
from attnstats.information import KSG, Binned, Gaussian, Ross, compare_estimators, sample_size_curve
from attnstats.missing import complete_cases
from attnstats.results import ConfidenceInterval, MIEstimate, SignificanceResult

RNG = np.random.default_rng(0)
N = 120
X = RNG.normal(size=N)
Y = X + RNG.normal(size=N)
GAPS = np.arange(N) % 10 == 3
LABELS = np.where(X > 0, "high", "low")


def with_gaps(values):
    return np.where(GAPS, np.nan, values)


CONTAINERS = {
    "nan": with_gaps(X),
    "masked": np.ma.masked_array(np.where(GAPS, -999.0, X), mask=GAPS),
    "none": [None if gap else value for gap, value in zip(GAPS, X, strict=True)],
    "series": pd.Series(with_gaps(X)),
    "nullable": pd.Series(X, dtype="Float64").mask(GAPS),
    "arrow": pd.Series(X, dtype="double[pyarrow]").mask(GAPS),
    "polars": pl.Series([None if gap else value for gap, value in zip(GAPS, X, strict=True)]),
}


@pytest.mark.parametrize("container", CONTAINERS)
def test_incomplete_rows_are_left_out_and_counted(container):
    # Right is the estimate from the rows that are complete, given by hand.
    result = mutual_information(CONTAINERS[container], Y, KSG(), missing=CompleteCases())
    assert result.value == KSG().estimate(X[~GAPS], Y[~GAPS])
    assert (result.n_samples, result.n_missing) == (N - 12, 12)
    assert "n = 108, 12 left out as incomplete" in result.summary()


@pytest.mark.parametrize("container", CONTAINERS)
def test_without_a_policy_the_first_missing_row_is_named(container):
    with pytest.raises(NonFiniteError, match=r"x: .*the first.* in row 3.*missing=CompleteCases\(\)"):
        mutual_information(CONTAINERS[container], Y, KSG())


def test_rows_are_left_out_jointly():
    y = Y.copy()
    y[4] = np.nan
    groups = pd.Series(np.arange(N) // 2, dtype="Int64")
    groups[5] = pd.NA
    (x, y, groups), n_missing = complete_cases(CompleteCases(), x=with_gaps(X), y=y, groups=groups)
    assert n_missing == 14
    assert {len(as_float_array(x, "x")), len(as_float_array(y, "y")), len(as_labels(groups, "groups")[0])} == {N - 14}


def test_labels_with_gaps():
    for labels in (
        np.where(GAPS, None, LABELS.astype(object)),
        pd.Series(LABELS, dtype="string").mask(GAPS),
        pd.Categorical(np.where(GAPS, None, LABELS.astype(object))),
    ):
        result = mutual_information(X, labels, Ross(), missing=CompleteCases())
        assert result.value == Ross().estimate(X[~GAPS], LABELS[~GAPS])
        assert result.n_missing == 12


def test_every_verb_of_information_takes_the_policy():
    z = RNG.normal(size=N)
    kept = ~GAPS
    given = conditional_mutual_information(with_gaps(X), Y, z, Gaussian(), missing=CompleteCases())
    assert given.value == conditional_mutual_information(X[kept], Y[kept], z[kept], Gaussian()).value
    assert given.n_missing == 12
    terms = pointwise_mutual_information(with_gaps(X), Y, KSG(), missing=CompleteCases())
    np.testing.assert_array_equal(np.isnan(terms), GAPS)  # a term for each row that came in
    np.testing.assert_array_equal(terms[kept], KSG().pointwise(X[kept], Y[kept]))
    table = compare_estimators(with_gaps(X), Y, [KSG(), Gaussian()], missing=CompleteCases())
    assert table["n"].tolist() == [108, 108]
    assert table["n_missing"].tolist() == [12, 12]
    curve = sample_size_curve(with_gaps(X), Y, Gaussian(), missing=CompleteCases(), rng=0)
    assert curve.value == Gaussian().estimate(X[kept], Y[kept])
    assert curve.n_missing == 12


def test_infinity_is_never_missing_and_its_row_is_counted_as_the_caller_does():
    x = with_gaps(X)
    x[20] = np.inf
    with pytest.raises(NonFiniteError, match=r"x: must be finite.* inf in row 20\. Infinite values do not"):
        mutual_information(x, Y, KSG(), missing=CompleteCases())


def test_nothing_missing_nothing_said():
    result = mutual_information(X, Y, KSG(), missing=CompleteCases())
    assert result == mutual_information(X, Y, KSG())
    assert "left out" not in result.summary()


def test_tables_and_blocks_are_judged_by_rows():
    table = pd.DataFrame({"a": with_gaps(X), "b": LABELS})
    result = mutual_information(table, Y, Binned(), missing=CompleteCases())
    assert result.value == mutual_information(table[~GAPS], Y[~GAPS], Binned()).value
    values = np.where(np.arange(24).reshape(4, 3, 2) == 8, np.nan, 1)
    (block,), n_missing = complete_cases(CompleteCases(), values=values)
    assert as_float_array(block, "values").shape == (3, 3, 2)
    assert n_missing == 1


def test_bad_policies_and_hopeless_data():
    with pytest.raises(InvalidInputError, match=r"missing: must be None or CompleteCases\(\); got 'omit'"):
        mutual_information(X, Y, KSG(), missing="omit")
    with pytest.raises(InvalidInputError, match="missing: must be None"):
        mutual_information(X, Y, KSG(), missing=CompleteCases)
    with pytest.raises(TooFewSamplesError, match="x and y: must have at least one complete row; got none of 2"):
        mutual_information([1.0, None], [None, 2.0], KSG(), missing=CompleteCases())
    with pytest.raises(InvalidInputError, match="x and y: must have the same length"):
        mutual_information([1.0, None], [2.0], KSG(), missing=CompleteCases())
    with pytest.raises(InvalidInputError, match="x: must have shape"):
        complete_cases(CompleteCases(), x=3.0)


def test_results_count_from_zero():
    interval = ConfidenceInterval(0.1, 0.2, 0.95, "BCa", n_missing=2)
    assert repr(interval) == "95 % CI [0.1, 0.2] (BCa, 2 left out as incomplete)"
    test = SignificanceResult("t", 1.0, 0.5, "two-sided", "d", 1.0, 8, n_missing=1)
    assert "n = 8 samples, 1 left out as incomplete" in test.summary()
    assert MIEstimate(0.5, "KSG()", 10, 1, 1).n_missing == 0
    assert attnstats.CompleteCases is CompleteCases
