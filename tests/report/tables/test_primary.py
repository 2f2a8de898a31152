"""The table of verdicts, the trainings side by side."""

from attnstats.frame import Row, encode_parameters, to_frame
from attnstats.report import primary_table


def claim(name, verdict, *, training=None, value=0.1, datasets=("a",), role="primary"):
    return Row(
        quantity="contrast_by_training" if training else "contrast",
        finding="i",
        training=training,
        value=value,
        ci_low=value - 0.02,
        ci_high=value + 0.02,
        ci_level=0.95,
        verdict=verdict,
        pvalue_adjusted=1.0,
        correction="holm",
        unit="share of H",
        parameters=encode_parameters(hypothesis=name, claim=f"{name} holds", role=role, datasets=datasets),
    )


def table(*rows, verdict="supported"):
    finding = Row(quantity="finding", finding="i", verdict=verdict, parameters=encode_parameters(title="All hold"))
    return primary_table(to_frame([*rows, finding, Row(quantity="tau_b", training="standard", seed=0, value=0.1)]))


def test_one_training_has_one_column_of_verdicts_and_no_secondary_claim():
    found = table(claim("a", "supported"), claim("b", "contradicted"), claim("c", "supported", role="secondary"))
    assert list(found.text) == ["Claim", "Verdict", "Effect [95 % CI]", "Unit", "p Holm"]
    assert found.text["Claim"].tolist() == ["(i) All hold", "a holds", "b holds"]
    assert found.text["p Holm"].tolist() == ["–", "> .999", "–"]
    assert found.text["Effect [95 % CI]"].tolist() == ["–", "0.100 [0.080, 0.120]", "0.100 [0.080, 0.120]"]


def test_trainings_stand_side_by_side_with_the_verdict_on_the_finding_under_each():
    found = table(
        claim("a", "supported"),
        claim("b", "supported"),
        *(claim(name, verdict, training="early") for name, verdict in (("a", "contradicted"), ("b", "supported"))),
        claim("a", "negligible", training="long", value=0.0),
    )
    shown = found.text[["Verdict, standard", "Verdict, early", "Verdict, long"]].to_numpy().tolist()
    # Under the long training not all claims are decided, so the finding is not.
    assert shown[0] == ["supported", "contradicted", "–"]
    assert shown[1] == ["supported", "contradicted", "negligible"]
    assert shown[2] == ["supported", "supported", "–"]
    assert found.text["Effect [95 % CI]"][1] == "0.100 [0.080, 0.120]"


def test_data_sets_are_noted_where_trainings_differ_in_them():
    found = table(
        claim("a", "supported", datasets=("a", "b_c")), claim("a", "supported", training="early", datasets=("a",))
    )
    assert found.notes == ("Data sets: standard: a, b c; early: a.",)
    assert table(claim("a", "supported"), claim("a", "supported", training="early")).notes == ()
