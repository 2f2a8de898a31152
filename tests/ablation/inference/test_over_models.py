"""The comparison of intact with ablated models says what the tests it is made of say."""

import dataclasses
import pickle

import joblib
import numpy as np
import pytest
from scipy.special import softmax

from attnstats.ablation import (
    AblationResult,
    Accuracy,
    Agreement,
    OutputChange,
    Permuted,
    SeparateScorer,
    Transplanted,
    Uniform,
    ablate,
    ablation_test,
    trace_ablation_test,
)
from attnstats.comparison import (
    anova_equivalence_test,
    anova_interval,
    anova_test,
    equivalence_test,
    paired_test,
    t_interval,
)
from attnstats.exceptions import (
    ConstantInputError,
    FewReplicatesWarning,
    InvalidInputError,
    NonFiniteError,
    TooFewSamplesError,
)
from attnstats.trace import AttentionTrace
from tests.ablation.conftest import make_model, make_trace


def draw(n_seeds=8, n_examples=30, effect=0.3, seed=0):
    rng = np.random.default_rng(seed)
    seeds, examples = rng.normal(0, 0.05, size=(n_seeds, 1)), rng.normal(0, 0.1, size=n_examples)
    return effect + seeds + examples + rng.normal(0, 0.2, size=(n_seeds, n_examples)), rng.normal(
        0, 0.1, size=(n_seeds, n_examples)
    )


def test_over_examples_it_is_the_crossed_analysis_of_variance():
    intact, ablated = draw()
    result = ablation_test(intact, ablated, margin=0.1, ablation="permuted", outcome="tau_b")
    difference = intact - ablated
    assert result.difference.pvalue == pytest.approx(anova_test(difference).pvalue, rel=1e-12)
    assert result.equivalence.pvalue == pytest.approx(anova_equivalence_test(difference, margin=0.1).pvalue, rel=1e-12)
    expected = anova_interval(difference)
    assert (result.interval.low, result.interval.high) == pytest.approx((expected.low, expected.high))
    assert result.effect == pytest.approx((intact - ablated).mean())
    assert (result.intact, result.ablated) == pytest.approx((intact.mean(), ablated.mean()))
    assert (result.n_seeds, result.n_examples, result.n_undefined) == (8, 30, 0)
    assert result.pvalue_floor is None


def test_it_reads_as_in_a_paper():
    result = ablation_test(*draw(), margin=0.1, ablation="permuted", outcome="tau_b", holds_fixed="encoder")
    assert repr(result) == (
        f"tau_b under permuted: mean difference = {result.effect:.3g}, {result.interval}, p < .001, "
        "n = 8 seeds x 30 examples"
    )
    assert result.summary() == (
        f"tau_b under permuted (encoder held fixed) was {result.ablated:.3g}, and {result.intact:.3g} intact: "
        f"mean difference = {result.effect:.3g}, {result.interval} (crossed ANOVA, harmonic df), p < .001 by "
        f"{result.difference.test}, n = 8 seeds x 30 examples; equivalence within ± 0.1: p > .999 (TOST)"
    )
    by_seed = ablation_test(*(each.mean(axis=1) for each in draw()))
    assert "p = .008 by sign-flip permutation (exact), attainable floor 0.0078, n = 8 seeds" in by_seed.summary()
    assert "equivalence" not in ablation_test(*draw()).summary()
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.effect = 0.0
    assert pickle.loads(pickle.dumps(result)).effect == result.effect


def test_one_number_per_seed():
    intact, ablated = (each.mean(axis=1) for each in draw())
    result = ablation_test(intact, ablated)
    expected = t_interval(intact - ablated)
    assert (result.interval.low, result.interval.high) == (expected.low, expected.high)
    assert result.difference.pvalue == paired_test(intact, ablated).pvalue == result.pvalue_floor == 2 / 2**8
    assert result.n_examples is None
    assert "n = 8 seeds" in repr(result)
    assert result.equivalence is None
    equivalence = ablation_test(intact, ablated, margin=0.1).equivalence
    assert equivalence.pvalue == pytest.approx(equivalence_test(intact, ablated, margin=0.1).pvalue, rel=1e-12)


def test_no_effect_is_equivalent():
    intact, _ = draw(n_examples=200, effect=0.0)
    near = intact + np.random.default_rng(1).normal(0, 0.01, size=intact.shape)
    result = ablation_test(intact, near, margin=0.05)
    assert result.equivalence.pvalue < 0.001
    assert 0.0 in result.interval


def test_strata_of_one_data_set_share_examples():
    """Two strata with the same values have the interval of one: nothing new was seen."""
    intact, ablated = draw()
    twice = ablation_test(np.vstack([intact] * 2), np.vstack([ablated] * 2), strata=["a"] * 8 + ["b"] * 8)
    once = ablation_test(intact, ablated)
    assert (twice.interval.low, twice.interval.high) == pytest.approx((once.interval.low, once.interval.high))
    assert (twice.n_seeds, twice.n_examples) == (16, 30)
    with pytest.raises(InvalidInputError, match=r"strata: those of one data set must have the same number of seeds"):
        ablation_test(np.vstack([intact] * 3), np.vstack([ablated] * 3), strata=["a"] * 8 + ["b"] * 16)


def test_data_sets_of_other_sizes_are_independent_and_weigh_the_same():
    first, second = draw(n_examples=30, effect=0.3, seed=1), draw(n_seeds=10, n_examples=50, effect=0.1, seed=2)
    rows = [[*one, *two] for one, two in zip(first, second, strict=True)]
    result = ablation_test(*rows, datasets=["imdb"] * 8 + ["rt"] * 10, rng=0)
    effects = [(intact - ablated).mean() for intact, ablated in (first, second)]
    assert result.effect == pytest.approx(np.mean(effects))
    halves = [np.diff([(interval := anova_interval(a - b)).low, interval.high]).item() / 2 for a, b in (first, second)]
    width = (result.interval.high - result.interval.low) / 2
    # Half-widths of a mean of two independent means add in quadrature, but for the degrees of freedom.
    assert width == pytest.approx(np.hypot(*halves) / 2, rel=0.1)
    assert (result.n_seeds, result.n_examples) == (18, 80)
    with pytest.raises(InvalidInputError, match=r"datasets: models of one data set must have the same examples; got"):
        ablation_test(*rows)


def test_undefined_examples_are_left_out_for_all():
    intact, ablated = draw()
    holes = intact.copy()
    holes[3, 5] = np.nan
    with pytest.raises(NonFiniteError, match="intact: must be finite; got 1 NaN"):
        ablation_test(holes, ablated)
    result = ablation_test(holes, ablated, missing="omit")
    kept = np.arange(30) != 5
    assert result.effect == pytest.approx((intact - ablated)[:, kept].mean())
    assert (result.n_examples, result.n_undefined) == (29, 1)
    assert "1 examples left out" in result.summary()
    with pytest.raises(NonFiniteError, match="ablated: must be finite"):
        ablation_test(intact, np.where(ablated > 0.2, np.inf, ablated), missing="omit")
    with pytest.raises(TooFewSamplesError, match="number of examples with a value for every model"):
        ablation_test(np.where(np.arange(30) > 0, np.nan, intact), ablated, missing="omit")


def test_changes_are_tested_against_the_margin():
    """Changes are above zero whatever happens, so a test against zero would reject without an effect."""
    changes = np.abs(np.random.default_rng(0).normal(0, 0.1, size=(8, 50)))
    with pytest.raises(InvalidInputError, match="margin: must be given for changes"):
        ablation_test(None, changes)
    result = ablation_test(None, changes, margin=0.05, outcome="total_variation")
    by_seed = changes.mean(axis=1)
    assert result.difference.pvalue == pytest.approx(anova_test(changes, 0.05).pvalue, rel=1e-12)
    assert result.difference.interval(0.8).low == pytest.approx(anova_interval(changes, confidence_level=0.8).low)
    of_seeds = ablation_test(None, by_seed, margin=0.05, outcome="total_variation")
    assert of_seeds.difference.pvalue == paired_test(by_seed, 0.05).pvalue
    assert of_seeds.difference.interval(0.95).low == pytest.approx(t_interval(by_seed).low)
    assert of_seeds.difference.interval(0.8).low == pytest.approx(t_interval(by_seed, confidence_level=0.8).low)
    for each, pvalue in ((result, "p < .001"), (of_seeds, "p = .008")):
        assert pickle.loads(pickle.dumps(each)).difference.interval(0.8) == each.difference.interval(0.8)
        assert each.equivalence.pvalue > 0.9
        assert each.null_value == 0.05
        assert f"mean change = {changes.mean():.3g}" in repr(each)
        assert f"{pvalue} against 0.05" in repr(each)
        assert f"{pvalue} against 0.05 by {each.difference.test}" in each.summary()
        assert "intact" not in each.summary()  # its change is zero by definition
        assert (each.intact, each.effect) == (0.0, pytest.approx(changes.mean()))
    small = ablation_test(None, changes / 10, margin=0.05)
    assert small.equivalence.pvalue < 0.001
    assert ablation_test(None, changes / 10, margin=0.05, alternative="greater").difference.pvalue > 0.999


def make_traces(n_seeds=8, n=60, n_tokens=8, strength=1.0):
    rng = np.random.default_rng(3)
    order = rng.normal(size=(n, n_tokens))
    traces = [
        AttentionTrace.from_arrays(
            attention=softmax(strength * order + rng.normal(size=(n, n_tokens)), axis=1),
            hidden=rng.normal(size=(n, n_tokens, 3)),
            output=rng.integers(2, size=n),
            seed=seed,
        )
        for seed in range(n_seeds)
    ]
    return order, traces


def test_from_traces_alone():
    order, traces = make_traces()
    result = trace_ablation_test(traces, Permuted(), Agreement(order), margin=0.05, rng=0)
    assert isinstance(result, AblationResult)
    assert (result.ablation, result.outcome) == ("permuted", "tau_b")
    assert result.holds_fixed == Permuted.holds_fixed
    assert result.intact > 0.3
    assert abs(result.ablated) < 0.06  # sd 0.3 over 480 examples: more than four standard errors
    assert result.difference.pvalue < 0.001
    with joblib.parallel_config(backend="threading"):
        again = trace_ablation_test(traces, Permuted(), Agreement(order), margin=0.05, rng=0, n_jobs=2)
    assert again == result


def test_uniform_attention_from_traces_is_the_intact_agreement():
    order, traces = make_traces()
    result = trace_ablation_test(traces, Uniform(), Agreement(order))
    assert result.ablated == 0
    assert result.effect == pytest.approx(result.intact)


def test_one_ablation_and_one_order_for_each_trace():
    order, traces = make_traces()
    donors = [Transplanted(donor) for donor in (*traces[1:], traces[0])]
    result = trace_ablation_test(traces, donors, [Agreement(order) for _ in traces], rng=0)
    assert result.ablation == "transplanted"
    assert result.ablated == pytest.approx(result.intact)  # the same agreements, each counted once
    with pytest.raises(InvalidInputError, match="ablation: must be one, or one for each of the 8 traces; got 3"):
        trace_ablation_test(traces, donors[:3], Agreement(order))
    with pytest.raises(InvalidInputError, match="models: must hold one for each of the 8 traces; got 1"):
        trace_ablation_test(traces, Permuted(), Agreement(order), models=[make_model()])


def test_with_models_outputs_are_compared():
    models = [make_model(seed=seed) for seed in range(8)]
    traces = [make_trace(each, seed=9) for each in models]
    result = trace_ablation_test(traces, Permuted(), OutputChange(), models=models, margin=0.01, rng=0)
    assert result.effect > 0.05
    accuracy = trace_ablation_test(traces, Permuted(), Accuracy(), models=models, rng=0)
    by_hand = [np.mean(trace.predicted == trace.label) for trace in traces]
    assert accuracy.intact == pytest.approx(np.mean(by_hand))
    for outcome in (OutputChange(), Accuracy()):
        with pytest.raises(InvalidInputError, match="needs them, since without a model the output does not change"):
            trace_ablation_test(traces, Permuted(), outcome, margin=0.01)


def test_retrained_arms_are_compared_too():
    models = [make_model(seed=seed) for seed in range(8)]
    traces = [make_trace(each, seed=9) for each in models]
    result = trace_ablation_test(traces, SeparateScorer(), OutputChange(), models=models, margin=0.01, rng=0)
    assert result.ablation == "separate_scorer"
    assert result.effect > 0.05


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"margin": 0.0}, InvalidInputError, "margin: must be a finite number above 0; got 0"),
        ({"missing": "drop"}, InvalidInputError, "missing: must be one of raise, omit; got 'drop'"),
        ({"strata": ["a"] * 5}, InvalidInputError, "strata: must have one label for each of the 8 models; got 5"),
        ({"alternative": "above"}, InvalidInputError, "alternative: must be one of"),
        ({"confidence_level": 1.0}, InvalidInputError, "confidence_level: must lie strictly between 0 and 1"),
        ({"minimum_seeds": 9}, TooFewSamplesError, "number of seeds: must be at least 9; got 8"),
    ],
)
def test_bad_arguments(arguments, error, message):
    with pytest.raises(error, match=message):
        ablation_test(*draw(), **arguments)


def test_bad_shapes():
    intact, ablated = draw()
    with pytest.raises(InvalidInputError, match="intact: must have one value for each value of ablated"):
        ablation_test(intact[:, :5], ablated)
    with pytest.raises(InvalidInputError, match=r"ablated: must .*real numbers; got text such as 'abc'"):
        ablation_test(None, "abc", margin=1)
    for bad in (intact[np.newaxis], 3.0, [1.0, [2.0, 3.0]]):
        with pytest.raises(
            InvalidInputError, match=r"ablated: must have shape \(n_seeds,\) or \(n_seeds, n_examples\)"
        ):
            ablation_test(None, bad, margin=1)


def test_a_test_of_equivalence_needs_a_level():
    intact, ablated = draw()
    with pytest.raises(InvalidInputError, match=r"confidence_level: must be above 0\.5 with a margin.*; got 0\.5"):
        ablation_test(intact, ablated, margin=0.5, confidence_level=0.5)


def test_identical_conditions_are_not_tested():
    intact, _ = draw()
    with pytest.raises(ConstantInputError, match=r"intact and ablated: must differ by amounts that vary; .* 0\.0 "):
        ablation_test(intact, intact)


def test_ablating_without_random_numbers_gives_the_same_for_any_seed():
    order, traces = make_traces()
    values = [Agreement(order).values(each, ablate(each, Uniform()), None)[0].mean() for each in traces]
    assert trace_ablation_test(traces, Uniform(), Agreement(order), rng=5).difference.effect == pytest.approx(
        np.mean(values)
    )


@pytest.mark.parametrize("name", ["ablation", "outcome", "holds_fixed"])
def test_what_names_the_comparison_is_a_text(name):
    values = np.random.default_rng(0).normal(size=(8, 6))
    with pytest.raises(InvalidInputError, match=f"{name}: must be a text; got b'abc'"):
        ablation_test(values, -values, **{name: b"abc"})


def test_the_fewest_seeds_are_a_whole_number_by_that_name():
    values = np.random.default_rng(0).normal(size=(8, 6))
    with pytest.raises(InvalidInputError, match="minimum_seeds: must be an integer of at least 2; got 1"):
        ablation_test(values, -values, minimum_seeds=1)


def test_a_refusal_of_few_seeds_names_the_parameter_of_this_function():
    intact, ablated = draw()
    for before, after in ((intact[:7], ablated[:7]), (intact[:7].mean(axis=1), ablated[:7].mean(axis=1))):
        with pytest.raises(TooFewSamplesError, match=r"number of seeds: .* got 7, .* \(pass minimum_seeds=7 to go on"):
            ablation_test(before, after)
        with pytest.warns(FewReplicatesWarning, match="number of seeds: should be at least 8"):
            ablation_test(before, after, minimum_seeds=7)
