"""Restaurant reviews with the words that three people marked in each: YELP-HAT."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from attnstats._column import shown
from attnstats._validation import BoolArray, IntArray
from attnstats.datasets.marks._checks import marks_of_text
from attnstats.datasets.marks._distinct import distinct
from attnstats.datasets.marks._records import Record, as_path, content_of, records
from attnstats.datasets.marks.human_marks import HumanMarks
from attnstats.exceptions import DatasetError, InvalidInputError
from attnstats.results import counted

_CITATION = (
    "Sen, Hartvigsen, Yin, Kong and Rundensteiner 2020, Human attention maps for text classification: do humans and"
    " neural networks focus on the same words?, ACL, 4596-4608"
)
_CLASSES = ("negative", "positive")


def load_yelp_hat(path: str | Path) -> HumanMarks:
    r"""Return restaurant reviews with the words that each annotator marked as telling of the sentiment.

    A crowd marked the words, and each review was read by others (Sen et al. 2020, ACL, 4596-4608). Tokens are words as
    they stand between blanks; `HumanMarks.retokenized` turns them into those of a model. An empty token, which ends
    every review of the files, is left out, and so is a review that repeats another.

    Parameters
    ----------
    path : str or Path
        A file with a JSON object on each line, plain or compressed by gzip, or a folder of such files, of which all
        whose name begins with ``yelp_hat`` and holds ``.jsonl`` are read. An object has ``tokens``, ``label`` (1 is
        positive), ``marks`` (a list of 0 and 1 for each annotator) and maybe ``id`` and ``said_positive`` (the class
        that each annotator saw). No licence is stated with the data.

    Raises
    ------
    DatasetError
        If a file cannot be read, or a review lacks tokens or marks, or has marks of another length.

    Examples
    --------
    >>> from pathlib import Path
    >>> import tempfile
    >>> from attnstats.datasets import load_yelp_hat
    >>> line = '{"tokens": ["Great", "food!", ""], "label": 1, "marks": [[1, 0, 0], [1, 1, 0], [1, 0, 0]]}'
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "yelp_hat_2.jsonl").write_text(line, encoding="utf-8")
    ...     load_yelp_hat(folder)
    HumanMarks('yelp_hat', 1 text, 3 annotators, 67 % of tokens marked, classes negative, positive)
    """
    place = as_path(path)
    files = [place]
    if place.is_dir():
        files = sorted(each for each in place.iterdir() if each.name.startswith("yelp_hat") and ".jsonl" in each.name)
        if not files:
            inside = sorted(each.name for each in place.iterdir())
            held = f"{', '.join(inside[:3])}{' and others' if len(inside) > 3 else ''}" if inside else "no file"
            raise DatasetError(
                f"{place}: must hold files such as yelp_hat_50.jsonl or yelp_hat_50.jsonl.gz; got {held}"
            )
    rows = [row for each in files for row in records(content_of(each), each.name)]
    if not rows:
        raise DatasetError(f"{place.name}: must hold at least one review; got none")
    reviews = [_review(row) for row in rows]
    n_empty = sum(each.n_empty for each in reviews)
    seen = [each.seen for each in reviews if each.seen is not None]
    marks = HumanMarks(
        name="yelp_hat",
        tokens=tuple(each.tokens for each in reviews),
        labels=np.array([each.label for each in reviews], dtype=np.int64),
        marks=tuple(each.marks for each in reviews),
        class_names=_CLASSES,
        annotator_labels=tuple(seen) if len(seen) == len(reviews) else None,
        ids=tuple(str(row["id"]) for row in rows) if all("id" in row for row in rows) else None,
        citation=_CITATION,
        notes=(f"left out {counted(n_empty, 'empty token')}",) if n_empty else (),
    )
    return distinct(marks)


class _Review(NamedTuple):
    """What a line holds, without empty tokens."""

    tokens: tuple[str, ...]
    label: int
    marks: BoolArray
    seen: IntArray | None
    n_empty: int


def _review(row: Record) -> _Review:
    words = row.field("tokens", list, "a list of texts")
    if not all(isinstance(word, str) for word in words):
        raise DatasetError(f"{row.where}: 'tokens' must be a list of texts; got {shown(words)}")
    label = row.field("label", int, "0 or 1")
    if label not in (0, 1):
        raise DatasetError(f"{row.where}: 'label' must be 0 or 1; got {label}")
    maps = row.field("marks", list, "a list of 0 and 1 for each annotator")
    full = np.array([bool(word.strip()) for word in words], dtype=np.bool_)
    if not full.any():
        raise DatasetError(f"{row.where}: 'tokens' must hold a word; got {shown(words)}")
    try:
        marked = marks_of_text(maps, "'marks'", len(words))
    except InvalidInputError as error:
        raise DatasetError(f"{row.where}: {error}") from error
    if marked[:, ~full].any():
        raise DatasetError(f"{row.where}: 'marks' must be of words; got a mark on an empty token")
    seen = row.get("said_positive")
    if seen is not None and not (isinstance(seen, list) and [type(each) for each in seen] == [bool] * len(marked)):
        rule = f"true or false for each of {len(marked)} annotators"
        raise DatasetError(f"{row.where}: 'said_positive' must be {rule}; got {shown(seen)}")
    return _Review(
        tokens=tuple(word for word in words if word.strip()),
        label=label,
        marks=marked[:, full],
        seen=None if seen is None else np.array(seen, dtype=np.int64),
        n_empty=int((~full).sum()),
    )
