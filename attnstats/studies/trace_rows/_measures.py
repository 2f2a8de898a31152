"""What a trace shows before anything is estimated: one number per example, shape (n_examples,), in float64.

Weights are divided by their sum, which half precision misses one by, so that every measure keeps its bounds.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from scipy.special import entr

from attnstats._distributions import divided_by_sum
from attnstats._validation import BoolArray, FloatArray, IntArray, RealArray
from attnstats.frame import Row
from attnstats.information import PlugIn

#: Rows of the results frame, and outcomes by example.
RowsAndOutcomes: TypeAlias = tuple[list[Row], dict[str, FloatArray]]

#: Numbers of the hidden states that are held in double precision at once (80 MB).
_AT_ONCE = 10**7


def gini(attention: RealArray, mask: BoolArray) -> FloatArray:
    """Return the Gini coefficient over real tokens: 0 for equal weights, 1 - 1/L for all weight on one of L tokens."""
    lengths = mask.sum(axis=1)
    # Padding sorts to the front, where the weight of order statistic i of L must be zero.
    ordered = np.sort(np.where(mask, divided_by_sum(attention, mask), -1.0), axis=1)
    places = np.arange(1, mask.shape[1] + 1) - (mask.shape[1] - lengths)[:, np.newaxis]
    coefficients = np.where(places > 0, 2 * places - lengths[:, np.newaxis] - 1, 0)
    return np.asarray((coefficients * ordered).sum(axis=1) / lengths)


def effective_positions(attention: RealArray, mask: BoolArray) -> FloatArray:
    """Return exp H of the attention: the number of equal weights with the same entropy."""
    return np.exp(_entropy(attention, mask))


def entropy_deficit(attention: RealArray, mask: BoolArray) -> FloatArray:
    """Return 1 - H / log L: 0 for equal weights, 1 for all weight on one token, NaN for a text of one token."""
    lengths = mask.sum(axis=1)
    longest = np.log(np.where(lengths > 1, lengths, np.nan))
    return np.asarray(1 - _entropy(attention, mask) / longest)


def conicity(hidden: RealArray, mask: BoolArray) -> FloatArray:
    """Return the mean cosine of each example's hidden states with their mean (Mohankumar et al. 2020, eq. 3).

    A state at the origin has no direction and counts with cosine zero.
    """
    step = max(1, _AT_ONCE // max(1, hidden[0].size))
    parts = [slice(start, start + step) for start in range(0, len(hidden), step)]
    return np.concatenate([_conicity(hidden[part], mask[part]) for part in parts])


def _conicity(hidden: RealArray, mask: BoolArray) -> FloatArray:
    states = np.where(mask[:, :, np.newaxis], hidden, 0).astype(np.float64)
    lengths = mask.sum(axis=1)
    # The cosine does not see the size of states, and squares of very large or small ones leave double precision.
    mean = (states / _largest(states, axis=(1, 2))).sum(axis=1) / lengths[:, np.newaxis]
    directions = states / _largest(states, axis=2)
    norms = np.linalg.norm(directions, axis=2) * np.linalg.norm(mean, axis=1)[:, np.newaxis]
    products = np.einsum("ntd,nd->nt", directions, mean)
    cosines = np.divide(products, norms, out=np.zeros_like(products), where=norms > 0)
    return np.asarray(cosines.sum(axis=1) / lengths)


def _largest(states: FloatArray, axis: int | tuple[int, ...]) -> FloatArray:
    """Return the largest absolute value over some axes, one where all are zero."""
    largest = np.abs(states).max(axis=axis, keepdims=True)
    return np.where(largest > 0, largest, 1.0)


def output_entropy(predicted: IntArray) -> float:
    """Return the entropy in nats of the predicted classes, plug-in."""
    return PlugIn().entropy(np.unique(predicted, return_counts=True)[1])


def mean_row(quantity: str, values: FloatArray, unit: str, **columns: Any) -> Row:
    """Return the row of the mean over examples, NaN left out and counted as undefined."""
    defined = values[~np.isnan(values)]
    undefined = len(values) - len(defined)
    value = float(defined.mean()) if len(defined) else None
    return Row(quantity=quantity, value=value, unit=unit, n=len(defined), undefined=undefined, **columns)


def _entropy(attention: RealArray, mask: BoolArray) -> FloatArray:
    return np.asarray(entr(divided_by_sum(attention, mask)).sum(axis=1))
