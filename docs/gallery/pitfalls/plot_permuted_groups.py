"""
Permutation tests: rows that belong together
============================================

Thirty patients with ten visits each; a trait of the patient, the dose, and noise. Dose and trait are unrelated, but
permuting visits takes 300 rows for independent and rejects far too often. What may be exchanged are patients.
"""

import matplotlib.pyplot as plt
import numpy as np
from attnstats import permutation_test

patients = np.repeat(np.arange(30), 10)


def correlation(x, y):
    """Return Pearson's r."""
    return np.corrcoef(x, y)[0, 1]


pvalues = {"visits exchanged": [], "patients exchanged": []}
for rng in np.random.default_rng(0).spawn(60):
    trait, dose = rng.normal(size=(2, 30))
    x = trait[patients] + 0.5 * rng.normal(size=300)
    y = dose[patients] + 0.5 * rng.normal(size=300)
    means = [np.bincount(patients, each) / 10 for each in (x, y)]
    for name, columns in (("visits exchanged", (x, y)), ("patients exchanged", means)):
        pvalues[name].append(
            permutation_test(*columns, correlation, n_resamples=199, rng=rng).pvalue
        )

fig, ax = plt.subplots(figsize=(6, 3.2), layout="constrained")
for name, values in pvalues.items():
    share = np.mean(np.array(values) <= 0.05)
    ax.plot(
        np.sort(values),
        np.arange(1, 61) / 60,
        drawstyle="steps-post",
        label=f"{name}: {share:.0%} at 5 %",
    )
ax.plot([0, 1], [0, 1], "k--", linewidth=1, label="as it should be")
ax.set(xlabel="p-value", ylabel="share of 60 data sets")
ax.legend()
plt.show()
