"""Rank correlations: tests and intervals for paired samples, and agreement of many short examples at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnstats._renamed import former_names
from attnstats.ranks.batches.concordance import ConcordanceCurve, concordance_curve, gap_quantile_edges
from attnstats.ranks.batches.rank_agreement import RankAgreement, kendall_batch, spearman_batch
from attnstats.ranks.batches.split_half import reference_concordance, reliability
from attnstats.ranks.coefficients._kendall import kendall
from attnstats.ranks.coefficients._kendall_w import kendall_w
from attnstats.ranks.coefficients._spearman import spearman
from attnstats.ranks.coefficients.contingency_table import ContingencyTable
from attnstats.ranks.coefficients.goodman_kruskal import goodman_kruskal_gamma
from attnstats.ranks.coefficients.partial_tau import partial_kendall, semipartial_kendall
from attnstats.ranks.coefficients.resampled_tau import Tau
from attnstats.ranks.coefficients.somers import somers_d
from attnstats.ranks.intervals.fisher_z import BonettWright, Fieller, JackknifeInterval
from attnstats.ranks.intervals.score_interval import ScoreInterval
from attnstats.ranks.top_weighted._ap_correlation import ap_correlation
from attnstats.ranks.top_weighted._rank_biased_overlap import RankBiasedOverlap, rank_biased_overlap
from attnstats.ranks.top_weighted._weighted_tau import weighted_tau, weighted_tau_batch
from attnstats.ranks.top_weighted.top_k import TopKOverlap, top_k_overlap, top_k_overlap_batch

__all__ = [
    "BonettWright",
    "ConcordanceCurve",
    "ContingencyTable",
    "Fieller",
    "JackknifeInterval",
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

if not TYPE_CHECKING:
    __getattr__ = former_names(__name__, Jackknife="JackknifeInterval")
