"""
Thirty seeds, a thousand examples
=================================

A table of seeds by examples has two sources of chance. An interval over the examples alone is narrow and says what
these thirty models do on other texts; the crossed one says what other trainings would do, too.
"""

import matplotlib.pyplot as plt
import numpy as np
from attnstats import bootstrap_interval
from attnstats.comparison import anova_interval
from attnstats.resampling import BCa, Crossed

rng = np.random.default_rng(0)
scores = (
    0.3
    + 0.1 * rng.normal(size=(30, 1))
    + 0.2 * rng.normal(size=(1, 1000))
    + 0.3 * rng.normal(size=(30, 1000))
)

intervals = {
    "over examples alone": bootstrap_interval(
        scores.mean(axis=0), np.mean, method=BCa(1999), rng=0
    ),
    "crossed bootstrap": bootstrap_interval(scores, np.mean, design=Crossed(), rng=0),
    "crossed analysis of variance": anova_interval(scores),
}
fig, ax = plt.subplots(figsize=(6.5, 2.5), layout="constrained")
for place, interval in enumerate(intervals.values()):
    ax.plot([interval.low, interval.high], [place, place], color="tab:blue", linewidth=3)
ax.axvline(0.3, color="black", linestyle="--", linewidth=1)
ax.set(
    yticks=range(3),
    yticklabels=intervals,
    xlabel="mean score; dashed: the truth",
    ylim=(-0.5, 2.5),
)
plt.show()
