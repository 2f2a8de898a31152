import gzip
import io
import sys
from types import SimpleNamespace

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attnstats.exceptions import ConstantInputError, DatasetError, InvalidInputError, NonFiniteError, TooFewSamplesError
from attnstats.missing import CompleteCases
from attnstats.scores import read_scores

NAMES = {"value": "acc", "condition": "model", "seed": "run", "example": "item"}


def table(models="ab", runs=2, items=3):
    cells = [(model, run, f"q{item}") for model in models for run in range(runs) for item in range(items)]
    frame = pd.DataFrame(cells, columns=["model", "run", "item"])
    return frame.assign(acc=np.linspace(0.1, 0.9, len(frame)).round(4), note="x")


def changed(frame, row, **cells):
    """The table with other cells in one row, numbered as messages do."""
    frame = frame.astype(object)
    for column, cell in cells.items():
        frame.iloc[row - 2, frame.columns.get_loc(column)] = cell
    return frame


def as_dict(scores):
    """Each cell by its labels, and its score."""
    labels = [[factor.labels[code] for code in factor.codes] for factor in scores.factors]
    return dict(zip(zip(*labels, strict=True), scores.values.tolist(), strict=True))


def same(first, second):
    return [f.labels for f in first.factors] == [f.labels for f in second.factors] and as_dict(first) == as_dict(second)


def expected(frame):
    keys = zip(frame.model, frame.run.astype(str), frame.item, strict=True)
    return dict(zip(keys, frame.acc, strict=True))


CONTAINERS = {
    "pandas": lambda frame: frame,
    "categorical": lambda frame: frame.astype({"model": "category", "item": "category"}),
    "nullable": lambda frame: frame.convert_dtypes(),
    "polars": pl.from_pandas,
    "polars categorical": lambda frame: pl.from_pandas(frame).with_columns(pl.col("model").cast(pl.Categorical)),
    "arrow": pa.Table.from_pandas,
}


@pytest.mark.parametrize("container", CONTAINERS)
def test_every_kind_of_frame_gives_the_same_scores(container):
    found = read_scores(CONTAINERS[container](table()), **NAMES)
    assert as_dict(found) == expected(table())
    assert [factor.role for factor in found.factors] == ["condition", "seed", "example"]
    assert found.values.dtype == np.float64
    assert found.rows.tolist() == list(range(2, 14))
    assert found.factor("seed").labels == ("0", "1")
    assert found.factor("fold") is None


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("t.csv", lambda frame, path: frame.to_csv(path, index=False)),
        ("t.csv.gz", lambda frame, path: frame.to_csv(path, index=False)),
        ("t.tsv", lambda frame, path: frame.to_csv(path, index=False, sep="\t")),
        ("t.jsonl", lambda frame, path: frame.to_json(path, orient="records", lines=True, double_precision=15)),
        ("t.parquet", lambda frame, path: frame.to_parquet(path)),
    ],
)
def test_every_kind_of_file_gives_the_same_scores(tmp_path, name, write):
    write(table(), tmp_path / name)
    assert same(read_scores(tmp_path / name, **NAMES), read_scores(table(), **NAMES))


def test_a_dash_reads_the_standard_input(monkeypatch):
    content = io.BytesIO(table().to_csv(index=False).encode())
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=content))
    assert same(read_scores("-", **NAMES), read_scores(table(), **NAMES))


def test_separator_decimal_sign_and_encoding_of_a_file(tmp_path):
    path = tmp_path / "t.csv"
    frame = table().assign(model=lambda t: t.model.map({"a": "größer", "b": "kleiner"}))
    frame.to_csv(path, index=False, sep=";", decimal=",", encoding="latin-1")
    found = read_scores(path, **NAMES, sep=";", decimal=",", encoding="latin-1")
    assert as_dict(found) == expected(frame)
    with pytest.raises(InvalidInputError, match=r"row 2 of 'acc': must be a number; got '0,1'; decimal=','"):
        read_scores(path, **NAMES, sep=";", encoding="latin-1")
    frame.to_csv(path, index=False, sep=";")
    with pytest.raises(InvalidInputError, match=r"row 2 of 'acc': must be a number; got '0.1'"):
        read_scores(path, **NAMES, sep=";", decimal=",")
    with pytest.raises(InvalidInputError, match=r"sep: must be None unless scores is a path; got ';'"):
        read_scores(frame, **NAMES, sep=";")


def test_labels_stand_in_the_order_of_numbers_or_of_the_alphabet():
    frame = table("ba", runs=11)
    assert read_scores(frame, **NAMES).condition.labels == ("a", "b")
    assert read_scores(frame, **NAMES).factor("seed").labels == tuple(map(str, range(11)))
    assert read_scores(frame.assign(run=frame.run.astype(str)), **NAMES).factor("seed").labels[-1] == "10"
    shares = frame.assign(run=frame.run / 4 - 1)
    assert read_scores(shares, **NAMES).factor("seed").labels[:5] == ("-1", "-0.75", "-0.5", "-0.25", "0")


def test_values_may_be_true_and_false(tmp_path):
    frame = table().assign(acc=lambda t: t.run == 1)
    frame.to_csv(tmp_path / "t.csv", index=False)
    for given_ in (frame, tmp_path / "t.csv", pl.from_pandas(frame)):
        assert sorted(set(read_scores(given_, **NAMES).values)) == [0.0, 1.0]


def test_examples_of_two_data_sets_are_different_ones():
    cells = [(m, d, i) for m in "ab" for d in ("x", "y") for i in range(2)]
    frame = pd.DataFrame(cells, columns=["model", "task", "item"]).assign(acc=np.arange(8.0))
    items = read_scores(frame, value="acc", condition="model", example="item", dataset="task").factor("example")
    assert items.labels == ("0 of x", "1 of x", "0 of y", "1 of y")
    assert items.codes.tolist() == [0, 1, 2, 3, 0, 1, 2, 3]
    apart = frame.assign(item=frame.task + frame.item.astype(str))
    items = read_scores(apart, value="acc", condition="model", example="item", dataset="task").factor("example")
    assert items.labels == ("x0", "x1", "y0", "y1")


@pytest.mark.parametrize("gap", ["acc", "run", "model", "item"])
def test_missing_cells_raise_or_are_left_out_and_counted(tmp_path, gap):
    frame = changed(table(), 5, **{gap: None})
    frame.to_csv(tmp_path / "t.csv", index=False)
    for given_ in (frame, frame.convert_dtypes(), pl.from_pandas(frame.convert_dtypes()), tmp_path / "t.csv"):
        with pytest.raises(NonFiniteError, match=rf"^row 5 of '{gap}': must not be missing.*CompleteCases\(\)"):
            read_scores(given_, **NAMES)
        found = read_scores(given_, **NAMES, missing=CompleteCases())
        assert as_dict(found) == expected(table().drop(index=3))
        assert found.n_missing == 1
        assert found.rows.tolist() == [2, 3, 4, *range(6, 14)]


def test_a_label_that_stands_in_incomplete_rows_alone_goes_with_them():
    frame = changed(table(runs=3), 2, run=-1, acc=np.nan)
    found = read_scores(frame, **NAMES, missing=CompleteCases())
    assert found.factor("seed").labels == ("0", "1", "2")
    assert as_dict(found) == expected(table(runs=3)[1:])
    frame = changed(table(), 2, acc=np.nan)
    for row in range(3, 8):
        frame = changed(frame, row, acc=np.nan)
    with pytest.raises(TooFewSamplesError, match=r"'model': each model must have .*; got none that is complete of 'a'"):
        read_scores(frame, **NAMES, missing=CompleteCases())
    with pytest.raises(TooFewSamplesError, match=r"'acc' and .* at least one complete row; got none of 12"):
        read_scores(frame.assign(acc=np.nan), **NAMES, missing=CompleteCases())


@pytest.mark.parametrize("word", ["NA", "nan", " ", "None", "null", "N/A"])
def test_fields_of_a_file_that_say_missing_are_missing(tmp_path, word):
    changed(table(), 4, acc=word).to_csv(tmp_path / "t.csv", index=False)
    with pytest.raises(NonFiniteError, match=r"row 4 of 'acc': must not be missing"):
        read_scores(tmp_path / "t.csv", **NAMES)
    assert read_scores(tmp_path / "t.csv", **NAMES, missing=CompleteCases()).n_missing == 1


WHOLE = table()
BAD = {
    "text": (changed(WHOLE, 4, acc="high"), NAMES, InvalidInputError, r"row 4 of 'acc': must be a number; got 'high'"),
    "number as text": (
        WHOLE.assign(acc=WHOLE.acc.astype(str)), NAMES, InvalidInputError, r"row 2 of 'acc': .* a number; got '0.1'",
    ),
    "time": (
        WHOLE.assign(acc=pd.Timestamp("2025-01-31")), NAMES, InvalidInputError, r"row 2 of 'acc': .*number; got a time",
    ),
    "complex": (
        WHOLE.assign(acc=1j), NAMES, InvalidInputError, r"row 2 of 'acc': must be a number; got 1j",
    ),
    "infinite": (
        changed(WHOLE, 7, acc=-np.inf), NAMES, NonFiniteError, r"row 7 of 'acc': must be finite; got -inf",
    ),
    "duplicate": (
        changed(WHOLE, 6, run=0, item="q1"), NAMES, InvalidInputError,
        r"row 6 of 'model', 'run', 'item': each row must be another cell; got model a, run 0, item q1, as in row 3",
    ),
    "duplicate with a difference": (
        changed(WHOLE, 6, run=0, item="q1", note="y"), NAMES, InvalidInputError,
        r"as in row 3 \(they differ in 'note': 'x' and 'y'\)",
    ),
    "constant": (
        WHOLE.assign(acc=0.5), NAMES, ConstantInputError, r"row 2 of 'acc': must vary; got 0.5 in every row",
    ),
    "copy": (
        WHOLE.assign(arm=WHOLE.model + "1"), {**NAMES, "group": "arm"}, InvalidInputError,
        r"row 2 of 'arm': must not be a copy of 'model'; got one arm for each model throughout, such as 'a1' for 'a'",
    ),
    "one row": (
        WHOLE[:7], NAMES, TooFewSamplesError, r"row 8 of 'model': .* at least two rows; got .* alone of 'b'",
    ),
    "unknown": (
        WHOLE, {**NAMES, "seed": "seed"}, InvalidInputError,
        r"seed: must be a column of the table, one of 'model', 'run', 'item', 'acc', 'note'; got 'seed'",
    ),
    "no name": (WHOLE, {**NAMES, "seed": 3}, InvalidInputError, r"seed: must be the name of a column; got 3"),
    "twice": (
        WHOLE, {**NAMES, "seed": "item"}, InvalidInputError, r"must be another column than \w+; got 'item' for both",
    ),
    "mixed": (
        changed(WHOLE, 8, run="1"), NAMES, InvalidInputError,
        r"row 8 of 'run': must be of the same type as 0 in row 2; got '1'",
    ),
    "flag": (changed(WHOLE, 8, run=True), NAMES, InvalidInputError, r"row 8 of 'run': .* as 0 in row 2; got True"),
    "nested": (
        changed(WHOLE, 8, item=["q1"]), NAMES, InvalidInputError, r"row 8 of 'item': must be of the same type",
    ),
    "empty": (WHOLE[:0], NAMES, InvalidInputError, r"scores: must have at least one row; got none"),
    "one condition": (
        WHOLE[:6], NAMES, TooFewSamplesError, r"row 2 of 'model': .* at least two models .*; got 'a' in every row",
    ),
    "case": (
        changed(WHOLE, 9, model="B"), NAMES, InvalidInputError,
        r"row 9 of 'model': labels must differ by more than case and spaces; got 'B', and 'b' in row 8",
    ),
    "spaces": (
        changed(WHOLE, 9, item="q 1"), NAMES, InvalidInputError, r"row 9 of 'item': .* got 'q 1', and 'q1' in row 3",
    ),
    "two groups": (
        changed(WHOLE.assign(text="t").astype(object), 9, text="u"), {**NAMES, "group": "text"}, InvalidInputError,
        r"row 9 of 'text': each item must lie in one text; got 'u' for 'q1', and 't' in row 3",
    ),
    "same name": (
        pd.concat([WHOLE, WHOLE[["run"]]], axis=1), NAMES, InvalidInputError, r"column names must differ; got 'run' 2",
    ),
    "lazy": (pl.from_pandas(WHOLE).lazy(), NAMES, InvalidInputError, r"Pass scores.collect\(\)"),
    "array": (WHOLE.acc.to_numpy(), NAMES, InvalidInputError, r"scores: must be a pandas, polars or .*; got ndarray"),
    "dict": ({"acc": [1, 2]}, NAMES, InvalidInputError, r"scores: must be a pandas, polars or .*; got dict"),
    "comma": (WHOLE, {**NAMES, "decimal": ","}, InvalidInputError, r"decimal: must be '.' unless .* or TSV; got ','"),
    "list": (
        WHOLE.assign(item=[["q"]] * len(WHOLE)).set_index("note"), NAMES, InvalidInputError,
        r"row 2 of 'item': must be one value; got \['q'\]",
    ),
    "no words": (WHOLE, {**NAMES, "na": None}, InvalidInputError, r"na: must be a list of words, .*; got None"),
    "words of numbers": (WHOLE, {**NAMES, "na": [-9]}, InvalidInputError, r"na: must be a list of words.*got \[-9\]"),
    "policy": (WHOLE, {**NAMES, "missing": "drop"}, InvalidInputError, r"missing: must be None or CompleteCases\(\)"),
    "decimal": (WHOLE, {**NAMES, "decimal": ";"}, InvalidInputError, r"decimal: must be one of"),
    "no file": ("nowhere.csv", NAMES, DatasetError, r"nowhere.csv: no such file or folder"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_line_with_column_rule_and_row(case):
    scores, names, error, message = BAD[case]
    with pytest.raises(error, match=message) as raised:
        read_scores(scores, **names)
    assert "\n" not in str(raised.value)


LIBRARIES = {
    "pandas": lambda cells: WHOLE.assign(**{name: pd.Series(each) for name, each in cells.items()}),
    "pandas with Arrow": lambda cells: WHOLE.assign(
        **{name: pd.arrays.ArrowExtensionArray(pa.array(each)) for name, each in cells.items()}
    ),
    "polars": lambda cells: pl.from_pandas(WHOLE).with_columns(
        **{name: pl.Series(each) for name, each in cells.items()}
    ),
    "arrow": lambda cells: pa.table({name: cells.get(name, pa.array(WHOLE[name])) for name in WHOLE}),
}


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize(
    ("cell", "shown"),
    [([1, 2], r"\[1, 2\]"), ({"a": 1}, r"\{'a': 1\}"), ([], r"\[\]"), ([[1], [2]], r"\[\[1\], \[2\]\]")],
)
def test_a_column_of_lists_or_records_is_refused_by_its_first_row(library, cell, shown):
    cells = [cell] * len(WHOLE)
    with pytest.raises(InvalidInputError, match=rf"row 2 of 'run': must be one value; got {shown}"):
        read_scores(LIBRARIES[library]({"run": cells}), **NAMES)
    with pytest.raises(InvalidInputError, match=rf"row 2 of 'acc': must be a number; got {shown}"):
        read_scores(LIBRARIES[library]({"acc": cells}), **NAMES)


def test_the_same_mistake_has_the_same_row_in_a_file(tmp_path):
    for case in ("text", "duplicate", "case", "spaces", "one row", "infinite"):
        frame, names, error, message = BAD[case]
        frame.to_csv(tmp_path / "t.csv", index=False)
        with pytest.raises(error, match=message):
            read_scores(tmp_path / "t.csv", **names)


def test_rows_of_json_lines_and_parquet_count_without_a_header(tmp_path):
    frame = changed(table(), 7, acc=None)
    frame.to_json(tmp_path / "t.jsonl", orient="records", lines=True)
    frame.assign(acc=frame.acc.astype(float), run=frame.run.astype(int)).to_parquet(tmp_path / "t.parquet")
    for name in ("t.jsonl", "t.parquet"):
        with pytest.raises(NonFiniteError, match=r"^row 6 of 'acc'"):
            read_scores(tmp_path / name, **NAMES)


def test_a_file_that_is_not_what_its_name_says(tmp_path):
    (tmp_path / "t.csv").write_bytes(gzip.compress(b"model,acc\n"))
    with pytest.raises(DatasetError, match="compressed by gzip"):
        read_scores(tmp_path / "t.csv", value="acc", condition="model")


def test_rows_without_a_name_are_replicates():
    frame = pd.DataFrame({"arm": list("aaabbb"), "score": [1.0, 2, 3, 4, 5, 6]})
    assert len(read_scores(frame, value="score", condition="arm")) == 6


@settings(max_examples=30, deadline=None)
@given(st.randoms(use_true_random=False), st.sampled_from(["a", "model", "x"]))
def test_neither_order_of_rows_nor_further_columns_matter(random, name):
    frame = table(runs=3)
    order = random.sample(range(len(frame)), len(frame))
    shuffled = frame.iloc[order].assign(**{f"{name} 2": [random.random() for _ in order]})
    first, second = read_scores(frame, **NAMES), read_scores(shuffled, **NAMES)
    assert same(first, second)
