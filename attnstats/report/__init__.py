"""Tables, figures, findings in words and a page, all from the results frame; numbers are rounded here alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnstats._renamed import former_names
from attnstats.report.figures.along import plot_along
from attnstats.report.figures.comparison.critical_difference import plot_critical_difference
from attnstats.report.figures.comparison.forest import plot_forest
from attnstats.report.figures.comparison.paired_differences import plot_paired_differences
from attnstats.report.figures.comparison.performance_profile import plot_performance_profile
from attnstats.report.figures.comparison.power import plot_power
from attnstats.report.figures.comparison.rank_intervals import plot_ranks
from attnstats.report.figures.comparison.variance import plot_variance
from attnstats.report.figures.contrasts import plot_contrasts
from attnstats.report.figures.heads import plot_heads
from attnstats.report.figures.illustration import Illustration
from attnstats.report.figures.illustrations import FIGURES, write_figures
from attnstats.report.figures.information_matrix import plot_information_matrix
from attnstats.report.figures.plots import plot_agreement, plot_concordance, plot_information_by_rank, plot_skew
from attnstats.report.figures.primary import plot_primary_claims
from attnstats.report.figures.specifications import plot_specifications
from attnstats.report.notation.formats import CSV, Markdown, Table, TableFormat
from attnstats.report.notation.html import HTML
from attnstats.report.notation.latex import LaTeX
from attnstats.report.notation.typst import Typst
from attnstats.report.page.comparison_page import PageFigure, PageSection, render_comparison_page
from attnstats.report.page.page import render_page, write_report
from attnstats.report.page.terminal import print_verdicts
from attnstats.report.prose.answer import tell_answer
from attnstats.report.prose.details import DetailList
from attnstats.report.prose.summary import FindingSummary, tell_finding, tell_findings
from attnstats.report.tables.along import along_table, distance_table
from attnstats.report.tables.columns import Count, Estimate, Number, PValue, ResultColumn, Words
from attnstats.report.tables.condition_tables import (
    ablation_table,
    attribution_table,
    conditions_table,
    erasure_table,
    sensitivity_table,
)
from attnstats.report.tables.emphasis import Best, Significance
from attnstats.report.tables.estimates import estimate_table
from attnstats.report.tables.head_ablations import head_ablation_table
from attnstats.report.tables.heads import head_table
from attnstats.report.tables.primary import primary_table
from attnstats.report.tables.render import data_table, render_table, write_tables
from attnstats.report.tables.results import results_table
from attnstats.report.tables.specifications import specification_table
from attnstats.report.tables.trainings import training_table
from attnstats.report.tables.verdicts import verdict_table

if not TYPE_CHECKING:
    __getattr__ = former_names(__name__, cells_table="conditions_table")

__all__ = [
    "CSV",
    "FIGURES",
    "HTML",
    "Best",
    "Count",
    "DetailList",
    "Estimate",
    "FindingSummary",
    "Illustration",
    "LaTeX",
    "Markdown",
    "Number",
    "PValue",
    "PageFigure",
    "PageSection",
    "ResultColumn",
    "Significance",
    "Table",
    "TableFormat",
    "Typst",
    "Words",
    "ablation_table",
    "along_table",
    "attribution_table",
    "conditions_table",
    "data_table",
    "distance_table",
    "erasure_table",
    "estimate_table",
    "head_ablation_table",
    "head_table",
    "plot_agreement",
    "plot_along",
    "plot_concordance",
    "plot_contrasts",
    "plot_critical_difference",
    "plot_forest",
    "plot_heads",
    "plot_information_by_rank",
    "plot_information_matrix",
    "plot_paired_differences",
    "plot_performance_profile",
    "plot_power",
    "plot_primary_claims",
    "plot_ranks",
    "plot_skew",
    "plot_specifications",
    "plot_variance",
    "primary_table",
    "print_verdicts",
    "render_comparison_page",
    "render_page",
    "render_table",
    "results_table",
    "sensitivity_table",
    "specification_table",
    "tell_answer",
    "tell_finding",
    "tell_findings",
    "training_table",
    "verdict_table",
    "write_figures",
    "write_report",
    "write_tables",
]
