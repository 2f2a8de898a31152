"""
All pairs of columns
====================

One number for each pair of the columns of a frame, measurements and classes alike, arranged so that columns which
tell of each other stand together.
"""

import numpy as np
import pandas as pd
from attnstats.information import mutual_information_matrix
from attnstats.report import plot_information_matrix

rng = np.random.default_rng(0)
n = 1000
mood, size = rng.normal(size=(2, n))
frame = pd.DataFrame(
    {
        "praise": mood + 0.5 * rng.normal(size=n),
        "blame": -mood + 0.5 * rng.normal(size=n),
        "stars": np.clip(np.round(3 + mood), 1, 5).astype(int).astype(str),
        "length": np.exp(size),
        "sentences": np.exp(size + 0.3 * rng.normal(size=n)),
        "weekday": rng.choice(["Mon", "Wed", "Fri"], size=n),
    }
)
matrix = mutual_information_matrix(frame, rng=0)
figure = plot_information_matrix(matrix.estimates)

# %%
# The pairs, sorted, also on the scale of a correlation or as a share of the entropy:
print(matrix.pairs.head().to_string())
