import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attnstats.comparison import proportions_equivalence_test, proportions_noninferiority_test
from attnstats.exceptions import InvalidInputError
from tests.comparison.binary.tables import pairs, sample

counts = st.integers(0, 30)


def test_disinfection_of_contact_lenses():
    # Tango 1998, section 3: of 44 patients one did well with the chemical alone; Z = 1.709 at a margin of 0.1, and a
    # 90 % interval from -0.096 to 0.037.
    result = proportions_noninferiority_test(*pairs(43, 0, 1, 0), margin=0.1)
    assert round(result.statistic, 3) == 1.709
    assert round(result.pvalue, 3) == 0.044
    assert [round(end, 3) for end in (result.interval(0.9).low, result.interval(0.9).high)] == [-0.096, 0.037]


@settings(max_examples=60, deadline=None)
@given(
    table=st.tuples(counts, counts, counts, counts),
    margin=st.floats(0.02, 0.6),
    low=st.floats(-0.6, -0.02),
    alpha=st.sampled_from([0.025, 0.05, 0.2]),
    paired=st.booleans(),
)
def test_a_margin_is_met_exactly_where_it_holds_the_interval(table, margin, low, alpha, paired):
    if paired:
        table = (table[0] + 8, *table[1:])
        a, b = pairs(*table)
    else:
        a, b = sample(table[0], table[0] + table[1] + 8), sample(table[2], table[2] + table[3] + 9)
    options = {"alpha": alpha, "paired": paired}
    within = proportions_equivalence_test(a, b, margin=(low, margin), **options)
    interval = within.confidence_interval
    assert interval.level == pytest.approx(1 - 2 * alpha)
    inside = low < interval.low and interval.high < margin
    close = min(abs(interval.low - low), abs(interval.high - margin)) < 1e-6
    assert close or (within.pvalue < alpha) == inside
    above = proportions_noninferiority_test(a, b, margin=margin, **options)
    assert abs(interval.low + margin) < 1e-6 or (above.pvalue < alpha) == (interval.low > -margin)


def test_margins_are_differences_of_proportions():
    a, b = pairs(20, 1, 2, 3)
    for margin in (0, -0.1, 1.0, (0.1, 0.0), (-2, 0.1), "small"):
        with pytest.raises(InvalidInputError, match=r"margin: must be .*; got"):
            proportions_equivalence_test(a, b, margin=margin)
    for margin in (0, 1.0, 5, (-0.1, 0.1)):
        with pytest.raises(InvalidInputError, match=r"margin: must be .*; got"):
            proportions_noninferiority_test(a, b, margin=margin)
    with pytest.raises(InvalidInputError, match=r"alpha: must be below 0\.5; got 0\.5"):
        proportions_equivalence_test(a, b, margin=0.1, alpha=0.5)
    with pytest.raises(InvalidInputError, match="paired: must be True or False; got 1"):
        proportions_equivalence_test(a, b, margin=0.1, paired=1)
