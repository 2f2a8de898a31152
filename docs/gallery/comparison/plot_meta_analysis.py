"""
One effect over several data sets
=================================

Each data set has its own effect and its own error. The mean effect has the interval of Knapp and Hartung; the
prediction interval says where the effect of the next data set would lie.
"""

import matplotlib.pyplot as plt
import numpy as np
from attnstats.comparison import meta_analysis

names = ["Rotten Tomatoes", "IMDB", "newsgroups", "Reuters", "planted"]
effects = np.array([0.21, 0.16, 0.24, 0.08, 0.33])
errors = np.array([0.03, 0.02, 0.04, 0.03, 0.02])
found = meta_analysis(effects, errors**2)
print(found)

fig, ax = plt.subplots(figsize=(6.5, 3), layout="constrained")
for place, (effect, error) in enumerate(zip(effects, errors, strict=True)):
    ax.plot(
        [effect - 1.96 * error, effect + 1.96 * error], [place, place], color="tab:blue"
    )
    ax.plot(effect, place, "s", color="tab:blue")
for place, interval in (
    (5, found.mean.confidence_interval),
    (6, found.prediction_interval),
):
    ax.plot([interval.low, interval.high], [place, place], color="black", linewidth=3)
ax.axvline(0, color="grey", linewidth=0.8)
ax.set(yticks=range(7), yticklabels=[*names, "mean", "next data set"], xlabel="effect")
ax.invert_yaxis()
plt.show()
