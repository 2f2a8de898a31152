"""
The statistician: estimators and tests alone
============================================

You want an estimate of mutual information with an interval and a null, a rank test that is right with ties, or a
bootstrap that knows the design. None of these needs
a deep-learning library: the package without extras is enough.
"""

import warnings

import matplotlib.pyplot as plt
import numpy as np
from attnstats import (
    KSG,
    bootstrap_interval,
    compare_estimators,
    kendall,
    mutual_information,
)
from attnstats.datasets import GaussianJoint
from attnstats.exceptions import UnreliableEstimateWarning
from attnstats.resampling import BCa, HalfSampling, Permutation

joint = GaussianJoint([[1.0, 0.6], [0.6, 1.0]], dim_x=1)
x, y = joint.sample(1000, rng=0)
print(f"the truth: {joint.mutual_information:.3f} nats")

# %%
# An estimate, its interval, and what independent columns would show:
print(
    mutual_information(x, y, KSG(), interval=HalfSampling(), null=Permutation(199), rng=0)
)

# %%
# Without an estimator named, the one with the highest held-out bound of several families is taken, and its notes say
# which:
print(mutual_information(x, y, rng=0))

# %%
# A claim that depends on the estimator is no claim. Several side by side:
table = compare_estimators(x, y, rng=0)
print(table[["estimator", "value", "seconds"]].round(3).to_string(index=False))

# %%
# Rank tests are exact where that is feasible, with ties too, and say what they did:
print(kendall([1, 2, 2, 4, 5, 7, 8], [1, 3, 2, 2, 6, 5, 9]))

# %%
# A bootstrap of any statistic, with the method as an object:
waiting = np.random.default_rng(1).exponential(size=60)
print(bootstrap_interval(waiting, np.median, method=BCa(), rng=0))

# %%
# An interval says nothing of bias. Where that is likely to be more than a third of a standard error, a warning comes
# with the estimate; those are hollow here.
fig, ax = plt.subplots(figsize=(6, 3), layout="constrained")
for n in (100, 200, 500, 1000, 2000, 5000):
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always", UnreliableEstimateWarning)
        found = mutual_information(
            *joint.sample(n, rng=n), KSG(), interval=HalfSampling(), rng=0
        )
    ax.plot([n, n], [found.interval.low, found.interval.high], color="tab:blue")
    ax.plot(
        n,
        found.value,
        "o",
        color="tab:blue",
        markerfacecolor="white" if said else "tab:blue",
    )
ax.axhline(joint.mutual_information, color="black", linestyle="--", linewidth=1)
ax.set(xscale="log", xlabel="n", ylabel="KSG, 95 % interval (nats)")
plt.show()

# %%
# Next: :doc:`/information`, :doc:`/inference`, and :doc:`/auto/choosing/index`.
