"""
One text, three readings
========================

A small model is trained on texts into which telling words were planted (``signal`` and a number).
Attention, the information that each state carries about the prediction, and a gradient, over the words of one test
text.
"""

import matplotlib.pyplot as plt
import numpy as np
from attnstats import Probe, load_dataset, pointwise_mutual_information, trace_attention
from attnstats.datasets import encode_dataset
from attnstats.models import (
    MLP,
    Additive,
    AttentionClassifier,
    GradientTimesInput,
    Softmax,
    train,
)

data = encode_dataset(load_dataset("planted", n_texts=1500))
model = AttentionClassifier(len(data.vocabulary), 2, MLP(32), Additive(16), Softmax())
train(model, data, seed=0)
trace = trace_attention(model, data, seed=0)
print(trace)

# %%
# A state is a row of the estimate; states of one text belong together, so the probe never learns from the text it is
# applied to.
text_of, _ = np.nonzero(trace.mask)
information = np.zeros(trace.mask.shape)
information[trace.mask] = pointwise_mutual_information(
    trace.hidden[trace.mask].astype(float),
    trace.predicted[text_of],
    Probe(),
    groups=text_of,
    rng=0,
)
gradient = GradientTimesInput().scores(model, data)

text = 3
readings = {"attention": trace.attention, "information": information, "gradient": gradient}
words = trace.tokens(text)
fig, axes = plt.subplots(3, 1, figsize=(9, 3.2), layout="constrained")
for ax, (name, values) in zip(axes, readings.items(), strict=True):
    row = values[text, : len(words)]
    ax.imshow(
        row[None],
        cmap="RdBu_r",
        vmin=-np.abs(row).max(),
        vmax=np.abs(row).max(),
        aspect="auto",
    )
    ax.set(
        yticks=[0],
        yticklabels=[name],
        xticks=range(len(words)),
        xticklabels=words if name == "gradient" else [],
    )
axes[-1].tick_params(axis="x", rotation=30)
plt.show()
