"""Which epoch is kept, beside the definitions."""

import numpy as np
import pytest

from attnstats.exceptions import InvalidInputError
from attnstats.models import HighestAUC, LastEpoch, LowestLoss


def drawn(n_classes, n=60, seed=0):
    rng = np.random.default_rng(seed)
    labels = rng.integers(n_classes, size=n)
    logits = rng.normal(size=(n, n_classes)).round(1) + np.eye(n_classes)[labels]
    return labels, np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)


def area(positive, scores):
    """Share of pairs of a positive and a negative that are in order; ties count half."""
    pairs = scores[positive][:, None] - scores[~positive]
    return ((pairs > 0) + (pairs == 0) / 2).mean()


def test_the_area_is_the_share_of_pairs_in_order():
    labels, probabilities = drawn(2)
    assert HighestAUC().score(labels, probabilities) == pytest.approx(area(labels == 1, probabilities[:, 1]))


def test_the_area_of_several_classes_is_the_mean_of_each_against_the_others():
    labels, probabilities = drawn(3)
    each = [area(labels == k, probabilities[:, k]) for k in range(3)]
    assert HighestAUC().score(labels, probabilities) == pytest.approx(np.mean(each))


def test_a_class_without_validation_texts_is_refused():
    with pytest.raises(InvalidInputError, match="HighestAUC needs validation texts of each class; got none"):
        HighestAUC().score(np.zeros(4, int), np.full((4, 2), 0.5))


def test_the_score_of_a_loss_is_minus_the_cross_entropy():
    labels, probabilities = drawn(3)
    expected = np.mean([np.log(row[label]) for label, row in zip(labels, probabilities, strict=True)])
    assert LowestLoss().score(labels, probabilities) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("selection", "scores", "best", "stops"),
    [
        (LastEpoch(), [3.0, 1.0, 0.0], 2, False),
        (LowestLoss(), [1.0, 3.0, 2.0, 0.0], 1, False),
        (LowestLoss(patience=1), [1.0, 3.0], 1, False),
        (LowestLoss(patience=1), [1.0, 3.0, 2.0], 1, True),
        (LowestLoss(patience=2), [1.0, 3.0, 2.0], 1, False),
        (LowestLoss(patience=2), [1.0, 3.0, 2.0, 0.0], 1, True),
        (HighestAUC(skip=1), [9.0], 0, False),
        (HighestAUC(skip=1), [9.0, 1.0], 1, False),
        (HighestAUC(skip=1, patience=1), [9.0, 1.0, 0.5], 1, True),
        (HighestAUC(skip=2, patience=1), [9.0, 8.0, 1.0, 2.0], 3, False),
    ],
)
def test_the_epoch_to_keep(selection, scores, best, stops):
    assert selection.best(scores) == best
    assert selection.gives_up(scores) is stops


@pytest.mark.parametrize("kind", [LowestLoss, HighestAUC])
def test_bad_parameters_are_named(kind):
    with pytest.raises(InvalidInputError, match="patience: must be an integer of at least 1; got 0"):
        kind(patience=0)
    with pytest.raises(InvalidInputError, match="skip: must be an integer of at least 0; got -1"):
        kind(skip=-1)
