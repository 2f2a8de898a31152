"""
The interpretability researcher: a model of your own
====================================================

You have a trained model, and its attention, states and outputs as arrays. ``AttentionTrace.from_arrays`` checks
them once; everything after that is statistics. :doc:`/bring-your-own-model` shows how a transformer, a PyTorch
module or a Keras model becomes such a trace in one call.
"""

import matplotlib.pyplot as plt
import numpy as np
from attnstats import AttentionTrace, analyse_trace
from attnstats.ablation import Permuted, SoftmaxHead, Uniform

# %%
# Stand-ins for your arrays: 500 texts of 8 tokens. The states of attended tokens tell the class.
rng = np.random.default_rng(0)
label = rng.integers(0, 2, size=500)
attention = rng.dirichlet(np.full(8, 0.5), size=500)
hidden = (
    rng.normal(size=(500, 8, 16)) + 3 * ((2 * label - 1)[:, None] * attention)[:, :, None]
)
head = SoftmaxHead(
    kernel=np.stack([-np.ones(16), np.ones(16)], axis=1) / 4, bias=np.zeros(2)
)
output = head.predict_from_attention(hidden, attention)
trace = AttentionTrace.from_arrays(
    attention=attention, hidden=hidden, output=output, label=label, dataset="mine", seed=0
)
print(trace)

# %%
# One call measures agreement with the order of information, skew, near ties, and what ablations of attention change.
analysis = analyse_trace(trace, ablations=(Uniform(), Permuted()), model=head, rng=0)
outcomes = analysis.frame.query(
    "quantity in ('tau_b', 'gini', 'total_variation', 'accuracy')"
)
print(
    outcomes[["quantity", "ablation", "value", "unit", "n"]].round(3).to_string(index=False)
)

# %%
# One value for each text is there too: agreement against skew.
fig, ax = plt.subplots(figsize=(5, 3.5), layout="constrained")
ax.plot(analysis.examples["gini"], analysis.examples["tau_b"], ".", alpha=0.5)
ax.set(xlabel="Gini coefficient of attention", ylabel="tau-b of attention and information")
plt.show()

# %%
# This is one training. ``evaluate`` takes the analyses of several seeds and tests the findings over them; a single
# one holds for other texts of the kind, not for other trainings.
