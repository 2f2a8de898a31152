"""Texts with marks as data sets: in the order of the texts, in the tokens of the models."""

import json

import numpy as np
import pytest

from attnstats.datasets import HumanMarks, MarkedText, encode_dataset, load_dataset, tokenize
from attnstats.exceptions import ConfigError, DatasetError
from attnstats.studies import Component, DatasetSpec
from attnstats.studies.run._cells import marks_of


def eraser_folder(folder, n=40):
    """Documents of a few words, of which the last two are the rationale."""
    rng = np.random.default_rng(0)
    (folder / "docs").mkdir(parents=True)
    rows = {"train": [], "val": [], "test": []}
    for place in range(n):
        words = [f"w{code}" for code in rng.integers(0, 20, size=rng.integers(4, 9))] + [f"unique-{place}", "Good!"]
        (folder / "docs" / f"d{place}").write_text(" ".join(words), encoding="utf-8")
        span = {"docid": f"d{place}", "start_token": len(words) - 2, "end_token": len(words), "text": None}
        split = "train" if place < n // 2 else "val" if place < 3 * n // 4 else "test"
        label = "POS" if place % 2 else "NEG"
        rows[split].append({"annotation_id": f"d{place}", "classification": label, "evidences": [[span]], "query": "?"})
    for split, lines in rows.items():
        (folder / f"{split}.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return folder


def test_an_eraser_folder_is_a_data_set_by_name(tmp_path):
    found = load_dataset("eraser", path=str(eraser_folder(tmp_path / "x")), name="mine")
    assert isinstance(found, MarkedText)
    assert (found.name, found.sizes) == ("mine", {"train": 20, "validation": 10, "test": 10})
    for text, tokens, marked in zip(found.texts, found.marks.tokens, found.marks.marks, strict=True):
        assert tuple(tokenize(text)) == tokens
        assert [token for token, mark in zip(tokens, marked[0], strict=True) if mark][-2:] == ["good", "!"]
    with pytest.raises(ConfigError, match="eraser: parameter 'path' must be given"):
        load_dataset("eraser")
    with pytest.raises(DatasetError):
        load_dataset("eraser", path=str(tmp_path / "nowhere"))


def test_reviews_of_yelp_hat_are_a_data_set_by_name(tmp_path):
    rows = [
        {"tokens": ["Dish", str(n), "was", "good" if n % 2 else "bad"], "label": n % 2, "marks": [[0, 0, 0, 1]] * 3}
        for n in range(60)
    ]
    (tmp_path / "yelp_hat_5.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    found = load_dataset("yelp_hat", path=str(tmp_path))
    assert found.marks.tokens[1] == ("dish", "1", "was", "good")
    other = load_dataset("yelp_hat", path=str(tmp_path), split_seed=1)
    assert found.sizes == other.sizes
    assert (found.splits != other.splits).any()


def test_the_marks_of_a_study_are_those_of_its_test_texts(tmp_path):
    source = Component("eraser", path=str(eraser_folder(tmp_path / "x")))
    spec = DatasetSpec(source, max_length=7, max_test=6)
    marks = marks_of(spec)
    encoded = encode_dataset(load_dataset("eraser", **source.parameters), max_length=7, max_texts={"test": 6})
    assert marks.tokens == encoded.test.tokens
    assert [len(marked[0]) for marked in marks.marks] == encoded.test.mask.sum(axis=1).tolist()


def test_marks_go_along_with_the_texts():
    tokens = [[f"word{n}", "good"] for n in range(30)]
    marks = HumanMarks("toy", tokens, np.arange(30) % 2, [[[0, 1]]] * 30, ["bad", "good"])
    found = marks.to_dataset(split_seed=3)
    assert found.marks is marks
    assert found.texts == tuple(" ".join(each) for each in tokens)
