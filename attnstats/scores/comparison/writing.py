"""A comparison as files: tables, figures and one page."""

from __future__ import annotations

from pathlib import Path

from attnstats._files import write_atomically
from attnstats.report import CSV, LaTeX, Markdown, PageFigure, PageSection, Typst, render_comparison_page, write_tables
from attnstats.results import plural
from attnstats.scores.comparison.comparison import Comparison
from attnstats.scores.comparison.figures import figures
