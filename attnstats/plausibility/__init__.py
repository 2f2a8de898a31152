"""How far attention, information and attributions agree with what humans marked as telling."""

from __future__ import annotations

from attnstats.plausibility._compare_plausibility import compare_plausibility
from attnstats.plausibility._plausibility import plausibility
from attnstats.plausibility._plausibility_test import plausibility_test
from attnstats.plausibility.human_agreement import HumanAgreement
from attnstats.plausibility.levels import crowd_ceiling, human_ceiling, random_rationale
from attnstats.plausibility.measures.average_precision import AveragePrecision
from attnstats.plausibility.measures.interface import Measure
from attnstats.plausibility.measures.intersection_f1 import IntersectionF1
from attnstats.plausibility.measures.rank_correlation import RankCorrelation
from attnstats.plausibility.measures.rationales import Above, AsManyAsMarked, TopShare
from attnstats.plausibility.measures.token_f1 import TokenF1
from attnstats.plausibility.nulls import RandomSpans, RandomTokens
from attnstats.plausibility.references import EachAnnotator, LeaveOneOut, Majority, MarkCounts, OneAnnotator, Union

__all__ = [
    "Above",
    "AsManyAsMarked",
    "AveragePrecision",
    "EachAnnotator",
    "HumanAgreement",
    "IntersectionF1",
    "LeaveOneOut",
    "Majority",
    "MarkCounts",
    "Measure",
    "OneAnnotator",
    "RandomSpans",
    "RandomTokens",
    "RankCorrelation",
    "TokenF1",
    "TopShare",
    "Union",
    "compare_plausibility",
    "crowd_ceiling",
    "human_ceiling",
    "plausibility",
    "plausibility_test",
    "random_rationale",
]
