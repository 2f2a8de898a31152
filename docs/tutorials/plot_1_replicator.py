"""
The replicator: a study of attention
====================================

You want to know what the five findings look like on your data, your models or your training. A study is one
configuration. It trains each architecture from several seeds, measures every model, tests the declared hypotheses
and writes a report. This one is cut down to a minute: planted texts, two attentions, three seeds. Three are too few
to decide anything, and the study says so.
"""

import tempfile
from pathlib import Path

from attnstats import StudyConfig, run_study
from attnstats.report import (
    plot_information_by_rank,
    print_verdicts,
    verdict_table,
    write_report,
)

folder = Path(tempfile.mkdtemp())
(folder / "study.toml").write_text(
    """
name = "tutorial"
seeds = 3
units = 16
embedding_size = 16
null_resamples = 2
sample_examples = 2

[[datasets]]
name = "planted"
parameters = { n_texts = 1500 }

[[trainings]]
name = "short"
epochs = 4

[[architectures]]
encoders = ["mlp"]
attentions = ["additive", "scaled_dot_product"]

[inference]
minimum_seeds = 3
n_resamples = 499
"""
)
config = StudyConfig.read(folder / "study.toml")
frame = run_study(config, folder / "results", n_jobs=1, progress=False)

# %%
# Every number is a row of one frame: what it is of, its value, interval and test.
print(
    frame.query("quantity == 'accuracy'")[["attention", "seed", "value"]]
    .round(3)
    .to_string(index=False)
)

# %%
# The verdicts, and a figure of the information that the states hold by the rank of their attention weight:
print_verdicts(frame)
figure = plot_information_by_rank(frame)

# %%
# ``write_report`` puts tables (CSV, Markdown, LaTeX), figures and one page into a folder.
print(verdict_table(frame).caption)
print(write_report(frame, folder / "report").name)

# %%
# In the terminal the same is ``attnstats study run study.toml --out results``; run again, it goes on from the models
# that are finished. The study of five data sets is told in :doc:`/findings`, its hypotheses in :doc:`/hypotheses`.
