"""
Nearest neighbours and the scale of the columns
===============================================

Mutual information does not change when a column is put on another scale by an increasing map; distances do. ``KSG``
therefore measures distances between normal scores of the ranks. ``margins=AsMeasured()`` is the definition of
Kraskov et al. (2004) with nothing done to the columns.
"""

import matplotlib.pyplot as plt
import numpy as np
from attnstats import KSG, mutual_information
from attnstats.datasets import GaussianJoint
from attnstats.information import AsMeasured, NormalScores, Standardized

joint = GaussianJoint([[1.0, 0.8], [0.8, 1.0]], dim_x=1)
x, y = joint.sample(1000, rng=np.random.default_rng(1))
powers = (1, 3, 5, 7)

fig, ax = plt.subplots(figsize=(6, 3.5), layout="constrained")
for margins in (NormalScores(), Standardized(), AsMeasured()):
    values = [
        mutual_information(
            np.sign(x) * np.abs(x) ** power, y, KSG(margins=margins), rng=0
        ).value
        for power in powers
    ]
    ax.plot(powers, values, "o-", label=repr(margins))
ax.axhline(
    joint.mutual_information, color="black", linestyle="--", linewidth=1, label="truth"
)
ax.set(
    xlabel="power to which x is raised", ylabel="KSG (nats)", xticks=powers, ylim=(0, None)
)
ax.legend()
plt.show()
