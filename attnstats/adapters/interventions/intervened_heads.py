"""What a transformer gives with some of its heads changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from attnstats._validation import FloatArray, IntArray
from attnstats.adapters.interventions.interface import Head, HeadIntervention
from attnstats.results import counted


@dataclass(frozen=True, eq=False, repr=False)
class IntervenedHeads:
    """Output of one model, intact and under interventions on its heads.

    Parameters
    ----------
    interventions : tuple of HeadIntervention
        What was done.
    heads : tuple of tuples of (layer, head)
        To which heads it was done: one alone, or several together.
    texts : tuple of str
        On which texts.
    labels : ndarray of int, shape (n_texts,), or None
        Their true classes.
    intact : ndarray, shape (n_texts, n_classes)
        Class probabilities of the intact model.
    output : ndarray, shape (n_interventions, n_sets, n_texts, n_classes)
        Those under each intervention on each set of heads.
    metadata : dict
        What describes the model and the texts.

    Examples
    --------
    It is what `intervene_transformer` returns.
    """

    interventions: tuple[HeadIntervention, ...]
    heads: tuple[tuple[Head, ...], ...]
    texts: tuple[str, ...]
    labels: IntArray | None
    intact: FloatArray
    output: FloatArray
    metadata: dict[str, Any]

    def __repr__(self) -> str:
        alone = all(len(each) == 1 for each in self.heads)
        sets = counted(len(self.heads), "head") if alone else f"{counted(len(self.heads), 'set')} of heads"
        labels = ", ".join(each.label for each in self.interventions)
        described = "".join(f", {key}={value!r}" for key, value in self.metadata.items())
        return f"IntervenedHeads({labels}; {sets}, {counted(len(self.texts), 'text')}{described})"
