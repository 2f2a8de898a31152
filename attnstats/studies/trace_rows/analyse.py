"""From one trace to the rows of the results frame, for a study and for saved arrays alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attnstats._validation import FloatArray, RealArray, RNGLike, as_generator
from attnstats.ablation import Ablation, OutputHead, RetrainedAblation, ablate
from attnstats.datasets import HumanMarks
from attnstats.exceptions import ConstantInputError, InvalidInputError
from attnstats.frame import Row, encode_parameters, to_frame
from attnstats.information import MIEstimator, Probe
from attnstats.resampling import Permutation
from attnstats.results import counted
from attnstats.studies.trace_rows._description import descriptive_rows, key_columns, other_metadata
from attnstats.studies.trace_rows._interventions import ablation_rows, erasure_rows
from attnstats.studies.trace_rows._measures import RowsAndOutcomes
from attnstats.studies.trace_rows._plausibility import plausibility_rows
from attnstats.studies.trace_rows._references import attribution_rows, known_information_rows
from attnstats.studies.trace_rows._sample import check_sample, other_sample_rows, sample_rows
from attnstats.studies.trace_rows.orders import (
    GAP_EDGES,
    PointwiseView,
    order_rows,
    other_output_rows,
    pointwise_matrices,
)
from attnstats.studies.trace_rows.outputs import Output, PredictedClass
from attnstats.studies.trace_rows.profiles import (
    PositionView,
    Profiled,
    RankView,
    position_rows,
    rank_rows,
    whole_state_rows,
)
from attnstats.trace import AttentionTrace, check_trace

View: TypeAlias = RankView | PositionView | PointwiseView


@dataclass(frozen=True, eq=False, repr=False)
class TraceAnalysis:
    """Results of one trace.

    Parameters
    ----------
    frame : DataFrame
        Results frame of this trace.
    examples : DataFrame
        One row per example and one column per outcome (``tau_b``, ``gini``, ...), NaN where an outcome is undefined.
    attention : ndarray of float32, shape (n_examples, n_tokens)
        The attention, NaN at padding.
    """

    frame: pd.DataFrame
    examples: pd.DataFrame
    attention: NDArray[np.float32]

    def to_frame(self) -> pd.DataFrame:
        """Return the results frame, which `attnstats.report` makes tables and figures of and `evaluate` takes."""
        return self.frame.copy()

    def __repr__(self) -> str:
        sizes = f"frame of {counted(len(self.frame), 'row')}, {counted(len(self.examples), 'example')}"
        return f"TraceAnalysis({sizes} with {', '.join(map(str, self.examples.columns))})"


def analyse_trace(
    trace: AttentionTrace,
    *,
    views: Sequence[View] = (RankView(), PointwiseView()),
    estimators: Sequence[MIEstimator] = (Probe(),),
    outputs: Sequence[Output] = (PredictedClass(),),
    ablations: Sequence[Ablation] = (),
    attributions: Mapping[str, RealArray] | None = None,
    known_information: RealArray | None = None,
    marks: HumanMarks | None = None,
    model: OutputHead | None = None,
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
        By attention rank, by position, and token by token.
    estimators : sequence of MIEstimator
        Estimators for a vector and a class. The first one measures the context vector, the attention itself and the
        other outputs too.
    outputs : sequence of PredictedClass, TrueLabel, BinnedProbability
        What the information is about. The first one must be the predicted class.
    ablations : sequence of Ablation
        Interventions whose attention is set against the intact model's pointwise MI, or where they retrain the model
        against its own. Rows of what they do to the output are missing without a `model`.
    attributions : mapping of str to ndarray, shape (n_examples, n_tokens), optional
        Contributions of the tokens to the predicted class by name, such as gradients.
    known_information : ndarray, shape (n_examples, n_tokens), optional
        Information of every token where it is known, in nats: that of planted text.
    marks : HumanMarks, optional
        What people marked in the same texts, in the same order and tokens, to be set beside attention, information and
        attributions.
    model : OutputHead, optional
        The trained model, or a `SoftmaxHead` of its saved weights: for ablations, and for what erasing tokens in the
        order of attention, of information and at random does to its output.
    null : Permutation, optional
        Permuted pairs behind each null floor; five by default.
    near_tie : float
        Gap ``|log a - log a'|`` below which two weights count as nearly equal.
    sample : sequence of int
        Examples whose tokens are listed one by one, with their pointwise MI.
    class_names : sequence of str, optional
        Names of the classes in that list; their numbers by default.
    rng : None, int or numpy.random.Generator
        Source of randomness.

    Returns
    -------
    TraceAnalysis
        Study, data set, encoder, attention, normalizer, layer, head, ablation and seed of the trace's metadata become
        key columns of the frame; whatever else the metadata hold stands in a row of ``metadata``.

    Raises
    ------
    ConstantInputError
        If the model predicts one class only.
    InvalidInputError
        If metadata do not fit their key column, as a layer or seed that is no integer; if a kind of view stands twice,
        or `ablations` or `sample` ask for what needs a PointwiseView and `views` holds none.
    TooFewSamplesError
        If too few examples are long enough for a view.

    Examples
    --------
    >>> from attnstats.trace import AttentionTrace
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> output = rng.integers(0, 2, size=300)
    >>> hidden = rng.normal(size=(300, 6, 4)) + 2 * output[:, None, None] * (np.arange(6) == 2)[:, None]
    >>> attention = rng.dirichlet([1, 1, 9, 1, 1, 1], size=300)      # looks at token 2, which knows the output
    >>> analysis = analyse_trace(AttentionTrace.from_arrays(attention=attention, hidden=hidden, output=output), rng=1)
    >>> analysis.to_frame().query("quantity == 'tau_b'").value.round(1).tolist()
    [0.2]
    """
    check_trace(trace)
    keys = key_columns(trace)
    if len(np.unique(trace.predicted)) < 2:
        raise ConstantInputError(f"output: must hold at least two predicted classes; got only {trace.predicted[0]}")
    if len({type(view) for view in views}) < len(views):
        raise InvalidInputError(f"views: must hold each kind of view once; got {list(views)!r}")
    for name, asked in (("ablations", ablations), ("sample", sample)):
        if len(asked) and not any(isinstance(view, PointwiseView) for view in views):
            raise InvalidInputError(f"{name}: must be empty where views holds no PointwiseView; got {list(asked)!r}")
    check_sample(trace, sample)
    if not estimators:
        raise InvalidInputError("estimators: must hold at least one; got none")
    if not outputs or not isinstance(outputs[0], PredictedClass):
        raise InvalidInputError(f"outputs: must begin with PredictedClass(); got {list(outputs)!r}")
    if not isinstance(null, Permutation | None):
        raise InvalidInputError(f"null: must be a Permutation; got {null!r}")
    whole, ranks, positions, pointwise, orders, interventions = as_generator(rng).spawn(6)
    null = Permutation(5) if null is None else null
    profiled = Profiled(outputs, estimators, null)
    parts = [descriptive_rows(trace), whole_state_rows(trace, estimators[0], whole)]
    information: FloatArray | None = None
    for view in views:
        if isinstance(view, RankView):
            parts.append(rank_rows(trace, view, profiled, ranks))
        elif isinstance(view, PositionView):
            parts.append((position_rows(trace, view, profiled, positions), {}))
        else:
            halves = pointwise_matrices(trace, trace.predicted, view, pointwise)
            information = halves.whole
            agreement = order_rows(trace, view, halves, near_tie, orders)
            parts += [agreement, (sample_rows(trace, information, agreement[1]["tau_b"], sample, class_names), {})]
            parts += [(other_output_rows(trace, output, view, near_tie, pointwise), {}) for output in outputs[1:]]
            parts += _ablated(trace, ablations, view, information, model, interventions)
    parts += [attribution_rows(trace, name, scores, information) for name, scores in (attributions or {}).items()]
    if known_information is not None:
        parts.append(known_information_rows(trace, known_information, information))
    if marks is not None:
        explanations = {"attention": trace.attention, **(attributions or {})}
        if information is not None:
            explanations["information"] = information
        parts.append(plausibility_rows(trace, marks, explanations))
    parts.append((other_sample_rows(trace, attributions or {}, marks, sample, class_names), {}))
    if model is not None:
        order = {"attention": trace.attention, "random": interventions.random(trace.mask.shape)}
        if information is not None:
            order["information"] = information
        parts.append(erasure_rows(trace, model, order))
    rows = [row for part, _ in parts for row in part]
    examples = {name: values for _, part in parts for name, values in part.items()}
    if other := other_metadata(trace):
        rows.append(Row(quantity="metadata", parameters=encode_parameters(**other)))
    rows = [replace(row, **{**keys, "ablation": row.ablation or keys.get("ablation", "none")}) for row in rows]
    attention = np.where(trace.mask, trace.attention, np.nan).astype(np.float32)
    return TraceAnalysis(to_frame(rows), pd.DataFrame(examples), attention)


def _ablated(
    trace: AttentionTrace,
    ablations: Sequence[Ablation],
    view: PointwiseView,
    information: FloatArray,
    model: OutputHead | None,
    rng: np.random.Generator,
) -> Iterator[RowsAndOutcomes]:
    """Yield the rows and the outcomes by example under each intervention."""
    for ablation, stream in zip(ablations, rng.spawn(len(ablations)), strict=True):
        intervention, estimate = stream.spawn(2)
        ablated = ablate(trace, ablation, model=model, rng=intervention)
        values = information
        if isinstance(ablation, RetrainedAblation):  # its hidden states are its own, and so is their order
            values = pointwise_matrices(ablated, ablated.predicted, view, estimate).whole
        yield ablation_rows(trace, ablated, ablation, view, values)
