"""
Order of nearly equal weights
=============================

How often a pair of tokens stands in the same order in both rankings, by how far apart their attention weights are.
Where weights are nearly equal, their order says nothing: finding (iii).
"""

import matplotlib.pyplot as plt
import numpy as np
from attnstats.ranks import concordance_curve, gap_quantile_edges

rng = np.random.default_rng(0)
truth = rng.normal(size=(500, 20))
logits = truth + rng.normal(size=truth.shape)
attention = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
edges = gap_quantile_edges(attention, n_bins=8)
curve = concordance_curve(attention, truth, edges=edges)

concordant, pairs = curve.concordant.sum(axis=0), curve.pairs.sum(axis=0)
fig, ax = plt.subplots(figsize=(6, 3.2), layout="constrained")
ax.plot(np.exp(curve.log_gap.sum(axis=0) / pairs), concordant / pairs, "o-")
ax.axhline(0.5, color="black", linestyle="--", linewidth=1, label="chance")
ax.set(
    xscale="log",
    xlabel="difference of the two weights",
    ylabel="pairs in the same order",
    ylim=(0.4, 1),
)
ax.legend()
plt.show()
