"""Names in messages: the array that one may have meant, and numbers in a row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

#: What others call the arrays of a trace.
_ALSO = {
    "attention": ("attentions", "attn", "weights", "alpha", "alphas", "attention_weights"),
    "hidden": ("hidden_states", "states", "embeddings", "h", "last_hidden_state"),
    "output": ("outputs", "probabilities", "probs", "predictions", "logits", "yhat", "y_pred"),
    "mask": ("attention_mask", "masks"),
    "label": ("labels", "y", "targets", "y_true"),
}


def listed(numbers: Sequence[int]) -> str:
    """Return numbers as a range where they are one.

    >>> listed((0, 1, 2)), listed((1, 3))
    ('0 to 2', '1, 3')
    """
    first, last = numbers[0], numbers[-1]
    whole = list(numbers) == list(range(first, last + 1)) and len(numbers) > 2
    return f"{first} to {last}" if whole else ", ".join(map(str, numbers))


def missing_array(name: str, known: Iterable[str]) -> str:
    """Return that an array is missing, what there is, and which of it may be meant."""
    names = list(known)
    near = [each for each in names if each.lower() in _ALSO.get(name, ())]
    near += [each for each in get_close_matches(name, names) if each not in near]
    meant = f"; if it is {near[0]!r}, pass names={{{name!r}: {near[0]!r}}} to read_trace" if near else ""
    return f"{name}: is missing; there is {', '.join(names) if names else 'no array'}{meant}"
