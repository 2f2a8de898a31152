"""What each word contributes to the output of a transformer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from attnstats._validation import FloatArray, IntArray, check_object
from attnstats.adapters.attributions._batch import Batch, TransformerAttribution
from attnstats.adapters.attributions.attributions import Attributions
from attnstats.adapters.attributions.outputs import ClassOutput, ClassProbability
from attnstats.adapters.transformers._checked import returning_weights
from attnstats.adapters.transformers._classes import checked_target
from attnstats.adapters.transformers._model_on_texts import ModelOnTexts
from attnstats.adapters.transformers._not_finite import first_wrong, passing_on_nan
from attnstats.adapters.transformers._passed import inputs_of, logits_of, run
from attnstats.adapters.transformers._shown import Shown
from attnstats.adapters.transformers._tokenized import Text
from attnstats.trace import LastToken, Units, Words


def attribute_transformer(
    model: Any,
    tokenizer: Any,
    texts: Sequence[Text],
    attribution: TransformerAttribution,
    *,
    target: int | str | ArrayLike | None = None,
    output: ClassOutput = ClassProbability(),  # noqa: B008 (frozen)
    answers: Sequence[str] | None = None,
    max_length: int | None = None,
    batch_size: int = 32,
    units: Units = Words(),  # noqa: B008 (frozen)
) -> Attributions:
    """Run a transformer on texts, and return what each word contributes to its output for one class.

    The words are those of `trace_transformer`, so that scores can be compared with its attention, or with what people
    marked. Scores of the tokens of a word are added. The model stays as it was, without gradients on its parameters.

    Parameters
    ----------
    model, tokenizer, texts, answers, max_length, batch_size, units
        As in `trace_transformer`.
    attribution : GradientTimesInput, IntegratedGradients, LeaveOneOut, AttentionTimesGradient or AttentionRollout
        The method.
    target : int or str, or array_like of them, shape (n_texts,), optional
        Class whose output is attributed, by its number or name, or an answer, one for all texts or one for each; the
        predicted one by default.
    output : ClassProbability or ClassLogit
        Which number of that class.

    Returns
    -------
    Attributions
        Its `scores`, shape (n_texts, n_units), go into `attnstats.plausibility.plausibility`, and with the `mask` into
        `attnstats.ranks.kendall_batch`.

    Raises
    ------
    InvalidInputError
        As `trace_transformer`; if `target` names no class; if the model lacks what the method needs: one embedding of
        its tokens in a pass, attention in all layers for a rollout, weights on which its output depends for their
        gradient.
    NonFiniteError
        If outputs or scores are not finite.
    MissingExtraError
        If torch or transformers is not installed.

    Examples
    --------
    >>> from attnstats.adapters import IntegratedGradients, attribute_transformer
    >>> attribute_transformer(model, tokenizer, texts, IntegratedGradients())  # doctest: +SKIP
    IntegratedGradients(steps=8, baseline=ZeroEmbedding()) of 300 texts, probability of one class, ...
    """
    check_object(attribution, "attribution", TransformerAttribution, "GradientTimesInput()")
    check_object(output, "output", ClassOutput, "ClassProbability() or ClassLogit()")
    check_object(units, "units", Units, "Words() or Tokens()")
    on = ModelOnTexts.of(model, tokenizer, texts, answers=answers, max_length=max_length, batch_size=batch_size)
    if LastToken() in (on.query, getattr(attribution, "query", None)):
        on.check_last_tokens()
    given = None if target is None else checked_target(target, len(texts), on.model, answers, on.n_classes)
    shown = Shown.of(on.tokens, units)
    scores, value, baseline = np.zeros(shown.mask.shape), np.empty(len(texts)), np.full(len(texts), np.nan)
    classes, tolerance = np.empty(len(texts), dtype=np.int64), 0.0
    weights = returning_weights(on.model) if attribution.reads_attention else passing_on_nan(on.model)
    import torch

    # Tensors of a caller's inference mode could not be differentiated through.
    with torch.inference_mode(False), weights:
        for rows in on.batches():
            logits = _logits(on, rows)
            classes[rows] = logits.argmax(axis=1) if given is None else given[rows]
            batch = Batch(logits, classes[rows], output, on, shown, rows)
            found = attribution.of_batch(batch)
            scores[rows], value[rows] = np.where(shown.mask[rows], found.scores, 0), batch.intact
            if found.baseline is not None:
                baseline[rows], tolerance = found.baseline, found.tolerance
    if not (finite := np.isfinite(scores)).all():
        raise on.not_finite(first_wrong(finite, np.arange(len(texts))), what="scores", when="by their gradients")
    has_baseline = np.isfinite(baseline).all()
    attributions = Attributions(
        scores, shown.mask, shown.tokens, classes, value, baseline if has_baseline else None, attribution, output,
        units, on.tokens.truncated,
    )  # fmt: skip
    if has_baseline:
        attributions.warn_of_gaps(tolerance)
    return attributions


def _logits(on: ModelOnTexts, rows: IntArray) -> FloatArray:
    import torch

    with torch.no_grad():
        outputs = run(on.model, inputs_of(on.model, on.tokens, rows))
        logits = np.asarray(logits_of(on.model, outputs, on.answers).cpu().numpy())
    if not (finite := np.isfinite(logits)).all():
        raise on.not_finite(first_wrong(finite, rows))
    return logits
