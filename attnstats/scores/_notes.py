"""What somebody may not have meant: a margin in another unit, a number that stands for a missing score."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from attnstats.results import plural
from attnstats.scores._checks import IDENTIFYING
from attnstats.scores.value_kinds import Binary, Bounded

if TYPE_CHECKING:
    from attnstats.scores.choice.rules import Rules
    from attnstats.scores.design import Design
    from attnstats.scores.factor import Factor
    from attnstats.scores.scores import Scores

#: A margin below this share of a scale of per cent is taken for a proportion.
_SMALL = 0.001
#: A number that stands for a missing score is rarer than this; a rating of -1, 0 and 1 has it more often.
_RARE = 0.2
#: The code of what is missing in many tables.
_CODE = -1.0


def notes(scores: Scores, design: Design, rules: Rules) -> list[str]:
    """Return a sentence for each, without the full stop."""
    return [*_margin(design, rules), *_missing(scores), *_labels(scores), *_scores_as_conditions(scores)]


def _margin(design: Design, rules: Rules) -> Iterator[str]:
    kind, margin = design.kind, rules.margin
    if margin is not None and isinstance(kind, Bounded) and kind.high == 100 and margin < _SMALL * kind.high:
        yield f"the margin is {margin:g} per cent; if {100 * margin:g} per cent was meant, write {100 * margin:g}"


def _missing(scores: Scores) -> Iterator[str]:
    """Yield the row of a score of -1 where all others lie within 0 and 1, or 0 and 100."""
    coded = scores.values == _CODE
    others = scores.values[~coded]
    if 0 < coded.mean() < _RARE and others.min() >= 0 and others.max() <= 100:
        end = 1 if others.max() <= 1 else 100
        yield (
            f"row {scores.rows[int(coded.argmax())]} of {scores.column!r} has -1 among scores from 0 to {end}: if that"
            " stands for a missing one, leave its row out"
        )


def _labels(scores: Scores) -> Iterator[str]:
    """Yield the row of a run, or another unit, that is called -1 where all others are numbered from 0 or 1."""
    for factor in scores.factors:
        if factor.role not in IDENTIFYING or "-1" not in factor.labels:
            continue
        others = [label for label in factor.labels if label != "-1"]
        if all(label.isdecimal() for label in others) and {"0", "1"} & set(others):
            place = int((factor.codes == factor.labels.index("-1")).argmax())
            yield (
                f"row {scores.rows[place]} of {factor.column!r} has -1 among {plural(factor.column)} numbered from"
                f" {min(map(int, others))}: if that stands for a mean or a failed one, leave its rows out"
            )


def _scores_as_conditions(scores: Scores) -> Iterator[str]:
    """Yield that the conditions are the two numbers which the scores are, as in a table with a column for each."""
    condition = scores.condition
    found = _zero_and_one(condition), Binary(0.0, 1.0).allows(scores.values).all()
    if all(found) and np.ptp(scores.values) == 1:
        yield (
            f"{plural(condition.column)} are 0 and 1, as the scores are: if {condition.column!r} holds scores too, make"
            " the table long first, one score a row (pandas.melt)"
        )


def _zero_and_one(condition: Factor) -> bool:
    return [label.removesuffix(".0") for label in condition.labels] == ["0", "1"]
