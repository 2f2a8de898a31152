"""Half precision, extreme parameters and answers of other people's models: a right number or an error by name."""
# ruff: noqa: ARG002, ARG005 (what stands in for a model, and calls of one shape, need not use all that they are given)

import math
from dataclasses import dataclass
from typing import ClassVar

import ml_dtypes
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon
from scipy.special import softmax

import attnstats.ablation as ablation
from attnstats.ablation import (
    Accuracy,
    Adversarial,
    Agreement,
    DecisionFlips,
    DeletedInput,
    Dirichlet,
    Entmax,
    GumbelNoise,
    OutputChange,
    Permuted,
    PredictedProbability,
    SoftmaxHead,
    Temperature,
    Transplanted,
    Uniform,
    Zeroed,
    ZeroedAttention,
    ablate,
    ablation_test,
    attention_divergence,
    comprehensiveness,
    decision_flip_fraction,
    sufficiency,
    total_variation,
    trace_ablation_test,
)
from attnstats.exceptions import AttnstatsError, InvalidInputError, NonFiniteError
from attnstats.trace import AttentionTrace
from tests.ablation.conftest import make_model, make_trace

HALVES = pytest.mark.parametrize("dtype", [np.float16, ml_dtypes.bfloat16], ids=["float16", "bfloat16"])
ERASURES = pytest.mark.parametrize("measure", [comprehensiveness, sufficiency, decision_flip_fraction])


def traces_of(attention, output):
    """Return two traces that differ in attention and output, over hidden states of no interest."""
    hidden = np.zeros((*np.shape(attention[0]), 1))
    pairs = zip(attention, output, strict=True)
    return [AttentionTrace.from_arrays(attention=a, hidden=hidden, output=p) for a, p in pairs]


@HALVES
def test_distances_of_half_precision_are_those_of_its_numbers_in_float64(dtype):
    rng = np.random.default_rng(0)
    attention, output = (rng.dirichlet(np.full(size, 0.3), size=(2, 50)).astype(dtype) for size in (30, 3))
    first, second = traces_of(attention, output)
    p, q = attention.astype(np.float64)
    np.testing.assert_allclose(attention_divergence(first, second), jensenshannon(p, q, axis=1) ** 2, rtol=1e-9)
    p, q = (each / each.sum(axis=1, keepdims=True) for each in output.astype(np.float64))
    np.testing.assert_allclose(total_variation(first, second), np.abs(p - q).sum(axis=1) / 2, rtol=1e-12)


@HALVES
@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), n_tokens=st.integers(1, 40), sharp=st.sampled_from([0.01, 1.0, 30.0, 300.0]))
def test_distances_keep_their_bounds(dtype, seed, n_tokens, sharp):
    rng = np.random.default_rng(seed)
    weights = softmax(sharp * rng.normal(size=(2, 8, 2 * n_tokens)), axis=2) + 1e-12
    weights[0, :4, :n_tokens] = weights[1, :4, n_tokens:] = 0  # half of the rows share no token
    weights = (weights / weights.sum(axis=2, keepdims=True)).astype(dtype)
    first, second = traces_of(weights, weights)
    for a, b in ((first, second), (first, first)):
        divergence, change = attention_divergence(a, b), total_variation(a, b)
        assert divergence.min() >= 0
        assert divergence.max() <= math.log(2)
        assert change.min() >= 0
        assert change.max() <= 1
    np.testing.assert_allclose(attention_divergence(first, second)[:4], math.log(2), rtol=1e-12)
    np.testing.assert_allclose(total_variation(first, second)[:4], 1, rtol=1e-12)
    assert not attention_divergence(first, first).any()


def test_close_attention_has_a_divergence_to_the_last_digits():
    """For q = p (1 + d) the divergence is sum p d² / 8 to leading order; a difference of entropies loses it."""
    p = np.array([[0.25, 0.25, 0.25, 0.25]])
    d = 1e-7 * np.array([1, -1, 1, -1])
    first, second = traces_of([p, p * (1 + d)], [[[0.5, 0.5]]] * 2)
    np.testing.assert_allclose(attention_divergence(first, second), 1e-14 / 8, rtol=1e-5)


@HALVES
def test_a_head_computes_with_half_precision_states_in_float64(dtype):
    """States of 300 in 64 dimensions: in float16 the sums leave its range, and in bfloat16 its 8 bits."""
    rng = np.random.default_rng(0)
    hidden, kernel = (300 * rng.normal(size=(20, 7, 64))).astype(dtype), rng.normal(size=(64, 3)) / 800
    attention = rng.dirichlet(np.ones(7), size=20).astype(dtype)
    bias = np.array([0.5, 0.0, -0.5])
    wide, weights = hidden.astype(np.float64), attention.astype(np.float64)
    head = SoftmaxHead(kernel, bias)
    np.testing.assert_allclose(head.token_logits(hidden), wide @ kernel + bias, rtol=1e-12, atol=1e-12)
    expected = softmax(np.einsum("nt,ntd->nd", weights, wide) @ kernel + bias, axis=1)
    np.testing.assert_allclose(head.predict_from_attention(hidden, attention), expected, rtol=1e-12)
    trace = AttentionTrace.from_arrays(attention=attention, hidden=hidden, output=expected.astype(dtype))
    np.testing.assert_allclose(
        ablate(trace, Uniform(), model=head).output, softmax(wide.mean(axis=1) @ kernel + bias, axis=1), rtol=1e-12
    )


@HALVES
@ERASURES
def test_erasing_in_half_precision_is_erasing_its_numbers(dtype, measure, trace, model):
    half = AttentionTrace.from_arrays(
        attention=trace.attention.astype(dtype), hidden=trace.hidden.astype(dtype), output=trace.output, mask=trace.mask
    )
    wide = AttentionTrace.from_arrays(
        attention=half.attention, hidden=half.hidden.astype(np.float64), output=trace.output, mask=trace.mask,
        renormalize=True,
    )  # fmt: skip
    order = np.random.default_rng(0).normal(size=trace.mask.shape).astype(dtype)
    found = measure(half, order, ZeroedAttention(model))
    np.testing.assert_allclose(found, measure(wide, order.astype(float), ZeroedAttention(model)), atol=1e-9)


EXTREME = [
    *(Dirichlet(c) for c in (5e-324, 1e-320, 1e-300, 1e-10, 1e10, 1e300)),
    *(Temperature(t) for t in (5e-324, 1e-308, 1e-10, 1e10, 1.7e308)),
    *(GumbelNoise(t) for t in (5e-324, 1e-308, 1e308)),
    *(Entmax(alpha) for alpha in (np.nextafter(1.0, 2.0), 1 + 1e-9, 1.001, 2, 2.0)),
    *(Zeroed(top=top) for top in (1, 2**63 - 1)),
    *(Zeroed(share=share) for share in (5e-324, 1e-12, 0.5, np.nextafter(1.0, 0.0))),
    *(Adversarial(epsilon) for epsilon in (5e-324, 1e-12, np.nextafter(1.0, 0.0))),
]


@pytest.mark.parametrize("intervention", EXTREME, ids=repr)
@pytest.mark.parametrize("kind", ["soft", "sparse", "huge"])
def test_weights_stay_weights_at_the_ends_of_the_parameters(intervention, kind):
    model = make_model()
    trace = make_trace(model)
    if kind == "sparse":
        top = trace.attention == trace.attention.max(axis=1, keepdims=True)
        trace = AttentionTrace.from_arrays(
            attention=top * 1.0, hidden=trace.hidden, output=trace.output, mask=trace.mask
        )
    elif kind == "huge":
        trace = AttentionTrace.from_arrays(
            attention=trace.attention, hidden=1e300 * trace.hidden, output=trace.output, mask=trace.mask
        )
    head = SoftmaxHead(model.kernel, model.bias)  # no other scorer than the saved weights
    ablated = ablate(trace, intervention, model=head, rng=0)
    assert (ablated.attention >= 0).all()
    assert (ablated.attention[~trace.mask] == 0).all()
    np.testing.assert_allclose(ablated.attention.sum(axis=1), 1, rtol=1e-12)
    assert 0 <= attention_divergence(trace, ablated).max() <= math.log(2)
    assert 0 <= total_variation(trace, ablated).max() <= 1


def test_entmax_near_one_is_the_softmax(trace):
    """alpha-entmax tends to softmax, the weights that came in, and misses them by terms of alpha - 1."""
    for excess in (2.0**-52, 1e-12, 1e-9, 1e-6):
        weights = Entmax(1 + excess).attention(trace, None, np.random.default_rng(0))
        np.testing.assert_allclose(weights, trace.attention, rtol=100 * excess + 1e-12, atol=1e-14)


def test_the_smallest_share_of_the_tokens_is_one_token(trace, model):
    one = ablate(trace, Zeroed(top=1)).attention
    np.testing.assert_array_equal(ablate(trace, Zeroed(share=1e-300)).attention, one)
    order = np.random.default_rng(0).normal(size=trace.mask.shape)
    falls = comprehensiveness(trace, order, ZeroedAttention(model), shares=[1e-300, 1e-3])
    np.testing.assert_array_equal(falls[:, 0], falls[:, 1])


@dataclass(frozen=True)
class Given:
    """An intervention of one's own that gives these weights."""

    weights: object
    name: ClassVar[str] = "given"
    holds_fixed: ClassVar[str] = "nothing"
    orders_tokens: ClassVar[bool] = True

    def attention(self, trace, model, rng):
        return self.weights


class Answering:
    """A model of one's own that gives these outputs."""

    def __init__(self, answer):
        self.answer = answer

    def predict_from_attention(self, hidden, attention):
        return self.answer

    def predict_without(self, erased):
        return self.answer


def full(trace):
    """Return a trace of the same attention with no padding."""
    n, n_tokens = 40, 6
    rng = np.random.default_rng(2)
    return AttentionTrace.from_arrays(
        attention=rng.dirichlet(np.ones(n_tokens), size=n),
        hidden=rng.normal(size=(n, n_tokens, 3)),
        output=rng.dirichlet(np.ones(2), size=n),
        label=rng.integers(2, size=n),
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda weights: weights - 1, "ablation: given: attention: must be non-negative"),
        (lambda weights: 2 * weights, "ablation: given: attention: each row must sum to 1; got 2 in example"),
        (lambda weights: weights * np.nan, "ablation: given: attention: must be finite at real tokens"),
        (lambda weights: weights[:, :2], r"ablation: given: attention must have shape \(40, 6\); got \(40, 2\)"),
        (lambda weights: weights[0], "ablation: given: attention: must be real with 2 dimensions"),
        (lambda weights: None, "ablation: given: attention: must be an array of real numbers; got NoneType"),
    ],
)
def test_an_intervention_that_gives_no_weights_is_named(trace, change, message):
    trace = full(trace)
    with pytest.raises(InvalidInputError, match=message):
        ablate(trace, Given(change(trace.attention)))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda rows: np.log(rows) * 3, "must hold class probabilities.*these look like logits"),
        (lambda rows: 100 * rows, "must hold class probabilities.*these look like per cent"),
        (lambda rows: rows * np.nan, "must be finite"),
        (lambda rows: rows[:, :1], r"class probabilities must have shape \(40, n_classes\), 2 or more; got \(40, 1\)"),
        (lambda rows: rows[:3], r"class probabilities must have shape \(40, n_classes\)"),
        (lambda rows: rows.argmax(axis=1), "class probabilities: must be real with 2 dimensions"),
        (lambda rows: None, "class probabilities: must be an array of real numbers"),
    ],
)
def test_a_model_that_gives_no_probabilities_is_named(trace, change, message):
    trace = full(trace)
    model = Answering(change(trace.output))
    with pytest.raises(InvalidInputError, match=f"model: predict_from_attention: {message}"):
        ablate(trace, Uniform(), model=model)
    for measure in (comprehensiveness, sufficiency, decision_flip_fraction):
        for eraser in (ZeroedAttention(model), DeletedInput(model)):
            with pytest.raises(InvalidInputError, match=f"eraser: predict: {message}"):
                measure(trace, trace.attention, eraser)


def test_a_model_of_other_classes_is_named(trace):
    trace = full(trace)
    with pytest.raises(InvalidInputError, match="model: must have the 2 classes of the trace; got 3"):
        ablate(trace, Uniform(), model=Answering(np.full((40, 3), 1 / 3)))


@pytest.mark.slow
def test_answers_come_in_any_container(trace):
    torch = pytest.importorskip("torch")
    trace = full(trace)
    for convert in (np.ndarray.tolist, pd.DataFrame, lambda rows: torch.tensor(rows).requires_grad_()):
        ablated = ablate(trace, Given(convert(trace.attention)), model=Answering(convert(trace.output)))
        np.testing.assert_array_equal(ablated.attention, trace.attention)
        np.testing.assert_array_equal(ablated.output, trace.output)


def test_an_output_that_was_kept_is_never_a_measurement(trace, model):
    kept = ablate(trace, Uniform())
    assert kept.output_kept
    assert kept.metadata["ablation"] == "uniform"
    with pytest.raises(InvalidInputError, match=r"model: total_variation needs the output .* SoftmaxHead"):
        total_variation(trace, kept)
    for outcome in (Accuracy(), OutputChange(), DecisionFlips(), PredictedProbability()):
        with pytest.raises(InvalidInputError, match=r"model: .* needs the output under the new attention"):
            outcome.values(trace, kept, np.random.default_rng(0))
    with pytest.raises(InvalidInputError, match="model: Accuracy needs the output"):
        trace_ablation_test([trace] * 8, Uniform(), Accuracy(), models=[None] * 8)
    again = ablate(kept, Permuted(), model=model, rng=0)
    assert not again.output_kept
    assert total_variation(trace, again).max() > 0


def test_it_is_still_known_after_a_saving(trace, tmp_path):
    ablate(trace, Uniform()).save(tmp_path / "trace")
    assert AttentionTrace.load(tmp_path / "trace").output_kept


#: Calls that no one should make; every one names what was wrong with it.
MISUSE = {
    "no trace": lambda trace, model: ablate(5, Uniform()),
    "no intervention": lambda trace, model: ablate(trace, None),
    "a word": lambda trace, model: ablate(trace, "uniform"),
    "a class": lambda trace, model: ablate(trace, Uniform),
    "no model": lambda trace, model: ablate(trace, Uniform(), model=5),
    "a class for a model": lambda trace, model: ablate(trace, Uniform(), model=SoftmaxHead),
    "no rng": lambda trace, model: ablate(trace, Permuted(), rng="a"),
    "no donor": lambda trace, model: Transplanted(5),
    "a number beyond all": lambda trace, model: Temperature(10**400),
    "infinite concentration": lambda trace, model: Dirichlet(float("inf")),
    "alpha in words": lambda trace, model: Entmax("a"),
    "alpha of nothing": lambda trace, model: Entmax(None),
    "no second trace": lambda trace, model: total_variation(trace, None),
    "no first trace": lambda trace, model: attention_divergence(None, trace),
    "eraser without a model": lambda trace, model: ZeroedAttention(None),
    "deletion without a model": lambda trace, model: DeletedInput(SoftmaxHead(np.eye(3), np.zeros(3))),
    "model for an eraser": lambda trace, model: comprehensiveness(trace, trace.attention, model),
    "class for an eraser": lambda trace, model: sufficiency(trace, trace.attention, ZeroedAttention),
    "one share": lambda trace, model: comprehensiveness(trace, trace.attention, ZeroedAttention(model), shares=0.5),
    "no share": lambda trace, model: comprehensiveness(trace, trace.attention, ZeroedAttention(model), shares=[]),
    "share of nothing": lambda trace, model: sufficiency(trace, trace.attention, ZeroedAttention(model), shares=None),
    "order of nothing": lambda trace, model: comprehensiveness(trace, None, ZeroedAttention(model)),
    "order of words": lambda trace, model: decision_flip_fraction(trace, "first", ZeroedAttention(model)),
    "order of text": lambda trace, model: Agreement(np.full((40, 9), "a")).values(trace, trace, None),
    "order with NaN": lambda trace, model: Agreement(trace.attention * np.nan).values(trace, trace, None),
    "masked order": lambda trace, model: Agreement(np.ma.masked_less(trace.attention, 0.1)).values(trace, trace, None),
    "complex order": lambda trace, model: Agreement(trace.attention + 1j).values(trace, trace, None),
    "states of another size": lambda trace, model: SoftmaxHead(np.eye(4), np.zeros(4)).token_logits(trace.hidden),
    "too many weights": lambda trace, model: model.predict_from_attention(trace.hidden, trace.attention[:, :3]),
    "weights of one text": lambda trace, model: model.predict_from_attention(trace.hidden, trace.attention[0]),
    "overflow": lambda trace, model: SoftmaxHead(1e300 * np.eye(3), np.zeros(3)).token_logits(1e300 * trace.hidden),
    "no traces": lambda trace, model: trace_ablation_test([], Uniform(), Accuracy()),
    "traces of nothing": lambda trace, model: trace_ablation_test(None, Uniform(), Accuracy()),
    "one trace": lambda trace, model: trace_ablation_test(trace, Uniform(), Accuracy()),
    "not all traces": lambda trace, model: trace_ablation_test([trace, 5], Uniform(), Accuracy()),
    "no outcome": lambda trace, model: trace_ablation_test([trace] * 8, Uniform(), None),
    "outcome class": lambda trace, model: trace_ablation_test([trace] * 8, Uniform(), Accuracy),
    "number of models": lambda trace, model: trace_ablation_test([trace] * 8, Uniform(), Accuracy(), models=5),
    "models of numbers": lambda trace, model: trace_ablation_test([trace] * 8, Uniform(), Accuracy(), models=[5] * 8),
}


@pytest.mark.parametrize("case", MISUSE)
def test_misuse_is_named(case, trace, model):
    with pytest.raises(AttnstatsError, match=r"^[a-z_]+[^:]*: ") as raised:
        MISUSE[case](trace, model)
    assert isinstance(raised.value, ValueError)


def draws():
    rng = np.random.default_rng(0)
    return rng.normal(0.3, 0.02, (8, 1)) + rng.normal(0, 0.2, (8, 30)), rng.normal(0, 0.2, (8, 30))


@pytest.mark.parametrize(
    "convert",
    [
        np.ndarray.tolist,
        list,
        iter,
        pd.DataFrame,
        np.ma.masked_array,
        lambda rows: rows.astype(object),
        lambda rows: rows[::-1].copy()[::-1],
    ],
)
def test_rows_of_outcomes_come_in_any_container(convert):
    intact, ablated = draws()
    plain, found = ablation_test(intact, ablated), ablation_test(convert(intact), convert(ablated))
    assert found.effect == plain.effect
    assert found.n_seeds == 8
    assert found.n_examples == 30


@HALVES
def test_outcomes_of_half_precision_are_those_of_its_numbers(dtype):
    intact, ablated = (each.astype(dtype) for each in draws())
    found = ablation_test(intact, ablated)
    assert found.effect == pytest.approx((intact.astype(float) - ablated.astype(float)).mean(), rel=1e-12)


def test_masked_outcomes_are_missing():
    intact, ablated = draws()
    masked = np.ma.masked_array(intact, mask=np.zeros(intact.shape, dtype=bool))
    masked[2, 5] = masked[4, 7] = np.ma.masked
    with pytest.raises(NonFiniteError, match="intact: must be finite"):
        ablation_test(masked, ablated)
    found = ablation_test(masked, ablated, missing="omit")
    left = np.delete(np.arange(30), [5, 7])
    assert (found.n_examples, found.n_undefined) == (28, 2)
    assert found.effect == pytest.approx((intact - ablated)[:, left].mean(), rel=1e-12)


@pytest.mark.parametrize("factor", [1e160, 1e-160])
def test_outcomes_whose_squares_leave_double_precision_are_refused(factor):
    intact, ablated = draws()
    with pytest.raises(InvalidInputError, match=r"intact|ablated: the largest value must be between 1e-140"):
        ablation_test(factor * intact, factor * ablated)
    with pytest.raises(InvalidInputError, match="ablated: must be an array of real numbers; got complex128"):
        ablation_test(intact, ablated + 1j)


def test_every_public_function_was_tried():
    functions = {name for name in ablation.__all__ if not isinstance(getattr(ablation, name), type)}
    assert functions - {"ERASER_SHARES"} == {
        "ablate",
        "ablation_test",
        "attention_divergence",
        "comprehensiveness",
        "decision_flip_fraction",
        "sufficiency",
        "total_variation",
        "trace_ablation_test",
    }
