"""Studies: which models on which texts, seen how, and what the five findings come to."""

from attnstats.studies.config.study import Component, DatasetSpec, Grid, Inference, Margins, StudyConfig
from attnstats.studies.findings import FINDINGS, Finding, evaluate_findings
from attnstats.studies.run.study import run_study
from attnstats.studies.trace_rows.analyse import TraceAnalysis, analyse_trace
from attnstats.studies.trace_rows.orders import PointwiseView
from attnstats.studies.trace_rows.outputs import BinnedProbability, PredictedClass, TrueLabel
from attnstats.studies.trace_rows.profiles import PositionView, RankView

__all__ = [
    "FINDINGS",
    "BinnedProbability",
    "Component",
    "DatasetSpec",
    "Finding",
    "Grid",
    "Inference",
    "Margins",
    "PointwiseView",
    "PositionView",
    "PredictedClass",
    "RankView",
    "StudyConfig",
    "TraceAnalysis",
    "TrueLabel",
    "analyse_trace",
    "evaluate_findings",
    "run_study",
]
