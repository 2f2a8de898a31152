"""The comparison with Jain and Wallace (2019) on made-up frames, whose means are known."""

import runpy
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from attnstats.frame import Row, encode_parameters, to_frame

SCRIPT = runpy.run_path(str(Path(__file__).parents[2] / "analysis" / "jain_wallace.py"))
STANDARD = "imdb(max_tokens=400)", "standard"
NOISE = np.array([-4, -3, -2, -1, 1, 2, 3, 4]) / 100
#: The same noise with neighbouring seeds exchanged, so that a change is known to 0.01 for every seed.
EXCHANGED = NOISE[[1, 0, 3, 2, 5, 4, 7, 6]]
#: Mean tau-b of IMDB, BiLSTM, gradient, printed as 0.37, by data set and training of the study beside theirs.
MEANS = {
    ("imdb", "standard"): 0.20,
    STANDARD: 0.10,
    ("imdb(max_tokens=400)", "their_selection"): 0.12,
    ("imdb(max_tokens=400)", "glove"): 0.38,
    ("imdb(max_tokens=400)", "no_dropout"): 0.70,
    ("imdb(max_tokens=400)", "theirs"): 0.36,
}


def rows(study, dataset, training, mean, *, encoder="bilstm", attribution="gradient_times_input"):
    return [
        Row(
            quantity="tau_b_attention_attribution",
            study=study,
            dataset=dataset,
            encoder=encoder,
            attention="additive",
            normalizer="softmax",
            training=training,
            seed=seed,
            value=mean + noise,
            parameters=encode_parameters(attribution=attribution),
        )
        for seed, noise in enumerate(NOISE if (dataset, training) == STANDARD else EXCHANGED)
    ]


def compared(*found):
    return SCRIPT["compare"](SCRIPT["taus"]([to_frame(each) for each in found]))


@pytest.fixture(scope="module")
def table():
    full = [
        rows("full", "imdb", "standard", 0.30),
        rows("full", "imdb", "early", 0.05),
        rows("full", "reuters_r8", "standard", 0.50, encoder="cnn", attribution="leave_one_out"),
        rows("full", "imdb", "standard", 0.90, attribution="attention_times_norm"),  # none of the two measures
    ]
    return compared(*full, *(rows("jain_wallace", *key, mean) for key, mean in MEANS.items()))


def test_each_setting_has_the_mean_of_its_models_and_their_t_interval(table):
    assert table.groupby("setting", sort=False)["tau_b"].first().round(10).to_dict() == {
        "full study": 0.30,  # the first training decides
        "standard": 0.10,
        "texts cut to 120 tokens": 0.20,
        "their selected epoch": 0.12,
        "GloVe vectors": 0.38,
        "no dropout": 0.70,
        "theirs": 0.36,
    }
    half = stats.t.ppf(0.975, 7) * NOISE.std(ddof=1) / np.sqrt(8)
    np.testing.assert_allclose(table["ci_low"], table["tau_b"] - half)
    np.testing.assert_allclose(table["ci_high"], table["tau_b"] + half)
    assert set(table["n_seeds"]) == {8}
    assert table.loc[table["dataset"] == "reuters_r8", ["encoder", "measure"]].to_numpy().tolist() == [
        ["cnn", "leave-one-out"]
    ]


def test_changes_are_paired_by_seed(table):
    glove = table[table["setting"] == "GloVe vectors"].iloc[0]
    half = stats.t.ppf(0.975, 7) * 0.01 * np.sqrt(8 / 7) / np.sqrt(8)
    limits = glove[["change", "change_low", "change_high"]].astype(float)
    np.testing.assert_allclose(limits, [0.28, 0.28 - half, 0.28 + half])


def test_the_page_names_the_change_that_explains_a_row(table):
    page = SCRIPT["page"](table)
    assert (
        "- **standard** (training standard): the interval reaches their range in 0 of 1 rows; it lies below in 1 "
        "(imdb, bilstm, gradient) and above in none."
    ) in page
    assert "**theirs** (training theirs): the interval reaches their range in 1 of 1 rows" in page
    assert (
        "- imdb, bilstm, gradient: 0.100 [0.076, 0.124] under the standard setting; *GloVe vectors* alone takes it to "
        "0.380 [0.356, 0.404], which reaches their range."
    ) in page
    assert "+0.280 [+0.271, +0.289]: **0.380 [0.356, 0.404]**" in page
    assert "| reuters_r8 | cnn | leave-one-out | 0.500 [0.476, 0.524] | 8 | – |" in page


def test_no_change_explains_a_row_that_none_takes_nearer():
    means = {**dict.fromkeys(MEANS, 0.05), STANDARD: 0.20}
    page = SCRIPT["page"](compared(*(rows("jain_wallace", *key, mean) for key, mean in means.items())))
    assert "under the standard setting; no single change takes it nearer to their range." in page


def test_rows_that_reach_their_range_ask_for_no_change():
    full = rows("full", "imdb", "early", 0.37)
    page = SCRIPT["page"](compared(full, rows("jain_wallace", "imdb(max_tokens=400)", "standard", 0.38)))
    assert "One change at a time" not in page
    assert "| imdb | bilstm | gradient | 0.37 ± 0.07; 0.37 ± 0.08 | **0.370 [0.346, 0.394]** | **0.380 [0.356, " in page


def test_an_interval_that_meets_the_span_of_the_classes_reaches_it():
    gap = SCRIPT["gap"]
    span = {"printed_low": 0.05, "printed_high": 0.14}
    assert gap({"ci_low": 0.10, "ci_high": 0.30, **span}) == 0
    assert gap({"ci_low": 0.07, "ci_high": 0.09, **span}) == 0
    assert gap({"ci_low": 0.20, "ci_high": 0.30, **span}) == pytest.approx(0.06)
    assert gap({"ci_low": 0.00, "ci_high": 0.02, **span}) == pytest.approx(-0.03)
