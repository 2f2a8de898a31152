"""
Two unrelated series that seem to be related
============================================

Slow series look alike by chance. A test that permutes rows takes each of them for independent and finds
"significant" information far too often; one that shifts the series in a circle does not. Forty pairs of unrelated
AR(0.9) series:
"""

import warnings

import matplotlib.pyplot as plt
import numpy as np
from attnstats import KSG, mutual_information
from attnstats.information import CircularShift
from attnstats.resampling import Permutation
from scipy.signal import lfilter

pvalues = {"rows permuted": [], "shifted in a circle": []}
for rng in np.random.default_rng(0).spawn(40):
    x, y = lfilter([1], [1, -0.9], rng.normal(size=(2, 400)))[:, 100:]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # attnstats warns of permuted rows here
        pvalues["rows permuted"].append(
            mutual_information(x, y, KSG(), null=Permutation(99), rng=0).pvalue
        )
    pvalues["shifted in a circle"].append(
        mutual_information(x, y, KSG(), null=CircularShift(99), rng=0).pvalue
    )

fig, ax = plt.subplots(figsize=(6, 3.5), layout="constrained")
for name, values in pvalues.items():
    ax.plot(
        np.sort(values),
        np.arange(1, 41) / 40,
        drawstyle="steps-post",
        label=f"{name}: {np.mean(np.array(values) <= 0.05):.0%} at 5 %",
    )
ax.plot([0, 1], [0, 1], "k--", linewidth=1, label="as it should be")
ax.set(xlabel="p-value", ylabel="share of pairs")
ax.legend()
plt.show()
