import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from attnstats.exceptions import InvalidInputError, NonFiniteError, TooFewSamplesError
from attnstats.ranks import kendall, kendall_batch, spearman, spearman_batch

SINGLE = {kendall_batch: kendall, spearman_batch: spearman}


@pytest.fixture
def ragged():
    """Sixty examples of 1 to 40 tokens with many ties; NaN outside the mask."""
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 12, (60, 40)).astype(float), rng.normal(size=(60, 40)).round(1)
    mask = rng.random((60, 40)) < rng.random((60, 1))
    mask[:, 0] = True
    x[~mask], y[~mask] = np.nan, np.inf
    return x, y, mask


@pytest.mark.parametrize("batch", SINGLE)
def test_every_example_equals_scipy(batch, ragged):
    x, y, mask = ragged
    agreement = batch(x, y, mask=mask, exact=False)
    assert agreement.n_used.tolist() == mask.sum(axis=1).tolist()
    for row, inside in enumerate(mask):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # scipy warns of constant input
            theirs = (
                stats.kendalltau(x[row, inside], y[row, inside], method="asymptotic")
                if batch is kendall_batch
                else stats.spearmanr(x[row, inside], y[row, inside])
            )
        if np.isnan(theirs.statistic):
            assert np.isnan(agreement.statistic[row])
            assert np.isnan(agreement.pvalue[row])
        else:
            assert agreement.statistic[row] == pytest.approx(theirs.statistic, rel=1e-12)
            if abs(theirs.statistic) < 1 or batch is kendall_batch:
                assert agreement.pvalue[row] == pytest.approx(theirs.pvalue, rel=1e-9)


@pytest.mark.parametrize("batch", SINGLE)
def test_every_example_equals_the_single_test(batch, ragged):
    x, y, mask = ragged
    agreement = batch(x, y, mask=mask, exact=False)
    compared = 0
    for row, inside in enumerate(mask):
        if inside.sum() >= 3 and np.isfinite(agreement.statistic[row]):
            single = SINGLE[batch](x[row, inside], y[row, inside], exact=False)
            assert agreement.statistic[row] == single.statistic
            assert agreement.pvalue[row] == pytest.approx(single.pvalue, rel=1e-12)
            compared += 1
    assert compared > 40


@pytest.mark.parametrize("batch", SINGLE)
def test_short_examples_without_ties_have_the_exact_pvalue(batch):
    rng = np.random.default_rng(6)
    x, y = rng.normal(size=(2, 40, 25))
    x[:5] = x[:5].round()  # ties
    mask = np.arange(25) < rng.integers(2, 26, (40, 1))
    agreement = batch(x, y, mask=mask)
    longest = 20 if batch is kendall_batch else 12
    assert agreement.exact.tolist() == [
        bool(tied == 0 and n <= longest) for tied, n in zip(agreement.tie_fraction, agreement.n_used, strict=True)
    ]
    assert 10 < agreement.exact.sum() < 40
    for row in np.flatnonzero(agreement.exact & (agreement.n_used >= 3)):
        single = SINGLE[batch](x[row, mask[row]], y[row, mask[row]], exact=True)
        assert agreement.pvalue[row] == pytest.approx(single.pvalue, rel=1e-12)
    assert (agreement.pvalue[agreement.exact & (agreement.n_used == 2)] == 1).all()


@pytest.mark.parametrize("batch", SINGLE)
def test_long_examples_equal_scipy(batch):
    x, y = np.random.default_rng(1).integers(0, 90, (2, 3, 450)).astype(float)
    reference = stats.kendalltau if batch is kendall_batch else stats.spearmanr
    expected = [reference(*pair).statistic for pair in zip(x, y, strict=True)]
    np.testing.assert_allclose(batch(x, y).statistic, expected, rtol=1e-12)


def test_perfect_rho_of_a_short_text_has_an_exact_pvalue():
    mask = np.array([[True, True, True], [True, True, False]])
    agreement = spearman_batch([[1, 2, 3], [1, 2, 0]], [[4, 5, 6], [2, 1, 0]], mask=mask)
    assert agreement.statistic.tolist() == [1, -1]
    assert agreement.pvalue == pytest.approx([2 / 6, 1])


@pytest.mark.parametrize("batch", SINGLE)
def test_tie_fraction_is_the_share_of_tied_pairs(batch):
    agreement = batch([[1, 1, 2, 3], [1, 2, 3, 4]], [[1, 1, 2, 2], [1, 2, 3, 4]])
    assert agreement.tie_fraction == pytest.approx([2 / 6, 0])  # (0, 1) tied in both, (2, 3) in y


@pytest.mark.parametrize("batch", SINGLE)
def test_undefined_examples_are_nan_and_counted(batch):
    x = np.array([[1.0, 2, 3], [5, 5, 5], [1, 2, 3], [1, 2, 3]])
    y = np.array([[1.0, 2, 3], [1, 2, 3], [7, 7, 7], [1, 2, 3]])
    mask = np.array([[True] * 3, [True] * 3, [True] * 3, [True, False, False]])
    agreement = batch(x, y, mask=mask)
    assert np.isnan(agreement.statistic).tolist() == [False, True, True, True]
    assert np.isnan(agreement.pvalue).tolist() == [False, True, True, True]
    assert agreement.undefined == 3
    assert agreement.mean() == 1
    assert np.isnan(agreement.tie_fraction).tolist() == [False, False, False, True]
    with pytest.raises(TooFewSamplesError, match="at least 1 example; got 0 of 2"):
        batch(x[1:3], y[1:3]).mean()


def test_tau_a_of_uniform_attention_is_exactly_zero():
    y = np.random.default_rng(0).normal(size=(5, 20))
    agreement = kendall_batch(np.full((5, 20), 0.05), y, variant="a")
    assert agreement.statistic.tolist() == [0] * 5
    assert agreement.pvalue.tolist() == [1] * 5
    assert agreement.mean() == 0
    assert agreement.undefined == 0
    assert agreement.coefficient == "tau-a"


def test_tau_a_is_the_mean_of_concordance():
    x, y = np.random.default_rng(2).integers(0, 5, (2, 4, 9)).astype(float)
    product = np.sign(x[:, :, None] - x[:, None]) * np.sign(y[:, :, None] - y[:, None])
    assert kendall_batch(x, y, variant="a").statistic == pytest.approx(product.sum(axis=(1, 2)) / 72)


rows = hnp.arrays(np.float64, (4, 12), elements=st.integers(-5, 5).map(float))


@pytest.mark.parametrize("batch", SINGLE)
@given(x=rows, y=rows, seed=st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_symmetric_odd_and_free_of_scale_and_token_order(batch, x, y, seed):
    before = batch(x, y)
    np.testing.assert_array_equal(batch(y, x).statistic, before.statistic)
    np.testing.assert_array_equal(batch(x, -y).statistic, -before.statistic)
    np.testing.assert_array_equal(batch(np.exp(x), y**3).statistic, before.statistic)
    order = np.random.default_rng(seed).permutation(12)
    np.testing.assert_array_equal(batch(x[:, order], y[:, order]).statistic, before.statistic)
    assert np.nanmax(np.abs(before.statistic), initial=0) <= 1


@pytest.mark.parametrize("batch", SINGLE)
def test_bad_input_is_named(batch):
    good = np.arange(6.0).reshape(2, 3)
    with pytest.raises(NonFiniteError, match="y: must be finite; got 1 NaN"):
        batch(good, np.where(good == 4, np.nan, good))
    with pytest.raises(InvalidInputError, match=r"x and y: must have one shape .*; got y of \(2, 2\)"):
        batch(good, good[:, :2])
    with pytest.raises(InvalidInputError, match="must have one shape"):
        batch(good[0], good[0])
    with pytest.raises(InvalidInputError, match="mask: must be boolean of shape"):
        batch(good, good, mask=np.ones((2, 3)))
    with pytest.raises(InvalidInputError, match="mask: must be boolean of shape"):
        batch(good, good, mask=np.ones(3, dtype=bool))
    with pytest.raises(InvalidInputError, match="x: must be a rectangular array of real numbers"):
        batch([[1, 2], [1]], good)


def test_unknown_variant_is_named():
    with pytest.raises(InvalidInputError, match="variant: must be one of b, a; got 'c'"):
        kendall_batch([[1, 2]], [[1, 2]], variant="c")


@pytest.mark.parametrize("batch", SINGLE)
def test_no_examples_give_empty_arrays(batch):
    assert batch(np.empty((0, 5)), np.empty((0, 5))).statistic.shape == (0,)
