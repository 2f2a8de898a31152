"""Rows at a checkpoint: those of the whole analysis where it can be made, and what is defined where it cannot."""

import json

import numpy as np
import pytest

from attnstats.frame import to_frame
from attnstats.information import Probe
from attnstats.studies import PointwiseView, PositionView, RankView, analyse_trace
from attnstats.studies.trace_rows._checkpoint import checkpoint_rows
from attnstats.trace import AttentionTrace

N, LENGTH = 300, 6
VIEWS = (RankView(3), PointwiseView(), PositionView(2))


def make_trace(n_other):
    """Return a trace whose predicted class is 1 in `n_other` examples and 0 in the others."""
    rng = np.random.default_rng(0)
    output = (np.arange(N) < n_other).astype(int)
    hidden = rng.normal(size=(N, LENGTH, 3)) + output[:, None, None]
    attention = rng.dirichlet(np.ones(LENGTH), size=N)
    named = {"dataset": "made", "training": "long", "seed": 4}
    return AttentionTrace.from_arrays(
        attention=attention, hidden=hidden, output=output, label=np.arange(N) % 2, **named
    )


def frame_of(trace, views=VIEWS):
    attribution = np.random.default_rng(1).normal(size=trace.mask.shape)
    rows = checkpoint_rows(
        trace,
        views=views,
        estimator=Probe(),
        attributions={"leave_one_out": attribution},
        near_tie=0.1,
        updates=20,
        step_size=0.08,
        rng=np.random.default_rng(0),
    )
    return to_frame(rows)


def values(frame, view=None):
    rows = frame[frame.view.isna() if view is None else frame.view == view]
    return {(row.quantity, row.parameters or None): row.value for row in rows.fillna({"parameters": ""}).itertuples()}


def test_every_row_names_the_checkpoint_and_its_model():
    frame = frame_of(make_trace(150))
    keys = frame[["dataset", "training", "seed", "updates", "ablation"]].drop_duplicates()
    assert keys.to_numpy().tolist() == [["made", "long", 4, 20, "none"]]
    assert frame[frame.quantity == "step_size"].value.tolist() == [0.08]
    assert not set(frame.view.dropna()) - {"rank", "pointwise"}
    assert not frame.duplicated(["quantity", "view", "parameters"]).any()


def test_what_is_measured_is_what_the_whole_analysis_measures():
    trace = make_trace(150)
    attribution = np.random.default_rng(1).normal(size=trace.mask.shape)
    whole = analyse_trace(
        trace, views=(RankView(3), PointwiseView()), attributions={"leave_one_out": attribution}, rng=0
    ).frame
    found = frame_of(trace)
    for view in (None, "rank", "pointwise"):
        expected = values(whole, view)
        for key, value in values(found, view).items():
            if key[0] not in ("step_size", "concordance_reference"):
                # The probe draws other folds, and MI about noise is near zero.
                assert value == pytest.approx(expected[key], abs=0.05), key
    for quantity in ("gini", "conicity", "accuracy", "output_entropy"):
        assert values(found)[quantity, None] == values(whole)[quantity, None]


@pytest.mark.parametrize("n_other", [0, 1, 2, 5])
def test_a_model_that_predicts_nearly_one_class_is_no_error(n_other):
    frame = frame_of(make_trace(n_other))
    found = set(frame.quantity)
    assert {"gini", "conicity", "accuracy", "step_size", "tau_b_attention_attribution"} <= found
    assert frame[frame.quantity == "accuracy"].value.item() == pytest.approx(0.5, abs=0.02)
    if n_other == 0:
        assert not found & {
            "tau_b",
            "mi",
            "mi_normalised_mean",
            "near_tie_concordance",
            "tau_b_information_attribution",
        }
        said = frame[frame.quantity == "not_estimated"].set_index("view").parameters.map(json.loads)
        assert set(said.index) == {"rank", "pointwise"}
        assert "two classes" in said["rank"]["error"]
    if n_other == 5:
        assert {"tau_b", "mi_normalised_mean"} <= found
    assert np.isfinite(frame[frame.quantity == "tau_b"].value).all()


def test_views_that_the_study_lacks_are_not_measured():
    frame = frame_of(make_trace(150), views=(RankView(3),))
    assert "tau_b" not in set(frame.quantity)
    assert frame_of(make_trace(150), views=()).view.isna().all()
