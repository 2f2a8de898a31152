"""Agreement with marks: a value for each model, text and annotator, and the mean over them with its interval."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from attnstats._validation import FloatArray, IntArray, check_fraction
from attnstats.comparison import HarmonicT, anova_interval, t_interval
from attnstats.datasets import HumanMarks
from attnstats.datasets.marks.human_marks import told_cut
from attnstats.exceptions import ConstantInputError, FewReplicatesWarning, TooFewSamplesError
from attnstats.missing import CompleteCases
from attnstats.plausibility.measures.interface import Measure
from attnstats.plausibility.references import Reference
from attnstats.results import ConfidenceInterval, counted

#: What is compared with the marks, if it is scores of a model.
SCORES = "scores"


@dataclass(frozen=True, slots=True, eq=False)
class HumanAgreement:
    """How far scores, or other marks, agree with marks of people.

    Parameters
    ----------
    values : ndarray of float, shape (n_models, n_texts, n_annotators)
        The measure for each; the last axis has length one where the annotators are taken together. NaN where it is
        undefined, as without a mark, and where a text has fewer annotators.
    measure : Measure
        What was measured.
    against : Reference
        What it was compared with.
    source : str
        What was compared: ``"scores"``, ``"one annotator"``, ``"the others"``, ``"random tokens"``, ``"random spans"``.
    dataset, fingerprint : str
        Name of the marks, and their `HumanMarks.fingerprint`.
    same_annotators : bool
        Whether annotators are the same persons in all texts. If not, each text brings its own, who are drawn with it,
        and the intervals hold for other annotators too; if so, they hold for these persons.
    marks_cut : ndarray of int, shape (n_texts,), or None
        How many marks of each text the model did not read, as `HumanMarks.truncated` counts them.
    """

    values: FloatArray
    measure: Measure
    against: Reference
    source: str
    dataset: str
    fingerprint: str
    same_annotators: bool
    marks_cut: IntArray | None = None

    @classmethod
    def of(
        cls, texts: Sequence[FloatArray], measure: Measure, against: Reference, source: str, marks: HumanMarks
    ) -> Self:
        """Return the agreement from that of each text, of shape (n_models, n_annotators) of its own."""
        values = np.full((len(texts[0]), len(texts), max(each.shape[1] for each in texts)), np.nan)
        for place, of_text in enumerate(texts):
            values[:, place, : of_text.shape[1]] = of_text
        about = marks.name, marks.fingerprint, marks.same_annotators, marks.marks_cut
        return cls(values, measure, against, source, *about)

    @property
    def n_models(self) -> int:
        """Number of models, such as trainings with other seeds."""
        return int(self.values.shape[0])

    @property
    def n_texts(self) -> int:
        """Number of texts."""
        return int(self.values.shape[1])

    @property
    def by_text(self) -> FloatArray:
        """Mean over annotators, shape (n_models, n_texts); NaN where it is defined for none."""
        defined = ~np.isnan(self.values)
        means = np.full(self.values.shape[:2], np.nan)
        sums = np.where(defined, self.values, 0.0).sum(axis=2)
        return np.asarray(np.divide(sums, defined.sum(axis=2), out=means, where=defined.any(axis=2)))

    @property
    def undefined(self) -> int:
        """Number of models and texts without a value, which means and intervals leave out."""
        return int(np.isnan(self.by_text).sum())

    @property
    def mean(self) -> float:
        """Mean over models and texts of the mean over annotators; TooFewSamplesError if it is defined for none."""
        means = self.by_text
        if self.undefined == means.size:
            raise TooFewSamplesError(f"mean: {self.measure.label} must be defined for at least 1 text; got 0")
        return float(np.nanmean(means))

    def interval(self, confidence_level: float = 0.95) -> ConfidenceInterval:
        """Return the interval of the mean: of several models for other models and texts, of one for other texts.

        That of several comes from the crossed analysis of variance (`attnstats.comparison.anova_interval`), that of one
        from t over texts, and says nothing of other trainings.

        Raises
        ------
        TooFewSamplesError, ConstantInputError
            With fewer than two texts, or 8 of a single model; if the values do not vary.
        """
        check_fraction(confidence_level, "confidence_level")
        means = self.by_text
        if self.n_models == 1:
            return t_interval(
                means[0], confidence_level=confidence_level, replication_unit="text", missing=CompleteCases()
            )
        return anova_interval(
            means,
            confidence_level=confidence_level,
            replication_unit="model",
            crossed_unit="text",
            missing=CompleteCases(),
        )

    def summary(self) -> str:
        """Return the mean and its interval in one line, as for a paper."""
        if self.undefined == self.n_models * self.n_texts:
            return f"{self.measure.label} of {self.source} against {self.against.label}: undefined for every text"
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", FewReplicatesWarning)  # which is said below
                interval = repr(self.interval())
        except (ConstantInputError, TooFewSamplesError) as error:
            interval = f"no interval ({error})"
        texts = counted(self.n_texts, "text")
        parts = [f"{self.measure.label} of {self.source} = {self.mean:.3g}", interval, f"against {self.against.label}"]
        if self.source == SCORES and self.n_models == 1:
            parts += [f"n = {texts} and one model, so nothing is said of other trainings"]
        else:
            parts += [f"n = {counted(self.n_models, 'model')} and {texts}" if self.source == SCORES else f"n = {texts}"]
        if 1 < self.n_models < HarmonicT.fewest_replicates:
            parts.append("too few models for the interval to keep its level")
        if self.same_annotators:
            parts.append("these annotators alone")
        if self.undefined:
            parts.append(f"{self.undefined} undefined")
        if cut := told_cut(self.marks_cut):
            parts.append(cut)
        return ", ".join(parts)

    __repr__ = summary
