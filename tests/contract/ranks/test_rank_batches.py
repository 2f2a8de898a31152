"""What every function of `attnstats.ranks` promises that compares many ragged rows at once."""

import inspect

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attnstats import CompleteCases, ranks
from attnstats.exceptions import InvalidInputError, NonFiniteError

BATCHES = {name: function for name in ranks.__all__ if name.endswith("_batch") and (function := getattr(ranks, name))}
#: Those that see the top alone, so that reversal does more than change the sign.
OF_THE_TOP = {"top_k_overlap_batch", "weighted_tau_batch"}

batch = pytest.fixture(params=sorted(BATCHES))(lambda request: request.param)


def call(name, x, y, mask=None):
    options = {"k": 2} if "k" in inspect.signature(BATCHES[name]).parameters else {}
    result = BATCHES[name](x, y, mask=mask, **options)
    return getattr(result, "statistic", result)


def draw(seed, n_examples=12, n_tokens=9):
    rng = np.random.default_rng(seed)
    x, y = rng.integers(0, 6, (2, n_examples, n_tokens)).astype(float)
    return x, y, np.arange(n_tokens) < rng.integers(0, n_tokens + 1, (n_examples, 1))


def test_the_batches_are_found():
    assert set(BATCHES) >= {"kendall_batch", "spearman_batch", "top_k_overlap_batch", "weighted_tau_batch"}


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6))
@pytest.mark.parametrize("name", sorted(BATCHES))
def test_invariances(name, seed):
    x, y, mask = draw(seed)
    plain = call(name, x, y, mask)
    # Coefficients lie in [-1, 1]: some tens of roundings, and none relative to a value that cancels to zero.
    np.testing.assert_allclose(call(name, np.exp(x), 3 * y - 7, mask), plain, rtol=0, atol=1e-14, err_msg="monotone")
    np.testing.assert_allclose(call(name, y, x, mask), plain, rtol=0, atol=1e-14, err_msg="symmetry")
    if name not in OF_THE_TOP:
        np.testing.assert_allclose(call(name, x, -y, mask), -plain, rtol=0, atol=1e-14, err_msg="reversal")
        np.testing.assert_allclose(call(name, -x, -y, mask), plain, rtol=0, atol=1e-14, err_msg="reversal of both")
    rng = np.random.default_rng(seed)
    tokens, rows = rng.permutation(x.shape[1]), rng.permutation(len(x))
    np.testing.assert_allclose(call(name, x[:, tokens], y[:, tokens], mask[:, tokens]), plain, rtol=0, atol=1e-14)
    np.testing.assert_array_equal(call(name, x[rows], y[rows], mask[rows]), plain[rows])
    alone = [call(name, x[row : row + 1, inside], y[row : row + 1, inside])[0] for row, inside in enumerate(mask)]
    np.testing.assert_array_equal(alone, plain)


def test_what_lies_outside_the_mask_is_never_looked_at(batch):
    x, y, mask = draw(0)
    padded = [np.where(mask, values, np.nan) for values in (x, y)]
    np.testing.assert_array_equal(call(batch, *padded, mask), call(batch, x, y, mask))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_nan_and_infinity_inside_raise(batch, bad):
    x, y, mask = draw(0)
    mask[0, 0], y[0, 0] = True, bad
    with pytest.raises(NonFiniteError, match="y: must be finite; got 1"):
        call(batch, x, y, mask)


def test_rows_without_order_are_nan(batch):
    x, y, _ = draw(0)
    empty = np.zeros(x.shape, dtype=bool)
    assert np.isnan(call(batch, x, y, empty)).all()


def test_other_shapes_raise(batch):
    x, y, mask = draw(0)
    with pytest.raises(InvalidInputError, match="x and y: must have one shape"):
        call(batch, x, y[:, 1:])
    with pytest.raises(InvalidInputError, match="x and y: must have one shape"):
        call(batch, x[0], y[0])
    with pytest.raises(InvalidInputError, match=r"mask: must be boolean of shape .*Pass mask\.astype\(bool\)"):
        call(batch, x, y, mask.astype(int))
    with pytest.raises(InvalidInputError, match="Choose a layer and a head first"):
        call(batch, np.ones((2, 12, 4, 4)), np.ones((2, 12, 4, 4)))


def test_equal_values_give_equal_results(batch):
    x, y, mask = draw(1)
    expected = call(batch, x, y, mask)
    hidden = np.ma.masked_array(np.where(mask, x, 9999), mask=~mask)
    for same in (x.astype(np.int8), x.astype(object), x.astype(np.float16), pd.DataFrame(x), hidden):
        np.testing.assert_array_equal(call(batch, same, y, mask), expected)
        np.testing.assert_array_equal(call(batch, same, y, pd.DataFrame(mask)), expected)
    # Beyond 2**53, where float64 would tie neighbours; only the order within a row counts.
    np.testing.assert_array_equal(call(batch, 2**60 + x.astype(np.int64), y, mask), expected)
    np.testing.assert_array_equal(call(batch, x, y.astype("timedelta64[ns]"), mask), expected)


@pytest.mark.parametrize("name", sorted(set(BATCHES) - {"top_k_overlap_batch"}))  # which returns plain numbers
def test_missing_tokens_are_left_out_when_asked(name):
    x, y, mask = draw(2)
    gone = np.random.default_rng(0).random(x.shape) < 0.2
    expected = BATCHES[name](x, y, mask=mask & ~gone)
    result = BATCHES[name](np.ma.masked_array(x, mask=gone), y, mask=mask, missing=CompleteCases())
    np.testing.assert_array_equal(result.statistic, expected.statistic)
    np.testing.assert_array_equal(result.n_used, expected.n_used)
    assert result.n_missing == (mask & gone).sum() > 0
    assert f"{result.n_missing} left out as incomplete" in repr(result)
    with pytest.raises(InvalidInputError, match="missing: must be None or CompleteCases"):
        BATCHES[name](x, y, missing="omit")
    x[mask] = np.inf
    with pytest.raises(NonFiniteError, match="x: must be finite"):
        BATCHES[name](x, y, mask=mask, missing=CompleteCases())
