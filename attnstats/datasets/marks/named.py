"""Texts with marks as data sets by name, from a user's own copy of the files."""

from __future__ import annotations

from pathlib import Path

from attnstats.datasets.marks.eraser import load_eraser
from attnstats.datasets.marks.marked_text import MarkedText
from attnstats.datasets.marks.yelp_hat import load_yelp_hat
from attnstats.datasets.texts.text_dataset import DatasetCard

ERASER = DatasetCard(
    name="eraser",
    title="Texts with rationales, in the form of the ERASER benchmark",
    classes=(),
    size=None,
    licence="not stated with the files",
    citation="DeYoung et al. 2020, ERASER: a benchmark to evaluate rationalized NLP models, ACL, 4443-4458",
    source="the parameter path",
)
YELP_HAT = DatasetCard(
    name="yelp_hat",
    title="Restaurant reviews with the words that three people marked in each",
    classes=("negative", "positive"),
    size=None,
    licence="not stated with the files",
    citation="Sen et al. 2020, Human attention maps for text classification, ACL, 4596-4608",
    source="the parameter path",
)


def eraser(path: str | Path, *, name: str = ERASER.name) -> MarkedText:
    """Return the texts and marks of a folder or an archive of ERASER, in the tokens of the package's models.

    Parameters
    ----------
    path, name
        As in `load_eraser`.

    Raises
    ------
    DatasetError
        As `load_eraser` and `HumanMarks.to_dataset`.

    Examples
    --------
    >>> from attnstats.datasets import eraser
    >>> eraser("eraser_movies.tar.gz")  # doctest: +SKIP
    MarkedText('eraser', 1597 train, 200 validation, 199 test, classes NEG, POS)
    """
    return load_eraser(path, name=name).retokenized().to_dataset()


def yelp_hat(path: str | Path, *, split_seed: int = 0) -> MarkedText:
    """Return the reviews and marks of a file of YELP-HAT, or a folder of them, in the tokens of the package's models.

    Parameters
    ----------
    path
        As in `load_yelp_hat`.
    split_seed : int
        Seed of the split, of the shares of `local_file`.

    Raises
    ------
    DatasetError
        As `load_yelp_hat` and `HumanMarks.to_dataset`.

    Examples
    --------
    >>> from attnstats.datasets import yelp_hat
    >>> yelp_hat("yelp_hat_50.jsonl.gz")  # doctest: +SKIP
    MarkedText('yelp_hat', 240 train, 24 validation, 36 test, classes negative, positive)
    """
    return load_yelp_hat(path).retokenized().to_dataset(split_seed=split_seed)
