"""Do scores agree with marks more than at random places of the text?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from attnstats._validation import (
    ALTERNATIVES,
    FloatArray,
    IntArray,
    RNGLike,
    as_generator,
    check_count,
    check_member,
    check_object,
)
from attnstats.datasets import HumanMarks
from attnstats.exceptions import TooFewSamplesError
from attnstats.plausibility._agreement import check_arguments, slot_means, text_values
from attnstats.plausibility._scores import Scores, as_scores, check_tokens
from attnstats.plausibility.measures.average_precision import AveragePrecision
from attnstats.plausibility.measures.interface import Measure
from attnstats.plausibility.nulls import Null, RandomSpans, RandomTokens
from attnstats.plausibility.references import Reference
from attnstats.resampling import permutation_pvalue
from attnstats.results import SignificanceResult


def plausibility_test(
    scores: Scores,
    marks: HumanMarks,
    measure: Measure = AveragePrecision(),  # noqa: B008 (frozen)
    *,
    null: Null = RandomTokens(),  # noqa: B008 (frozen)
    against: Reference | None = None,
    mask: ArrayLike | None = None,
    tokens: Sequence[Sequence[str]] | None = None,
    alternative: str = "greater",
    n_resamples: int = 999,
    rng: RNGLike = None,
) -> SignificanceResult:
    """Test whether scores agree with marks more than at random places of the same text.

    Within each text the scores are permuted, or the marks of all annotators move together in their runs, so that what
    annotators have in common stays. The p-value is that of the mean over models and texts, and holds for these; how far
    agreement is above chance for other trainings and texts, `compare_plausibility` asks.

    Parameters
    ----------
    scores, marks, measure, against, mask, tokens
        As in `plausibility`.
    null : RandomTokens or RandomSpans
        Whether scores are permuted, or runs of tokens that any annotator marked are moved as a whole. Where scores are
        smooth over the text, only the second keeps its level.
    alternative : {'greater', 'less', 'two-sided'}
        Side of chance on which the agreement lies under the alternative hypothesis.
    n_resamples : int
        Random placements.
    rng : seed or Generator, optional
        Source of the placements.

    Returns
    -------
    SignificanceResult
        ``statistic`` is the mean agreement, ``effect`` what it exceeds the mean over the placements by.

    Raises
    ------
    InvalidInputError, NonFiniteError
        As `plausibility`.
    TooFewSamplesError
        If the measure is defined for no text.

    References
    ----------
    Phipson and Smyth (2010), Statistical Applications in Genetics and Molecular Biology 9, 39.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.datasets import HumanMarks
    >>> from attnstats.plausibility import plausibility_test
    >>> rng = np.random.default_rng(0)
    >>> marked = rng.random((20, 1, 12)) < 0.5
    >>> marks = HumanMarks("toy", [list("abcdefghijkl")] * 20, [0] * 20, marked, ["one"])
    >>> plausibility_test(marked[:, 0] + rng.normal(size=(20, 12)), marks, rng=0)
    average precision above random tokens = 0.214, p = .001, n = 20 texts, 999 placements in each text
    """
    reference = check_arguments(marks, measure, against)
    check_object(null, "null", (RandomTokens, RandomSpans), "RandomTokens() or RandomSpans()")
    check_member(alternative, "alternative", ALTERNATIVES)
    check_count(n_resamples, "n_resamples")
    models = as_scores(scores, marks, mask)
    check_tokens(tokens, marks)
    generator = as_generator(rng)
    observed, placements, used = [], np.zeros(n_resamples), set()
    for text, (of_text, marked) in enumerate(zip(zip(*models, strict=True), marks.marks, strict=True)):
        slots = reference.slots(marked)
        orders = null.orders(np.logical_or.reduce(marked, axis=0), n_resamples, generator)
        for row, values in zip(of_text, text_values(measure, np.stack(of_text), slots, generator), strict=True):
            if not np.isnan(values).all():  # whether it is defined does not hang on places
                used.add(text)
                observed.append(float(np.nanmean(values)))
                placements += _moved_values(measure, row, slots, null, orders, generator)
    if not observed:
        raise TooFewSamplesError(f"scores: {measure.label} must be defined for at least 1 text; got 0 of {len(marks)}")
    statistic, placements = float(np.mean(observed)), placements / len(observed)
    return SignificanceResult(
        test=f"{n_resamples} placements in each text",
        statistic=statistic,
        pvalue=permutation_pvalue(statistic, placements, alternative=alternative),
        alternative=alternative,
        effect_name=f"{measure.label} above {null.label}",
        effect=statistic - float(placements.mean()),
        n=len(used),
        replication_unit="text",
        n_missing=len(marks) - len(used),
        pvalue_floor=min(1.0, (2 if alternative == "two-sided" else 1) / (n_resamples + 1)),
    )


def _moved_values(
    measure: Measure,
    scores: FloatArray,
    slots: Sequence[FloatArray],
    null: Null,
    orders: IntArray,
    rng: np.random.Generator,
) -> FloatArray:
    """Return the mean over slots with the tokens in each of some orders, shape (n_orders,)."""
    references, noise = np.concatenate(slots), rng.random(len(scores))
    # To permute the scores is to permute the marks, which is quicker, unless the marks must stay phrases.
    if isinstance(null, RandomTokens) and measure.sees_neighbours:
        values = [measure.values(scores[orders], np.broadcast_to(row, orders.shape), noise) for row in references]
    else:
        values = [measure.values(scores[np.newaxis], row[orders], noise) for row in references]
    return np.asarray(np.nanmean(slot_means(np.stack(values), [len(each) for each in slots]), axis=0))
