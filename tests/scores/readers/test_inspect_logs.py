import json
import math
import struct
import zipfile
import zlib

import pyarrow
import pytest

from attnstats.exceptions import DatasetError, InvalidInputError
from attnstats.scores import find_design, read_inspect_logs, read_scores

SPEC = {"task": "arithmetic", "task_id": "t", "run_id": "r", "model": "org/small"}


def samples(values, epochs=1):
    return [
        {
            "id": n,
            "epoch": epoch,
            "input": "1 + 1?",
            "target": "2",
            "scores": {"match": {"value": value, "answer": "2"}},
        }
        for epoch in range(1, epochs + 1)
        for n, value in enumerate(values)
    ]


def document(path, samples, **spec):
    log = {"version": 2, "status": "success", "eval": {**SPEC, **spec}, "plan": {}, "samples": samples}
    path.write_text(json.dumps(log))
    return path


def members(samples, *, finished=True):
    """The JSON members of an archive as Inspect writes them."""
    start = {"version": 2, "eval": SPEC, "plan": {}}
    files = {"_journal/start.json": start, "_journal/summaries/1.json": samples}
    files |= {f"samples/{each['id']}_epoch_{each['epoch']}.json": {**each, "messages": []} for each in samples}
    return files | ({"summaries.json": samples, "header.json": {**start, "status": "success"}} if finished else {})


def archive(path, files):
    with zipfile.ZipFile(path, "w", compression=zipfile.ZIP_DEFLATED) as log:
        for name, content in files.items():
            log.writestr(name, json.dumps(content))
    return path


def zstd_archive(path, files):
    """A zip with members of method 93, by hand: Python writes it from 3.14 on."""
    body, directory = b"", b""
    for name, content in files.items():
        plain = json.dumps(content).encode()
        packed = pyarrow.compress(plain, codec="zstd", asbytes=True)
        fields = (20, 0, 93, 0, 33, zlib.crc32(plain), len(packed), len(plain), len(name))
        directory += b"PK\x01\x02" + struct.pack("<H5H3I5H2I", 20, *fields, 0, 0, 0, 0, 0, len(body)) + name.encode()
        body += b"PK\x03\x04" + struct.pack("<5H3I2H", *fields, 4) + name.encode() + b"\0\0\0\0" + packed
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, len(files), len(files), len(directory), len(body), 0)
    path.write_bytes(body + directory + end)
    return path


FORMATS = {
    "x.json": document,
    "finished.eval": lambda path, given: archive(path, members(given)),
    "unfinished.eval": lambda path, given: archive(path, members(given, finished=False)),
    "zstd.eval": lambda path, given: zstd_archive(path, members(given)),
}


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_same_table(tmp_path, name):
    table = read_inspect_logs(FORMATS[name](tmp_path / name, samples(["C", "I", "P", "N"], epochs=2)))
    assert list(table) == ["task", "model", "sample", "epoch", "score", "value"]
    table = table.sort_values(["epoch", "sample"])
    assert table.value.tolist() == [1, 0, 0.5, 0] * 2
    assert table.epoch.tolist() == [1] * 4 + [2] * 4
    assert table["sample"].tolist() == ["0", "1", "2", "3"] * 2
    assert set(table.task), set(table.model) == ({"arithmetic"}, {"org/small"})


def test_logs_of_two_models_make_a_design(tmp_path):
    for model in ("org/small", "org/large"):
        document(tmp_path / f"{model[4:]}.json", samples(["C", "I", "C"], epochs=2), model=model)
    scores = read_scores(read_inspect_logs(tmp_path), value="value", condition="model", seed="epoch", example="sample")
    assert repr(find_design(scores)) == "Design(2 models × 2 epochs × 3 samples, crossed, complete)"


def test_numbers_words_and_parts_of_scores(tmp_path):
    given = [
        {
            "id": "q",
            "epoch": 1,
            "scores": {"graded": {"value": {"style": 4, "facts": True}}, "match": {"value": "yes"}},
        },
        {
            "id": "r",
            "epoch": 1,
            "scores": {"graded": {"value": {"style": 2.5, "facts": False}}, "match": {"value": "0.25"}},
        },
    ]
    table = read_inspect_logs(document(tmp_path / "x.json", given))
    assert table.set_index(["score", "sample"]).value.to_dict() == {
        ("graded/style", "q"): 4, ("graded/facts", "q"): 1, ("match", "q"): 1,
        ("graded/style", "r"): 2.5, ("graded/facts", "r"): 0, ("match", "r"): 0.25,
    }  # fmt: skip


@pytest.mark.parametrize("word", ["correct", "70%", "pass"])
def test_words_without_a_number_are_refused(tmp_path, word):
    log = document(tmp_path / "x.json", [*samples(["C"]), {"id": 9, "epoch": 1, "scores": {"match": {"value": word}}}])
    with pytest.raises(DatasetError, match=f"must be a number or one of C, P, I, N; got '{word}'"):
        read_inspect_logs(log)


def test_a_sample_that_ended_in_an_error_is_missing_not_gone(tmp_path):
    given = [*samples(["C", "I", float("nan")]), {"id": 9, "epoch": 1, "error": {"message": "timeout"}}]
    table = read_inspect_logs(document(tmp_path / "x.json", given))
    assert table["sample"].tolist() == ["0", "1", "2", "9"]
    assert table.score.tolist() == ["match"] * 4
    assert [math.isnan(value) for value in table.value] == [False, False, True, True]
    given[0]["scores"]["style"] = {"value": 3}
    table = read_inspect_logs(document(tmp_path / "x.json", given))
    assert table.value[table.score == "style"].tolist()[0] == 3
    assert table.value[table.score == "style"].isna().sum() == 3


def test_what_is_no_log_is_refused(tmp_path):
    with pytest.raises(DatasetError, match=r"paths: must hold logs in .eval or .json; got none in"):
        read_inspect_logs(tmp_path)
    with pytest.raises(DatasetError, match=r"x.json: score 'match' of sample 1: must be a number or .*; got 'maybe'"):
        read_inspect_logs(document(tmp_path / "x.json", samples(["C", "maybe"])))
    with pytest.raises(DatasetError, match=r"x.json: must have a sample with a score; got none among 1 samples"):
        read_inspect_logs(document(tmp_path / "x.json", [{"id": 1, "epoch": 1, "error": {}}]))
    with pytest.raises(DatasetError, match=r"gone.eval: cannot be read: No such file"):
        read_inspect_logs(tmp_path / "gone.eval")
    (tmp_path / "y.json").write_text("[1]")
    with pytest.raises(DatasetError, match=r"y.json: is not a log of Inspect"):
        read_inspect_logs(tmp_path / "y.json")
    (tmp_path / "z.eval").write_text("{}")
    with pytest.raises(DatasetError, match=r"z.eval: is not a log of Inspect"):
        read_inspect_logs(tmp_path / "z.eval")


def test_two_scores_of_a_sample_are_told_apart(tmp_path):
    given = [{"id": n, "epoch": 1, "scores": {"match": {"value": "C"}, "style": {"value": n}}} for n in range(3)]
    tables = [document(tmp_path / f"{model}.json", given, model=model) for model in "ab"]
    with pytest.raises(InvalidInputError, match=r"\(they differ in 'score': 'match' and 'style'\)"):
        read_scores(read_inspect_logs(tables), value="value", condition="model", example="sample")


def test_an_archive_without_a_header_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.eval", "w") as archive:
        archive.writestr("readme.txt", "no log")
    with pytest.raises(DatasetError, match=r"x.eval: is not a log of Inspect \(ValueError: it has no header.json\)"):
        read_inspect_logs(tmp_path / "x.eval")


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_a_damaged_archive_is_read_as_it_was_or_refused(tmp_path, method):
    path = tmp_path / "x.eval"
    with zipfile.ZipFile(path, "w", method) as archive:
        files = members(samples(["C", "I"]))
        for name in ("header.json", "summaries.json"):
            archive.writestr(name, json.dumps(files[name]))
    whole = path.read_bytes()
    n_refused = 0
    for place in range(0, len(whole), 3):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 32]) + whole[place + 1 :])
        try:
            read_inspect_logs(path)
        except DatasetError as error:
            n_refused += "x.eval: is not a log of Inspect" in str(error)
    assert n_refused > 20
