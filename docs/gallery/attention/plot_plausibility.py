"""
Do weights point where people point?
====================================

Average precision of attention against the words that three people marked, beside chance and beside the people
themselves. The texts here are made up; ``load_yelp_hat`` and ``load_eraser`` read the published ones.
"""

import matplotlib.pyplot as plt
import numpy as np
from attnstats.datasets import HumanMarks
from attnstats.plausibility import (
    compare_plausibility,
    crowd_ceiling,
    human_ceiling,
    plausibility,
    random_rationale,
)

rng = np.random.default_rng(0)
tokens = [[f"word{n}" for n in range(rng.integers(10, 30))] for _ in range(60)]
telling = [rng.random(len(text)) < 0.2 for text in tokens]
maps = [[each | (rng.random(len(each)) < 0.05) for _ in range(3)] for each in telling]
marks = HumanMarks("made up", tokens, rng.integers(0, 2, size=60), maps, ["bad", "good"])
attention = [[each + rng.normal(size=len(each)) for each in telling] for _ in range(8)]

found = plausibility(attention, marks)
levels = {
    "random": random_rationale(marks),
    "attention": found,
    "one person": human_ceiling(marks),
    "the others": crowd_ceiling(marks, rng=0),
}
fig, ax = plt.subplots(figsize=(6, 2.8), layout="constrained")
ax.barh(list(levels), [np.nanmean(each.values) for each in levels.values()])
ax.set(xlabel="average precision", xlim=(0, 1))
plt.show()
print(compare_plausibility(found, levels["random"]))
