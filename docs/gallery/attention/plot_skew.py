"""
Temperature and skew
====================

The same scores through softmax and through Gumbel-softmax at three temperatures: finding (iv). The Gini coefficient
is 0 for equal weights and near 1 when one token has all.
"""

import matplotlib.pyplot as plt
import numpy as np
from attnstats.models import GumbelSoftmax, Softmax

scores = np.random.default_rng(0).normal(size=(1, 12)).astype("float32")
mask = np.ones((1, 12), dtype=bool)
layers = {
    "softmax": Softmax(),
    **{f"Gumbel, {t:g}": GumbelSoftmax(t) for t in (2.0, 0.5, 0.1)},
}

fig, axes = plt.subplots(1, 4, figsize=(9, 2.6), sharey=True, layout="constrained")
for ax, (name, layer) in zip(axes, layers.items(), strict=True):
    weights = np.sort(np.asarray(layer(scores, mask))[0])
    ranks = np.arange(1, 13)
    gini = 2 * np.sum(ranks * weights) / (12 * weights.sum()) - 13 / 12
    ax.bar(ranks, weights[::-1])
    ax.set(title=f"{name}\nGini {gini:.2f}", xlabel="rank")
axes[0].set_ylabel("attention")
plt.show()
