"""How far an intervention moved the output, and how far it moved the attention."""

from math import log

import numpy as np

from attnstats._distributions import divided_by_sum
from attnstats._validation import FloatArray
from attnstats.ablation.interventions._answers import check_recomputed
from attnstats.exceptions import InvalidInputError
from attnstats.trace import AttentionTrace, RealArray, check_trace

__all__ = ["attention_divergence", "jensen_shannon", "total_variation"]


def total_variation(intact: AttentionTrace, ablated: AttentionTrace) -> FloatArray:
    """Return the total variation distance between the two outputs of each example.

    Half the sum over classes of absolute differences in probability, in [0, 1] (Jain & Wallace 2019, eq. 1), of rows
    divided by their sums: half precision misses one by its rounding.

    Returns
    -------
    ndarray, shape (n_examples,)

    Raises
    ------
    InvalidInputError
        If either trace holds predicted classes instead of probabilities, the shapes differ, or the output is that of
        the intact model because no model recomputed it.

    Examples
    --------
    >>> a, b = (AttentionTrace.from_arrays(attention=[[1.0]], hidden=[[[0.0]]], output=[p])
    ...         for p in ([0.9, 0.1], [0.6, 0.4]))
    >>> total_variation(a, b).round(2)
    array([0.3])
    """
    for name, trace in (("intact", intact), ("ablated", ablated)):
        check_trace(trace, name)
        check_recomputed(trace, "total_variation")
    if intact.output.ndim != 2 or intact.output.shape != ablated.output.shape:
        raise InvalidInputError(
            "output: both traces must hold class probabilities of one shape; "
            f"got {intact.output.shape} and {ablated.output.shape}"
        )
    change = np.abs(divided_by_sum(intact.output) - divided_by_sum(ablated.output)).sum(axis=1) / 2
    return np.asarray(np.minimum(change, 1.0))  # but for the rounding of sums it is no more


def attention_divergence(intact: AttentionTrace, ablated: AttentionTrace) -> FloatArray:
    """Return the Jensen-Shannon divergence between the two attentions of each example, in nats.

    In [0, ln 2]; the distance that `Adversarial` makes large (Jain & Wallace 2019, section 4.2.2). Weights are divided
    by their sums first, which half precision misses one by.

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
    for name, trace in (("intact", intact), ("ablated", ablated)):
        check_trace(trace, name)
    if not np.array_equal(intact.mask, ablated.mask):
        raise InvalidInputError(
            f"attention: both traces must have one mask; got shapes {intact.mask.shape} and {ablated.mask.shape}"
        )
    return jensen_shannon(*(divided_by_sum(each.attention, intact.mask) for each in (intact, ablated)))


def jensen_shannon(p: RealArray, q: RealArray) -> FloatArray:
    """Return the mean of the divergences of p and q from (p + q) / 2 over the last axis, in nats (Lin 1991).

    Rows must sum to one in double precision. With m = (p + q) / 2 and t = (p - q) / (p + q) it is half the sum of
    m (2 t artanh t + log(1 - t²)), of which no term is below zero: so nothing cancels where p and q are close.
    """
    sums = p + q
    t = np.divide(p - q, sums, out=np.zeros(sums.shape), where=sums > 0)
    apart = np.abs(t) >= 1  # a weight of one alone: the limit is 2 log 2
    t = np.where(apart, 0.0, t)
    terms = np.where(apart, 2 * log(2), 2 * t * np.arctanh(t) + np.log1p(-(t**2)))
    # But for the rounding of sums it is no more than log 2.
    return np.asarray(np.minimum((sums * terms).sum(axis=-1) / 4, log(2)))
