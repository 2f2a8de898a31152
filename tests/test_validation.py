"""The door: equal values come out equal whatever they came in, and what cannot be read is refused by name."""

import datetime as dt
import pickle
from decimal import Decimal
from fractions import Fraction
from importlib.util import find_spec

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from attnstats._validation import as_float_array, as_labels, as_order, as_samples
from attnstats._variable import Variable
from attnstats.exceptions import AttnstatsError, InvalidInputError, NonFiniteError

VALUES = [1.5, 2.25, -4.0, 8.0]  # held exactly by float16 and bfloat16


def containers():
    yield "list", VALUES
    yield "tuple", tuple(VALUES)
    yield "decimal", [Decimal(str(value)) for value in VALUES]
    yield "fraction", [Fraction(value) for value in VALUES]
    for dtype in (np.float16, np.float32, np.float64, np.longdouble, ">f8", object):
        yield f"ndarray {np.dtype(dtype)}", np.array(VALUES, dtype=dtype)
    yield "masked", np.ma.masked_array(VALUES)
    yield "read-only", np.broadcast_to(np.array(VALUES), (4,))
    yield "reversed", np.array(VALUES[::-1])[::-1]
    yield "index", pd.Index(VALUES)
    for dtype in ("float32", "Float64", "Float32", "double[pyarrow]", "object", "category", pd.SparseDtype(float)):
        yield f"series {dtype}", pd.Series(VALUES, dtype=dtype)
    yield (
        "series decimal",
        pd.Series([Decimal(str(value)) for value in VALUES], dtype=pd.ArrowDtype(pa.decimal128(10, 3))),
    )
    yield "categorical", pd.Categorical(VALUES)
    yield "arrow", pa.array(VALUES)
    yield "arrow chunks", pa.chunked_array([VALUES[:1], VALUES[1:]])
    if find_spec("polars"):
        import polars as pl

        yield "polars", pl.Series(VALUES)
        yield "polars decimal", pl.Series([Decimal(str(value)) for value in VALUES])
    if find_spec("ml_dtypes"):
        import ml_dtypes

        yield "bfloat16", np.array(VALUES, dtype=ml_dtypes.bfloat16)


@pytest.mark.parametrize("container", [pytest.param(value, id=name) for name, value in containers()])
def test_numbers_come_out_equal_whatever_they_came_in(container):
    for convert in (as_float_array, as_order):
        assert convert(container, "x").tolist() == VALUES
    samples = as_samples(container, "x")
    assert samples.tolist() == [[value] for value in VALUES]
    assert type(samples) is np.ndarray
    assert samples.dtype == np.float64
    assert as_labels(container, "y")[0].tolist() == [1, 2, 0, 3]


def torch_tensors():
    torch = pytest.importorskip("torch")
    return torch.tensor(VALUES, requires_grad=True), torch.tensor(VALUES, dtype=torch.bfloat16)


def tensorflow_tensors():
    tf = pytest.importorskip("tensorflow")
    return tf.constant(VALUES), tf.Variable(VALUES), tf.cast(VALUES, tf.bfloat16)


@pytest.mark.parametrize("tensors", [torch_tensors, tensorflow_tensors])
def test_tensors_give_their_values(tensors):
    for tensor in tensors():
        assert as_float_array(tensor, "x").tolist() == VALUES


def tables():
    columns = {"a": [1.5, 2.5, 3.5], "b": [1, 2, 4], "c": [True, False, True]}
    frame = pd.DataFrame(columns)
    yield "frame", frame
    yield "nullable", frame.convert_dtypes()
    yield "arrow frame", frame.convert_dtypes(dtype_backend="pyarrow")
    yield "objects", frame.to_numpy()
    yield "lists", frame.to_numpy().tolist()
    yield "arrow table", pa.table(columns)
    if find_spec("polars"):
        import polars as pl

        yield "polars", pl.DataFrame(columns)


@pytest.mark.parametrize("table", [pytest.param(value, id=name) for name, value in tables()])
def test_tables_column_by_column(table):
    assert as_samples(table, "x").tolist() == [[1.5, 1, 1], [2.5, 2, 0], [3.5, 4, 1]]


def test_plain_float64_is_not_copied():
    x = np.random.default_rng(0).normal(size=(5, 2))
    assert as_samples(x, "x") is x or np.shares_memory(as_samples(x, "x"), x)


MISSING = {
    "nan": [1.0, 2.0, np.nan],
    "none": [1, 2, None],
    "masked": np.ma.masked_array([1, 2, -999], mask=[False, False, True]),
    "masked float": np.ma.masked_array([1.0, 2.0, 1e20], mask=[False, False, True]),
    "nullable": pd.Series([1, 2, None], dtype="Int64"),
    "nullable truth": pd.Series([True, False, None], dtype="boolean"),
    "arrow truth": pd.Series([True, False, None], dtype="bool[pyarrow]"),
    "arrow": pa.array([1, 2, None]),
    "NaT": np.array(["2024-01-01", "2024-01-02", "NaT"], dtype="datetime64[D]"),
    "time without": pd.Series(pd.to_timedelta([1, 2, None], unit="h")),
    "zoned": pd.Series(pd.to_datetime(["2024-01-01", "2024-01-02", None]).tz_localize("UTC")),
    "category": pd.Categorical([1, 2, None]),
    "decimal": [Decimal(1), Decimal(2), Decimal("nan")],
}


@pytest.mark.parametrize("values", [pytest.param(values, id=name) for name, values in MISSING.items()])
def test_what_is_missing_is_refused_by_its_row(values):
    for convert in (as_float_array, as_order, as_samples, as_labels):
        with pytest.raises(NonFiniteError, match=r"^x: must .* got 1 .* in row 2.*missing=CompleteCases\(\)"):
            convert(values, "x")


@pytest.mark.parametrize("dtype", ["string", "string[pyarrow]", "category", "object"])
def test_missing_labels_are_refused_by_their_row(dtype):
    with pytest.raises(NonFiniteError, match="y: must have no missing values; got 1 of 3, the first in row 1"):
        as_labels(pd.Series(["a", None, "b"], dtype=dtype), "y")
    with pytest.raises(NonFiniteError, match="row 1"):
        as_labels(["a", float("nan"), "b"], "y")  # not the text "nan"


def test_the_column_of_a_table_is_named():
    table = pd.DataFrame({"size": [1.0, np.nan], "colour": ["red", "blue"]})
    with pytest.raises(InvalidInputError, match="x: column 'colour' must be real numbers; got text such as 'red'"):
        as_samples(table, "x")
    with pytest.raises(NonFiniteError, match=r"x: .* in row 1, column 'size'"):
        as_samples(table[["size"]], "x")
    with pytest.raises(InvalidInputError, match="x: column 1 must be real numbers; got text such as 'blue'"):
        as_samples(np.array([[1.0, "blue"]], dtype=object), "x")
    with pytest.raises(NonFiniteError, match=r"x: .* the first inf in row 1, column 0\. Infinite values do not"):
        as_samples([[1.0, 2.0], [np.inf, 3.0]], "x")


REFUSED = [
    (np.array([1j, 2]), r"complex128.*np\.column_stack\(\[x\.real, x\.imag\]\)"),
    (np.array([1j, 2], dtype=object), "complex numbers such as 1j"),
    (sparse.csr_matrix(np.eye(3)), r"sparse csr_matrix\. Pass x\.toarray\(\)"),
    (sparse.coo_array(np.eye(3)), r"Pass x\.toarray\(\)"),
    ([[1, 2], [3]], "rows that differ in length"),
    (np.array([[1, 2], [3]], dtype=object), "arrays inside an array"),
    (3.0, r"must have shape \(n,\)"),
    (None, "got NoneType"),
    ("abc", "text such as 'abc'"),
    ({"a": 1}, "got dict"),
    ({1, 2}, "got set"),
    ((each for each in [1, 2]), "got generator"),
    (["a", "b"], "text such as 'a'"),
    (np.zeros(3, dtype=[("a", float)]), "records"),
    (np.zeros(3, dtype="V8"), "records"),
    ([dt.time(1), dt.time(2)], "objects such as"),
    ([dt.datetime(2020, 1, 1), dt.datetime(2020, 1, 1, tzinfo=dt.UTC)], "with a time zone and without"),
    ([10**400, 1], "numbers that float64 can"),
    ([Decimal("1e400"), 1], "numbers that float64 can"),
    (np.zeros((2, 2, 2)), r"must have shape \(n,\) or \(n, dim\)"),
    (np.zeros((2, 3, 2, 2)), r"must have shape \(n,\) or \(n, dim\)"),
    (np.empty((3, 0)), "dim at least 1"),
]


@pytest.mark.parametrize(("values", "message"), REFUSED)
def test_what_cannot_be_read_is_refused_with_the_remedy(values, message):
    with pytest.raises(InvalidInputError, match=f"^x: .*{message}"):
        as_samples(values, "x")


@pytest.mark.skipif(find_spec("torch") is None, reason="torch is not installed")
def test_tensors_that_hold_no_values_here():
    import torch

    with pytest.raises(InvalidInputError, match=r"x: must be an array of real numbers; got a Tensor without values"):
        as_samples(torch.empty(3, device="meta"), "x")
    with pytest.raises(InvalidInputError, match=r"Pass x\.to_dense\(\)"):
        as_samples(torch.eye(2).to_sparse(), "x")


BIG = 2**60


def test_whole_numbers_beyond_float64():
    near = BIG + np.arange(4)
    assert as_samples(near, "x")[:, 0].tolist() == [0, 1, 2, 3]  # less the smallest: only differences matter
    assert as_order(near[::-1], "x").tolist() == [3, 2, 1, 0]
    with pytest.raises(InvalidInputError, match=r"x: .*cannot be held exactly in float64"):
        as_float_array(near, "x")
    unsigned = np.array([2**63, 2**63 + 5], dtype=np.uint64)
    assert as_samples(unsigned, "x")[:, 0].tolist() == [0, 5]
    wide = np.array([0, 2**64 - 1, 2**64 - 2], dtype=np.uint64)
    assert as_order(wide, "x").tolist() == [0, 2, 1]
    with pytest.raises(InvalidInputError, match="cannot be held exactly"):
        as_samples(wide, "x")
    assert as_order([2**70, 2**70 + 1, 3], "x").tolist() == [1, 2, 0]
    assert as_order(pd.Series([BIG, BIG + 1], dtype="Int64"), "x").tolist() == [0, 1]
    assert as_labels(near, "y")[0].tolist() == [0, 1, 2, 3]
    # What float64 does hold comes out as it would from a float64 array.
    assert as_samples(np.array([BIG, 2 * BIG]), "x")[:, 0].tolist() == [float(BIG), 2.0 * BIG]
    table = pd.DataFrame({"id": near, "value": [0.5, 1.5, 2.5, 3.5]})
    assert as_samples(table, "x")[:, 0].tolist() == [0, 1, 2, 3]


def test_long_doubles_keep_their_order():
    # Where long double is no wider than double the two are equal, and the order is that.
    step = np.finfo(np.longdouble).eps
    order = as_order(np.array([1 + step, 1, 1], dtype=np.longdouble), "x")
    assert order[0] > order[1] == order[2]


@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=8))
def test_order_of_integers_is_exact(values):
    assert np.argsort(as_order(np.array(values), "x"), kind="stable").tolist() == sorted(
        range(len(values)), key=values.__getitem__
    )


def times():
    days = pd.date_range("2024-01-01", periods=3)
    yield "index", days
    for unit in ("D", "h", "ms", "ns"):
        yield unit, days.to_numpy().astype(f"datetime64[{unit}]")
    yield "zoned", pd.Series(days.tz_localize("Asia/Tokyo"))
    yield "arrow series", pd.Series(days).convert_dtypes(dtype_backend="pyarrow")
    yield "arrow", pa.array(days)
    yield "datetime", days.to_pydatetime().tolist()
    yield "date", [day.date() for day in days]
    yield "timedelta", days - days[0]
    yield "frame", pd.DataFrame({"day": days})


@pytest.mark.parametrize("values", [pytest.param(values, id=name) for name, values in times()])
def test_times_are_seconds_whatever_their_unit(values):
    assert as_samples(values, "x")[:, 0].tolist() == [0, 86_400, 172_800]
    assert np.diff(as_order(values, "x").ravel()).min() > 0


def test_times_beyond_float64():
    nanoseconds = np.array(["2024-01-01T00:00:00.000000001", "2024-01-01T00:00:00.000000002"], dtype="datetime64[ns]")
    assert as_samples(nanoseconds, "x")[:, 0].tolist() == [0, 1e-9]
    assert as_order(nanoseconds, "x").tolist() == [0, 1]
    with pytest.raises(InvalidInputError, match="x: must hold times that float64 can tell apart"):
        as_float_array(nanoseconds, "x")
    assert as_float_array(np.array(["1970-01-02"], dtype="datetime64[D]"), "x").tolist() == [86_400]


def test_labels_of_mixed_types_are_equal_as_in_python():
    labels = np.array([1, "other", 1.0, True, "1", Decimal(1), (2, 3), b"other"], dtype=object)
    codes, classes = as_labels(labels, "y")
    assert codes.tolist() == [0, 2, 0, 0, 1, 0, 4, 3]
    assert classes[1:3].tolist() == ["1", "other"]
    assert as_labels([1, "other", 1], "y")[0].tolist() == [0, 1, 0]  # NumPy would make "1" of 1
    again = np.random.default_rng(0).permutation(8)
    np.testing.assert_array_equal(as_labels(labels[again], "y")[0], codes[again])


def test_labels_keep_the_order_of_their_values():
    values = ["b", "a", "c", "a"]
    for labels in (
        values,
        np.array(values),
        np.array(values, dtype=object),
        pd.Series(values, dtype="string"),
        pd.Categorical(values, categories=["z", "c", "b", "a"]),  # an unused level is no class
        pa.array(values),
        pa.array(values).dictionary_encode(),
    ):
        codes, classes = as_labels(labels, "y")
        assert codes.tolist() == [1, 0, 2, 0]
        assert list(classes) == ["a", "b", "c"]
    for labels in ([3, 1, 1], [3.0, 1.0, 1.0], np.array([3, 1, 1], np.uint8), pd.Series([3, 1, 1], dtype="Int64")):
        assert as_labels(labels, "y")[0].tolist() == [1, 0, 0]


def test_words_for_nothing_are_ordinary_labels():
    assert as_labels(["NA", "None", "nan", ""], "y")[0].tolist() == [1, 2, 3, 0]


def test_bad_labels():
    with pytest.raises(InvalidInputError, match="y: labels must be hashable"):
        as_labels(np.array([{1: 2}, "a"], dtype=object), "y")
    with pytest.raises(InvalidInputError, match=r"y: labels must have shape \(n,\); got \(2, 2\)"):
        as_labels(np.eye(2), "y")
    with pytest.raises(NonFiniteError, match="y: must be finite"):
        as_labels([0.5, np.inf], "y")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.binary(max_size=2)
        | st.complex_numbers() | st.decimals() | st.dates() | st.datetimes(),
        lambda inner: st.lists(inner, max_size=4),
        max_leaves=8,
    )
)  # fmt: skip
def test_anything_is_read_or_refused_by_name(values):
    for convert in (as_float_array, as_order, as_samples, as_labels):
        try:
            convert(values, "x")
        except AttnstatsError as error:
            assert str(error).startswith("x: ")  # noqa: PT017 (either outcome is right)


def test_a_variable_keeps_what_is_known_of_its_columns():
    variable = Variable.of(
        np.array([[1.5, 0.0], [2.5, 1.0], [3.5, 0.0]]), (False, True), (None, np.array(["x", "y"])), ("a", "b")
    )
    rows = variable[np.array([2, 2, 0])]
    assert (rows.discrete, rows.shown(0)) == ((False, True), [3.5, "x"])
    sent = pickle.loads(pickle.dumps(variable))
    assert isinstance(sent, Variable)
    assert (sent.discrete, sent.labels, sent.tolist()) == (variable.discrete, variable.labels, variable.tolist())
    for plain in (variable[:, 0], variable + 1, variable.sum(axis=0), np.hstack([variable, variable]), variable[0]):
        assert type(plain) is np.ndarray
    with pytest.raises(InvalidInputError, match="x: column 'b' must be real numbers; got labels such as 'x'"):
        as_samples(variable, "x")


def test_lists_of_whole_numbers_that_numpy_would_round():
    # NumPy makes float64 of a list of numbers that need int64 and uint64, in which these two are one.
    pair = [1, 2**64 - 1, 2**64 - 2]
    assert as_order(pair, "x").tolist() == [0, 2, 1]
    with pytest.raises(InvalidInputError, match=r"x: must .* numbers that float64 can"):
        as_float_array(pair, "x")


def test_numbers_beyond_every_float():
    with pytest.raises(InvalidInputError, match=r"x: .*whole numbers beyond 2"):
        as_float_array([1.5, 10**400], "x")
    assert as_labels([10**400, 1.5, "a"], "y")[1].tolist() == [1.5, 10**400, "a"]
