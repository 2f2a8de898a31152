"""The figure of checkpoints."""

import numpy as np
import pytest

from attnstats.exceptions import FrameError
from attnstats.frame import Row, to_frame
from attnstats.report import plot_along

T4 = 2.7764451051977987  # R: qt(.975, 4)


def rows(encoder="mlp", attention="additive", *, trainings=("long", "short"), lacking=0, quantity="gini"):
    found = []
    for k, training in enumerate(trainings):
        for seed in range(5):
            for updates in (0, 1, 10, 1000):
                of = {"dataset": "d", "encoder": encoder, "attention": attention, "normalizer": "softmax"}
                of |= {"training": training, "seed": seed, "updates": updates}
                found.append(Row(**of, quantity="step_size", value=0.001 * (k + 1) * updates))
                if updates or seed >= lacking:
                    found.append(Row(**of, quantity=quantity, value=0.1 * k + 0.01 * seed + 0.0001 * updates))
    return found


def curves(axis):
    return {line.get_label(): line for line in axis.get_lines() if not line.get_label().startswith("_")}


def test_a_curve_is_the_mean_at_learning_rate_times_updates_and_its_band_the_t_interval():
    axis = plot_along(to_frame(rows())).axes[0]
    assert axis.get_xscale() == "log"
    lines = curves(axis)
    assert list(lines) == ["long", "short"]
    # The initial weights stand a decade before the first update.
    assert lines["long"].get_xdata() == pytest.approx([0.0001, 0.001, 0.01, 1])
    assert lines["short"].get_xdata() == pytest.approx([0.0001, 0.002, 0.02, 2])
    assert lines["short"].get_ydata() == pytest.approx([0.12, 0.1201, 0.121, 0.22])
    half = T4 * np.std(0.01 * np.arange(5), ddof=1) / np.sqrt(5)
    band = axis.collections[0].get_paths()[0].vertices
    assert band[:, 1].min() == pytest.approx(0.02 - half)
    assert [label.get_text() for label in axis.get_xticklabels()] == ["0", "0.01", "1"]
    assert axis.get_xticks() == pytest.approx([0.0001, 0.01, 1])


def test_a_column_for_each_condition_and_a_row_for_each_measure():
    parts = [rows(encoder, attention) for attention in ("additive", "deep") for encoder in ("mlp", "cnn")]
    frame = to_frame([row for part in parts for row in part] + rows(quantity="tau_b")[1::2])
    figure = plot_along(frame)
    shown = [axis for axis in figure.axes if axis.get_visible()]
    assert [axis.get_title() for axis in shown[:4]] == ["MLP\nadditive", "MLP\ndeep", "CNN\nadditive", "CNN\ndeep"]
    assert len(shown) == 8
    assert [axis.get_ylabel() for axis in shown[::4]] == ["tau-b, MI", "Gini"]
    assert not curves(shown[1])  # of tau-b there are rows of one condition alone
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["long", "short"]
    assert {axis.get_ylim() for axis in shown[4:]} == {shown[4].get_ylim()}


def test_many_conditions_go_on_below():
    frame = to_frame([row for k in range(8) for row in rows("mlp", f"general(k={k})")])
    shown = [axis for axis in plot_along(frame).axes if axis.get_visible()]
    assert len(shown) == 8
    assert len({round(axis.get_position().y0, 3) for axis in shown}) == 2


def test_a_mean_over_fewer_seeds_is_hollow():
    axis = plot_along(to_frame(rows(trainings=("long",), lacking=2))).axes[0]
    hollow = [line for line in axis.get_lines() if line.get_markerfacecolor() == "white" and len(line.get_xdata())]
    assert [list(line.get_ydata()) for line in hollow] == [[pytest.approx(0.03)]]
    whole = plot_along(to_frame(rows(trainings=("long",)))).axes[0]
    assert not [line for line in whole.get_lines() if line.get_markerfacecolor() == "white" and len(line.get_xdata())]


def test_initial_weights_alone_are_drawn():
    first = [row for row in rows() if row.updates == 0]
    assert curves(plot_along(to_frame(first)).axes[0])


@pytest.mark.parametrize("quantity", ["gini", "step_size"])
def test_rows_without_a_checkpoint_are_refused(quantity):
    with pytest.raises(FrameError, match="frame: must hold rows of quantity 'step_size' and of a measure"):
        plot_along(to_frame([Row(quantity=quantity, value=0.7, seed=0)]))
