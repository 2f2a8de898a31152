"""Information profiles: mutual information of the output and the states at each attention rank, or each position."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from attnstats._validation import FloatArray, IntArray, check_count
from attnstats.exceptions import InvalidInputError, TooFewSamplesError
from attnstats.frame import Row, encode_parameters
from attnstats.information import MIEstimator, mutual_information, pointwise_mutual_information
from attnstats.information.interface import brief, overrides
from attnstats.ranks import kendall_batch
from attnstats.resampling import Permutation
from attnstats.studies.trace_rows._measures import output_entropy
from attnstats.studies.trace_rows.outputs import Output, PredictedClass
from attnstats.trace import AttentionTrace, RealArray


@dataclass(frozen=True)
class RankView:
    """Information by attention rank: I(h_(r); output), h_(r) the state with the r-th largest attention of its example.

    Defined for free text, where position t is no stable feature. Only examples with at least `ranks` tokens take part,
    so that every rank has the same sample.
    """

    ranks: int = 6

    def __post_init__(self) -> None:
        check_count(self.ranks, "ranks")


@dataclass(frozen=True)
class PositionView:
    """Information by position: I(h_t; output) for the first `positions` tokens, for texts with fixed slots."""

    positions: int = 6

    def __post_init__(self) -> None:
        check_count(self.positions, "positions")


def rank_rows(
    trace: AttentionTrace,
    view: RankView,
    outputs: Sequence[Output],
    estimators: Sequence[MIEstimator],
    null: Permutation,
    rng: np.random.Generator,
) -> tuple[list[Row], FloatArray]:
    """Return rows of I(h_(r); output), and the mean over ranks of each example's pointwise information over H."""
    long_enough = np.flatnonzero(trace.lengths >= view.ranks)
    codes = _codes(trace, outputs, long_enough, f"ranks: {view.ranks}")
    order = np.argsort(np.where(trace.mask, -trace.attention, np.inf), axis=1, kind="stable")[long_enough]
    places = [order[:, rank] for rank in range(view.ranks)]
    states = [trace.hidden[long_enough, place].astype(np.float64) for place in places]
    weights = np.array([trace.attention[long_enough, place].mean(dtype=np.float64) for place in places])
    rows, pointwise = _information_rows(states, weights, codes, "rank", estimators, null, rng)
    examples = np.full(trace.n_examples, np.nan)
    examples[long_enough] = pointwise
    return rows, examples


def position_rows(
    trace: AttentionTrace,
    view: PositionView,
    outputs: Sequence[Output],
    estimators: Sequence[MIEstimator],
    null: Permutation,
    rng: np.random.Generator,
) -> list[Row]:
    """Return rows of I(h_t; output), with the mean attention of each position."""
    long_enough = np.flatnonzero(trace.mask[:, : view.positions].sum(axis=1) == view.positions)
    codes = _codes(trace, outputs, long_enough, f"positions: {view.positions}")
    states = [trace.hidden[long_enough, place].astype(np.float64) for place in range(view.positions)]
    weights = trace.attention[long_enough, : view.positions].mean(axis=0, dtype=np.float64)
    rows, _ = _information_rows(states, weights, codes, "position", estimators, null, rng)
    rows += [
        Row(
            quantity="position_attention",
            view="position",
            parameters=encode_parameters(position=place + 1),
            value=float(weight),
            unit="proportion",
            n=len(long_enough),
        )
        for place, weight in enumerate(weights)
    ]
    return rows


def whole_state_rows(
    trace: AttentionTrace, estimator: MIEstimator, rng: np.random.Generator
) -> tuple[list[Row], FloatArray]:
    """Return I(c; output), and the leakage check I(a; output): attention may carry the output itself (Bai 2021)."""
    entropy = output_entropy(trace.predicted)
    weights = trace.attention
    varying = weights[:, np.ptp(weights, axis=0) > 0]
    context = pointwise_mutual_information(trace.context, trace.predicted, estimator, rng=rng) / entropy
    rows = [
        Row(
            quantity="mi_context",
            value=float(context.mean()),
            unit="share of H",
            n=len(context),
            estimator=brief(estimator),
            output=str(PredictedClass()),
        )
    ]
    if varying.shape[1]:
        leak = mutual_information(varying, trace.predicted, estimator, rng=rng).value / entropy
        rows.append(
            Row(quantity="mi_attention", value=leak, unit="share of H", n=len(weights), estimator=brief(estimator))
        )
    return rows, context


def _codes(trace: AttentionTrace, outputs: Sequence[Output], chosen: IntArray, rule: str) -> dict[str, IntArray]:
    """Return the classes of some examples under each output, by its name."""
    codes = {str(output): output.codes(trace)[chosen] for output in outputs}
    for name, values in codes.items():
        if len(np.unique(values)) < 2:
            raise TooFewSamplesError(
                f"{rule}: must leave examples of two classes ({name}) of such length; got {len(chosen)} example(s)"
            )
    return codes


def _information_rows(
    states: Sequence[RealArray],
    weights: FloatArray,
    codes: Mapping[str, IntArray],
    view: str,
    estimators: Sequence[MIEstimator],
    null: Permutation,
    rng: np.random.Generator,
) -> tuple[list[Row], FloatArray]:
    """Rows for each state, and the mean local terms of the first estimator about the first output, in shares of H.

    These have a null floor, and the tests use them. The other estimators are applied to the first output, and the first
    estimator to the other outputs; a row of ``not_estimated`` holds the error of an estimate that fails.
    """
    (first, output), *others = codes.items()
    deciding, entropy = estimators[0], output_entropy(output)
    terms = [pointwise_mutual_information(state, output, deciding, rng=rng) for state in states]
    floors = [_null_floor(state, output, deciding, null.n_resamples, rng) for state in states]
    shared: dict[str, Any] = {"view": view, "n": len(output)}
    rows = _estimate_rows(
        [float(each.mean()) for each in terms],
        floors,
        weights,
        entropy,
        shared | {"estimator": brief(deciding), "output": first},
    )
    variants = [(first, output, each) for each in estimators[1:]] + [(*each, deciding) for each in others]
    for name, classes, estimator in variants:
        shared |= {"estimator": brief(estimator), "output": name}
        try:
            values = [mutual_information(state, classes, estimator, rng=rng).value for state in states]
        except InvalidInputError as error:
            rows.append(Row(quantity="not_estimated", parameters=encode_parameters(error=str(error)), **shared))
            continue
        rows += _estimate_rows(values, [None] * len(values), weights, output_entropy(classes), shared)
    return rows, np.mean(terms, axis=0) / entropy


def _null_floor(
    state: RealArray, output: IntArray, estimator: MIEstimator, n_resamples: int, rng: np.random.Generator
) -> float:
    """Return the mean estimate of a state and permuted outputs, nats."""
    if overrides(estimator, MIEstimator.permuted_estimates):
        rows = np.array([rng.permutation(len(output)) for _ in range(n_resamples)])
        return float(estimator.permuted_estimates(state, output, rows).mean())
    return float(np.mean([estimator.estimate(state, rng.permutation(output), rng=rng) for _ in range(n_resamples)]))


def _estimate_rows(
    values: Sequence[float], floors: Sequence[float | None], weights: FloatArray, entropy: float, shared: dict[str, Any]
) -> list[Row]:
    """Return rows of the information at each place, in nats and in shares of H, of its mean, and of its order.

    The order of the places by information is set against that by their mean attention; where all of either are equal
    there is none.
    """
    rows: list[Row] = []
    known = [floor for floor in floors if floor is not None]
    for place, (value, floor) in enumerate(zip(values, floors, strict=True), start=1):
        at = encode_parameters(**{shared["view"]: place})
        share = None if floor is None else floor / entropy
        rows += [
            Row(quantity="mi", value=value, unit="nats", null_floor=floor, parameters=at, **shared),
            Row(
                quantity="mi_normalised",
                value=value / entropy,
                unit="share of H",
                null_floor=share,
                parameters=at,
                **shared,
            ),
        ]
    every = {"parameters": encode_parameters(**{f"{shared['view']}s": len(values)}), **shared}
    tau = float(kendall_batch(np.array([values]), weights[np.newaxis]).statistic[0])
    rows += [
        Row(
            quantity="mi_normalised_mean",
            value=float(np.mean(values)) / entropy,
            unit="share of H",
            null_floor=float(np.mean(known)) / entropy if known else None,
            **every,
        ),
        Row(
            quantity="profile_tau_b",
            value=None if np.isnan(tau) else tau,
            unit="correlation",
            undefined=int(np.isnan(tau)),
            **every | {"n": len(values)},
        ),
    ]
    return rows
