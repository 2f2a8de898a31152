"""What data sets are called in print."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import PurePath

from attnstats.datasets import available_datasets
from attnstats.studies.config.component import Component
from attnstats.studies.run._cells import MARKED


def labels_of(sources: Iterable[Component]) -> dict[Component, Component]:
    """Return what each data set is called in print: one that lies in a user's files by a name, not by their path.

    Where several would be called the same, the name of the file or folder is added, then what else they differ in.

    >>> films, all_reviews = Component("eraser", path="/home/me/movies"), Component("yelp_hat", path="/home/me/hat")
    >>> list(labels_of([films, all_reviews, Component("planted")]).values())
    [eraser, yelp_hat, planted]
    >>> list(labels_of([Component("yelp_hat", path=f"/home/me/yelp_hat_{n}.jsonl.gz") for n in (50, 100)]).values())
    [yelp_hat_50, yelp_hat_100]
    """
    sources = list(sources)
    labels = {each: _name(each) if "path" in each.parameters else str(each) for each in sources}
    for longer in (_with_part, _with_parameters, _with_number(sources)):
        counts = Counter(labels.values())
        labels = {
            each: longer(each, label) if counts[label] > 1 and "path" in each.parameters else label
            for each, label in labels.items()
        }
    return {each: Component(label) if "path" in each.parameters else each for each, label in labels.items()}


def _name(source: Component) -> str:
    """Return the name of a data set: its own, or that of marked texts in general, or that of its file."""
    name = str(source.parameters.get("name", source.name if source.name in MARKED else _part(source)))
    taken = {card.name for card in available_datasets()} - {source.name}
    return f"file {name}" if name in taken else name  # such as planted, which the findings treat apart


def _part(source: Component) -> str:
    """Return the name of the file or folder, without what it ends in."""
    return PurePath(str(source.parameters["path"])).name.partition(".")[0] or source.name


def _with_part(source: Component, label: str) -> str:
    part = _part(source)
    return part if part.startswith(label) else f"{label} {part}"


def _with_parameters(source: Component, label: str) -> str:
    others = {key: value for key, value in source.items if key not in ("path", "name")}
    return str(Component(label, **others))


def _with_number(sources: list[Component]) -> Callable[[Component, str], str]:
    return lambda source, label: f"{label} {sources.index(source) + 1}"
