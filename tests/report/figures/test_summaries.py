import numpy as np
import pandas as pd
import pytest

from attnstats.frame import Row, encode_parameters, to_frame
from attnstats.report import FindingSummary, tell_findings
from attnstats.report.figures._summaries import summary_figures


def _claim(finding, **about):
    parameters = encode_parameters(hypothesis=f"{finding}.a", claim="a claim", **about)
    return Row(quantity="contrast", finding=finding, value=0.1, verdict="supported", parameters=parameters)


def _gini(dataset, shift, seeds=4, **keys):
    keys = {
        "quantity": "gini",
        "dataset": dataset,
        "encoder": "mlp",
        "attention": "deep",
        "normalizer": "softmax",
    } | keys
    return [Row(**keys, seed=seed, value=shift + 0.01 * seed) for seed in range(seeds)]


def _drawn(rows):
    (figure,) = summary_figures(to_frame(rows))
    return figure, figure.plot(pd.DataFrame())


def test_each_model_is_averaged_over_the_data_sets_of_the_claims():
    rows = [_claim("iv", datasets=["a", "b"]), *_gini("a", 0.2), *_gini("b", 0.4), *_gini("planted", 0.9)]
    _, drawn = _drawn(rows)
    seeds, mean = (line.get_xdata() for line in drawn.axes[0].get_lines())
    assert seeds == pytest.approx(0.3 + 0.01 * np.arange(4))
    assert mean == pytest.approx([0.315])
    half = 3.182446305284263 * np.std(0.01 * np.arange(4), ddof=1) / 2  # R: qt(.975, 3)
    (segment,) = drawn.axes[0].collections[0].get_segments()
    assert segment[:, 0] == pytest.approx([0.315 - half, 0.315 + half])


def test_a_condition_that_lacks_a_data_set_is_left_out():
    rows = [
        _claim("iv", datasets=["a", "b"]),
        *_gini("a", 0.2),
        *_gini("b", 0.4),
        *_gini("a", 0.1, attention="additive"),
    ]
    _, drawn = _drawn(rows)
    assert [label.get_text() for label in drawn.axes[0].get_yticklabels()] == ["softmax, deep"]


def test_one_data_set_is_shown_as_it_is_and_other_trainings_are_not():
    long = _gini("a", 0.8, training="long")
    _, drawn = _drawn([_claim("iv"), *_gini("a", 0.2, training="standard"), *long])
    assert drawn.axes[0].get_lines()[-1].get_xdata() == pytest.approx([0.215])


def test_a_finding_of_another_study_or_without_its_measure_has_no_figure():
    assert list(summary_figures(to_frame([_claim("iv"), _claim("mine")]))) == []
    frame = to_frame([_claim("ii"), *_gini("a", 0.2)])
    assert list(summary_figures(frame)) == []
    assert isinstance(tell_findings(frame)[0], FindingSummary)


@pytest.mark.slow
def test_there_is_one_for_each_finding_and_it_fits_a_screen(make_frame):
    figures = list(summary_figures(make_frame(datasets=("rotten_tomatoes", "imdb"))))
    assert [each.name for each in figures] == [f"summary_{name}" for name in ("i", "ii", "iii", "iv", "v")]
    for each in figures:
        drawn = each.plot(pd.DataFrame())
        assert drawn.get_size_inches()[1] < 7.5  # 80 % of 900 pixels
        assert {axis.get_title() for axis in drawn.axes} & {"mean of 2 data sets", "MLP", "BiLSTM"}
