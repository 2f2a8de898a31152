"""Apply an intervention to a trace."""

from __future__ import annotations

from dataclasses import replace

from attnstats._validation import RNGLike, as_generator
from attnstats.ablation.interventions._checked_outputs import check_head, checked_attention, checked_output
from attnstats.ablation.interventions.interface import Ablation, OutputHead, RetrainedAblation, label_of
from attnstats.exceptions import InvalidInputError
from attnstats.trace import AttentionTrace, check_trace


def ablate(
    trace: AttentionTrace, ablation: Ablation, *, model: OutputHead | None = None, rng: RNGLike = None
) -> AttentionTrace:
    """Return the trace under another attention.

    Parameters
    ----------
    trace : AttentionTrace
        The intact model's trace.
    ablation : Ablation
        `Uniform()`, `Permuted()`, another intervention of `attnstats.ablation`, or an object that follows the protocol.
    model : OutputHead, optional
        The trained model, or a `SoftmaxHead` of its saved weights, which recomputes the output under the new attention.
        Without it the trace keeps the output of the intact model, and what compares outputs (`total_variation`,
        `Accuracy`, ...) raises an error. Some interventions need the model.
    rng : seed or Generator, optional
        Source of randomness.

    Returns
    -------
    AttentionTrace
        With the new attention and output, and ``ablation`` in the metadata; ``output_kept`` is True there without a
        model. An intervention that retrains (`RetrainedAblation`) gives the trace of the retrained model.

    Raises
    ------
    InvalidInputError
        If a model or a method of it is missing, or what comes back is no attention or no class probabilities.

    Examples
    --------
    >>> from attnstats.trace import AttentionTrace
    >>> from attnstats.ablation import Uniform
    >>> trace = AttentionTrace.from_arrays(attention=[[0.7, 0.2, 0.1]], hidden=[[[0.0], [1.0], [2.0]]], output=[1])
    >>> ablate(trace, Uniform()).attention.round(2).tolist()
    [[0.33, 0.33, 0.33]]
    """
    check_trace(trace)
    if isinstance(ablation, type) or not isinstance(ablation, Ablation):
        raise InvalidInputError(f"ablation: must be an intervention such as Uniform(); got {ablation!r}")
    if model is not None:
        check_head(model)
    generator, label = as_generator(rng), label_of(ablation)
    metadata = {key: value for key, value in trace.metadata.items() if key != "output_kept"} | {"ablation": label}
    if isinstance(ablation, RetrainedAblation):
        retrained = ablation.retrained(trace, model, generator)
        check_trace(retrained, f"ablation: what {label} retrained")
        return replace(retrained, metadata={**metadata, **retrained.metadata, "ablation": label})
    attention = checked_attention(ablation.attention(trace, model, generator), trace, f"ablation: {label}")
    if model is None:
        return replace(trace, attention=attention, metadata={**metadata, "output_kept": True})
    answer = model.predict_from_attention(trace.hidden, attention)
    output = checked_output(answer, trace, "model: predict_from_attention")
    if trace.output.ndim == 2 and output.shape != trace.output.shape:
        known, found = trace.output.shape[1], output.shape[1]
        raise InvalidInputError(f"model: must have the {known} classes of the trace; got {found}")
    return replace(trace, attention=attention, output=output, metadata=metadata)
