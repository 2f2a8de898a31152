"""One trace, analysed: against a trace whose orders and information are known by construction."""

import numpy as np
import pytest

from attnstats.ablation import Permuted, Uniform
from attnstats.exceptions import ConstantInputError, InvalidInputError, TooFewSamplesError
from attnstats.frame import parameter
from attnstats.information import Probe, Ross
from attnstats.studies import PointwiseView, PositionView, RankView, analyse_trace
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


def test_rank_and_position_profiles_follow_the_strength():
    analysis = analyse_trace(
        make_trace(),
        views=(RankView(LENGTH), PositionView(LENGTH)),
        estimators=(Probe(), Ross()),
        rng=0,
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
        mean = value(analysis, "mi_normalised_mean", estimator=estimator)
        assert mean == pytest.approx(by_rank.mean())
    assert parameter(chosen[chosen["view"] == "rank"], "rank").tolist() == [1, 2, 3, 4, 5]
    assert analysis.examples["information"].mean() == pytest.approx(
        value(analysis, "mi_normalised_mean", estimator="Probe()")
    )


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
    with pytest.raises(TooFewSamplesError, match="ranks: 9: must leave examples"):
        analyse_trace(make_trace(), views=(RankView(9),), rng=0)
    with pytest.raises(TooFewSamplesError, match="positions: 9"):
        analyse_trace(make_trace(), views=(PositionView(9),), rng=0)


def test_tokens_of_zero_attention_are_no_near_ties():
    trace = make_trace()
    attention = np.where(np.arange(LENGTH) < 2, 0, trace.attention)
    attention /= attention.sum(axis=1, keepdims=True)
    analysis = analyse_trace(make_trace(attention=attention), views=(PointwiseView(),), rng=0, near_tie=1.5)
    assert (analysis.examples["near_tie_pairs"] == 2).all()  # among three positive weights
    assert analysis.frame[analysis.frame.quantity == "tau_b"].ties.iloc[0] == pytest.approx(0.1)  # one pair of ten
