"""
Performance profiles
====================

Which share of the runs reaches a score, over all scores: a curve for each method, with a band that comes from
drawing runs again within each task (Agarwal et al. 2021).
"""

import numpy as np
import pandas as pd
from attnstats.report import plot_performance_profile
from attnstats.scores import interquartile_mean, performance_profile, read_scores

rng = np.random.default_rng(0)
rows = [
    {
        "method": method,
        "task": f"task {task}",
        "run": run,
        "score": np.clip(0.5 + lead + 0.03 * task + 0.12 * rng.normal(), 0, 1),
    }
    for method, lead in (("new", 0.08), ("old", 0.0))
    for task in range(6)
    for run in range(8)
]
scores = read_scores(
    pd.DataFrame(rows), value="score", condition="method", dataset="task", seed="run"
)
figure = plot_performance_profile(
    performance_profile(scores, rng=0), interquartile_mean(scores, rng=0)
)
