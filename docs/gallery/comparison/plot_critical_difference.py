"""
A critical difference diagram
=============================

Four classifiers on twelve data sets. Friedman's test asks whether they differ at all, Nemenyi's how far apart mean
ranks must be (Demšar 2006).
"""

import numpy as np
import pandas as pd
from attnstats.comparison import friedman_test, nemenyi_test
from attnstats.report import plot_critical_difference

rng = np.random.default_rng(0)
names = ["forest", "boosting", "nearest", "linear"]
accuracy = (
    rng.uniform(0.6, 0.8, size=12)
    + np.array([[0.03], [0.04], [0.0], [0.01]])
    + 0.015 * rng.normal(size=(4, 12))
)
print(friedman_test(accuracy, replication_unit="data set"))

found = nemenyi_test(accuracy, replication_unit="data set")
ranks = pd.DataFrame({"label": names, "value": found.mean_ranks})
figure = plot_critical_difference(
    ranks, np.array(found.pvalues) > 0.05, distance=found.critical_difference
)
