"""Conditions against each other, with the trained model as the unit of replication."""

from attnstats.comparison.blocked import best_test, interaction_test
from attnstats.comparison.effect_size import hedges_g, hedges_g_independent, probability_of_superiority
from attnstats.comparison.equivalence import equivalence_test, noninferiority_test
from attnstats.comparison.multiplicity import BenjaminiHochberg, BenjaminiYekutieli, Holm, adjust_pvalues
from attnstats.comparison.paired import paired_test
from attnstats.comparison.power import seeds_needed, t_test_power
from attnstats.comparison.seeds import MINIMUM_SEEDS, check_seeds, t_interval

__all__ = [
    "MINIMUM_SEEDS",
    "BenjaminiHochberg",
    "BenjaminiYekutieli",
    "Holm",
    "adjust_pvalues",
    "best_test",
    "check_seeds",
    "equivalence_test",
    "hedges_g",
    "hedges_g_independent",
    "interaction_test",
    "noninferiority_test",
    "paired_test",
    "probability_of_superiority",
    "seeds_needed",
    "t_interval",
    "t_test_power",
]
