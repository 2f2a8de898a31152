"""
Which estimator of mutual information?
======================================

Take the default, :class:`~attnstats.information.BestBound`, unless you know more than it can: it needs no choice of
family, and its notes say which one it found. Estimate tens of thousands of times, for permutations or many pairs of
columns, with :class:`~attnstats.information.KSG`, or with :class:`~attnstats.information.Ross` where one side is a
class. In hundreds of columns against a class take a :class:`~attnstats.information.Probe`, whose value is a lower
bound.

The figure stands each method on the forty laws of known information of ``analysis/benchmarks/mi_accuracy.py`` (n =
2,000): how many it gets within 0.1 nats, against the time of one estimate. Hollow: other packages.
"""

import matplotlib.pyplot as plt
import pandas as pd

measured = pd.read_csv("../../analysis/benchmarks/results/mi_accuracy_summary.csv")
peers = measured["method"].str.match("npeet|infomeasure|frites|ennemi|scikit")

fig, ax = plt.subplots(figsize=(8, 4.8), layout="constrained")
for other, rows in measured.groupby(peers):
    ax.scatter(
        rows["median_seconds"],
        rows["within_0_1"],
        s=50,
        facecolor="none" if other else "tab:blue",
        edgecolor="tab:blue",
    )
for _, row in measured.iterrows():
    ax.annotate(
        row["method"], (row["median_seconds"], row["within_0_1"]), xytext=(5, 4), textcoords="offset points", fontsize=7
    )
ax.set(xscale="log", xlabel="seconds an estimate (median, one core)", ylabel="laws of 40 within 0.1 nats", ylim=(0, 40))
plt.show()

# %%
# ``said`` counts what matters most: estimates that were off by 0.3 nats or more, without a warning.
shown = measured.sort_values("mean_abs_error").set_index("method")
print(shown[["n_tasks", "within_0_1", "mean_abs_error", "largest_error", "off_by_0_3_unwarned"]].to_string())

# %%
# Smaller samples: ``BestBound`` over n, from ``analysis/benchmarks/best_bound.py``.
print(pd.read_csv("../../analysis/benchmarks/results/best_bound_summary.csv").to_string(index=False))
