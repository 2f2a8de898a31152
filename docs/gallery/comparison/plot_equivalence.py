"""
Not significant is not equal
============================

Six differences with their 90 % intervals. A claim of "no difference" takes two one-sided tests: the whole interval
must lie within a margin that was chosen beforehand.
"""

import matplotlib.pyplot as plt
import numpy as np
from attnstats import equivalence_test
from attnstats.comparison import t_interval

margin = 0.02
fig, ax = plt.subplots(figsize=(6.5, 3.2), layout="constrained")
settings = [
    (0.0, 0.01, 10),
    (0.0, 0.05, 10),
    (0.005, 0.02, 20),
    (0.018, 0.02, 20),
    (0.03, 0.03, 20),
    (0.03, 0.09, 20),
]
for place, (mean, sd, n) in enumerate(settings):
    noise = np.random.default_rng(place).normal(size=n)
    differences = mean + sd * (noise - noise.mean()) / noise.std(ddof=1)
    interval = t_interval(differences, confidence_level=0.9)
    pvalue = equivalence_test(differences, margin=margin).pvalue
    ax.plot(
        [interval.low, interval.high],
        [place, place],
        linewidth=3,
        color="tab:green" if pvalue <= 0.05 else "tab:grey",
    )
    ax.plot(mean, place, "o", color="black", markersize=4)
    ax.text(0.075, place, f"p of equivalence = {pvalue:.3f}", va="center")
ax.axvspan(-margin, margin, alpha=0.15)
ax.axvline(0, color="black", linewidth=0.8)
ax.set(
    yticks=[], xlabel="difference, 90 % interval; shaded: the margin", xlim=(-0.05, 0.13)
)
plt.show()
