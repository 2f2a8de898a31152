"""The array that a name may have meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

#: What others call the arrays of a trace.
_ALSO = {
    "attention": ("attentions", "attn", "weights", "alpha", "alphas", "attention_weights"),
    "hidden": ("hidden_states", "states", "embeddings", "h", "last_hidden_state"),
    "output": ("outputs", "probabilities", "probs", "predictions", "logits", "yhat", "y_pred"),
    "mask": ("attention_mask", "masks"),
    "label": ("labels", "y", "targets", "y_true"),
}


def missing_array(name: str, known: Iterable[str]) -> str:
    """Return that an array is missing, what there is, and which of it may be meant."""
    names = list(known)
    near = [each for each in names if each.lower() in _ALSO.get(name, ())]
    near += [each for each in get_close_matches(name, names) if each not in near]
    meant = f"; if it is {near[0]!r}, pass names={{{name!r}: {near[0]!r}}} to read_trace" if near else ""
    return f"{name}: is missing; there is {', '.join(names) if names else 'no array'}{meant}"
