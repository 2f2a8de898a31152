"""
Comparisons: a thousand examples are not a thousand replicates
==============================================================

Two training recipes that are equally good. Eight models of each, scored on the same thousand examples. A t test
over all differences asks about these sixteen models; put as "recipe A is better", it is wrong most of the time.
A hundred repetitions of the whole experiment:
"""

import matplotlib.pyplot as plt
import numpy as np
from attnstats.comparison import paired_anova_test
from scipy.stats import ttest_1samp

pvalues = {"t test over examples": [], "models and examples crossed": []}
for rng in np.random.default_rng(0).spawn(100):
    example = rng.normal(size=1000)
    scores = [
        0.2 * rng.normal(size=(8, 1)) + example + 0.5 * rng.normal(size=(8, 1000))
        for _ in range(2)
    ]
    pvalues["t test over examples"].append(
        ttest_1samp((scores[0] - scores[1]).ravel(), 0).pvalue
    )
    result = paired_anova_test(*scores)
    pvalues["models and examples crossed"].append(result.pvalue)

fig, ax = plt.subplots(figsize=(6, 3.2), layout="constrained")
for name, values in pvalues.items():
    share = np.mean(np.array(values) <= 0.05)
    ax.plot(
        np.sort(values),
        np.arange(1, 101) / 100,
        drawstyle="steps-post",
        label=f"{name}: {share:.0%} at 5 %",
    )
ax.plot([0, 1], [0, 1], "k--", linewidth=1, label="as it should be")
ax.set(xlabel="p-value", ylabel="share of 100 experiments")
ax.legend()
plt.show()
