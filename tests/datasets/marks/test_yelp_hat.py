"""YELP-HAT: files as they are, and what can be wrong with them."""

import gzip
import json

import numpy as np
import pytest

from attnstats.datasets import load_yelp_hat
from attnstats.exceptions import DatasetError

REVIEW = {
    "id": "words50-0",
    "label": 1,
    "tokens": ["Great", "food,", "friendly.", ""],
    "marks": [[1, 0, 1, 0], [1, 1, 1, 0], [0, 0, 1, 0]],
    "said_positive": [True, True, False],
}


def write(path, *reviews, ends="\n"):
    content = "".join(json.dumps(each) + ends for each in reviews).encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


@pytest.mark.parametrize("name", ["yelp_hat_50.jsonl", "yelp_hat_50.jsonl.gz"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_a_review_without_its_empty_token(tmp_path, name, ends):
    other = {**REVIEW, "id": "words50-1", "label": 0, "tokens": ["So", "dull.", "Never", ""]}
    found = load_yelp_hat(write(tmp_path / name, REVIEW, other, ends=ends))
    assert found.tokens == (("Great", "food,", "friendly."), ("So", "dull.", "Never"))
    assert found.marks[0].astype(int).tolist() == [[1, 0, 1], [1, 1, 1], [0, 0, 1]]
    assert found.labels.tolist() == [1, 0]
    assert found.ids == ("words50-0", "words50-1")
    assert found.annotator_labels[0].tolist() == [1, 1, 0]
    assert found.notes == ("left out 2 empty tokens",)
    assert not found.same_annotators
    assert found.licence == "not stated"


def test_a_folder_holds_several_files_and_the_number_of_annotators_may_differ(tmp_path):
    write(tmp_path / "yelp_hat_50.jsonl", REVIEW)
    write(tmp_path / "yelp_hat_100.jsonl.gz", {"label": 0, "tokens": ["Bad", "food"], "marks": [[1, 0]]})
    write(tmp_path / "other.jsonl", {"label": 0})
    found = load_yelp_hat(tmp_path)
    assert [each.shape for each in found.marks] == [(1, 2), (3, 3)]
    assert found.ids is None
    assert found.annotator_labels is None


def test_copies_are_left_out_and_counted(tmp_path):
    copy = {**REVIEW, "tokens": ["great", "food", "friendly", ""]}
    contrary = {**REVIEW, "tokens": ["So", "so", "so", ""]}
    last = {**REVIEW, "tokens": ["One", "more", "review", ""]}
    path = write(tmp_path / "yelp_hat_50.jsonl", REVIEW, copy, contrary, {**contrary, "label": 0}, last)
    found = load_yelp_hat(path)
    assert found.tokens == (("Great", "food,", "friendly."), ("One", "more", "review"))
    assert found.notes[1:] == (
        "left out 1 text that another repeats",
        "left out 2 texts whose copies have another class",
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"marks": [[1, 0, 1]]}, r"line 1: 'marks': must have shape \(n_annotators, 4\)"),
        ({"marks": [[1, 0, 1, 0], [1, 0]]}, r"line 1: 'marks': must be a rectangular array"),
        ({"marks": [[2, 0, 1, 0]]}, r"line 1: 'marks': must be True or False, or 1 or 0"),
        ({"marks": []}, r"line 1: 'marks': must have shape"),
        ({"marks": [[0, 0, 0, 1]]}, "line 1: 'marks' must be of words; got a mark on an empty token"),
        ({"marks": "0101"}, "line 1: 'marks' must be a list of 0 and 1 for each annotator; got '0101'"),
        ({"label": 2}, "line 1: 'label' must be 0 or 1; got 2"),
        ({"label": True}, "line 1: 'label' must be 0 or 1; got True"),
        ({"label": "positive"}, "line 1: 'label' must be 0 or 1; got 'positive'"),
        ({"tokens": ["", " ", "", ""]}, "line 1: 'tokens' must hold a word"),
        ({"tokens": [1, 2, 3, 4]}, "line 1: 'tokens' must be a list of texts"),
        ({"said_positive": [True]}, "line 1: 'said_positive' must be true or false for each of 3 annotators"),
    ],
)
def test_a_review_that_does_not_fit(tmp_path, change, said):
    with pytest.raises(DatasetError, match=said):
        load_yelp_hat(write(tmp_path / "yelp_hat_50.jsonl", {**REVIEW, **change}))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "must hold at least one review; got none"),
        (b"text,label\n", "yelp_hat.jsonl: line 1 must be a JSON object; got 'text,label'$"),
        (b'{"label": 1, "tok', r"yelp_hat.jsonl: line 1 must be a JSON object; got '{.*'; it looks cut off"),
        (b'{"label": 1,', r"yelp_hat.jsonl: line 1 must be a JSON object; got '{.*'; it looks cut off"),
        (b'{"label" 1}', r"yelp_hat.jsonl: line 1 must be a JSON object; got '{.*'$"),
        (
            b"\n[1]",
            r"yelp_hat.jsonl: line 2 must be a JSON object; got '\[1\]'; write each object on a line of its own",
        ),
        (b"\xff\xfe", "yelp_hat.jsonl: must be text in UTF-8; got UTF-16"),
        (b"\n\xe4", "yelp_hat.jsonl: must be text in UTF-8; got the byte 0xe4 in line 2"),
        (b"PK\x03\x04zip", "yelp_hat.jsonl: must be text, plain or compressed by gzip; got a zip archive"),
        (b'{"label": 1}', "yelp_hat.jsonl, line 1: must have 'tokens', a list of texts; it has label"),
        (b"\x1f\x8b\x08broken", "yelp_hat.jsonl: cannot be read"),
    ],
)
def test_a_file_that_cannot_be_read(tmp_path, content, said):
    (tmp_path / "yelp_hat.jsonl").write_bytes(content)
    with pytest.raises(DatasetError, match=said):
        load_yelp_hat(tmp_path / "yelp_hat.jsonl")


def test_a_path_that_leads_nowhere(tmp_path):
    with pytest.raises(DatasetError, match=r"none\.jsonl: no such file or folder$"):
        load_yelp_hat(tmp_path / "none.jsonl")
    with pytest.raises(DatasetError, match=r"must hold files such as yelp_hat_50\.jsonl or .*; got no file"):
        load_yelp_hat(tmp_path)
    (tmp_path / "nine.jsonl").write_text("")
    with pytest.raises(DatasetError, match=r"none\.jsonl: no such file or folder; near it is nine\.jsonl"):
        load_yelp_hat(tmp_path / "none.jsonl")
    with pytest.raises(DatasetError, match=r"must hold files such as yelp_hat_50\.jsonl or .*; got nine\.jsonl"):
        load_yelp_hat(tmp_path)
    with pytest.raises(DatasetError, match="path: must be the path of a file or a folder; got 3"):
        load_yelp_hat(3)


def test_the_real_files(real_files):
    short, long = (load_yelp_hat(real_files / f"yelp_hat_{n}.jsonl.gz") for n in (50, 100))
    assert (len(short), len(long), len(load_yelp_hat(real_files))) == (300, 435, 735)
    assert {len(each) for each in short.tokens} == {50}
    assert {len(each) for each in long.tokens} == {100}
    assert {each.shape[0] for each in (*short.marks, *long.marks)} == {3}
    assert short.notes == ("left out 300 empty tokens",)
    assert short.share == pytest.approx(0.2555, abs=1e-4)
    assert long.share == pytest.approx(0.1625, abs=1e-4)
    assert min(each.sum(axis=1).min() for each in (*short.marks, *long.marks)) > 0
    assert (int(short.agreed.sum()), int(long.agreed.sum())) == (288, 401)
    dataset = load_yelp_hat(real_files).retokenized().to_dataset()
    assert len(dataset) == 735
    assert np.bincount(dataset.labels).tolist() == [368, 367]
