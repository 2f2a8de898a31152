"""Scores of the words of texts, with what they are scores of."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from attnstats._validation import BoolArray, FloatArray, IntArray
from attnstats.adapters.attributions._batch import TransformerAttribution
from attnstats.adapters.attributions.outputs import ClassOutput
from attnstats.exceptions import InvalidInputError, UnreliableEstimateWarning
from attnstats.results import counted
from attnstats.trace import Units


@dataclass(frozen=True, eq=False)
class Attributions:
    """What each word of some texts contributes to the output of a model for one class.

    Parameters
    ----------
    scores : ndarray, shape (n_texts, n_units)
        Of the words, or tokens, that a trace of the texts shows, in the same order; zero at padding.
    mask : ndarray of bool, shape (n_texts, n_units)
        Which are no padding.
    tokens : tuple of tuple of str, or None
        The words of each text; None where no tokenizer names them.
    classes : ndarray of int, shape (n_texts,)
        The class of each text whose output is attributed.
    value : ndarray, shape (n_texts,)
        That output.
    baseline : ndarray, shape (n_texts,), or None
        The output at the baseline, where the method has one.
    attribution, output, units
        The method, which number of the class was attributed, and what is shown of a text.
    texts_cut : int
        Texts that the tokenizer cut, whose last words have no score.
    """

    scores: FloatArray
    mask: BoolArray
    tokens: tuple[tuple[str, ...], ...] | None
    classes: IntArray
    value: FloatArray
    baseline: FloatArray | None
    attribution: TransformerAttribution
    output: ClassOutput
    units: Units
    texts_cut: int = 0

    @property
    def n_texts(self) -> int:
        """Number of texts."""
        return len(self.scores)

    @property
    def completeness_gap(self) -> FloatArray:
        """How far the scores of each text miss the change in output from the baseline, shape (n_texts,).

        Raises
        ------
        InvalidInputError
            If the method has no baseline.
        """
        if self.baseline is None:
            raise InvalidInputError(
                f"attribution: must have a baseline, as IntegratedGradients; got {self.attribution!r}"
            )
        return np.asarray(np.abs(self.scores.sum(axis=1) - (self.value - self.baseline)))

    def warn_of_gaps(self, tolerance: float) -> None:
        """Warn, once, if scores of texts miss the change in output from the baseline by more than is tolerated."""
        gaps = self.completeness_gap
        if wrong := int((gaps > tolerance).sum()):
            warnings.warn(
                f"{type(self.attribution).__name__}: scores of {wrong} of {counted(len(gaps), 'text')} miss the change "
                f"in output by more than {tolerance:g}, at most by {gaps.max():.2g} in text {int(gaps.argmax())}: the "
                "output jumps where no gradient is seen; take another baseline",
                UnreliableEstimateWarning,
                stacklevel=3,
            )

    def summary(self) -> str:
        """Return in one line what the scores are."""
        parts = [f"{self.attribution!r} of {counted(self.n_texts, 'text')}", self.attribution.attributed(self.output)]
        if self.baseline is not None:
            parts.append(f"sums within {self.completeness_gap.max():.1g} of the change from the baseline")
        parts.append(repr(self.units))
        if self.texts_cut:
            parts.append(f"{counted(self.texts_cut, 'text')} cut by the tokenizer")
        return ", ".join(parts)

    __repr__ = summary
