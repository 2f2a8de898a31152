"""
Neural bounds: InfoNCE ends at the logarithm of the batch
=========================================================

The bound compares one pair with the others of its batch, so it never exceeds the logarithm of their number,
whatever the truth. A value near that line is a statement about the batch. Here the critic is the best there is, the
true density ratio, so nothing is lost by training.
"""

import matplotlib.pyplot as plt
import numpy as np
from attnstats.datasets import GaussianJoint
from scipy.special import logsumexp

rng = np.random.default_rng(0)
correlations = (0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999)
batch = 64
truths, bounds = [], []
for correlation in correlations:
    joint = GaussianJoint([[1.0, correlation], [correlation, 1.0]], dim_x=1)
    truths.append(joint.mutual_information)
    terms = []
    for _ in range(40):
        x, y = joint.sample(batch, rng=rng)
        ratio = -((y.T - correlation * x) ** 2) / (2 * (1 - correlation**2)) + y.T**2 / 2
        terms.append(np.mean(np.diag(ratio) - logsumexp(ratio, axis=0)) + np.log(batch))
    bounds.append(np.mean(terms))

fig, ax = plt.subplots(figsize=(5.5, 3.2), layout="constrained")
ax.plot(truths, truths, "k--", linewidth=1, label="truth")
ax.plot(truths, bounds, "o-", label=f"InfoNCE, batches of {batch}")
ax.axhline(np.log(batch), color="tab:red", linewidth=1, label="log of the batch")
ax.set(xlabel="true mutual information (nats)", ylabel="bound (nats)")
ax.legend()
plt.show()
