"""How tables are read: separators, encodings, compression, types, missing cells, and what is wrong with a file."""

import bz2
import datetime
import decimal
import gzip
import io
import json
import lzma

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest
from scipy import stats

ROWS = [(1.5, 2), (2.5, 1), (3.5, 4), (4.5, 3), (5.5, 6), (6.5, 5)]
TAU = stats.kendalltau(*zip(*ROWS, strict=True)).statistic
TEXT = "x,y\n" + "".join(f"{x},{y}\n" for x, y in ROWS)


def ranks(path, *options):
    return ("ranks", path, "--a", "x", "--b", "y", *options)


@pytest.fixture
def written(tmp_path):
    def write(name, content):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.mark.parametrize(
    ("name", "content", "options"),
    [
        ("t.csv", TEXT.encode(), ()),
        ("T.CSV", TEXT.encode(), ()),
        ("t.tsv", TEXT.replace(",", "\t").encode(), ()),
        ("T.TSV.GZ", gzip.compress(TEXT.replace(",", "\t").encode(), mtime=0), ()),
        ("t.csv.gz", gzip.compress(TEXT.encode(), mtime=0), ()),
        ("t.csv.bz2", bz2.compress(TEXT.encode()), ()),
        ("t.csv.xz", lzma.compress(TEXT.encode()), ()),
        ("t.csv", TEXT.replace(",", ";").replace(".", ",").encode(), ("--sep", ";", "--decimal", ",")),
        ("t.csv", TEXT.replace(",", "\t").encode(), ("--sep", r"\t")),
        ("t.csv", TEXT.encode("utf-8-sig"), ()),
        ("t.csv", TEXT.encode("utf-16"), ("--encoding", "utf-16")),
        ("t.csv", TEXT.replace("\n", "\r\n").encode(), ()),
        ("t.csv", TEXT.replace(",", " , ").encode(), ()),
        ("t.csv", ("\n" + TEXT.replace("\n", "\n\n")).encode(), ()),
        ("t.jsonl", "".join(json.dumps({"x": x, "y": y}) + "\n" for x, y in ROWS).encode(), ()),
        (
            "t.ndjson.gz",
            gzip.compress("".join(json.dumps({"y": y, "x": x}) + "\n" for x, y in ROWS).encode(), mtime=0),
            (),
        ),
    ],
)
def test_the_same_rows_in_every_dress(written, run, name, content, options):
    assert run(*ranks(written(name, content), *options)).startswith(f"tau-b = {TAU:.3g},")


def test_zstd_is_read(tmp_path, run):
    with pa.output_stream(tmp_path / "t.csv.zst", compression="zstd") as stream:
        stream.write(TEXT.encode())
    assert run(*ranks(tmp_path / "t.csv.zst")).startswith(f"tau-b = {TAU:.3g},")


def test_the_standard_input(monkeypatch, run):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(TEXT.encode())))
    assert run(*ranks("-")).startswith(f"tau-b = {TAU:.3g},")


def with_age(age, row=17, n=40):
    """A file in which the cell `age` stands in the row `row` of the file, the header being row 1."""
    ages = [str(20 + 7 * i % 50) for i in range(n)]
    ages[row - 2] = age
    return "age,y\n" + "".join(f"{each},{i * i % 11}\n" for i, each in enumerate(ages))


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ('"12,5"', "row 17 of 'age': must be a number; got '12,5' (try --decimal ,)"),
        ("NA", "row 17 of 'age': must be a number; got 'NA' (--na NA takes such fields for missing)"),
        ("nan", "row 17 of 'age': must be a number; got 'nan' (--na nan"),
        ("inf", "row 17 of 'age': must be a number; got 'inf'"),
        ("1_000", "row 17 of 'age': must be a number; got '1_000'"),
        ("0x1f", "row 17 of 'age': must be a number; got '0x1f'"),
        ("1e999", "row 17 of 'age': must be finite; got '1e999'"),
        ("", "row 17 of 'age': must not be missing; got an empty field (--dropna leaves out incomplete rows)"),
    ],
)
def test_a_bad_cell_is_named_by_the_row_that_a_person_sees(written, fails, cell, message):
    path = written("t.csv", with_age(cell))
    assert message in fails("ranks", path, "--a", "age", "--b", "y")


def test_blank_lines_and_quoted_line_breaks_do_not_shift_the_row(written, fails):
    path = written("t.csv", 'word,x,y\n"a\nb",1,2\n\nc,2,3\nd,oops,4\n')
    assert "row 5 of 'x': must be a number; got 'oops'" in fails("ranks", path, "--a", "x", "--b", "y")


def test_numbers_and_words_in_one_column_are_refused_by_mi_and_can_be_declared(written, fails, run):
    path = written("t.csv", with_age("unknown"))
    line = fails("mi", path, "--x", "age", "--y", "y")
    assert "row 17 of 'age': must be a number like '20' in row 2; got 'unknown'" in line
    assert "--na unknown takes such fields for missing; --classes age takes the column for classes" in line
    declared = ("--na", "unknown", "--dropna", "--estimator", "gaussian", "--permutations", "0")
    assert ", n = 39, 1 left out as incomplete, Gaussian()" in run("mi", path, "--x", "age", "--y", "y", *declared)


@pytest.mark.parametrize("name", ["t.csv", "t.jsonl", "t.parquet"])
def test_only_empty_cells_are_missing_everywhere(tmp_path, run, name):
    """Classes called "NA" and "None" are classes; --na declares them missing, numbers by their amount."""
    made = pd.DataFrame({"word": ["NA", "None", "nan", "null"] * 15, "score": [float(i % 7) for i in range(60)]})
    made.loc[made.score == 6, "score"] = -999.0
    path = tmp_path / name
    if name == "t.csv":
        made.to_csv(path, index=False)
    elif name == "t.jsonl":
        made.to_json(path, orient="records", lines=True)
    else:
        made.to_parquet(path)
    arguments = ("mi", path, "--x", "word", "--y", "score", "--estimator", "binned", "--permutations", "0")
    assert "n = 60, Binned()" in run(*arguments)
    kept = ~made.word.isin(["NA", "None"]) & (made.score != -999)
    assert f"n = {kept.sum()}, {60 - kept.sum()} left out as incomplete" in run(
        *arguments, "--na", "NA,None,-999", "--dropna"
    )


def test_a_missing_cell_of_any_column_named_leaves_out_the_row(written, run):
    path = written("t.csv", "x,y,g,other\n1,2,a,\n2,,a,\n3,4,,\n4,1,a,\n5,3,a,\n")
    printed = run("ranks", path, "--a", "x", "--b", "y", "--by", "g", "--dropna")
    assert printed.splitlines()[0].startswith(f"a: tau-b = {stats.kendalltau([1, 4, 5], [2, 1, 3]).statistic:.3g},")
    assert printed.endswith("rows left out as incomplete: 2\n")


def test_parquet_of_pandas_with_nullable_and_arrow_columns(tmp_path, run):
    made = pd.DataFrame(
        {
            "x": pd.array([1, None, 3, 2, 5, 4], dtype="Int64"),
            "y": pd.array([2**63 + 1, 2**63 + 5, 2**63 + 3, 2**63 + 2, 2**63 + 9, None], dtype="UInt64"),
            "flag": pd.array([True, False, True, None, True, False], dtype="boolean"),
            "arrow": pd.array([1.5, 2.5, None, 3.5, 0.5, 9.5], dtype="float64[pyarrow]"),
        },
        index=pd.Index(range(6, 0, -1), name="id"),
    )
    path = tmp_path / "t.parquet"
    made.to_parquet(path)
    complete = made.dropna(subset=["x", "y"])
    expected = stats.kendalltau(complete.x.astype(int), [int(each) - 2**63 for each in complete.y]).statistic
    printed = run("ranks", path, "--a", "x", "--b", "y", "--dropna")
    assert printed.startswith(f"tau-b = {expected:.3g},")
    assert "n = 4 pairs, 2 left out as incomplete" in printed
    assert "n = 4 pairs" in run("ranks", path, "--a", "flag", "--b", "arrow", "--dropna")
    assert run("ranks", path, "--a", "id", "--b", "x", "--dropna").startswith(
        f"tau-b = {stats.kendalltau([6, 4, 3, 2, 1], [1, 3, 2, 5, 4]).statistic:.3g},"
    )


def test_parquet_of_polars(tmp_path, run, fails):
    """Dates, decimals and categories; the same order in plain numbers, from scipy."""
    polars = pytest.importorskip("polars")
    n = 60
    days, quarters = [i * i % 13 for i in range(n)], [i * 7 % 12 for i in range(n)]
    made = polars.DataFrame(
        {
            "x": polars.Series([*range(n - 1), None], dtype=polars.Int8),
            "day": [datetime.date(2024, 1, 1) + datetime.timedelta(days=each) for each in days],
            "money": [decimal.Decimal(each) / 4 for each in quarters],
            "word": polars.Series(["u", "v", "w"] * (n // 3), dtype=polars.Categorical),
            "listed": [[i] for i in range(n)],
        }
    )
    path = tmp_path / "t.parquet"
    made.write_parquet(path)
    expected = stats.kendalltau(days, quarters).statistic
    assert run("ranks", path, "--a", "day", "--b", "money").startswith(f"tau-b = {expected:.3g},")
    assert "row 60 of 'x': must not be missing; got <NA>" in fails("ranks", path, "--a", "x", "--b", "day")
    assert "row 1 of 'listed': must be a number; got [0]" in fails("ranks", path, "--a", "listed", "--b", "day")
    assert "row 1 of 'listed' must be one value; got [0]" in fails("mi", path, "--x", "listed", "--y", "day")
    assert "n = 60, Binned()" in run("mi", path, "--x", "word", "--y", "money", "--estimator", "binned")


def frames_of(*names):
    return pa.table([pa.array([1, 2, 3])] * len(names), names=list(names))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("t.csv", "", "t.csv: cannot be read: it is empty"),
        ("t.csv", "x,y\n", "t.csv: must have at least one row of data; got none"),
        ("t.csv", "x;y\n1;2\n", "it has one column, 'x;y', with the separator ','; is it ';'?"),
        ("t.csv", "x\n1\n", "it has one column, 'x', with the separator ','"),
        ("t.csv", "x,x,y\n1,2,3\n", "t.csv: column names must differ; got 'x' 2 times"),
        ("t.csv", "x,,y\n1,2,3\n", "t.csv: every column must have a name; got none for column 2"),
        ("t.csv", "x,y\n1,2\n3,4,5\n", "row 3 has 3 fields and the header 2, with the separator ','"),
        ("t.csv", 'x,y\n1,"2\n', "EOF inside string"),
        ("t.csv", "x,y\n\xe9,1\n".encode("latin-1"), "t.csv: cannot be read as utf-8"),
        ("t.csv", "x,y\n1,2\n".encode("utf-16"), "name its encoding, for example latin-1 or utf-16"),
        ("t.csv", "x,y\n1,2\n".encode("utf-16-le"), "name its encoding, for example utf-16"),
        ("t.csv", gzip.compress(TEXT.encode(), mtime=0), "it is compressed by gzip, which its name does not say"),
        ("t.csv", b"PK\x03\x04", "it is an Excel or zip file, which its name does not say"),
        ("t.csv.gz", TEXT, "Not a gzipped file"),
        ("t.csv.gz", gzip.compress(TEXT.encode() * 99, mtime=0)[:60], "ended before the end-of-stream marker"),
        ("t.csv.xz", TEXT, "t.csv.xz: cannot be read: Input format not supported"),
        ("t.csv.zst", TEXT, "t.csv.zst: cannot be read: ZSTD decompress failed"),
        ("t.txt", TEXT, "path: must end in .csv, .tsv, .jsonl, .ndjson, .parquet, text also in .gz"),
        ("t.parquet.gz", TEXT, "path: must end in .csv"),
        ("t.parquet", TEXT, "t.parquet: cannot be read: "),
        ("t.jsonl", '{"x": 1, "y": 2}\n{"x"', "t.jsonl: cannot be read: line 2 is not JSON"),
        ("t.jsonl", "[1]\n", "line 1 is not a JSON object"),
        ("t.jsonl", '{"x": 1, "x": 2}\n', "the name 'x' stands twice in one object"),
        ("t.jsonl", '{"x": 1, "y": 2}\n{"x": 3}\n', "row 2 of 'y': must not be missing; got None"),
        ("t.jsonl", '{"x": [1], "y": 2}\n', "row 1 of 'x': must be a number; got [1]"),
        ("t.jsonl", '{"x": 1, "y": 2}\n\n{"x": "3", "y": 2}\n', "row 3 of 'x': must be a number; got '3'"),
        ("t.jsonl", '{"x": Infinity, "y": 2}\n', "row 1 of 'x': must be finite; got inf"),
        ("t.jsonl", '{"x": true, "y": 2}\n{"x": 1, "y": 2}\n', "row 1 of 'x': must be a number; got True"),
        ("t.jsonl", "[" * 100_000, "line 1 is not JSON"),
    ],
)
def test_what_is_wrong_with_a_file_is_one_line(written, fails, name, content, message):
    assert message in fails(*ranks(written(name, content)))


def test_a_file_that_is_not_there_a_folder_and_repeated_names_in_parquet(tmp_path, fails):
    assert "absent.csv: no such file or folder" in fails(*ranks(tmp_path / "absent.csv"))
    (tmp_path / "folder.csv").mkdir()
    assert "Is a directory" in fails(*ranks(tmp_path / "folder.csv"))
    pa.parquet.write_table(frames_of("x", "x", "y"), tmp_path / "t.parquet")
    assert "t.parquet: column names must differ; got 'x' 2 times" in fails(*ranks(tmp_path / "t.parquet"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--sep", ";;"), "sep: must be one character"),
        (("--sep", ""), "sep: must be one character"),
        (("--sep", ";"), "it has one column"),
        (("--sep", ",", "--decimal", ","), "--sep and --decimal: must differ"),
        (("--decimal", ","), "row 2 of 'x': must be a number; got '1.5' (try --decimal .)"),
        (("--encoding", "nope"), "encoding: must be one of Python"),
        (("--encoding", ""), "encoding: must be one of Python"),
        (("--na", '"a'), "--na: must be a list such as"),
    ],
)
def test_options_of_reading_that_do_not_fit(written, fails, options, message):
    assert message in fails(*ranks(written("t.csv", TEXT), *options))


def test_options_for_text_are_refused_for_parquet(tmp_path, fails):
    pa.parquet.write_table(frames_of("x", "y"), tmp_path / "t.parquet")
    assert "sep: must be one character, and the file CSV or TSV" in fails(*ranks(tmp_path / "t.parquet", "--sep", ";"))
    assert "encoding: must be one of Python, and the file text" in fails(
        *ranks(tmp_path / "t.parquet", "--encoding", "utf-8")
    )


def test_a_missing_package_is_named(tmp_path, fails, monkeypatch):
    monkeypatch.setattr("attnstats.exceptions.find_spec", lambda _: None)
    for name in ("t.parquet", "t.csv.zst"):
        (tmp_path / name).write_bytes(b"")
        assert "pip install 'attnstats[data]'" in fails(*ranks(tmp_path / name))


def test_exact_numbers_of_text(written, run):
    """Fields are read as Python reads them, to the last digit: 0.1 + 0.2 lies above 0.3."""
    path = written("t.csv", f"x,y\n0.3,1\n{0.1 + 0.2!r},2\n0.5,3\n")
    assert run(*ranks(path)).startswith("tau-b = 1,")
    assert np.nextafter(0.3, 1) == 0.1 + 0.2
