"""Anyone's long table of scores: one value a row, with a condition and what it is crossed with or nested in.

`compare` compares its conditions, by the analysis that its design asks for; `write_comparison` writes what it found,
and `plan_comparison` says how many runs and examples another one needs. Of its steps, `read_scores` reads and checks a
table, and `find_design` says what it can show. `performance_profile` and `interquartile_mean` look at all runs of a
condition at once. Four readers make the table from where
scores lie: `read_cv_results`, `read_cross_validate`, `read_lm_eval_samples` and `read_inspect_logs`.
"""

from __future__ import annotations

from attnstats.scores._compare import compare
from attnstats.scores._find_design import find_design
from attnstats.scores.analyses.analysis import Analysis
from attnstats.scores.analyses.blocks import Arrangement, Block
from attnstats.scores.analyses.clusters import ClusterRobust
from attnstats.scores.analyses.contrast import Contrast
from attnstats.scores.analyses.crossed import CrossedAnova, IndependentCrossedAnova
from attnstats.scores.analyses.folds import CorrectedT
from attnstats.scores.analyses.proportions import IndependentProportions, PairedProportions
from attnstats.scores.analyses.t_tests import PairedT, WelchT
from attnstats.scores.choice.choice import Choice, MeasuredValidity
from attnstats.scores.choice.rules import Rules, Sizes
from attnstats.scores.choice.setup import Setup
from attnstats.scores.comparison.across_datasets import AcrossDatasets, RanksOverDatasets
from attnstats.scores.comparison.comparison import Comparison
from attnstats.scores.comparison.components import Component
from attnstats.scores.comparison.differences import Difference, EffectSizes, MarginTests, Needed, Verdict
from attnstats.scores.comparison.estimates import ConditionEstimate
from attnstats.scores.comparison.placings import Placing
from attnstats.scores.comparison.planning import ComparisonPlan, plan_comparison
from attnstats.scores.comparison.writing import write_comparison
from attnstats.scores.design import Design, DesignFactor
from attnstats.scores.factor import Factor
from attnstats.scores.layout import Layout
from attnstats.scores.profiles._interquartile_mean import interquartile_mean
from attnstats.scores.profiles._performance_profile import performance_profile
from attnstats.scores.readers.inspect_logs import read_inspect_logs
from attnstats.scores.readers.lm_eval import read_lm_eval_samples
from attnstats.scores.readers.scikit_learn import read_cross_validate, read_cv_results
from attnstats.scores.scores import Scores, read_scores
from attnstats.scores.value_kinds import Binary, Bounded, Continuous, Count, Ordinal, ValueKind

__all__ = [
    "AcrossDatasets",
    "Analysis",
    "Arrangement",
    "Binary",
    "Block",
    "Bounded",
    "Choice",
    "ClusterRobust",
    "Comparison",
    "ComparisonPlan",
    "Component",
    "ConditionEstimate",
    "Continuous",
    "Contrast",
    "CorrectedT",
    "Count",
    "CrossedAnova",
    "Design",
    "DesignFactor",
    "Difference",
    "EffectSizes",
    "Factor",
    "IndependentCrossedAnova",
    "IndependentProportions",
    "Layout",
    "MarginTests",
    "MeasuredValidity",
    "Needed",
    "Ordinal",
    "PairedProportions",
    "PairedT",
    "Placing",
    "RanksOverDatasets",
    "Rules",
    "Scores",
    "Setup",
    "Sizes",
    "ValueKind",
    "Verdict",
    "WelchT",
    "compare",
    "find_design",
    "interquartile_mean",
    "performance_profile",
    "plan_comparison",
    "read_cross_validate",
    "read_cv_results",
    "read_inspect_logs",
    "read_lm_eval_samples",
    "read_scores",
    "write_comparison",
]
