import numpy as np
import pandas as pd
import pytest
from scipy import stats

from attnstats.exceptions import FrameError
from attnstats.frame import Row, to_frame
from attnstats.report.notation._rows import of_deciding_models, over_seeds, seed_rows
from attnstats.report.tables.condition_tables import ablation_table, conditions_table


def _rows(values, **keys):
    return [Row(quantity="tau_b", value=value, seed=seed, **keys) for seed, value in enumerate(values)]


def test_the_interval_is_that_of_a_one_sample_t_test():
    values = np.random.default_rng(0).normal(size=9)
    summary = over_seeds(seed_rows(to_frame(_rows(values)), "tau_b"), ["encoder"]).iloc[0]
    interval = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert (summary["low"], summary["high"]) == pytest.approx((interval.low, interval.high), rel=1e-12)
    assert summary["sd"] == pytest.approx(np.std(values, ddof=1))
    assert summary["n_seeds"] == 9


@pytest.mark.parametrize("quantity", ["concordance", "gini", "accuracy"])
def test_the_interval_of_a_share_stays_between_0_and_1(quantity):
    rows = [Row(quantity=quantity, encoder="mlp", value=value, seed=seed) for seed, value in enumerate((0.9, 1.0))]
    rows += [
        Row(quantity=quantity, encoder="cnn", value=value, seed=seed) for seed, value in enumerate((0.0, 0.2, 0.4))
    ]
    near_one, near_zero = over_seeds(seed_rows(to_frame(rows), quantity), ["encoder"]).to_dict("records")
    assert (near_one["low"], near_one["high"]) == pytest.approx((0.95 - 12.706 * 0.05, 1.0), abs=1e-3)
    assert (near_zero["low"], near_zero["high"]) == pytest.approx((0.0, 0.2 + 4.303 * 0.2 / 3**0.5), abs=1e-3)
    other = [Row(quantity="tau_b", value=value, seed=seed) for seed, value in enumerate((0.9, 1.0))]
    assert over_seeds(seed_rows(to_frame(other), "tau_b"), ["encoder"])["high"][0] > 1


def test_one_seed_has_a_mean_and_no_interval():
    summary = over_seeds(seed_rows(to_frame(_rows([0.3])), "tau_b"), ["encoder"]).iloc[0]
    assert summary["mean"] == 0.3
    assert np.isnan(summary[["sd", "low", "high"]].astype(float)).all()


def test_examples_and_ablations_are_no_seed_rows():
    frame = to_frame(
        [
            *_rows([0.1, 0.2], ablation="none"),
            *_rows([0.0, 0.0], ablation="permuted"),
            *_rows([0.9], ablation="none", example=3),
        ]
    )
    assert seed_rows(frame, "tau_b")["value"].tolist() == [0.1, 0.2]
    assert seed_rows(frame, "tau_b", ablated=True)["value"].tolist() == [0.0, 0.0]


def test_a_model_without_a_seed_is_one_model():
    summary = over_seeds(seed_rows(to_frame([Row(quantity="tau_b", value=0.5)]), "tau_b"), ["encoder"]).iloc[0]
    assert (summary["mean"], summary["n_seeds"]) == (0.5, 1)


def test_a_seed_counted_twice_is_refused():
    frame = to_frame(_rows([0.1, 0.2]) + _rows([0.3]))
    with pytest.raises(FrameError, match="once for each seed; got it twice"):
        over_seeds(seed_rows(frame, "tau_b"), ["encoder"])


def test_groups_stand_in_the_order_of_the_frame_and_missing_keys_drop_no_row():
    frame = to_frame(_rows([1.0], encoder="mlp") + _rows([2.0]) + _rows([3.0], encoder="bilstm"))
    summary = over_seeds(seed_rows(frame, "tau_b"), ["encoder"])
    assert summary["encoder"].tolist() == ["mlp", "", "bilstm"]


def test_each_head_is_a_cell_of_its_own():
    keys = {"quantity": "gini", "encoder": "bert", "value": 0.5}
    rows = [Row(**keys, layer=layer, head=head, seed=seed) for layer in (0, 1) for head in (0, 1) for seed in range(3)]
    rows += [Row(**keys, attention="general(scale=2)", head=7, seed=seed) for seed in range(3)]
    rows += [Row(**keys, attention="additive", seed=seed) for seed in range(3)]
    table = conditions_table(to_frame(rows))
    named = [f"attention (layer {layer}, head {head})" for layer in (0, 1) for head in (0, 1)]
    assert table.text["Attention"].tolist() == [*named, "general (scale 2, head 7)", "additive"]
    assert table.text["Seeds"].tolist() == ["3"] * 6
    with pytest.raises(FrameError, match="once for each seed"):
        conditions_table(to_frame([Row(**keys, layer=0, head=0, seed=0)] * 2))


def test_frames_put_together_may_share_an_index():
    frames = [to_frame(_rows([0.1, 0.2], attention="bert", layer=0, head=head)) for head in (1, 2)]
    table = conditions_table(pd.concat(frames))
    assert table.text["Attention"].tolist() == ["bert (layer 0, head 1)", "bert (layer 0, head 2)"]
    assert table.text["Seeds"].tolist() == ["2", "2"]


def test_outcomes_without_a_model_leave_a_dash_and_no_number():
    keys = {"encoder": "mlp", "ablation": "uniform"}
    rows = [Row(**keys, quantity="tau_b", value=0.0, seed=seed) for seed in range(3)]
    alone = ablation_table(to_frame(rows)).text
    assert "Total variation" not in alone
    assert "Accuracy" not in alone
    rows.append(Row(encoder="cnn", ablation="uniform", quantity="total_variation", value=0.1, seed=0))
    beside = ablation_table(to_frame(rows)).text
    assert beside["Total variation"].tolist()[0] == "–"


def test_checkpoints_and_other_trainings_are_not_shown_with_the_models_that_decide():
    keys = {"quantity": "gini", "encoder": "mlp", "ablation": "none", "seed": 0}
    rows = [Row(**keys, training="long", updates=0, value=0.1), Row(**keys, training="standard", value=0.3)]
    rows += [Row(**keys, training="standard", updates=5, value=0.2), Row(**keys, training="long", value=0.4)]
    frame = to_frame(rows)
    assert seed_rows(frame, "gini")["value"].tolist() == [0.3]
    assert of_deciding_models(frame)["value"].tolist() == [0.3]
    assert conditions_table(frame).text["Gini"].tolist() == ["0.300"]
    kept = frame[frame["updates"].isna()]
    assert of_deciding_models(kept)["value"].tolist() == [0.3]
