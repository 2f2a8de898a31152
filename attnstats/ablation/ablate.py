"""Apply an intervention to a trace."""

from dataclasses import replace

from attnstats._validation import RNGLike, as_generator
from attnstats.ablation.interface import Ablation, OutputHead, RetrainedAblation, label_of
from attnstats.trace import AttentionTrace

__all__ = ["ablate"]


def ablate(
    trace: AttentionTrace, ablation: Ablation, *, model: OutputHead | None = None, rng: RNGLike = None
) -> AttentionTrace:
    """Return the trace as it would be under another attention.

    Parameters
    ----------
    trace : AttentionTrace
        The intact model's trace.
    ablation : Ablation
        `Uniform()`, `Permuted()`, another of this room, or an object of your own that follows the protocol.
    model : OutputHead, optional
        The trained model, or a `SoftmaxHead` of its saved weights. With it the output is recomputed under the new
        attention; without it the output of the intact model is kept, and only the attention changes. Some
        interventions need it, and more of it: see `attnstats.ablation.interface`.
    rng : None, int or numpy.random.Generator
        Source of randomness (SPEC 7).

    Returns
    -------
    AttentionTrace
        With the new attention, the output it leads to and ``ablation`` in the metadata. An intervention that retrains
        (`RetrainedAblation`) gives the trace of the retrained model, hidden states and all.

    Raises
    ------
    InvalidInputError
        If the intervention needs a model, or a method of it, that is not there.

    Examples
    --------
    >>> import numpy as np
    >>> trace = AttentionTrace.from_arrays(
    ...     attention=[[0.7, 0.2, 0.1]], hidden=np.zeros((1, 3, 2)), output=[1])
    >>> from attnstats.ablation import Uniform
    >>> ablate(trace, Uniform()).attention.round(2).tolist()
    [[0.33, 0.33, 0.33]]
    """
    generator = as_generator(rng)
    if isinstance(ablation, RetrainedAblation):
        retrained = ablation.retrained(trace, model, generator)
        return replace(retrained, metadata={**trace.metadata, **retrained.metadata, "ablation": label_of(ablation)})
    attention = ablation.attention(trace, model, generator)
    output = trace.output if model is None else model.predict_from_attention(trace.hidden, attention)
    return replace(
        trace, attention=attention, output=output, metadata={**trace.metadata, "ablation": label_of(ablation)}
    )
