"""How the output changes when words are erased in the order of their scores, beside random orders."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from attnstats._validation import FloatArray, IntArray
from attnstats.adapters.erasure._erasure import Erasure
from attnstats.comparison import MINIMUM_REPLICATES, t_interval
from attnstats.exceptions import ConstantInputError, FewReplicatesWarning, TooFewSamplesError
from attnstats.results import ConfidenceInterval, counted


@dataclass(frozen=True, eq=False)
class PerturbationCurve:
    """The fall in the probability of the predicted class at each share of the words, by scores and by chance.

    Parameters
    ----------
    measure : str
        ``"comprehensiveness"`` or ``"sufficiency"``.
    values : ndarray, shape (n_texts, n_shares)
        By the scores.
    random : ndarray, shape (n_texts, n_shares)
        Mean over random rationales of the same number of words.
    shares : tuple of float
        Shares of the words of each text.
    """

    measure: str
    values: FloatArray
    random: FloatArray
    shares: tuple[float, ...]

    @property
    def aopc(self) -> FloatArray:
        """Area over the perturbation curve: the mean over the shares, shape (n_texts,)."""
        return np.asarray(self.values.mean(axis=1))

    @property
    def random_aopc(self) -> FloatArray:
        """The same of random rationales, shape (n_texts,)."""
        return np.asarray(self.random.mean(axis=1))

    @property
    def difference(self) -> FloatArray:
        """The area by the scores less that of random rationales, shape (n_texts,)."""
        return np.asarray(self.aopc - self.random_aopc)

    def interval(self, confidence_level: float = 0.95) -> ConfidenceInterval:
        """Return the t interval over texts of the mean area.

        It holds for other texts of the same kind and this one model, and says nothing of other trainings.

        Raises
        ------
        TooFewSamplesError, ConstantInputError
            With fewer than 8 texts; if the areas do not vary.
        """
        return t_interval(self.aopc, confidence_level=confidence_level, replication_unit="text")

    def difference_interval(self, confidence_level: float = 0.95) -> ConfidenceInterval:
        """Return the t interval over texts of the mean difference from random rationales, like `interval`."""
        return t_interval(self.difference, confidence_level=confidence_level, replication_unit="text")

    def summary(self) -> str:
        """Return the mean area, that of random rationales and their difference in one line, as for a paper."""
        by_scores = f"{self.measure} = {self.aopc.mean():.3g}, {_shown(self.interval)}"
        difference = f"difference {self.difference.mean():.3g}, {_shown(self.difference_interval)}"
        return f"{by_scores}; of random rationales {self.random_aopc.mean():.3g}; {difference}"

    __repr__ = summary


@dataclass(frozen=True, eq=False)
class RationaleFaithfulness:
    """Comprehensiveness and sufficiency of scores of words, for each text and in the mean.

    Parameters
    ----------
    comprehensiveness, sufficiency : PerturbationCurve
        Of rationales erased, high if the output depends on them; of rationales kept alone, low if they suffice.
    predicted : ndarray of int, shape (n_texts,)
        The predicted class of each text, whose probability falls.
    erasure : Erasure
        What stood in the place of what was erased.
    n_random : int
        Random rationales a text.
    n_words : ndarray of int, shape (n_texts,)
        Words of each text. A single one is never erased, so that both measures are zero in its text.
    texts_cut : int
        Texts that the tokenizer cut: what was cut off is neither erased nor kept.
    """

    comprehensiveness: PerturbationCurve
    sufficiency: PerturbationCurve
    predicted: IntArray
    erasure: Erasure
    n_random: int
    n_words: IntArray
    texts_cut: int = 0

    def summary(self) -> str:
        """Return both measures, a line each, and what they hold for."""
        lines = [
            self.comprehensiveness.summary(),
            self.sufficiency.summary(),
            f"erased by {self.erasure!r}, {counted(self.n_random, 'random rationale')} a text, n = "
            f"{counted(len(self.predicted), 'text')} and one model, so nothing is said of other trainings",
        ]
        if single := int((self.n_words < 2).sum()):
            lines.append(f"{counted(single, 'text')} of a single word, which is never erased, and both measures zero")
        if self.texts_cut:
            lines.append(f"{counted(self.texts_cut, 'text')} cut by the tokenizer")
        return "\n".join(lines)

    __repr__ = summary


def _shown(interval: Callable[[], ConfidenceInterval]) -> str:
    """Return an interval in words, or why there is none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FewReplicatesWarning)  # the number of texts is said
            return repr(interval())
    except ConstantInputError:
        return "no interval, since the texts do not differ"
    except TooFewSamplesError:
        return f"no interval of fewer than {MINIMUM_REPLICATES} texts"
