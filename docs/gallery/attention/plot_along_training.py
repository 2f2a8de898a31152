"""
What training does to the measures
==================================

Agreement, skew and information of attention at checkpoints of five trainings, against learning rate times updates.
"""

from attnstats import read_frame
from attnstats.report import plot_along

figure = plot_along(read_frame("../../../analysis/results/along.parquet"))
