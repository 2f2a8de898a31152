"""Interventions keep what they promise to keep; every exported one is tested through `__all__`."""

import numpy as np
import pytest

import attnstats.ablation as ablation
from attnstats.ablation import SoftmaxHead, ablate
from attnstats.ablation.interventions.interface import label_of
from attnstats.exceptions import InvalidInputError, NonFiniteError
from attnstats.trace import AttentionTrace

#: Those that cannot be made without arguments; the donor is the trace itself, in another order of the texts.
NEEDS = {"Zeroed": {"top": 2}, "Transplanted": {}}


def make(kind, trace):
    if kind is ablation.Transplanted:
        donor = np.where(trace.mask, np.random.default_rng(0).random(trace.mask.shape), 0)
        return kind(
            AttentionTrace.from_arrays(
                attention=donor / donor.sum(axis=1, keepdims=True),
                hidden=trace.hidden,
                output=trace.output,
                mask=trace.mask,
            )
        )
    return kind(**NEEDS.get(kind.__name__, {}))


KINDS = [
    member
    for name in ablation.__all__
    if isinstance(member := getattr(ablation, name), type)
    and not getattr(member, "_is_protocol", False)
    and hasattr(member, "holds_fixed")
    and hasattr(member, "attention")
]
intervention_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


def test_the_interventions_are_found():
    assert {kind.name for kind in KINDS} == {
        "uniform",
        "permuted",
        "dirichlet",
        "random_scorer",
        "shuffled_labels",
        "separate_scorer",
        "transplanted",
        "temperature",
        "gumbel_noise",
        "entmax",
        "zeroed",
        "adversarial",
    }


@intervention_kind
def test_contract(trace, model, kind):
    intervention = make(kind, trace)
    assert isinstance(intervention, ablation.Ablation)
    first, again = (ablate(trace, intervention, model=model, rng=3) for _ in range(2))
    np.testing.assert_array_equal(first.attention, again.attention)
    assert np.all(first.attention[~trace.mask] == 0)
    assert np.all(first.attention >= 0)
    np.testing.assert_allclose(first.attention.sum(axis=1), 1)
    np.testing.assert_allclose(first.output, model.predict_from_attention(first.hidden, first.attention), rtol=1e-12)
    assert first.metadata["ablation"] == label_of(intervention)
    assert first.metadata["seed"] == 1
    ties = [len(np.unique(row[real])) == 1 for row, real in zip(first.attention, trace.mask, strict=True)]
    assert all(ties) != intervention.orders_tokens
    assert intervention.holds_fixed
    assert "\n" not in repr(intervention)


@intervention_kind
def test_only_retraining_changes_the_hidden_states(trace, model, kind):
    ablated = ablate(trace, make(kind, trace), model=model, rng=3)
    retrained = isinstance(make(kind, trace), ablation.RetrainedAblation)
    assert (ablated.hidden is trace.hidden) != retrained
    assert retrained == (kind is ablation.SeparateScorer)
    np.testing.assert_array_equal(ablated.mask, trace.mask)


@intervention_kind
def test_saved_arrays_alone_do_or_the_error_says_what_is_missing(trace, kind):
    needs_model = {"random_scorer", "shuffled_labels", "separate_scorer", "adversarial"}
    if kind.name in needs_model:
        with pytest.raises(InvalidInputError, match=f"model: {kind.__name__} needs .*; got NoneType"):
            ablate(trace, make(kind, trace), rng=0)
    else:
        np.testing.assert_array_equal(ablate(trace, make(kind, trace), rng=0).output, trace.output)


@intervention_kind
def test_half_precision_traces_are_taken(trace, model, kind):
    half = AttentionTrace.from_arrays(
        attention=trace.attention.astype(np.float32),
        hidden=trace.hidden.astype(np.float32),
        output=trace.output.astype(np.float32),
        mask=trace.mask,
    )
    attention = ablate(half, make(kind, trace), model=model, rng=0).attention
    np.testing.assert_allclose(attention.sum(axis=1), 1, rtol=1e-6)


def test_permuted_keeps_each_example_s_weights_as_a_set(trace):
    shuffled = ablate(trace, ablation.Permuted(), rng=0).attention
    np.testing.assert_array_equal(np.sort(shuffled, axis=1), np.sort(trace.attention, axis=1))
    assert (shuffled != trace.attention).any()


def test_permuted_puts_every_weight_everywhere_alike():
    trace = AttentionTrace.from_arrays(
        attention=[[0.5, 0.3, 0.2, 0.0]], hidden=np.zeros((1, 4, 1)), output=[0], mask=[[True, True, True, False]]
    )
    rng = np.random.default_rng(0)
    places = [int(np.argmax(ablate(trace, ablation.Permuted(), rng=rng).attention)) for _ in range(3000)]
    # Three equally likely places: each count is binomial(3000, 1/3), sd 26; five sd allow one failure in 10^6.
    assert np.bincount(places, minlength=4)[3] == 0
    assert np.abs(np.bincount(places)[:3] - 1000).max() < 130


def test_total_variation_is_half_the_absolute_difference(trace, model):
    other = ablate(trace, ablation.Uniform(), model=model)
    expected = [max(abs(p - q)) for p, q in zip(trace.output, other.output, strict=True)]  # two classes
    np.testing.assert_allclose(ablation.total_variation(trace, other), expected)
    np.testing.assert_array_equal(ablation.total_variation(trace, trace), 0)


def test_total_variation_needs_probabilities(trace):
    classes = AttentionTrace.from_arrays(
        attention=trace.attention, hidden=trace.hidden, output=trace.predicted, mask=trace.mask
    )
    with pytest.raises(InvalidInputError, match="must hold class probabilities"):
        ablation.total_variation(classes, classes)


def test_attention_divergence_by_its_definition(trace):
    other = ablate(trace, ablation.Permuted(), rng=0)
    for value, p, q in zip(ablation.attention_divergence(trace, other), trace.attention, other.attention, strict=True):
        middle = (p + q) / 2
        by_definition = sum(
            0.5 * w * np.log(w / m) for row in (p, q) for w, m in zip(row, middle, strict=True) if w > 0
        )
        assert value == pytest.approx(by_definition, abs=1e-14)
    with pytest.raises(InvalidInputError, match="attention: both traces must have one mask"):
        ablation.attention_divergence(trace, ablate(make_longer(trace), ablation.Uniform()))


def make_longer(trace):
    return AttentionTrace.from_arrays(
        attention=np.pad(trace.attention, ((0, 0), (0, 1))),
        hidden=np.pad(trace.hidden, ((0, 0), (0, 1), (0, 0))),
        output=trace.output,
        mask=np.pad(trace.mask, ((0, 0), (0, 1))),
    )


@pytest.mark.parametrize("concentration", [1e-3, 0.5, 1.0, 30.0])
def test_dirichlet_moments(concentration):
    n, n_tokens = 20_000, 4
    mask = np.ones((n, n_tokens), dtype=bool)
    trace = AttentionTrace.from_arrays(attention=mask / n_tokens, hidden=np.zeros((n, n_tokens, 1)), output=[0] * n)
    weights = ablate(trace, ablation.Dirichlet(concentration), rng=0).attention
    # Mean 1/L, variance (L - 1) / (L² (L c + 1)); five standard errors of either.
    variance = (n_tokens - 1) / n_tokens**2 / (n_tokens * concentration + 1)
    assert weights.mean(axis=0) == pytest.approx(np.full(n_tokens, 1 / n_tokens), abs=5 * np.sqrt(variance / n))
    assert weights.var() == pytest.approx(variance, rel=0.05)
    with pytest.raises(InvalidInputError, match="concentration: must be a finite number above 0; got -1"):
        ablation.Dirichlet(-1)


def test_dirichlet_of_one_is_uniform_over_the_simplex():
    """Of three weights the largest exceeds 1/2 with probability 3/4: three corner triangles of a quarter each."""
    n = 20_000
    trace = AttentionTrace.from_arrays(attention=np.full((n, 3), 1 / 3), hidden=np.zeros((n, 3, 1)), output=[0] * n)
    share = (ablate(trace, ablation.Dirichlet(), rng=1).attention.max(axis=1) > 0.5).mean()
    assert share == pytest.approx(0.75, abs=5 * np.sqrt(0.75 * 0.25 / n))


def test_the_separate_scorer_gives_its_own_trace(trace, model):
    second = ablate(trace, ablation.SeparateScorer(), model=model, rng=0)
    expected = model.separate_scorer_trace(np.random.default_rng(0))
    np.testing.assert_array_equal(second.hidden, expected.hidden)
    np.testing.assert_array_equal(second.output, expected.output)
    assert second.metadata == {"seed": 1, "epochs": 3, "ablation": "separate_scorer"}
    with pytest.raises(InvalidInputError, match="must be traced on the texts of the trace"):
        ablate(make_longer(trace), ablation.SeparateScorer(), model=model)


def test_a_transplant_needs_the_same_texts(trace):
    tokens = [["good"] * length for length in trace.lengths]
    others = [["bad"] * length for length in trace.lengths]
    first, second = (
        AttentionTrace.from_arrays(
            attention=trace.attention, hidden=trace.hidden, output=trace.output, mask=trace.mask, tokens=each
        )
        for each in (tokens, others)
    )
    donor = ablate(first, ablation.Permuted(), rng=0)
    np.testing.assert_array_equal(ablate(first, ablation.Transplanted(donor)).attention, donor.attention)
    with pytest.raises(InvalidInputError, match="got other tokens"):
        ablate(second, ablation.Transplanted(donor))
    with pytest.raises(InvalidInputError, match="donor: must be traced on the same texts, with the same mask"):
        ablate(make_longer(trace), ablation.Transplanted(donor))


def test_a_saved_head_predicts_like_the_softmax_of_the_context(trace):
    rng = np.random.default_rng(0)
    kernel, bias = rng.normal(size=(3, 4)), rng.normal(size=4)
    logits = trace.context @ kernel + bias
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    head = SoftmaxHead(kernel, bias)
    np.testing.assert_allclose(head.predict_from_attention(trace.hidden, trace.attention), expected, rtol=1e-12)
    assert isinstance(head, ablation.LinearHead)
    assert not isinstance(head, ablation.AttentionModel)
    with pytest.raises(InvalidInputError, match=r"kernel: must have shape \(dim, n_classes\)"):
        SoftmaxHead(kernel, bias[:2])
    with pytest.raises(NonFiniteError, match="bias: must be finite"):
        SoftmaxHead(kernel, bias * np.nan)
    with pytest.raises(InvalidInputError, match=r"hidden: must have shape \(n, n_tokens, 3\); got"):
        head.token_logits(trace.hidden[:, :, :2])


#: Those without random numbers, whose answer can only depend on the text.
DETERMINISTIC = [kind for kind in KINDS if kind.name in {"uniform", "temperature", "zeroed", "adversarial"}]


def rearranged(trace, columns):
    return AttentionTrace.from_arrays(
        attention=trace.attention[:, columns],
        hidden=trace.hidden[:, columns],
        output=trace.output,
        mask=trace.mask[:, columns],
    )


@pytest.mark.parametrize("kind", DETERMINISTIC, ids=lambda kind: kind.name)
def test_the_order_of_the_columns_does_not_matter(trace, model, kind):
    columns = np.random.default_rng(0).permutation(trace.mask.shape[1])
    plain = ablate(trace, make(kind, trace), model=model).attention
    mixed = ablate(rearranged(trace, columns), make(kind, trace), model=model).attention
    np.testing.assert_allclose(mixed, plain[:, columns], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("kind", DETERMINISTIC, ids=lambda kind: kind.name)
def test_more_padding_does_not_matter(trace, model, kind):
    plain = ablate(trace, make(kind, trace), model=model).attention
    padded = ablate(make_longer(trace), make(kind, trace), model=model).attention
    np.testing.assert_allclose(padded[:, :-1], plain, rtol=1e-9, atol=1e-12)
    assert np.all(padded[:, -1] == 0)
