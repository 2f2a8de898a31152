"""Examples in clusters, such as questions about one text: the clusters are the units."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attnstats.comparison.clustered.cluster_robust import clustered_mean
from attnstats.comparison.replication import ReplicateMean
from attnstats.exceptions import ConstantInputError
from attnstats.results import plural
from attnstats.scores.analyses._sums import mean_over, unvarying, weighted_sum
from attnstats.scores.analyses.analysis import Analysis
from attnstats.scores.analyses.blocks import Block, Blocks
from attnstats.scores.analyses.contrast import Contrast, TContrast


@dataclass(frozen=True)
class ClusterRobust(Analysis):
    """The cluster-robust t test (CR2) of paired examples that lie in clusters, each example weighing the same.

    Parameters
    ----------
    unit, shared
        As in `Analysis`; a unit is a cluster.
    example : str
        What an example is, in the singular.
    own_examples : bool
        Whether each condition has examples, and clusters, of its own.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.scores import Block, ClusterRobust
    >>> rng, texts = np.random.default_rng(0), np.repeat(np.arange(12), 5)
    >>> ours, theirs = (Block(rng.normal(mean, 1, size=60), texts) for mean in (0.8, 0.0))
    >>> ClusterRobust("text", example="question").difference((ours,), (theirs,)).pvalue < 0.05
    True
    """

    example: str = "example"
    own_examples: bool = False

    @property
    def paired(self) -> bool:
        """Whether rows of two conditions are the same units."""
        return not self.own_examples

    @property
    def name(self) -> str:
        """What it is called in a paper."""
        return f"cluster-robust t test (CR2) over {plural(self.unit)}"

    @property
    def reason(self) -> str:
        """Why it fits the design."""
        return f"{plural(self.example)} of one {self.unit} are no independent units, the {plural(self.unit)} are"

    def mean(self, blocks: Blocks) -> ReplicateMean:
        """Return the mean of a condition over its data sets."""
        return mean_over([_clustered(block, self.unit) for block in blocks])

    def difference(self, a: Blocks, b: Blocks) -> Contrast:
        """Return the mean difference over the examples of both conditions."""
        if not self.own_examples:
            blocks = tuple(Block(x.values - y.values, x.clusters) for x, y in zip(a, b, strict=True))
            return TContrast.of(self.mean(blocks), self.name)
        return TContrast.of(weighted_sum([self.mean(a), self.mean(b)], [1, -1], self.name), self.name)


def _clustered(block: Block, unit: str) -> ReplicateMean:
    there = ~np.isnan(block.values)
    assert block.clusters is not None
    clusters = block.clusters[there]
    try:
        return clustered_mean(block.values[there], 0.0, clusters, 2, unit, None)
    except ConstantInputError:
        return unvarying(block.values[there], unit, len(np.unique(clusters)))
