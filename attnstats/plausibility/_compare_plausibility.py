"""Does one explanation, or model, agree with people more than another, than people do, or than chance?"""

from __future__ import annotations

from dataclasses import replace

from attnstats._column import shown
from attnstats._validation import (
    ALTERNATIVES,
    FloatArray,
    RNGLike,
    check_flag,
    check_fraction,
    check_member,
    check_object,
)
from attnstats.comparison import MINIMUM_REPLICATES, anova_test, independent_anova_test, paired_test
from attnstats.exceptions import ConstantInputError, InvalidInputError
from attnstats.missing import CompleteCases
from attnstats.plausibility.human_agreement import SCORES, HumanAgreement
from attnstats.plausibility.references import EachAnnotator, LeaveOneOut, Reference
from attnstats.results import SignificanceResult


def compare_plausibility(
    a: HumanAgreement,
    b: HumanAgreement,
    *,
    paired_models: bool = True,
    alternative: str = "two-sided",
    confidence_level: float = 0.95,
    minimum_replicates: int = MINIMUM_REPLICATES,
    rng: RNGLike = None,
) -> SignificanceResult:
    """Test whether one agrees with people more than the other: explanations, models, people themselves, or chance.

    Several models are crossed with the texts, and the result is for other models and other texts: `anova_test` of the
    differences, or `independent_anova_test` where the two have models of their own. A ceiling or a level of chance is
    taken from each model text by text. Single models are compared over texts alone (`paired_test`), and nothing is said
    of other trainings.

    Parameters
    ----------
    a, b : HumanAgreement
        By the same measure, of the same texts and against the same, from `plausibility`, `human_ceiling`,
        `crowd_ceiling` or `random_rationale`.
    paired_models : bool
        Whether model s of both is the same, or has the same seed, as two explanations of it are.
    alternative : {'two-sided', 'less', 'greater'}
        Sign of a − b under the alternative hypothesis.
    confidence_level : float
        Level of the interval.
    minimum_replicates : int
        Fewest models accepted, if there are several, and fewest texts else, at least 2; fewer than 8 give a
        `FewReplicatesWarning`.
    rng : seed or Generator, optional
        Source of the sign flips over texts, for single models.

    Returns
    -------
    SignificanceResult
        ``effect`` is the mean difference; texts that are undefined in a or in b are left out.

    Raises
    ------
    InvalidInputError
        If measures, texts or references differ, or the models cannot be paired.
    TooFewSamplesError, ConstantInputError
        With fewer models or texts than `minimum_replicates`; if the differences do not vary.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.datasets import HumanMarks
    >>> from attnstats.plausibility import compare_plausibility, plausibility, random_rationale
    >>> rng = np.random.default_rng(0)
    >>> marked = rng.random((20, 1, 12)) < 0.5
    >>> marks = HumanMarks("toy", [list("abcdefghijkl")] * 20, [0] * 20, marked, ["one"])
    >>> attention = plausibility(marked[:, 0] + rng.normal(size=(8, 20, 12)), marks)
    >>> compare_plausibility(attention, random_rationale(marks))
    difference of average precision = 0.213, 95 % CI [0.182, 0.243], p < .001, n = 8 models, t test over models and
    texts (df = 9.88)
    """
    for name, value in (("a", a), ("b", b)):
        check_object(value, name, HumanAgreement, "plausibility(scores, marks)")
    check_flag(paired_models, "paired_models")
    check_member(alternative, "alternative", ALTERNATIVES)
    check_fraction(confidence_level, "confidence_level")
    _check_comparable(a, b)
    first, second = a.by_text, b.by_text
    own = SCORES == a.source == b.source and max(a.n_models, b.n_models) > 1
    if own and min(a.n_models, b.n_models) == 1:
        raise InvalidInputError(
            f"a and b: must both have several models, or both one; got {a.n_models} and {b.n_models}"
        )
    if own and paired_models and a.n_models != b.n_models:
        raise InvalidInputError(
            f"a and b: must have the same models to be paired; got {a.n_models} and {b.n_models}. Pass"
            " paired_models=False if each has its own"
        )
    try:
        if own and not paired_models:
            result = independent_anova_test(
                first,
                second,
                alternative=alternative,
                confidence_level=confidence_level,
                minimum_replicates=minimum_replicates,
                replication_unit="model",
                crossed_unit="text",
                missing=CompleteCases(),
            )
        else:
            result = _of_differences(first - second, alternative, confidence_level, minimum_replicates, rng)
    except ConstantInputError as error:
        raise ConstantInputError(
            "a and b: must differ by amounts that vary; they differ by the same throughout, as where they are one"
        ) from error
    single = SCORES in (a.source, b.source) and max(a.n_models, b.n_models) == 1
    return replace(
        result,
        effect_name=f"difference of {a.measure.label}",
        test=f"{result.test}; nothing is said of other trainings than this one" if single else result.test,
    )


def _of_differences(
    differences: FloatArray, alternative: str, confidence_level: float, minimum_replicates: int, rng: RNGLike
) -> SignificanceResult:
    """Test the mean of differences, shape (n_models, n_texts)."""
    if len(differences) == 1:
        return paired_test(
            differences[0],
            alternative=alternative,
            confidence_level=confidence_level,
            minimum_replicates=minimum_replicates,
            replication_unit="text",
            missing=CompleteCases(),
            rng=rng,
        )
    return anova_test(
        differences,
        alternative=alternative,
        confidence_level=confidence_level,
        minimum_replicates=minimum_replicates,
        replication_unit="model",
        crossed_unit="text",
        missing=CompleteCases(),
    )


def _check_comparable(a: HumanAgreement, b: HumanAgreement) -> None:
    if a.measure != b.measure:
        raise InvalidInputError(f"a and b: must have the same measure; got {shown(a.measure)} and {shown(b.measure)}")
    if a.fingerprint != b.fingerprint:
        raise InvalidInputError(
            f"a and b: must be of the same texts and marks; got {a.n_texts} of {a.dataset!r} and {b.n_texts} of"
            f" {b.dataset!r}"
        )
    one, other = (_whole(each.against) for each in (a, b))
    if one != other:
        raise InvalidInputError(
            f"a and b: must be against the same; got {a.against!r} and {b.against!r}. Pass against= to plausibility"
        )


def _whole(reference: Reference) -> Reference:
    """Return the reference, each of the others in turn being each in turn once they are averaged."""
    return EachAnnotator() if reference == LeaveOneOut(EachAnnotator()) else reference
