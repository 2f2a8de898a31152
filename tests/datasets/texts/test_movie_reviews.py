from importlib import metadata

import numpy as np
import pytest

from attnstats.datasets import encode_dataset, imdb, rotten_tomatoes, tokenize
from attnstats.datasets.texts import movie_reviews
from attnstats.datasets.texts.movie_reviews import IMDB, ROTTEN_TOMATOES
from attnstats.exceptions import DatasetError, MissingExtraError


@pytest.fixture(scope="module")
def sentences():
    return rotten_tomatoes()


def test_sizes_and_balance(sentences):
    assert sentences.sizes == {"train": 6822, "validation": 682, "test": 1024}
    assert len(sentences) == ROTTEN_TOMATOES.size
    assert sentences.duplicates == {"train": 2, "validation": 0, "test": 0}
    for split in ("validation", "test"):
        assert sentences.labels[sentences.splits == split].mean() == 0.5


def test_labels_are_the_right_way_round(sentences):
    by_class = [
        [set(tokenize(text)) for text, y in zip(sentences.texts, sentences.labels, strict=True) if y == label]
        for label in (0, 1)
    ]
    for word, label in (("dull", 0), ("worst", 0), ("powerful", 1), ("touching", 1)):
        found = [sum(word in text for text in texts) for texts in by_class]
        assert found[label] > 2 * found[1 - label]


def test_no_text_is_repeated(sentences):
    assert len({" ".join(tokenize(text)) for text in sentences.texts}) == len(sentences)


def test_encoding_is_pinned(sentences):
    encoded = encode_dataset(sentences)
    assert encoded.width == 40
    assert encoded.counts["test"].truncated == 11
    assert encoded.counts["test"].empty == 0
    assert encoded.counts["test"].unknown_rate == pytest.approx(0.105, abs=0.001)
    # The same on any machine: published numbers depend on it.
    assert encoded.fingerprint.startswith("5f4da010b6addda7")


def test_another_seed_moves_texts_between_splits(sentences):
    other = rotten_tomatoes(split_seed=1)
    assert other.sizes["test"] == 1024
    assert len(other) == len(sentences)
    tests = [{t for t, s in zip(d.texts, d.splits, strict=True) if s == "test"} for d in (sentences, other)]
    assert len(tests[0] & tests[1]) < 0.3 * 1024  # 12 % by chance


@pytest.mark.slow
def test_imdb_sizes_and_copies():
    reviews = imdb()
    assert len(reviews) == IMDB.size
    assert reviews.sizes == {"train": 19916, "validation": 1990, "test": 2995}
    assert sum(reviews.duplicates.values()) == 25_000 - len(reviews)
    assert np.bincount(reviews.labels).min() > 12_400


@pytest.mark.slow
def test_longer_reviews_can_be_left_out():
    reviews = imdb(max_tokens=400)
    assert reviews.sizes == {"train": 17234, "validation": 1728, "test": 2574}
    lengths = [len(tokenize(text)) for text in reviews.texts]
    assert max(lengths) == 400
    # Reviews of fewer than 400 tokens have 179.65 on average in the study of Jain and Wallace.
    assert np.mean(lengths) == pytest.approx(179.65, abs=1)


def test_missing_package_names_the_extra(monkeypatch):
    def absent(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(movie_reviews.metadata, "distribution", absent)
    with pytest.raises(MissingExtraError, match=r"movie-reviews is not installed: .*attnstats\[data\]"):
        rotten_tomatoes()


@pytest.mark.parametrize("content", [None, "", "a,b\n1,2\n", "text,label,source\ngood,x,rotten_tomatoes\n"])
def test_another_file_is_refused(monkeypatch, tmp_path, content):
    path = tmp_path / "reviews.csv"
    if content is not None:
        path.write_text(content)
    monkeypatch.setattr(movie_reviews, "_csv_path", lambda: path)
    with pytest.raises(DatasetError, match=r"rotten_tomatoes: .*reviews.csv is not the file of movie-reviews"):
        rotten_tomatoes()
