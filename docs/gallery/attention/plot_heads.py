"""
The heads of a transformer
==========================

Agreement of each head of a fine-tuned MiniLM with the information in the words, for the row of the class token.
Heads whose agreement is not told apart from zero, all heads considered, are marked. How the table was made:
:doc:`/heads`.
"""

from attnstats import read_frame
from attnstats.report import plot_heads

figure = plot_heads(read_frame("../../../analysis/results/minilm_heads.csv"))
