"""Split-half reliability of an order, and the concordance that measurement noise alone would give."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from attnstats._validation import BoolArray, FloatArray, RNGLike, as_generator, check_count
from attnstats.exceptions import InvalidInputError, TooFewSamplesError
from attnstats.ranks.batches._rows import as_rows
from attnstats.ranks.batches.concordance import ConcordanceCurve, concordance_curve
from attnstats.ranks.batches.rank_agreement import spearman_batch


def reliability(first: ArrayLike, second: ArrayLike, *, mask: ArrayLike | None = None) -> float:
    """Return the Spearman-Brown reliability of the order of the mean of two measurements.

    It is 2 r / (1 + r), with r the mean over examples of Spearman's rho between them.

    Parameters
    ----------
    first, second : array_like, shape (n_examples, n_tokens)
        Two independent measurements of one quantity of each token.
    mask : array_like of bool, shape (n_examples, n_tokens), optional
        True for a real token.

    Returns
    -------
    float
        At most 1. Examples with fewer than two tokens, or all tied in a measurement, do not count.

    Raises
    ------
    InvalidInputError
        If the shapes differ, or the measurements are in exactly opposite order (r = -1).
    NonFiniteError, TooFewSamplesError
        If a value inside the mask is NaN or infinite; if no example counts.

    References
    ----------
    C. Spearman, British Journal of Psychology 3 (1910) 271-295; W. Brown, ibid. 296-322.

    Examples
    --------
    >>> from attnstats.ranks import reliability
    >>> round(reliability([[1, 2, 3, 4]], [[1, 2, 4, 3]]), 4)
    0.8889
    """
    (one, two), inside, _ = as_rows(mask, first=first, second=second)
    agreement = spearman_batch(one, two, mask=inside)
    if agreement.undefined == len(one):
        raise TooFewSamplesError(
            f"first and second: must both vary over the tokens of an example; got none that does among {len(one)}"
        )
    correlation = agreement.mean()
    if correlation <= -1:
        raise InvalidInputError("first and second: must not be in exactly opposite order in every example; got r = -1")
    return 2 * correlation / (1 + correlation)


def reference_concordance(
    x: ArrayLike,
    first: ArrayLike,
    second: ArrayLike,
    *,
    edges: ArrayLike,
    mask: ArrayLike | None = None,
    n_resamples: int = 20,
    rng: RNGLike = None,
) -> ConcordanceCurve:
    """Return the concordance curve to expect if x had the true order of y, and y were only measured with noise.

    A parametric bootstrap from two independent measurements of y with equal noise, of which the observed y is the mean
    m. A curve of `concordance_curve` of x with m below this one cannot be explained by the noise.

    Parameters
    ----------
    x : array_like, shape (n_examples, n_tokens)
        The quantity with the gaps, such as log attention.
    first, second : array_like, shape (n_examples, n_tokens)
        The two measurements of y, for instance pointwise information from two halves of the training examples.
    edges, mask
        As in `concordance_curve`.
    n_resamples : int
        Number of simulated measurements; their counts are averaged.
    rng : seed or Generator, optional
        Source of the noise.

    Returns
    -------
    ConcordanceCurve
        Its `concordant` is the mean over the resamples.

    Raises
    ------
    InvalidInputError, NonFiniteError
        As `concordance_curve`.

    Notes
    -----
    Noise is Gaussian and equal for the tokens of an example; its variance, var(first - second) / 4 as a share of that
    of m, is estimated from all examples together. Where the share reaches 1, or m does not vary, the reference is one
    half throughout. The true values have the order of x and the distribution of m: x and m are standardised within each
    example, and matched by rank over all examples, since within one, tokens that nearly tie in x would get neighbouring
    values of m, which do not. Where m is strongly skewed the reference is too high at small gaps, so a curve slightly
    below it is no evidence.

    Examples
    --------
    >>> from attnstats.ranks import reference_concordance
    >>> attention, exact = [[0.0, 1.0, 2.0]], [[5.0, 6.0, 7.0]]
    >>> reference_concordance(attention, exact, exact, edges=[0, 1.5, 3], rng=0).curve
    array([1., 1.])
    """
    (ordered, one, two), inside, _ = as_rows(mask, gaps=True, x=x, first=first, second=second)
    check_count(n_resamples, "n_resamples")
    generator = as_generator(rng)
    unit = max(np.abs(one[inside]).max(initial=0.0), np.abs(two[inside]).max(initial=0.0)) or 1.0
    one, two = np.where(inside, one, 0.0) / unit, np.where(inside, two, 0.0) / unit  # whose squares are finite

    observed, noise = _centred((one + two) / 2, inside), _centred((one - two) / 2, inside)
    spread = np.sqrt((observed**2).sum(axis=1, keepdims=True))
    share = min(float((noise**2).sum() / (observed**2).sum()), 1.0) if spread.any() else 1.0

    # True values in the order of x: matched by rank over all examples, then put on the scale of each example.
    freedom = np.sqrt(np.maximum(inside.sum(axis=1, keepdims=True) - 1, 1))
    positions = _standardised(ordered, inside)[inside]
    truth = np.zeros_like(observed)
    matched = np.empty_like(positions)
    matched[np.argsort(positions, kind="stable")] = np.sort(_standardised(observed, inside)[inside])
    truth[inside] = matched
    truth = np.sqrt(1 - share) * spread / freedom * _standardised(truth, inside)
    scale = np.sqrt(share) * spread / freedom

    curves = [
        concordance_curve(ordered, truth + scale * generator.standard_normal(truth.shape), edges=edges, mask=inside)
        for _ in range(n_resamples)
    ]
    return replace(
        curves[0],
        concordant=np.mean([curve.concordant for curve in curves], axis=0),
        log_gap_concordant=np.mean([curve.log_gap_concordant for curve in curves], axis=0),
    )


def _centred(values: FloatArray, mask: BoolArray) -> FloatArray:
    """Return values less the mean of their example, and 0 outside the mask."""
    inside = np.where(mask, values, 0.0)
    means = inside.sum(axis=1, keepdims=True) / np.maximum(mask.sum(axis=1, keepdims=True), 1)
    return np.where(mask, inside - means, 0.0)


def _standardised(values: FloatArray, mask: BoolArray) -> FloatArray:
    """Return values with mean 0 and unbiased variance 1 in their example, all 0 where they are constant."""
    inside = np.where(mask, values, 0.0)
    largest = np.abs(inside).max(axis=1, keepdims=True, initial=0.0)
    centred = _centred(inside / np.where(largest > 0, largest, 1.0), mask)
    variance = (centred**2).sum(axis=1, keepdims=True) / np.maximum(mask.sum(axis=1, keepdims=True) - 1, 1)
    return centred / np.sqrt(np.where(variance > 0, variance, 1.0))
