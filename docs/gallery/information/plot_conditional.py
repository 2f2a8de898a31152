"""
A common cause
==============

x and y both follow z, and not each other. Their mutual information is large, and what is left of it once z is
known is not told from its null floor (red). The null of the conditional form exchanges rows only with others of
nearly the same z.
"""

import matplotlib.pyplot as plt
import numpy as np
from attnstats import KSG, conditional_mutual_information, mutual_information
from attnstats.information import LocalPermutation
from attnstats.resampling import HalfSampling

rng = np.random.default_rng(0)
z = rng.normal(size=500)
x, y = z + 0.6 * rng.normal(size=(2, 500))

interval = HalfSampling(100)
plain = mutual_information(x, y, KSG(), interval=interval, rng=0)
given = conditional_mutual_information(
    x, y, z, interval=interval, null=LocalPermutation(199), rng=0
)
print(given)

fig, ax = plt.subplots(figsize=(5, 2.5), layout="constrained")
for place, found in enumerate((given, plain)):
    ax.plot([found.interval.low, found.interval.high], [place, place], color="tab:blue")
    ax.plot(found.value, place, "o", color="tab:blue")
ax.plot(given.null_floor, 0, "|", color="tab:red", markersize=18)
ax.axvline(0, color="black", linestyle="--", linewidth=1)
ax.set(
    yticks=(0, 1), yticklabels=("I(x; y | z)", "I(x; y)"), xlabel="nats", ylim=(-0.5, 1.5)
)
plt.show()
