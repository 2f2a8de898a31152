"""Distances between the outputs, and between the attentions, of an intact and an ablated model."""

from __future__ import annotations

from math import log

import numpy as np

from attnstats._distributions import divided_by_sum
from attnstats._validation import FloatArray, RealArray
from attnstats.ablation.interventions._checked_outputs import check_recomputed
from attnstats.exceptions import InvalidInputError
from attnstats.trace import AttentionTrace, check_trace


def total_variation(intact: AttentionTrace, ablated: AttentionTrace) -> FloatArray:
    """Return the total variation distance between the two outputs of each example.

    Parameters
    ----------
    intact, ablated : AttentionTrace
        Traces with class probabilities, of the same examples.

    Returns
    -------
    ndarray, shape (n_examples,)
        Half the sum over classes of absolute differences in probability, after division of the probabilities by their
        sums; in [0, 1] (Jain & Wallace 2019, equation 1).

    Raises
    ------
    InvalidInputError
        If a trace holds classes instead of probabilities, the shapes differ, or no model recomputed the output.

    Examples
    --------
    >>> from attnstats.trace import AttentionTrace
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
    return np.asarray(np.minimum(change, 1.0))  # rounding of the sums can exceed it


def attention_divergence(intact: AttentionTrace, ablated: AttentionTrace) -> FloatArray:
    """Return the Jensen-Shannon divergence between the two attentions of each example, in nats.

    Parameters
    ----------
    intact, ablated : AttentionTrace
        Traces of the same texts, whose weights are divided by their sums first.

    Returns
    -------
    ndarray, shape (n_examples,)
        In [0, ln 2] (Jain & Wallace 2019, section 4.2.2).

    Raises
    ------
    InvalidInputError
        If the masks differ.

    Examples
    --------
    >>> from attnstats.trace import AttentionTrace
    >>> import numpy as np
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
    """Return the Jensen-Shannon divergence of p and q, whose last axis sums to one, in nats (Lin 1991)."""
    # With m = (p + q) / 2 and t = (p - q) / (p + q) it is half the sum of m (2 t artanh t + log(1 - t²)), whose terms
    # are never negative: nothing cancels where p and q are close.
    sums = p + q
    t = np.divide(p - q, sums, out=np.zeros(sums.shape), where=sums > 0)
    apart = np.abs(t) >= 1  # one of the two weights is zero: the limit is 2 log 2
    t = np.where(apart, 0.0, t)
    terms = np.where(apart, 2 * log(2), 2 * t * np.arctanh(t) + np.log1p(-(t**2)))
    # Rounding of the sums can exceed log 2.
    return np.asarray(np.minimum((sums * terms).sum(axis=-1) / 4, log(2)))
