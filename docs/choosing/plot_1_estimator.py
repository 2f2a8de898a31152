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

measured = pd.read_csv("../../analysis/benchmarks/results/mi_accuracy_summary.csv")
measured = measured[measured["n_tasks"] > 30].sort_values("within_0_1")
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
# The last column counts what matters most: estimates off by 0.3 nats or more, without a warning. Two packages take one
# column on either side alone, and were tried on the nine laws that have it.
shown = measured.sort_values("mean_abs_error").set_index("method")
print(
    shown[
        ["n_tasks", "within_0_1", "mean_abs_error", "largest_error", "off_by_0_3_unwarned"]
    ].to_string()
)

# %%
# Smaller samples: ``BestBound`` over n, from ``analysis/benchmarks/best_bound.py``.
print(
    pd.read_csv("../../analysis/benchmarks/results/best_bound_summary.csv").to_string(
        index=False
    )
)
