"""The results frame: declared once, checked at the door, the same after a trip to disk."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attnstats._files import CHECKSUMS, read_checksums, record_checksum, write_checksums
from attnstats.exceptions import FrameError
from attnstats.frame import COLUMNS, Row, check_frame, encode_parameters, parameter, read_frame, to_frame, write_frame
from attnstats.results import ConfidenceInterval, SignificanceResult


def test_columns_have_a_dtype_each():
    assert set(COLUMNS.values()) == {"Int64", "float64", "string"}
    assert COLUMNS["seed"] == "Int64"
    assert COLUMNS["value"] == "float64"


@pytest.mark.parametrize("text", ["not json", "[1]", "3"])
def test_parameters_that_are_no_json_object_are_named(text):
    frame = to_frame([Row(quantity="mi", value=0.5, parameters=text)])
    with pytest.raises(FrameError, match="parameters must be JSON objects; got"):
        parameter(frame, "rank")


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(
    value=st.floats(allow_nan=False),
    text=st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1).filter(
        lambda text: "\r" not in text and "\0" not in text
    ),
    seed=st.integers(-(2**62), 2**62) | st.none(),
)
def test_disk_changes_nothing(tmp_path_factory, value, text, seed):
    frame = to_frame([Row(quantity="gini", value=value, seed=seed, parameters=encode_parameters(token=text))])
    for name in ("frame.csv", "frame.parquet"):
        path = tmp_path_factory.mktemp("frame") / name
        write_frame(frame, path)
        pd.testing.assert_frame_equal(read_frame(path), frame, check_exact=True)
        assert parameter(read_frame(path), "token").tolist() == [text]


def test_an_empty_frame_has_the_columns():
    assert list(to_frame([]).columns) == list(COLUMNS)


def test_a_result_becomes_a_row():
    result = SignificanceResult(
        test="t", statistic=2.0, pvalue=0.04, alternative="greater", effect_name="d", effect=0.3, n=8,
        confidence_interval=ConfidenceInterval(0.1, 0.5, 0.95, "BCa bootstrap", 999),
    )  # fmt: skip
    row = to_frame([Row.of(result, finding="i")]).iloc[0]
    assert (row.finding, row.value, row.ci_low, row.ci_high, row.pvalue) == ("i", 0.3, 0.1, 0.5, 0.04)
    assert row.ci_method == "BCa bootstrap, 999 resamples"


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda frame: frame.drop(columns="unit"), r"missing \['unit'\]"),
        (lambda frame: frame.assign(more=1), r"unknown \['more'\]"),
        (lambda frame: frame.assign(quantity="nonsense").astype(COLUMNS), "quantity must be one of .*nonsense"),
        (lambda frame: frame.assign(seed=0.5), "declared dtypes"),
    ],
)
def test_anything_else_is_refused(spoil, message):
    with pytest.raises(FrameError, match=message):
        check_frame(spoil(to_frame([Row(quantity="gini")])))


@pytest.mark.parametrize("content", ["", "a,b\n1,2\n", ",".join(COLUMNS) + "\n" + ",".join("x" * len(COLUMNS))])
def test_a_file_that_is_no_frame(tmp_path, content):
    for path in (tmp_path / "frame.csv", tmp_path / "frame.parquet"):
        path.write_text(content)
        with pytest.raises(FrameError):
            read_frame(path)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: to_frame(3), "items: must be rows or results"),
        (lambda: to_frame([3]), "items: must be rows, estimates or test results; got 3"),
        (lambda: to_frame([Row(quantity="mi", value=1j)]), "frame: values must fit the types of their columns"),
        (lambda: to_frame([Row(quantity="mi", seed=10**30)]), "frame: values must fit the types of their columns"),
        (lambda: check_frame([]), "frame: must be a DataFrame"),
        (lambda: parameter(pd.DataFrame(), "rank"), "frame: must be a DataFrame with a column parameters"),
        (lambda: parameter(pd.DataFrame({"parameters": ["{"]}), "rank"), "frame: parameters must be JSON objects"),
    ],
)
def test_what_is_no_frame_is_refused_in_words(call, message):
    with pytest.raises(FrameError, match=message):
        call()


def test_a_frame_written_before_layers_and_heads_were_keys_is_read(tmp_path):
    frame = to_frame([Row(quantity="gini", attention="bert", value=0.5, seed=3)])
    frame.drop(columns=["layer", "head"]).to_csv(tmp_path / "old.csv", index=False)
    frame.drop(columns=["layer", "head"]).to_parquet(tmp_path / "old.parquet", index=False)
    for path in (tmp_path / "old.csv", tmp_path / "old.parquet"):
        pd.testing.assert_frame_equal(read_frame(path), frame)
    frame.drop(columns="seed").to_csv(tmp_path / "short.csv", index=False)
    with pytest.raises(FrameError, match=r"missing \['seed'\]"):
        read_frame(tmp_path / "short.csv")


@pytest.mark.parametrize("name", ["frame.csv", "frame.parquet"])
def test_a_frame_that_was_changed_is_not_read(tmp_path, name):
    first, second = (to_frame([Row(quantity="accuracy", value=value)]) for value in (0.5, 0.6))
    path = tmp_path / name
    write_frame(first, path)
    assert not (tmp_path / CHECKSUMS).exists()
    (tmp_path / "study.toml").write_text("name = 'mine'")
    write_checksums(tmp_path, ["study.toml"])
    pd.testing.assert_frame_equal(read_frame(path), first)  # no checksum of it is known
    record_checksum(path)
    pd.testing.assert_frame_equal(read_frame(path), first)
    write_frame(second, path)  # which renews it
    pd.testing.assert_frame_equal(read_frame(path), second)
    assert {*read_checksums(tmp_path)} == {"study.toml", name}
    write_frame(first, tmp_path / f"other_{name}")
    (tmp_path / f"other_{name}").replace(path)
    with pytest.raises(FrameError, match=f"must be a frame as it was written; .*{name} was changed since"):
        read_frame(path)
    (tmp_path / CHECKSUMS).write_text("damaged")
    with pytest.raises(FrameError, match="was changed since"):
        read_frame(path)
