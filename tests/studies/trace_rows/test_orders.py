"""Near-uniform attention, text by text, against every pair of tokens counted one by one."""

from itertools import combinations

import numpy as np
import pytest

from attnstats.frame import parameter
from attnstats.studies import PointwiseView, analyse_trace
from attnstats.trace import AttentionTrace

N, LENGTH, NEAR_TIE = 400, 7, 0.25


@pytest.fixture(scope="module")
def trace():
    """Texts of 1 to 7 tokens whose weights are even, uneven, equal, or partly zero."""
    rng = np.random.default_rng(3)
    mask = np.arange(LENGTH) < rng.integers(1, LENGTH + 1, size=N)[:, np.newaxis]
    spread = rng.choice([0.0, 0.1, 0.2, 0.3, 0.5, 1.0], size=(N, 1))
    weights = np.where(mask, np.exp(spread * rng.normal(size=(N, LENGTH))), 0)
    sparse = (rng.random((N, LENGTH)) < 0.3) & (np.arange(N)[:, np.newaxis] % 4 == 0)
    weights[sparse & (np.arange(LENGTH) > 0)] = 0
    attention = weights / weights.sum(axis=1, keepdims=True)
    output = rng.integers(0, 2, size=N)
    hidden = rng.normal(size=(N, LENGTH, 2)) + output[:, np.newaxis, np.newaxis]
    return AttentionTrace.from_arrays(attention=attention, hidden=hidden, output=output, mask=mask)


def near_uniform(weights):
    """Return whether the lower median of |log a - log a'| over all pairs is below the gap of a near tie."""
    pairs = list(combinations(weights.tolist(), 2))
    if not pairs:
        return False
    gaps = [abs(np.log(a) - np.log(b)) if min(a, b) > 0 else np.inf for a, b in pairs]
    return sorted(gaps)[(len(gaps) - 1) // 2] < NEAR_TIE


def test_near_uniform_attention_is_that_of_a_median_gap_below_a_near_tie(trace):
    analysis = analyse_trace(trace, views=(PointwiseView(),), near_tie=NEAR_TIE, rng=0)
    weights = [row[inside].astype(np.float64) for row, inside in zip(trace.attention, trace.mask, strict=True)]
    expected = np.array([near_uniform(each) for each in weights])
    found = analysis.examples["near_uniform"]
    assert 0.2 < expected.mean() < 0.8
    assert (found == expected).all()
    of_lengths = {length: expected[trace.lengths == length].mean() for length in range(1, LENGTH + 1)}
    assert of_lengths[1] == 0
    assert min(share for length, share in of_lengths.items() if length > 1) > 0
    values = analysis.frame.set_index("quantity")["value"]
    assert values["near_uniform"] == pytest.approx(expected.mean())
    pairs = analysis.examples["near_tie_pairs"]
    assert values["near_tie_uniform"] == pytest.approx(pairs[expected].sum() / pairs.sum())
    assert analysis.frame.loc[analysis.frame.quantity == "near_tie_uniform", "n"].item() == pairs.sum()


def test_near_ties_that_are_none_have_no_share(trace):
    steep = np.exp(np.arange(LENGTH)) * trace.mask
    arrays = {"hidden": trace.hidden, "output": trace.predicted, "mask": trace.mask}
    sharp = AttentionTrace.from_arrays(attention=steep / steep.sum(axis=1, keepdims=True), **arrays)
    frame = analyse_trace(sharp, views=(PointwiseView(),), near_tie=NEAR_TIE, rng=0).frame
    (row,) = frame[frame.quantity == "near_tie_uniform"].itertuples()
    assert np.isnan(row.value)
    assert (row.n, row.undefined) == (0, 1)
    assert frame[frame.quantity == "near_uniform"].value.tolist() == [0.0]
    assert parameter(frame, "gap_low").dropna().min() > NEAR_TIE
