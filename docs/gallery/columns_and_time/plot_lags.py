"""
At which lag?
=============

One series follows another three steps later. The band holds the information of all lags at once where the series
are unrelated; it comes from circular shifts, which keep the memory that each series has of itself.
"""

import matplotlib.pyplot as plt
import numpy as np
from attnstats.information import lagged_mutual_information

rng = np.random.default_rng(0)
x = np.zeros(600)
for t in range(1, 600):
    x[t] = 0.7 * x[t - 1] + rng.normal()
y = np.roll(x, 3) + rng.normal(size=600)

profile = lagged_mutual_information(x, y, lags=range(-8, 9), rng=0)
fig, ax = plt.subplots(figsize=(6.5, 3), layout="constrained")
ax.vlines(profile.lags, 0, profile.values, color="tab:blue")
ax.plot(profile.lags, profile.values, "o", color="tab:blue")
ax.axhline(profile.band, color="tab:red", linestyle="--", label="simultaneous 95 % band")
ax.set(xlabel="lag of y behind x (steps)", ylabel="nats")
ax.legend()
plt.show()
