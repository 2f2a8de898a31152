import pandas as pd
import pytest

from attnstats.report import Table

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
