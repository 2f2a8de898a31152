"""Where the variance of a difference comes from: what to have more of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from attnstats.scores.analyses.contrast import Contrast, TContrast
from attnstats.scores.choice.rules import Sizes


@dataclass(frozen=True, slots=True)
class Component:
    """One source of the variance of the differences between conditions, averaged over pairs of them.

    Parameters
    ----------
    source : str
        Where it comes from, in the caller's words: ``"run"``, ``"question"``, ``"run × question"``.
    variance : float
        Of single differences, in squared units of the scores; unbiased, so that it may be negative.
    share : float
        Of the sum of all sources, a negative one counting as 0: the intraclass correlation of this source.
    share_of_mean : float
        Of the variance of the mean difference. More units of the source with the largest one help most.

    Examples
    --------
    >>> from attnstats.scores import Component
    >>> Component("run", 0.001, 0.1, 0.7)
    run: 10 % of the variance of a difference, 70 % of that of the mean
    """

    source: str
    variance: float
    share: float
    share_of_mean: float

    def summary(self) -> str:
        """Return the shares in one line."""
        return (
            f"{self.source}: {100 * self.share:.0f} % of the variance of a difference, {100 * self.share_of_mean:.0f} %"
            " of that of the mean"
        )

    __repr__ = summary


def components_of(contrasts: Sequence[Contrast], sizes: Sizes) -> tuple[Component, ...]:
    """Return the components of the differences of units crossed with items; none where units have no items."""
    found = [each.parts for each in contrasts if isinstance(each, TContrast) and each.parts is not None]
    if not found or sizes.item is None:
        return ()
    variances = np.array([each.variances for each in found]).mean(axis=0)
    of_mean = np.array([each.shares for each in found]).mean(axis=0)
    positive = np.maximum(variances, 0.0)
    sources = sizes.unit, sizes.item, f"{sizes.unit} × {sizes.item}"
    return tuple(
        map(Component, sources, map(float, variances), map(float, positive / positive.sum()), map(float, of_mean))
    )
