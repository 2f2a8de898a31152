"""The checks of keywords: what is no number, flag, word or object of its kind is refused by name, never converted."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from attnstats._validation import (
    as_generator,
    check_between,
    check_count,
    check_flag,
    check_fraction,
    check_member,
    check_number,
    check_object,
    check_positive,
)
from attnstats.exceptions import InvalidInputError
from attnstats.resampling import BCa

#: What stands for a number by mistake; 10**400 is beyond a float, and True is not 1.
NO_NUMBERS = ["0.5", None, True, 1j, [0.5], np.array(0.5), np.array([0.5, 0.6]), 10**400, Decimal("0.5"), pd.NA, np.nan]
CHECKS = {
    "number": check_number,
    "fraction": check_fraction,
    "positive": check_positive,
    "count": check_count,
    "between": lambda value, name: check_between(value, name, 0, 1),
}


@pytest.mark.parametrize("value", [*NO_NUMBERS, np.inf, Fraction(1, 2)], ids=lambda value: repr(value)[:12])
@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_what_is_no_finite_number_is_refused_by_name(check, value):
    with pytest.raises(InvalidInputError, match=r"^d: must .*; got "):
        check(value, "d")


@pytest.mark.parametrize("value", [0.5, np.float16(0.5), np.float32(0.5), np.longdouble(0.5)])
def test_floats_of_every_type_are_numbers(value):
    for check in (check_number, check_fraction, check_positive, CHECKS["between"]):
        assert type(check(value, "d")) is float
        assert check(value, "d") == 0.5


def test_counts_have_a_minimum_and_fit_into_64_bits():
    assert check_count(np.int8(3), "n", minimum=3) == 3
    for value in (2, 2.0, 2**63):
        with pytest.raises(InvalidInputError, match="n: must be an integer of at least 3"):
            check_count(value, "n", minimum=3)


def test_infinity_is_a_number_where_it_may_be_one():
    assert check_number(-np.inf, "low", infinite=True) == -np.inf
    with pytest.raises(InvalidInputError, match="low: must be a number; got nan"):
        check_number(np.nan, "low", infinite=True)


def test_flags_words_and_objects():
    assert check_flag(np.True_, "exact")
    for value in (1, "yes", None, [True]):
        with pytest.raises(InvalidInputError, match="exact: must be True or False; got"):
            check_flag(value, "exact")
    for value in (["less"], b"less", np.array(["less", "greater"]), {}, None):
        with pytest.raises(InvalidInputError, match="alternative: must be one of less, greater; got"):
            check_member(value, "alternative", ("less", "greater"))
    check_object(BCa(), "method", BCa, "BCa()")
    for value in (BCa, "bca", None):
        with pytest.raises(InvalidInputError, match=r"method: must be an object such as BCa\(\); got"):
            check_object(value, "method", BCa, "BCa()")


def test_seeds_that_numpy_takes_by_mistake_are_refused():
    for value in (True, np.random.RandomState(0), -1, "0", 2.5):
        with pytest.raises(InvalidInputError, match="rng: must be None, a seed or a numpy Generator; got"):
            as_generator(value)
    assert as_generator(np.int64(3)).random() == np.random.default_rng(3).random()
