"""Studies: which models on which texts, seen how, and what the five findings come to."""

from attnstats.studies.analyse import TraceAnalysis, analyse_trace
from attnstats.studies.config import Component, DatasetSpec, Grid, Inference, Margins, StudyConfig
from attnstats.studies.findings import FINDINGS, Finding, evaluate_findings
from attnstats.studies.orders import PointwiseView
from attnstats.studies.outputs import BinnedProbability, PredictedClass, TrueLabel
from attnstats.studies.profiles import PositionView, RankView
from attnstats.studies.run import run_study

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
