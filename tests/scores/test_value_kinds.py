import numpy as np
import pytest

from attnstats.exceptions import InvalidInputError
from attnstats.scores import Binary, Bounded, Continuous, Count, Ordinal, ValueKind
from attnstats.scores.value_kinds import kind_of


@pytest.mark.parametrize(
    ("values", "column", "kind"),
    [
        ([0, 1, 1, 0], "score", Binary(0, 1)),
        ([0.5, 2, 2, 0.5], "score", Binary(0.5, 2)),
        ([0, 0.5, 1], "score", Bounded(0, 1)),
        ([0.2, 0.3, 0.9], "score", Bounded(0, 1)),
        ([20.5, 71.25, 90], "accuracy", Bounded(0, 100)),
        ([20, 71, 90], "Acc (%)", Bounded(0, 100)),
        ([20.5, 71.25, 90], "perplexity", Continuous()),
        ([20.5, 71.25, 190], "accuracy", Continuous()),
        ([-0.1, 0.3, 0.9], "accuracy", Continuous()),
        ([1, 2, 5], "rating", Ordinal(1, 5)),
        ([1, 2, 11], "rating", Count()),
        ([0, 2, 5], "errors", Count()),
        ([-1, 2, 5], "gain", Continuous()),
        ([1, 2.5, 5], "rating", Continuous()),
    ],
)
def test_what_scores_look_like(values, column, kind):
    assert kind_of(np.array(values, dtype=np.float64), column) == kind
    assert kind.allows(np.array(values, dtype=np.float64)).all()


@pytest.mark.parametrize(
    ("kind", "allowed"),
    [
        (Binary(), [True, False, True, False, False]),
        (Count(), [True, False, True, True, False]),
        (Ordinal(1, 5), [False, False, True, True, False]),
        (Bounded(), [True, True, True, False, False]),
        (Continuous(), [True, True, True, True, True]),
    ],
)
def test_what_a_kind_allows(kind, allowed):
    assert kind.allows(np.array([0, 0.5, 1, 2, -1])).tolist() == allowed
    assert isinstance(kind, ValueKind)


@pytest.mark.parametrize("kind", [Binary, Bounded, Ordinal])
def test_ends_must_be_in_order(kind):
    with pytest.raises(InvalidInputError, match=r"low: must be below high; got low=1, high=1"):
        kind(1, 1)
    with pytest.raises(InvalidInputError, match=r"high: must be"):
        kind(0, "1")


@pytest.mark.parametrize("kind", [Binary, Bounded, Ordinal])
def test_ends_of_any_width_are_kept_as_floats(kind):
    # In half precision 1e300 is infinite.
    assert kind(np.float16(0.5), 1e300) == kind(0.5, 1e300)
    assert type(kind(np.float16(0.5), np.int8(3)).high) is float
    with pytest.raises(InvalidInputError, match=r"low: must be below high; got low=1e\+300, high=.*0.5"):
        kind(1e300, np.float16(0.5))
