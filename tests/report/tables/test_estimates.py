"""The table of what qualifies a finding."""

from attnstats.frame import Row, encode_parameters, to_frame
from attnstats.report import estimate_table, render_page

ABOUT = encode_parameters(estimate="iii.near_uniform", estimand="share of near ties under near-uniform attention")


def frame(*trainings):
    shared = {"quantity": "estimate", "finding": "iii", "encoder": "bilstm", "parameters": ABOUT, "n_seeds": 8}
    rows = [Row(**shared, value=0.5, ci_low=0.4, ci_high=0.6, ci_level=0.95)]
    rows += [Row(**shared, training=training, value=0.0) for training in trainings]
    cell = {"quantity": "gini", "encoder": "bilstm", "attention": "additive", "normalizer": "softmax"}
    rows += [Row(**cell, training=each, seed=0, value=0.3) for each in ("standard", *trainings)]
    return to_frame(rows)


def test_trainings_are_named_where_there_are_several():
    assert "Training" not in estimate_table(frame()).text
    table = estimate_table(frame("long"))
    assert table.text["Training"].tolist() == ["standard", "long"]
    # What is the same in every model has no interval.
    assert table.text["Mean [95 % CI]"].tolist() == ["0.50 [0.40, 0.60]", "0.000"]


def test_the_page_holds_the_table_where_there_is_one():
    said = "What qualifies the findings and decides none"
    assert said in render_page(frame())
    assert said not in render_page(to_frame([Row(quantity="gini", encoder="mlp", seed=0, value=0.3)]))


def test_a_frame_without_estimates_has_an_empty_table():
    assert len(estimate_table(to_frame([]))) == 0
