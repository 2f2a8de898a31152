"""
Information point by point
==========================

The mutual information is a mean of local terms, one for each row: how much more likely the class of this row is
once its x is known. Here two overlapping clouds. Terms are negative where x points to the wrong class.
"""

import matplotlib.pyplot as plt
import numpy as np
from attnstats import Probe, Ross, mutual_information, pointwise_mutual_information

rng = np.random.default_rng(0)
label = np.repeat([0, 1], 300)
x = rng.normal(size=(600, 2)) + 1.6 * label[:, None]
terms = pointwise_mutual_information(x, label, Probe(), rng=0)

fig, ax = plt.subplots(figsize=(5.5, 4), layout="constrained")
reach = np.abs(terms).max()
for value, marker in ((0, "o"), (1, "^")):
    rows = label == value
    shown = ax.scatter(
        *x[rows].T,
        c=terms[rows],
        cmap="RdBu",
        vmin=-reach,
        vmax=reach,
        marker=marker,
        s=18,
        label=f"class {value}",
    )
fig.colorbar(shown, label="local term (nats)")
ax.legend()
plt.show()

# %%
# The probe's terms are of data that it did not see, so their mean is a lower bound; Ross counts neighbours.
for estimator in (Probe(), Ross()):
    print(mutual_information(x, label, estimator, rng=0))
