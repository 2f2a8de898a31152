"""ERASER: folders and archives as they are, and what can be wrong with them."""

import json
import shutil
import tarfile

import numpy as np
import pytest

from attnstats.datasets import load_eraser
from attnstats.exceptions import DatasetError, InvalidInputError


def span(start, end, docid="a", text=None):
    return {"docid": docid, "start_token": start, "end_token": end, "text": text}


def annotation(*spans, name="a", label="POS", query="sentiment?", **more):
    evidences = [[each] for each in spans]
    return {"annotation_id": name, "classification": label, "evidences": evidences, "query": query, **more}


def write(folder, documents, **splits):
    (folder / "docs").mkdir(parents=True)
    for name, text in documents.items():
        (folder / "docs" / name).write_bytes(text.encode())
    for split, rows in splits.items():
        (folder / f"{split}.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n", encoding="utf-8")
    return folder


DOCUMENTS = {"a": "a very good film .\nI liked it", "b": "so dull", "c": "one more"}
TRAIN = [annotation(span(1, 3, text="very good"), span(6, 7)), annotation(span(1, 2, "b"), name="b", label="NEG")]


def test_spans_become_marks(tmp_path):
    found = load_eraser(write(tmp_path / "x", DOCUMENTS, train=TRAIN, val=[annotation(span(0, 1, "c"), name="c")]))
    assert found.tokens[0] == ("a", "very", "good", "film", ".", "I", "liked", "it")
    assert found.marks[0].astype(int).tolist() == [[0, 1, 1, 0, 0, 0, 1, 0]]
    assert found.class_names == ("NEG", "POS")
    assert found.labels.tolist() == [1, 0, 1]
    assert found.splits.tolist() == ["train", "train", "validation"]
    assert found.ids == ("a", "b", "c")
    assert found.notes == ()
    assert "DeYoung" in found.citation


@pytest.mark.parametrize("mode", ["w", "w:gz"])
@pytest.mark.parametrize("top", ["", "movies/", "./movies/"])
def test_an_archive_is_read_without_unpacking(tmp_path, mode, top):
    folder = write(tmp_path / "x", DOCUMENTS, train=TRAIN)
    (folder / "._train.jsonl").write_bytes(b"\x00\x05\x16\x07")  # what macOS adds
    path = tmp_path / "x.tar.gz"
    with tarfile.open(path, mode) as archive:
        archive.add(folder, arcname=top.rstrip("/") or ".")
    one, other = load_eraser(path), load_eraser(folder)
    assert one.tokens == other.tokens
    assert all((a == b).all() for a, b in zip(one.marks, other.marks, strict=True))


@pytest.mark.parametrize("kind", ["zip", "gztar"])
def test_the_folder_of_the_archive_or_of_the_extracted_folder_does(tmp_path, kind):
    folder = write(tmp_path / "extracted" / "movies", DOCUMENTS, train=TRAIN)
    (tmp_path / "shipped").mkdir()
    archive = shutil.make_archive(tmp_path / "shipped" / "movies", kind, tmp_path / "extracted")
    (tmp_path / "shipped" / ".DS_Store").write_bytes(b"")
    expected = load_eraser(folder)
    for path in (tmp_path / "extracted", archive, tmp_path / "shipped"):
        found = load_eraser(path)
        assert found.tokens == expected.tokens
        assert all((a == b).all() for a, b in zip(found.marks, expected.marks, strict=True))
    (tmp_path / "shipped" / "readme").write_text("")  # which of several files is meant, the user says
    with pytest.raises(DatasetError, match=rf"got a folder of movies\..*: give one, as {archive}$"):
        load_eraser(tmp_path / "shipped")


def test_documents_may_stand_in_one_file_and_have_windows_line_ends(tmp_path):
    (tmp_path / "docs.jsonl").write_text(
        json.dumps({"docid": "a", "document": "a very\r\ngood  film"}), encoding="utf-8"
    )
    (tmp_path / "test.jsonl").write_bytes((json.dumps(annotation(span(1, 3))) + "\r\n").encode())
    found = load_eraser(tmp_path)
    assert found.tokens == (("a", "very", "good", "film"),)
    assert found.marks[0].astype(int).tolist() == [[0, 1, 1, 0]]


def test_white_space_that_is_no_blank_stays_in_its_token(tmp_path):
    found = load_eraser(write(tmp_path / "x", {"a": "one\xa0word \xa0 and\ttwo"}, test=[annotation(span(1, 2))]))
    assert found.tokens == (("one\xa0word", "and\ttwo"),)


def test_what_is_odd_is_handled_and_said(tmp_path):
    rows = [
        annotation(span(0, 2), span(1, 3), span(4, 4), span(3, 4, text="movie")),
        annotation(name="b"),
        annotation(span(0, 1, "c"), span(1, 2, "b"), name="both", docids=["b", "c"]),
    ]
    found = load_eraser(write(tmp_path / "x", DOCUMENTS, test=rows))
    assert found.marks[0].astype(int).tolist() == [[1, 1, 1, 1, 0, 0, 0, 0]]
    assert not found.marks[1].any()
    assert found.tokens[2] == ("so", "dull", "one", "more")
    assert found.marks[2].astype(int).tolist() == [[0, 1, 1, 0]]
    assert sorted(found.notes) == [
        "1 span whose words are not those of the file",
        "1 span with tokens of another span",
        "1 span without a token left out",
        "1 text of several documents",
        "1 text without a mark",
    ]


def test_a_copy_is_left_out_and_the_one_in_the_test_split_kept(tmp_path):
    documents = {**DOCUMENTS, "d": "So  dull !?"}
    rows = {
        "train": [*TRAIN, annotation(span(0, 1, "d"), name="d")],
        "test": [annotation(name="e", docids=["b"], label="NEG")],
    }
    found = load_eraser(write(tmp_path / "x", documents, **rows))
    assert found.ids == ("a", "d", "e")  # "dull !?" has tokens of its own
    assert found.notes[-1] == "left out 1 text that another repeats"


def test_one_document_may_be_asked_several_questions(tmp_path):
    rows = [annotation(span(0, 1), query="is it good?"), annotation(span(3, 4), query="is it a film?", label="NEG")]
    found = load_eraser(write(tmp_path / "x", DOCUMENTS, test=rows))
    assert len(found) == 2
    assert found.notes == ("the query differs by text, and is no part of the tokens",)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (
            annotation(span(7, 9)),
            "test.jsonl, line 1: a span must lie inside its document of 8 tokens; got 7 to 9 of 'a'",
        ),
        (annotation(span(-1, 2)), "a span must lie inside its document of 8 tokens; got -1 to 2"),
        (annotation(span(3, 2)), "a span must lie inside its document of 8 tokens; got 3 to 2"),
        (annotation(span(0, 1, "z")), "test.jsonl, line 1: document 'z' must be in docs; it holds 3 other documents"),
        (annotation(span(0.5, 1)), "line 1, a span: 'start_token' must be a position of a token; got 0.5"),
        (annotation(span(0, True)), "line 1, a span: 'end_token' must be a position of a token; got True"),
        (annotation(3), "'evidences' must be a list of lists of spans; got 3"),
        ({"annotation_id": "a"}, "must have 'evidences', a list of lists of spans; it has annotation_id"),
        ({**annotation(), "classification": None}, "'classification' must be the name of a class; got None"),
        ({**annotation(), "docids": [3]}, r"'docids' must be a list of names; got \[3\]"),
    ],
)
def test_an_annotation_that_does_not_fit(tmp_path, row, said):
    with pytest.raises(DatasetError, match=said):
        load_eraser(write(tmp_path / "x", DOCUMENTS, test=[row]))


def test_a_folder_or_file_that_is_none(tmp_path):
    wanted = r"must be the folder in which train\.jsonl, val\.jsonl, test\.jsonl lie"
    with pytest.raises(DatasetError, match=rf"{wanted}, or an archive of it; it holds no file"):
        load_eraser(tmp_path)
    write(tmp_path / "x", DOCUMENTS, train=TRAIN)
    with pytest.raises(DatasetError, match=rf"docs: {wanted}.*; got what lies in it: give {tmp_path}/x$"):
        load_eraser(tmp_path / "x" / "docs")
    with pytest.raises(DatasetError, match=rf"train\.jsonl: {wanted}; give {tmp_path}/x$"):
        load_eraser(tmp_path / "x" / "train.jsonl")
    write(tmp_path / "y", DOCUMENTS, train=TRAIN)
    with pytest.raises(DatasetError, match=rf"{wanted}.*; got 2 such folders, x/, y/: give one, as {tmp_path}/x$"):
        load_eraser(tmp_path)
    (tmp_path / "z.tar").write_bytes(b"no archive")
    with pytest.raises(DatasetError, match=r"z.tar: must be a folder or an archive, .*; got a file that is none"):
        load_eraser(tmp_path / "z.tar")
    (tmp_path / "y" / "docs").rename(tmp_path / "y" / "texts")
    with pytest.raises(DatasetError, match=r"y: must hold the documents, in docs/ or docs\.jsonl; got neither"):
        load_eraser(tmp_path / "y")
    with tarfile.open(tmp_path / "cut.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "x", arcname="x")
    whole = (tmp_path / "cut.tar.gz").read_bytes()
    (tmp_path / "cut.tar.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DatasetError, match=r"cut\.tar\.gz: cannot be read to its end"):
        load_eraser(tmp_path / "cut.tar.gz")
    (tmp_path / "x" / "train.jsonl").write_text("\n", encoding="utf-8")
    with pytest.raises(DatasetError, match=r"x: must hold at least one annotation; got none"):
        load_eraser(tmp_path / "x")
    with pytest.raises(InvalidInputError, match="name: must be a text; got 3"):
        load_eraser(tmp_path / "y", name=3)


@pytest.mark.slow
def test_the_real_files(real_files):
    found = load_eraser(real_files / "eraser_movies.tar.gz", name="movies")
    assert found.splits.tolist().count("train") == 1597
    assert found.splits.tolist().count("validation") == 200
    assert found.splits.tolist().count("test") == 199
    assert found.notes == (
        "1 text without a mark",
        "20 spans without a token left out",
        "left out 3 texts that another repeats",
    )
    assert found.ids[int(np.flatnonzero([not each.any() for each in found.marks])[0])] == "posR_161.txt"
    shares = {split: found.take(found.splits == split).share for split in ("train", "validation", "test")}
    assert shares == pytest.approx({"train": 0.0935, "validation": 0.0722, "test": 0.3139}, abs=1e-4)
    assert len(found.retokenized().to_dataset()) == 1996
