"""Agreement of two orderings: rank tests for one pair of samples, and agreement for many short ones at once."""

from attnstats.ranks.batch import RankAgreement, kendall_batch, spearman_batch
from attnstats.ranks.concordance import ConcordanceCurve, concordance_curve, gap_quantile_edges
from attnstats.ranks.kendall import kendall
from attnstats.ranks.spearman import spearman
from attnstats.ranks.split_half import reference_concordance, reliability

__all__ = [
    "ConcordanceCurve",
    "RankAgreement",
    "concordance_curve",
    "gap_quantile_edges",
    "kendall",
    "kendall_batch",
    "reference_concordance",
    "reliability",
    "spearman",
    "spearman_batch",
]
