"""Whatever comes in as a trace, what comes out is right or an error that names the parameter: no door leaks.

Right values are those of the same numbers as a float64 array; an error begins with the name of its parameter.
"""

import hashlib
import json
import shutil
from decimal import Decimal

import ml_dtypes
import numpy as np
import pandas as pd
import pytest
import scipy.sparse

from attnstats import AttentionTrace
from attnstats.exceptions import InvalidInputError, NonFiniteError, TraceError

N, T, D = 8, 5, 3
RNG = np.random.default_rng(0)
ATTENTION, HIDDEN = RNG.dirichlet(np.ones(T), size=N), RNG.normal(size=(N, T, D))
OUTPUT, CLASSES = RNG.dirichlet(np.ones(2), size=N), np.array([0, 1] * 4)
REAL = np.arange(T) < np.array([1, 2, 3, 4, 5, 5, 5, 5])[:, np.newaxis]
PADDED = np.where(REAL, ATTENTION, 0) / np.where(REAL, ATTENTION, 0).sum(axis=1, keepdims=True)
EVERY = np.ones((N, T), dtype=bool)
#: One of them, or the metadata's own name, stands first in every message.
PARAMETERS = ("attention", "hidden", "output", "mask", "label", "tokens", "run", "rate")


def made(**changes):
    return AttentionTrace.from_arrays(**{"attention": ATTENTION, "hidden": HIDDEN, "output": OUTPUT, **changes})


#: Containers and types that hold the same numbers, and how closely they can.
CONTAINERS = {
    "list": (lambda values: values.tolist(), 0),
    "objects": (lambda values: values.astype(object), 0),
    "decimals": (lambda values: np.vectorize(Decimal, otypes=[object])(values), 1e-15),
    "nothing masked": (np.ma.masked_array, 0),
    "backwards": (lambda values: values[::-1].copy()[::-1], 0),
    "Fortran": (np.asfortranarray, 0),
    "long double": (lambda values: values.astype(np.longdouble), 0),
    "big-endian": (lambda values: values.astype(">f8"), 0),
    "float32": (lambda values: values.astype(np.float32), 1e-7),
    "float16": (lambda values: values.astype(np.float16), 1e-3),
    "bfloat16": (lambda values: values.astype(ml_dtypes.bfloat16), 8e-3),
}


@pytest.mark.parametrize("kind", CONTAINERS)
def test_the_container_does_not_matter(kind):
    convert, close = CONTAINERS[kind]
    trace, plain = made(attention=convert(ATTENTION), hidden=convert(HIDDEN), output=convert(OUTPUT)), made()
    for name in ("attention", "hidden", "output", "context"):
        np.testing.assert_allclose(getattr(trace, name), getattr(plain, name), atol=4 * close, rtol=close or 1e-15)
    assert trace.attention.dtype == trace.output.dtype == trace.context.dtype == np.float64
    # The context is that of the numbers that came in, computed in float64 and not in their precision.
    given = [np.asarray(convert(each)).astype(np.float64) for each in (ATTENTION, HIDDEN)]
    np.testing.assert_allclose(trace.context, np.einsum("nt,ntd->nd", *given), rtol=1e-12, atol=1e-15)


def test_tables_and_nullable_columns_come_in():
    pl = pytest.importorskip("polars")
    for table in (pd.DataFrame(ATTENTION), pl.DataFrame(ATTENTION)):
        np.testing.assert_array_equal(made(attention=table).attention, ATTENTION)
    for mask in (EVERY.tolist(), EVERY.astype(object), pd.DataFrame(EVERY), pd.DataFrame(EVERY, dtype="boolean")):
        np.testing.assert_array_equal(made(mask=mask).mask, EVERY)
    for classes in (
        CLASSES.tolist(),
        CLASSES.astype(bool),
        CLASSES.astype(np.uint8),
        pd.Series(CLASSES, dtype="Int64"),
    ):
        np.testing.assert_array_equal(made(output=classes, label=classes).predicted, CLASSES)
        np.testing.assert_array_equal(made(label=classes).label, CLASSES)
    for sure in (np.eye(2, dtype=int), np.eye(2, dtype=bool), np.eye(2).tolist()):
        assert made(output=np.asarray(sure)[CLASSES]).predicted.tolist() == CLASSES.tolist()


@pytest.mark.parametrize("precision", ["float16", "bfloat16", "float32", "float64"])
def test_torch_tensors_come_in_gradients_or_not(precision):
    torch = pytest.importorskip("torch")
    dtype = getattr(torch, precision)
    tensors = [torch.tensor(each).to(dtype).requires_grad_() for each in (ATTENTION, HIDDEN, OUTPUT)]
    trace = made(attention=tensors[0], hidden=tensors[1], output=tensors[2], mask=torch.ones(N, T, dtype=torch.bool))
    # bfloat16 has no NumPy type, and float32 holds its numbers.
    assert trace.hidden.dtype == ("float32" if precision == "bfloat16" else precision)
    attention, hidden = (each.detach().double().numpy() for each in tensors[:2])
    np.testing.assert_allclose(trace.context, np.einsum("nt,ntd->nd", attention, hidden), rtol=1e-12, atol=1e-15)


REFUSED = {
    # no array of numbers, or of other axes
    "scalar": ({"attention": 1.0}, "attention: must be real with 2 dimensions"),
    "none": ({"attention": None}, "attention: must be an array of real numbers"),
    "text": ({"attention": np.full((N, T), "a")}, "attention: must be real"),
    "text as objects": ({"hidden": np.full((N, T, D), "a", object)}, r"hidden: must .*real numbers; got text"),
    "complex": ({"hidden": HIDDEN + 1j}, "hidden: must be an array of real numbers; got complex128"),
    "times": ({"attention": np.full((N, T), np.datetime64("2020"))}, "attention: must be real"),
    "records": ({"hidden": np.zeros((N, T, D), [("a", "f8")])}, "hidden: must be an array of values; got records"),
    "sparse": ({"attention": scipy.sparse.csr_array(ATTENTION)}, "attention: must be dense"),
    "ragged": ({"attention": [[0.5, 0.5], [1.0]]}, "hidden: must be a list with an array for each text, .* attention"),
    "ragged states": ({"hidden": [HIDDEN[0], HIDDEN[1, :2]]}, "attention: must be a list with an array for each text"),
    "a set": ({"attention": {1.0}}, "attention: must be an array"),
    "no examples": (
        {"attention": np.zeros((0, 5)), "hidden": np.zeros((0, 5, 3)), "output": np.zeros((0, 2))},
        r"attention: must hold an example; got shape \(0, 5\)",
    ),
    "no tokens": ({"attention": np.zeros((N, 0)), "hidden": np.zeros((N, 0, D))}, "mask: every example must have"),
    "no dimensions": ({"hidden": np.zeros((N, T, 0))}, "hidden: must have shape"),
    "one state each": ({"hidden": HIDDEN[:, 0]}, "hidden: must be real with 3 dimensions"),
    # of many heads and layers
    "heads": ({"attention": np.full((N, 2, T), 1 / T)}, r"say which axis it has: row=AttentionRow\(head=0\), or"),
    "layers": (
        {"attention": np.full((N, 2, T, T), 1 / T)},
        r"choose a head and the query .*: row=AttentionRow\(head=0, query=ClassToken\(\)\)",
    ),
    "all layers": ({"attention": (np.full((N, 2, T, T), 1 / T),) * 3}, r"choose .* row=AttentionRow\(layer=0"),
    "all states": ({"hidden": np.stack([HIDDEN] * 3)}, r"choose a layer: hidden_states\[layer\]"),
    # attention that is none
    "scores": ({"attention": HIDDEN[:, :, 0]}, "attention: must be non-negative; .* pass the softmax"),
    "per cent": ({"attention": 100 * ATTENTION}, "attention: each row must sum to 1; got 100 in example"),
    "float64 beyond rounding": ({"attention": 1.004 * ATTENTION}, r"got 1\.004 in example .* the tolerance is 0\.001"),
    "bfloat16 beyond rounding": (
        {"attention": (1.02 * ATTENTION).astype(ml_dtypes.bfloat16)},
        r"attention: each row must sum to 1; .* the tolerance is 0\.0078.*renormalize=True",
    ),
    "weight at padding": ({"mask": REAL}, "attention: must be exactly zero at padding"),
    "zero to renormalize": (
        {"attention": 0 * ATTENTION, "renormalize": True},
        "attention: each row must have a finite",
    ),
    "inf to renormalize": (
        {"attention": np.inf * EVERY, "renormalize": True},
        "attention: each row must have a finite",
    ),
    # masks
    "mask of 0 and 2": (
        {"mask": 2 * EVERY},
        "mask: must be True, or 1, at real tokens, False, or 0, at padding; got 2",
    ),
    "mask that says padding": (
        {"attention": [[0.3, 0.7, 0, 0, 0]] * N, "mask": [[0, 0, 1, 1, 1]] * N},
        "attention: .* mask looks inverted: .* pass ~mask",
    ),
    "mask of floats": ({"mask": EVERY * 1.0}, r"mask: must be boolean .*got dtype float64 .*Pass mask\.astype\(bool\)"),
    "mask of other shape": ({"mask": EVERY[:, :3]}, r"mask: must be boolean of shape \(8, 5\)"),
    "mask of four axes": ({"mask": EVERY[:, None, None]}, "mask: must be boolean of shape"),
    "mask of a word": ({"mask": "all"}, "mask: must be boolean"),
    # outputs that are no probabilities, and what they look like
    "logits": ({"output": 4 * HIDDEN[:, 0, :2]}, r"output: .* look like logits: pass scipy\.special\.softmax"),
    "positive logits": ({"output": 9 * np.abs(HIDDEN[:, 0, :2])}, "output: .* look like logits or counts"),
    "log-probabilities": ({"output": np.log(OUTPUT)}, r"output: .* look like log-probabilities: pass np\.exp"),
    "output per cent": ({"output": [[90.0, 10.0]] * N}, "output: .* look like per cent: divide them by 100"),
    "sigmoids": (
        {"output": [[0.9, 0.8]] * N},
        r"output: .* got a sum of 1\.7 in row 0; .* look like a sigmoid for each",
    ),
    "rounded": ({"output": [[0.33, 0.33, 0.33]] * N}, "output: .* look rounded: divide every row by its sum"),
    "below zero by rounding": ({"output": [[1.0, -1e-17]] * N}, r"output: .* looks like rounding: pass np\.maximum"),
    "counts": ({"output": [[3, 4]] * N}, "output: .* divide counts by the sum"),
    "overflowing": ({"output": np.full((N, 2), 1e308)}, "output: must hold class probabilities"),
    "one column": ({"output": OUTPUT[:, :1]}, r"output: must have a probability .*np\.column_stack"),
    "one probability": ({"output": OUTPUT[:, 0]}, r"output: must be integer classes .*np\.column_stack"),
    # classes
    "classes in halves": ({"output": CLASSES / 2}, r"output: must be integer classes .*np\.column_stack"),
    "named classes": ({"output": ["a", "b"] * 4}, r"output: must be integer classes .*np\.unique\(output"),
    "classes beyond int64": (
        {"output": np.array([0, 2**63 + 5] * 4, dtype=np.uint64)},
        "output: classes must lie below",
    ),
    "labels from 1": ({"label": CLASSES + 1}, "label: must lie in 0 to 1, the columns of output; got 1 to 2"),
    "labels -1 and 1": ({"label": 2 * CLASSES - 1}, "label: must lie in 0 to 1, .* got -1 to 1"),
    # tokens and metadata
    "tokens of a number": ({"tokens": 5}, "tokens: must be a sequence of sequences of str"),
    "tokens of nothing": ({"tokens": [None] * N}, "tokens: must be a sequence of sequences of str"),
    "tokens at padding": (
        {"attention": PADDED, "mask": REAL, "tokens": np.full((N, T), "a")},
        "tokens: must hold one string per real token",
    ),
    "metadata of nothing": ({"run": None}, "run: metadata must be"),
    "metadata of arrays": ({"run": np.ones(1)}, "run: metadata must be"),
    # numbers that float64 cannot hold
    "beyond 2**53": ({"hidden": np.full((N, T, D), 2**62 + 1)}, "hidden: must hold numbers that float64 can"),
    "beyond float64": (
        {"hidden": HIDDEN.astype(np.longdouble) * np.longdouble(10) ** 400},
        "hidden: must hold numbers that float64 can",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_trace_is_refused_by_name_with_the_remedy(case):
    changes, message = REFUSED[case]
    with pytest.raises(InvalidInputError, match=message) as raised:
        made(**changes)
    assert str(raised.value).partition(":")[0] in PARAMETERS


MISSING = {
    "masked attention": ({"attention": np.ma.masked_less(ATTENTION, 0.1)}, r"attention: .*attention\.filled\(0\)"),
    "masked states": ({"hidden": np.ma.masked_less(HIDDEN, 0)}, "hidden: must have no masked"),
    "masked output": ({"output": np.ma.masked_less(OUTPUT, 0.3)}, "output: must have no masked"),
    "masked classes": ({"output": np.ma.masked_equal(CLASSES, 1)}, "output: must have no missing classes"),
    "None": ({"attention": np.where(ATTENTION < 0.1, None, ATTENTION)}, "attention: must be finite at real tokens"),
    "NaN": ({"attention": np.nan * ATTENTION}, "attention: must be finite at real tokens; got nan in example 0"),
    "NaN at padding": ({"attention": np.where(REAL, ATTENTION, np.nan), "mask": REAL}, "attention: must be exactly"),
    "infinite states": ({"hidden": HIDDEN * np.inf}, "hidden: must be finite .* in example 0, token 0"),
    "overflowed states": ({"hidden": np.full((N, T, D), np.inf, np.float16)}, "hidden: must be finite"),
    "NaN output": ({"output": np.nan * OUTPUT}, "output: must be finite"),
    "NA classes": ({"output": pd.Series([0, None] * 4, dtype="Int64")}, "output: must have no missing classes; got 4"),
    "NaN labels": ({"label": CLASSES * np.nan}, "label: must have no missing classes; got 8, the first in 0"),
    "None in the mask": ({"mask": np.where(REAL, True, None)}, "mask: must have no missing values"),
    "NaN metadata": ({"rate": float("nan")}, "rate: metadata must be finite"),
}


@pytest.mark.parametrize("case", MISSING)
def test_what_is_missing_is_never_a_number(case):
    changes, message = MISSING[case]
    with pytest.raises(NonFiniteError if case != "NaN at padding" else InvalidInputError, match=message) as raised:
        made(**changes)
    assert str(raised.value).partition(":")[0] in PARAMETERS


def test_padding_may_hold_anything_and_nobody_sees_it():
    wild = np.where(REAL[:, :, np.newaxis], HIDDEN, np.inf)
    trace = made(attention=PADDED, hidden=wild, mask=REAL)
    assert np.isfinite(trace.hidden).all()
    np.testing.assert_array_equal(trace.context, made(attention=PADDED, hidden=HIDDEN, mask=REAL).context)
    assert np.isinf(wild).any()  # the caller's own array is as it was


def test_rows_are_divided_by_their_sums_only_where_that_is_declared():
    half = ATTENTION.astype(np.float16)
    assert (made(attention=half).attention == half).all()
    part = np.array([[0.2, 0.3, 0.0], [0.1, 0.1, 0.2]])
    arrays = {"hidden": np.zeros((2, 3, 1)), "output": [0, 1]}
    with pytest.raises(InvalidInputError, match=r"got 0\.4 in example 1"):
        AttentionTrace.from_arrays(attention=part, **arrays)
    whole = AttentionTrace.from_arrays(attention=part, renormalize=True, **arrays).attention
    np.testing.assert_allclose(whole, [[0.4, 0.6, 0.0], [0.25, 0.25, 0.5]])


@pytest.mark.parametrize("dtype", [np.float16, ml_dtypes.bfloat16])
@pytest.mark.parametrize("n_tokens", [2, 7, 64, 512, 4096])
def test_softmax_rounded_to_half_precision_is_attention(dtype, n_tokens):
    """A softmax computed exactly and rounded misses one by a spacing at most, whatever the number of tokens."""
    scores = np.random.default_rng(n_tokens).normal(size=(20, n_tokens)) * np.array([[0.1], [4.0]] * 10)
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = (weights / weights.sum(axis=1, keepdims=True)).astype(dtype)
    trace = AttentionTrace.from_arrays(attention=weights, hidden=np.zeros((20, n_tokens, 1)), output=[0, 1] * 10)
    np.testing.assert_array_equal(trace.attention, weights.astype(np.float64))


def test_numbers_of_numpy_are_metadata_and_come_back(tmp_path):
    trace = made(seed=np.int64(3), rate=np.float32(0.5), deep=np.bool_(True), name="\ud800")
    assert trace.metadata == {"seed": 3, "rate": 0.5, "deep": True, "name": "\ud800"}
    trace.save(tmp_path / "trace")
    assert AttentionTrace.load(tmp_path / "trace").metadata == trace.metadata
    for wrong in (None, 5, [("a", 1)], {3: 1}, {"a": [1]}):
        with pytest.raises(InvalidInputError, match="metadata"):
            trace.with_metadata(wrong)
    for example in (99, -99, 1.5, None, "a"):
        with pytest.raises(InvalidInputError, match="example: must be an index of the 8"):
            made(tokens=[["a"] * T] * N).tokens(example)


@pytest.mark.parametrize("directory", [5, None, b"x"])
def test_a_directory_is_a_path(directory):
    for door in (made().save, AttentionTrace.load):
        with pytest.raises(InvalidInputError, match="directory: must be a path"):
            door(directory)


@pytest.mark.parametrize("name", ["a\0b", "x" * 300, "file/below"])
def test_a_folder_that_cannot_be_is_a_trace_error(tmp_path, name):
    (tmp_path / "file").write_text("x")
    for door, fault in ((made().save, "cannot be written"), (AttentionTrace.load, "cannot be read")):
        with pytest.raises(TraceError, match=fault):
            door(f"{tmp_path}/{name}")
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


#: Arrays with right checksums that make no trace: someone else wrote the folder, or an older version did.
HANDMADE = {
    "logits": {"output": HIDDEN[:, 0, :2]},
    "integers for weights": {"attention": np.eye(N, T, dtype=int)},
    "text for weights": {"attention": np.full((N, T), "a")},
    "weights that are none": {"attention": 2 * ATTENTION},
    "complex states": {"hidden": HIDDEN + 0j},
    "states without tokens": {"hidden": HIDDEN[:, :, 0]},
    "states that are missing": {"hidden": HIDDEN * np.nan},
    "a mask of integers": {"mask": EVERY.astype(int)},
    "a mask of nothing": {"mask": ~EVERY},
    "labels in halves": {"label": CLASSES / 2},
    "labels that are no columns": {"label": CLASSES + 7},
    "codes of no string": {"token_codes": np.full((N, T), 99)},
    "codes as floats": {"token_codes": np.full((N, T), 0.0)},
    "strings that are none": {"token_strings": np.arange(1)},
    "codes alone": {"token_strings": None},
    "probabilities of one class": {"output": OUTPUT[:, 0]},
    "no examples": {name: each[:0] for name, each in made(label=CLASSES)._arrays().items()},
}


@pytest.mark.parametrize("case", HANDMADE)
def test_a_saved_trace_is_held_to_the_same_rules(case, tmp_path):
    made(label=CLASSES, tokens=[["a"] * T] * N).save(tmp_path / "trace")
    index = json.loads((tmp_path / "trace" / "trace.json").read_text())
    for name, array in HANDMADE[case].items():
        path = tmp_path / "trace" / f"{name}.npy"
        if array is None:
            del index["arrays"][name]
            continue
        np.save(path, array)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        index["arrays"][name] = {"shape": list(array.shape), "dtype": str(array.dtype), "sha256": digest}
    (tmp_path / "trace" / "trace.json").write_text(json.dumps(index))
    with pytest.raises(TraceError, match=str(tmp_path)):
        AttentionTrace.load(tmp_path / "trace")


def test_half_precision_comes_back_from_disk_as_it_went(tmp_path):
    for dtype in (np.float16, ml_dtypes.bfloat16):
        trace = made(attention=ATTENTION.astype(dtype), hidden=HIDDEN.astype(dtype), output=OUTPUT.astype(dtype))
        folder = tmp_path / np.dtype(dtype).name
        trace.save(folder)
        loaded = AttentionTrace.load(folder)
        for name in ("attention", "hidden", "output"):
            assert getattr(loaded, name).dtype == getattr(trace, name).dtype
            np.testing.assert_array_equal(getattr(loaded, name), getattr(trace, name))
        shutil.rmtree(folder)


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "uint8", "bool", "object"])
def test_classes_count_by_their_values(dtype):
    trace = made(output=CLASSES.astype(dtype), label=CLASSES.astype(dtype))
    for found in (trace.output, trace.label):
        assert found.dtype == np.int64
        assert (found == CLASSES).all()
