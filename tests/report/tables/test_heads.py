"""The table of heads: one row for each, with the numbers of the analysis."""

import numpy as np
import pandas as pd
import pytest

from attnstats.exceptions import FrameError
from attnstats.frame import Row, encode_parameters, to_frame
from attnstats.report import CSV, LaTeX, Markdown, head_table, plot_heads, render_table, write_tables


def rows_of(layer, head, query, value, **more):
    about = {"query": query, **({"reading": "rollout"} if head is None else {})}
    keys = {"layer": layer, "head": head}
    tau = {"n": 90, "undefined": 10, "ties": 0.02, "correction": "max_t", "ci_level": 0.95}
    if value is not None:
        tau |= {"value": value, "ci_low": value - 0.1, "ci_high": value + 0.1, "pvalue_adjusted": 0.04}
    group = {"group": more["group"], "alike": 0.8} if "group" in more else {}
    rows = [Row(quantity="tau_b", family="heads", parameters=encode_parameters(**about, **group), **keys, **tau)]
    if value is not None:
        rows.append(Row(quantity="gini", value=abs(value) / 2, parameters=encode_parameters(**about), **keys))
    return rows


@pytest.fixture
def frame():
    rows = [Row(quantity="mi_pointwise_mean", layer=0, value=0.1)]
    for query in ("ClassToken()", "MeanQuery()"):
        for layer in (1, 0):
            rows += rows_of(layer, None, query, 0.3)
            for head in (1, 0):
                dead = (layer, head, query) == (1, 0, "MeanQuery()")
                group = {"group": 1} if head == 1 and not dead else {}
                rows += rows_of(layer, head, query, None if dead else 0.1 * head - 0.2 * layer, **group)
    return to_frame(rows)


def test_each_head_stands_once_with_its_own_numbers(frame):
    table = head_table(frame)
    assert table.text["Head"].tolist() == ["0", "1", "rollout"] * 4
    assert table.text["Layer"].tolist() == ["0"] * 3 + ["1"] * 3 + ["0"] * 3 + ["1"] * 3
    assert table.data["query"].tolist() == ["ClassToken()"] * 6 + ["MeanQuery()"] * 6
    heads = table.data["head"]
    assert heads.isna().sum() == 4
    known = table.data["value"].notna() & heads.notna()
    expected = 0.1 * heads[known].astype(float) - 0.2 * table.data.loc[known, "layer"].astype(float)
    np.testing.assert_allclose(table.data.loc[known, "value"], expected)
    np.testing.assert_allclose(table.data.loc[known, "gini"], expected.abs() / 2)
    one = table.text.iloc[1]
    assert one.tolist() == ["0", "1", "ClassToken()", "0.10 [0.00, 0.20]", ".040", "0.050", "0.020", "1"]
    assert list(table.text) == ["Layer", "Head", "Query", "tau-b [95 % CI]", "p max-T", "Gini", "Near ties", "Group"]


def test_a_head_without_an_order_says_so(frame):
    table = head_table(frame)
    row = table.text[table.text.iloc[:, 3] == "no order"]
    assert row[["Layer", "Head", "Query"]].to_numpy().tolist() == [["1", "0", "MeanQuery()"]]
    assert row.iloc[0, 4] == "–"
    assert table.notes[1].startswith("No order: ")
    assert len(head_table(frame[frame["value"].notna()]).notes) == 1


def test_it_is_written_in_every_form_and_as_a_file(frame, tmp_path):
    table = head_table(frame)
    assert "| no order" in render_table(table, Markdown())
    assert r"\label{tab:heads}" in render_table(table, LaTeX())
    assert render_table(table, CSV()).startswith("layer,head,query,value,ci_low,ci_high,ci_level,")
    assert [path.name for path in write_tables(frame, tmp_path)] == ["heads.csv", "heads.md", "heads.tex"]
    assert len(pd.read_csv(tmp_path / "heads.csv")) == 12


def test_what_is_no_frame_of_heads_has_no_rows_or_is_refused(frame):
    assert len(head_table(to_frame([Row(quantity="accuracy", value=0.7, seed=0)]))) == 0
    with pytest.raises(
        FrameError, match=r"frame: must have each head once; got layer 1, head \S+, ClassToken\(\) again"
    ):
        head_table(pd.concat([frame, frame], ignore_index=True))

    class Analysis:
        def to_frame(self):
            return frame

    for function in (head_table, plot_heads):
        with pytest.raises(FrameError, match=r"pass its to_frame\(\)$"):
            function(Analysis())
