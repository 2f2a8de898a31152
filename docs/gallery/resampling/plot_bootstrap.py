"""
Bootstrap intervals of a skewed mean
====================================

Thirty waiting times. The percentile interval is symmetric about nothing in particular and too short; BCa and the
studentised one reach further to the right, where the law has its tail.
"""

import matplotlib.pyplot as plt
import numpy as np
from attnstats import bootstrap_interval
from attnstats.resampling import BCa, HallT, Percentile, Studentized

times = np.random.default_rng(4).exponential(size=30)
fig, ax = plt.subplots(figsize=(6, 3), layout="constrained")
methods = (Percentile(), BCa(), Studentized(), HallT())
for place, method in enumerate(methods):
    found = bootstrap_interval(times, np.mean, method=method, rng=0)
    print(f"{type(method).__name__:12} {found}")
    ax.plot([found.low, found.high], [place, place], color="tab:blue", linewidth=3)
ax.axvline(times.mean(), color="grey", linewidth=0.8)
ax.axvline(1, color="black", linestyle="--", linewidth=1)
ax.set(
    yticks=range(4),
    yticklabels=[type(method).__name__ for method in methods],
    xlabel="mean; dashed: the truth",
)
plt.show()
