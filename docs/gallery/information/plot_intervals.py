"""
How sure is an estimate?
========================

Rows drawn again with replacement have copies, and copies have distance zero: a bootstrap of a nearest-neighbour
estimate finds information in them. The intervals here draw parts without replacement instead. Twenty samples of one
law, and the truth.
"""

import matplotlib.pyplot as plt
import numpy as np
from attnstats import KSG, mutual_information
from attnstats.datasets import GaussianJoint
from attnstats.resampling import HalfSampling, HolmesNemenman

joint = GaussianJoint([[1.0, 0.6], [0.6, 1.0]], dim_x=1)
samples = [joint.sample(300, rng=rng) for rng in np.random.default_rng(3).spawn(20)]

fig, axes = plt.subplots(1, 2, figsize=(8, 4), sharey=True, layout="constrained")
for ax, interval in zip(axes, (HalfSampling(), HolmesNemenman()), strict=True):
    for place, (x, y) in enumerate(samples):
        found = mutual_information(x, y, KSG(), interval=interval, rng=0)
        low, high = found.interval.low, found.interval.high
        holds = low <= joint.mutual_information <= high
        ax.plot([low, high], [place, place], color="tab:blue" if holds else "tab:red")
        ax.plot(
            found.value, place, "o", color="tab:blue" if holds else "tab:red", markersize=4
        )
    ax.axvline(joint.mutual_information, color="black", linestyle="--", linewidth=1)
    ax.set(title=type(interval).__name__, xlabel="mutual information (nats)", yticks=[])
axes[0].set_ylabel("20 samples")
plt.show()

# %%
# In how many of 1,000 samples they hold the truth, by law, dimension and n: :doc:`/auto/choosing/index`.
