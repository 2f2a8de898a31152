"""Orders of tokens: attention against pointwise MI in every example, near ties apart, and under each ablation."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from attnstats._validation import BoolArray, FloatArray, IntArray, RealArray
from attnstats.exceptions import ConstantInputError
from attnstats.frame import Row, encode_parameters
from attnstats.information import Probe, SplitHalf, pointwise_mutual_information
from attnstats.information.interface import brief
from attnstats.ranks import (
    ConcordanceCurve,
    concordance_curve,
    kendall_batch,
    reference_concordance,
    reliability,
    spearman_batch,
    top_k_overlap_batch,
    weighted_tau_batch,
)
from attnstats.studies.trace_rows._measures import RowsAndOutcomes, mean_row, output_entropy
from attnstats.studies.trace_rows.outputs import Output, PredictedClass
from attnstats.trace import AttentionTrace

#: Bins of |log a - log a'| for the concordance curve: nearly equal weights up to a factor of e^4 and more.
GAP_EDGES = (0.0, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 100.0)

#: Size of the top whose overlap is reported beside the rank correlations.
TOP_K = 3


@dataclass(frozen=True)
class PointwiseView:
    """Information token by token: i(h_t; output) from a cross-fitted probe, one order of tokens per example.

    Parameters
    ----------
    probe : Probe
        One function for the states of all tokens, linear by default. States that carry their information in another
        direction for each token, as raw embeddings do, need ``Probe(model=NeuralNetwork())``.
    """

    probe: Probe = field(default_factory=Probe)


def pointwise_matrices(
    trace: AttentionTrace, output: IntArray, view: PointwiseView, rng: np.random.Generator
) -> SplitHalf:
    """Return pointwise MI of every token, whole and from two halves, each of shape (n_examples, n_tokens)."""
    states, of_token, groups = _tokens(trace, output)
    halves = view.probe.split_half(states, of_token, groups=groups, rng=rng)
    return SplitHalf(*(_matrix(trace, values) for values in halves))


def order_rows(
    trace: AttentionTrace, view: PointwiseView, pointwise: SplitHalf, near_tie: float, rng: np.random.Generator
) -> RowsAndOutcomes:
    """Return rows of the agreement of attention and pointwise MI, and each example's tau-b and near-tie counts.

    Beside the counts stands whether the attention of the example is near-uniform.
    """
    values, first, second = pointwise
    shared: dict[str, Any] = {"view": "pointwise", "estimator": brief(view.probe), "output": str(PredictedClass())}
    taus = kendall_batch(trace.attention, values, mask=trace.mask)
    rhos = spearman_batch(trace.attention, values, mask=trace.mask)
    weighted = weighted_tau_batch(trace.attention, values, mask=trace.mask)
    top = top_k_overlap_batch(trace.attention, values, k=TOP_K, mask=trace.mask)
    rows = [
        mean_row("tau_b", taus.statistic, "correlation", ties=float(np.nanmean(taus.tie_fraction)), **shared),
        mean_row("spearman", rhos.statistic, "correlation", **shared),
        mean_row("weighted_tau", weighted.statistic, "correlation", **shared),
        mean_row("top_k_overlap", top, "proportion", parameters=encode_parameters(k=TOP_K), **shared),
        _mean_information_row(trace, values, trace.predicted, **shared),
        Row(
            quantity="mi_reliability",
            value=reliability(first, second, mask=trace.mask),
            unit="correlation",
            n=trace.n_examples,
            **shared,
        ),
    ]
    logs, positive = _log_attention(trace)
    edges = sorted({*GAP_EDGES, near_tie})
    # The reference carries the noise of the mean of two halves, so the curve beside it is that of the same mean.
    curve = concordance_curve(logs, (first + second) / 2, edges=edges, mask=positive)
    whole = concordance_curve(logs, values, edges=edges, mask=positive)
    reference = reference_concordance(logs, first, second, edges=edges, mask=positive, rng=rng)
    for quantity, each in (("concordance", curve), ("concordance_reference", reference)):
        bins = zip(pairwise(edges), each.concordant.sum(axis=0), each.pairs.sum(axis=0), strict=True)
        for (low, high), concordant, pairs in bins:
            if pairs:
                at = encode_parameters(gap_low=low, gap_high=high)
                share = float(concordant / pairs)
                rows.append(
                    Row(quantity=quantity, parameters=at, value=share, unit="proportion", n=int(pairs), **shared)
                )
    rows.append(_slope_row(curve, **shared))
    near = edges.index(near_tie)
    rows.append(_near_tie_row(whole, near, **shared))
    uniform = _near_uniform(trace, whole, near)
    rows += _near_uniform_rows(uniform, whole.pairs[:, :near].sum(axis=1))
    examples = {"tau_b": taus.statistic, "near_uniform": uniform}
    for name, each in (("near_tie", whole), ("near_tie_halves", curve), ("near_tie_reference", reference)):
        examples[f"{name}_concordant"] = each.concordant[:, :near].sum(axis=1)
        examples[f"{name}_pairs"] = each.pairs[:, :near].sum(axis=1).astype(np.float64)
    return rows, examples


def other_output_rows(
    trace: AttentionTrace, output: Output, view: PointwiseView, near_tie: float, rng: np.random.Generator
) -> list[Row]:
    """Return the agreement of attention with pointwise MI about another output than the predicted class."""
    codes = output.codes(trace)
    states, of_token, groups = _tokens(trace, codes)
    values = _matrix(trace, pointwise_mutual_information(states, of_token, view.probe, groups=groups, rng=rng))
    shared: dict[str, Any] = {"view": "pointwise", "estimator": brief(view.probe), "output": str(output)}
    taus = kendall_batch(trace.attention, values, mask=trace.mask)
    logs, positive = _log_attention(trace)
    curve = concordance_curve(logs, values, edges=(0.0, near_tie), mask=positive)
    return [
        mean_row("tau_b", taus.statistic, "correlation", ties=float(np.nanmean(taus.tie_fraction)), **shared),
        _mean_information_row(trace, values, codes, **shared),
        _near_tie_row(curve, 1, **shared),
    ]


def _log_attention(trace: AttentionTrace) -> tuple[FloatArray, BoolArray]:
    """Return the log of the weights, and which tokens have one.

    Sparse normalizers give weights of exactly zero, whose log has no gap: such tokens are no near ties of anything.
    """
    positive = trace.mask & (trace.attention > 0)
    return np.log(np.where(positive, trace.attention, 1.0).astype(np.float64)), positive


def _mean_information_row(trace: AttentionTrace, values: FloatArray, codes: IntArray, **columns: Any) -> Row:
    mean = float(values[trace.mask].mean()) / output_entropy(codes)
    return Row(quantity="mi_pointwise_mean", value=mean, unit="share of H", n=int(trace.mask.sum()), **columns)


def _near_tie_row(curve: ConcordanceCurve, n_bins: int, **columns: Any) -> Row:
    """Return the share of pairs in the first bins of a curve that both orders rank alike."""
    pairs = int(curve.pairs[:, :n_bins].sum())
    share = float(curve.concordant[:, :n_bins].sum() / pairs) if pairs else None
    return Row(
        quantity="near_tie_concordance", value=share, unit="proportion", n=pairs, undefined=int(not pairs), **columns
    )


def _near_uniform(trace: AttentionTrace, curve: ConcordanceCurve, n_bins: int) -> FloatArray:
    """Return one where at least half of an example's pairs of tokens are near ties or tied, else zero.

    That is where the median of the gaps |log a - log a'|, the lower one of an even number, is that of a near tie. A
    pair with a weight of zero has no gap and is none; an example of one token has no pairs.
    """
    near = curve.pairs[:, :n_bins].sum(axis=1) + curve.tied
    pairs = trace.lengths * (trace.lengths - 1) // 2
    return np.asarray((pairs > 0) & (2 * near >= pairs), dtype=np.float64)


def _near_uniform_rows(uniform: FloatArray, near_ties: IntArray) -> list[Row]:
    """Return the share of examples of near-uniform attention, and that of the near ties that lie in them."""
    total = int(near_ties.sum())
    share = float((uniform * near_ties).sum() / total) if total else None
    return [
        mean_row("near_uniform", uniform, "proportion"),
        Row(quantity="near_tie_uniform", value=share, unit="proportion", n=total, undefined=int(not total)),
    ]


def _slope_row(curve: ConcordanceCurve, **columns: Any) -> Row:
    try:
        columns["value"] = curve.slope()
    except ConstantInputError:  # weights so sparse that no two gaps are left
        columns["undefined"] = 1
    return Row(quantity="concordance_slope", unit="per log gap", **columns)


def _tokens(trace: AttentionTrace, output: IntArray) -> tuple[RealArray, IntArray, IntArray]:
    """Return the states of all real tokens, the output of the example of each, and that example."""
    groups = np.repeat(np.arange(trace.n_examples), trace.lengths)
    return trace.hidden[trace.mask].astype(np.float64), output[groups], groups


def _matrix(trace: AttentionTrace, values: FloatArray) -> FloatArray:
    matrix = np.zeros(trace.mask.shape)
    matrix[trace.mask] = values
    return matrix
