import numpy as np

from attnstats.information._folds import random_folds, stratified_folds


def test_folds_keep_groups_together_and_are_of_equal_size():
    groups = np.repeat(np.arange(20), 3)
    folds = random_folds(groups, 4, np.random.default_rng(0))
    assert all(len(set(folds[groups == group])) == 1 for group in range(20))
    np.testing.assert_array_equal(np.bincount(folds), [15, 15, 15, 15])


def test_folds_are_balanced_over_classes_and_keep_groups():
    rng = np.random.default_rng(9)
    groups = np.repeat(np.arange(100), rng.integers(1, 6, size=100))
    y = (np.arange(100) < 20).astype(int)[groups]
    folds = stratified_folds(y, groups, 5, rng)
    for fold in range(5):
        members = np.unique(groups[folds == fold])
        assert len(members) == 20
        assert (members < 20).sum() == 4
    assert all(len(np.unique(folds[groups == group])) == 1 for group in range(100))
