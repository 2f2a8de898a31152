import json
import math
import struct
import textwrap
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
    """The JSON members of an archive as Inspect writes them; a summary cuts metadata at 1,024 characters."""
    start = {"version": 2, "eval": SPEC, "plan": {}}
    summaries = [
        {**each, "metadata": {field: textwrap.shorten(text, 1024) for field, text in each.get("metadata", {}).items()}}
        for each in samples
    ]
    files = {"_journal/start.json": start, "_journal/summaries/1.json": summaries}
    files |= {f"samples/{each['id']}_epoch_{each['epoch']}.json": {**each, "messages": []} for each in samples}
    return files | ({"summaries.json": summaries, "header.json": {**start, "status": "success"}} if finished else {})


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


@pytest.mark.parametrize("word", ["correct", "70%", "pass", "nan", "inf"])
def test_words_without_a_number_are_refused(tmp_path, word):
    log = document(tmp_path / "x.json", [*samples(["C"]), {"id": 9, "epoch": 1, "scores": {"match": {"value": word}}}])
    with pytest.raises(DatasetError, match=f"must be a number or one of C, P, I, N; got '{word}'"):
        read_inspect_logs(log)


def test_a_score_that_is_text_in_all_samples_has_no_rows(tmp_path):
    given = samples(["C", "I"])
    for sample, said in zip(given, ("too long", "fine"), strict=True):
        sample["scores"]["rubric"] = {"value": {"style": 3, "comment": said}}
    given.append({"id": 9, "epoch": 1, "error": {"message": "timeout"}})
    assert set(read_inspect_logs(document(tmp_path / "x.json", given)).score) == {"match", "rubric/style"}
    for sample in given[:2]:
        del sample["scores"]["match"], sample["scores"]["rubric"]["value"]["style"]
    with pytest.raises(DatasetError, match=r"score 'rubric/comment' of sample 0: must be a number .*; got 'too long'"):
        read_inspect_logs(document(tmp_path / "x.json", given))


@pytest.mark.parametrize("name", FORMATS)
def test_a_field_is_whole_however_long(tmp_path, name):
    given = samples(["C", "I", "P"])
    for n, sample in enumerate(given):
        sample["metadata"] = {"passage": "a passage of many words " * 50 + str(n)}
    table = read_inspect_logs(FORMATS[name](tmp_path / name, given), fields=["passage"])
    assert table.passage.tolist() == [each["metadata"]["passage"] for each in given]


def test_what_inspect_writes_beside_logs_is_no_log(tmp_path):
    document(tmp_path / "x.json", samples(["C", "I"]))
    (tmp_path / "logs.json").write_text(json.dumps({"x.json": {"version": 2, "status": "success", "eval": SPEC}}))
    (tmp_path / "eval-set.json").write_text(json.dumps({"eval_set_id": "s", "tasks": [SPEC]}))
    assert len(read_inspect_logs(tmp_path)) == 2


def test_a_sample_that_was_tried_again_is_the_latest(tmp_path):
    failed = [*samples(["C", "I"]), {"id": 2, "epoch": 1, "error": {"message": "timeout"}}]
    document(tmp_path / "b.json", failed, created="2026-01-31T12:00:00+00:00")
    document(tmp_path / "a.json", samples(["C", "I", "P"]), created="2026-01-31T13:00:00+00:00")
    document(tmp_path / "c.json", samples(["I", "I", "I"]), task_id="u", model="org/large")
    table = read_inspect_logs(tmp_path).set_index("model")
    assert sorted(table.loc["org/small"].value) == [0, 0.5, 1]
    assert table.loc["org/large"].value.tolist() == [0, 0, 0]
    document(tmp_path / "b.json", failed[2:], created="2026-01-31T12:00:00+00:00")
    table = read_inspect_logs(tmp_path)
    assert (len(table), table.value.dtype) == (6, float)
    other = document(tmp_path / "b.json", samples(["C"]), task_id="v")
    assert len(read_inspect_logs([other, tmp_path / "a.json"])) == 4  # two runs, which `read_scores` refuses


def test_a_sample_that_was_run_again_within_a_log_is_the_last(tmp_path):
    path = archive(tmp_path / "x.eval", members(samples(["C", "I"]), finished=False))
    with zipfile.ZipFile(path, "a") as log, pytest.warns(UserWarning, match="Duplicate name"):
        log.writestr("samples/1_epoch_1.json", json.dumps(samples(["C", "P"])[1]))
    assert read_inspect_logs(path).value.tolist() == [1, 0.5]


def test_a_sample_that_was_scored_despite_an_error_has_its_score(tmp_path):
    given = samples(["C", "I"])
    given[1]["error"] = {"message": "timeout"}
    assert read_inspect_logs(document(tmp_path / "x.json", given)).value.tolist() == [1, 0]


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
