"""How far the scores of tokens agree with what people marked."""

from __future__ import annotations

from collections.abc import Sequence

from numpy.typing import ArrayLike

from attnstats._validation import RNGLike
from attnstats.datasets import HumanMarks
from attnstats.plausibility._agreement import agreement_values, check_arguments
from attnstats.plausibility._scores import Scores
from attnstats.plausibility.human_agreement import SCORES, HumanAgreement
from attnstats.plausibility.measures.average_precision import AveragePrecision
from attnstats.plausibility.measures.interface import Measure
from attnstats.plausibility.references import Reference


def plausibility(
    scores: Scores,
    marks: HumanMarks,
    measure: Measure = AveragePrecision(),  # noqa: B008 (frozen)
    *,
    against: Reference | None = None,
    mask: ArrayLike | None = None,
    tokens: Sequence[Sequence[str]] | None = None,
    rng: RNGLike = None,
) -> HumanAgreement:
    """Return how far scores of tokens, such as attention, agree with what people marked, for each text and annotator.

    Agreement with people tells how convincing an explanation is to them, not whether it is true of the model (Jacovi
    and Goldberg 2020).

    Parameters
    ----------
    scores : array_like, shape (n_texts, n_tokens) or (n_models, n_texts, n_tokens), or lists of rows
        Attention, information or attributions; a high score says that a token tells. Rows may differ in length. Several
        models, such as trainings with other seeds, explain the same texts.
    marks : HumanMarks
        Of the same texts, in the same order and tokens.
    measure : AveragePrecision, TokenF1, IntersectionF1 or RankCorrelation
        How agreement is measured.
    against : EachAnnotator, OneAnnotator, Union, Majority, MarkCounts or LeaveOneOut, optional
        What scores are compared with; by default each annotator in turn, and for `RankCorrelation` the number of
        annotators that marked a token.
    mask : array_like of bool, shape (n_texts, n_tokens), optional
        True for a real token, where `scores` is padded.
    tokens : sequence of sequences of str, optional
        The tokens that the scores are for, which must be those of the marks.
    rng : seed or Generator, optional
        Source of the choice between tied scores that `IntersectionF1` makes; unused else.

    Returns
    -------
    HumanAgreement
        With an array of values, shape (n_models, n_texts, n_annotators), their mean and its interval.

    Raises
    ------
    InvalidInputError
        If scores, mask or tokens do not fit the marks, or the measure does not take what it is compared with.
    NonFiniteError
        If a score of a token is NaN or infinite.

    References
    ----------
    Jacovi and Goldberg (2020), Towards faithfully interpretable NLP systems: how should we define and evaluate
    faithfulness?, ACL, 4198-4205.

    Examples
    --------
    >>> from attnstats.datasets import HumanMarks
    >>> from attnstats.plausibility import plausibility
    >>> tokens = [["a", "very", "good", "film"], ["dull", "film"]]
    >>> marks = HumanMarks("toy", tokens, [1, 0], [[[0, 1, 1, 0], [0, 0, 1, 0]], [[1, 0], [1, 0]]], ["bad", "good"])
    >>> plausibility([[0.1, 0.2, 0.6, 0.1], [0.3, 0.7]], marks).values.round(2).tolist()
    [[[1.0, 1.0], [0.5, 0.5]]]
    """
    reference = check_arguments(marks, measure, against)
    values = agreement_values(scores, marks, measure, reference, mask=mask, tokens=tokens, rng=rng)
    return HumanAgreement.of(values, measure, reference, SCORES, marks)
