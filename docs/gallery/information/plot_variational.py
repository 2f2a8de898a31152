"""
A neural bound
==============

The variational estimators train a small Keras network to tell pairs of rows from shuffled ones, on four fifths of
the sample, and evaluate their bound on the fifth that is left. InfoNCE cannot exceed the logarithm of the batch;
SMILE clips the ratio that it averages. They need the extra ``models``.
"""

import matplotlib.pyplot as plt
import numpy as np
from attnstats import mutual_information
from attnstats.datasets import GaussianJoint
from attnstats.information import SMILE, InfoNCE, NetworkTraining

training = NetworkTraining(max_epochs=20)
estimators = {
    "InfoNCE": InfoNCE(training=training, n_folds=2),
    "SMILE": SMILE(training=training, n_folds=2),
}
correlations = (0.0, 0.6, 0.9)
truths, found = [], {name: [] for name in estimators}
for correlation in correlations:
    joint = GaussianJoint([[1.0, correlation], [correlation, 1.0]], dim_x=1)
    truths.append(joint.mutual_information)
    x, y = joint.sample(800, rng=np.random.default_rng(0))
    for name, estimator in estimators.items():
        found[name].append(mutual_information(x, y, estimator, rng=0).value)

fig, ax = plt.subplots(figsize=(5, 3.5), layout="constrained")
ax.plot(truths, truths, "k--", linewidth=1, label="truth")
for name, values in found.items():
    ax.plot(truths, values, "o-", label=name)
ax.set(xlabel="true mutual information (nats)", ylabel="estimate (nats)")
ax.legend()
plt.show()
