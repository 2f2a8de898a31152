"""
Bootstrap: ten values are few
=============================

Intervals at nominal 95 % for the mean of ten skewed values, in a thousand samples: how often they held it. No
method knows a tail that it has not seen, but some claim much more than they hold. For few values ``attnstats``
warns.
"""

import warnings

import matplotlib.pyplot as plt
import numpy as np
from attnstats import bootstrap_interval
from attnstats.resampling import BCa, HallT, Percentile, Studentized

warnings.simplefilter("ignore")  # the warning that this example is about
methods = (Percentile(499), BCa(499), Studentized(499), HallT())
held = np.zeros(len(methods))
for rng in np.random.default_rng(0).spawn(1000):
    sample = rng.exponential(size=10)
    intervals = [
        bootstrap_interval(sample, np.mean, method=method, rng=rng) for method in methods
    ]
    held += [interval.low <= 1 <= interval.high for interval in intervals]

fig, ax = plt.subplots(figsize=(6, 2.6), layout="constrained")
ax.barh([type(method).__name__ for method in methods], held / 1000)
ax.axvline(0.95, color="black", linestyle="--", linewidth=1)
ax.set(xlabel="share of 1,000 samples whose interval held the mean", xlim=(0.7, 1))
plt.show()
