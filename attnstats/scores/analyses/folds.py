"""Folds of a cross-validation, which share training data and so are no independent units."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from attnstats.comparison import five_by_two_cv_test
from attnstats.comparison.replication import ReplicateMean
from attnstats.exceptions import ConstantInputError
from attnstats.results import SignificanceResult, plural
from attnstats.scores.analyses._sums import mean_of, mean_over
from attnstats.scores.analyses.analysis import Analysis, complete_pairs, present
from attnstats.scores.analyses.blocks import Blocks
from attnstats.scores.analyses.contrast import Contrast, TContrast


@dataclass(frozen=True)
class CorrectedT(Analysis):
    """The corrected resampled t test of Nadeau and Bengio over the folds of a cross-validation.

    Parameters
    ----------
    unit, shared
        As in `Analysis`.
    test_share : float
        Rows that a fold tests on over those that it trains on: 1/(k − 1) in k folds.
    halves : bool
        Whether the folds are the halves of five repetitions, in order, so that Alpaydın's F stands beside.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.scores import Block, CorrectedT
    >>> forest = Block(np.array([0.81, 0.84, 0.79, 0.86, 0.82, 0.80, 0.85, 0.83, 0.78, 0.84]))
    >>> linear = Block(np.array([0.78, 0.83, 0.78, 0.82, 0.80, 0.80, 0.81, 0.82, 0.77, 0.80]))
    >>> print(CorrectedT("fold", test_share=1 / 9).difference((forest,), (linear,)).interval(0.95))
    95 % CI [0.00516, 0.0368]
    """

    test_share: float = 1 / 9
    halves: bool = False

    @property
    def name(self) -> str:
        """What it is called in a paper."""
        return f"corrected resampled t test over {plural(self.unit)}"

    @property
    def reason(self) -> str:
        """Why it fits the design."""
        return (
            f"{plural(self.unit)} share most of their training rows: the variance of their mean is larger by the share"
            f" that is tested on, here {self.test_share:.3g} of what is trained on (Nadeau and Bengio 2003), each"
            f" {self.unit} being taken to test on {100 * self.test_share / (1 + self.test_share):.3g} % of the rows"
            " (test_share if not)"
        )

    def mean(self, blocks: Blocks) -> ReplicateMean:
        """Return the mean of a condition over its data sets."""
        return mean_over([self._corrected(mean_of(present(block.values), self.unit)) for block in blocks])

    def difference(self, a: Blocks, b: Blocks) -> Contrast:
        """Return the mean difference over the folds of both conditions."""
        means = []
        for pair in zip(a, b, strict=True):
            first, second = complete_pairs(*pair)
            largest = float(max(np.abs(first).max(), np.abs(second).max()))
            means.append(self._corrected(mean_of(first - second, self.unit, largest)))
        return TContrast.of(mean_over(means), self.name)

    def beside(self, a: Blocks, b: Blocks, rng: np.random.Generator) -> tuple[SignificanceResult, ...]:  # noqa: ARG002
        """Return Alpaydın's F test of five repetitions of two folds, where it is defined."""
        if not self.halves or len(a) > 1:
            return ()
        first, second = (block.values.reshape(5, 2) for block in (a[0], b[0]))
        if np.isnan(first - second).any():
            return ()
        try:
            return (five_by_two_cv_test(first, second),)
        except ConstantInputError:
            return ()

    def _corrected(self, mean: ReplicateMean) -> ReplicateMean:
        return replace(mean, error=mean.error * math.sqrt(1 + mean.n * self.test_share), method=self.name)
