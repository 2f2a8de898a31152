"""
Ten thousand texts at once
==========================

``kendall_batch`` takes arrays of texts by tokens with a mask, and gives tau-b with its p-value for each text. The
share of small p-values is no result: it measures how long the texts are.
"""

import matplotlib.pyplot as plt
import numpy as np
from attnstats import kendall_batch

rng = np.random.default_rng(0)
lengths = rng.integers(5, 60, size=10_000)
mask = np.arange(60) < lengths[:, None]
attention = np.where(mask, rng.exponential(size=mask.shape), 0)
gradient = np.where(mask, attention + 1.5 * rng.exponential(size=mask.shape), 0)
agreement = kendall_batch(attention, gradient, mask=mask)

fig, (left, right) = plt.subplots(1, 2, figsize=(8, 3.2), layout="constrained")
left.hist(agreement.statistic, bins=60)
left.set(xlabel="tau-b", ylabel="texts")
edges = np.arange(5, 61, 5)
shares = [
    np.mean(agreement.pvalue[(lengths >= low) & (lengths < low + 5)] < 0.05)
    for low in edges[:-1]
]
right.plot(edges[:-1] + 2, shares, "o-")
right.set(xlabel="tokens", ylabel="share with p < 0.05", ylim=(0, 1))
plt.show()
