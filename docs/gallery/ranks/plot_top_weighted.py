"""
Only the top matters
====================

An explanation is read from the top. Swapping two tokens at the top or at the bottom changes tau-b by the same
amount; weighted tau and rank-biased overlap tell the two apart.
"""

import matplotlib.pyplot as plt
import numpy as np
from attnstats import kendall
from attnstats.ranks import rank_biased_overlap, weighted_tau
from attnstats.resampling import Permutation

scores = np.arange(12, 0, -1)
measures = {"tau-b": [], "weighted tau": [], "rank-biased overlap": []}
for top in range(11):
    swapped = scores.copy()
    swapped[[top, top + 1]] = swapped[[top + 1, top]]
    measures["tau-b"].append(kendall(scores, swapped).statistic)
    measures["weighted tau"].append(
        weighted_tau(scores, swapped, null=Permutation(99), rng=0).statistic
    )
    orders = [list(np.argsort(-each)) for each in (scores, swapped)]
    measures["rank-biased overlap"].append(
        rank_biased_overlap(*orders, persistence=0.8).extrapolated
    )

fig, ax = plt.subplots(figsize=(6, 3.2), layout="constrained")
for name, values in measures.items():
    ax.plot(range(1, 12), values, "o-", label=name)
ax.set(
    xlabel="rank of the upper one of two neighbours that are swapped", ylabel="agreement"
)
ax.legend()
plt.show()
