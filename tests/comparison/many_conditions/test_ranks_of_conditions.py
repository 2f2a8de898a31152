import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attnstats.comparison import simultaneous_rank_intervals
from attnstats.comparison.many_conditions._simultaneous import pairwise_differences
from attnstats.exceptions import ConstantInputError, FewReplicatesWarning, InvalidInputError, TooFewSamplesError


def test_clear_order_and_a_tie():
    means = np.array([0.0, 5.0, 5.1, -5.0])
    values = np.random.default_rng(0).normal(means[:, None], 0.5, size=(4, 10))
    result = simultaneous_rank_intervals(values, rng=0)
    assert (result.low, result.high) == ((3, 1, 1, 4), (3, 2, 2, 4))
    assert sorted(result.ranks) == [1, 2, 3, 4]
    assert result.ranks == tuple((1 + np.argsort(np.argsort(-values.mean(axis=1)))).tolist())
    assert result.summary().endswith("(95 % simultaneous), n = 10 replicates")


def test_all_equal_share_all_ranks():
    values = np.random.default_rng(3).normal(size=(5, 12))
    result = simultaneous_rank_intervals(values, rng=0)
    assert (result.low, result.high) == ((1,) * 5, (5,) * 5)


def test_first_step_by_the_definition_and_later_steps_only_narrow():
    values = np.random.default_rng(5).normal(np.linspace(0, 3, 6)[:, None], 0.5, size=(6, 8))
    pairs = pairwise_differences(values, minimum_replicates=8)
    statistics = pairs.differences / pairs.errors
    critical = pairs.critical_value(~np.eye(6, dtype=bool), 0.95, 19_999, np.random.default_rng(0))
    higher = (statistics > critical) & ~np.eye(6, dtype=bool)
    low, high = 1 + higher.sum(axis=0), 6 - higher.sum(axis=1)
    result = simultaneous_rank_intervals(values, rng=0)
    assert (np.array(result.low) >= low).all()
    assert (np.array(result.high) <= high).all()
    assert higher.any()
    assert (np.array(result.low) > low).any() or (np.array(result.high) < high).any()  # step-down finds more here


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6))
def test_reversal_mirrors_the_ranks(seed):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(4, 8)) + 2 * rng.normal(size=(4, 1))
    plain = simultaneous_rank_intervals(values, n_resamples=4_000, rng=1)
    mirrored = simultaneous_rank_intervals(-values, n_resamples=4_000, rng=1)
    assert [5 - high for high in mirrored.high] == pytest.approx(plain.low, abs=1)  # simulated critical values differ
    assert [5 - rank for rank in mirrored.ranks] == list(plain.ranks)
    for low, rank, high in zip(plain.low, plain.ranks, plain.high, strict=True):
        assert 1 <= low <= rank <= high <= 4


def test_same_seed_same_numbers_and_errors():
    values = np.random.default_rng(0).normal(size=(3, 8))
    assert simultaneous_rank_intervals(values, rng=5) == simultaneous_rank_intervals(values, rng=5)
    with pytest.raises(TooFewSamplesError, match="number of replicates"):
        simultaneous_rank_intervals(values[:, :5])
    with pytest.warns(FewReplicatesWarning):
        simultaneous_rank_intervals(values[:, :5], minimum_replicates=5, rng=0)
    with pytest.raises(ConstantInputError, match="conditions 0 and 1"):
        simultaneous_rank_intervals([values[0], values[0] + 1])
    with pytest.raises(InvalidInputError, match="confidence_level"):
        simultaneous_rank_intervals(values, confidence_level=95)
