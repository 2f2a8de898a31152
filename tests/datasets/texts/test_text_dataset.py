import numpy as np
import pytest

from attnstats.datasets import TextDataset
from attnstats.exceptions import DatasetError, InvalidInputError


def make(texts=("a", "b", "c", "d"), labels=(0, 1, 1, 0), splits=("train", "train", "validation", "test"), **more):
    names = more.pop("class_names", ("no", "yes"))
    return TextDataset("toy", tuple(texts), np.array(labels), np.array(splits), names, "CC0", "none", **more)


def test_counts_are_filled_for_every_split():
    dataset = make(duplicates={"test": 2})
    assert dataset.duplicates == {"train": 0, "validation": 0, "test": 2}
    assert dataset.conflicts == {"train": 0, "validation": 0, "test": 0}
    assert dataset.sizes == {"train": 2, "validation": 1, "test": 1}
    assert len(dataset) == 4


def test_repr_is_one_short_line():
    texts = ["long text " * 1000] * 4
    assert repr(make(texts)) == "TextDataset('toy', 2 train, 1 validation, 1 test, classes no, yes)"


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"labels": (0, 1, 1)}, InvalidInputError, "texts has 4, labels has 3"),
        ({"splits": ("train", "train", "valid", "test")}, InvalidInputError, "splits: must be one of .*; got 'valid'"),
        ({"labels": (0, 1, 1, 2)}, InvalidInputError, "labels: must lie between 0 and 1; got 0 to 2"),
        ({"labels": (-1, 1, 1, 0)}, InvalidInputError, "labels: must lie between 0 and 1; got -1 to 1"),
        ({"splits": ("train", "train", "test", "test")}, DatasetError, "toy: .* got none in validation"),
        ({"labels": (1, 1, 0, 0)}, DatasetError, "toy: the training split .* got only 'yes'"),
        ({"texts": (), "labels": (), "splits": ()}, DatasetError, "got none in train, validation, test"),
    ],
)
def test_inconsistent_data_are_refused(changes, error, message):
    with pytest.raises(error, match=message):
        make(**changes)
