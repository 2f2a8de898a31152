"""
Tampering with attention
========================

What becomes of the prediction when attention is made uniform, permuted, or drawn from another scorer? The total
variation between the two outputs, text by text, of a small model trained on planted texts.
"""

import matplotlib.pyplot as plt
import numpy as np
from attnstats import load_dataset, trace_attention
from attnstats.ablation import (
    Permuted,
    RandomScorer,
    Temperature,
    Uniform,
    ablate,
    total_variation,
)
from attnstats.datasets import encode_dataset
from attnstats.models import (
    MLP,
    Additive,
    AttentionClassifier,
    Softmax,
    TrainedModel,
    Training,
    train,
)

data = encode_dataset(load_dataset("planted", n_texts=1500))
model = AttentionClassifier(len(data.vocabulary), 2, MLP(32), Additive(16), Softmax())
train(model, data, seed=0)
trace = trace_attention(model, data, seed=0)

trained = TrainedModel(model, data, seed=0, training=Training())
fig, ax = plt.subplots(figsize=(6.5, 3.2), layout="constrained")
ablations = (Uniform(), Permuted(), Temperature(0.5), RandomScorer())
changes = [
    total_variation(trace, ablate(trace, ablation, model=trained, rng=0))
    for ablation in ablations
]
ax.boxplot(changes, orientation="horizontal", showfliers=False)
ax.set(
    yticklabels=[type(ablation).__name__ for ablation in ablations],
    xlabel="total variation of the output",
)
plt.show()
for ablation, change in zip(ablations, changes, strict=True):
    print(f"{type(ablation).__name__:14} {np.mean(change):.3f}")
