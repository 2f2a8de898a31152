"""The page of measured levels is made from the committed tables."""

import runpy
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "analysis" / "validity_page.py"


def test_the_page_shows_the_committed_tables():
    page = runpy.run_path(str(SCRIPT))
    assert page["rendered"]() == page["PAGE"].read_text()
