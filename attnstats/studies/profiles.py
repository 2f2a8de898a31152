"""Information profiles: how much the states at each attention rank, or each position, tell of the output."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from attnstats._validation import FloatArray, IntArray, check_count
from attnstats.exceptions import TooFewSamplesError
from attnstats.frame import Row, encode_parameters
from attnstats.information import MIEstimator, mutual_information, pointwise_mutual_information
from attnstats.information.interface import brief
from attnstats.resampling import Permutation
from attnstats.studies.measures import output_entropy
from attnstats.trace import AttentionTrace, RealArray

__all__ = ["PositionView", "RankView", "position_rows", "rank_rows", "whole_state_rows"]


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
    estimators: Sequence[MIEstimator],
    null: Permutation,
    rng: np.random.Generator,
) -> tuple[list[Row], FloatArray]:
    """Return rows of I(h_(r); output), and the mean over ranks of each example's pointwise information over H."""
    long_enough = np.flatnonzero(trace.lengths >= view.ranks)
    output = _varying_output(trace, long_enough, f"ranks: {view.ranks}")
    order = np.argsort(np.where(trace.mask, -trace.attention, np.inf), axis=1, kind="stable")[long_enough]
    states = [trace.hidden[long_enough, order[:, rank]] for rank in range(view.ranks)]
    rows, pointwise = _information_rows(states, output, "rank", estimators, null, rng)
    examples = np.full(trace.n_examples, np.nan)
    examples[long_enough] = pointwise
    entropy = output_entropy(output)
    for estimator in estimators:
        values = [row.value for row in rows if row.estimator == brief(estimator) and row.quantity == "mi_normalised"]
        floors = [row.null_floor for row in rows if row.estimator == brief(estimator) and row.quantity == "mi"]
        rows.append(
            Row(
                quantity="mi_normalised_mean",
                view="rank",
                estimator=brief(estimator),
                parameters=encode_parameters(ranks=view.ranks),
                value=float(np.mean(values)),  # type: ignore[arg-type]
                unit="share of H",
                n=len(output),
                null_floor=float(np.mean(floors)) / entropy,  # type: ignore[arg-type]
            )
        )
    return rows, examples


def position_rows(
    trace: AttentionTrace,
    view: PositionView,
    estimators: Sequence[MIEstimator],
    null: Permutation,
    rng: np.random.Generator,
) -> list[Row]:
    """Return rows of I(h_t; output), with the mean attention of each position."""
    long_enough = np.flatnonzero(trace.mask[:, : view.positions].sum(axis=1) == view.positions)
    output = _varying_output(trace, long_enough, f"positions: {view.positions}")
    states = [trace.hidden[long_enough, place] for place in range(view.positions)]
    rows, _ = _information_rows(states, output, "position", estimators, null, rng)
    weights = trace.attention[long_enough, : view.positions].mean(axis=0)
    rows += [
        Row(
            quantity="position_attention",
            view="position",
            parameters=encode_parameters(position=place + 1),
            value=float(weight),
            unit="proportion",
            n=len(output),
        )
        for place, weight in enumerate(weights)
    ]
    return rows


def whole_state_rows(
    trace: AttentionTrace, estimator: MIEstimator, rng: np.random.Generator
) -> tuple[list[Row], FloatArray]:
    """Return I(c; output), and the leakage check I(a; output): attention may carry the output itself (Bai 2021)."""
    entropy = output_entropy(trace.predicted)
    weights = np.where(trace.mask, trace.attention, 0)
    varying = weights[:, np.ptp(weights, axis=0) > 0]
    context = pointwise_mutual_information(trace.context, trace.predicted, estimator, rng=rng) / entropy
    rows = [
        Row(
            quantity="mi_context",
            value=float(context.mean()),
            unit="share of H",
            n=len(context),
            estimator=brief(estimator),
        )
    ]
    if varying.shape[1]:
        leak = mutual_information(varying, trace.predicted, estimator, rng=rng).value / entropy
        rows.append(
            Row(quantity="mi_attention", value=leak, unit="share of H", n=len(weights), estimator=brief(estimator))
        )
    return rows, context


def _varying_output(trace: AttentionTrace, chosen: IntArray, rule: str) -> IntArray:
    output: IntArray = trace.predicted[chosen]
    if len(np.unique(output)) < 2:
        raise TooFewSamplesError(
            f"{rule}: must leave examples of two predicted classes that are long enough; got {len(chosen)} example(s)"
        )
    return output


def _information_rows(
    states: Sequence[RealArray],
    output: IntArray,
    view: str,
    estimators: Sequence[MIEstimator],
    null: Permutation,
    rng: np.random.Generator,
) -> tuple[list[Row], FloatArray]:
    """Rows for each state and estimator, and the mean pointwise information of the first estimator, in shares of H."""
    entropy = output_entropy(output)
    rows: list[Row] = []
    pointwise = np.zeros(len(output))
    for number, estimator in enumerate(estimators):
        for place, state in enumerate(states, start=1):
            floor = mutual_information(state, output, estimator, null=null, rng=rng).null_floor
            values = pointwise_mutual_information(state, output, estimator, rng=rng)
            if number == 0:
                pointwise += values / entropy / len(states)
            shared: dict[str, Any] = {
                "view": view,
                "estimator": brief(estimator),
                "parameters": encode_parameters(**{view: place}),
                "n": len(output),
            }
            value = float(values.mean())
            rows += [
                Row(quantity="mi", value=value, unit="nats", null_floor=floor, **shared),
                Row(
                    quantity="mi_normalised",
                    value=value / entropy,
                    unit="share of H",
                    null_floor=None if floor is None else floor / entropy,
                    **shared,
                ),
            ]
    return rows, pointwise
