"""Tables of checkpoints: means by hand, and distances of curves whose distance is known."""

import numpy as np
import pandas as pd
import pytest

from attnstats.exceptions import FrameError
from attnstats.frame import Row, encode_parameters, to_frame
from attnstats.report import along_table, conditions_table, distance_table, render_page

RATES = {"standard": 0.001, "fast": 0.004}
NOISE = 0.01 * np.random.default_rng(0).normal(size=(2, 5))
KEYS = {"dataset": "d", "encoder": "mlp", "attention": "additive", "normalizer": "softmax"}


def frame(curve, *, at=(0, 10, 100, 1000), quantity="gini", missing=(), parameters=None, seeds=5, keys=KEYS):
    """Return the rows of a measure that is `curve` of training and learning rate times updates, plus noise by seed."""
    rows = []
    for k, (training, rate) in enumerate(RATES.items()):
        for seed in range(seeds):
            for updates in at:
                of = {**keys, "training": training, "seed": seed, "updates": updates, "ablation": "none"}
                rows.append(Row(**of, quantity="step_size", value=rate * updates))
                if (training, seed, updates) not in missing:
                    value = curve(training, rate * updates) + NOISE[k, seed]
                    rows.append(Row(**of, quantity=quantity, value=value, parameters=parameters))
    return to_frame(rows)


def apart(*frames):
    (row,) = distance_table(*frames).data.to_dict("records")
    return row


def test_curves_of_one_product_fall_on_one_another():
    # Linear in the log of the product, so that interpolation is exact; 0 stands for the initial weights.
    row = apart(frame(lambda _, size: 0.1 * np.log10(size) if size else -3.0))
    difference = NOISE[0] - NOISE[1]
    assert row["distance"] == pytest.approx(abs(difference.mean()))
    assert row["standard_error"] == pytest.approx(difference.std(ddof=1) / np.sqrt(5))
    assert row["n_seeds"] == 5
    assert row["range"] == pytest.approx(0.1 * np.log10(4) + 3 + NOISE[1].mean() - NOISE.mean(axis=1).min(), abs=0.02)


def test_the_place_and_the_sign_of_the_largest_distance():
    row = apart(frame(lambda training, size: 0.0 if training == "standard" else -0.3 * (size >= 0.4)))
    # The products are 0.01, 0.1, 1 and 0.04, 0.4, 4: the last place that both reach is 1.
    assert row["step_size"] == pytest.approx(0.4)
    assert (row["higher"], row["lower"]) == ("standard", "fast")
    assert row["distance"] == pytest.approx(0.3 + NOISE[0].mean() - NOISE[1].mean())


def test_the_distance_is_the_largest_over_a_fine_grid():
    def curve(training, size):
        return np.tanh(size) if training == "standard" else np.tanh(2 * size)

    row = apart(frame(curve))
    grid = np.geomspace(0.04, 1, 100_001)
    by_training = [
        np.interp(np.log(grid), np.log(sizes), [curve(name, size) for size in sizes]) + NOISE[k].mean()
        for k, (name, sizes) in enumerate((("standard", [0.01, 0.1, 1]), ("fast", [0.04, 0.4, 4])))
    ]
    assert row["distance"] == pytest.approx(np.abs(by_training[0] - by_training[1]).max(), rel=1e-4)


def test_a_checkpoint_where_a_seed_has_no_value_is_passed_over():
    def curve(_, size):
        return 9.0 if size == pytest.approx(0.1) else 0.1 * np.log10(size) if size else 0.0

    lacking = frame(curve, missing=[("standard", 3, 100)])
    assert apart(lacking)["distance"] == pytest.approx(abs((NOISE[0] - NOISE[1]).mean()))
    assert apart(frame(curve))["distance"] > 5
    # A seed that one training lacks altogether is left out of both.
    without = frame(curve, missing=[("fast", 3, updates) for updates in (0, 10, 100, 1000)])
    assert apart(without)["n_seeds"] == 4


def test_trainings_that_share_no_place_have_no_distance():
    assert len(distance_table(frame(lambda *_: 0.0, at=(0, 1)))) == 0
    one = frame(lambda *_: 0.0)
    assert len(distance_table(one[one["training"] == "fast"])) == 0
    assert np.isnan(apart(frame(lambda *_: 0.0, seeds=1))["standard_error"])


def test_means_stand_by_training_in_the_order_of_updates():
    gradient = encode_parameters(attribution="gradient_times_input")
    other = encode_parameters(attribution="integrated_gradients")
    parts = {"quantity": "tau_b_attention_attribution", "at": (1000, 0)}
    table = along_table(frame(lambda *_: 0.5, **parts, parameters=gradient, missing=[("fast", 0, 0)]))
    data = table.data
    assert data["training"].tolist() == ["standard", "standard", "fast", "fast"]
    assert data["updates"].tolist() == [0, 1000, 0, 1000]
    assert data["step_size"].tolist() == pytest.approx([0, 1, 0, 4])
    column = "tau_b_attention_attribution gradient_times_input"
    assert data[f"{column}_mean"].tolist() == pytest.approx(
        [0.5 + mean for mean in (NOISE[0].mean(), NOISE[0].mean(), NOISE[1, 1:].mean(), NOISE[1].mean())]
    )
    assert data[f"{column}_sd"].iloc[1] == pytest.approx(NOISE[0].std(ddof=1))
    assert data[f"{column}_n_seeds"].tolist() == [5, 5, 4, 5]
    assert table.text["Updates"].tolist() == ["0", "1,000"] * 2
    assert len(along_table(frame(lambda *_: 0.5, **parts, parameters=other))) == 0
    names = ("additive", "deep")
    two = pd.concat([frame(lambda *_: 0.5, at=(7,), keys={**KEYS, "attention": name}) for name in names])
    places = along_table(two.sort_values("training", kind="stable")).data[["attention", "training"]]
    assert places.to_numpy().tolist() == [
        [name, each] for name in ("additive", "deep") for each in ("fast", "standard")
    ]


def test_a_value_that_stands_twice_is_refused():
    once = frame(lambda *_: 0.0)
    for table in (along_table, distance_table):
        with pytest.raises(FrameError, match="once for each seed; got it twice"):
            table(to_frame([*_gini(once), *_gini(once), *_sizes(once)]))


def _gini(source):
    rows = source[source["quantity"] == "gini"]
    names = ["training", "seed", "updates", "value"]
    return [Row(quantity="gini", **dict(zip(names, row, strict=True))) for row in rows[names].to_numpy().tolist()]


def _sizes(source):
    rows = source[source["quantity"] == "step_size"]
    names = ["training", "seed", "updates", "value"]
    return [Row(quantity="step_size", **dict(zip(names, row, strict=True))) for row in rows[names].to_numpy().tolist()]


def test_what_has_no_place_on_a_log_axis_is_refused():
    wrong = frame(lambda *_: 0.0)
    for value in (-1.0, np.inf):
        with pytest.raises(FrameError, match="step_size not below 0"):
            along_table(wrong.assign(value=value))


def test_other_tables_leave_checkpoints_out_and_the_page_shows_both():
    along = frame(lambda *_: 0.5)
    assert len(conditions_table(along)) == 0
    page = render_page(along)
    assert 'id="along"' in page
    assert 'id="distances"' in page
    assert 'id="figure-along"' in page
    kept = render_page(to_frame([Row(quantity="gini", value=0.5, seed=0)]))
    assert 'id="along"' not in kept
