"""
How far apart are two samples?
==============================

The Kullback-Leibler divergence by nearest neighbours (Wang, Kulkarni and Verdú 2009), of a normal sample from one
that is moved away from it. In closed form it is half the square of the distance. The Jensen-Shannon divergence ends
at log 2.
"""

import matplotlib.pyplot as plt
import numpy as np
from attnstats.information import jensen_shannon_divergence, kl_divergence

rng = np.random.default_rng(0)
first = rng.normal(size=1000)
distances = np.linspace(0, 3, 7)
moved = [rng.normal(size=1000) + distance for distance in distances]

fig, ax = plt.subplots(figsize=(6, 3.5), layout="constrained")
ax.plot(distances, distances**2 / 2, "k--", linewidth=1, label="KL, closed form")
ax.plot(distances, [kl_divergence(first, second) for second in moved], "o-", label="KL")
ax.plot(
    distances,
    [jensen_shannon_divergence(first, second, rng=0) for second in moved],
    "o-",
    label="Jensen-Shannon",
)
ax.axhline(np.log(2), color="grey", linewidth=0.8)
ax.set(xlabel="distance of the means", ylabel="nats")
ax.legend()
plt.show()
