"""What changes when attention heads are intervened on: all heads at once, of one training or of several."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from attnstats._validation import (
    FloatArray,
    RNGLike,
    as_generator,
    check_count,
    check_fraction,
    check_positive,
    warn_of_copies,
)
from attnstats.ablation import Accuracy, Outcome, PredictedProbability, ablation_test
from attnstats.ablation.inference._shifted import shifted
from attnstats.adapters import IntervenedHeads
from attnstats.comparison import MINIMUM_REPLICATES, FamilyResult, Holm, adjust_pvalues, paired_family_test
from attnstats.exceptions import ConstantInputError, FewReplicatesWarning, InvalidInputError, TooFewSamplesError
from attnstats.studies.heads.head_ablation import HeadAblation, described
from attnstats.studies.heads.head_analysis import at_joint_level, check_trainings
from attnstats.trace import AttentionTrace


def head_ablation_test(
    intervened: IntervenedHeads | Sequence[IntervenedHeads],
    outcome: Outcome = PredictedProbability(),  # noqa: B008 (frozen)
    *,
    margin: float | None = None,
    confidence_level: float = 0.95,
    n_resamples: int = 9_999,
    minimum_seeds: int = MINIMUM_REPLICATES,
    rng: RNGLike = None,
) -> HeadAblation:
    """Compare an outcome of intact models with that under interventions on their attention heads.

    Heads of one model correlate: the paired test over texts holds for all heads and interventions at once (sign flips
    that they share, max-T), and says nothing of other trainings. With several trainings each comparison is that of
    `ablation_test`, crossed over trainings and texts, and the p-values are corrected by Holm.

    Parameters
    ----------
    intervened : IntervenedHeads, or a sequence of them
        From `intervene_transformer`: one model, or one of each training with the same texts, heads and interventions.
    outcome : Outcome
        What depends on the output alone: `PredictedProbability`, `Accuracy`, `OutputChange`, `DecisionFlips` of
        `attnstats.ablation`, or your own.
    margin : float, optional
        Smallest change that would matter, declared before looking: for outcomes that are a change, and so never below
        zero, whose test asks whether it is larger. None for others, which are tested against no difference, two-sided.
    confidence_level : float
        Level of all intervals together.
    n_resamples : int
        Sign patterns of one model's test.
    minimum_seeds : int
        Fewest trainings accepted where there are several.
    rng : None, int or numpy.random.Generator
        Source of sign patterns.

    Returns
    -------
    HeadAblation
        Outcome of each text and head, and the tests. A head that changes no text is not tested.

    Raises
    ------
    InvalidInputError
        If trainings differ in texts, heads or interventions, the outcome needs more than the output, or labels are
        missing that it needs, or a margin is missing or not needed.
    ConstantInputError
        If no intervention changes the outcome of any text.
    TooFewSamplesError
        With too few texts or trainings.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.adapters import IntervenedHeads, ZeroedOutput
    >>> from attnstats.studies import head_ablation_test
    >>> intact = np.random.default_rng(0).dirichlet([5, 1], size=40)
    >>> output = np.stack([intact * [0.5, 1.0] + [0.0, 0.01], intact * [1.0, 0.9]])
    >>> output /= output.sum(axis=-1, keepdims=True)
    >>> intervened = IntervenedHeads(
    ...     interventions=(ZeroedOutput(),), heads=(((0, 0),), ((0, 1),)), texts=tuple(map(str, range(40))),
    ...     labels=None, intact=intact, output=output[None], metadata={})
    >>> print(head_ablation_test(intervened, rng=0))
    predicted_probability under zeroed; 2 comparisons, sign-flip max-T (9999 resamples), n = 40 texts of one training
    ...
    """
    models = _models(intervened)
    _check_outcome(outcome, margin)
    level = check_fraction(confidence_level, "confidence_level")
    check_count(n_resamples, "n_resamples", minimum=99)
    check_trainings(len(models), minimum_seeds, "intervened")
    first, generator = models[0], as_generator(rng)
    if isinstance(outcome, Accuracy) and any(model.labels is None for model in models):
        raise InvalidInputError("labels: must be given to intervene_transformer for Accuracy; got None")
    # A change is skewed: against its margin, the symmetry that sign flips assume rejects too often from below alone.
    alternative = "greater" if outcome.is_change else "two-sided"
    warn_of_copies(first.texts, "intervened")
    if len(models) == 1 and (n_texts := len(first.texts)) < MINIMUM_REPLICATES:
        raise TooFewSamplesError(
            f"intervened: must hold at least {MINIMUM_REPLICATES} texts for the test of one model; got {n_texts}; "
            "intervene on more texts"
        )
    pairs = [_values(model, outcome, generator) for model in models]
    intact, ablated = (np.stack(each) for each in zip(*pairs, strict=True))
    effects = ablated if outcome.is_change else intact[:, np.newaxis, np.newaxis] - ablated
    tested = np.asarray(np.ptp(effects, axis=(0, 3)) > 0)
    if not tested.any():
        raise ConstantInputError(
            f"intervened: must change the {outcome.quantity} of texts by amounts that vary; got the same for each text"
        )
    compared = [(first.interventions[row], first.heads[column]) for row, column in np.argwhere(tested)]
    names = [f"{intervention.label}, {described(heads)}" for intervention, heads in compared]
    if len(models) == 1:
        tests = _over_texts(effects[0, tested].T, names, margin, alternative, level, n_resamples, generator)
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FewReplicatesWarning)  # said once, and not of each comparison again
            results = tuple(
                at_joint_level(
                    ablation_test(
                        None if outcome.is_change else intact, values, margin=margin, alternative=alternative,
                        confidence_level=1 - (1 - level) / len(names), minimum_seeds=minimum_seeds,
                        ablation=intervention.label, outcome=outcome.quantity, holds_fixed=intervention.holds_fixed,
                    ).difference,
                    level,
                )
                for (intervention, _), values in zip(compared, np.moveaxis(ablated[:, tested], 1, 0), strict=True)
            )  # fmt: skip
        adjusted = adjust_pvalues([result.pvalue for result in results], Holm())
        tests = FamilyResult(tuple(names), results, tuple(map(float, adjusted)), Holm().name)
    labels = tuple(each.label for each in first.interventions)
    shared = {key: value for key, value in first.metadata.items() if key != "seed"}
    return HeadAblation(labels, first.heads, outcome.quantity, margin, intact, ablated, tested, tests, shared)


def _models(intervened: Any) -> list[IntervenedHeads]:
    """Return the models, after checking that the same was done to them on the same texts."""
    models = list(intervened) if isinstance(intervened, Iterable) else [intervened]
    if not models or not all(isinstance(model, IntervenedHeads) for model in models):
        raise InvalidInputError(f"intervened: must be an IntervenedHeads, or several; got {intervened!r:.80}")
    for number, model in enumerate(models):
        for name in ("interventions", "heads", "texts"):
            if getattr(model, name) != getattr(models[0], name):
                raise InvalidInputError(
                    f"intervened: must have the same {name}; model {number} has others than model 0"
                )
        if any(np.array_equal(model.intact, other.intact) for other in models[:number]):
            raise InvalidInputError(f"intervened: must be other trainings; model {number} gives what another one gives")
    return models


def _check_outcome(outcome: Any, margin: float | None) -> None:
    """Raise unless the outcome depends on the output alone, and has a margin just where it needs one."""
    if isinstance(outcome, type) or not isinstance(outcome, Outcome) or not outcome.needs_model:
        raise InvalidInputError(
            f"outcome: must be one of the output, such as PredictedProbability() or Accuracy(); got {outcome!r}"
        )
    if outcome.is_change and margin is None:
        raise InvalidInputError(
            f"margin: must be given for {outcome.quantity}, whose mean cannot but be above zero; got None"
        )
    if margin is not None:
        check_positive(margin, "margin")
    if not outcome.is_change and margin is not None:
        raise InvalidInputError(f"margin: must be None for {outcome.quantity}, tested against zero; got {margin!r}")


def _values(model: IntervenedHeads, outcome: Outcome, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """Return the outcome of each text, intact and under each intervention on each set of heads."""
    n_texts = len(model.texts)
    # What depends on the output alone does not read the attention and the states: those of one token stand in.
    trace = AttentionTrace.from_arrays(
        attention=np.ones((n_texts, 1)), hidden=np.zeros((n_texts, 1, 1)), output=model.intact, label=model.labels
    )
    ablated = np.empty(model.output.shape[:3])
    intact = np.empty(n_texts)
    for place in np.ndindex(ablated.shape[:2]):
        intact, ablated[place] = outcome.values(trace, replace(trace, output=model.output[place]), rng)
    return intact, ablated


def _over_texts(
    effects: FloatArray, names: Sequence[str], margin: float | None, alternative: str, level: float,
    n_resamples: int, rng: np.random.Generator,
) -> FamilyResult:  # fmt: skip
    """Return the tests of one training for other texts, of effects of shape (n_texts, n_comparisons)."""
    tests = paired_family_test(
        effects, margin or 0.0, names=names, alternative=alternative, confidence_level=level, n_resamples=n_resamples,
        replication_unit="text", rng=rng,
    )  # fmt: skip
    if margin is None:
        return tests
    results = (replace(shifted(result, margin, level), effect_name="mean change") for result in tests.results)
    return replace(tests, results=tuple(results))
