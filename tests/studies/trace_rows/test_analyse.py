"""One trace, analysed: against a trace whose orders and information are known by construction."""

import json
import re
from dataclasses import replace

import ml_dtypes
import numpy as np
import pandas as pd
import pytest
from scipy.stats import kendalltau
from sklearn.metrics import average_precision_score

from attnstats.ablation import Permuted, SoftmaxHead, Temperature, Uniform, ablate
from attnstats.datasets import HumanMarks
from attnstats.exceptions import ConstantInputError, InvalidInputError, TooFewSamplesError
from attnstats.frame import parameter
from attnstats.information import Binned, Probe, Quantile, Ross
from attnstats.studies import (
    BinnedProbability,
    PointwiseView,
    PositionView,
    PredictedClass,
    RankView,
    TrueLabel,
    analyse_trace,
)
from attnstats.trace import AttentionTrace

N, LENGTH = 600, 5


def make_trace(*, aligned=True, **changes):
    """Return a trace in which token t of an example knows the output with a strength that grows with t."""
    rng = np.random.default_rng(0)
    output = rng.integers(0, 2, size=N)
    strength = 2.0 * np.arange(LENGTH) / (LENGTH - 1)
    noise = rng.normal(size=(N, LENGTH, 3))
    hidden = noise + (2 * output - 1)[:, None, None] * strength[None, :, None]
    weights = np.exp(np.arange(LENGTH) if aligned else -np.arange(LENGTH)) * np.ones((N, 1))
    arrays = {
        "attention": weights / weights.sum(axis=1, keepdims=True),
        "hidden": hidden,
        "output": output,
        "label": output,
        "tokens": [[f"t{t}" for t in range(LENGTH)]] * N,
        "dataset": "made",
        "seed": 4,
    }
    return AttentionTrace.from_arrays(**{**arrays, **changes})


def value(analysis, quantity, **columns):
    frame = analysis.frame[analysis.frame.quantity == quantity]
    for name, wanted in columns.items():
        frame = frame[frame[name] == wanted]
    assert len(frame) == 1
    return frame.value.iloc[0]


def test_the_frame_is_given_as_by_other_results():
    analysis = analyse_trace(make_trace(), views=(PointwiseView(),), rng=0)
    given = analysis.to_frame()
    assert given.equals(analysis.frame)
    given["value"] = 0.0
    assert not given.equals(analysis.frame)


@pytest.mark.slow
def test_rank_and_position_profiles_follow_the_strength():
    analysis = analyse_trace(
        make_trace(), views=(RankView(LENGTH), PositionView(LENGTH)), estimators=(Probe(), Ross()), rng=0
    )
    frame = analysis.frame
    for estimator in ("Probe()", "Ross()"):
        chosen = frame[(frame.quantity == "mi_normalised") & (frame.estimator == estimator)]
        by_rank = chosen[chosen["view"] == "rank"].value.to_numpy()
        by_position = chosen[chosen["view"] == "position"].value.to_numpy()
        # Rank 1 is the last token, the strongest; the first token is independent of the output.
        np.testing.assert_allclose(by_rank[::-1], by_position, atol=0.03)
        assert (np.diff(by_rank) < 0).all()
        assert by_rank[0] > 0.9
        assert abs(by_rank[-1]) < 0.1
        mean = value(analysis, "mi_normalised_mean", view="rank", estimator=estimator)
        assert mean == pytest.approx(by_rank.mean())
    assert parameter(chosen[chosen["view"] == "rank"], "rank").tolist() == [1, 2, 3, 4, 5]
    assert analysis.examples["information"].mean() == pytest.approx(
        value(analysis, "mi_normalised_mean", view="rank", estimator="Probe()")
    )


@pytest.mark.slow
@pytest.mark.parametrize("aligned", [True, False])
def test_the_order_of_a_profile_is_set_against_that_of_attention(aligned):
    analysis = analyse_trace(
        make_trace(aligned=aligned),
        views=(RankView(LENGTH), PositionView(LENGTH)),
        estimators=(Probe(), Ross()),
        outputs=(PredictedClass(), TrueLabel()),
        rng=0,
    )
    rows = analysis.frame[analysis.frame.quantity == "profile_tau_b"]
    # Ten pairs of places, in each of the two views by two estimators about one output, and by one about the other.
    assert rows.groupby("view").size().to_dict() == {"rank": 3, "position": 3}
    assert (rows.n == LENGTH).all()
    assert (rows.value if aligned else -rows.value).min() >= 0.8
    value(analysis, "profile_tau_b", view="position", estimator="Ross()")


def test_equal_weights_have_no_order_to_set_a_profile_against():
    even = np.full((N, LENGTH), 1 / LENGTH)
    analysis = analyse_trace(make_trace(attention=even), views=(PositionView(LENGTH),), rng=0)
    (row,) = analysis.frame[analysis.frame.quantity == "profile_tau_b"].itertuples()
    assert np.isnan(row.value)
    assert row.undefined == 1


def test_the_agreement_has_the_sign_that_was_built_in_and_controls_have_none():
    for aligned, sign in ((True, 1), (False, -1)):
        analysis = analyse_trace(
            make_trace(aligned=aligned), views=(PointwiseView(),), ablations=(Uniform(), Permuted()), rng=0
        )
        assert sign * value(analysis, "tau_b", ablation="none") > 0.4
        assert value(analysis, "tau_b", ablation="uniform") == 0
        assert abs(value(analysis, "tau_b", ablation="permuted")) < 0.08  # sd 0.4 over 600 examples: five sd
        assert value(analysis, "tau_b", ablation="none") == pytest.approx(analysis.examples["tau_b"].mean())
        assert (analysis.examples["tau_b_uniform"] == 0).all()
        assert value(analysis, "mi_reliability") > 0.5


def test_near_ties_alone_are_counted_as_near_ties():
    analysis = analyse_trace(make_trace(), views=(PointwiseView(),), rng=0, near_tie=1.5)
    # Neighbours differ by exactly 1 in log attention, the others by 2 or more.
    assert (analysis.examples["near_tie_pairs"] == LENGTH - 1).all()
    bins = analysis.frame[analysis.frame.quantity == "concordance"]
    assert bins.n.sum() == N * LENGTH * (LENGTH - 1) / 2


def test_near_ties_are_counted_about_every_output():
    half = np.random.default_rng(1).permutation(N) < N // 2  # labels that half of the predictions miss
    trace = make_trace()
    label = np.where(half, trace.predicted, 1 - trace.predicted)
    analysis = analyse_trace(
        make_trace(label=label), views=(PointwiseView(),), outputs=(PredictedClass(), TrueLabel()), rng=0, near_tie=1.5
    )
    counts = analysis.examples[["near_tie_concordant", "near_tie_pairs"]].sum()
    about_class = value(analysis, "near_tie_concordance", output="class")
    assert about_class == pytest.approx(counts.iloc[0] / counts.iloc[1])
    assert about_class > 0.65  # neighbours differ by half a standard deviation of strength
    # The states tell nothing of such a label.
    assert value(analysis, "near_tie_concordance", output="label") == pytest.approx(0.5, abs=0.05)
    none = analyse_trace(make_trace(), views=(PointwiseView(),), rng=0, near_tie=0.5)  # every gap is 1 or more
    (row,) = none.frame[none.frame.quantity == "near_tie_concordance"].itertuples()
    assert np.isnan(row.value)
    assert (row.n, row.undefined) == (0, 1)


def test_keys_come_from_the_metadata_and_accuracy_from_the_labels():
    frame = analyse_trace(make_trace(), views=(PointwiseView(),), rng=0).frame
    assert (frame.dataset == "made").all()
    assert (frame.seed == 4).all()
    assert (frame.ablation == "none").all()
    assert frame[frame.quantity == "accuracy"].value.tolist() == [1.0]
    without = analyse_trace(make_trace(label=None), views=(PointwiseView(),), rng=0).frame
    assert not (without.quantity == "accuracy").any()


def test_sampled_tokens_stand_in_order_with_both_values():
    frame = analyse_trace(make_trace(), views=(PointwiseView(),), sample=(3,), rng=0).frame
    tokens = frame[frame.quantity == "token_attention"]
    assert parameter(tokens, "token").tolist() == [f"t{t}" for t in range(LENGTH)]
    assert tokens.value.sum() == pytest.approx(1)
    assert (frame.quantity == "token_pointwise_mi").sum() == LENGTH
    with pytest.raises(InvalidInputError, match="sample: must be below 600"):
        analyse_trace(make_trace(), views=(PointwiseView(),), sample=(N,), rng=0)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_frame_and_another_view_changes_none_of_it():
    alone = analyse_trace(make_trace(), views=(RankView(2),), rng=1)
    again = analyse_trace(make_trace(), views=(RankView(2),), rng=1)
    assert alone.frame.equals(again.frame)
    beside = analyse_trace(make_trace(), views=(RankView(2), PositionView(2)), rng=1)
    shared = beside.frame[beside.frame["view"] != "position"]
    assert (
        shared[shared["view"] == "rank"]
        .reset_index(drop=True)
        .equals(alone.frame[alone.frame["view"] == "rank"].reset_index(drop=True))
    )


def test_what_cannot_be_measured_is_refused_by_name():
    with pytest.raises(ConstantInputError, match="output: must hold at least two predicted classes"):
        analyse_trace(make_trace(output=np.zeros(N, dtype=int)), rng=0)
    with pytest.raises(TooFewSamplesError, match="ranks: 9: must be few enough"):
        analyse_trace(make_trace(), views=(RankView(9),), rng=0)
    with pytest.raises(TooFewSamplesError, match="positions: 9"):
        analyse_trace(make_trace(), views=(PositionView(9),), rng=0)


@pytest.mark.parametrize("asked", [{"ablations": (Uniform(),)}, {"sample": (3,)}])
@pytest.mark.parametrize("views", [(), (RankView(2), PositionView(2))])
def test_what_needs_pointwise_information_is_refused_without_its_view(asked, views):
    ((name, given),) = asked.items()
    expected = f"{name}: must be empty where views holds no PointwiseView; got {list(given)!r}"
    with pytest.raises(InvalidInputError, match=re.escape(expected)):
        analyse_trace(make_trace(), views=views, rng=0, **asked)


def test_tokens_of_zero_attention_are_no_near_ties():
    trace = make_trace()
    attention = np.where(np.arange(LENGTH) < 2, 0, trace.attention)
    attention /= attention.sum(axis=1, keepdims=True)
    analysis = analyse_trace(make_trace(attention=attention), views=(PointwiseView(),), rng=0, near_tie=1.5)
    assert (analysis.examples["near_tie_pairs"] == 2).all()  # among three positive weights
    assert analysis.frame[analysis.frame.quantity == "tau_b"].ties.iloc[0] == pytest.approx(0.1)  # one pair of ten


def probabilities(trace):
    """Return outputs that grow with the states of the last token, so that they vary within a class."""
    score = trace.hidden[:, -1].sum(axis=1)
    ones = 1 / (1 + np.exp(-score))
    return np.column_stack([1 - ones, ones])


def test_attention_on_one_token_alone_has_no_near_ties_and_no_slope():
    attention = np.eye(LENGTH)[np.arange(N) % LENGTH]
    analysis = analyse_trace(make_trace(attention=attention), views=(PointwiseView(),), rng=0)
    slope = analysis.frame[analysis.frame.quantity == "concordance_slope"]
    assert (slope.value.isna() & (slope.undefined == 1)).tolist() == [True]
    assert "concordance" not in set(analysis.frame.quantity)
    assert not analysis.examples[["near_tie_pairs", "near_tie_reference_pairs"]].to_numpy().any()


@pytest.mark.slow
def test_another_output_stands_beside_the_class_and_does_not_decide():
    output = probabilities(make_trace())
    label = np.random.default_rng(5).integers(0, 2, size=N)  # independent of all else
    trace = make_trace(output=output, label=label)
    shared = {"views": (RankView(2), PointwiseView()), "rng": 0}
    outputs = (PredictedClass(), TrueLabel(), BinnedProbability(4))
    analysis, alone = analyse_trace(trace, outputs=outputs, **shared), analyse_trace(trace, **shared)
    assert analysis.examples.equals(alone.examples)
    for quantity, view in (("mi_normalised_mean", "rank"), ("mi_pointwise_mean", "pointwise")):
        about = {name: value(analysis, quantity, view=view, output=name) for name in map(str, outputs)}
        assert about["class"] > 0.4
        assert abs(about["label"]) < 0.1
        assert 0.1 < about["probability(bins=4)"] < about["class"]  # more is asked for, of the same state
    assert value(analysis, "tau_b", output="class", view="pointwise") > 0.4


def test_quantile_bins_of_a_probability_hold_equally_many():
    output = probabilities(make_trace())
    codes = BinnedProbability(4).codes(make_trace(output=output))
    assert np.bincount(codes).tolist() == [N // 4] * 4
    assert all(output[codes == low, 1].max() < output[codes == low + 1, 1].min() for low in range(3))
    with pytest.raises(ConstantInputError, match="output: probabilities must vary"):
        BinnedProbability(2).codes(make_trace(output=np.full((N, 2), 0.5)))
    with pytest.raises(InvalidInputError, match="output: BinnedProbability needs class probabilities"):
        BinnedProbability(2).codes(make_trace())
    with pytest.raises(InvalidInputError, match="label: TrueLabel needs"):
        TrueLabel().codes(make_trace(label=None))


def test_what_a_further_estimator_cannot_estimate_is_said_and_the_first_one_must_estimate():
    estimators = (Probe(), Binned(Quantile(30)))  # three columns of 30 bins: more cells than samples
    frame = analyse_trace(make_trace(), views=(RankView(2),), estimators=estimators, rng=0).frame
    reason = frame[frame.quantity == "not_estimated"]
    assert len(reason) == 1
    assert "cells" in reason.parameters.iloc[0]
    with pytest.raises(TooFewSamplesError, match="cells"):
        analyse_trace(make_trace(), views=(RankView(2),), estimators=estimators[::-1], rng=0)


def test_two_temperatures_are_two_interventions():
    swapped = (Temperature(0.5), Temperature(2.0))
    analysis = analyse_trace(make_trace(), views=(PointwiseView(),), ablations=swapped, rng=0)
    sharp, flat = (value(analysis, "gini", ablation=f"temperature(temperature={t})") for t in (0.5, 2.0))
    assert flat < value(analysis, "gini", ablation="none") < sharp
    assert analysis.examples["gini_temperature(temperature=0.5)"].mean() == pytest.approx(sharp)


def test_an_attribution_is_set_against_attention_by_size_and_against_information_by_sign():
    trace = make_trace()
    scores = -np.arange(1.0, LENGTH + 1) * np.ones((N, 1))
    analysis = analyse_trace(trace, views=(PointwiseView(),), attributions={"mine": scores}, rng=0)
    assert value(analysis, "tau_b_attention_attribution") == pytest.approx(1)
    assert value(analysis, "tau_b_information_attribution") == pytest.approx(-value(analysis, "tau_b"))
    with pytest.raises(InvalidInputError, match=r"attributions\.mine: must be real with attention's shape"):
        analyse_trace(trace, views=(PointwiseView(),), attributions={"mine": scores[:, 1:]}, rng=0)


def test_the_slope_on_known_information_is_that_of_the_least_squares_line():
    trace = make_trace()
    known = np.random.default_rng(1).random((N, LENGTH))
    known[0] = 0.3  # nothing to tell tokens apart by
    analysis = analyse_trace(trace, views=(PointwiseView(),), known_information=known, rng=0)
    slopes = [np.polyfit(x, LENGTH * a, 1)[0] for x, a in zip(known[1:], trace.attention[1:], strict=True)]
    assert np.isnan(analysis.examples["known_slope"].iloc[0])
    np.testing.assert_allclose(analysis.examples["known_slope"].iloc[1:], slopes, atol=1e-9)
    aligned = analyse_trace(trace, views=(PointwiseView(),), known_information=trace.attention, rng=0)
    assert value(aligned, "tau_b_known") == pytest.approx(1)
    assert value(aligned, "tau_b_information_known") == pytest.approx(value(aligned, "tau_b"))


def test_attention_information_and_attributions_are_set_against_what_people_marked():
    trace = make_trace()
    rng = np.random.default_rng(2)
    marked = rng.random((N, 2, LENGTH)) < 0.4
    marked[0] = False  # a text in which nobody marked anything
    marks = HumanMarks("made", [[f"t{t}" for t in range(LENGTH)]] * N, trace.output, marked, ["no", "yes"])
    scores = rng.normal(size=(N, LENGTH))
    analysis = analyse_trace(trace, views=(PointwiseView(),), attributions={"mine": scores}, marks=marks, rng=0)
    expected = [
        np.mean([average_precision_score(row, each) for row in rows if row.any()] or [np.nan])
        for rows, each in zip(marked, scores, strict=True)
    ]
    np.testing.assert_allclose(analysis.examples["plausibility_mine"], expected)
    rows = analysis.frame[analysis.frame.quantity == "plausibility"].set_index("parameters")
    assert rows.loc['{"explanation": "mine"}', "value"] == pytest.approx(np.nanmean(expected))
    assert rows.undefined.gt(0).all()
    assert {*parameter(rows.reset_index(), "explanation")} == {"attention", "mine", "information"}
    counts = kendalltau(scores[1], marked[1].sum(axis=0)).statistic
    assert analysis.examples["plausibility_tau_b_mine"].iloc[1] == pytest.approx(counts)
    frame = analyse_trace(
        trace, views=(PointwiseView(),), attributions={"mine": scores}, marks=marks, sample=(3, 1), rng=0
    ).frame
    shown = frame[frame.quantity == "token_attribution"]
    assert set(parameter(shown, "attribution")) == {"mine"}
    np.testing.assert_allclose(shown.value.astype(float), np.r_[scores[3], scores[1]])
    people = frame[frame.quantity == "token_marked"]
    np.testing.assert_allclose(people.value.astype(float), np.r_[marked[3].mean(axis=0), marked[1].mean(axis=0)])
    assert parameter(people, "token").tolist() == [f"t{t}" for t in range(LENGTH)] * 2
    with pytest.raises(InvalidInputError, match="tokens: must be those of the marks"):
        analyse_trace(make_trace(tokens=[["other"] * LENGTH] * N), views=(PointwiseView(),), marks=marks, rng=0)


def test_erasing_by_attention_tells_more_than_at_random_where_attention_is_aligned():
    head = SoftmaxHead(np.array([[-1.0, 1.0]] * 3), np.zeros(2))
    trace = make_trace()
    trace = make_trace(output=head.predict_from_attention(trace.hidden, trace.attention))
    analysis = analyse_trace(trace, views=(PointwiseView(),), model=head, rng=0)
    orders = ("attention", "random", "information")
    found = {
        name: analysis.examples[[f"{name}_{order}" for order in orders]].mean().to_numpy()
        for name in ("comprehensiveness", "sufficiency", "decision_flip_fraction")
    }
    assert found["comprehensiveness"][0] > found["comprehensiveness"][1] + 0.02
    assert found["sufficiency"][0] < found["sufficiency"][1] - 0.02
    assert found["decision_flip_fraction"][2] < found["decision_flip_fraction"][1] - 0.02


def test_the_attention_is_kept_with_nothing_at_padding():
    trace = make_trace()
    lengths = np.full(N, LENGTH)
    lengths[0] = 2
    mask = np.arange(LENGTH) < lengths[:, np.newaxis]
    weights = np.where(mask, trace.attention, 0)
    weights /= weights.sum(axis=1, keepdims=True)
    kept = analyse_trace(make_trace(attention=weights, mask=mask, tokens=None), views=(), rng=0).attention
    assert kept.dtype == np.float32
    assert (np.isnan(kept) == ~mask).all()
    np.testing.assert_allclose(np.nansum(kept, axis=1), 1, atol=1e-6)


def probable(trace):
    """Return a head for the made trace, and the trace with the probabilities that it gives."""
    head = SoftmaxHead(np.array([[-1.0, 1.0]] * 3), np.zeros(2))
    return head, make_trace(output=head.predict_from_attention(trace.hidden, trace.attention))


def test_without_a_model_nothing_is_said_of_the_output_under_an_ablation():
    head, trace = probable(make_trace())
    shared = {"views": (PointwiseView(),), "ablations": (Uniform(), Permuted()), "rng": 0}
    without, measured = analyse_trace(trace, **shared), analyse_trace(trace, model=head, **shared)
    for analysis, quantities in ((without, set()), (measured, {"accuracy", "total_variation"})):
        ablated = analysis.frame[analysis.frame.ablation != "none"]
        assert set(ablated.quantity) == {"tau_b", "gini"} | quantities
        assert {"tau_b", "gini", "accuracy", "total_variation"} >= set(ablated.quantity)
        columns = [name for name in analysis.examples if name.startswith(("correct_", "total_variation_"))]
        assert len(columns) == 4 * bool(quantities)
    # The right values, from the head's own probabilities under equal weights.
    means = trace.hidden.mean(axis=1) @ np.array([[-1.0, 1.0]] * 3)
    expected = np.exp(means) / np.exp(means).sum(axis=1, keepdims=True)
    assert value(measured, "total_variation", ablation="uniform") == pytest.approx(
        np.abs(expected - trace.output)[:, 0].mean()
    )
    assert value(measured, "accuracy", ablation="uniform") == (expected.argmax(axis=1) == trace.label).mean()
    assert value(without, "accuracy", ablation="none") == (trace.predicted == trace.label).mean()


def test_layer_and_head_are_keys_and_other_metadata_stand_in_a_row():
    trace = make_trace(layer=3, head=5, run="first", dropout=0.1, epochs=4)
    frame = analyse_trace(trace, views=(PointwiseView(),), rng=0).frame
    assert (frame.layer == 3).all()
    assert (frame["head"] == 5).all()
    (row,) = frame[frame.quantity == "metadata"].itertuples()
    assert json.loads(row.parameters) == {"run": "first", "dropout": 0.1}
    assert frame[frame.quantity == "epochs"].value.tolist() == [4.0]
    plain = analyse_trace(make_trace(), views=(PointwiseView(),), rng=0).frame
    assert plain.layer.isna().all()
    assert "metadata" not in set(plain.quantity)


@pytest.mark.parametrize("name", ["layer", "head", "seed"])
@pytest.mark.parametrize("wrong", ["mean", 1.5, True])
def test_a_key_that_is_no_integer_is_named(name, wrong):
    with pytest.raises(InvalidInputError, match=f"{name}: must be an integer in the metadata .* got {wrong!r}"):
        analyse_trace(make_trace(**{name: wrong}), rng=0)


def test_an_ablated_trace_is_no_intact_one_in_the_frame():
    head, trace = probable(make_trace())
    for model, known in ((None, False), (head, True)):
        ablated = ablate(trace, Permuted(), model=model, rng=0)
        frame = analyse_trace(ablated, views=(PointwiseView(),), rng=0).frame
        assert (frame.ablation == "permuted").all()
        assert ("accuracy" in set(frame.quantity)) == known
        assert "metadata" not in set(frame.quantity)


@pytest.mark.slow
@pytest.mark.parametrize("dtype", [np.float16, ml_dtypes.bfloat16], ids=["float16", "bfloat16"])
def test_half_precision_is_analysed_as_its_numbers_are(dtype):
    """States of norms beyond 256, whose squares leave float16; every row is that of the same numbers in float64."""
    trace = make_trace()
    scaled = {"hidden": 300 * trace.hidden, "attention": trace.attention, "output": probable(trace)[1].output}
    half = make_trace(**{name: each.astype(dtype) for name, each in scaled.items()})
    wide = replace(half, hidden=half.hidden.astype(np.float64))
    shared = {
        "views": (RankView(2), PointwiseView()),
        "ablations": (Uniform(), Permuted()),
        "model": SoftmaxHead(np.array([[-1.0, 1.0]] * 3) / 300, np.zeros(2)),
        "rng": 0,
    }
    found, expected, exact = (analyse_trace(each, **shared).frame for each in (half, wide, make_trace(**scaled)))
    pd.testing.assert_frame_equal(found, expected, rtol=1e-9, atol=1e-12)
    # And close to what was rounded: weights and probabilities were so in float16 to 3 digits, in bfloat16 to 2.
    close = found.merge(exact, on=["quantity", "ablation", "parameters", "view", "estimator", "output"])
    close = close[close.quantity.isin(["conicity", "gini", "mi_context", "max_attention", "total_variation"])]
    assert len(close) == 8
    np.testing.assert_allclose(close.value_x, close.value_y, atol=0.02)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"attributions": {"mine": np.full((N, LENGTH), np.nan)}}, r"attributions\.mine: must be finite"),
        ({"attributions": {"mine": np.full((N, LENGTH), 1j)}}, r"attributions\.mine: must be an array of real"),
        ({"known_information": np.full((N, LENGTH), np.inf)}, "known_information: must be finite"),
        ({"known_information": np.zeros((N, 2))}, "known_information: must be real with attention's shape"),
        ({"sample": (0,), "class_names": ["one"]}, "class_names: must name the classes 0 to 1; got 1 names"),
    ],
)
def test_scores_and_names_are_checked_by_name(asked, message):
    with pytest.raises(InvalidInputError, match=message):
        analyse_trace(make_trace(), views=(PointwiseView(),), rng=0, **asked)


@pytest.mark.parametrize("wrong", [0, 5, Ross()])
def test_what_is_no_null_is_named(wrong):
    with pytest.raises(InvalidInputError, match=r"null: must be a Permutation; got"):
        analyse_trace(make_trace(), null=wrong, rng=0)


def test_what_is_no_trace_is_named():
    with pytest.raises(InvalidInputError, match="trace: must be an AttentionTrace; got ndarray"):
        analyse_trace(np.zeros((3, 4)), rng=0)
    classes = make_trace(output=2 * make_trace().output - 1, label=None)  # classes of -1 and 1
    frame = analyse_trace(classes, views=(PointwiseView(),), sample=(0,), rng=0).frame
    expected = str(int(classes.predicted[0]))
    assert set(parameter(frame[frame.quantity == "token_attention"], "predicted")) == {expected}
