"""Comparisons of conditions: tests, intervals, effect sizes and sample sizes over units of replication."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnstats._renamed import former_names
from attnstats.comparison.binary.difference_intervals import HybridScore, MiettinenNurminen, Tango
from attnstats.comparison.binary.independent import independent_proportions_test
from attnstats.comparison.binary.margins import proportions_equivalence_test, proportions_noninferiority_test
from attnstats.comparison.binary.mcnemar import mcnemar_test
from attnstats.comparison.clustered.cluster_robust import clustered_equivalence_test, clustered_test
from attnstats.comparison.clustered.intraclass import IntraclassCorrelation, intraclass_correlation
from attnstats.comparison.correlations.coefficients import Correlation, Pearson, Spearman
from attnstats.comparison.correlations.dependent import (
    FisherZ,
    MengRosenthalRubin,
    Steiger,
    Williams,
    Zou,
    compare_correlations,
)
from attnstats.comparison.correlations.equivalence import correlation_equivalence_test
from attnstats.comparison.correlations.pairs import (
    IndependentCorrelations,
    NonOverlappingCorrelations,
    OverlappingCorrelations,
)
from attnstats.comparison.crossed.components import VarianceComponents, variance_components
from attnstats.comparison.crossed.crossed_mean import anova_interval
from attnstats.comparison.crossed.difference import anova_equivalence_test, anova_test
from attnstats.comparison.crossed.independent import independent_anova_equivalence_test, independent_anova_test
from attnstats.comparison.crossed.interaction import anova_interaction_test, interaction_sample_size_needed
from attnstats.comparison.crossed.mean_squares import FixedItems, HarmonicT, Satterthwaite
from attnstats.comparison.crossed.paired import paired_anova_equivalence_test, paired_anova_test
from attnstats.comparison.crossed.permuted_interaction import interaction_test
from attnstats.comparison.families.family_result import FamilyResult
from attnstats.comparison.families.joint_tests import independent_family_test, paired_family_test
from attnstats.comparison.families.max_t import MaxT, MinP
from attnstats.comparison.families.multiplicity import (
    BenjaminiHochberg,
    BenjaminiYekutieli,
    Bonferroni,
    Hochberg,
    Holm,
    Hommel,
    adjust_families,
    adjust_pvalues,
)
from attnstats.comparison.families.partial_conjunction import (
    Fisher,
    PartialConjunction,
    Simes,
    Stouffer,
    partial_conjunction_test,
)
from attnstats.comparison.folds.corrected_t import corrected_resampled_equivalence_test, corrected_resampled_t_test
from attnstats.comparison.folds.five_by_two import five_by_two_cv_test
from attnstats.comparison.many_conditions.aligned_ranks import aligned_ranks_test
from attnstats.comparison.many_conditions.best import BestComparison, best_test, compare_with_best
from attnstats.comparison.many_conditions.friedman import friedman_test
from attnstats.comparison.many_conditions.nemenyi import CriticalDifference, nemenyi_test
from attnstats.comparison.many_conditions.ranks_of_conditions import RankIntervals, simultaneous_rank_intervals
from attnstats.comparison.many_conditions.trend import jonckheere_test, page_test
from attnstats.comparison.meta_analysis.heterogeneity import REML, DerSimonianLaird, PauleMandel
from attnstats.comparison.meta_analysis.mean_error import KnappHartung, Wald
from attnstats.comparison.meta_analysis.random_effects import MetaAnalysis, meta_analysis, meta_analysis_of_correlations
from attnstats.comparison.mixed_model.slopes import mixed_model_test
from attnstats.comparison.planning.power import SimulatedPower, equivalence_power, simulated_power, t_test_power
from attnstats.comparison.planning.sample_size import SampleSizePlan, plan_sample_size, sample_size_needed
from attnstats.comparison.replication import MINIMUM_REPLICATES, check_replicates, t_interval
from attnstats.comparison.two_conditions.effect_estimates import (
    CliffsDelta,
    EffectSize,
    IndependentG,
    PairedG,
    Superiority,
    estimate_effect,
)
from attnstats.comparison.two_conditions.effect_size import hedges_g, hedges_g_independent, probability_of_superiority
from attnstats.comparison.two_conditions.equivalence import equivalence_test, noninferiority_test
from attnstats.comparison.two_conditions.paired import paired_test
from attnstats.comparison.two_conditions.stochastic_order import stochastic_order_test, violation_ratio
from attnstats.comparison.two_conditions.superiority_intervals import BrunnerMunzel, Newcombe, PlacementScore

__all__ = [
    "MINIMUM_REPLICATES",
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
    "FixedItems",
    "HarmonicT",
    "Hochberg",
    "Holm",
    "Hommel",
    "HybridScore",
    "IndependentCorrelations",
    "IndependentG",
    "IntraclassCorrelation",
    "KnappHartung",
    "MaxT",
    "MengRosenthalRubin",
    "MetaAnalysis",
    "MiettinenNurminen",
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
    "SampleSizePlan",
    "Satterthwaite",
    "Simes",
    "SimulatedPower",
    "Spearman",
    "Steiger",
    "Stouffer",
    "Superiority",
    "Tango",
    "VarianceComponents",
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
    "check_replicates",
    "clustered_equivalence_test",
    "clustered_test",
    "compare_correlations",
    "compare_with_best",
    "corrected_resampled_equivalence_test",
    "corrected_resampled_t_test",
    "correlation_equivalence_test",
    "equivalence_power",
    "equivalence_test",
    "estimate_effect",
    "five_by_two_cv_test",
    "friedman_test",
    "hedges_g",
    "hedges_g_independent",
    "independent_anova_equivalence_test",
    "independent_anova_test",
    "independent_family_test",
    "independent_proportions_test",
    "interaction_sample_size_needed",
    "interaction_test",
    "intraclass_correlation",
    "jonckheere_test",
    "mcnemar_test",
    "meta_analysis",
    "meta_analysis_of_correlations",
    "mixed_model_test",
    "nemenyi_test",
    "noninferiority_test",
    "page_test",
    "paired_anova_equivalence_test",
    "paired_anova_test",
    "paired_family_test",
    "paired_test",
    "partial_conjunction_test",
    "plan_sample_size",
    "probability_of_superiority",
    "proportions_equivalence_test",
    "proportions_noninferiority_test",
    "sample_size_needed",
    "simulated_power",
    "simultaneous_rank_intervals",
    "stochastic_order_test",
    "t_interval",
    "t_test_power",
    "variance_components",
    "violation_ratio",
]

if not TYPE_CHECKING:
    __getattr__ = former_names(
        __name__,
        MINIMUM_SEEDS="MINIMUM_REPLICATES",
        SeedPlan="SampleSizePlan",
        check_seeds="check_replicates",
        interaction_seeds_needed="interaction_sample_size_needed",
        plan_seeds="plan_sample_size",
        seeds_needed="sample_size_needed",
    )
