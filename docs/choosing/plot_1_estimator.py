"""
Which estimator of mutual information?
======================================

Take the default, :class:`~attnstats.information.BestBound`, unless you know more than it can: it needs no choice of
family, and its notes say which one it found. Estimate tens of thousands of times, for permutations or many pairs of
columns, with :class:`~attnstats.information.KSG`, or with :class:`~attnstats.information.Ross` where one side is a
class. In hundreds of columns against a class take a :class:`~attnstats.information.Probe`, whose value is a lower
bound.

The figure: on how many of the forty laws of known information of ``analysis/benchmarks/mi_accuracy.py`` (n = 2,000)
each method is within 0.1 nats, and the time of one estimate. Grey: other packages.
"""

import matplotlib.pyplot as plt
import pandas as pd

every = pd.read_csv("../../analysis/benchmarks/results/mi_accuracy_summary.csv")
measured = every[(every["n"] == 2_000) & (every["n_tasks"] > 30)].sort_values("within_0_1")
colours = [
    "tab:grey" if method[0].islower() else "tab:blue" for method in measured["method"]
]

fig, (left, right) = plt.subplots(1, 2, figsize=(9, 4.2), sharey=True, layout="constrained")
left.barh(measured["method"], measured["within_0_1"], color=colours)
left.set(xlabel="laws of 40 within 0.1 nats", xlim=(0, 40))
right.scatter(measured["median_seconds"], measured["method"], color=colours)
right.set(xscale="log", xlabel="seconds (median, one core)")
right.grid(axis="y", alpha=0.3)
plt.show()

# %%
# The last column counts what matters most: estimates off by 0.3 nats or more, without a
# warning. Two packages take one column on either side alone, and were tried on the nine laws
# that have it.
columns = ["method", "n_tasks", "within_0_1", "mean_abs_error", "off_by_0_3_unwarned"]
shown = every[every["n"] == 2_000].sort_values("mean_abs_error")
print(shown[columns].to_string(index=False))

# %%
# The same laws with fewer and with more rows: laws within 0.1 nats.
kept = [
    "BestBound()",
    "StudentCopula()",
    "GaussianCopula()",
    "KSG()",
    "npeet-plus KSG",
    "frites GCMI",
]
table = every[every["method"].isin(kept)].pivot(
    index="method", columns="n", values="within_0_1"
)
print(table.loc[kept].to_string())
