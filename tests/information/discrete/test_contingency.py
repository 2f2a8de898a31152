import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from attnstats.information.discrete._contingency import Cells


@settings(max_examples=40, deadline=None)
@given(
    codes=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 4)), min_size=1, max_size=30), spread=st.integers(1, 99)
)
def test_pairs_counts_and_gaps(codes, spread):
    # A large spread leaves so many cells empty that they are found by sorting, a small one by counting.
    first, second = np.array(codes).T
    pair = Cells(first * spread, 5 * spread + 1).paired(Cells(second, 5))
    assert pair.n_cells == 5 * (5 * spread + 1)
    assert pair.counts().sum() == len(codes)
    dense = pair.without_gaps()
    names = sorted(set(codes))
    np.testing.assert_array_equal(dense.of, [names.index(code) for code in codes])
    np.testing.assert_array_equal(dense.counts(), [codes.count(name) for name in names])
    np.testing.assert_allclose(pair.log_counts(), np.log([codes.count(code) for code in codes]))
    rows = np.arange(0, len(codes), 2)
    np.testing.assert_array_equal(dense.taken(rows).of, dense.of[rows])
    assert dense.taken(rows).n_cells == len(names)
