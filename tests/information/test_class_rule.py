"""What is a class: by values and not by type, decided once, overruled by a keyword."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attnstats.exceptions import ConstantInputError, InvalidInputError, NonFiniteError, TooFewSamplesError
from attnstats.information import (
    CCA,
    KSG,
    Best,
    BestBound,
    Binned,
    DiscreteContinuousMixture,
    EqualWidth,
    Gaussian,
    GaussianCopula,
    LocalPermutation,
    PrincipalComponents,
    Probe,
    Quantile,
    Ross,
    compare_estimators,
    conditional_mutual_information,
    mutual_information,
    pointwise_mutual_information,
    sample_size_curve,
    self_consistency,
)
from attnstats.information._class_rule import as_columns, as_variable, is_discrete
from attnstats.information.parametric._class_gaussians import class_terms
from attnstats.resampling import HalfSampling, Permutation

RNG = np.random.default_rng(0)
#: 20 levels in 400 rows: a class, which 20 levels in a half of them would not be.
N = 400
LEVELS = RNG.permutation(np.arange(N) % 20)
X = LEVELS / 3 + RNG.normal(size=N)
TEXT = np.array([f"level {level:02d}" for level in LEVELS])


@pytest.mark.parametrize(
    ("values", "is_class"),
    [
        (np.arange(100) % 10, True),  # sqrt(100) levels
        (np.arange(100) % 11, False),
        ([0, 1, 1], True),  # two levels always
        ([0.0, 1.0, 1.0], True),
        ([0, 1, 2], False),
        ([0.5, 1.0, 0.5], False),  # not whole
        (np.arange(60), False),
        (np.zeros(9), True),
        (np.arange(1e15, 1e15 + 3), False),
        (["a", "b", "c"], True),
        ([True, False], True),
        (pd.Categorical(np.arange(9)), True),  # declared so
        (pd.Series(pd.to_datetime(["2024-01-01", "2024-02-01"] * 8)), True),  # months: whole seconds, two of them
        (pd.date_range("2024-01-01", periods=16), False),
        (np.array([[0, 0.5], [1, 1.5]]), False),  # one column of either kind
        (np.array([[0, 5], [1, 6]]), True),
        (np.array([[0.5, "a"], [1.5, "b"]], dtype=object), False),
        ([], False),
    ],
)
def test_the_rule(values, is_class):
    # By the definition: whole numbers of at most max(2, sqrt(n)) different values, or no numbers at all.
    assert is_discrete(values) is is_class


@given(st.lists(st.integers(0, 5), min_size=1, max_size=40))
def test_the_rule_looks_at_values_and_not_at_types(values):
    same = [
        np.array(values, dtype=dtype) for dtype in (np.int8, np.uint16, np.int64, np.float16, np.float32, float, object)
    ] + [pd.Series(values, dtype=dtype) for dtype in ("Int64", "Float64", "int64[pyarrow]")]
    expected = len(set(values)) <= max(2, np.sqrt(len(values)))
    assert [is_discrete(each) for each in [values, *same]] == [expected] * (1 + len(same))


def kinds_of_numbers(values):
    yield from (values, values.astype(float), values.astype(object), values.tolist())
    yield pd.Series(values, dtype="Int64")
    yield pd.DataFrame({"column": values})


MEASURED = np.arange(60)
CURVE = MEASURED**1.5 + 5 * np.random.default_rng(0).normal(size=60)


@pytest.mark.slow
@pytest.mark.parametrize("estimator", [BestBound(), GaussianCopula(), Binned(Quantile(4)), DiscreteContinuousMixture()])
def test_one_column_of_whole_numbers_gives_one_number(estimator):
    # BestBound said -0.956 for the int64 and 2.42 for the float64.
    found = {mutual_information(CURVE, each, estimator, rng=0).value for each in kinds_of_numbers(MEASURED)}
    assert len(found) == 1
    found = {mutual_information(each, CURVE, estimator, rng=0).value for each in kinds_of_numbers(MEASURED)}
    assert len(found) == 1


@pytest.mark.slow
def test_best_bound_takes_every_pair_of_kinds():
    x, y = X[:100], (X[:100] > 3).astype(int)
    named = np.where(y == 1, "yes", "no")
    expected = Probe(Best()).estimate(x, y, rng=0)
    for label in (y, y.astype(float), y.astype(bool), named, pd.Series(named, dtype="string"), pd.Categorical(named)):
        assert BestBound().estimate(x, label, rng=0) == expected
        assert BestBound().estimate(label, x, rng=0) == expected
    both = BestBound().cells.estimate(y, LEVELS[:100] // 3)
    assert BestBound().estimate(named, LEVELS[:100] // 3) == BestBound().estimate(y, (LEVELS[:100] // 3).astype(float))
    assert BestBound().estimate(named, LEVELS[:100] // 3) == pytest.approx(both, abs=1e-12)
    with pytest.raises(InvalidInputError, match="x: must vary; got the same class"):
        BestBound().estimate(np.zeros(N), X)


def test_bins_cut_whole_numbers_that_are_measurements():
    # Independent counts: the truth is 0. As classes their 400 cells would outnumber the samples.
    a, b = np.random.default_rng(1).integers(0, 1000, size=(2, 500))
    assert abs(Binned(bins=EqualWidth(4)).estimate(a, b)) < 0.02
    assert Binned(bins=EqualWidth(4)).estimate(a, b) == Binned(bins=EqualWidth(4)).estimate(a / 3, b / 3)
    with pytest.raises(TooFewSamplesError, match="Use fewer bins or dimensions"):
        Binned(bins=Quantile(30)).estimate(a, b)
    with pytest.raises(TooFewSamplesError, match="Merge classes, or use fewer columns"):
        mutual_information(a, b, Binned(), discrete_x=True, discrete_y=True)


def test_the_keyword_overrules_the_values():
    many = np.random.default_rng(2).integers(0, 30, size=200)
    few = many % 3
    x = many / 7 + 0.1
    assert not is_discrete(many)
    as_text = np.array([f"{value:02d}" for value in many])
    both = {"discrete_x": True, "discrete_y": True}
    assert mutual_information(few, many, Binned(), **both).value == mutual_information(few, as_text, Binned()).value
    as_measured = mutual_information(x, few, Binned(), discrete_y=False)
    assert as_measured.dim_y == 1
    assert as_measured.value == mutual_information(x, few / 7, Binned()).value  # sevenths are measurements
    one_of_two = mutual_information(np.column_stack([few, few]), few, Binned(), discrete_x=[True, None])
    assert one_of_two.value == mutual_information(few, few, Binned()).value
    terms = pointwise_mutual_information(x, few, GaussianCopula(), discrete_y=False)
    assert terms.mean() == GaussianCopula().estimate(x, few / 7)


def test_the_result_says_how_whole_numbers_were_read():
    def notes(*args, **kwargs):
        return tuple(each for each in mutual_information(*args, **kwargs).notes if "whole numbers" in each)

    assert notes(X, LEVELS, Binned()) == ("y: 20 whole numbers, read as classes (else discrete_y=False)",)
    assert notes(MEASURED, CURVE, Binned(bins=Quantile(4))) == (
        "x: 60 whole numbers, read as measurements (else discrete_x=True)",
    )
    table = np.column_stack([X, LEVELS])
    assert notes(table, TEXT, Binned(bins=Quantile(1))) == (
        "x: column 1, 20 whole numbers, read as classes (else discrete_x=False)",
    )
    named = pd.DataFrame({"size": X, "level": LEVELS, "other": LEVELS})
    assert notes(named, TEXT, Binned(bins=Quantile(1)))[0].startswith("x: 2 of 3 columns, 20 whole numbers")
    assert notes(named.iloc[:, :2], TEXT, Binned(bins=Quantile(1)))[0].startswith("x: column 'level', 20 whole numbers")
    assert notes(X, TEXT, Binned()) == notes(X, X, Binned()) == ()  # nothing to be mistaken about
    assert notes(X, LEVELS, Ross()) == notes(X, LEVELS, KSG()) == ()  # which know one kind only


@pytest.mark.parametrize(
    ("estimator", "keywords", "message"),
    [
        (KSG(), {"discrete_y": True}, "discrete_y: KSG must be given measurements of y"),
        (KSG(), {"discrete_x": True}, "discrete_x: KSG must be given measurements of x"),
        (GaussianCopula(), {"discrete_x": True}, "discrete_x: GaussianCopula must be given measurements"),
        (Ross(), {"discrete_y": False}, "discrete_y: Ross must be given classes of y"),
        (Binned(), {"discrete_y": "yes"}, "discrete_y: must be None, True, False"),
        (Binned(), {"discrete_y": [True, False]}, r"each of 1 column\(s\)"),
    ],
)
def test_a_kind_that_the_estimator_does_not_take_is_refused(estimator, keywords, message):
    with pytest.raises(InvalidInputError, match=message):
        mutual_information(X, LEVELS, estimator, **keywords)


def test_labels_are_no_measurements():
    with pytest.raises(InvalidInputError, match="y: must be real numbers; got text such as 'level 00'"):
        mutual_information(X, np.sort(TEXT), Binned(), discrete_y=False)


@pytest.mark.filterwarnings("ignore::attnstats.exceptions.UnreliableEstimateWarning")
def test_halves_and_permutations_are_not_judged_again():
    settings = {"interval": HalfSampling(), "null": Permutation(19), "rng": 0}
    as_numbers = mutual_information(X, LEVELS, Binned(bins=Quantile(4)), **settings)
    as_text = mutual_information(X, TEXT, Binned(bins=Quantile(4)), **settings)
    assert as_numbers.interval == as_text.interval
    assert (as_numbers.null_floor, as_numbers.pvalue) == (as_text.null_floor, as_text.pvalue)
    in_two_processes = mutual_information(X, LEVELS, Binned(bins=Quantile(4)), n_jobs=2, **settings)
    assert in_two_processes.interval == as_numbers.interval
    curves = [
        sample_size_curve(X, y, Binned(bins=Quantile(2)), n_halvings=2, n_repeats=5, rng=0).estimates
        for y in (LEVELS, LEVELS.astype(float), TEXT)
    ]
    assert curves[0] == curves[1] == curves[2]
    checks = [self_consistency(X, y, Binned(bins=Quantile(2)), n_repeats=5, rng=0) for y in (LEVELS, TEXT)]
    assert [check.value for check in checks[0]] == [check.value for check in checks[1]]


@pytest.mark.slow
@pytest.mark.parametrize("estimator", [Gaussian(), CCA(), GaussianCopula(), Binned(bins=Quantile(2)), Probe()])
def test_conditions_are_judged_by_their_values(estimator):
    z = LEVELS % 3
    y = (X + z > 4).astype(int) if isinstance(estimator, Probe) else X + z + RNG.normal(size=N)
    x = RNG.normal(size=N) + z
    results = [
        conditional_mutual_information(x, y, each, estimator, null=LocalPermutation(9), rng=0)
        for each in (z, z.astype(float), z.astype(object), np.array(["a", "b", "c"])[z])
    ]
    assert len({(each.value, each.null_floor, each.dim_z) for each in results}) == 1
    assert results[0].dim_z == 0
    assert "z: 3 whole numbers, read as classes (else discrete_z=False)" in results[0].notes
    measured = conditional_mutual_information(x, y, z, estimator, discrete_z=False, rng=0)
    assert measured.dim_z == 1
    assert measured.value == pytest.approx(conditional_mutual_information(x, y, z / 7, estimator, rng=0).value)


def test_strata_do_not_judge_their_rows_anew():
    # 20 levels of y in 400 rows are classes; in a stratum of 100 they would be measurements.
    z = np.repeat(["a", "b", "c", "d"], 100)
    by_number = GaussianCopula().conditional_pointwise(X, LEVELS // 5, z)
    by_text = GaussianCopula().conditional_pointwise(X, np.array(["p", "q", "r", "s"])[LEVELS // 5], z)
    np.testing.assert_array_equal(by_number, by_text)


def mixed_table():
    return pd.DataFrame({"size": X, "colour": np.where(LEVELS % 2, "red", "blue"), "flag": LEVELS % 3 == 0})


def test_columns_of_a_table_are_judged_one_by_one():
    table = mixed_table()
    y = (X > 3).astype(int)
    coded = table.assign(colour=(table["colour"] == "red").astype(int), flag=table["flag"].astype(float))
    expected = Binned(bins=Quantile(3)).estimate(coded, y)
    for same in (
        table,
        table.to_numpy(),
        table.convert_dtypes(),
        coded.to_numpy(),
        table.astype({"colour": "category"}),
    ):
        assert mutual_information(same, y, Binned(bins=Quantile(3))).value == pytest.approx(expected, abs=1e-12)
    samples, discrete = as_columns(table, "x")
    np.testing.assert_array_equal(samples, coded.to_numpy(dtype=float))
    assert discrete.tolist() == [False, True, True]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::attnstats.exceptions.UnreliableEstimateWarning")
@pytest.mark.parametrize("estimator", [KSG(), Gaussian(), BestBound(), GaussianCopula(), PrincipalComponents()])
def test_a_column_of_text_among_measurements_is_named(estimator):
    with pytest.raises(
        InvalidInputError, match=r"x: column 'colour' must be real numbers; got (labels|text) such as 'blue'"
    ):
        mutual_information(mixed_table(), X, estimator, rng=0)
    with pytest.raises(InvalidInputError, match="x: column 'colour' must be real numbers"):
        estimator.estimate(mixed_table(), X, rng=0)
    numbers = mixed_table().drop(columns="colour")
    y = X + RNG.normal(size=N)
    expected = estimator.estimate(numbers.astype(float), y, rng=0)
    # To rounding: the sums of a table and of an array run over their columns in another order.
    assert mutual_information(numbers, y, estimator, rng=0).value == pytest.approx(expected, rel=1e-12)
    assert mutual_information(numbers.to_numpy(), y, estimator, rng=0).value == expected


def test_several_columns_of_labels_are_one_class():
    y = np.column_stack([LEVELS % 2, LEVELS % 3])
    joint = LEVELS % 2 * 3 + LEVELS % 3
    assert GaussianCopula().estimate(X, y) == GaussianCopula().estimate(X, joint)
    assert BestBound().estimate(X, y, rng=0) == BestBound().estimate(X, joint, rng=0)


def test_one_kind_only_is_not_asked():
    # A nearest-neighbour estimator takes few whole numbers as numbers, Ross takes many different ones as classes.
    assert KSG().estimate(X, LEVELS) == KSG().estimate(X, LEVELS.astype(float))
    assert mutual_information(X, LEVELS, KSG()).dim_y == 1
    identifiers = np.repeat(np.arange(100), 4) + 2**60  # more than sqrt(n), and beyond float64
    assert mutual_information(X, identifiers, Ross()).value == Ross().estimate(X, np.repeat(np.arange(100), 4))


@pytest.mark.slow
def test_a_table_of_estimators_judges_once():
    table = compare_estimators(X, LEVELS.astype(float), rng=0)
    assert "Ross()" in set(table["estimator"])
    assert (table["dim_y"].dropna() == 0).all()
    table = compare_estimators(X, LEVELS, [Gaussian(), Binned(bins=Quantile(3))], discrete_y=False, rng=0)
    assert table["dim_y"].tolist() == [1, 1]
    table = compare_estimators(X, LEVELS, [KSG(), Binned(bins=Quantile(3))], discrete_y=True, rng=0)
    assert "discrete_y: KSG must be given measurements" in table["refusal"][0]
    assert table["dim_y"][1] == 0


def test_labels_stand_in_messages_as_they_came():
    z = np.array(["a", "b"] * 10)
    with pytest.raises(
        InvalidInputError, match=r"z: must be constant within each group .*; got 'a' and 'b' in one group"
    ):
        conditional_mutual_information(
            X[:20], X[20:40], z, Gaussian(), groups=np.arange(20) // 2, null=LocalPermutation(5)
        )


def test_bad_variables():
    for bad in (3.0, np.zeros((2, 2, 2)), np.empty((4, 0))):
        with pytest.raises(InvalidInputError, match=r"x: must have shape \(n,\) or \(n, dim\)"):
            as_variable(bad, "x")
    with pytest.raises(
        NonFiniteError, match="x: column 'b': must have no missing values; got 1 of 2, the first in row 1"
    ):
        as_variable(pd.DataFrame({"a": [0.5, 1.0], "b": ["u", None]}), "x")


def test_degenerate_input_is_refused_by_name():
    with pytest.raises(ConstantInputError, match="x: columns must not be linearly dependent within a class of y"):
        class_terms((LEVELS % 3 - 1.0)[:, np.newaxis], LEVELS % 3)  # x does not vary within a class
    with pytest.raises(TooFewSamplesError, match=r"number of samples.*; got 0"):
        PrincipalComponents().estimate([], [])
