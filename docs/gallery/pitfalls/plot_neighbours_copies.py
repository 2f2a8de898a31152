"""
Nearest neighbours: a bootstrap sample tells of copies
======================================================

Rows drawn with replacement come twice and more, and a nearest-neighbour estimate reads their distance of zero as
dependence. The columns here are independent. Resampled estimates of scikit-learn, which cannot know, are far above
zero; parts drawn without replacement, as the intervals here draw them, are not.
"""

import matplotlib.pyplot as plt
import numpy as np
from attnstats import KSG, mutual_information
from attnstats.exceptions import DuplicateSamplesError
from sklearn.feature_selection import mutual_info_regression

rng = np.random.default_rng(0)
x, y = rng.normal(size=(2, 300))
estimates = {"with replacement": [], "halves without": []}
for _ in range(100):
    rows = rng.integers(300, size=300)
    estimates["with replacement"].append(
        mutual_info_regression(x[rows, None], y[rows], random_state=0)[0]
    )
    rows = rng.permutation(300)[:150]
    estimates["halves without"].append(
        mutual_information(x[rows], y[rows], KSG(), rng=0).value
    )

fig, ax = plt.subplots(figsize=(6, 3), layout="constrained")
for name, values in estimates.items():
    ax.hist(values, bins=20, alpha=0.7, label=name)
ax.axvline(0, color="black", linestyle="--", linewidth=1)
ax.set(xlabel="estimate (nats) of independent columns", ylabel="samples")
ax.legend()
plt.show()

# %%
# Copies are refused here, by name:
rows = rng.integers(300, size=300)
try:
    mutual_information(x[rows], y[rows], KSG(), rng=0)
except DuplicateSamplesError as error:
    print(error)
