"""
Bins and what corrects them
===========================

A histogram of independent columns reports information that is not there: the more bins, the more. A correction of
the entropies takes most of this bias away. The columns here are independent, so the truth is zero.
"""

import matplotlib.pyplot as plt
import numpy as np
from attnstats import Binned, mutual_information
from attnstats.information import Grassberger, MillerMadow, PlugIn, Quantile

rng = np.random.default_rng(0)
samples = [(rng.normal(size=300), rng.normal(size=300)) for _ in range(50)]
bins = (2, 4, 8, 12, 16)

fig, ax = plt.subplots(figsize=(6, 3.5), layout="constrained")
for entropy in (PlugIn(), MillerMadow(), Grassberger()):
    means = [
        np.mean(
            [
                mutual_information(x, y, Binned(Quantile(n), entropy)).value
                for x, y in samples
            ]
        )
        for n in bins
    ]
    ax.plot(bins, means, "o-", label=type(entropy).__name__)
ax.axhline(0, color="black", linestyle="--", linewidth=1)
ax.set(xlabel="bins a column", ylabel="mean estimate (nats)", xticks=bins)
ax.legend(title="entropy")
plt.show()
