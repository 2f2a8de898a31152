"""
Intervals of a rank correlation
===============================

Tau-b of samples of a normal law with its interval by scores, over n. The default holds for ties and few pairs;
coverage by simulation stands in :doc:`/auto/choosing/index`.
"""

import matplotlib.pyplot as plt
import numpy as np
from attnstats import kendall
from attnstats.ranks import Fieller, JackknifeInterval, ScoreInterval

rng = np.random.default_rng(0)
x = rng.normal(size=200)
y = 0.6 * x + 0.8 * rng.normal(size=200)
truth = 2 / np.pi * np.arcsin(0.6)

fig, ax = plt.subplots(figsize=(6.5, 3.5), layout="constrained")
for shift, interval in enumerate((ScoreInterval(), JackknifeInterval(), Fieller())):
    for n in (12, 25, 50, 100, 200):
        found = kendall(x[:n], y[:n], interval=interval)
        place = n * 1.08 ** (shift - 1)
        ax.plot(
            [place, place],
            [found.confidence_interval.low, found.confidence_interval.high],
            color=f"C{shift}",
        )
        ax.plot(
            place,
            found.statistic,
            "o",
            color=f"C{shift}",
            label=type(interval).__name__ if n == 12 else None,
        )
ax.axhline(truth, color="black", linestyle="--", linewidth=1, label="truth")
ax.set(xscale="log", xlabel="pairs", ylabel="tau-b")
ax.legend()
plt.show()
