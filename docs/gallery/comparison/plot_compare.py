"""
From a table of scores to a forest plot
=======================================

``compare`` finds the design of a table (here the accuracy of four encoders over eight seeds), takes the analysis
that it asks for and says why.
"""

import pandas as pd
from attnstats import compare
from attnstats.report import plot_forest

scores = pd.read_csv("../../../analysis/results/accuracy.csv").query(
    "dataset == 'rotten_tomatoes'"
)
comparison = compare(
    scores, value="accuracy", condition="encoder", seed="seed", margin=0.02
)
print(comparison)

# %%
# Differences with simultaneous decisions, beside the margin within which they would not matter:
differences = pd.DataFrame(
    {
        "label": [f"{each.first} - {each.second}" for each in comparison.differences],
        "value": [each.difference for each in comparison.differences],
        "ci_low": [each.interval.low for each in comparison.differences],
        "ci_high": [each.interval.high for each in comparison.differences],
        "verdict": [each.verdict.value for each in comparison.differences],
    }
)
figure = plot_forest(differences, margin=0.02, label="difference of accuracy")
