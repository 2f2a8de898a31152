"""Values of a measure for a text: against each reference, averaged within slots."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from attnstats._column import shown
from attnstats._validation import FloatArray, RNGLike, as_generator, check_object
from attnstats.datasets import HumanMarks
from attnstats.exceptions import InvalidInputError
from attnstats.plausibility._scores import Scores, as_scores, check_tokens
from attnstats.plausibility.measures.interface import Measure
from attnstats.plausibility.references import EachAnnotator, MarkCounts, OneAnnotator, Reference, check_reference


def agreement_values(
    scores: Scores,
    marks: HumanMarks,
    measure: Measure,
    reference: Reference,
    *,
    mask: ArrayLike | None = None,
    tokens: Sequence[Sequence[str]] | None = None,
    rng: RNGLike = None,
) -> list[FloatArray]:
    """Return the agreement of scores with the marks of each text, shape (n_models, n_annotators), checked."""
    _check_annotator(reference, marks)
    models = as_scores(scores, marks, mask)
    check_tokens(tokens, marks)
    generator = as_generator(rng)
    return [
        text_values(measure, np.stack(of_text), reference.slots(marked), generator)
        for of_text, marked in zip(zip(*models, strict=True), marks.marks, strict=True)
    ]


def check_arguments(marks: object, measure: object, against: Reference | None) -> Reference:
    """Return the reference, by default each annotator in turn, or the number of them where the measure takes it."""
    check_object(marks, "marks", HumanMarks, "load_yelp_hat(path)")
    check_object(measure, "measure", Measure, "AveragePrecision()")
    takes_counts, label = measure.takes_counts, measure.label  # type: ignore[attr-defined]
    if against is None:
        return MarkCounts() if takes_counts else EachAnnotator()
    check_reference(against, takes_counts, label)
    return against


def _check_annotator(reference: Reference, marks: HumanMarks) -> None:
    """Raise if one annotator is asked for whom no text has."""
    most = max(map(len, marks.marks))
    if isinstance(reference, OneAnnotator) and reference.index >= most:
        raise InvalidInputError(f"against: must be one of annotators 0 to {most - 1}; got {shown(reference)}")


def slot_means(values: FloatArray, sizes: Sequence[int]) -> FloatArray:
    """Return the means of values, shape (n,) or (n, k), within slots of these sizes; NaN for an empty slot."""
    means = np.full((len(sizes), *values.shape[1:]), np.nan)
    start = 0
    for slot, size in enumerate(sizes):
        part = values[start : start + size]
        defined = ~np.isnan(part)
        sums = np.where(defined, part, 0.0).sum(axis=0)
        np.divide(sums, defined.sum(axis=0), out=means[slot : slot + 1].reshape(sums.shape), where=defined.any(axis=0))
        start += size
    return means


def text_values(
    measure: Measure, scores: FloatArray, slots: Sequence[FloatArray], rng: np.random.Generator
) -> FloatArray:
    """Return the agreement of scores of a text, shape (n, n_tokens), with slots of references, shape (n, n_slots)."""
    noise = rng.random(scores.shape)
    # One reference at a time, since scores may be many and references are few.
    values = [
        measure.values(scores, np.broadcast_to(reference, scores.shape), noise) for slot in slots for reference in slot
    ]
    return slot_means(np.array(values).reshape(-1, len(scores)), [len(each) for each in slots]).T
