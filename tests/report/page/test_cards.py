import pytest

from attnstats.frame import Row, encode_parameters, to_frame
from attnstats.report.notation._claims import primary_claims
from attnstats.report.page._cards import WIDTH, _ticks, drawn_claims

KEYS = {"finding": "i", "value": 0.2, "ci_low": 0.1, "ci_high": 0.4, "ci_level": 0.95, "verdict": "supported"}


def _drawn(*rows):
    (claim,) = drawn_claims(primary_claims(to_frame(rows)))
    return claim


def _row(quantity="contrast", margin=None, **keys):
    about = {"margin": margin} if margin is not None else {}
    parameters = encode_parameters(hypothesis="i.deep", claim="deep keeps more", **about)
    return Row(**{"quantity": quantity, **KEYS, "parameters": parameters, **keys})


def test_places_are_on_one_straight_scale_with_zero_and_the_margin():
    claim = _drawn(_row(margin=0.3))
    (line,) = claim.intervals
    unit = (line.high - line.low) / 0.3
    assert line.place == pytest.approx(claim.zero + 0.2 * unit, abs=0.2)
    assert line.low == pytest.approx(claim.zero + 0.1 * unit, abs=0.2)
    assert claim.margin == pytest.approx((claim.zero - 0.3 * unit, claim.zero + 0.3 * unit), abs=0.3)
    ticks = {text: place for place, text in claim.ticks}
    assert ticks["0.2"] == pytest.approx(line.place, abs=0.1)
    assert ticks["0.0"] == claim.zero
    assert 0 < claim.margin[0] < line.high < WIDTH
    assert claim.text == "Deep keeps more"


def test_each_training_has_a_line_under_the_first_and_its_name():
    claim = _drawn(
        Row(quantity="accuracy", training="standard", seed=0, value=0.7),
        _row(),
        _row("contrast_by_training", training="long", value=-0.2, ci_low=-0.3, ci_high=-0.1, verdict="contradicted"),
    )
    assert [(each.training, each.verdict) for each in claim.intervals] == [
        ("standard", "supported"),
        ("long", "contradicted"),
    ]
    above, below = claim.intervals
    assert above.y < below.y < claim.height
    assert below.high < claim.zero < above.low
    assert "trained long: -0.20 [-0.30, -0.10], contradicted" in claim.description
    assert "95 % interval" in claim.description


def test_an_end_that_is_infinite_is_marked_and_one_that_is_missing_is_not_drawn():
    (line,) = _drawn(_row(ci_high=float("inf"))).intervals
    assert (line.open_low, line.open_high) == (False, True)
    assert line.high <= WIDTH
    claim = _drawn(_row(value=None, ci_low=None, ci_high=None, verdict=None))
    assert (claim.intervals[0].place, claim.intervals[0].low, claim.intervals[0].high) == (None, None, None)
    assert claim.intervals[0].verdict == "no verdict"
    assert 0 < claim.zero < WIDTH


@pytest.mark.parametrize(("low", "high"), [(-0.011, 0.032), (-3.0, 2.0), (0.0, 1e-6), (-1e5, 1.0)])
def test_ticks_are_few_round_and_inside(low, high):
    ticks = _ticks(low, high)
    assert 2 <= len(ticks) <= 6
    assert all(low <= tick <= high for tick in ticks)
    assert 0.0 in ticks
