"""
Is there anything at all?
=========================

An estimate of zero is negative half of the time, and positive the other half. What independent columns would give
is found by permuting one of them: the null floor is the mean of those estimates.
"""

import matplotlib.pyplot as plt
import numpy as np
from attnstats import KSG, mutual_information
from attnstats.resampling import Permutation

rng = np.random.default_rng(0)
x = rng.normal(size=200)
strengths = (0.0, 0.15, 0.3, 0.6)

fig, ax = plt.subplots(figsize=(6, 3.5), layout="constrained")
for strength in strengths:
    y = strength * x + rng.normal(size=200)
    found = mutual_information(x, y, KSG(), null=Permutation(199), rng=0)
    print(
        f"slope {strength}: {found.value:.3f} nats, null floor {found.null_floor:.3f}, p = {found.pvalue:.3f}"
    )
    ax.plot(strength, found.value, "o", color="tab:blue")
    ax.plot(strength, found.null_floor, "_", color="tab:red", markersize=18)
ax.axhline(0, color="grey", linewidth=0.8)
ax.set(
    xlabel="slope of y on x", ylabel="nats", title="estimate (dot) and null floor (line)"
)
plt.show()
