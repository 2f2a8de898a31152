"""What scores are compared with where several people marked a text."""

import numpy as np
import pytest

from attnstats.exceptions import InvalidInputError
from attnstats.plausibility import EachAnnotator, LeaveOneOut, Majority, MarkCounts, OneAnnotator, Union

MARKS = np.array([[1, 1, 0, 0], [0, 1, 1, 0], [0, 1, 0, 0]], bool)


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        (EachAnnotator(), [[[1, 1, 0, 0]], [[0, 1, 1, 0]], [[0, 1, 0, 0]]]),
        (OneAnnotator(1), [[[0, 1, 1, 0]]]),
        (Union(), [[[1, 1, 1, 0]]]),
        (Majority(), [[[0, 1, 0, 0]]]),
        (MarkCounts(), [[[1, 3, 1, 0]]]),
        (LeaveOneOut(Union()), [[[0, 1, 1, 0]], [[1, 1, 0, 0]], [[1, 1, 1, 0]]]),
        (LeaveOneOut(Majority()), [[[0, 1, 0, 0]]] * 3),  # most of two are both
        (LeaveOneOut(MarkCounts()), [[[0, 2, 1, 0]], [[1, 2, 0, 0]], [[1, 2, 1, 0]]]),
        (
            LeaveOneOut(EachAnnotator()),
            [[[0, 1, 1, 0], [0, 1, 0, 0]], [[1, 1, 0, 0], [0, 1, 0, 0]], [[1, 1, 0, 0], [0, 1, 1, 0]]],
        ),
    ],
)
def test_the_references_of_a_text(reference, expected):
    found = reference.slots(MARKS)
    assert [each.tolist() for each in found] == expected
    assert all(each.dtype == np.float64 for each in found)


def test_a_text_may_lack_the_annotator_or_others():
    assert OneAnnotator(3).slots(MARKS)[0].shape == (0, 4)
    assert LeaveOneOut(Union()).slots(MARKS[:1])[0].shape == (0, 4)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: OneAnnotator(-1), "index: must be an integer of at least 0; got -1"),
        (lambda: LeaveOneOut(OneAnnotator(0)), "of: must be an object such as Union"),
        (lambda: LeaveOneOut(Union), "of: must be an object such as Union"),
    ],
)
def test_what_is_no_reference(make, said):
    with pytest.raises(InvalidInputError, match=said):
        make()
