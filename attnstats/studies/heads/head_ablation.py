"""What interventions on the heads of a transformer change, side by side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from attnstats._validation import BoolArray, FloatArray, check_fraction
from attnstats.comparison import FamilyResult
from attnstats.frame import Row, encode_parameters, to_frame
from attnstats.results import counted, format_pvalue
from attnstats.studies.heads.head_analysis import holds_for, metadata_columns, shared_test

#: Heads that the summary names.
_NAMED = 3


@dataclass(frozen=True, eq=False, repr=False)
class HeadAblation:
    """An outcome of intact models, and the same under interventions on their heads.

    Parameters
    ----------
    ablations : tuple of str
        The interventions.
    heads : tuple of tuples of (layer, head)
        Sets of heads on which each was done.
    outcome : str
        What was measured.
    margin : float or None
        What a change is tested to exceed; None for an outcome whose difference is tested against zero.
    intact : ndarray, shape (n_seeds, n_texts)
        Outcome of the intact models.
    ablated : ndarray, shape (n_seeds, n_interventions, n_sets, n_texts)
        Outcome under each intervention on each set of heads.
    tested : ndarray of bool, shape (n_interventions, n_sets)
        Which are tested: all that change the outcome of some text.
    tests : FamilyResult
        Their mean effects, in this order, with simultaneous intervals and corrected p-values.
    metadata : dict
        What describes the models and the texts.

    Examples
    --------
    It is what `head_ablation_test` returns.
    """

    ablations: tuple[str, ...]
    heads: tuple[tuple[tuple[int, int], ...], ...]
    outcome: str
    margin: float | None
    intact: FloatArray
    ablated: FloatArray
    tested: BoolArray
    tests: FamilyResult
    metadata: dict[str, Any]

    @property
    def effects(self) -> FloatArray:
        """Outcome of the intact models minus that under the intervention, or the change, with the shape of `ablated`.

        Axes are those of `ablated`: trainings, interventions, sets of heads, texts.

        For `attnstats.comparison.compare_with_best`, which finds the heads that may matter most, take those of one
        training and intervention: ``effects[0, 0]``, one row for each set of heads, one column for each text, with
        ``names=head_names``.
        """
        return self.intact[:, np.newaxis, np.newaxis] - self.ablated if self.margin is None else self.ablated

    @property
    def head_names(self) -> tuple[str, ...]:
        """The sets of heads in words, in their order."""
        return tuple(map(described, self.heads))

    def summary(self, alpha: float = 0.05) -> str:
        """Return how many heads lower and raise the outcome, and which do so most; effects are intact less changed."""
        check_fraction(alpha, "alpha")
        size = f"n = {counted(self.intact.shape[1], 'text')} of one training"
        if len(self.intact) > 1:
            size = f"n = {counted(len(self.intact), 'training')} x {counted(self.intact.shape[1], 'text')}"
        compared = counted(self.tested.size, "comparison")
        lines = [f"{self.outcome} under {', '.join(self.ablations)}; {compared}, {shared_test(self.tests)}, {size}"]
        effects = np.array([result.effect for result in self.tests.results])
        shown = np.array(self.tests.pvalues_adjusted) <= alpha
        null = self.margin or 0.0
        above, below = int((shown & (effects > null)).sum()), int((shown & (effects < null)).sum())
        found = f"{above} lower it, {below} raise it"
        if self.margin is not None:
            found = f"{above} change it by more than {null:g} on average"
        unchanged = int((~self.tested).sum())
        left = f"; {unchanged} change it in no text" if unchanged else ""
        lines.append(f"{found}, at a family-wise level of {alpha:g}{left}")
        # Those that are shown to change something come first, else the one that is nearest to it.
        order = np.lexsort((-np.abs(effects - null), ~shown))
        for place in order[: max(1, min(_NAMED, int(shown.sum())))].tolist():
            result, adjusted = self.tests.results[place], self.tests.pvalues_adjusted[place]
            lines.append(
                f"{self.tests.names[place]}: {result.effect_name} = {result.effect:.3g}, "
                f"{result.confidence_interval} simultaneous, adjusted {format_pvalue(adjusted)}"
            )
        lines.append(holds_for(len(self.intact)))
        return "\n".join(lines)

    __repr__ = summary

    def to_frame(self) -> pd.DataFrame:
        """Return the results frame: the outcome, intact and under each intervention, and the test of the difference."""
        n_seeds, n_texts = self.intact.shape
        size = {"n": n_texts, "n_seeds": n_seeds}
        intact = Row(quantity=self.outcome, value=float(self.intact.mean()), **size)
        rows = [intact] if self.margin is None else []
        for (row, column), keys, tested in self._places():
            values, effects = self.ablated[:, row, column], self.effects[:, row, column]
            rows.append(Row(quantity=self.outcome, value=float(values.mean()), **size, **keys))
            about = {**keys, "family": "heads", "n_seeds": n_seeds}
            if tested is None:
                rows.append(Row(quantity="contrast", value=float(effects.mean()), n=n_texts, **about))
                continue
            adjusted = self.tests.pvalues_adjusted[tested]
            about |= {"correction": self.tests.correction, "pvalue_adjusted": adjusted}
            rows.append(Row.of(self.tests.results[tested], **about))
        of_model, other = metadata_columns(self.metadata)
        return to_frame([replace(row, **of_model) for row in (*rows, *other)])

    def _places(self) -> Iterator[tuple[tuple[int, int], dict[str, Any], int | None]]:
        """Yield the place of each comparison, its key columns, and the place of its test, if there is one."""
        places = {tuple(place): number for number, place in enumerate(np.argwhere(self.tested).tolist())}
        for row, column in np.ndindex(self.tested.shape):
            heads = self.heads[column]
            about: dict[str, Any] = {"outcome": self.outcome, "null_value": self.margin or 0.0}
            keys: dict[str, Any] = {"ablation": self.ablations[row]}
            if len({layer for layer, _ in heads}) == 1:
                keys["layer"] = heads[0][0]
            if len(heads) == 1:
                keys["head"] = heads[0][1]
            else:
                about["heads"] = [list(head) for head in heads]
            yield (row, column), {**keys, "parameters": encode_parameters(**about)}, places.get((row, column))


def described(heads: tuple[tuple[int, int], ...]) -> str:
    """Return a head, or several, in words."""
    if len(heads) == 1:
        return f"layer {heads[0][0]}, head {heads[0][1]}"
    return " and ".join(f"layer {layer}, head {head}" for layer, head in heads)
