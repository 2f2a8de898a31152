"""
Shares near one
===============

An interval of a share must stay between 0 and 1, and 20 right answers of 20 are no proof of 100 %. Wilson's
interval does both; that of the t distribution does neither.
"""

import matplotlib.pyplot as plt
import numpy as np
from attnstats import bootstrap_interval
from attnstats.comparison import t_interval
from attnstats.resampling import Wilson

fig, ax = plt.subplots(figsize=(6, 3), layout="constrained")
for right in range(12, 21):
    answers = np.repeat([1.0, 0.0], [right, 20 - right])
    wilson = bootstrap_interval(answers, np.mean, method=Wilson())
    ax.plot(
        [right - 0.12] * 2,
        [wilson.low, wilson.high],
        color="tab:blue",
        linewidth=3,
        label="Wilson" if right == 12 else None,
    )
    if right < 20:
        student = t_interval(answers)
        ax.plot(
            [right + 0.12] * 2,
            [student.low, student.high],
            color="tab:orange",
            linewidth=3,
            label="t" if right == 12 else None,
        )
ax.axhline(1, color="black", linewidth=0.8)
ax.set(xlabel="right answers of 20", ylabel="share")
ax.legend()
plt.show()
