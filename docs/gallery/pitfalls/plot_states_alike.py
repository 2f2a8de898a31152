"""
Attention: orders of nothing
============================

Where all states of a text are nearly the same, they carry nearly the same information, and the order of it is
noise, measured with whatever precision. Agreement of attention with such an order is near zero however good
attention is. ``mi_reliability`` says how far the order can be relied on: here texts whose states are shared more
and more.
"""

import matplotlib.pyplot as plt
import numpy as np
from attnstats import AttentionTrace, analyse_trace

rng = np.random.default_rng(0)
label = rng.integers(0, 2, size=600)
attention = rng.dirichlet(np.full(8, 0.6), size=600)
sign = (2 * label - 1)[:, None, None]
shares = (0.0, 0.5, 0.8, 0.9, 1.0)
agreement, reliability = [], []
for share in shares:
    own = 3 * sign * attention[:, :, None]
    signal = (1 - share) * own + share * own.mean(axis=1, keepdims=True)
    noise = rng.normal(size=(600, 8, 16))
    trace = AttentionTrace.from_arrays(
        attention=attention, hidden=signal + noise, output=label
    )
    frame = analyse_trace(trace, rng=0).frame
    agreement.append(frame.loc[frame["quantity"] == "tau_b", "value"].iloc[0])
    reliability.append(frame.loc[frame["quantity"] == "mi_reliability", "value"].iloc[0])

fig, ax = plt.subplots(figsize=(6, 3), layout="constrained")
ax.plot(shares, agreement, "o-", label="tau-b of attention and information")
ax.plot(shares, reliability, "o-", label="reliability of the order of information")
ax.set(xlabel="share of the signal that all tokens have in common")
ax.legend()
plt.show()
