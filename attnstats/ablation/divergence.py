"""How far an intervention moved the output, and how far it moved the attention."""

import numpy as np

from attnstats._validation import FloatArray
from attnstats.exceptions import InvalidInputError
from attnstats.trace import AttentionTrace, RealArray

__all__ = ["attention_divergence", "jensen_shannon", "total_variation"]


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


def attention_divergence(intact: AttentionTrace, ablated: AttentionTrace) -> FloatArray:
    """Return the Jensen-Shannon divergence between the two attentions of each example, in nats.

    In [0, ln 2]; the distance that `Adversarial` makes large (Jain & Wallace 2019, section 4.2.2).

    Returns
    -------
    ndarray, shape (n_examples,)

    Raises
    ------
    InvalidInputError
        If the traces are not of the same texts.

    Examples
    --------
    >>> a, b = (AttentionTrace.from_arrays(attention=[w], hidden=np.zeros((1, 2, 1)), output=[0])
    ...         for w in ([1.0, 0.0], [0.0, 1.0]))
    >>> attention_divergence(a, b).round(4)  # ln 2
    array([0.6931])
    """
    if not np.array_equal(intact.mask, ablated.mask):
        raise InvalidInputError(
            f"attention: both traces must have one mask; got shapes {intact.mask.shape} and {ablated.mask.shape}"
        )
    return jensen_shannon(*(np.where(intact.mask, each.attention, 0) for each in (intact, ablated)))


def jensen_shannon(p: RealArray, q: RealArray) -> FloatArray:
    """Return H((p + q) / 2) - H(p) / 2 - H(q) / 2 over the last axis, in nats (Lin 1991)."""
    first, second = np.asarray(p, dtype=np.float64), np.asarray(q, dtype=np.float64)
    return np.asarray(entropy((first + second) / 2) - (entropy(first) + entropy(second)) / 2)


def entropy(p: FloatArray) -> FloatArray:
    """Return the entropy over the last axis, in nats."""
    logs = np.log(p, out=np.zeros_like(p), where=p > 0)
    return np.asarray(-(p * logs).sum(axis=-1))
