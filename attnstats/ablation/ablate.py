"""Apply an intervention to a trace, and measure how far the output moved."""

from dataclasses import replace

import numpy as np

from attnstats._validation import RNGLike, as_generator
from attnstats.ablation.interface import Ablation, AttentionModel
from attnstats.exceptions import InvalidInputError
from attnstats.trace import AttentionTrace

__all__ = ["ablate", "total_variation"]


def ablate(
    trace: AttentionTrace, ablation: Ablation, *, model: AttentionModel | None = None, rng: RNGLike = None
) -> AttentionTrace:
    """Return the trace as it would be under another attention.

    Parameters
    ----------
    trace : AttentionTrace
        The intact model's trace.
    ablation : Ablation
        `Uniform()`, `Permuted()`, `RandomScorer()`, or an object of your own that follows the protocol.
    model : AttentionModel, optional
        The trained model. With it the output is recomputed under the new attention; without it the output of the
        intact model is kept, and only the attention changes.
    rng : None, int or numpy.random.Generator
        Source of randomness (SPEC 7).

    Returns
    -------
    AttentionTrace
        With the new attention, the output it leads to and ``ablation`` in the metadata.

    Examples
    --------
    >>> trace = AttentionTrace.from_arrays(
    ...     attention=[[0.7, 0.2, 0.1]], hidden=np.zeros((1, 3, 2)), output=[1])
    >>> from attnstats.ablation import Uniform
    >>> ablate(trace, Uniform()).attention.round(2).tolist()
    [[0.33, 0.33, 0.33]]
    """
    attention = ablation.attention(trace, model, as_generator(rng))
    output = trace.output if model is None else model.predict_from_attention(trace.hidden, attention)
    return replace(trace, attention=attention, output=output, metadata={**trace.metadata, "ablation": ablation.name})


def total_variation(intact: AttentionTrace, ablated: AttentionTrace) -> np.ndarray:
    """Return the total variation distance between the two outputs of each example.

    Half the sum over classes of absolute differences in probability, in [0, 1] (Jain & Wallace 2019, eq. 1).

    Returns
    -------
    ndarray, shape (n_examples,)

    Raises
    ------
    InvalidInputError
        If either trace holds predicted classes instead of probabilities, or the shapes differ.

    Examples
    --------
    >>> a, b = (AttentionTrace.from_arrays(attention=[[1.0]], hidden=[[[0.0]]], output=[p])
    ...         for p in ([0.9, 0.1], [0.6, 0.4]))
    >>> total_variation(a, b).round(2)
    array([0.3])
    """
    if intact.output.ndim != 2 or intact.output.shape != ablated.output.shape:
        raise InvalidInputError(
            "output: both traces must hold class probabilities of one shape; "
            f"got {intact.output.shape} and {ablated.output.shape}"
        )
    return np.asarray(np.abs(intact.output - ablated.output).sum(axis=1) / 2)
