import pandas as pd
import pytest

from attnstats import report as report_room
from attnstats.exceptions import FrameError
from attnstats.frame import Row, encode_parameters, to_frame
from attnstats.report import (
    ablation_table,
    attribution_table,
    conditions_table,
    data_table,
    erasure_table,
    render_table,
    sensitivity_table,
    specification_table,
    verdict_table,
    write_tables,
)


def _contrast(**columns):
    parameters = encode_parameters(hypothesis="i.a", claim="a is more")
    return Row(quantity="contrast", finding="i", value=0.1, parameters=parameters, **columns)


def test_verdicts_print_effect_interval_and_every_pvalue(frame):
    table = verdict_table(frame)
    row = dict(zip(table.text.columns, table.text.iloc[0], strict=True))
    assert row["Effect [95 % CI]"] == "0.130 [0.100, 0.160]"
    assert (row["p"], row["p Holm"], row["p floor"]) == (".004", ".008", ".0039")
    assert (row["Verdict"], row["Seeds"]) == ("supported", "8")
    assert table.data["effect"].iloc[0] == 0.13
    assert len(table) == (frame["quantity"] == "contrast").sum()


def test_a_contrast_without_test_prints_dashes():
    row = verdict_table(to_frame([_contrast()])).text.iloc[0]
    assert row.tolist() == ["i", "a is more", "0.100", "–", "–", "–", "–"]


def test_a_pvalue_below_its_floor_stops_the_table():
    with pytest.raises(FrameError, match="must not lie below"):
        verdict_table(to_frame([_contrast(pvalue=0.0, pvalue_floor=0.0039)]))


def test_an_adjusted_pvalue_below_the_raw_one_stops_the_table():
    with pytest.raises(FrameError, match="must not lie below"):
        verdict_table(to_frame([_contrast(pvalue=0.04, pvalue_adjusted=0.02)]))


def test_only_columns_that_hold_something_are_printed_and_explained():
    bare = verdict_table(to_frame([_contrast()]))
    full = verdict_table(to_frame([_contrast(), _contrast(pvalue=0.04, pvalue_floor=0.01, unit="nats")]))
    assert bare.notes == ()
    assert set(full.text) - set(bare.text) == {"Unit", "p floor"}
    assert full.notes == ("p floor: the smallest p-value that the test could give.",)


def test_a_secondary_claim_says_so():
    parameters = [encode_parameters(claim="a", primary=primary) for primary in (True, False)]
    rows = [Row(quantity="contrast", finding="i", value=0.1, parameters=each) for each in parameters]
    assert verdict_table(to_frame(rows)).text["Hypothesis"].tolist() == ["a", "a (secondary)"]


def test_headings_name_level_and_correction_only_where_they_agree():
    alike = [_contrast(ci_level=0.9, correction="holm"), _contrast(ci_level=0.9, correction="holm")]
    mixed = [_contrast(ci_level=0.9, correction="Holm"), _contrast(ci_level=0.95, correction="Benjamini-Hochberg")]
    assert {"Effect [90 % CI]", "p Holm"} <= set(verdict_table(to_frame(alike)).text)
    assert {"Effect [CI]", "p adjusted"} <= set(verdict_table(to_frame(mixed)).text)


def test_conditions_are_mean_and_standard_deviation_of_the_seeds(frame):
    table = conditions_table(frame)
    own = frame.query("encoder == 'bilstm' and attention == 'deep' and ablation == 'none' and quantity == 'gini'")[
        "value"
    ]
    data = table.data[(table.data["encoder"] == "bilstm") & (table.data["attention"] == "deep")].iloc[0]
    assert data["gini_mean"] == pytest.approx(own.mean())
    assert data["gini_sd"] == pytest.approx(own.std(ddof=1))
    assert data["n_seeds"] == 8
    assert table.text.loc[data.name, "Gini"] == f"{own.mean():.3f} ± {own.std(ddof=1):.3f}"
    assert len(table) == 8


def test_the_first_estimator_stands_among_the_conditions_and_all_stand_in_the_sensitivity_table():
    rows = [
        Row(quantity="mi_normalised_mean", view="rank", estimator=estimator, output=output, value=value, seed=0)
        for estimator, output, value in (
            ("Probe()", "class", 0.5),
            ("Ross(k=3)", "class", 0.4),
            ("Probe()", "label", 0.3),
        )
    ]
    assert conditions_table(to_frame(rows)).text["U by rank"].tolist() == ["0.500"]
    text = sensitivity_table(to_frame(rows)).text
    assert text["U, rank, Probe(), class"].tolist() == ["0.500"]
    assert text["U, rank, Ross(k=3), class"].tolist() == ["0.400"]
    assert text["U, rank, Probe(), label"].tolist() == ["0.300"]
    assert not len(sensitivity_table(to_frame(rows[:1])))


def test_specifications_name_every_choice_and_setting(frame):
    table = specification_table(frame)
    assert len(table) == 9
    assert table.text["Agrees"].tolist() == ["yes", "yes", "yes", "no", *["yes"] * 5]
    assert table.data.loc[8, ["effect", "unit"]].tolist() == [2.5, "tokens"]
    about = {"hypothesis": "iv.gumbel", "measure": "gini", "agrees": True, "by_construction": True}
    parameters = encode_parameters(**about, temperature=0.5, training="swapped", noise="off", verified=1.0)
    row = Row(quantity="specification", finding="iv", value=0.3, parameters=parameters)
    assert specification_table(to_frame([row])).text.iloc[0].tolist() == [
        *("iv", "iv.gumbel", "Gini", "–", "–", "–"),
        *("temperature 0.5, training swapped, noise off", "0.300", "by construction"),
    ]


def test_a_specification_without_a_measure_prints_a_dash():
    measure = specification_table(to_frame([Row(quantity="specification", finding="i", value=0.1)])).text["Measure"]
    assert measure.tolist() == ["–"]


def test_attributions_and_erasure_have_a_column_for_each_reference():
    keys = {"encoder": "mlp", "seed": 0}
    rows = [
        Row(**keys, quantity=quantity, value=value, parameters=encode_parameters(attribution=name))
        for quantity, name, value in (
            ("tau_b_attention_attribution", "gradient_times_input", 0.4),
            ("tau_b_information_attribution", "gradient_times_input", 0.3),
            ("tau_b_attention_attribution", "leave_one_out", 0.2),
        )
    ]
    rows += [
        Row(**keys, quantity="comprehensiveness", value=value, parameters=encode_parameters(order=order))
        for order, value in (("attention", 0.2), ("random", 0.1))
    ]
    attributions, erasure = attribution_table(to_frame(rows)), erasure_table(to_frame(rows))
    assert attributions.data["tau_b_attention_attribution leave_one_out_mean"].tolist() == [0.2]
    assert attributions.text["MI, gradient times input"].tolist() == ["0.300"]
    assert erasure.text[["Comprehensiveness, attention", "Comprehensiveness, random"]].to_numpy().tolist() == [
        ["0.200", "0.100"]
    ]


def test_ablations_stand_apart_from_the_conditions(frame):
    table = ablation_table(frame)
    assert set(table.text["Ablation"]) == {"uniform", "permuted", "random scorer"}
    assert (table.text.loc[table.text["Ablation"] == "uniform", "tau-b"] == "–").all()
    assert len(table) == 24


def test_data_counts_shares_and_sources(frame):
    table = data_table(frame)
    assert table.text["Split"].tolist() == ["train", "validation", "test"]
    assert table.text["Tokens"].tolist() == ["143,210", "17,901", "17,901"]
    assert table.text["Unknown share"].iloc[0] == f"{100 * 3120 / 143210:.1f} %"
    assert table.notes == ("rotten_tomatoes: Pang & Lee (2005), Seeing stars, ACL 2005.",)


def test_an_empty_frame_has_empty_tables_and_no_files(tmp_path):
    frame = to_frame([])
    assert [len(table(frame)) for table in (verdict_table, conditions_table, ablation_table, data_table)] == [0] * 4
    assert write_tables(frame, tmp_path) == []


def test_files_hold_what_render_table_gives(frame, tmp_path):
    paths = write_tables(frame, tmp_path / "tables")
    assert {path.name for path in paths} == {
        f"{name}{suffix}"
        for name in ("primary", "verdicts", "specifications", "cells", "ablations", "distances", "along", "data")
        for suffix in (".csv", ".md", ".tex")
    }
    assert (tmp_path / "tables" / "verdicts.md").read_text() == render_table(verdict_table(frame))
    cells = pd.read_csv(tmp_path / "tables" / "cells.csv")
    assert cells["tau_b_mean"].tolist() == conditions_table(frame).data["tau_b_mean"].tolist()
    assert not list(tmp_path.rglob("*.partial"))


def test_anything_but_a_results_frame_is_refused():
    with pytest.raises(FrameError, match="must have exactly the columns"):
        verdict_table(pd.DataFrame({"value": [1.0]}))


def test_the_former_name_of_the_table_of_conditions_warns_and_works():
    with pytest.warns(DeprecationWarning, match=r"attnstats\.report\.cells_table is now conditions_table"):
        assert report_room.cells_table is conditions_table
