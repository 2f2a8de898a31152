"""Conditions against each other, with the trained model as the unit of replication."""

from attnstats.comparison.aligned_ranks import aligned_ranks_test
from attnstats.comparison.anova import anova_interval
from attnstats.comparison.anova_interaction import anova_interaction_test, interaction_seeds_needed
from attnstats.comparison.anova_test import anova_equivalence_test, anova_test
from attnstats.comparison.best import BestComparison, compare_with_best
from attnstats.comparison.blocked import best_test, interaction_test
from attnstats.comparison.correlation_equivalence import correlation_equivalence_test
from attnstats.comparison.correlation_pairs import (
    IndependentCorrelations,
    NonOverlappingCorrelations,
    OverlappingCorrelations,
)
from attnstats.comparison.correlations import Correlation, Pearson, Spearman
from attnstats.comparison.dependent_correlations import (
    FisherZ,
    MengRosenthalRubin,
    Steiger,
    Williams,
    Zou,
    compare_correlations,
)
from attnstats.comparison.effect_estimates import (
    CliffsDelta,
    EffectSize,
    IndependentG,
    PairedG,
    Superiority,
    estimate_effect,
)
from attnstats.comparison.effect_size import hedges_g, hedges_g_independent, probability_of_superiority
from attnstats.comparison.equivalence import equivalence_test, noninferiority_test
from attnstats.comparison.families import independent_family_test, paired_family_test
from attnstats.comparison.family_result import FamilyResult
from attnstats.comparison.friedman import friedman_test
from attnstats.comparison.heterogeneity import REML, DerSimonianLaird, PauleMandel
from attnstats.comparison.max_t import MaxT, MinP
from attnstats.comparison.mean_error import KnappHartung, Wald
from attnstats.comparison.mean_squares import HarmonicT, Satterthwaite
from attnstats.comparison.mixed_model import mixed_model_test
from attnstats.comparison.multiplicity import (
    BenjaminiHochberg,
    BenjaminiYekutieli,
    Hochberg,
    Holm,
    adjust_families,
    adjust_pvalues,
)
from attnstats.comparison.nemenyi import CriticalDifference, nemenyi_test
from attnstats.comparison.paired import paired_test
from attnstats.comparison.partial_conjunction import (
    Bonferroni,
    Fisher,
    PartialConjunction,
    Simes,
    Stouffer,
    partial_conjunction_test,
)
from attnstats.comparison.planning import SeedPlan, plan_seeds, seeds_needed
from attnstats.comparison.power import SimulatedPower, equivalence_power, simulated_power, t_test_power
from attnstats.comparison.random_effects import MetaAnalysis, meta_analysis, meta_analysis_of_correlations
from attnstats.comparison.rank_intervals import RankIntervals, simultaneous_rank_intervals
from attnstats.comparison.seeds import MINIMUM_SEEDS, check_seeds, t_interval
from attnstats.comparison.stochastic_order import stochastic_order_test, violation_ratio
from attnstats.comparison.superiority_intervals import BrunnerMunzel, Newcombe, PlacementScore
from attnstats.comparison.trend import jonckheere_test, page_test

__all__ = [
    "MINIMUM_SEEDS",
    "REML",
    "BenjaminiHochberg",
    "BenjaminiYekutieli",
    "BestComparison",
    "Bonferroni",
    "BrunnerMunzel",
    "CliffsDelta",
    "Correlation",
    "CriticalDifference",
    "DerSimonianLaird",
    "EffectSize",
    "FamilyResult",
    "Fisher",
    "FisherZ",
    "HarmonicT",
    "Hochberg",
    "Holm",
    "IndependentCorrelations",
    "IndependentG",
    "KnappHartung",
    "MaxT",
    "MengRosenthalRubin",
    "MetaAnalysis",
    "MinP",
    "Newcombe",
    "NonOverlappingCorrelations",
    "OverlappingCorrelations",
    "PairedG",
    "PartialConjunction",
    "PauleMandel",
    "Pearson",
    "PlacementScore",
    "RankIntervals",
    "Satterthwaite",
    "SeedPlan",
    "Simes",
    "SimulatedPower",
    "Spearman",
    "Steiger",
    "Stouffer",
    "Superiority",
    "Wald",
    "Williams",
    "Zou",
    "adjust_families",
    "adjust_pvalues",
    "aligned_ranks_test",
    "anova_equivalence_test",
    "anova_interaction_test",
    "anova_interval",
    "anova_test",
    "best_test",
    "check_seeds",
    "compare_correlations",
    "compare_with_best",
    "correlation_equivalence_test",
    "equivalence_power",
    "equivalence_test",
    "estimate_effect",
    "friedman_test",
    "hedges_g",
    "hedges_g_independent",
    "independent_family_test",
    "interaction_seeds_needed",
    "interaction_test",
    "jonckheere_test",
    "meta_analysis",
    "meta_analysis_of_correlations",
    "mixed_model_test",
    "nemenyi_test",
    "noninferiority_test",
    "page_test",
    "paired_family_test",
    "paired_test",
    "partial_conjunction_test",
    "plan_seeds",
    "probability_of_superiority",
    "seeds_needed",
    "simulated_power",
    "simultaneous_rank_intervals",
    "stochastic_order_test",
    "t_interval",
    "t_test_power",
    "violation_ratio",
]
