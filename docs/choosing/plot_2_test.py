"""
Which test?
===========

First say what would be done again: other examples, other trainings, or other data sets. That is the unit of
replication, and a test that counts anything smaller as independent finds differences that are not there.

=====================================  =========================================================================
What you have                          What to take
=====================================  =========================================================================
a table of scores                      :func:`~attnstats.compare`, which finds the design and says why
seeds by examples, both random         :func:`~attnstats.comparison.paired_anova_test`
one score a seed, two conditions       :func:`~attnstats.comparison.paired_test`
one model, right and wrong answers     :func:`~attnstats.comparison.mcnemar_test`
folds of a cross-validation            :func:`~attnstats.comparison.corrected_resampled_t_test`
examples in groups (users, documents)  :func:`~attnstats.comparison.clustered_test`
several classifiers, many data sets    :func:`~attnstats.comparison.friedman_test`, then ``nemenyi_test``
"no difference"                        :func:`~attnstats.comparison.equivalence_test`, with a margin
two rankings of a few tokens           :func:`~attnstats.ranks.kendall`, exact where feasible
=====================================  =========================================================================

The figure shows why: how often a difference was found where there is none, at nominal 5 %, in the settings of
``analysis/validity/scores/compare.py``. Grey marks are tests that take a
smaller unit for independent, and other packages on the same tables.
"""

import matplotlib.pyplot as plt
import pandas as pd

measured = pd.read_csv("../../analysis/validity/scores/results/compare.csv")
level = measured[measured["procedure"] == "first difference, p"]
wrong = [
    "NaiveT",
    "autorank",
    "scikit-posthocs",
    "MixedLM",
    "ClustersIgnored",
    "NaiveFolds",
]
order = level.groupby("estimator")["rate"].median().sort_values().index

fig, ax = plt.subplots(figsize=(8, 4.8), layout="constrained")
for place, name in enumerate(order):
    rates = level.loc[level["estimator"] == name, "rate"]
    ax.plot(
        rates,
        [place] * len(rates),
        "|",
        markersize=11,
        color="tab:grey" if name in wrong else "tab:blue",
    )
ax.axvline(0.05, color="black", linestyle="--", linewidth=1)
ax.set(
    yticks=range(len(order)),
    yticklabels=order,
    xlabel="share of true nulls rejected; each mark a setting",
    xlim=(0, 1),
)
plt.show()

# %%
# The same for tests of rank correlations, from ``analysis/validity/ranks/rank_tests.py``:
ranks = pd.read_csv("../../analysis/validity/ranks/results/rank_tests.csv")
print(ranks.groupby("procedure")["rate"].agg(["min", "max", "size"]).to_string())
