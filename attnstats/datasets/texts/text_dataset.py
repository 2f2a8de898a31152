"""Labelled texts with their splits, and the description of a data set that is not loaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from attnstats._validation import IntArray, check_same_length
from attnstats.exceptions import DatasetError, InvalidInputError

#: Names of the splits, in the order in which they are reported.
SPLITS = ("train", "validation", "test")


@dataclass(frozen=True)
class DatasetCard:
    """Description of a data set and its source.

    Parameters
    ----------
    name : str
        The name that `load_dataset` takes.
    title : str
        One line for a table.
    classes : tuple of str
        Class names; empty if they depend on the file or the parameters.
    size : int or None
        Number of texts without duplicates; None if it depends on the file or the parameters.
    licence, citation, source : str
        Licence, the publication to cite, and where the texts are read from.

    Examples
    --------
    >>> DatasetCard("toy", "Two sentences", ("no", "yes"), 2, "CC0", "none", "typed by hand").classes
    ('no', 'yes')
    """

    name: str
    title: str
    classes: tuple[str, ...]
    size: int | None
    licence: str
    citation: str
    source: str


@dataclass(frozen=True, eq=False, repr=False)
class TextDataset:
    """Labelled texts, each in one split.

    Parameters
    ----------
    name : str
        Name of the data set.
    texts : tuple of str, length n
        The unprocessed texts.
    labels : ndarray of int64, shape (n,)
        Class codes, 0 to ``len(class_names) - 1``.
    splits : ndarray of str, shape (n,)
        ``"train"``, ``"validation"`` or ``"test"``.
    class_names : tuple of str
        Name of each class code.
    licence, citation : str
        Licence, and the publication to cite.
    duplicates, conflicts : mapping of str to int
        Number of texts of each split left out as copies: of a kept text, or of one with another label, also left out.

    Raises
    ------
    InvalidInputError
        If lengths disagree, or a label or split is not one of the known ones.
    DatasetError
        If a split is empty, or the training split holds fewer than two classes.

    Examples
    --------
    >>> import numpy as np
    >>> TextDataset(
    ...     "toy", ("good", "bad", "fine", "fair"), np.array([1, 0, 1, 1]),
    ...     np.array(["train", "train", "validation", "test"]), ("negative", "positive"), "CC0", "none")
    TextDataset('toy', 2 train, 1 validation, 1 test, classes negative, positive)
    """

    name: str
    texts: tuple[str, ...]
    labels: IntArray
    splits: NDArray[np.str_]
    class_names: tuple[str, ...]
    licence: str
    citation: str
    duplicates: Mapping[str, int] = field(default_factory=dict)
    conflicts: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, counts in (("duplicates", self.duplicates), ("conflicts", self.conflicts)):
            object.__setattr__(self, name, {split: int(counts.get(split, 0)) for split in SPLITS})
        object.__setattr__(self, "labels", np.asarray(self.labels, dtype=np.int64))
        object.__setattr__(self, "splits", np.asarray(self.splits, dtype=np.str_))
        check_same_length(texts=np.empty(len(self.texts)), labels=self.labels, splits=self.splits)
        if unknown := sorted(set(self.splits.tolist()) - set(SPLITS)):
            raise InvalidInputError(f"splits: must be one of {', '.join(SPLITS)}; got {unknown[0]!r}")
        if len(self.labels) and not 0 <= self.labels.min() <= self.labels.max() < len(self.class_names):
            raise InvalidInputError(
                f"labels: must lie between 0 and {len(self.class_names) - 1}; "
                f"got {self.labels.min()} to {self.labels.max()}"
            )
        if empty := [split for split, size in self.sizes.items() if size == 0]:
            raise DatasetError(
                f"{self.name}: each split must hold at least one text; got none in {', '.join(empty)} "
                f"({len(self.texts)} texts in all)"
            )
        classes = np.unique(self.labels[self.splits == "train"])
        if len(classes) < 2:
            raise DatasetError(
                f"{self.name}: the training split must hold at least two classes; "
                f"got only {self.class_names[classes[0]]!r}"
            )

    @property
    def sizes(self) -> dict[str, int]:
        """Number of texts in each split."""
        return {split: int((self.splits == split).sum()) for split in SPLITS}

    def __len__(self) -> int:
        return len(self.texts)

    def __repr__(self) -> str:
        sizes = ", ".join(f"{size} {split}" for split, size in self.sizes.items())
        return f"{type(self).__name__}({self.name!r}, {sizes}, classes {', '.join(self.class_names)})"
