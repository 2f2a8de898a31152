"""
The evaluator: a table of scores
================================

You have scores of several systems and want what a paper needs: the comparison that the design asks for, a table, a
figure, and a sentence that a statistician would sign. The table may be a file, a frame of pandas or polars, or the
logs of an evaluation harness.
"""

import pandas as pd
from attnstats import compare
from attnstats.report import plot_forest
from attnstats.scores import plan_comparison

scores = pd.read_csv("../../analysis/results/accuracy.csv").query(
    "dataset == 'rotten_tomatoes'"
)
print(scores.head().to_string(index=False))

# %%
# Name the columns. ``margin`` is the difference that would not matter.
comparison = compare(
    scores, value="accuracy", condition="encoder", seed="seed", margin=0.02
)
print(comparison)

# %%
# What was chosen, and why:
print(comparison.explain())

# %%
differences = pd.DataFrame(
    [
        {
            "label": f"{each.first} - {each.second}",
            "value": each.difference,
            "ci_low": each.interval.low,
            "ci_high": each.interval.high,
            "verdict": each.verdict.value,
        }
        for each in comparison.differences
    ]
)
figure = plot_forest(differences, margin=0.02, label="difference of accuracy")

# %%
# How many more seeds would find a difference of one point?
print(plan_comparison(comparison, 0.01))

# %%
# ``attnstats.scores.write_comparison(comparison, folder)`` writes tables, figures and a page; in the terminal
# ``attnstats compare scores.csv --value accuracy --condition encoder --seed seed --margin 0.02 --out DIR``. More in
# :doc:`/compare`.
