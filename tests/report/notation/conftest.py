import numpy as np
import pandas as pd
import pytest

from attnstats.report import Best, Count, Estimate, Number, PValue, Significance, Table, Words, results_table

#: Signs that mean something to a format, in every place.
NASTY = (
    'a_b & 50 % of <b>x</b> | {y} #1 $2 ~ ^ \\n "q" [z] α β Ω χ² ≤ ≥ ≠ ≈ → ∞ − — “x” ‘y’ … é ß @ref `c` *s* //c -- ---',
    "[first in a row]",
    "= 1. item",
)


@pytest.fixture
def rich_table():
    """A table with headings over columns and rows, bold type, marks, gaps, and signs that must be escaped."""
    text = pd.DataFrame([[word, "-0.123", "[-0.2, ∞]", "12,345", ".004"] for word in NASTY])
    text.iloc[1, 1:] = "–"
    text = text.set_axis(["Name_&", "Gain", "95 % CI", "n", "p"], axis=1)
    marks, bold = pd.DataFrame("", text.index, text.columns), pd.DataFrame(False, text.index, text.columns)
    marks.iloc[0, 1], marks.iloc[2, 4], bold.iloc[2, 1] = "**", "†", True
    return Table(
        "rich", "Caption & $x_1$.", text, text, (NASTY[0], "* p ≤ .05."), ("g_1", "g_1", "#2"),
        ("", "Over_A", "Over_A", "", ""), marks, bold,
    )  # fmt: skip


@pytest.fixture
def result_tables():
    """Tables of results of every kind: groups, spanners, stars, bold type, notes, gaps, scales, sentences."""
    n = 6
    values = np.array([0.8123, 0.8451, 0.79, 0.9011, -0.05, 0.3])
    gains = np.array([0.01, 0.03, -0.02, 0.12, -0.9, np.nan])
    frame = pd.DataFrame(
        {
            "task": ["MNLI & QQP"] * 3 + ["50 % of SST_2"] * 3,
            "model": ["A_1 #2", "B{x} $5", "C\\~^", "α-model → β", "“quoted” [x]", "10⁻³ x₁ ∈ ∅ ⇒ Α ς ∑ 5\u202f000 ⅓"],
            "value": values, "low": values - 0.02, "high": values + 0.03, "p": [0.2, 0.0004, 0.04, 0.00001, 0.3, 0.06],
            "best": [False, True, False, True, False, False], "n": [5, 12000, 3, 1234567, 10, 0],
            "gain": gains, "gain_low": gains - 0.02, "gain_high": [0.03, np.inf, *(gains[2:] + 0.02)],
            "loss": [1234.5, 22.25, 0.5, 99999.125, 12.0, -3.5],
            "said": ["short", "a sentence that goes on beyond forty characters and is set as a paragraph", *"xyzw"],
        }
    )  # fmt: skip
    best, stars = Best("best", "Hsu's test, 95 % & more"), Significance("p", "p (Holm)", levels=(0.05, 0.01, 0.001))
    value = Estimate("value", "low", "high", "Accuracy", spanner="Accuracy on the test split", best=best)
    gain = Estimate("gain", "gain_low", "gain_high", "Gain", spanner="Gain over A_1", significance=stars)
    notes = ["Paired t test over 5 seeds [a].", "50 % of runs: p ≤ .05, 3 × 10, ± 2."]
    scaled = frame.assign(**{each: 1e8 * frame[each] for each in ("value", "low", "high")})
    scaled = scaled.assign(**{each: 1e-7 * frame[each] for each in ("gain", "gain_low", "gain_high", "loss")})
    return [
        results_table(
            frame, ["model", Count("n", "Items"), Number("loss", "Loss (10⁻³)"), "p"], caption="100 % of A_1."
        ),
        results_table(frame, ["model", value, gain, PValue("p")], name="all", caption="&", groups="task", notes=notes),
        results_table(frame, ["model", value, gain], name="no-caption", notes=notes),
        results_table(frame, [Words("model", "*"), gain, "said"], name="sentences", caption="Said.", groups="task"),
        results_table(scaled, ["model", value, Number("loss")], name="scales", caption="Large and small."),
        results_table(pd.DataFrame({"[x] first": ["[y]", "*z", "-1.5"], "n": [1, 2, 3]}), name="brackets"),
        results_table(pd.DataFrame({"all": [np.nan] * n, "none": [0.0] * n}), name="nothing"),
    ]
