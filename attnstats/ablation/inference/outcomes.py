"""Outcomes of an intervention: one value per example of the intact and of the ablated model."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike

from attnstats._distributions import as_token_scores, descending_ranks, divided_by_sum
from attnstats._validation import FloatArray, check_at_least, check_count
from attnstats.ablation.interventions._checked_outputs import check_recomputed
from attnstats.ablation.interventions.divergence import total_variation
from attnstats.exceptions import ConstantInputError, InvalidInputError
from attnstats.information import MIEstimator, PlugIn, Probe, pointwise_mutual_information
from attnstats.ranks import kendall_batch
from attnstats.trace import AttentionTrace

#: A value of each example, intact and ablated, both of shape (n_examples,).
BothValues: TypeAlias = tuple[FloatArray, FloatArray]


@runtime_checkable
class Outcome(Protocol):
    """A quantity that is compared between the intact and the ablated model.

    Attributes
    ----------
    quantity : str
        Its name in the results frame.
    is_change : bool
        True for a distance from the intact model, which is zero there and never negative: its test needs a margin.
    needs_model : bool
        True if it depends on the output under the intervention, which only a model can recompute.
    """

    quantity: ClassVar[str]
    is_change: ClassVar[bool]
    needs_model: ClassVar[bool]

    def values(self, intact: AttentionTrace, ablated: AttentionTrace, rng: np.random.Generator) -> BothValues:
        """Return the value of each example, intact and ablated, both of shape (n_examples,); NaN where undefined."""
        ...


@runtime_checkable
class TokenOrder(Protocol):
    """A way to score the tokens of a trace, such as `PointwiseOrder`."""

    def scores(self, trace: AttentionTrace, rng: np.random.Generator) -> FloatArray:
        """Return scores, shape (n_examples, n_tokens); values at padding do not matter."""
        ...


@dataclass(frozen=True)
class PointwiseOrder:
    """Tokens scored by the pointwise information i(h_t; ŷ) between hidden state and predicted class, in nats.

    Parameters
    ----------
    estimator : MIEstimator
        Cross-fitted over examples: the tokens of one stay in one fold.

    References
    ----------
    Ethayarajh, Choi and Swayamdipta (2022), Understanding dataset difficulty with V-usable information.
    """

    estimator: MIEstimator = field(default_factory=Probe)

    def scores(self, trace: AttentionTrace, rng: np.random.Generator) -> FloatArray:
        """Return pointwise information, zero at padding."""
        classes = np.unique(trace.predicted)
        if len(classes) < 2:
            raise ConstantInputError(f"trace: must have at least two predicted classes; got {classes.tolist()} alone")
        result = np.zeros(trace.mask.shape)
        result[trace.mask] = pointwise_mutual_information(
            trace.hidden[trace.mask].astype(np.float64),
            np.repeat(trace.predicted, trace.lengths),
            self.estimator,
            groups=np.repeat(np.arange(trace.n_examples), trace.lengths),
            rng=rng,
        )
        return result


@dataclass(frozen=True, eq=False)
class Agreement:
    """Kendall's tau-b between attention and a given order of the tokens, per example.

    A `TokenOrder` scores the intact trace for both models, and the new one only where the intervention retrains the
    model. Attention that ties all tokens has tau-a = 0. Texts of one token, or whose order is all tied, have no value.

    Parameters
    ----------
    order : array_like, shape (n_examples, n_tokens), or TokenOrder
        Scores such as pointwise information, known information of planted tokens, or an attribution.
    """

    quantity: ClassVar[str] = "tau_b"
    is_change: ClassVar[bool] = False
    needs_model: ClassVar[bool] = False
    order: ArrayLike | TokenOrder = field(default_factory=PointwiseOrder)

    def values(self, intact: AttentionTrace, ablated: AttentionTrace, rng: np.random.Generator) -> BothValues:
        """Return tau-b of each example."""
        order = self._scores(intact, rng)
        fixed = ablated.hidden is intact.hidden
        return _agreement(intact, order), _agreement(ablated, order if fixed else self._scores(ablated, rng))

    def _scores(self, trace: AttentionTrace, rng: np.random.Generator) -> FloatArray:
        scores = self.order.scores(trace, rng) if isinstance(self.order, TokenOrder) else self.order
        return as_token_scores(scores, trace.mask, "order")


@dataclass(frozen=True)
class RankInformation:
    """Information I(h_(r); Ŷ) / H(Ŷ), mean over attention ranks r = 1..R: the pointwise terms of each example.

    h_(r) is the hidden state with the r-th largest attention; without a model Ŷ is the intact model's prediction in
    both traces. Both are estimated with the same folds. Examples shorter than R have no value.

    Parameters
    ----------
    estimator : MIEstimator
        An estimator that takes classes.
    ranks : int
        R.
    """

    quantity: ClassVar[str] = "mi_normalised_mean"
    is_change: ClassVar[bool] = False
    needs_model: ClassVar[bool] = False
    estimator: MIEstimator = field(default_factory=Probe)
    ranks: int = 6

    def __post_init__(self) -> None:
        check_count(self.ranks, "ranks")

    def values(self, intact: AttentionTrace, ablated: AttentionTrace, rng: np.random.Generator) -> BothValues:
        """Return the mean over ranks of the pointwise terms of each example, divided by H."""
        seed = int(rng.integers(2**63))
        first, second = (self._terms(trace, np.random.default_rng(seed)) for trace in (intact, ablated))
        return first, second

    def _terms(self, trace: AttentionTrace, rng: np.random.Generator) -> FloatArray:
        long_enough = np.flatnonzero(trace.lengths >= self.ranks)
        output = trace.predicted[long_enough]
        check_at_least(len(np.unique(output)), 2, f"predicted classes of texts of {self.ranks} tokens or more")
        order = np.argsort(descending_ranks(trace.attention, trace.mask), axis=1)[long_enough]
        states = (trace.hidden[long_enough, order[:, rank]].astype(np.float64) for rank in range(self.ranks))
        terms = [pointwise_mutual_information(state, output, self.estimator, rng=rng) for state in states]
        result = np.full(trace.n_examples, np.nan)
        result[long_enough] = np.mean(terms, axis=0) / PlugIn().entropy(np.unique(output, return_counts=True)[1])
        return result


@dataclass(frozen=True)
class Accuracy:
    """Whether the predicted class is the label: its mean is the accuracy."""

    quantity: ClassVar[str] = "accuracy"
    is_change: ClassVar[bool] = False
    needs_model: ClassVar[bool] = True

    def values(self, intact: AttentionTrace, ablated: AttentionTrace, rng: np.random.Generator) -> BothValues:  # noqa: ARG002
        """Return 1 where the prediction is right, else 0."""
        label = intact.label
        if label is None:
            raise InvalidInputError("label: Accuracy needs a trace with labels; got None")
        check_recomputed(ablated, "Accuracy")
        return (intact.predicted == label).astype(np.float64), (ablated.predicted == label).astype(np.float64)


@dataclass(frozen=True)
class PredictedProbability:
    """Probability of the class that the intact model predicts; it falls by the total variation distance at most."""

    quantity: ClassVar[str] = "predicted_probability"
    is_change: ClassVar[bool] = False
    needs_model: ClassVar[bool] = True

    def values(self, intact: AttentionTrace, ablated: AttentionTrace, rng: np.random.Generator) -> BothValues:  # noqa: ARG002
        """Return the probability of that class in both outputs."""
        check_recomputed(ablated, "PredictedProbability")
        if intact.output.ndim != 2 or intact.output.shape != ablated.output.shape:
            raise InvalidInputError(
                "output: PredictedProbability needs class probabilities of one shape; "
                f"got {intact.output.shape} and {ablated.output.shape}"
            )
        place = np.arange(intact.n_examples), intact.output.argmax(axis=1)
        first, second = (divided_by_sum(trace.output)[place] for trace in (intact, ablated))
        return first, second


@dataclass(frozen=True)
class OutputChange:
    """Total variation distance between the outputs of the intact and the ablated model (Jain & Wallace 2019)."""

    quantity: ClassVar[str] = "total_variation"
    is_change: ClassVar[bool] = True
    needs_model: ClassVar[bool] = True

    def values(self, intact: AttentionTrace, ablated: AttentionTrace, rng: np.random.Generator) -> BothValues:  # noqa: ARG002
        """Return zeros, and the distances."""
        change = total_variation(intact, ablated)
        return np.zeros(len(change)), change


@dataclass(frozen=True)
class DecisionFlips:
    """Whether the predicted class differs from the intact model's: its mean is the share of flips."""

    quantity: ClassVar[str] = "decision_flips"
    is_change: ClassVar[bool] = True
    needs_model: ClassVar[bool] = True

    def values(self, intact: AttentionTrace, ablated: AttentionTrace, rng: np.random.Generator) -> BothValues:  # noqa: ARG002
        """Return zeros, and 1 where the decision flipped."""
        check_recomputed(ablated, "DecisionFlips")
        flips = (intact.predicted != ablated.predicted).astype(np.float64)
        return np.zeros(len(flips)), flips


def _agreement(trace: AttentionTrace, order: FloatArray) -> FloatArray:
    taus = kendall_batch(trace.attention, order, mask=trace.mask).statistic
    lowest = np.where(trace.mask, trace.attention, np.inf).min(axis=1)
    highest = np.where(trace.mask, trace.attention, -np.inf).max(axis=1)
    return np.where((lowest == highest) & (trace.lengths > 1), 0.0, taus)
