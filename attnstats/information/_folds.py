"""Folds of whole groups."""

from __future__ import annotations

import numpy as np

from attnstats._validation import IntArray


def dealt_in_turn(order: IntArray, groups: IntArray, n_folds: int) -> IntArray:
    """Return the fold of each row, shape (n,), where the groups 0, 1, ... are dealt in turn, in a given order."""
    fold = np.empty(len(order), dtype=np.int64)
    fold[order] = np.arange(len(order)) % n_folds
    return fold[groups]


def random_folds(groups: IntArray, n_folds: int, rng: np.random.Generator) -> IntArray:
    """Return the fold of each row, shape (n,): groups 0, 1, ... in random order, dealt in turn."""
    return dealt_in_turn(rng.permutation(int(groups.max()) + 1), groups, n_folds)


def stratified_folds(y: IntArray, groups: IntArray, n_folds: int, rng: np.random.Generator) -> IntArray:
    """Return the fold of each row, shape (n,): groups in random order within their commonest class, dealt in turn."""
    _, row_group = np.unique(groups, return_inverse=True)
    n_groups, n_classes = int(row_group.max()) + 1, int(y.max()) + 1
    votes = np.bincount(row_group * n_classes + y, minlength=n_groups * n_classes).reshape(n_groups, n_classes)
    return dealt_in_turn(np.lexsort((rng.random(len(votes)), votes.argmax(axis=1))), row_group, n_folds)
