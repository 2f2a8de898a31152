"""
Would more rows change the answer?
==================================

``sample_size_curve`` estimates from halves, quarters and eighths of the sample. A curve that still climbs or falls
at its right end says that the estimate hangs on n; its bias is extrapolated.
"""

import matplotlib.pyplot as plt
import numpy as np
from attnstats import KSG
from attnstats.datasets import GaussianJoint
from attnstats.information import sample_size_curve

columns = 3
covariance = np.eye(2 * columns)
covariance[:columns, columns:] = covariance[columns:, :columns] = 0.7 * np.eye(columns)
joint = GaussianJoint(covariance, dim_x=columns)
x, y = joint.sample(4000, rng=np.random.default_rng(0))

fig, ax = plt.subplots(figsize=(6, 3.5), layout="constrained")
curve = sample_size_curve(x, y, KSG(), rng=0)
ax.plot(curve.sizes, curve.estimates, "o-", label="KSG")
ax.axhline(
    joint.mutual_information, color="black", linestyle="--", linewidth=1, label="truth"
)
ax.set(xlabel="rows", ylabel="nats", xscale="log", ylim=(0, None))
ax.legend()
plt.show()
print(curve)
