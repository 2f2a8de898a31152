"""Studies: models trained on texts, what is measured on each of them, and tests of the five findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnstats._renamed import former_names
from attnstats.studies._result_rows import result_rows
from attnstats.studies.config.component import Component
from attnstats.studies.config.parts import DatasetSpec, EquivalenceMargins, Grid, Inference
from attnstats.studies.config.study import StudyConfig
from attnstats.studies.findings import FINDINGS, Finding, evaluate_findings
from attnstats.studies.heads._head_ablation_test import head_ablation_test
from attnstats.studies.heads.analyse import analyse_heads
from attnstats.studies.heads.head_ablation import HeadAblation
from attnstats.studies.heads.head_analysis import HeadAnalysis, Reading
from attnstats.studies.run.study import run_study
from attnstats.studies.trace_rows.analyse import TraceAnalysis, analyse_trace
from attnstats.studies.trace_rows.orders import PointwiseView
from attnstats.studies.trace_rows.outputs import BinnedProbability, PredictedClass, TrueLabel
from attnstats.studies.trace_rows.profiles import PositionView, RankView
from attnstats.studies.verdicts._evaluate import evaluate
from attnstats.studies.verdicts.evaluation import Evaluation

if not TYPE_CHECKING:
    __getattr__ = former_names(__name__, Margins="EquivalenceMargins")

__all__ = [
    "FINDINGS",
    "BinnedProbability",
    "Component",
    "DatasetSpec",
    "EquivalenceMargins",
    "Evaluation",
    "Finding",
    "Grid",
    "HeadAblation",
    "HeadAnalysis",
    "Inference",
    "PointwiseView",
    "PositionView",
    "PredictedClass",
    "RankView",
    "Reading",
    "StudyConfig",
    "TraceAnalysis",
    "TrueLabel",
    "analyse_heads",
    "analyse_trace",
    "evaluate",
    "evaluate_findings",
    "head_ablation_test",
    "result_rows",
    "run_study",
]
