"""Cross-fitting of networks: every row is scored by a network trained without its group."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from attnstats._validation import (
    BoolArray,
    FloatArray,
    IntArray,
    RNGLike,
    as_generator,
    as_labels,
    as_samples,
    check_at_least,
    check_count,
    check_same_length,
)
from attnstats.exceptions import ConstantInputError
from attnstats.information._class_rule import is_discrete
from attnstats.information._folds import dealt_in_turn
from attnstats.information._strata import strata_of
from attnstats.information.interface import LocalTerms, MIEstimator
from attnstats.information.margins import AsMeasured, Margins, NormalScores
from attnstats.information.variational.training import CompiledNetwork, Folds, NetworkTraining, Rows

#: Most rows of a block, within which all pairs of test rows are scored: n² scores, and InfoNCE at most log n.
_BLOCK = 512
#: Rows of x scored against all of y in one call.
_STRIP = 64


@dataclass(frozen=True, kw_only=True)
class CrossFitted(MIEstimator):
    """Base of the variational estimators: a network for each fold, stopped by a fifth of the groups outside it."""

    margins: Margins = NormalScores()  # noqa: RUF009 (frozen)
    training: NetworkTraining = NetworkTraining()  # noqa: RUF009 (frozen)
    n_folds: int = 5

    discrete_y: ClassVar[bool] = True
    held_out: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_count(self.n_folds, "n_folds", minimum=2)

    def local_terms(
        self, x: ArrayLike, y: ArrayLike, *, groups: ArrayLike | None = None, rng: RNGLike = None
    ) -> LocalTerms:
        """Return the held-out local terms in nats, shape (n,), notes on the epochs kept, and the fold of each row."""
        generator = as_generator(rng)
        samples = as_samples(x, "x")
        labels = strata_of(y, "y")[0] if self.discrete_y and is_discrete(y, "y") else None
        targets = as_samples(y, "y") if labels is None else np.eye(int(labels.max(initial=0)) + 1)[labels]
        codes = np.arange(len(samples)) if groups is None else as_labels(groups, "groups")[0]
        check_same_length(x=samples, y=targets, groups=codes)
        for name, values in (("x", samples), ("y", targets)):
            if not (values != values[:1]).any():
                raise ConstantInputError(f"{name}: must vary; got the same value in all {len(values)} samples")
        n_groups = int(codes.max()) + 1
        unit = "samples" if groups is None else "groups"
        check_at_least(n_groups, max(12, 3 * self.n_folds), f"number of {unit} for {self.n_folds} folds")

        fold = dealt_in_turn(np.argsort(generator.permutation(n_groups)), codes, self.n_folds)
        rows = [_split(fold == k, codes, generator) for k in range(self.n_folds)]
        seen = [np.concatenate([each.training, each.validation]) for each in rows]
        of_y = self.margins if labels is None else AsMeasured()
        x_scaled, y_scaled = (
            np.stack([margins.transform(values[each], values) for each in seen]).astype(np.float32)
            for margins, values in ((self.margins, samples), (of_y, targets))
        )
        return self._local_terms(Folds(x_scaled, y_scaled, rows, labels), generator)

    @abstractmethod
    def _local_terms(self, folds: Folds, rng: np.random.Generator) -> LocalTerms:
        """Train and evaluate."""


def _split(test: BoolArray, groups: IntArray, rng: np.random.Generator) -> Rows:
    """Return the rows of a fold; a fifth of the groups outside it, two at least, are for validation."""
    others = rng.permutation(np.unique(groups[~test]))
    validation = np.isin(groups, others[: max(2, len(others) // 5)])
    return Rows(np.flatnonzero(~test & ~validation), np.flatnonzero(validation), np.flatnonzero(test))


def held_out_scores(compiled: CompiledNetwork, folds: Folds, blocks: list[list[IntArray]]) -> list[list[FloatArray]]:
    """Return the score matrix of every block of every fold, from the network of that fold."""
    matrices: list[list[FloatArray]] = [[] for _ in blocks]
    for turn in range(max(len(each) for each in blocks)):
        # One call scores all folds, so shorter blocks are padded with repeated rows, which are dropped again below.
        chosen = [each[min(turn, len(each) - 1)] for each in blocks]
        width = max(len(each) for each in chosen)
        x, y = folds.taken(np.stack([np.resize(each, width) for each in chosen]))
        strips = [compiled.scores(x[:, start : start + _STRIP], y).numpy() for start in range(0, width, _STRIP)]
        scores = np.concatenate(strips, axis=1)
        for kept, fold_blocks, rows, matrix in zip(matrices, blocks, chosen, scores, strict=True):
            if turn < len(fold_blocks):
                kept.append(matrix[: len(rows), : len(rows)].astype(np.float64))
    return matrices


def dealt_blocks(folds: Folds, rng: np.random.Generator) -> list[list[IntArray]]:
    """Return the test rows of each fold in random blocks of nearly equal size."""
    return [np.array_split(rng.permutation(rows.test), -(-len(rows.test) // _BLOCK)) for rows in folds.rows]


def in_row_order(blocks: list[list[IntArray]], terms: list[list[FloatArray]]) -> FloatArray:
    """Return the local terms of all blocks in the order of the rows, shape (n,)."""
    rows = np.concatenate([each for fold in blocks for each in fold])
    values = np.empty(len(rows))
    values[rows] = np.concatenate([each for fold in terms for each in fold])
    return values
