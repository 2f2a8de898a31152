"""The table of primary claims by training, and tables that show the first training alone."""

import pytest

from attnstats.frame import Row, encode_parameters, to_frame
from attnstats.report import conditions_table, render_page, training_table


def claim(name, *, primary=True):
    return encode_parameters(hypothesis=name, claim=f"{name} holds", primary=primary)


def frame(*, elsewhere=True):
    rows = [
        Row(quantity="contrast", finding="i", value=0.1, verdict="supported", parameters=claim("i.a")),
        Row(quantity="contrast", finding="i", value=0.2, verdict="supported", parameters=claim("i.b")),
        Row(quantity="contrast", finding="i", value=0.3, verdict="supported", parameters=claim("i.c", primary=False)),
    ]
    if elsewhere:
        rows += [
            Row(
                quantity="contrast_by_training",
                finding="i",
                training=training,
                value=value,
                verdict=verdict,
                parameters=claim(name),
            )
            for training, value, verdict in (("long", 0.0, "negligible"), ("early", -0.1, "contradicted"))
            for name in ("i.a", "i.b")
        ]
    keys = {"dataset": "d", "encoder": "mlp", "attention": "additive", "normalizer": "softmax"}
    for training, accuracy in (("standard", 0.9), ("long", 0.5), ("early", 0.4)):
        rows += [Row(quantity="accuracy", **keys, training=training, seed=seed, value=accuracy) for seed in (0, 1)]
    return to_frame(rows)


def test_claims_stand_together_first_training_first():
    data = training_table(frame()).data
    assert data["hypothesis"].tolist() == ["i.a"] * 3 + ["i.b"] * 3
    assert data["training"].tolist() == ["standard", "long", "early"] * 2
    assert data["verdict"].tolist() == ["supported", "negligible", "contradicted"] * 2


def test_a_study_of_one_training_has_no_such_table():
    assert len(training_table(frame(elsewhere=False))) == 0


def test_other_tables_show_the_first_training():
    (accuracy,) = conditions_table(frame()).data.filter(like="accuracy").iloc[:, 0]
    assert accuracy == pytest.approx(0.9)


def test_the_page_holds_the_table_where_there_is_one():
    page = render_page(frame())
    assert "decided anew where the models were trained otherwise" in page
    assert "trained standard; beside them stand models trained long and early." in page
    assert "trained otherwise" not in render_page(frame(elsewhere=False)).lower()
