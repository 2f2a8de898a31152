"""
Which interval?
===============

A 95 % interval should hold the truth in 95 of 100 samples. How often each did, by law and size of the sample, in
simulations whose tables are committed. Left of the line it claims more than it holds.
"""

import matplotlib.pyplot as plt
import pandas as pd


def show(table, by, title):
    """Draw the coverage of each procedure, a mark for each setting."""
    order = table.groupby(by)["rate"].min().sort_values().index
    fig, ax = plt.subplots(figsize=(8, 0.32 * len(order) + 1.2), layout="constrained")
    for place, name in enumerate(order):
        rates = table.loc[table[by] == name, "rate"]
        ax.plot(rates, [place] * len(rates), "|", markersize=11, color="tab:blue")
    ax.axvline(0.95, color="black", linestyle="--", linewidth=1)
    ax.set(
        title=title,
        yticks=range(len(order)),
        yticklabels=order,
        xlabel="coverage of 95 % intervals",
    )
    plt.show()


folder = "../../analysis/validity"

# %%
# Mutual information
# ------------------
# Half-sampling is the default; the local variance costs nothing. Coverage is low where the estimator itself is
# biased, in many columns or with strong dependence, and then a warning comes with it.
information = pd.read_csv(f"{folder}/information/results/coverage_information.csv")
show(information, "procedure", "mutual information")

# %%
# The mean of few values
# ----------------------
# The percentile bootstrap is too short below some thirty values, whatever their law.
show(
    pd.read_csv(f"{folder}/resampling/results/coverage_means.csv"),
    "procedure",
    "means of 10, 20, 50 values",
)

# %%
# A mean over seeds and examples
# ------------------------------
show(
    pd.read_csv(f"{folder}/resampling/results/coverage_crossed.csv"),
    "procedure",
    "seeds by examples",
)

# %%
# Rank correlations
# -----------------
ranks = pd.read_csv(f"{folder}/ranks/results/rank_intervals.csv")
show(ranks[ranks["n"] >= 10], "procedure", "rank correlations of 10 to 50 pairs")
