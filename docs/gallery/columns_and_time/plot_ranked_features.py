"""
Which columns tell of the target?
=================================

Each column against a target, with what a permuted column would show, and p-values that are adjusted for the number
of columns. A dependence that is no correlation (``u``) is found too.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from attnstats.information import rank_features
from attnstats.resampling import Permutation

rng = np.random.default_rng(1)
n = 600
frame = pd.DataFrame(
    rng.normal(size=(n, 6)),
    columns=["linear", "u", "weak", "noise 1", "noise 2", "noise 3"],
)
frame["target"] = (
    frame["linear"] + frame["u"] ** 2 + 0.3 * frame["weak"] + 0.5 * rng.normal(size=n)
)

ranked = rank_features(frame, "target", null=Permutation(499), rng=0)
print(ranked.round(4).to_string())

fig, ax = plt.subplots(figsize=(6, 3), layout="constrained")
shown = ranked.iloc[::-1]
ax.barh(shown["feature"], shown["value"], color="tab:blue")
ax.plot(shown["null_floor"], shown["feature"], "|", color="tab:red", markersize=14)
ax.set(xlabel="mutual information with the target (nats); red: null floor")
plt.show()
