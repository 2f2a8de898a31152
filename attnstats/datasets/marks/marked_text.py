"""Labelled texts of which people marked the tokens that tell of the class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from attnstats.datasets.texts.text_dataset import TextDataset

if TYPE_CHECKING:
    from attnstats.datasets.marks.human_marks import HumanMarks


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class MarkedText(TextDataset):
    """Labelled texts with the marks of people; what `HumanMarks.to_dataset` returns.

    Parameters
    ----------
    name, texts, labels, splits, class_names, licence, citation, duplicates, conflicts
        As in `TextDataset`.
    marks : HumanMarks
        Of the same texts, in the same order and tokens.

    Examples
    --------
    >>> from attnstats.datasets import HumanMarks
    >>> tokens = [["good", "film"], ["dull", "film"], ["so", "good"], ["too", "dull"]]
    >>> splits = ["train", "train", "validation", "test"]
    >>> marked = [[1, 0], [1, 0], [0, 1], [0, 1]]
    >>> marks = HumanMarks("toy", tokens, [1, 0, 1, 0], marked, ["bad", "good"], splits=splits)
    >>> texts = marks.to_dataset()
    >>> texts.texts[3], texts.marks.marks[3].tolist()
    ('too dull', [[False, True]])
    """

    marks: HumanMarks
