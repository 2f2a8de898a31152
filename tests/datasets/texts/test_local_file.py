import json
import sys

import pandas as pd
import pytest

from attnstats.datasets import load_dataset, local_file
from attnstats.exceptions import DatasetError, MissingExtraError


def table(n=50, **columns):
    return pd.DataFrame(
        {"text": [f"text, number {i}" for i in range(n)], "label": [i % 2 for i in range(n)], **columns}
    )


def write(frame, path):
    if path.suffix == ".csv":
        frame.to_csv(path, index=False)
    elif path.suffix == ".jsonl":
        frame.to_json(path, orient="records", lines=True)
    else:
        frame.to_parquet(path)
    return path


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_formats_agree(tmp_path, suffix):
    dataset = local_file(write(table(), tmp_path / f"mine{suffix}"))
    assert dataset.name == "mine"
    assert dataset.class_names == ("0", "1")
    assert dataset.sizes == {"train": 40, "validation": 4, "test": 6}
    assert all(int(text.split()[-1]) % 2 == label for text, label in zip(dataset.texts, dataset.labels, strict=True))
    expected = local_file(write(table(), tmp_path / "again.csv"))
    assert dataset.texts == expected.texts
    assert dataset.splits.tolist() == expected.splits.tolist()


def test_column_names_and_what_the_report_states(tmp_path):
    frame = table().rename(columns={"text": "review", "label": "stars"})
    path = write(frame, tmp_path / "x.csv")
    dataset = load_dataset(
        "local_file", path=str(path), text="review", label="stars", name="ours", licence="CC0", citation="us"
    )
    assert (dataset.name, dataset.licence, dataset.citation) == ("ours", "CC0", "us")


def test_integer_classes_are_sorted_as_numbers(tmp_path):
    frame = table(60, label=[(1, 2, 10)[i % 3] for i in range(60)])
    assert local_file(write(frame, tmp_path / "x.csv")).class_names == ("1", "2", "10")
    frame = table(60, label=[("b", "a", "10")[i % 3] for i in range(60)])
    assert local_file(write(frame, tmp_path / "x.csv")).class_names == ("10", "a", "b")


def test_given_splits_are_kept(tmp_path):
    splits = ["train"] * 30 + ["validation"] * 10 + ["test"] * 10
    path = write(table(part=splits), tmp_path / "x.csv")
    assert local_file(path, split="part").splits.tolist() == splits


def test_words_that_look_missing_are_text(tmp_path):
    frame = table()
    frame.loc[:3, "text"] = ["NA", "null", "nan", "None"]
    assert {"NA", "null", "nan", "None"} <= set(local_file(write(frame, tmp_path / "x.csv")).texts)


def test_byte_order_mark_is_no_part_of_a_name(tmp_path):
    path = tmp_path / "x.csv"
    table().to_csv(path, index=False, encoding="utf-8-sig")
    assert len(local_file(path)) == 50


def rows(*lines):
    return "\n".join(("text,label", *lines)) + "\n"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("x.txt", "", r"path: must end in .csv, .tsv, .jsonl, .ndjson, .parquet, .*; got 'x.txt'"),
        ("x.csv", None, "x.csv: no such file or folder"),
        ("x.csv", "", "x.csv: cannot be read: it is empty"),
        ("x.csv", "text,stars\na,1\n", "x.csv: has no column 'label'; its columns are text, stars"),
        ("x.csv", rows("a,1", "b"), "x.csv: misses a value in column 'label', row 3"),
        ("x.csv", rows("a,1", "b,"), "x.csv: misses a value in column 'label', row 3"),
        ("x.csv", rows("a,1,2", "b,1,2"), "x.csv: cannot be read: row 2 has 3 fields and the header 2"),
        ("x.csv", rows("a,1", "b,1,2"), "x.csv: cannot be read: row 3 has 3 fields and the header 2"),
        ("x.csv", rows('"a,1'), "x.csv: cannot be read: .*EOF inside string"),
        ("x.csv", rows(",1", " ,2"), "x.csv: column 'text' must hold text; all 2 are empty"),
        ("x.csv", rows("a,1", "b,1"), "x.csv: column 'label' must hold at least two classes; got only '1'"),
        ("x.csv", rows("a,1", "b,2"), "x: each split must hold at least one text; got none in validation, test"),
        ("x.csv", b"text,label\n\xff,1\n", "x.csv: cannot be read as utf-8 .*; name its encoding"),
        ("x.jsonl", '{"text": "a", "label": 1}\n\n{"text"', "x.jsonl: cannot be read: line 3 is not JSON"),
        ("x.jsonl", "[1, 2]\n", "x.jsonl: cannot be read: line 1 is not a JSON object"),
        ("x.jsonl", '{"text": "a", "label": 1}\n{"text": null, "label": 1}', "misses a value in column 'text', row 2"),
        ("x.jsonl", '{"text": "a", "label": 1}\n{"text": "b"}', "misses a value in column 'label', row 2"),
        ("x.jsonl", '{"text": 3, "label": 1}', "x.jsonl: column 'text' must hold text; got 3 in row 1"),
        ("x.jsonl", "", "x.jsonl: must have at least one row of data; got none"),
        ("x.parquet", "not parquet", "x.parquet: cannot be read: "),
    ],
)
def test_bad_file_is_one_line_that_names_the_fault(tmp_path, name, content, message):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(DatasetError, match=message) as caught:
        local_file(path)
    assert "\n" not in str(caught.value)


def test_unknown_split_is_named(tmp_path):
    path = write(table(part=["train"] * 49 + ["dev"]), tmp_path / "x.csv")
    with pytest.raises(DatasetError, match="column 'part' must hold one of train, validation, test; got 'dev'"):
        local_file(path, split="part")


def test_missing_pyarrow_names_the_extra(tmp_path, monkeypatch):
    path = write(table(), tmp_path / "x.parquet")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"pyarrow is not installed: .*attnstats\[data\]"):
        local_file(path)


def test_json_labels_of_any_kind_become_words(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_text("\n".join(json.dumps({"text": f"t {i}", "label": i % 2 == 0}) for i in range(50)))
    assert local_file(path).class_names == ("False", "True")


def test_separators_encodings_and_compression_give_the_same_texts(tmp_path):
    frame = table(text=[f"größe, number {i}" for i in range(50)])
    expected = local_file(write(frame, tmp_path / "mine.csv"))
    frame.to_csv(tmp_path / "semi.csv", index=False, sep=";", encoding="latin-1")
    frame.to_csv(tmp_path / "MINE.TSV.GZ", index=False, sep="\t", compression="gzip")
    frame.to_json(tmp_path / "mine.jsonl.bz2", orient="records", lines=True, compression="bz2")
    again = [
        local_file(tmp_path / "semi.csv", sep=";", encoding="latin-1"),
        local_file(tmp_path / "MINE.TSV.GZ"),
        local_file(tmp_path / "mine.jsonl.bz2"),
    ]
    assert [each.texts for each in again] == [expected.texts] * 3
    assert [each.name for each in again] == ["semi", "MINE", "mine"]


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_na_and_none_are_classes_as_they_are_for_the_command_line(tmp_path, suffix):
    frame = table(label=[("NA", "None")[i % 2] for i in range(50)])
    assert local_file(write(frame, tmp_path / f"x{suffix}")).class_names == ("NA", "None")


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"path": 3}, "path: must be the path of a file; got 3"),
        ({"path": "-"}, "path: must be the path of a file; got '-'"),
        ({"licence": 3}, "licence: must be a text; got 3"),
        ({"name": 3}, "name: must be a text; got 3"),
        ({"sep": 3}, "sep: must be one character"),
        ({"encoding": 3}, "encoding: must be one of Python"),
        ({"text": 3}, "x.csv: has no column 3; its columns are text, label"),
    ],
)
def test_a_parameter_of_the_wrong_kind_is_named(tmp_path, parameters, message):
    with pytest.raises(DatasetError, match=message):
        local_file(**{"path": write(table(), tmp_path / "x.csv"), **parameters})


def test_labels_in_lists_are_refused_by_row(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_text("\n".join(json.dumps({"text": f"t {i}", "label": [i % 2]}) for i in range(50)))
    with pytest.raises(DatasetError, match=r"row 1 of 'label' must be one value; got \[0\]"):
        local_file(path)
