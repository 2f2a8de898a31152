"""Anyone's long table of scores: one value a row, with a condition and what it is crossed with or nested in.

`read_scores` reads and checks a table; `find_design` says what it can show. `performance_profile` and
`interquartile_mean` look at all runs of a condition at once. Four readers make the table from where
scores lie: `read_cv_results`, `read_cross_validate`, `read_lm_eval_samples` and `read_inspect_logs`.
"""

from __future__ import annotations

from attnstats.scores._find_design import find_design
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
    "Binary",
    "Bounded",
    "Continuous",
    "Count",
    "Design",
    "DesignFactor",
    "Factor",
    "Layout",
    "Ordinal",
    "Scores",
    "ValueKind",
    "find_design",
    "interquartile_mean",
    "performance_profile",
    "read_cross_validate",
    "read_cv_results",
    "read_inspect_logs",
    "read_lm_eval_samples",
    "read_scores",
]
