"""One trace becomes rows of the results frame; the study and people with their own arrays share this road."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from attnstats._validation import FloatArray, IntArray, RNGLike, as_generator, check_count
from attnstats.ablation import Ablation, AttentionModel, ablate, total_variation
from attnstats.exceptions import ConstantInputError, InvalidInputError, TooFewSamplesError
from attnstats.frame import Row, encode_parameters, to_frame
from attnstats.information import MIEstimator, Probe, mutual_information, pointwise_mutual_information
from attnstats.ranks import concordance_curve, kendall_batch, reference_concordance, reliability, spearman_batch
from attnstats.resampling import Permutation
from attnstats.studies.measures import conicity, effective_positions, entropy_deficit, gini, output_entropy
from attnstats.trace import AttentionTrace, RealArray

__all__ = ["PointwiseView", "PositionView", "RankView", "TraceAnalysis", "View", "analyse_trace"]

#: Bins of |log a - log a'| for the concordance curve: nearly equal weights up to a factor of e^4 and more.
GAP_EDGES = (0.0, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 100.0)


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


@dataclass(frozen=True)
class PointwiseView:
    """Information token by token: i(h_t; output) from a cross-fitted probe, one order of tokens per example."""

    probe: Probe = field(default_factory=Probe)


View: TypeAlias = RankView | PositionView | PointwiseView


@dataclass(frozen=True, eq=False)
class TraceAnalysis:
    """What one trace holds.

    Parameters
    ----------
    frame : DataFrame
        Results frame of this trace.
    examples : DataFrame
        One row per example and one column per outcome (``tau_b``, ``information``, ``gini``, ...), NaN where an outcome
        is undefined: what crossed intervals over models and examples are made of.
    """

    frame: pd.DataFrame
    examples: pd.DataFrame


def analyse_trace(
    trace: AttentionTrace,
    *,
    views: Sequence[View] = (RankView(), PointwiseView()),
    estimators: Sequence[MIEstimator] = (Probe(),),
    ablations: Sequence[Ablation] = (),
    model: AttentionModel | None = None,
    null: Permutation | None = None,
    near_tie: float = GAP_EDGES[1],
    sample: Sequence[int] = (),
    class_names: Sequence[str] | None = None,
    rng: RNGLike = None,
) -> TraceAnalysis:
    """Return the information, agreement, skew and ablation rows of one trace.

    Parameters
    ----------
    trace : AttentionTrace
        From `attnstats.models.trace_attention` or your own arrays.
    views : sequence of RankView, PositionView, PointwiseView
        How information is laid beside attention.
    estimators : sequence of MIEstimator
        Estimators for a vector and a class; the first one also measures the context vector and the attention itself.
    ablations : sequence of Ablation
        Interventions whose attention is set against the intact model's pointwise MI.
    model : AttentionModel, optional
        The trained model, for the outputs under an ablation and for interventions that need it.
    null : Permutation
        Permuted pairs behind each null floor; five by default.
    near_tie : float
        Gap |log a - log a'| below which two weights count as nearly equal.
    sample : sequence of int
        Examples whose tokens are listed one by one.
    class_names : sequence of str, optional
        Names of the classes in that list; their numbers by default.
    rng : None, int or numpy.random.Generator
        Source of randomness (SPEC 7).

    Returns
    -------
    TraceAnalysis

    Raises
    ------
    ConstantInputError
        If the model predicts one class only: nothing can be told about a constant.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> output = rng.integers(0, 2, size=300)
    >>> hidden = rng.normal(size=(300, 6, 4)) + 2 * output[:, None, None] * (np.arange(6) == 2)[:, None]
    >>> attention = rng.dirichlet([1, 1, 9, 1, 1, 1], size=300)      # looks at token 2, which knows the output
    >>> analysis = analyse_trace(AttentionTrace.from_arrays(attention=attention, hidden=hidden, output=output), rng=1)
    >>> analysis.frame.query("quantity == 'tau_b'").value.round(1).tolist()
    [0.4]
    """
    if len(np.unique(trace.predicted)) < 2:
        raise ConstantInputError(f"output: must hold at least two predicted classes; got only {trace.predicted[0]!r}")
    streams = iter(as_generator(rng).spawn(len(views) + 2 + len(ablations)))
    null = null or Permutation(5)
    rows = _descriptive_rows(trace)
    examples: dict[str, FloatArray] = {
        "gini": gini(trace.attention, trace.mask),
        "length": trace.lengths.astype(np.float64),
    }
    if trace.label is not None:
        examples["correct"] = (trace.predicted == trace.label).astype(np.float64)
    first = estimators[0]
    whole_rows, examples["context_information"] = _whole_state_rows(trace, first, next(streams))
    rows += whole_rows
    order_stream = next(streams)
    for view in views:
        stream = next(streams)
        if isinstance(view, RankView):
            rank_rows, examples["information"] = _rank_rows(trace, view, estimators, null, stream)
            rows += rank_rows
        elif isinstance(view, PositionView):
            rows += _position_rows(trace, view, estimators, null, stream)
        else:
            pointwise = _pointwise_matrices(trace, view, stream)
            own_rows, own_examples = _order_rows(trace, view, pointwise, near_tie, order_stream)
            rows += own_rows + _sample_rows(trace, pointwise[0], own_examples["tau_b"], sample, class_names)
            examples |= own_examples
            for ablation in ablations:
                ablated = ablate(trace, ablation, model=model, rng=next(streams))
                own_rows, agreement = _ablation_rows(trace, ablated, ablation, view, pointwise[0])
                rows += own_rows
                examples[f"tau_b_{ablation.name}"] = agreement
    keys: dict[str, Any] = {name: trace.metadata[name] for name in _KEYS if name in trace.metadata}
    rows = [replace(row, **{**keys, "ablation": row.ablation or "none"}) for row in rows]
    return TraceAnalysis(to_frame(rows), pd.DataFrame(examples))


_KEYS = ("study", "dataset", "encoder", "attention", "normalizer", "seed")


def _descriptive_rows(trace: AttentionTrace) -> list[Row]:
    attention, mask, n = trace.attention, trace.mask, trace.n_examples
    largest = np.where(mask, attention, 0).max(axis=1)
    rows = [
        Row(quantity="output_entropy", value=output_entropy(trace.predicted), unit="nats", n=n),
        Row(quantity="mean_length", value=float(trace.lengths.mean()), unit="tokens", n=n),
        _mean_row("conicity", conicity(trace.hidden, mask), "cosine"),
        _mean_row("gini", gini(attention, mask), "coefficient"),
        _mean_row("entropy_deficit", entropy_deficit(attention, mask), "proportion"),
        _mean_row("max_attention", largest, "proportion"),
        _mean_row("effective_positions", effective_positions(attention, mask), "tokens"),
    ]
    if trace.label is not None:
        rows.append(_mean_row("accuracy", (trace.predicted == trace.label).astype(float), "proportion"))
    return rows


def _mean_row(quantity: str, values: FloatArray, unit: str, **columns: Any) -> Row:
    defined = values[~np.isnan(values)]
    undefined = len(values) - len(defined)
    value = float(defined.mean()) if len(defined) else None
    return Row(quantity=quantity, value=value, unit=unit, n=len(defined), undefined=undefined, **columns)


def _whole_state_rows(
    trace: AttentionTrace, estimator: MIEstimator, rng: np.random.Generator
) -> tuple[list[Row], FloatArray]:
    """I(c; output), and the leakage check I(a; output): attention may carry the output itself (Bai 2021)."""
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
            estimator=repr(estimator),
        )
    ]
    if varying.shape[1]:
        leak = mutual_information(varying, trace.predicted, estimator, rng=rng).value / entropy
        rows.append(
            Row(quantity="mi_attention", value=leak, unit="share of H", n=len(weights), estimator=repr(estimator))
        )
    return rows, context


def _rank_rows(
    trace: AttentionTrace,
    view: RankView,
    estimators: Sequence[MIEstimator],
    null: Permutation,
    rng: np.random.Generator,
) -> tuple[list[Row], FloatArray]:
    """Rows of I(h_(r); output), and the mean over ranks of each example's pointwise information, in shares of H."""
    long_enough = np.flatnonzero(trace.lengths >= view.ranks)
    output = _varying_output(trace, long_enough, f"ranks: {view.ranks}")
    order = np.argsort(np.where(trace.mask, -trace.attention, np.inf), axis=1, kind="stable")[long_enough]
    states = [trace.hidden[long_enough, order[:, rank]] for rank in range(view.ranks)]
    rows, pointwise = _information_rows(states, output, "rank", estimators, null, rng)
    examples = np.full(trace.n_examples, np.nan)
    examples[long_enough] = pointwise
    entropy = output_entropy(output)
    for estimator in estimators:
        values = [row.value for row in rows if row.estimator == repr(estimator) and row.quantity == "mi_normalised"]
        floors = [row.null_floor for row in rows if row.estimator == repr(estimator) and row.quantity == "mi"]
        rows.append(
            Row(
                quantity="mi_normalised_mean",
                view="rank",
                estimator=repr(estimator),
                parameters=encode_parameters(ranks=view.ranks),
                value=float(np.mean(values)),  # type: ignore[arg-type]
                unit="share of H",
                n=len(output),
                null_floor=float(np.mean(floors)) / entropy,  # type: ignore[arg-type]
            )
        )
    return rows, examples


def _position_rows(
    trace: AttentionTrace,
    view: PositionView,
    estimators: Sequence[MIEstimator],
    null: Permutation,
    rng: np.random.Generator,
) -> list[Row]:
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
        floor = None
        for place, state in enumerate(states, start=1):
            if floor is None:
                # Permuted pairs keep only n, the dimension and the classes, the same at every place: one floor serves.
                floor = mutual_information(state, output, estimator, null=null, rng=rng).null_floor
            values = pointwise_mutual_information(state, output, estimator, rng=rng)
            if number == 0:
                pointwise += values / entropy / len(states)
            shared: dict[str, Any] = {
                "view": view,
                "estimator": repr(estimator),
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


def _pointwise_matrices(
    trace: AttentionTrace, view: PointwiseView, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Pointwise MI of every token, shape (n_examples, n_tokens), and two measurements of it from disjoint halves."""
    states = trace.hidden[trace.mask]
    output = np.repeat(trace.predicted, trace.lengths)
    groups = np.repeat(np.arange(trace.n_examples), trace.lengths)
    matrices = []
    for values in view.probe.split_half(states, output, groups=groups, rng=rng):
        matrix = np.zeros(trace.mask.shape)
        matrix[trace.mask] = values
        matrices.append(matrix)
    return matrices[0], matrices[1], matrices[2]


def _order_rows(
    trace: AttentionTrace,
    view: PointwiseView,
    pointwise: tuple[FloatArray, FloatArray, FloatArray],
    near_tie: float,
    rng: np.random.Generator,
) -> tuple[list[Row], dict[str, FloatArray]]:
    """Rows of the agreement of attention and pointwise MI, and each example's tau-b and near-tie counts."""
    values, first, second = pointwise
    shared: dict[str, Any] = {"view": "pointwise", "estimator": repr(view.probe)}
    taus = kendall_batch(trace.attention, values, mask=trace.mask)
    rhos = spearman_batch(trace.attention, values, mask=trace.mask)
    rows = [
        _mean_row("tau_b", taus.statistic, "correlation", ties=float(np.nanmean(taus.tie_fraction)), **shared),
        _mean_row("spearman", rhos.statistic, "correlation", **shared),
        Row(
            quantity="mi_pointwise_mean",
            value=float(values[trace.mask].mean()) / output_entropy(trace.predicted),
            unit="share of H",
            n=int(trace.mask.sum()),
            **shared,
        ),
        Row(
            quantity="mi_reliability",
            value=reliability(first, second, mask=trace.mask),
            unit="correlation",
            n=trace.n_examples,
            **shared,
        ),
    ]
    # Sparse normalizers give weights of exactly zero, whose log has no gap: such tokens are no near ties of anything.
    positive = trace.mask & (trace.attention > 0)
    logs = np.log(np.where(positive, trace.attention, 1.0).astype(np.float64))
    edges = sorted({*GAP_EDGES, near_tie})
    # The reference carries the noise of the mean of two halves, so the curve beside it is that of the same mean.
    curve = concordance_curve(logs, (first + second) / 2, edges=edges, mask=positive)
    whole = concordance_curve(logs, values, edges=edges, mask=positive)
    reference = reference_concordance(logs, first, second, edges=edges, mask=positive, rng=rng)
    for quantity, each in (("concordance", curve), ("concordance_reference", reference)):
        for low, high, concordant, pairs in zip(
            edges, edges[1:], each.concordant.sum(axis=0), each.pairs.sum(axis=0), strict=False
        ):
            if pairs:
                rows.append(
                    Row(
                        quantity=quantity,
                        parameters=encode_parameters(gap_low=low, gap_high=high),
                        value=float(concordant / pairs),
                        unit="proportion",
                        n=int(pairs),
                        **shared,
                    )
                )
    rows.append(Row(quantity="concordance_slope", value=curve.slope(), unit="per log gap", **shared))
    near = edges.index(near_tie)
    examples = {"tau_b": taus.statistic}
    for name, each in (("near_tie", whole), ("near_tie_halves", curve), ("near_tie_reference", reference)):
        examples[f"{name}_concordant"] = each.concordant[:, :near].sum(axis=1)
        examples[f"{name}_pairs"] = each.pairs[:, :near].sum(axis=1).astype(np.float64)
    return rows, examples


def _ablation_rows(
    trace: AttentionTrace,
    ablated: AttentionTrace,
    ablation: Ablation,
    view: PointwiseView,
    values: FloatArray,
) -> tuple[list[Row], FloatArray]:
    """Rows of one ablation; its agreement is measured against the intact model's pointwise MI, which it holds fixed."""
    if ablation.orders_tokens:
        taus = kendall_batch(ablated.attention, values, mask=trace.mask)
        agreement, ties = taus.statistic, float(np.nanmean(taus.tie_fraction))
    else:
        # Equal weights order nothing: tau-a is exactly zero, where tau-b would be undefined.
        agreement, ties = np.zeros(trace.n_examples), 1.0
    name = ablation.name
    rows = [
        _mean_row(
            "tau_b",
            agreement,
            "correlation",
            ties=ties,
            view="pointwise",
            estimator=repr(view.probe),
            ablation=name,
        )
    ]
    if trace.label is not None:
        rows.append(
            _mean_row("accuracy", (ablated.predicted == trace.label).astype(float), "proportion", ablation=name)
        )
    if trace.output.ndim == 2:
        rows.append(_mean_row("total_variation", total_variation(trace, ablated), "proportion", ablation=name))
    return rows, agreement


def _sample_rows(
    trace: AttentionTrace,
    values: FloatArray,
    taus: FloatArray,
    sample: Sequence[int],
    class_names: Sequence[str] | None,
) -> list[Row]:
    highest = max(int(codes.max()) for codes in (trace.predicted, trace.label) if codes is not None)
    names = class_names or [str(code) for code in range(highest + 1)]
    rows = []
    for example in sample:
        if not 0 <= example < trace.n_examples:
            raise InvalidInputError(f"sample: must be below {trace.n_examples} examples; got {example}")
        if not np.isnan(taus[example]):
            rows.append(Row(quantity="tau_b", view="pointwise", example=int(example), value=float(taus[example])))
        about = {"predicted": names[trace.predicted[example]]}
        if trace.label is not None:
            about["label"] = names[trace.label[example]]
        places = np.flatnonzero(trace.mask[example])
        for number, (place, token) in enumerate(zip(places, trace.tokens(example), strict=True), start=1):
            shared: dict[str, Any] = {
                "example": int(example),
                "parameters": encode_parameters(position=number, token=token, **about),
            }
            weight, information = float(trace.attention[example, place]), float(values[example, place])
            rows += [
                Row(quantity="token_attention", value=weight, unit="proportion", **shared),
                Row(quantity="token_pointwise_mi", value=information, unit="nats", view="pointwise", **shared),
            ]
    return rows
