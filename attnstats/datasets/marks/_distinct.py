"""Texts that stand in the files more than once, of which one is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from attnstats.datasets.marks.human_marks import HumanMarks
from attnstats.datasets.texts._splitting import repeated_texts
from attnstats.datasets.texts.tokenization import tokenize
from attnstats.results import counted


def distinct(marks: HumanMarks, asked: Sequence[str] | None = None) -> HumanMarks:
    """Return the marks without copies of a text, and without all copies whose classes differ; notes say how many.

    Texts are the same if their tokens are, and what was asked of them.
    """
    splits = ["train"] * len(marks) if marks.splits is None else marks.splits.tolist()
    questions = asked or [""] * len(marks)
    keys = [
        f"{question}\n{' '.join(tokenize(' '.join(tokens)))}"
        for question, tokens in zip(questions, marks.tokens, strict=True)
    ]
    copies, conflicts = repeated_texts(keys, marks.labels.tolist(), splits)
    if not copies | conflicts:
        return marks
    kept = np.array(sorted(set(range(len(marks))) - copies - conflicts), dtype=np.int64)
    notes = [f"left out {counted(len(copies), 'text')} that another repeats"] if copies else []
    notes += [f"left out {counted(len(conflicts), 'text')} whose copies have another class"] if conflicts else []
    return replace(marks.take(kept), notes=(*marks.notes, *notes))
