"""What agreement is measured by: that of people with one another, and that of a random rationale."""

from __future__ import annotations

import numpy as np

from attnstats._column import shown
from attnstats._validation import FloatArray, RNGLike, as_generator, check_at_least, check_count, check_object
from attnstats.datasets import HumanMarks
from attnstats.exceptions import InvalidInputError
from attnstats.plausibility._agreement import check_arguments, slot_means, text_values
from attnstats.plausibility.human_agreement import HumanAgreement
from attnstats.plausibility.measures.average_precision import AveragePrecision
from attnstats.plausibility.measures.interface import Measure
from attnstats.plausibility.measures.rationales import Above
from attnstats.plausibility.nulls import Null, RandomSpans, RandomTokens
from attnstats.plausibility.references import EachAnnotator, LeaveOneOut, OneAnnotator, Reference


def human_ceiling(
    marks: HumanMarks,
    measure: Measure = AveragePrecision(),  # noqa: B008 (frozen)
    *,
    against: Reference | None = None,
) -> HumanAgreement:
    """Return how far the marks of each annotator, taken as an explanation, agree with those of the others.

    The marks of one annotator are scores of 0 and 1, and a rationale as they are. An explanation that agrees with
    people as well as people do reaches this level. A graded score can exceed it, being nearer to each of several people
    than they are to each other.

    Parameters
    ----------
    marks : HumanMarks
        Of at least two annotators; texts with one are left out.
    measure
        As in `plausibility`.
    against : EachAnnotator, Union, Majority or MarkCounts, optional
        How the others are taken; the defaults are those of `plausibility`. Compare it with scores against
        ``LeaveOneOut(against)``, which for each annotator in turn is the same as without.

    Returns
    -------
    HumanAgreement
        Values have shape (1, n_texts, n_annotators), one for the annotator that explains.

    Raises
    ------
    TooFewSamplesError
        If no text has two annotators.
    InvalidInputError
        If the measure does not take what it is compared with, or `against` is one annotator.

    Examples
    --------
    >>> from attnstats.datasets import HumanMarks
    >>> from attnstats.plausibility import TokenF1, human_ceiling
    >>> marks = HumanMarks("toy", [["a", "good", "film"]], [0], [[[0, 1, 1], [0, 1, 0], [1, 1, 0]]], ["good"])
    >>> human_ceiling(marks, TokenF1()).values.round(2).tolist()
    [[[0.58, 0.67, 0.58]]]
    """
    reference = check_arguments(marks, measure, against)
    if isinstance(reference, OneAnnotator):
        raise InvalidInputError(f"against: must be of several annotators for a ceiling; got {shown(reference)}")
    others = reference if isinstance(reference, LeaveOneOut) else LeaveOneOut(reference)
    check_at_least(marks.n_annotators, 2, "number of annotators")
    of_sets, rng = measure.of_sets(), np.random.default_rng(0)  # a set has no ties to break
    values = [_paired(of_sets, marked.astype(np.float64), others.slots(marked), rng) for marked in marks.marks]
    return HumanAgreement.of(values, measure, others, "one annotator", marks)


def crowd_ceiling(
    marks: HumanMarks,
    measure: Measure = AveragePrecision(),  # noqa: B008 (frozen)
    *,
    rng: RNGLike = None,
) -> HumanAgreement:
    """Return how far the marks of all others together, as an explanation, agree with those of each annotator.

    The score of a token is the number of the others that marked it. No single person is as near to the next as the
    others are together, so this is what an explanation that knows what people in general mark can reach at least: the
    lower bound of a noise ceiling (Nili et al. 2014).

    Parameters
    ----------
    marks : HumanMarks
        Of at least two annotators; texts with one are left out.
    measure
        As in `plausibility`, of scores: two others are three levels with many ties.
    rng : seed or Generator, optional
        As in `plausibility`.

    Returns
    -------
    HumanAgreement
        Against each annotator, shape (1, n_texts, n_annotators).

    Raises
    ------
    TooFewSamplesError
        If no text has two annotators.

    References
    ----------
    Nili et al. (2014), A toolbox for representational similarity analysis, PLoS Computational Biology 10, e1003553.

    Examples
    --------
    >>> from attnstats.datasets import HumanMarks
    >>> from attnstats.plausibility import TokenF1, crowd_ceiling
    >>> marks = HumanMarks("toy", [["a", "good", "film"]], [0], [[[0, 1, 1], [0, 1, 0], [1, 1, 0]]], ["good"])
    >>> crowd_ceiling(marks, TokenF1()).values.round(2).tolist()
    [[[0.5, 1.0, 0.5]]]
    """
    check_arguments(marks, measure, None)
    check_at_least(marks.n_annotators, 2, "number of annotators")
    generator = as_generator(rng)
    values = []
    for marked in marks.marks:
        counts = marked.sum(axis=0) - marked.astype(np.float64)  # of the others
        own = EachAnnotator().slots(marked) if len(marked) > 1 else [np.empty((0, marked.shape[1]))]
        values.append(_paired(measure, counts, own, generator))
    return HumanAgreement.of(values, measure, EachAnnotator(), "the others", marks)


def _paired(measure: Measure, scores: FloatArray, slots: list[FloatArray], rng: np.random.Generator) -> FloatArray:
    """Return the agreement of each row of scores of a text with its own slot, shape (1, n_slots)."""
    pairs = zip(scores, slots, strict=True)
    return np.concatenate([text_values(measure, row[np.newaxis], [slot], rng) for row, slot in pairs], axis=1)


def random_rationale(
    marks: HumanMarks,
    measure: Measure = AveragePrecision(),  # noqa: B008 (frozen)
    *,
    null: Null = RandomTokens(),  # noqa: B008 (frozen)
    against: Reference | None = None,
    n_draws: int = 200,
    rng: RNGLike = None,
) -> HumanAgreement:
    """Return how far a random rationale agrees with the marks: the level of chance, which no model is needed for.

    Parameters
    ----------
    marks, measure, against
        As in `plausibility`.
    null : RandomTokens or RandomSpans
        A random order of the tokens, of which the measure takes as many as it would of scores; or the marked runs of
        each reference themselves, moved to random places, as a person would mark who does not read. The mean over the
        first is exact where the measure has a formula; else both are means over random draws.
    n_draws : int
        Rationales drawn for each text and reference, where they are.
    rng : seed or Generator, optional
        Source of the draws.

    Returns
    -------
    HumanAgreement
        Values are means over random rationales, shape (1, n_texts, n_annotators).

    Raises
    ------
    InvalidInputError
        If the measure does not take what it is compared with, or counts random tokens by scores (`Above`).

    Examples
    --------
    >>> from attnstats.datasets import HumanMarks
    >>> from attnstats.plausibility import TokenF1, random_rationale
    >>> marks = HumanMarks("toy", [["a", "good", "film"]], [0], [[[0, 1, 1], [0, 1, 0]]], ["good"])
    >>> random_rationale(marks, TokenF1()).values.round(2).tolist()
    [[[0.67, 0.33]]]
    """
    reference = check_arguments(marks, measure, against)
    check_object(null, "null", (RandomTokens, RandomSpans), "RandomTokens() or RandomSpans()")
    check_count(n_draws, "n_draws")
    if isinstance(null, RandomTokens) and isinstance(getattr(measure, "rationale", None), Above):
        raise InvalidInputError(
            f"measure: must take a number of tokens without scores, such as AsManyAsMarked(); got {measure!r}"
        )
    generator = as_generator(rng)
    values = []
    for marked in marks.marks:
        slots = reference.slots(marked)
        means = [_mean(measure, row, null, n_draws, generator) for slot in slots for row in slot]
        values.append(slot_means(np.array(means).reshape(-1, 1), [len(each) for each in slots]).T)
    return HumanAgreement.of(values, measure, reference, null.label, marks)


def _mean(measure: Measure, reference: FloatArray, null: Null, n_draws: int, rng: np.random.Generator) -> float:
    """Return the mean agreement of random rationales with one reference, shape (n_tokens,)."""
    if isinstance(null, RandomTokens):
        # All alike is what leaves a correlation with counts undefined, no mark what leaves the others so.
        lowest = reference.min() if measure.takes_counts else 0.0
        expected = measure.expected(len(reference), np.array([(reference > lowest).sum()]))
        if expected is not None:
            return float(expected[0])
        scores = null.orders(reference > 0, n_draws, rng).astype(np.float64)
    else:
        scores, measure = reference[null.orders(reference > 0, n_draws, rng)], measure.of_sets()
    values = measure.values(scores, np.broadcast_to(reference, scores.shape), np.zeros(len(reference)))
    return float(values.mean())
