import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attnstats.exceptions import FrameError
from attnstats.report.notation import _words as notation

finite = st.floats(-1e3, 1e3, allow_nan=False)


@settings(max_examples=200, deadline=None)
@given(value=finite, decimals=st.integers(0, 5))
def test_a_printed_number_is_within_half_a_unit_of_its_last_place(value, decimals):
    text = notation.number(value, decimals)
    assert abs(float(text) - value) <= 0.5 * 10.0**-decimals * (1 + 1e-9)
    assert not (float(text) == 0 and text.startswith("-"))


@settings(max_examples=200, deadline=None)
@given(spread=st.floats(1.1e-4, 9e1))
def test_a_spread_keeps_two_significant_digits(spread):
    shown = float(f"{spread:.{notation.decimals_for(spread)}f}")
    assert abs(shown - spread) <= 0.051 * spread


@settings(max_examples=200, deadline=None)
@given(p=st.floats(0, 1))
def test_a_printed_pvalue_reads_back_as_true(p):
    text = notation.pvalue(p)
    if text.startswith("<"):
        assert p < 0.001
    elif text.startswith(">"):
        assert p > 0.999
    else:
        assert abs(float(text) - p) <= 0.0005 + 1e-12
        assert 0 < float(text) < 1


@pytest.mark.parametrize(("p", "floor"), [(0.0038, 0.0039), (0.0, 1e-4), (1e-5, 0.00390625)])
def test_a_pvalue_below_its_floor_cannot_be_printed(p, floor):
    with pytest.raises(FrameError, match=r"pvalue: must not lie below"):
        notation.pvalue(p, floor)


@pytest.mark.parametrize("p", [-0.1, 1.1, math.inf])
def test_a_pvalue_outside_the_unit_interval_is_refused(p):
    with pytest.raises(FrameError, match=r"pvalue: must lie in 0\.\.1"):
        notation.pvalue(p)


@pytest.mark.parametrize(
    ("floor", "text"),
    [(2**-8, ".0039"), (2**-10, ".00098"), (0.05, ".050"), (1 / 100_000, ".00001"), (None, "–"), (math.nan, "–")],
)
def test_floors(floor, text):
    assert notation.pvalue_floor(floor) == text


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("scaled_dot_product(query=last)", "scaled dot-product (query last)"),
        ("gumbel_softmax(noise_at_evaluation=True)", "Gumbel-softmax (noise at evaluation True)"),
        ("entmax15", "entmax-1.5"),
        ("my_own", "my own"),
        ("", ""),
    ],
)  # fmt: skip
def test_names(key, text):
    assert notation.pretty_name(key) == text


def test_an_interval_shares_its_decimals_with_the_estimate():
    assert notation.estimate(0.1, 0.05, 0.15) == "0.100 [0.050, 0.150]"
    assert notation.estimate(10.0, 5.0, 15.0) == "10.0 [5.0, 15.0]"
    assert notation.estimate(-0.00001, -0.5, 0.5) == "0.00 [-0.50, 0.50]"
