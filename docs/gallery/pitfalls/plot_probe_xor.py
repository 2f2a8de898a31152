"""
Probes: a lower bound may be zero
=================================

The class says whether the signs of two columns agree. No straight line tells the classes apart, so a logistic probe
finds nothing, which says nothing of the information that is there. A probe of another family, or neighbours, see
it.
"""

import matplotlib.pyplot as plt
from attnstats import Probe, Ross, mutual_information
from attnstats.datasets import XORLabels
from attnstats.information import BoostedTrees

joint = XORLabels(dim_x=2, flip=0.1)
x, label = joint.sample(600, rng=0)
estimators = {
    "logistic probe": Probe(),
    "trees": Probe(BoostedTrees()),
    "neighbours": Ross(),
}
values = [mutual_information(x, label, each, rng=0).value for each in estimators.values()]

fig, ax = plt.subplots(figsize=(6, 2.6), layout="constrained")
ax.barh(list(estimators), values)
ax.axvline(joint.mutual_information, color="black", linestyle="--", linewidth=1)
ax.axvline(0, color="grey", linewidth=0.8)
ax.set(xlabel="estimate (nats); dashed: the truth")
plt.show()
