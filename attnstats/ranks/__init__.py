"""Agreement of two orderings: rank tests for one pair of samples, and agreement for many short ones at once."""

from attnstats.ranks.batches.batch import RankAgreement, kendall_batch, spearman_batch
from attnstats.ranks.batches.concordance import ConcordanceCurve, concordance_curve, gap_quantile_edges
from attnstats.ranks.batches.split_half import reference_concordance, reliability
from attnstats.ranks.coefficients._kendall import kendall
from attnstats.ranks.coefficients._kendall_w import kendall_w
from attnstats.ranks.coefficients._spearman import spearman
from attnstats.ranks.coefficients.contingency_table import ContingencyTable
from attnstats.ranks.coefficients.gamma import goodman_kruskal_gamma
from attnstats.ranks.coefficients.partial import partial_kendall, semipartial_kendall
from attnstats.ranks.coefficients.resampled_tau import Tau
from attnstats.ranks.coefficients.somers import somers_d
from attnstats.ranks.intervals.fisher_z import BonettWright, Fieller, Jackknife
from attnstats.ranks.intervals.score_interval import ScoreInterval
from attnstats.ranks.top_weighted._ap_correlation import ap_correlation
from attnstats.ranks.top_weighted._rank_biased_overlap import RankBiasedOverlap, rank_biased_overlap
from attnstats.ranks.top_weighted.top_k import TopKOverlap, top_k_overlap, top_k_overlap_batch
from attnstats.ranks.top_weighted.weighted import weighted_tau, weighted_tau_batch

__all__ = [
    "BonettWright",
    "ConcordanceCurve",
    "ContingencyTable",
    "Fieller",
    "Jackknife",
    "RankAgreement",
    "RankBiasedOverlap",
    "ScoreInterval",
    "Tau",
    "TopKOverlap",
    "ap_correlation",
    "concordance_curve",
    "gap_quantile_edges",
    "goodman_kruskal_gamma",
    "kendall",
    "kendall_batch",
    "kendall_w",
    "partial_kendall",
    "rank_biased_overlap",
    "reference_concordance",
    "reliability",
    "semipartial_kendall",
    "somers_d",
    "spearman",
    "spearman_batch",
    "top_k_overlap",
    "top_k_overlap_batch",
    "weighted_tau",
    "weighted_tau_batch",
]
