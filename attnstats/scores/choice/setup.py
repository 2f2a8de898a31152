"""An analysis, and the scores arranged for it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attnstats.scores.analyses.analysis import Analysis, present
from attnstats.scores.analyses.blocks import Arrangement
from attnstats.scores.analyses.crossed import CrossedAnova, IndependentCrossedAnova
from attnstats.scores.analyses.folds import CorrectedT
from attnstats.scores.choice.rules import Sizes


@dataclass(frozen=True, eq=False)
class Setup:
    """An analysis, and the scores arranged for it.

    Parameters
    ----------
    analysis : Analysis
        How conditions are compared.
    data : Arrangement
        The blocks that it takes.

    Examples
    --------
    >>> import pandas as pd
    >>> from attnstats.scores import Setup, compare
    >>> table = pd.DataFrame({"model": ["a", "a", "a", "b", "b", "b"], "run": [0, 1, 2] * 2})
    >>> table["score"] = [0.7, 0.9, 0.8, 0.6, 0.7, 0.65]
    >>> setup: Setup = compare(table, value="score", condition="model", seed="run").setup
    >>> setup.analysis.name, setup.sizes.units
    ('paired t test over runs', 3)
    """

    analysis: Analysis
    data: Arrangement

    @property
    def sizes(self) -> Sizes:
        """How many units, and items of each, the smallest data set has."""
        blocks = [block for condition in self.data.conditions for block in condition]
        items = [block.values.shape[1] for block in blocks if block.values.ndim == 2]
        if self.analysis.shared:
            there = [[~np.isnan(block.unit_means) for block in condition] for condition in self.data.conditions]
            units = [int(np.logical_or.reduce(each).sum()) for each in there]
        else:
            units = [
                len(np.unique(block.clusters)) if block.clusters is not None else len(present(block.unit_means))
                for block in blocks
            ]
        return Sizes(
            min(units),
            self.analysis.unit,
            min(items) if items else None,
            self.analysis.item if isinstance(self.analysis, CrossedAnova | IndependentCrossedAnova) else None,
            self.analysis.shared,
            not isinstance(self.analysis, CorrectedT),
        )
