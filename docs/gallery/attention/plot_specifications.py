"""
Does the verdict hang on a choice?
==================================

Every way in which a claim of the committed study could have been decided, sorted by its effect, with the choices
below: data set, training, estimator, view. A verdict that only one corner of the choices gives is no finding.
"""

from attnstats import read_frame
from attnstats.report import plot_specifications, tell_answer

frame = read_frame("../../../analysis/results/full.parquet")
print(tell_answer(frame))
figure = plot_specifications(frame)
