"""
The exact null of few pairs
===========================

Nine pairs, with ties. The normal approximation of Kendall's test is off in just the range where it matters;
``kendall`` counts the permutations instead, ties and all, where that is feasible, and says which it did.
"""

from itertools import permutations

import matplotlib.pyplot as plt
import numpy as np
from attnstats import kendall

attention = np.array([0.30, 0.18, 0.14, 0.10, 0.10, 0.07, 0.05, 0.03, 0.03])
gradient = np.array([0.8, 0.9, 0.2, 0.3, 0.1, 0.1, 0.3, 0.05, 0.0])
print(kendall(attention, gradient))

# %%
# The null distribution of tau-b, by all orders of seven of the pairs:
few, others = attention[:7], gradient[:7]
taus = [
    kendall(few, np.array(order), exact=False).statistic for order in permutations(others)
]
fig, ax = plt.subplots(figsize=(6, 3), layout="constrained")
ax.hist(taus, bins=41, density=True)
ax.axvline(kendall(few, others).statistic, color="tab:red", label="observed")
ax.set(xlabel="tau-b", ylabel="density under independence")
ax.legend()
plt.show()
