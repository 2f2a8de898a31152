"""Statistics of attention: does it explain a model?

The subpackages are `information` (mutual information), `ranks` (rank correlations), `resampling` (intervals,
permutation tests), `comparison` (tests between conditions), `scores` (from a table of scores to a comparison),
`ablation`, `adapters` (traces of other models), `plausibility`, `models`, `datasets`, `studies` and `report`.
The names most used are here too, each loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    # Two from their modules: mypy takes them for redefinitions otherwise.
    from attnstats.ablation import ablation_test, trace_ablation_test
    from attnstats.ablation.interventions._ablate import ablate
    from attnstats.adapters import trace_transformer
    from attnstats.comparison import adjust_pvalues, equivalence_test, paired_test
    from attnstats.datasets import load_dataset
    from attnstats.frame import read_frame, to_frame
    from attnstats.information import (
        KSG,
        BestBound,
        Binned,
        Probe,
        Ross,
        compare_estimators,
        conditional_mutual_information,
        pointwise_mutual_information,
    )
    from attnstats.information._mutual_information import mutual_information
    from attnstats.missing import CompleteCases
    from attnstats.models import trace_attention
    from attnstats.ranks import kendall, kendall_batch, spearman, spearman_batch
    from attnstats.report import write_report
    from attnstats.resampling import bootstrap_interval, permutation_test, sign_flip_test
    from attnstats.results import ConfidenceInterval, MIEstimate, SignificanceResult
    from attnstats.scores import compare
    from attnstats.studies import StudyConfig, analyse_trace, run_study
    from attnstats.trace import AttentionTrace

__version__ = "0.1.0"

__all__ = [
    "KSG",
    "AttentionTrace",
    "BestBound",
    "Binned",
    "CompleteCases",
    "ConfidenceInterval",
    "MIEstimate",
    "Probe",
    "Ross",
    "SignificanceResult",
    "StudyConfig",
    "ablate",
    "ablation_test",
    "adjust_pvalues",
    "analyse_trace",
    "bootstrap_interval",
    "compare",
    "compare_estimators",
    "conditional_mutual_information",
    "equivalence_test",
    "kendall",
    "kendall_batch",
    "load_dataset",
    "mutual_information",
    "paired_test",
    "permutation_test",
    "pointwise_mutual_information",
    "read_frame",
    "run_study",
    "sign_flip_test",
    "spearman",
    "spearman_batch",
    "to_frame",
    "trace_ablation_test",
    "trace_attention",
    "trace_transformer",
    "write_report",
]

_ROOMS = {
    "ablation": ("ablate", "ablation_test", "trace_ablation_test"),
    "adapters": ("trace_transformer",),
    "comparison": ("adjust_pvalues", "equivalence_test", "paired_test"),
    "datasets": ("load_dataset",),
    "frame": ("read_frame", "to_frame"),
    "information": (
        "KSG",
        "BestBound",
        "Binned",
        "Probe",
        "Ross",
        "compare_estimators",
        "conditional_mutual_information",
        "mutual_information",
        "pointwise_mutual_information",
    ),
    "missing": ("CompleteCases",),
    "models": ("trace_attention",),
    "plausibility": (),
    "ranks": ("kendall", "kendall_batch", "spearman", "spearman_batch"),
    "report": ("write_report",),
    "resampling": ("bootstrap_interval", "permutation_test", "sign_flip_test"),
    "results": ("ConfidenceInterval", "MIEstimate", "SignificanceResult"),
    "scores": ("compare",),
    "studies": ("StudyConfig", "analyse_trace", "run_study"),
    "trace": ("AttentionTrace",),
}
_MODULE_OF = {name: module for module, names in _ROOMS.items() for name in names}


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return import_module(f"attnstats.{name}")
    if name in _MODULE_OF:
        return getattr(import_module(f"attnstats.{_MODULE_OF[name]}"), name)
    raise AttributeError(f"module 'attnstats' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*__all__, *_ROOMS})
