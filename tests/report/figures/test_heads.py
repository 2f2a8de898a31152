import numpy as np
import pytest

from attnstats.exceptions import FrameError, InvalidInputError
from attnstats.frame import Row, encode_parameters, to_frame
from attnstats.report import plot_heads


def rows(query, *, rollout=True):
    for layer in (1, 3):
        for head in (0, 2, *([None] if rollout else [])):
            value = -0.2 if head is None else 0.1 * layer - 0.05 * head
            asked = encode_parameters(query=query)
            pvalue = 0.001 if value > 0.15 else 0.5
            keys = {"layer": layer, "head": head, "parameters": asked, "pvalue_adjusted": pvalue}
            yield Row(quantity="tau_b", family="heads", value=value, **keys)


def test_each_head_has_its_place_and_those_shown_have_a_dot():
    figure = plot_heads(to_frame([*rows("ClassToken()"), *rows("MeanQuery()", rollout=False)]))
    first, second, bar = figure.axes
    assert [label.get_text() for label in first.get_xticklabels()] == ["0", "2", "\nrollout"]
    assert [label.get_text() for label in second.get_xticklabels()] == ["0", "2"]
    assert [label.get_text() for label in first.get_yticklabels()] == ["1", "3"]
    np.testing.assert_allclose(first.images[0].get_array(), [[0.1, 0.0, -0.2], [0.3, 0.2, -0.2]])
    assert sorted((int(line.get_xdata()[0]), int(line.get_ydata()[0])) for line in first.lines) == [(0, 1), (1, 1)]
    assert first.images[0].get_clim() == pytest.approx((-0.3, 0.3))
    assert "tau-b" in bar.get_ylabel()


def test_readings_of_a_group_have_its_number():
    about = [{"group": 2, "alike": 0.8}, {}, {"group": 2, "alike": 0.8}]
    keys = {"quantity": "tau_b", "family": "heads", "layer": 0, "value": 0.1, "pvalue_adjusted": 0.5}
    grouped = [
        Row(head=head, parameters=encode_parameters(query="ClassToken()", **each), **keys)
        for head, each in enumerate(about)
    ]
    axis = plot_heads(to_frame(grouped)).axes[0]
    assert [text.get_text() for text in axis.texts] == ["2", "2"]
    assert [round(text.xy[0]) for text in axis.texts] == [0, 2]


def changes(ablation, outcome="accuracy", null_value=0.0, **keys):
    for layer in (0, 2):
        for head in (1, 2):
            about = encode_parameters(outcome=outcome, null_value=null_value)
            place = {"layer": layer, "head": head, "ablation": ablation, "parameters": about}
            tested = {"pvalue_adjusted": 0.001} if head == 1 else {}
            yield Row(quantity="contrast", family="heads", value=0.1 * layer - 0.01 * head, **place, **tested, **keys)


def test_there_is_a_map_for_each_intervention_without_sets_of_heads():
    together = encode_parameters(outcome="accuracy", null_value=0.0, heads=[[0, 1], [2, 2]])
    rows = [*changes("zeroed"), *changes("permuted(each_row=True)")]
    rows.append(Row(quantity="contrast", family="heads", value=9.0, ablation="zeroed", parameters=together))
    rows.append(Row(quantity="accuracy", value=0.9))
    first, second, bar = plot_heads(to_frame(rows)).axes
    assert [first.get_title(), second.get_title()] == ["zeroed", "permuted (each row True)"]
    np.testing.assert_allclose(first.images[0].get_array(), [[-0.01, -0.02], [0.19, 0.18]])
    assert [label.get_text() for label in first.get_yticklabels()] == ["0", "2"]
    assert sorted((int(line.get_xdata()[0]), int(line.get_ydata()[0])) for line in first.lines) == [(0, 0), (0, 1)]
    assert bar.get_ylabel() == "fall of the\naccuracy"
    bar = plot_heads(to_frame(list(changes("zeroed", "total_variation", 0.01)))).axes[-1]
    assert bar.get_ylabel() == "total variation"


def test_what_was_not_tested_is_hatched_and_sets_of_heads_are_counted():
    together = encode_parameters(outcome="accuracy", null_value=0.0, heads=[[0, 1], [0, 2]])
    keys = {"quantity": "contrast", "family": "heads", "value": 9.0, "layer": 0, "parameters": together}
    pairs = [Row(ablation=ablation, **keys) for ablation in ("zeroed", "uniform")]  # one set under both
    figure = plot_heads(to_frame([*list(changes("zeroed"))[:3], *pairs]))
    axis = figure.axes[0]
    # Head 2 of layer 0 has no p-value, and head 2 of layer 2 no row.
    assert [tuple(np.add(patch.get_xy(), 0.5)) for patch in axis.patches] == [(1, 0), (1, 1)]
    assert all(patch.get_hatch() for patch in axis.patches)
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["not tested"]
    assert figure.legends[0].get_title().get_text() == "not on the map: 1 set of several heads"
    whole = plot_heads(to_frame(list(rows("ClassToken()"))))
    assert not whole.axes[0].patches
    assert not whole.legends


def test_readings_without_a_value_are_hatched():
    keys = {"quantity": "tau_b", "family": "heads", "parameters": encode_parameters(query="ClassToken()"), "layer": 0}
    frame = to_frame([Row(head=0, value=0.1, pvalue_adjusted=0.5, **keys), Row(head=1, **keys)])
    (patch,) = plot_heads(frame).axes[0].patches
    assert patch.get_xy() == (0.5, -0.5)


def test_maps_of_different_things_are_refused():
    with pytest.raises(FrameError, match="must hold heads of one outcome; got accuracy, decision_flips"):
        plot_heads(to_frame([*changes("zeroed"), *changes("zeroed", "decision_flips", 0.01)]))
    with pytest.raises(FrameError, match="of the family 'heads'; got both"):
        plot_heads(to_frame([*changes("zeroed"), *rows("ClassToken()")]))


def test_a_frame_without_heads_is_refused():
    with pytest.raises(FrameError, match="of the family 'heads'; got none"):
        plot_heads(to_frame([Row(quantity="tau_b", value=0.1)]))
    with pytest.raises(InvalidInputError, match="alpha"):
        plot_heads(to_frame(list(rows("ClassToken()"))), alpha=2)
