"""
How many seeds?
===============

From eight pilot seeds: how many are needed to find a difference, or to show that it lies within a margin. A pilot's
standard deviation is itself uncertain; with an assurance of 80 % the plan holds for four of five such pilots.
"""

import matplotlib.pyplot as plt
import numpy as np
from attnstats.comparison import equivalence_power, plan_sample_size, t_test_power

pilot = np.random.default_rng(3).normal(0.01, 0.02, size=8)
print(plan_sample_size(pilot, effect=0.02))
print(plan_sample_size(pilot, margin=0.02))

# %%
sizes = np.arange(4, 61)
sd = pilot.std(ddof=1)
fig, ax = plt.subplots(figsize=(6, 3.2), layout="constrained")
ax.plot(
    sizes,
    [t_test_power(0.02 / sd, int(n)) for n in sizes],
    label="to find a difference of 0.02",
)
ax.plot(
    sizes,
    [equivalence_power(0.02 / sd, int(n)) for n in sizes],
    label="to show equivalence within 0.02",
)
ax.axhline(0.8, color="grey", linewidth=0.8)
ax.set(xlabel="seeds", ylabel="power", ylim=(0, 1))
ax.legend()
plt.show()
