"""What all heads of a transformer show, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from attnstats._validation import FloatArray, IntArray, check_count, check_fraction
from attnstats.comparison import MINIMUM_REPLICATES, FamilyResult, check_replicates
from attnstats.exceptions import TooFewSamplesError
from attnstats.frame import Row, encode_parameters, interval_columns, to_frame
from attnstats.results import SignificanceResult, counted, format_pvalue

#: Metadata that are key columns of the results frame.
_KEYS = ("study", "dataset", "encoder", "attention", "normalizer", "training")
#: Smallest share of tied pairs that is told as a number.
_TOLD = 0.001


@dataclass(frozen=True, slots=True)
class Reading:
    """Weights over the words of each text that were read from a transformer.

    Parameters
    ----------
    layer : int
        Layer whose attention it is, counted from 0.
    head : int or None
        Its head; None for attention rolled out from the first layer to this one.
    query : str
        Whose attention it is.

    Examples
    --------
    >>> from attnstats.studies import Reading
    >>> print(Reading(layer=3, head=5, query="ClassToken()"))
    layer 3, head 5, ClassToken()
    """

    layer: int
    head: int | None
    query: str

    @property
    def parameters(self) -> dict[str, Any]:
        """What else than layer and head describes it in the results frame."""
        return {"query": self.query, **({"reading": "rollout"} if self.head is None else {})}

    def __str__(self) -> str:
        return f"layer {self.layer}, {'rollout' if self.head is None else f'head {self.head}'}, {self.query}"


@dataclass(frozen=True, eq=False)
class HeadAnalysis:
    """Agreement of every reading with the information in the words, and how skewed it is.

    Parameters
    ----------
    readings : tuple of Reading
        Heads and rollouts.
    agreement, ties, skew, left_out : ndarray, shape (n_seeds, n_readings, n_texts)
        Kendall's tau-b of the weights and the pointwise MI of each text's words, NaN where it is undefined; share of
        the pairs of words that are tied in either, NaN of a single word; Gini coefficient of the weights, NaN where no
        weight is on the words; share of the weight that special tokens have, NaN for rollouts.
    n_words : ndarray of int, shape (n_texts,)
        Words of each text. A single one has no order, and its text no agreement.
    information : ndarray, shape (n_seeds, n_layers)
        Mean pointwise MI of the words of each layer with the predicted class, as a share of its entropy.
    layers : tuple of int
        Their numbers.
    tests : FamilyResult
        Mean agreement of each reading, with simultaneous interval and p-value corrected over all readings.
    likeness : ndarray, shape (n_readings, n_readings)
        Lower bounds of the mean tau-b between the weights of every two readings, which hold for all pairs together.
    groups : tuple of int or None
        Number of the group of each reading, None where it is in none: the bounds of all pairs in one reach `alike`.
    alike : float
        The declared margin.
    metadata : dict
        What describes the model and the texts.
    unordered : tuple of Reading
        Heads and rollouts that are left out, since they give the words of too few texts an order: their weights are
        equal, or none is on the words. They are not among `readings`.

    Examples
    --------
    It is what `analyse_heads` returns.
    """

    readings: tuple[Reading, ...]
    agreement: FloatArray
    ties: FloatArray
    skew: FloatArray
    left_out: FloatArray
    n_words: IntArray
    information: FloatArray
    layers: tuple[int, ...]
    tests: FamilyResult
    likeness: FloatArray
    groups: tuple[int | None, ...]
    alike: float
    metadata: dict[str, Any]
    unordered: tuple[Reading, ...] = ()

    def summary(self, alpha: float = 0.05) -> str:
        """Return how many readings agree with the information, which most and least, and which order words alike."""
        check_fraction(alpha, "alpha")
        tests = self.tests
        effects = np.array([result.effect for result in tests.results])
        shown = np.array(tests.pvalues_adjusted) <= alpha
        agree, oppose = int((shown & (effects > 0)).sum()), int((shown & (effects < 0)).sum())
        lines = [
            f"{counted(len(effects), 'reading')}, {shared_test(tests)}: {agree} agree with the "
            f"order of information, {oppose} oppose it, at a family-wise level of {alpha:g}",
            self._size(),
        ]
        if self.unordered:
            lines.append(f"left out, with no order of words: {'; '.join(map(str, self.unordered))}")
        for name, place in (("most", int(effects.argmax())), ("least", int(effects.argmin()))):
            result, adjusted = tests.results[place], tests.pvalues_adjusted[place]
            lines.append(
                f"{name}: {self.readings[place]}: tau-b {result.effect:.3g}, {result.confidence_interval} simultaneous,"
                f" adjusted {format_pvalue(adjusted)}"
            )
        numbers = sorted({number for number in self.groups if number is not None})
        most = float(self.likeness.diagonal().max())
        too_few = f"; so few texts can show {max(most, 0):.2g} at most" if most < self.alike else ""
        lines.append(
            f"{counted(len(numbers), 'group')} of readings that order words alike (tau-b at least {self.alike:g}"
            f"{too_few})"
        )
        lines += [f"group {number}: {'; '.join(map(str, self._members(number)))}" for number in numbers]
        lines.append(holds_for(len(self.agreement)))
        return "\n".join(lines)

    def _left_out(self) -> list[tuple[str, int]]:
        """Return why texts are left out, to whose words some reading gives no order, and how many for each reason."""
        undefined, weightless = (np.isnan(each).any(axis=(0, 1)) for each in (self.agreement, self.skew))
        single = self.n_words < 2
        reasons = {
            "of a single word": undefined & single,
            "without weight on their words": undefined & ~single & weightless,
            "with equal weights or information": undefined & ~single & ~weightless,
        }
        return [(reason, int(texts.sum())) for reason, texts in reasons.items() if texts.any()]

    def _size(self) -> str:
        """Return in words how many trainings and texts there are, how many texts are left out, and the ties."""
        n_seeds, n_texts = len(self.agreement), self.agreement.shape[2]
        lost = self._left_out()
        why = ", ".join(f"{n} {reason}" for reason, n in lost)
        if n_seeds == 1:
            size = f"n = {counted(n_texts - sum(n for _, n in lost), 'text')} of one training"
            size += f"; left out: {why}" if lost else ""
        else:
            size = f"n = {counted(n_seeds, 'training')} x {counted(n_texts, 'text')}"
            size += f"; left out where their words have no order: {why}" if lost else ""
        tied = float(np.nanmean(self.ties))
        share = f"{tied:.2g}" if tied >= _TOLD else f"less than {_TOLD:g}"
        return f"{size}; {share} of the pairs of words are tied" if tied > 0 else size

    def _members(self, number: int) -> list[Reading]:
        return [reading for reading, group in zip(self.readings, self.groups, strict=True) if group == number]

    __repr__ = summary

    def to_frame(self) -> pd.DataFrame:
        """Return the results frame: rows of agreement, skew and weight left out of each reading, and information."""
        rows = [
            Row(quantity="mi_pointwise_mean", layer=layer, value=float(value), unit="share of H", view="pointwise")
            for layer, value in zip(self.layers, self.information.mean(axis=0), strict=True)
        ]
        for place, reading in enumerate(self.readings):
            result, about = self.tests.results[place], reading.parameters
            keys: dict[str, Any] = {
                "layer": reading.layer,
                "head": reading.head,
                "parameters": encode_parameters(**about),
            }
            group = self.groups[place]
            grouped = encode_parameters(**about, **({} if group is None else {"group": group, "alike": self.alike}))
            taus = self.agreement[:, place]
            rows.append(
                Row(
                    quantity="tau_b", view="pointwise", value=result.effect, unit="correlation",
                    undefined=int(np.isnan(taus).sum()), ties=float(np.nanmean(self.ties[:, place])), family="heads",
                    correction=self.tests.correction, pvalue_adjusted=self.tests.pvalues_adjusted[place],
                    test=result.test, statistic=result.statistic, pvalue=result.pvalue,
                    pvalue_floor=result.pvalue_floor, alternative=result.alternative, n=result.n,
                    n_seeds=len(self.agreement), replication_unit=result.replication_unit,
                    **interval_columns(result.confidence_interval), **{**keys, "parameters": grouped},
                )
            )  # fmt: skip
            for quantity, values in (("gini", self.skew), ("left_out", self.left_out)):
                known = values[:, place][~np.isnan(values[:, place])]
                if known.size:  # else no text has the weights, or they are a rollout
                    mean = float(known.mean())
                    rows.append(Row(quantity=quantity, value=mean, unit="proportion", n=known.size, **keys))
        rows += [
            Row(
                quantity="tau_b", view="pointwise", unit="correlation", family="heads", n=0, layer=reading.layer,
                head=reading.head, undefined=len(self.agreement) * len(self.n_words),
                parameters=encode_parameters(**reading.parameters),
            )
            for reading in self.unordered
        ]  # fmt: skip
        rows += [
            Row(quantity="texts_left_out", value=n, n=len(self.n_words), parameters=encode_parameters(reason=reason))
            for reason, n in self._left_out()
        ]
        of_model, other = metadata_columns(self.metadata)
        return to_frame([replace(row, **of_model) for row in (*rows, *other)])


def shared_test(tests: FamilyResult) -> str:
    """Return the test of a family, and the range of its degrees of freedom where they differ."""
    named = [result.test.partition(" (df = ") for result in tests.results]
    if len({"".join(each) for each in named}) == 1 or not named[0][1]:
        return tests.results[0].test
    df = sorted((number.removesuffix(")") for _, _, number in named), key=float)
    return f"{named[0][0]} (df = {df[0]} to {df[-1]})"


def holds_for(n_seeds: int) -> str:
    """Return what the intervals and p-values of so many trainings are over."""
    if n_seeds == 1:
        return "This holds for other texts; nothing is said of other trainings."
    return "This holds for other trainings and other texts."


def check_trainings(n: int, minimum_seeds: int, name: str) -> None:
    """Raise if there are several trainings but too few; warn if only a lowered minimum lets them pass."""
    fewest = check_count(minimum_seeds, "minimum_seeds", minimum=2)
    if n == 1:
        return
    if n < fewest:
        why = ", too few for p-values and intervals to hold" if fewest <= MINIMUM_REPLICATES else ""
        raise TooFewSamplesError(
            f"{name}: must be of at least {fewest} trainings, or of one, whose texts are then tested; got {n}{why} "
            f"(pass minimum_seeds={n} to go on all the same)"
        )
    check_replicates(n, minimum_replicates=2, replication_unit="training")


def at_joint_level(result: SignificanceResult, level: float) -> SignificanceResult:
    """Return a result whose interval, made wider by Bonferroni, says the level at which all of them hold together."""
    interval = result.confidence_interval
    assert interval is not None
    joint = replace(interval, level=level, method=f"{interval.method}, Bonferroni")
    return replace(result, confidence_interval=joint)


def metadata_columns(metadata: Mapping[str, Any]) -> tuple[dict[str, Any], list[Row]]:
    """Return what of metadata are key columns of every row, and the row of the rest, if there is a rest."""
    columns = {name: str(value) for name, value in metadata.items() if name in _KEYS}
    other = {name: value for name, value in metadata.items() if name not in _KEYS}
    return columns, [Row(quantity="metadata", parameters=encode_parameters(**other))] if other else []
