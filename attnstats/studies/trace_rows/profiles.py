"""Information profiles: mutual information of the output and the states at each attention rank, or each position."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from attnstats._validation import FloatArray, IntArray, RealArray, check_count
from attnstats.exceptions import InvalidInputError, TooFewSamplesError
from attnstats.frame import Row, encode_parameters
from attnstats.information import MIEstimator, mutual_information, pointwise_mutual_information
from attnstats.information.interface import brief, overrides
from attnstats.ranks import kendall_batch
from attnstats.resampling import Permutation
from attnstats.studies.trace_rows._measures import RowsAndOutcomes, output_entropy
from attnstats.studies.trace_rows.outputs import Output, PredictedClass
from attnstats.trace import AttentionTrace


@dataclass(frozen=True)
class RankView:
    """Information by attention rank: I(h_(r); output), h_(r) the state with the r-th largest attention of its example.

    Defined for free text. Only examples with at least `ranks` tokens take part, so every rank has the same sample.
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


class Profiled(NamedTuple):
    """What the information is about, how it is estimated, and its null; the first output and estimator decide."""

    outputs: Sequence[Output]
    estimators: Sequence[MIEstimator]
    null: Permutation


def rank_rows(trace: AttentionTrace, view: RankView, profiled: Profiled, rng: np.random.Generator) -> RowsAndOutcomes:
    """Return rows of I(h_(r); output), and the mean over ranks of each example's pointwise information over H."""
    long_enough = np.flatnonzero(trace.lengths >= view.ranks)
    codes = _codes(trace, profiled.outputs, long_enough, f"ranks: {view.ranks}")
    order = np.argsort(np.where(trace.mask, -trace.attention, np.inf), axis=1, kind="stable")[long_enough]
    places = [order[:, rank] for rank in range(view.ranks)]
    states = [trace.hidden[long_enough, place].astype(np.float64) for place in places]
    weights = np.array([trace.attention[long_enough, place].mean(dtype=np.float64) for place in places])
    examples = np.full(trace.n_examples, np.nan)
    rows, examples[long_enough] = _information_rows(states, weights, codes, "rank", profiled, rng)
    return rows, {"information": examples}


def position_rows(trace: AttentionTrace, view: PositionView, profiled: Profiled, rng: np.random.Generator) -> list[Row]:
    """Return rows of I(h_t; output), with the mean attention of each position."""
    long_enough = np.flatnonzero(trace.mask[:, : view.positions].sum(axis=1) == view.positions)
    codes = _codes(trace, profiled.outputs, long_enough, f"positions: {view.positions}")
    states = [trace.hidden[long_enough, place].astype(np.float64) for place in range(view.positions)]
    weights = trace.attention[long_enough, : view.positions].mean(axis=0, dtype=np.float64)
    rows, _ = _information_rows(states, weights, codes, "position", profiled, rng)
    shared: dict[str, Any] = {"view": "position", "unit": "proportion", "n": len(long_enough)}
    for place, weight in enumerate(weights, start=1):
        at = encode_parameters(position=place)
        rows.append(Row(quantity="position_attention", parameters=at, value=float(weight), **shared))
    return rows


def whole_state_rows(trace: AttentionTrace, estimator: MIEstimator, rng: np.random.Generator) -> RowsAndOutcomes:
    """Return I(c; output), and the leakage check I(a; output): attention may carry the output itself (Bai 2021)."""
    entropy = output_entropy(trace.predicted)
    varying = trace.attention[:, np.ptp(trace.attention, axis=0) > 0]
    context = pointwise_mutual_information(trace.context, trace.predicted, estimator, rng=rng) / entropy
    shared: dict[str, Any] = {"unit": "share of H", "n": trace.n_examples, "estimator": brief(estimator)}
    rows = [Row(quantity="mi_context", value=float(context.mean()), output=str(PredictedClass()), **shared)]
    if varying.shape[1]:
        leak = mutual_information(varying, trace.predicted, estimator, rng=rng).value / entropy
        rows.append(Row(quantity="mi_attention", value=leak, **shared))
    return rows, {"context_information": context}


def _codes(trace: AttentionTrace, outputs: Sequence[Output], chosen: IntArray, rule: str) -> dict[str, IntArray]:
    """Return the classes of some examples under each output, by its name."""
    codes = {str(output): output.codes(trace)[chosen] for output in outputs}
    for name, values in codes.items():
        if len(np.unique(values)) < 2:
            raise TooFewSamplesError(
                f"{rule}: must be few enough that texts of two classes ({name}) have as many tokens; "
                f"got {len(chosen)} such text(s)"
            )
    return codes


def _information_rows(
    states: Sequence[RealArray],
    weights: FloatArray,
    codes: Mapping[str, IntArray],
    view: str,
    profiled: Profiled,
    rng: np.random.Generator,
) -> tuple[list[Row], FloatArray]:
    """Rows for each state, and the mean local terms of the first estimator about the first output, in shares of H.

    These have a null floor. The other estimators are applied to the first output, the first one to the other outputs.
    """
    (first, output), *others = codes.items()
    deciding, entropy = profiled.estimators[0], output_entropy(output)
    terms = [pointwise_mutual_information(state, output, deciding, rng=rng) for state in states]
    floors = [_null_floor(state, output, deciding, profiled.null.n_resamples, rng) for state in states]
    shared: dict[str, Any] = {"view": view, "n": len(output)}
    rows = _estimate_rows(
        [float(each.mean()) for each in terms],
        floors,
        weights,
        entropy,
        shared | {"estimator": brief(deciding), "output": first},
    )
    variants = [(first, output, each) for each in profiled.estimators[1:]] + [(*each, deciding) for each in others]
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
    """Return rows of the information at each place, of its mean, and of its order against that of mean attention."""
    rows: list[Row] = []
    for place, (value, floor) in enumerate(zip(values, floors, strict=True), start=1):
        at = {"parameters": encode_parameters(**{shared["view"]: place}), **shared}
        rows.append(Row(quantity="mi", value=value, unit="nats", null_floor=floor, **at))
        rows.append(_share_row("mi_normalised", value, floor, entropy, at))
    known = [floor for floor in floors if floor is not None]
    mean_floor = float(np.mean(known)) if known else None
    every = {"parameters": encode_parameters(**{f"{shared['view']}s": len(values)}), **shared}
    tau = float(kendall_batch(np.array([values]), weights[np.newaxis]).statistic[0])
    rows += [
        _share_row("mi_normalised_mean", float(np.mean(values)), mean_floor, entropy, every),
        Row(
            quantity="profile_tau_b",
            value=None if np.isnan(tau) else tau,
            unit="correlation",
            undefined=int(np.isnan(tau)),
            **every | {"n": len(values)},
        ),
    ]
    return rows


def _share_row(quantity: str, value: float, floor: float | None, entropy: float, columns: dict[str, Any]) -> Row:
    share = None if floor is None else floor / entropy
    return Row(quantity=quantity, value=value / entropy, unit="share of H", null_floor=share, **columns)
