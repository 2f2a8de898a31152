"""
Attention: states that share their signal
=========================================

Recurrent encoders hand on what they read, until all states of a text tell of the class alike. Here attention stays the
same, and only the share of the signal that all tokens have in common grows. Agreement falls to zero, since what is left
to order the tokens by is the noise of their states. Neither the reliability of the order gives that away (the noise is
measured precisely) nor conicity, which stays where it was: agreement is a statement about encoder and attention
together.
"""

import matplotlib.pyplot as plt
import numpy as np
from attnstats import AttentionTrace, analyse_trace

rng = np.random.default_rng(0)
label = rng.integers(0, 2, size=600)
attention = rng.dirichlet(np.full(8, 0.6), size=600)
sign = (2 * label - 1)[:, None, None]
shares = (0.0, 0.5, 0.8, 0.9, 1.0)
measures = {"tau_b": [], "mi_reliability": [], "conicity": []}
for share in shares:
    own = 3 * sign * attention[:, :, None]
    signal = (1 - share) * own + share * own.mean(axis=1, keepdims=True)
    noise = rng.normal(size=(600, 8, 16))
    trace = AttentionTrace.from_arrays(
        attention=attention, hidden=signal + noise, output=label
    )
    frame = analyse_trace(trace, rng=0).frame
    for quantity, values in measures.items():
        values.append(frame.loc[frame["quantity"] == quantity, "value"].iloc[0])

fig, ax = plt.subplots(figsize=(6, 3), layout="constrained")
for quantity, values in measures.items():
    ax.plot(shares, values, "o-", label=quantity)
ax.set(xlabel="share of the signal that all tokens have in common")
ax.legend()
plt.show()
